//! Coordination within a linked group: hand-over, similar prompts, shared onset.
//!
//! Each measure of [`ALL_OF_GROUPS`] has its own null: the same accounts at shifted times, or random groups
//! of the same cohorts and size. Measures that rest on a kind of attribute which linked the group are
//! skipped. Accounts of one company are coordinated too, so these measures describe common control and do not
//! affect the rank.

use std::collections::BTreeMap;

use super::reason::{self, Reason, number};
use crate::cache::Cache;
use crate::model::AttributeKind;
use crate::signals::linkage::Linkage;
use crate::signals::{
    ALL_OF_GROUPS, Axis, GroupInput, GroupOutcome, Peers, Setting, SignalFamily, measure_group,
};
use crate::stats::combine::cauchy;

/// Coordination measures of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Coordination {
    /// One reason a measure, smallest p-value first, untestable ones last.
    pub reasons: Vec<Reason>,
    /// Combined p-value of the measures of common control: Cauchy combination within each family, then across
    /// families (Liu & Xie 2020). `None` where nothing was testable.
    pub p: Option<f64>,
}

/// Measures a group; `links` are positions of the links within it. Measures of content are skipped for a group
/// that formed by content.
pub(super) fn measure(
    setting: &Setting<'_>,
    peers: Peers<'_>,
    group: usize,
    links: &[u32],
    formed_by_content: bool,
) -> Coordination {
    let input = GroupInput {
        cache: setting.cache,
        members: &setting.linkage.groups[group],
        peers,
        reference: setting.reference,
        formed_by: &formed_by(setting.cache, setting.linkage, links),
        seed: setting.seed,
    };
    let mut by_family: BTreeMap<SignalFamily, Vec<f64>> = BTreeMap::new();
    let mut reasons = Vec::with_capacity(ALL_OF_GROUPS.len());
    let measured = ALL_OF_GROUPS
        .iter()
        .filter(|signal| !(formed_by_content && signal.about().family == SignalFamily::Content));
    for signal in measured {
        let (about, outcome) = (signal.about(), measure_group(*signal, &input));
        if let GroupOutcome::Measured { test, .. } = outcome
            && about.axis == Axis::CommonControl
        {
            by_family.entry(about.family).or_default().push(test.p);
        }
        reasons.push(Reason::of_measure(about, outcome));
    }
    reason::sort(&mut reasons);
    Coordination { reasons, p: cauchy(by_family.into_values().filter_map(cauchy)) }
}

/// Sentence on the combined p-value of coordination.
pub(super) fn sentence(p: f64) -> String {
    format!(
        "Coordination, all measures above combined (Cauchy): p {}. A company, a class or a campaign can each cause it; the \
         measures do not distinguish them.",
        number(p)
    )
}

/// Kinds of the attributes that link a group.
fn formed_by(cache: &Cache, linkage: &Linkage, links: &[u32]) -> Vec<AttributeKind> {
    let values = links.iter().flat_map(|&link| &linkage.links[link as usize].values);
    let mut kinds: Vec<AttributeKind> = values.map(|&value| cache.values()[value as usize].kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
