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

/// The order of accounts: −log₁₀ p · (1 + bits / 14).
///
/// p is the Cauchy combination of the account's own extraction p and its group's; bits are those
/// of its strongest tie to another organisation, and 14 are a link. So the score rises with both
/// axes; an account that takes answers as an extraction would and is linked to others stands
/// above one that does only the former; and being linked alone, as agencies are, lifts nobody.
/// 0 where nothing was testable.
pub(super) fn score(own_p: Option<f64>, group_p: Option<f64>, bits: f64) -> f64 {
    let p_values: Vec<f64> = own_p.into_iter().chain(group_p).collect();
    // + 0.0 turns the −0 of p = 1 into 0.
    cauchy(&p_values).map_or(0.0, |p| -p.log10() * (1.0 + bits / f64::from(LINK_BITS)) + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_rises_with_both_axes() {
        assert!(score(Some(0.01), None, 0.0) > score(Some(0.02), None, 0.0));
        assert!(score(Some(0.01), None, 20.0) > score(Some(0.01), None, 10.0));
        assert!(score(Some(0.1), Some(1e-4), 20.0) > score(Some(0.1), None, 20.0));
        assert!(score(Some(1.0), None, 40.0) < score(Some(0.1), None, 0.0), "linked alone is no lead");
        assert_eq!(score(None, None, 40.0), 0.0);
    }
}
