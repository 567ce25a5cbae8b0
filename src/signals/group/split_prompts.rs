//! Split prompts: share of prompts in templates that several accounts fill without overlap.

use super::null::{p_value, random_group};
use super::signal::{GroupInput, GroupOutcome, GroupSignal, spread};
use crate::cache::AccountIndex;
use crate::model::AttributeKind;
use crate::signals::fillings::{Filling, Fillings};
use crate::signals::{About, Axis, SignalFamily};
use crate::stats::minhash::{Signature, similar};

/// Most members measured; a larger group is sampled at even steps. Each random group takes as many
/// comparisons.
const LOOKED_AT: usize = 20;

/// Fewest prompts of the group.
const FEWEST: usize = 20;

/// Least Jaccard similarity of two prompts of one template, as in C4.
const SIMILARITY: f64 = 0.7;

const ABOUT: About = About {
    id: "G5",
    title: "split prompts",
    version: 1,
    unit: "share of prompts in templates shared without overlap (0 to 1)",
    definition: "Share of the group's sampled prompts (at most 16 an account) that belong to a template which several of its \
                 accounts fill (see C4), and that only one account sent: one list of prompts divided among accounts. p is the share of \
                 999 random groups of the same cohorts and size with as large a share; drawing stops at the twentieth. Needs \
                 20 sampled prompts with words. Not measured where templates formed the group.",
    source: "Broder 1997; Besag & Clifford 1991",
    needs: &["prompt_text"],
    look_alikes: &["sharded production of one application", "an evaluation laboratory that splits a sweep"],
    tells_apart: "org_id: a declared organisation; prompt_text: one application's own records or published test items",
    axis: Axis::CommonControl,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    is_a_volume: false,
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
        let fillings = &input.reference.fillings;
        let members = spread(input.members, LOOKED_AT);
        let Some(value) = split(fillings, &members) else {
            return GroupOutcome::NotApplicable(format!("fewer than {FEWEST} sampled prompts with words"));
        };
        let drawn = |n| Some(-split(fillings, &random_group(input, &members, n))?);
        let Some(test) = p_value(-value, drawn) else {
            return GroupOutcome::NotApplicable("no random group could be measured".to_owned());
        };
        GroupOutcome::Measured {
            value,
            test,
            sentence: format!(
                "{:.0} % of the sampled prompts fill a template shared by several accounts, with contents of one account alone; \
                 random groups of the same cohorts reach it",
                value * 100.0
            ),
        }
    }
}

fn split(fillings: &Fillings, accounts: &[AccountIndex]) -> Option<f64> {
    let own: Vec<(usize, &Filling)> = accounts
        .iter()
        .enumerate()
        .flat_map(|(at, &account)| fillings.row(account).iter().map(move |filling| (at, filling)))
        .collect();
    if own.len() < FEWEST {
        return None;
    }
    let signatures: Vec<Signature> = own.iter().map(|(_, filling)| filling.signature).collect();
    let mut dealt = 0;
    for template in similar(&signatures, SIMILARITY) {
        let mut contents: Vec<(u32, usize)> =
            template.iter().map(|&at| (own[at].1.content, own[at].0)).collect();
        contents.sort_unstable();
        contents.dedup();
        if contents.iter().all(|&(_, account)| account == contents[0].1) {
            continue;
        }
        let of_one = contents.chunk_by(|a, b| a.0 == b.0).filter(|senders| senders.len() == 1);
        dealt += of_one.count();
    }
    Some(dealt as f64 / own.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::splitmix;

    fn filling(template: u64, content: u32) -> Filling {
        let words: Vec<u32> = (0..40).map(|n| splitmix::number(template, n) as u32).collect();
        Filling { signature: Signature::of(&words), content }
    }

    fn split_of(accounts: Vec<Vec<Filling>>) -> Option<f64> {
        let count = accounts.len() as u32;
        let mut all = Fillings::default();
        accounts.into_iter().for_each(|own| all.push(own));
        split(&all, &(0..count).collect::<Vec<_>>())
    }

    #[test]
    fn one_list_dealt_out_is_1_and_the_same_list_is_0() {
        let dealt = (0..3).map(|account| (0..10).map(|n| filling(7, account * 100 + n)).collect());
        assert_eq!(split_of(dealt.collect()), Some(1.0));
        let same = (0..3).map(|_| (0..10).map(|n| filling(7, n)).collect());
        assert_eq!(split_of(same.collect()), Some(0.0));
    }

    #[test]
    fn templates_of_ones_own_are_not_shared() {
        let own =
            (0..3_u64).map(|account| (0..10).map(|n| filling(account, account as u32 * 100 + n)).collect());
        assert_eq!(split_of(own.collect()), Some(0.0));
        assert_eq!(split_of(vec![vec![filling(1, 1); 9], vec![filling(1, 2); 9]]), None);
    }
}
