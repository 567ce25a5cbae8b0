//! Combination of signals: z-scores of accounts and groups, and the score that orders accounts.

use crate::signals::About;
use crate::stats::combine::stouffer;
use crate::stats::normal;

/// Intraclass correlation of ordinary accounts' z-scores within one customer. A group of m accounts then
/// counts as m / (1 + (m − 1) · 0.1) independent ones (design effect, Kish 1965): two as 1.8, ten as 5.3, and
/// never more than ten.
const INTRACLASS_CORRELATION: f64 = 0.1;

/// Weight of a group's −log₁₀ tail probability beyond the limit set by the number of groups.
const EXCESS_WEIGHT: f64 = 0.01;

/// Z-score of extraction-likeness of one account: weighted sum of the normal scores of its signals (Stouffer
/// 1949, Lipták 1958), over the root of `squares`, the summed squared weights of all signals that the case
/// can test. 0 in the mean of ordinary accounts. An untestable signal adds 0; `None` where none was testable.
///
/// A weighted sum gathers weak signs in many signals, which the smallest p-value does not. The signals are
/// correlated, so the sum has no theoretical null: its p-value is its conformal rank among other accounts.
pub(super) fn account_z<'a>(
    signals: impl Iterator<Item = (&'a About, Option<f64>)>,
    squares: f64,
) -> Option<f64> {
    let p_values: Vec<(f64, f64)> = signals
        .filter(|(about, _)| about.weight > 0.0)
        .filter_map(|(about, p)| Some((p?, about.weight)))
        .collect();
    (!p_values.is_empty()).then(|| stouffer(p_values, squares))
}

/// Z-score of a group of `size` accounts with this mean normal score, corrected by the design effect.
pub(super) fn z_of_mean(mean: f64, size: usize) -> f64 {
    let size = size as f64;
    mean * (size / (1.0 + (size - 1.0) * INTRACLASS_CORRELATION)).sqrt()
}

/// Score of membership in a group: −log₁₀ of twice the normal tail beyond the group's z-score, plus log₁₀ of
/// the membership probability; may be negative. A tenth of the probability offsets a tenfold rarer group.
///
/// Among `groups` no group can be shown to be rarer than one in that many, so −log₁₀ beyond that limit counts
/// a [hundredth](EXCESS_WEIGHT). It keeps the order of groups, and an account with a probability of one in a
/// thousand in the first lead stays below the members of the second.
pub(super) fn membership_score(group_z: f64, probability: f64, groups: usize) -> f64 {
    // Twice the tail, so that a z-score of 0 scores 0.
    let rare = -(2.0 * normal::upper_tail(group_z.max(0.0))).log10();
    let most = (1.0 + groups as f64).log10();
    let group = rare.min(most) + EXCESS_WEIGHT * (rare - most).max(0.0);
    group + probability.log10()
}

/// Score that orders accounts: the larger of −log₁₀ of the account's own extraction p-value and its
/// [membership score](membership_score), which is raised by log₁₀ of `groups_rarer`, the ratio of tested
/// accounts to groups: among a thousand accounts and ten groups, an account p of 0.001 is as frequent as a
/// group p of 0.1.
///
/// `None` stands for an account without an outstanding group. The maximum is taken, not the sum, since the
/// membership model uses the same signals. Bits of linkage add nothing. An account on which nothing was
/// testable scores 0. An order, not a p-value.
pub(super) fn score(own_p: Option<f64>, membership_score: Option<f64>, groups_rarer: f64) -> f64 {
    let Some(own_p) = own_p else { return 0.0 };
    let group =
        membership_score.map_or(0.0, |membership_score| membership_score + groups_rarer.max(1.0).log10());
    // Avoids −0 for p = 1.
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
        assert_eq!(score(None, Some(4.0), 50.0), 0.0, "nothing was testable on the account");
        let membership_score = |z: f64, probability: f64| membership_score(z, probability, 1_000);
        assert!(membership_score(3.0, 1.0) > membership_score(2.0, 1.0));
        assert!(membership_score(3.0, 0.5) > membership_score(3.0, 0.2));
        assert!((membership_score(3.0, 1.0) - membership_score(3.0, 0.1) - 1.0).abs() < 1e-12);
        assert!(membership_score(40.0, 1.0).is_finite());
        assert!(membership_score(9.0, 1.0) > membership_score(4.0, 1.0), "the order of groups stays");
        assert!(
            membership_score(9.0, 0.5) < membership_score(4.0, 1.0),
            "an improbable member of one group stays below a certain member of another"
        );
        assert!(membership_score(-3.0, 1.0).abs() < 1e-6, "linkage alone scores 0");
    }

    #[test]
    fn a_group_counts_for_more_than_one_account_and_less_than_all() {
        assert_eq!(z_of_mean(1.0, 1), 1.0);
        assert!((z_of_mean(1.0, 10) - (10.0_f64 / 1.9).sqrt()).abs() < 1e-12);
        assert!(z_of_mean(1.0, 25_000) < 10.0_f64.sqrt());
    }
}
