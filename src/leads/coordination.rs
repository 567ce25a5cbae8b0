//! Common control of a group by its use: hand-over, similar prompts, shared onset.
//!
//! Each measure of [`ALL_OF_GROUPS`] has its own null: the same accounts at shifted times, or random groups
//! of the same cohorts and size. Measures that rest on a kind of attribute which linked the group are
//! skipped. Accounts of one company are coordinated too, so these measures describe common control and do not
//! affect the rank.

use std::collections::BTreeMap;

use super::reason::{Reason, p_value};
use crate::cache::Cache;
use crate::model::AttributeKind;
use crate::signals::linkage::Linkage;
use crate::signals::{
    ALL_OF_GROUPS, Axis, Examples, GroupInput, GroupOutcome, Peers, Setting, SignalFamily, measure_group,
};
use crate::stats::combine::cauchy;

/// Id of the reason of all measures of common control combined.
pub const COMBINED: &str = "G0";
/// Title of that reason.
pub(super) const COMBINED_TITLE: &str = "common control";

/// Measures of common control of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Coordination {
    /// One reason a measure, then one of all measures combined.
    pub reasons: Vec<Reason>,
    /// Combined p-value of the measures of common control: Cauchy combination within each family, then across
    /// families (Liu & Xie 2020). `None` where nothing was testable.
    pub p: Option<f64>,
}

/// Measures a group; `links` are positions of the links within it. Measures of content are not tested on a group
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
    let mut tests: Vec<(SignalFamily, f64)> = Vec::new();
    let mut reasons = Vec::with_capacity(ALL_OF_GROUPS.len());
    let mut combined: Vec<(&str, f64)> = Vec::new();
    for signal in ALL_OF_GROUPS {
        let about = signal.about();
        if formed_by_content && about.family == SignalFamily::Content {
            const FORMED: &str = "it measures content and similar prompts formed the group";
            reasons.push(Reason::untested_measure(about, FORMED));
            continue;
        }
        let outcome = measure_group(*signal, &input);
        if let GroupOutcome::Measured { test, .. } = outcome
            && about.axis == Axis::CommonControl
        {
            tests.push((about.family, test.p));
            combined.push((about.id, test.p));
        }
        reasons.push(Reason::of_measure(about, outcome));
    }
    let p = self::combined(&tests);
    reasons.extend(p.map(|p| whole(p, &combined)));
    Coordination { reasons, p }
}

/// Combined p-value of measures of common control: Cauchy combination within each family, then across families.
/// `None` without measures.
pub fn combined(tests: &[(SignalFamily, f64)]) -> Option<f64> {
    let mut by_family: BTreeMap<SignalFamily, Vec<f64>> = BTreeMap::new();
    for &(family, p) in tests {
        by_family.entry(family).or_default().push(p);
    }
    cauchy(by_family.into_values().filter_map(cauchy))
}

/// Reason of all measures combined, with the p-value of each.
fn whole(p: f64, combined: &[(&str, f64)]) -> Reason {
    let each: Vec<String> = combined.iter().map(|&(id, p)| format!("{id} (p {})", p_value(p))).collect();
    let sentence = format!(
        "Common control: p {}, combined (Cauchy) from {}. A company, a class or a campaign can each cause it; the measures \
         do not distinguish them.",
        p_value(p),
        each.join(", ")
    );
    Reason {
        signal: COMBINED.into(),
        title: COMBINED_TITLE.into(),
        sentence: sentence.into(),
        value: None,
        percentile: None,
        p: Some(p),
        examples: Examples::default(),
        benign: "one company, a class, or an agency".into(),
        tells_apart: "org_id: a declared organisation; payment_fingerprint: one bill".into(),
    }
}

/// Kinds of the attributes that link a group.
fn formed_by(cache: &Cache, linkage: &Linkage, links: &[u32]) -> Vec<AttributeKind> {
    let values = links.iter().flat_map(|&link| &linkage.links[link as usize].values);
    let mut kinds: Vec<AttributeKind> = values.map(|&value| cache.values()[value as usize].kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_combined_p_value_names_those_that_it_combines() {
        let reason = whole(0.0017, &[("R5", 1.0), ("G2", 0.0004)]);
        assert!(
            reason
                .sentence
                .starts_with("Common control: p 0.0017, combined (Cauchy) from R5 (p 1.00), G2 (p 0.00040)."),
            "{}",
            reason.sentence
        );
    }
}
