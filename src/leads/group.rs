//! Tests of linked groups on signals other than those that linked them, each group as one unit.
//!
//! Accounts of a linked group are dependent: one customer runs one program, so innocent groups are as
//! homogeneous as a campaign. A test of their mean against random accounts would count homogeneity as
//! evidence. A group therefore counts as one account, its median member: with m members, the k-th smallest of
//! their p-values, k = ⌊m/2⌋ + 1, times m / k is a p-value under any dependence (Rüger 1978), and
//! conservative under independence.
//!
//! A small p-value says that the group's median account is unusual among ordinary accounts of its cohort.
//! Innocent accounts and groups can be unusual too.

use super::SignalColumn;
use super::combine::z_of_mean;
use crate::cache::AccountIndex;
use crate::model::format_count;
use crate::signals::{Axis, SignalFamily};
use crate::stats::{combine, normal, quantile};

/// Minimum number of measured accounts of a group.
const MIN_MEASURED: usize = 2;

/// Minimum number of groups from which the empirical null is estimated.
const MIN_GROUPS: usize = 10;

/// Standard deviations above the centre of the null at which a group is outstanding: the upper 5 % of a
/// normal distribution.
const OUTLIER_Z: f64 = 1.645;

/// Largest centre of the null that is accepted; labelled cases had 0.6 to 1.3.
const MAX_CENTRE: f64 = 1.5;

/// Test results of one group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GroupTest {
    /// Test of each signal, or why it is not tested.
    pub signals: Vec<Result<SignalTest, Untested>>,
    /// Group p-value of extraction-likeness: Rüger's test of the members' own p-values. `None` where fewer
    /// than half of them, or only one, have one.
    pub p: Option<f64>,
    /// Mean normal score of the members' own p-values, in standard deviations of an ordinary group of that
    /// size ([`z_of_mean`]). An order, not an error rate. `None` where `p` is.
    pub z_score: Option<f64>,
    /// Smallest p-value possible with this number of peers; 1 where nothing was testable.
    pub floor: f64,
}

/// Test of one signal on one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SignalTest {
    /// Number of measured members.
    pub testable: usize,
    /// Member with the median p-value.
    pub median: AccountIndex,
    /// Rüger's p-value of the group.
    pub p: f64,
}

/// Why a signal is not tested on a group. Each has the number of measured members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untested {
    /// Similar prompts formed the group, and the signal measures content.
    FormedByContent(usize),
    /// Links formed the group, or the signal measures common control.
    FormedByLinks(usize),
    /// Fewer than half of the members were measured, or only one.
    TooFew(usize),
}

impl Untested {
    /// The end of a sentence on a signal of a group of `members`: `not tested, because …`.
    pub fn in_words(self, members: usize) -> String {
        let of = |measured: usize| {
            format!("{} of {} core accounts", format_count(measured as u64), format_count(members as u64))
        };
        match self {
            Self::FormedByContent(measured) => format!(
                "not tested, because it measures content and similar prompts formed the group; measured on {}",
                of(measured)
            ),
            Self::FormedByLinks(measured) => {
                format!("not tested, because links formed the group; measured on {}", of(measured))
            }
            Self::TooFew(measured) => {
                format!("not testable: measured on {}, and half of them are needed", of(measured))
            }
        }
    }
}

/// Tests a group. `own_p` holds the extraction p-value of each account; `measured` is the number of accounts
/// that have one.
/// A group that formed by content is not tested on signals of content.
pub(super) fn test(
    members: &[AccountIndex],
    columns: &[SignalColumn],
    own_p: &[Option<f64>],
    measured: usize,
    formed_by_content: bool,
) -> GroupTest {
    let signals = columns
        .iter()
        .map(|column| {
            let measured = members.iter().filter(|&&account| column.p(account).is_some()).count();
            match column.about.family {
                SignalFamily::Content if formed_by_content => Err(Untested::FormedByContent(measured)),
                SignalFamily::Link => Err(Untested::FormedByLinks(measured)),
                _ if column.about.axis == Axis::CommonControl => Err(Untested::FormedByLinks(measured)),
                _ => ruger_test(members, |account| column.p(account)).ok_or(Untested::TooFew(measured)),
            }
        })
        .collect();
    let whole = ruger_test(members, |account| own_p[account as usize]);
    let floor = whole.map_or(1.0, |test| {
        ruger_factor(test.testable) / (1 + measured.saturating_sub(test.testable)) as f64
    });
    let z_score = whole.and_then(|_| z_score(members, own_p));
    GroupTest { signals, p: whole.map(|test| test.p), z_score, floor }
}

/// Z-score of some accounts together, as [`GroupTest::z_score`]; `None` where none has a p-value.
pub(super) fn z_score(accounts: &[AccountIndex], own_p: &[Option<f64>]) -> Option<f64> {
    let scores: Vec<f64> =
        accounts.iter().filter_map(|&account| own_p[account as usize]).map(combine::normal_score).collect();
    (!scores.is_empty()).then(|| z_of_mean(scores.iter().sum::<f64>() / scores.len() as f64, scores.len()))
}

/// Z-score from which a group is outstanding: [`OUTLIER_Z`] standard deviations above the centre of the
/// empirical null (Efron 2004), estimated from all linked groups of the case by median and median absolute
/// deviation. Linked accounts are busier than others for any kind of link, so a theoretical null does not
/// hold. With fewer than ten groups the centre is 0; the standard deviation is at least 1. Assumes that most
/// groups are ordinary; the centre is at most [`MAX_CENTRE`] where a campaign makes up most of them.
pub(super) fn outlier_threshold(z_scores: &[Option<f64>]) -> f64 {
    let measured: Vec<f64> = z_scores.iter().flatten().copied().collect();
    let (middle, spread) = if measured.len() < MIN_GROUPS { (0.0, 1.0) } else { median_and_mad(measured) };
    middle.clamp(0.0, MAX_CENTRE) + OUTLIER_Z * spread.max(1.0)
}

/// Median, and median absolute deviation scaled to the standard deviation of a normal distribution.
fn median_and_mad(mut measured: Vec<f64>) -> (f64, f64) {
    measured.sort_by(f64::total_cmp);
    let middle = quantile::median(&measured).unwrap_or(0.0);
    let mut off: Vec<f64> = measured.iter().map(|z| (z - middle).abs()).collect();
    off.sort_by(f64::total_cmp);
    (middle, quantile::median(&off).unwrap_or(0.0) / normal::quantile(0.75))
}

/// Rüger's test (1978) of the members that have a p-value; `None` where they are fewer than half.
pub(super) fn ruger_test(
    members: &[AccountIndex],
    p: impl Fn(AccountIndex) -> Option<f64>,
) -> Option<SignalTest> {
    let mut measured: Vec<(f64, AccountIndex)> =
        members.iter().filter_map(|&account| Some((p(account)?, account))).collect();
    if measured.len() < MIN_MEASURED || 2 * measured.len() < members.len() {
        return None;
    }
    measured.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (p, median) = measured[measured.len() / 2];
    Some(SignalTest { testable: measured.len(), median, p: (p * ruger_factor(measured.len())).min(1.0) })
}

/// Rüger's factor m / k for m p-values.
fn ruger_factor(m: usize) -> f64 {
    m as f64 / (m / 2 + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::cohort::Cohorts;
    use super::super::conformal::conformal_ranks;
    use super::*;
    use crate::leads::ConformalRank;
    use crate::stats::multiple::benjamini_hochberg;
    use crate::stats::splitmix;

    const N: usize = 2_000;

    fn one_cohort() -> Cohorts {
        Cohorts::whole(N)
    }

    /// p-values of 100 groups of 2 to 11 accounts among 2,000, whose members share `correlation` of
    /// the variance of what is measured.
    fn null(seed: u64, correlation: f64) -> Vec<f64> {
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
                Some(correlation.sqrt() * shared + (1.0 - correlation).sqrt() * own)
            })
            .collect();
        let cohorts = one_cohort();
        let p: Vec<Option<f64>> =
            conformal_ranks(&values, &cohorts, &block).iter().map(|s| s.map(|s| s.p)).collect();
        groups.iter().map(|group| test(group, &[], &p, N, false).p.unwrap()).collect()
    }

    #[test]
    fn innocents_however_alike_are_no_discoveries() {
        for correlation in [0.0, 0.5, 0.9, 1.0] {
            let (mut small, mut discoveries) = (0, 0);
            for seed in 0..20 {
                let p = null(seed, correlation);
                small += p.iter().filter(|&&p| p <= 0.1).count();
                discoveries += usize::from(benjamini_hochberg(&p).iter().any(|&q| q <= 0.1));
            }
            // 2,000 groups: 200 expected, and 5 standard deviations are 67. Of 20 cases 2 may
            // have a discovery; 7 or more would come up once in 400 times.
            assert!(small <= 267, "{correlation}: {small} of 2,000 below 0.1");
            assert!(discoveries <= 6, "{correlation}: {discoveries} of 20 cases");
        }
    }

    #[test]
    fn homogeneity_adds_nothing_and_the_median_is_tested() {
        let p: Vec<Option<f64>> = (0..N).map(|i| Some(if i < 60 { 0.04 } else { 0.6 })).collect();
        let test = |members: Vec<AccountIndex>| test(&members, &[], &p, N, false);
        assert_eq!(test(vec![0, 1]).p, Some(0.04));
        assert!((test((0..60).collect()).p.unwrap() - 0.04 * 60.0 / 31.0).abs() < 1e-12);
        // 29 of 60 are small, and the median is not.
        assert_eq!(test((31..91).collect()).p, Some(1.0));
        assert!((test(vec![0, 1]).floor - 1.0 / 1999.0).abs() < 1e-12);
        // A moderate score of most members ranks above that of two, and a p above ½ lowers it.
        let ranked = |members: Vec<AccountIndex>| test(members).z_score.unwrap();
        assert!(ranked((0..60).collect()) > ranked(vec![0, 1]));
        assert!(ranked((60..90).collect()) < 0.0);
    }

    #[test]
    fn the_empirical_null_is_estimated_from_the_groups() {
        let usual: Vec<Option<f64>> = (0..30).map(|at| Some(1.0 + 0.1 * f64::from(at % 9))).collect();
        let of = |more: Option<f64>| outlier_threshold(&[&usual[..], &[more]].concat());
        assert!((2.9..3.1).contains(&of(None)) && of(Some(40.0)) < 3.1, "{}", of(None));
        assert_eq!(outlier_threshold(&[Some(40.0), Some(1.7), None]), OUTLIER_Z);
        assert_eq!(outlier_threshold(&[]), OUTLIER_Z);
    }

    #[test]
    fn a_signal_is_untested_for_its_own_reason() {
        let about = crate::signals::abouts().find(|about| about.id == "C2").unwrap();
        let of = |p: [Option<f64>; 3], formed_by_content: bool| {
            let rank = |p: Option<f64>| p.map(|p| ConformalRank { p, percentile: 50.0 });
            let column = SignalColumn::new(about, vec![], p.map(rank));
            test(&[0, 1, 2], &[column], &p, 3, formed_by_content).signals.remove(0)
        };
        let all = [Some(0.1), Some(0.2), Some(0.3)];
        assert_eq!(of(all, false).unwrap().median, 1);
        assert_eq!(of(all, true), Err(Untested::FormedByContent(3)));
        assert_eq!(of([Some(0.1), None, None], false), Err(Untested::TooFew(1)));
    }

    #[test]
    fn a_measured_minority_gives_no_test() {
        let mut p = vec![None; N];
        (p[0], p[1], p[2]) = (Some(0.01), Some(0.01), Some(0.01));
        let test = |members: Vec<AccountIndex>| test(&members, &[], &p, 3, false);
        assert!(test((0..6).collect()).p.is_some());
        assert_eq!(test((0..7).collect()).p, None);
        assert_eq!(test(vec![0, 9]).p, None);
        assert_eq!(test(vec![8, 9]).floor, 1.0);
    }
}
