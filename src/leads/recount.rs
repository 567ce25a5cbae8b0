//! Figures of a lead made again from those of its accounts: by whoever has the accounts' values and p-values and not
//! the log.

use super::coordination::{COMBINED, COMBINED_TITLE};
use super::group;
use super::reason;
use crate::cache::AccountIndex;
use crate::signals::{self, About, MonteCarlo};

pub use super::coordination::combined as common_control;
pub use super::reason::{draws_in, group_sentence};

/// Rüger's test (1978) of a group on the p-values of its accounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recount {
    /// Accounts with a p-value.
    pub testable: usize,
    /// The median p-value.
    pub median: f64,
    /// p-value of the group.
    pub p: f64,
}

/// Test of accounts with these p-values; `None` where fewer than half of them, or only one, have one.
pub fn recount(p: &[Option<f64>]) -> Option<Recount> {
    let all: Vec<AccountIndex> = (0..p.len() as AccountIndex).collect();
    let test = group::ruger_test(&all, |account| p[account as usize])?;
    Some(Recount { testable: test.testable, median: p[test.median as usize]?, p: test.p })
}

/// p-value of a measure of groups with so many draws as extreme, of so many draws.
pub fn p_of_draws([extreme, draws]: [u32; 2]) -> f64 {
    MonteCarlo::of(extreme, draws).p
}

/// Z-score of accounts with these p-values; `None` without any.
pub fn recounted_z(p: &[Option<f64>]) -> Option<f64> {
    let all: Vec<AccountIndex> = (0..p.len() as AccountIndex).collect();
    group::z_score(&all, p)
}

/// Peers with whom an account is compared on a signal, given its cohort and the number of all accounts.
pub fn peers_of(about: &About, cohort: &str, all: usize) -> String {
    if about.rises_with_volume { super::cohort::all(all) } else { cohort.to_owned() }
}

/// True for the name of a reason: a signal, an event, the combined measures, or a fact that is stated under one.
pub fn is_reason(name: &str) -> bool {
    let Some((id, title)) = name.split_once(' ') else { return false };
    if id == COMBINED {
        return title == COMBINED_TITLE;
    }
    let is_fact = reason::FACTS.contains(&title);
    let signal = signals::abouts().find(|about| about.id == id);
    let event = super::event_of(id).map(|about| about.title);
    match signal.map(|about| about.title).or(event) {
        Some(own) => own == title || (is_fact && signal.is_some()),
        None => is_fact && [reason::COMMUNITY_ID, reason::POOL_ID].contains(&id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_decides_and_missing_p_values_are_left_out() {
        let made = recount(&[Some(0.3), None, Some(0.01), Some(0.02)]).unwrap();
        assert_eq!((made.testable, made.median), (3, 0.02));
        // Rüger's factor of three is 3 / 2.
        assert!((made.p - 0.03).abs() < 1e-12, "{made:?}");
        assert_eq!(recount(&[Some(0.3), None, None]), None);
        assert_eq!(recounted_z(&[None]), None);
        assert!(
            recounted_z(&[Some(0.01), Some(0.02)]).unwrap() > recounted_z(&[Some(0.2), Some(0.4)]).unwrap()
        );
    }

    #[test]
    fn reasons_are_signals_events_and_facts() {
        for name in ["C2 coverage", "L1 shared payment", "G0 common control"] {
            assert!(is_reason(name), "{name}");
        }
        for name in ["C2 coveragez", "G0 shared payment", "X1 shared payment", "C2", ""] {
            assert!(!is_reason(name), "{name}");
        }
    }
}
