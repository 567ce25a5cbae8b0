//! What the accounts of a linked group do as one: take turns, ask alike, begin together.
//!
//! Each measure of [`ALL_OF_GROUPS`] is compared with a null of its own: the same accounts at other times, or
//! random groups of the same cohorts and size. What rests on a kind of attribute among the kept links of the
//! group is not measured again. A company's keys
//! act as one too, so this speaks of common control and never moves a group in the ranking.

use std::collections::BTreeMap;

use super::reason::{self, Reason};
use crate::cache::Cache;
use crate::model::{AttributeKind, format_chance_of_draws};
use crate::signals::linkage::Linkage;
use crate::signals::{
    ALL_OF_GROUPS, Axis, GroupInput, GroupOutcome, Peers, Setting, SignalFamily, measure_group,
};
use crate::stats::combine::cauchy;

/// What measuring a group as one gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AsOne {
    /// One a measure, the most telling first, the not testable ones last with why.
    pub reasons: Vec<Reason>,
    /// p-value of acting as one: the measures of common control, combined within a family and then across
    /// (Liu & Xie 2020). `None` where nothing was testable.
    pub p: Option<f64>,
}

/// Measures a linked group; `links` are positions of the links that begin in it.
pub(super) fn measure(setting: &Setting<'_>, peers: Peers<'_>, group: usize, links: &[u32]) -> AsOne {
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
    for signal in ALL_OF_GROUPS {
        let (about, outcome) = (signal.about(), measure_group(*signal, &input));
        if let GroupOutcome::Measured { p, .. } = outcome
            && about.axis == Axis::CommonControl
        {
            by_family.entry(about.family).or_default().push(p);
        }
        reasons.push(Reason::of_measure(about, outcome));
    }
    reason::sort(&mut reasons);
    AsOne { reasons, p: cauchy(by_family.into_values().filter_map(cauchy)) }
}

/// The axis in words: what the measures of common control say together.
pub(super) fn sentence(p: f64) -> String {
    format!(
        "Whether its accounts act as one, all measures of it above taken together: accounts that have nothing to do with one another would come \
         out as telling {}. Under one control they may be a company's, a class's or a campaign's; what for, this does not say.",
        format_chance_of_draws(p)
    )
}

/// Kinds of the values that tie a group.
fn formed_by(cache: &Cache, linkage: &Linkage, links: &[u32]) -> Vec<AttributeKind> {
    let values = links.iter().flat_map(|&link| &linkage.links[link as usize].values);
    let mut kinds: Vec<AttributeKind> = values.map(|&value| cache.values()[value as usize].kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
