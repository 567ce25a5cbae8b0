//! Linked groups, tested on what did not form them, each as one unit.
//!
//! The accounts of a linked group need not be independent: one customer runs one program, and a
//! group of innocents is as alike as a campaign. Whatever compares their mean with groups of
//! strangers takes likeness for evidence and calls every company's keys a campaign. So a group
//! counts as one account, its median member, and gains nothing by being alike: with m members the
//! k-th smallest of their p-values, k = ⌊m/2⌋ + 1, times m / k is a p-value however they depend on
//! one another (Rüger 1978). It is conservative where they do not.
//!
//! What it says: the group's typical account stands out among ordinary accounts of its cohort.
//! Innocent accounts that stand out exist, and groups of them too; the p-value knows nothing of why.

use super::SignalColumn;
use super::combine::group_evidence;
use crate::cache::AccountIndex;
use crate::signals::{Axis, SignalFamily};
use crate::stats::{combine, normal, quantile};

/// Fewest accounts that speak for a group: one alone is no group.
const FEWEST: usize = 2;

/// Fewest groups that say what is usual of a group.
const USUAL: usize = 10;

/// Spreads above the middle that make a group stand out: one in twenty of usual groups would, were they
/// normal.
const STANDS_OUT: f64 = 1.645;

/// The largest middle that is believed: in labelled cases it was 0.6 to 1.3.
const MOST_USUAL: f64 = 1.5;

/// What testing one group gave.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GroupTest {
    /// By signal; `None` where it formed the group or it could be measured on too few.
    pub signals: Vec<Option<SignalTest>>,
    /// Extraction-likeness of the whole: of the members' own extraction p-values. `None` where
    /// fewer than half of them, or only one, have any.
    pub p: Option<f64>,
    /// The mean normal score of the members' own p, in standard
    /// deviations of a group of as many ordinary accounts that are as alike as those of a customer
    /// tend to be. An order and no error rate. `None` where `p` is.
    pub evidence: Option<f64>,
    /// The smallest p that could have come out with as many peers; 1 where nothing was testable.
    pub floor: f64,
}

/// One signal over one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SignalTest {
    /// Members it could be measured on.
    pub testable: usize,
    /// The median member: as many members are at least as telling as are not.
    pub median: AccountIndex,
    /// p-value of the group.
    pub p: f64,
}

/// Tests a group. `own_p` holds each account's extraction p, `measured` counts those that have one.
pub(super) fn test(
    members: &[AccountIndex],
    columns: &[SignalColumn],
    own_p: &[Option<f64>],
    measured: usize,
) -> GroupTest {
    let signals = columns
        .iter()
        .map(|column| {
            let tested = column.about.axis == Axis::Extraction && column.about.family != SignalFamily::Link;
            tested.then(|| of_median(members, &column.p)).flatten()
        })
        .collect();
    let whole = of_median(members, own_p);
    let floor =
        whole.map_or(1.0, |test| factor(test.testable) / (1 + measured.saturating_sub(test.testable)) as f64);
    let evidence = whole.and_then(|_| evidence(members, own_p));
    GroupTest { signals, p: whole.map(|test| test.p), evidence, floor }
}

/// What some accounts show together, as [`GroupTest::evidence`] of a group; `None` where none has a p.
pub(super) fn evidence(accounts: &[AccountIndex], own_p: &[Option<f64>]) -> Option<f64> {
    let scores: Vec<f64> =
        accounts.iter().filter_map(|&account| own_p[account as usize]).map(combine::score).collect();
    (!scores.is_empty())
        .then(|| group_evidence(scores.iter().sum::<f64>() / scores.len() as f64, scores.len()))
}

/// The evidence from which a group stands out among the linked groups of the case, given theirs:
/// [`STANDS_OUT`] spreads above their middle. Linked accounts are busier than others on the whole, whatever
/// links them, so the groups themselves say what is usual of a group (the empirical null, Efron 2004). Of
/// fewer than ten the middle is taken to be 0, and no spread to be below 1. Rests on most groups being usual;
/// where a campaign makes up most of them the middle is not believed beyond [`MOST_USUAL`].
pub(super) fn outstanding_from(evidence: &[Option<f64>]) -> f64 {
    let known: Vec<f64> = evidence.iter().flatten().copied().collect();
    let (middle, spread) = if known.len() < USUAL { (0.0, 1.0) } else { middle_and_spread(known) };
    middle.clamp(0.0, MOST_USUAL) + STANDS_OUT * spread.max(1.0)
}

/// Median, and the standard deviation of normal numbers of the same median deviation from it.
fn middle_and_spread(mut known: Vec<f64>) -> (f64, f64) {
    known.sort_by(f64::total_cmp);
    let middle = quantile::median(&known).unwrap_or(0.0);
    let mut off: Vec<f64> = known.iter().map(|evidence| (evidence - middle).abs()).collect();
    off.sort_by(f64::total_cmp);
    (middle, quantile::median(&off).unwrap_or(0.0) / normal::quantile(0.75))
}

/// Rüger's test of the members that have a p-value; `None` where they are fewer than half.
fn of_median(members: &[AccountIndex], p: &[Option<f64>]) -> Option<SignalTest> {
    let mut known: Vec<(f64, AccountIndex)> =
        members.iter().filter_map(|&account| Some((p[account as usize]?, account))).collect();
    if known.len() < FEWEST || 2 * known.len() < members.len() {
        return None;
    }
    known.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (p, median) = known[known.len() / 2];
    Some(SignalTest { testable: known.len(), median, p: (p * factor(known.len())).min(1.0) })
}

/// m / k.
fn factor(m: usize) -> f64 {
    m as f64 / (m / 2 + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::cohort::Cohorts;
    use super::super::conformal::standings;
    use super::*;
    use crate::stats::multiple::benjamini_hochberg;
    use crate::stats::splitmix;

    const N: usize = 2_000;

    fn one_cohort() -> Cohorts {
        Cohorts::whole(N)
    }

    /// p-values of 100 groups of 2 to 11 accounts among 2,000, whose members share `alike` of
    /// the variance of what is measured.
    fn null(seed: u64, alike: f64) -> Vec<f64> {
        let mut groups: Vec<Vec<AccountIndex>> = Vec::new();
        let mut block: Vec<u32> = (0..N as u32).collect();
        let mut next = 0;
        for at in 0..100 {
            let group: Vec<AccountIndex> = (next..next + 2 + at % 10).collect();
            next += group.len() as u32;
            for &account in &group {
                block[account as usize] = group[0];
            }
            groups.push(group);
        }
        let values: Vec<Option<f64>> = (0..N as u64)
            .map(|account| {
                let own = splitmix::normal(seed, account);
                let shared = splitmix::normal(seed ^ 0xff, u64::from(block[account as usize]));
                Some(alike.sqrt() * shared + (1.0 - alike).sqrt() * own)
            })
            .collect();
        let cohorts = one_cohort();
        let p: Vec<Option<f64>> =
            standings(&values, &cohorts, &block).iter().map(|s| s.map(|s| s.p)).collect();
        groups.iter().map(|group| test(group, &[], &p, N).p.unwrap()).collect()
    }

    #[test]
    fn innocents_however_alike_are_no_discoveries() {
        for alike in [0.0, 0.5, 0.9, 1.0] {
            let (mut small, mut discoveries) = (0, 0);
            for seed in 0..20 {
                let p = null(seed, alike);
                small += p.iter().filter(|&&p| p <= 0.1).count();
                discoveries += usize::from(benjamini_hochberg(&p).iter().any(|&q| q <= 0.1));
            }
            // 2,000 groups: 200 expected, and 5 standard deviations are 67. Of 20 cases 2 may
            // have a discovery; 7 or more would come up once in 400 times.
            assert!(small <= 267, "{alike}: {small} of 2,000 below 0.1");
            assert!(discoveries <= 6, "{alike}: {discoveries} of 20 cases");
        }
    }

    #[test]
    fn likeness_adds_nothing_and_the_median_speaks() {
        let p: Vec<Option<f64>> = (0..N).map(|i| Some(if i < 60 { 0.04 } else { 0.6 })).collect();
        let test = |members: Vec<AccountIndex>| test(&members, &[], &p, N);
        assert_eq!(test(vec![0, 1]).p, Some(0.04));
        assert!((test((0..60).collect()).p.unwrap() - 0.04 * 60.0 / 31.0).abs() < 1e-12);
        // 29 of 60 are telling and the median one is not.
        assert_eq!(test((31..91).collect()).p, Some(1.0));
        assert!((test(vec![0, 1]).floor - 1.0 / 1999.0).abs() < 1e-12);
        // What most members show a little ranks above what two show, and a p above ½ counts against.
        let ranked = |members: Vec<AccountIndex>| test(members).evidence.unwrap();
        assert!(ranked((0..60).collect()) > ranked(vec![0, 1]));
        assert!(ranked((60..90).collect()) < 0.0);
    }

    #[test]
    fn what_is_usual_is_said_by_the_groups() {
        let usual: Vec<Option<f64>> = (0..30).map(|at| Some(1.0 + 0.1 * f64::from(at % 9))).collect();
        let of = |more: Option<f64>| outstanding_from(&[&usual[..], &[more]].concat());
        assert!((2.9..3.1).contains(&of(None)) && of(Some(40.0)) < 3.1, "{}", of(None));
        assert_eq!(outstanding_from(&[Some(40.0), Some(1.7), None]), STANDS_OUT);
        assert_eq!(outstanding_from(&[]), STANDS_OUT);
    }

    #[test]
    fn a_minority_does_not_speak_for_a_group() {
        let mut p = vec![None; N];
        (p[0], p[1], p[2]) = (Some(0.01), Some(0.01), Some(0.01));
        let test = |members: Vec<AccountIndex>| test(&members, &[], &p, 3);
        assert!(test((0..6).collect()).p.is_some());
        assert_eq!(test((0..7).collect()).p, None);
        assert_eq!(test(vec![0, 9]).p, None);
        assert_eq!(test(vec![8, 9]).floor, 1.0);
    }
}
