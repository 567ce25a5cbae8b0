//! From the p-values of signals to the two axes, and from the axes to an order.

use crate::signals::linkage::LINK_BITS;
use crate::signals::{About, Axis};
use crate::stats::combine::stouffer;
use crate::stats::normal;

/// Share of the spread of ordinary accounts' extraction evidence that is common to the accounts
/// of one customer: what the accounts of a linked group have in common without being a campaign.
/// A group of m then counts as m / (1 + (m − 1) · 0.1) independent accounts (the design effect,
/// Kish 1965): two as 1.8, ten as 5.3, however many as ten.
const ALIKE: f64 = 0.1;

/// Signals that describe what an account does and are left out of the sum. Products that call the
/// model show them too: prompts unlike the peers' (C1), of one class (C3), from one template (C4),
/// sent without reading (R3). On two of three labelled cases they put such products above the
/// campaign; on the third C3 was among the campaign's strongest signals. So the choice rests on
/// few cases and is to be checked on others. They are told among the reasons, and say who is like
/// a group that stands out.
const DESCRIPTIVE: [&str; 4] = ["C1", "C3", "C4", "R3"];

/// Whether a signal counts towards extraction-likeness.
pub(super) fn counts(about: &About) -> bool {
    about.axis == Axis::Extraction && !DESCRIPTIVE.contains(&about.id)
}

/// Evidence of extraction-likeness of one account, 0 in the mean of ordinary accounts: the sum of
/// the normal scores of its signals, over the root of how many signals the case can test at all.
/// What could not be tested adds nothing. `None` where nothing was testable.
///
/// A sum, because what an operator cannot hide altogether shows a little in many signals; the
/// smallest p of a dozen is as small for innocents. That signals depend on one another does no
/// harm, as the sum is compared with that of other accounts and not with a distribution of theory.
pub(super) fn evidence<'a>(
    signals: impl Iterator<Item = (&'a About, Option<f64>)>,
    testable: usize,
) -> Option<f64> {
    let p_values: Vec<f64> = signals.filter(|(about, _)| counts(about)).filter_map(|(_, p)| p).collect();
    (!p_values.is_empty()).then(|| stouffer(p_values, testable))
}

/// Evidence of a group of `size` accounts with this mean normal score, in standard deviations.
pub(super) fn group_evidence(mean: f64, size: usize) -> f64 {
    let size = size as f64;
    mean * (size / (1.0 + (size - 1.0) * ALIKE)).sqrt()
}

/// The order of accounts: −log₁₀ of the account's own extraction p, and for a linked account
/// its group's evidence on the same scale on top, in proportion to its bits up to a link.
///
/// So an account that is telling and linked to telling accounts stands above one that only is
/// telling; being linked to ordinary accounts, as agencies are, adds nothing however many bits
/// tie them; and an account on which nothing was testable has 0, whatever its group. The sum is an
/// order and no p-value: an account and its group are not independent.
pub(super) fn score(own_p: Option<f64>, group_evidence: Option<f64>, bits: f64) -> f64 {
    let Some(own_p) = own_p else { return 0.0 };
    let linked = (bits / f64::from(LINK_BITS)).clamp(0.0, 1.0);
    // Twice the tail, so that no evidence is 0. + 0.0 turns the −0 of p = 1 into 0.
    let group = -(2.0 * normal::upper_tail(group_evidence.unwrap_or(0.0).max(0.0))).log10();
    -own_p.log10() + linked * group + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_rises_with_both_axes() {
        assert!(score(Some(0.01), None, 0.0) > score(Some(0.02), None, 0.0));
        assert!(score(Some(0.01), Some(2.0), 14.0) > score(Some(0.01), Some(2.0), 10.0));
        assert!(score(Some(0.1), Some(3.0), 20.0) > score(Some(0.1), Some(2.0), 20.0));
        assert!(score(Some(0.1), Some(40.0), 20.0).is_finite());
        for ordinary in [0.0, -3.0] {
            let linked_alone = score(Some(0.1), Some(ordinary), 40.0);
            assert!((linked_alone - 1.0).abs() < 1e-6, "linked alone is no lead: {linked_alone}");
        }
        assert_eq!(score(None, Some(4.0), 40.0), 0.0, "nothing of its own was testable");
    }

    #[test]
    fn a_group_counts_for_more_than_one_account_and_less_than_all() {
        assert_eq!(group_evidence(1.0, 1), 1.0);
        assert!((group_evidence(1.0, 10) - (10.0_f64 / 1.9).sqrt()).abs() < 1e-12);
        assert!(group_evidence(1.0, 25_000) < 10.0_f64.sqrt());
    }
}
