//! A limit tried on a case: the day on which each account would have been caught.

use std::collections::BTreeMap;

use super::rule::{Checked, Limit, LimitError, Measure, Threshold};
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::{Micros, Watcher};
use crate::signals::{Excerpt, Signal, over_excerpts};

const DAY: Micros = 24 * 3_600_000_000;

/// Result of a limit on one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// Caught at the end of this day, in days since 1970-01-01 (UTC).
    On(i64),
    /// Checked and never caught, or without an exchange that counts.
    Never,
    /// On no day could the conditions be decided: too little data within the window.
    NotTestable,
}

/// A limit tried on every account of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Result of each account.
    pub caught: Vec<Caught>,
    /// Exchanges of each account.
    exchanges: Vec<u32>,
    /// Exchanges of each account after the end of the day on which it was caught.
    after: Vec<u32>,
}

/// A limit on a group of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupTrial {
    /// Accounts.
    pub accounts: usize,
    /// Accounts caught.
    pub caught: usize,
    /// Accounts that were not testable.
    pub not_testable: usize,
    /// First day on which one was caught, in days since 1970-01-01 (UTC).
    pub first_day: Option<i64>,
    /// Day by which half of all were caught.
    pub half_day: Option<i64>,
    /// Exchanges of all accounts.
    pub exchanges: u64,
    /// Exchanges after the days on which their accounts were caught.
    pub exchanges_after: u64,
}

/// Accounts caught by the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfTrial {
    /// Day, in days since 1970-01-01 (UTC).
    pub day: i64,
    /// Accounts of the group caught by then.
    pub group: usize,
    /// Other accounts caught by then.
    pub others: usize,
}

/// Tries a limit on a case.
///
/// # Errors
/// Inner: a rule that the case cannot be tried with. Outer: the cache cannot be read, or the work was
/// cancelled.
pub fn try_limit(
    cache: &Cache,
    limit: &Limit,
    watcher: &dyn Watcher,
) -> Result<Result<Trial, LimitError>, CacheError> {
    let checked = match limit.check(cache) {
        Ok(checked) => checked,
        Err(error) => return Ok(Err(error)),
    };
    let signals: Vec<&dyn Signal> = checked
        .conditions
        .iter()
        .filter_map(|(measure, _)| measure.signal.map(|signal| signal as &dyn Signal))
        .collect();
    let caught = over_excerpts(cache, &signals, checked.topics.as_ref(), watcher, |excerpt| {
        caught(excerpt, &checked)
    })?;
    let hot = cache.hot();
    let after = (0..).zip(&caught).map(|(account, caught)| {
        let ts = &hot.ts[hot.rows_of(account)];
        match caught {
            Caught::On(day) => {
                ts.len() - ts.partition_point(|&t| t < day.saturating_add(1).saturating_mul(DAY))
            }
            Caught::Never | Caught::NotTestable => 0,
        }
    });
    Ok(Ok(Trial {
        after: after.map(|count| count as u32).collect(),
        exchanges: cache.accounts().iter().map(|account| account.exchanges).collect(),
        caught,
    }))
}

/// First day at whose end all conditions hold.
fn caught(excerpt: &Excerpt<'_>, rule: &Checked) -> Caught {
    let ts = excerpt.ts();
    let (mut decided, mut end) = (ts.is_empty(), 0);
    for run in ts.chunk_by(|a, b| a.div_euclid(DAY) == b.div_euclid(DAY)) {
        end += run.len();
        let day = run[0].div_euclid(DAY);
        let first_day = day.saturating_sub(i64::from(rule.window_days) - 1);
        let start = ts.partition_point(|&t| t < first_day.saturating_mul(DAY));
        let holds = |&(measure, threshold): &(Measure, Threshold)| {
            let value = match measure.signal {
                None => (end - start) as f64,
                Some(signal) => excerpt.measure(signal, start..end).ok()?,
            };
            Some(threshold.holds(value))
        };
        match all(rule.conditions.iter().map(holds)) {
            Some(true) => return Caught::On(day),
            Some(false) => decided = true,
            None => {}
        }
    }
    if decided { Caught::Never } else { Caught::NotTestable }
}

/// Conjunction of conditions that may be undecided (Kleene 1938): false if one is false, true if all are true,
/// else undecided.
fn all(conditions: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for condition in conditions {
        match condition {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

impl Trial {
    /// The limit on some accounts.
    pub fn of(&self, accounts: impl IntoIterator<Item = AccountIndex>) -> GroupTrial {
        let mut group = GroupTrial::default();
        let mut days = Vec::new();
        for account in accounts {
            let at = account as usize;
            group.accounts += 1;
            group.exchanges += u64::from(self.exchanges[at]);
            group.exchanges_after += u64::from(self.after[at]);
            match self.caught[at] {
                Caught::On(day) => days.push(day),
                Caught::NotTestable => group.not_testable += 1,
                Caught::Never => {}
            }
        }
        days.sort_unstable();
        group.caught = days.len();
        group.first_day = days.first().copied();
        group.half_day = group.accounts.div_ceil(2).checked_sub(1).and_then(|half| days.get(half).copied());
        group
    }

    /// Accounts outside a group, which is ascending.
    pub fn others(&self, group: &[AccountIndex]) -> impl Iterator<Item = AccountIndex> {
        (0..self.caught.len() as AccountIndex).filter(|account| group.binary_search(account).is_err())
    }

    /// Accounts caught by the end of each day on which one was, of a group, which is ascending, and of all
    /// others.
    pub fn by_day(&self, group: &[AccountIndex]) -> Vec<DayOfTrial> {
        let mut days = BTreeMap::<i64, (usize, usize)>::new();
        for (account, caught) in (0..).zip(&self.caught) {
            let Caught::On(day) = caught else { continue };
            let counts = days.entry(*day).or_default();
            if group.binary_search(&account).is_ok() {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
        }
        let mut so_far = (0, 0);
        let sum = |(day, counts): (i64, (usize, usize))| {
            so_far = (so_far.0 + counts.0, so_far.1 + counts.1);
            DayOfTrial { day, group: so_far.0, others: so_far.1 }
        };
        days.into_iter().map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::Silent;

    /// Accounts with so many exchanges on each day, a minute apart.
    fn tried(accounts: &[(&str, &[i64])], rule: &str) -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = Vec::new();
        for (account, days) in accounts {
            for (day, &count) in (100..).zip(*days) {
                rows.extend((0..count).map(|call| row(account, day * DAY + call * 60_000_000)));
            }
        }
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        try_limit(&cache, &Limit::from_toml(rule).unwrap(), &Silent).unwrap().unwrap()
    }

    const TEN_IN_TWO_DAYS: &str = "window_days = 2\n[[condition]]\nmeasure = \"exchanges\"\nat_least = 10\n";

    #[test]
    fn an_account_is_caught_on_the_first_day_that_fills_its_window() {
        let trial = tried(
            &[
                ("a", &[4, 6, 1, 1]),
                ("b", &[9, 0, 9, 0, 9]),
                ("c", &[1, 1, 1, 1, 30]),
                ("d", &[10]),
                ("e", &[1]),
            ],
            TEN_IN_TWO_DAYS,
        );
        assert_eq!(
            trial.caught,
            [Caught::On(101), Caught::Never, Caught::On(104), Caught::On(100), Caught::Never]
        );
        let group = trial.of([0, 2, 4]);
        assert_eq!((group.accounts, group.caught, group.not_testable), (3, 2, 0));
        assert_eq!((group.first_day, group.half_day), (Some(101), Some(104)));
        // Two exchanges of a after its second day.
        assert_eq!((group.exchanges, group.exchanges_after), (12 + 34 + 1, 2));
        assert_eq!(trial.of(trial.others(&[0, 2, 4])).caught, 1);
        let day = |day, group, others| DayOfTrial { day, group, others };
        assert_eq!(trial.by_day(&[0, 2, 4]), [day(100, 0, 1), day(101, 1, 1), day(104, 2, 1)]);
        assert_eq!(trial.of([]), GroupTrial::default());
    }

    #[test]
    fn too_little_data_in_the_window_is_not_testable_and_not_harmless() {
        // R1 needs 30 exchanges in the window.
        let rule = "window_days = 1\n[[condition]]\nmeasure = \"R1\"\nat_most = -0.9\n";
        let accounts: [(&str, &[i64]); 3] = [("a", &[40]), ("b", &[20, 20, 20]), ("c", &[5, 31])];
        let trial = tried(&accounts, rule);
        assert_eq!(trial.caught, [Caught::On(100), Caught::NotTestable, Caught::On(101)]);
        assert_eq!(trial.of([0, 1, 2]).not_testable, 1);
        // A failed condition decides, independent of the other condition.
        let both = format!("{rule}[[condition]]\nmeasure = \"exchanges\"\nat_least = 35\n");
        assert_eq!(tried(&accounts, &both).caught, [Caught::On(100), Caught::Never, Caught::Never]);
        // Five days hold sixty exchanges of b, evenly spaced but for the nights: no clock, but testable.
        let wide = rule.replace("window_days = 1", "window_days = 5");
        assert_eq!(tried(&accounts, &wide).caught[1], Caught::Never);
    }

    #[test]
    fn undecided_is_neither_true_nor_false() {
        assert_eq!(all([Some(true), None].into_iter()), None);
        assert_eq!(all([None, Some(false)].into_iter()), Some(false));
        assert_eq!(all([Some(true), Some(true)].into_iter()), Some(true));
    }
}
