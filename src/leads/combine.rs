//! From the p-values of signals to the two axes, and from the axes to an order.

use std::collections::BTreeMap;

use crate::signals::linkage::LINK_BITS;
use crate::signals::{About, Axis, SignalFamily};
use crate::stats::combine::cauchy;

/// p-value of extraction-likeness: Cauchy combination of its signals within each family, then
/// across families (Liu & Xie 2020). `None` where nothing was testable.
pub(super) fn extraction_p<'a>(signals: impl Iterator<Item = (&'a About, Option<f64>)>) -> Option<f64> {
    let mut families: BTreeMap<SignalFamily, Vec<f64>> = BTreeMap::new();
    for (about, p) in signals.filter(|(about, _)| about.axis == Axis::Extraction) {
        families.entry(about.family).or_default().extend(p);
    }
    let within: Vec<f64> = families.values().filter_map(|p_values| cauchy(p_values)).collect();
    cauchy(&within)
}

/// The order of accounts: −log₁₀ of the account's own extraction p, and for a linked account
/// −log₁₀ of its group's on top, in proportion to its bits up to a link.
///
/// So an account that is telling and linked to telling accounts stands above one that only is
/// telling; being linked to ordinary accounts, as agencies are, adds next to nothing however many
/// bits tie them; and an account on which nothing was testable has 0, whatever its group. The sum
/// is an order and no p-value: an account and its group are not independent.
pub(super) fn score(own_p: Option<f64>, group_p: Option<f64>, bits: f64) -> f64 {
    let Some(own_p) = own_p else { return 0.0 };
    let linked = (bits / f64::from(LINK_BITS)).clamp(0.0, 1.0);
    // + 0.0 turns the −0 of p = 1 into 0.
    -own_p.log10() - linked * group_p.unwrap_or(1.0).log10() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_rises_with_both_axes() {
        assert!(score(Some(0.01), None, 0.0) > score(Some(0.02), None, 0.0));
        assert!(score(Some(0.01), Some(0.1), 14.0) > score(Some(0.01), Some(0.1), 10.0));
        assert!(score(Some(0.1), Some(1e-3), 20.0) > score(Some(0.1), Some(1e-2), 20.0));
        assert_eq!(score(Some(0.1), Some(1.0), 40.0), score(Some(0.1), None, 0.0), "linked alone is no lead");
        assert_eq!(score(None, Some(1e-4), 40.0), 0.0, "nothing of its own was testable");
    }
}
