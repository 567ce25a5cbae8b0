//! Union coverage: expected number of topics in a sample of the whole group (rarefaction, Hurlbert 1971).

use std::collections::BTreeMap;

use super::null::{p_value, random_group};
use super::signal::{GroupInput, GroupOutcome, GroupSignal, spread};
use crate::cache::{AccountIndex, NO_TOPIC};
use crate::signals::{About, Axis, SignalFamily};
use crate::stats::rarefaction::expected_classes;

/// Maximum number of members measured; a larger group is sampled at even steps.
const MAX_MEMBERS: usize = 200;

/// Size of the rarefied sample of the whole group, and most exchanges of one account in the pool.
const SAMPLE: u64 = 100;

const ABOUT: About = About {
    id: "G1",
    title: "union coverage",
    version: 1,
    unit: "topics in 100 draws",
    definition: "Expected number of topics among 100 exchanges drawn from all accounts of the group: E[S] = Σ 1 − \
                 C(N − n, 100) / C(N, 100) over the topics, with n of N exchanges each. Each account gives at most 100 exchanges, evenly spread, so that busy \
                 accounts do not dominate. p is the share of 999 random groups of the same cohorts and size that \
                 cover as many; drawing stops at the twentieth. Needs 100 exchanges that have a topic.",
    source: "Hurlbert 1971; Besag & Clifford 1991",
    needs: &["prompt_text or prompt_embedding"],
    look_alikes: &["a general chatbot spread over accounts", "an evaluation laboratory"],
    tells_apart: "end_user_id: a chatbot has many end users; prompt_text: a harness repeats published test items",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct UnionCoverage;

impl GroupSignal for UnionCoverage {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let hot = input.cache.hot();
        if hot.topic.is_empty() {
            return GroupOutcome::NotApplicable("the exchanges have no topics".to_owned());
        }
        let members = spread(input.members, MAX_MEMBERS);
        let of = |accounts: &[AccountIndex]| {
            pooled_topics(accounts.iter().map(|&account| &hot.topic[hot.rows_of(account)]))
        };
        let Some(value) = of(&members) else {
            return GroupOutcome::NotApplicable(format!("fewer than {SAMPLE} exchanges with a topic"));
        };
        let Some(test) = p_value(-value, |n| Some(-of(&random_group(input, &members, n))?)) else {
            return GroupOutcome::NotApplicable("no random group could be measured".to_owned());
        };
        GroupOutcome::Measured {
            value,
            test,
            sentence: format!(
                "{value:.0} topics among {SAMPLE} exchanges drawn from all accounts. Random groups of their peers are as extreme"
            ),
        }
    }
}

/// Expected topics among [`SAMPLE`] exchanges of some accounts, each giving the topics of at most as
/// many of its own, evenly spread. `None` with fewer in all that have a topic.
fn pooled_topics<'a>(accounts: impl Iterator<Item = &'a [u16]>) -> Option<f64> {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for topics in accounts {
        let stride = topics.len().div_ceil(SAMPLE as usize).max(1);
        for &topic in topics.iter().step_by(stride).filter(|&&topic| topic != NO_TOPIC) {
            *counts.entry(topic).or_default() += 1;
        }
    }
    let counts: Vec<u64> = counts.into_values().collect();
    expected_classes(&counts, SAMPLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_accounts_and_not_exchanges() {
        // One account sends 10,000 of topic 0, a hundred send one each of topics 1 to 100.
        let much = vec![0_u16; 10_000];
        let few: Vec<[u16; 1]> = (1..=100).map(|topic| [topic]).collect();
        let all = std::iter::once(&much[..]).chain(few.iter().map(|topics| &topics[..]));
        assert!(pooled_topics(all).unwrap() > 45.0);
        assert_eq!(pooled_topics([&[1_u16; 99][..]].into_iter()), None);
        assert_eq!(pooled_topics([&[NO_TOPIC; 500][..]].into_iter()), None);
    }
}
