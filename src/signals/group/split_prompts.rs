//! Split prompts: share of prompts in templates that several accounts fill without overlap.

use super::null::{p_value, random_group};
use super::signal::{GroupInput, GroupOutcome, GroupSignal, spread};
use crate::cache::AccountIndex;
use crate::model::AttributeKind;
use crate::signals::prompt_sketches::{PromptSketch, PromptSketches};
use crate::signals::{About, Axis, SignalFamily};
use crate::stats::minhash::{Signature, similar};

/// Maximum number of members measured; a larger group is sampled at even steps. Each random group takes as many
/// comparisons.
const MAX_MEMBERS: usize = 20;

/// Minimum number of prompts of the group.
const MIN_PROMPTS: usize = 20;

/// Minimum Jaccard similarity of two prompts of one template, as in C4.
const SIMILARITY: f64 = 0.7;

const ABOUT: About = About {
    id: "G5",
    title: "split prompts",
    version: 1,
    unit: "share of prompts in templates shared without overlap (0 to 1)",
    definition: "Share of the group's sampled prompts that fill a template of several of its accounts (see C4) \
                 and that only one account sent. At most 16 prompts are sampled per account. A high share means one list of prompts \
                 divided among accounts. p is the share of 999 random groups of the same cohorts and size with as \
                 large a share; drawing stops at the twentieth. Needs 20 sampled prompts with words. Not measured \
                 where templates formed the group.",
    source: "Broder 1997; Besag & Clifford 1991",
    needs: &["prompt_text"],
    look_alikes: &["sharded production of one application", "an evaluation laboratory that splits a sweep"],
    tells_apart: "org_id: a declared organisation; prompt_text: one application's own records or published test items",
    axis: Axis::CommonControl,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct SplitPrompts;

impl GroupSignal for SplitPrompts {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn rests_on(&self) -> Option<AttributeKind> {
        Some(AttributeKind::PromptTemplate)
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let prompt_sketches = &input.reference.prompt_sketches;
        let members = spread(input.members, MAX_MEMBERS);
        let Some(value) = split(prompt_sketches, &members) else {
            return GroupOutcome::NotApplicable(format!(
                "fewer than {MIN_PROMPTS} sampled prompts with words"
            ));
        };
        let drawn = |n| Some(-split(prompt_sketches, &random_group(input, &members, n))?);
        let Some(test) = p_value(-value, drawn) else {
            return GroupOutcome::NotApplicable("no random group could be measured".to_owned());
        };
        GroupOutcome::Measured {
            value,
            test,
            sentence: format!(
                "{:.0} % of the sampled prompts fill a template shared by several accounts, with contents of one account alone. \
                 Random groups of their peers are as extreme",
                value * 100.0
            ),
        }
    }
}

fn split(prompt_sketches: &PromptSketches, accounts: &[AccountIndex]) -> Option<f64> {
    let own: Vec<(usize, &PromptSketch)> = accounts
        .iter()
        .enumerate()
        .flat_map(|(at, &account)| prompt_sketches.row(account).iter().map(move |sketch| (at, sketch)))
        .collect();
    if own.len() < MIN_PROMPTS {
        return None;
    }
    let signatures: Vec<Signature> = own.iter().map(|(_, sketch)| sketch.signature).collect();
    let mut exclusive = 0;
    for template in similar(&signatures, SIMILARITY) {
        let mut contents: Vec<(u32, usize)> =
            template.iter().map(|&at| (own[at].1.content, own[at].0)).collect();
        contents.sort_unstable();
        contents.dedup();
        if contents.iter().all(|&(_, account)| account == contents[0].1) {
            continue;
        }
        let of_one = contents.chunk_by(|a, b| a.0 == b.0).filter(|senders| senders.len() == 1);
        exclusive += of_one.count();
    }
    Some(exclusive as f64 / own.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::splitmix;

    fn sketch(template: u64, content: u32) -> PromptSketch {
        let words: Vec<u32> = (0..40).map(|n| splitmix::number(template, n) as u32).collect();
        PromptSketch { signature: Signature::of(&words), content }
    }

    fn split_of(accounts: Vec<Vec<PromptSketch>>) -> Option<f64> {
        let count = accounts.len() as u32;
        let mut all = PromptSketches::default();
        accounts.into_iter().for_each(|own| all.push(own));
        split(&all, &(0..count).collect::<Vec<_>>())
    }

    #[test]
    fn one_list_dealt_out_is_1_and_the_same_list_is_0() {
        let exclusive = (0..3).map(|account| (0..10).map(|n| sketch(7, account * 100 + n)).collect());
        assert_eq!(split_of(exclusive.collect()), Some(1.0));
        let same = (0..3).map(|_| (0..10).map(|n| sketch(7, n)).collect());
        assert_eq!(split_of(same.collect()), Some(0.0));
    }

    #[test]
    fn templates_of_ones_own_are_not_shared() {
        let own =
            (0..3_u64).map(|account| (0..10).map(|n| sketch(account, account as u32 * 100 + n)).collect());
        assert_eq!(split_of(own.collect()), Some(0.0));
        assert_eq!(split_of(vec![vec![sketch(1, 1); 9], vec![sketch(1, 2); 9]]), None);
    }
}
