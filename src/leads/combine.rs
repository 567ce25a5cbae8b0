//! From the p-values of signals to the two axes, and from the axes to an order.

use crate::signals::About;
use crate::stats::combine::stouffer;
use crate::stats::normal;

/// Share of the spread of ordinary accounts' extraction evidence that is common to the accounts
/// of one customer: what the accounts of a linked group have in common without being a campaign.
/// A group of m then counts as m / (1 + (m − 1) · 0.1) independent accounts (the design effect,
/// Kish 1965): two as 1.8, ten as 5.3, however many as ten.
const ALIKE: f64 = 0.1;

/// What is left of evidence beyond what as many groups can show.
const BEYOND: f64 = 0.01;

/// Evidence of extraction-likeness of one account, 0 in the mean of ordinary accounts: the sum of
/// the normal scores of its signals by their weight, over the root of `squares`, the squared weights of all
/// signals that the case can test at all. What could not be tested adds nothing. `None` where nothing was
/// testable.
///
/// A sum, because what an operator cannot hide altogether shows a little in many signals; the
/// smallest p of a dozen is as small for innocents. That signals depend on one another does no
/// harm, as the sum is compared with that of other accounts and not with a distribution of theory.
pub(super) fn evidence<'a>(
    signals: impl Iterator<Item = (&'a About, Option<f64>)>,
    squares: f64,
) -> Option<f64> {
    let p_values: Vec<(f64, f64)> = signals
        .filter(|(about, _)| about.weight > 0.0)
        .filter_map(|(about, p)| Some((p?, about.weight)))
        .collect();
    (!p_values.is_empty()).then(|| stouffer(p_values, squares))
}

/// Evidence of a group of `size` accounts with this mean normal score, in standard deviations.
pub(super) fn group_evidence(mean: f64, size: usize) -> f64 {
    let size = size as f64;
    mean * (size / (1.0 + (size - 1.0) * ALIKE)).sqrt()
}

/// What belonging to a group is worth in the order of accounts: −log₁₀ of twice the normal tail
/// beyond the group's evidence, and log₁₀ of the chance that the account belongs to it, which may
/// be below 0. So somebody who belongs to a telling group with one chance in ten stands where a certain
/// member of a group stands that is ten times likelier by accident.
///
/// Among `groups` none can be shown to be rarer than one in as many. What goes beyond keeps the order of
/// groups and is worth a [hundredth](BEYOND): or whoever is one in a thousand like the first campaign would
/// stand before all of the second.
pub(super) fn belonging(group_evidence: f64, chance: f64, groups: usize) -> f64 {
    // Twice the tail, so that no evidence is 0.
    let rare = -(2.0 * normal::upper_tail(group_evidence.max(0.0))).log10();
    let most = (1.0 + groups as f64).log10();
    let group = rare.min(most) + BEYOND * (rare - most).max(0.0);
    group + chance.log10()
}

/// The order of accounts: the larger of −log₁₀ of the account's own extraction p, and of what it is
/// worth to [belong](belonging) to the group it likeliest belongs to. The latter has log₁₀ of
/// `rarer` on top, how many times rarer groups are than accounts: with a thousand accounts and ten
/// groups, a p of 0.001 is as often an accident's among accounts as one of 0.1 among groups.
///
/// `None` is an account that belongs to no telling group. The larger and not the sum, because likeness to a group has been learned from the same signals.
/// So what is certain to belong to a telling group stands above what is telling by itself;
/// being linked to ordinary accounts, as agencies are, adds nothing however many bits tie them;
/// and an account on which nothing was testable has 0, whatever its group. An order and no p-value.
pub(super) fn score(own_p: Option<f64>, belonging: Option<f64>, rarer: f64) -> f64 {
    let Some(own_p) = own_p else { return 0.0 };
    let group = belonging.map_or(0.0, |belonging| belonging + rarer.max(1.0).log10());
    // Not −0 for p = 1.
    (-own_p.log10()).max(group).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_rises_with_both_axes() {
        assert!(score(Some(0.01), None, 50.0) > score(Some(0.02), None, 50.0));
        assert!(score(Some(0.01), Some(0.5), 50.0) > score(Some(0.01), None, 50.0));
        assert_eq!(score(Some(1.0), None, 50.0), 0.0);
        assert_eq!(score(Some(1.0), Some(-9.0), 50.0), 0.0);
        assert!(score(Some(0.9), Some(-0.1), 50.0) > score(Some(0.9), Some(-0.2), 50.0), "no cliff at 0");
        assert_eq!(score(None, Some(4.0), 50.0), 0.0, "nothing of its own was testable");
        let belonging = |evidence, chance| belonging(evidence, chance, 1_000);
        assert!(belonging(3.0, 1.0) > belonging(2.0, 1.0));
        assert!(belonging(3.0, 0.5) > belonging(3.0, 0.2));
        assert!((belonging(3.0, 1.0) - belonging(3.0, 0.1) - 1.0).abs() < 1e-12);
        assert!(belonging(40.0, 1.0).is_finite());
        assert!(belonging(9.0, 1.0) > belonging(4.0, 1.0), "the order of groups stays");
        assert!(
            belonging(9.0, 0.5) < belonging(4.0, 1.0),
            "and no group puts who is hardly of it before another's"
        );
        assert!(belonging(-3.0, 1.0).abs() < 1e-6, "linked alone is worth nothing");
    }

    #[test]
    fn a_group_counts_for_more_than_one_account_and_less_than_all() {
        assert_eq!(group_evidence(1.0, 1), 1.0);
        assert!((group_evidence(1.0, 10) - (10.0_f64 / 1.9).sqrt()).abs() < 1e-12);
        assert!(group_evidence(1.0, 25_000) < 10.0_f64.sqrt());
    }
}
