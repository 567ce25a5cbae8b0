//! Use since sign-up: exchanges of an account by the days of its age, averaged over the accounts of a scope.

use std::ops::Range;

use rayon::prelude::*;

use super::{Selection, complement};
use crate::cache::{AccountIndex, Cache, RowId};
use crate::model::{Cancelled, Micros, TimeSpan, Watcher};
use crate::stats::change_points::level_changes;

/// Length of a day of age.
pub const DAY: Micros = 24 * 3_600_000_000;
/// Maximum age, ten years: a false date makes no endless curve.
const MAX_DAYS: usize = 3_653;
/// Smallest share of the accounts, of those observed on the best observed day, that a day of the curve has. The
/// mean of fewer is that of a few accounts.
const LEAST_OBSERVED: f64 = 0.1;
/// Minimum number of days of one level.
const MIN_LEVEL_DAYS: usize = 2;

/// Use since sign-up of both sides of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Uptake {
    /// The scope.
    pub scope: UseByAge,
    /// All exchanges outside the scope.
    pub peers: UseByAge,
}

/// Mean use of an account by its age in days (mean cumulative function: Nelson 1988). A day of an account counts if
/// all of it lies within the observed time, so that neither a late sign-up nor the end of the log lowers the mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UseByAge {
    /// Accounts with a time of creation.
    pub accounts: u64,
    /// Accounts without one, which are left out.
    pub without: u64,
    /// Age in days at which the curve begins.
    pub first: usize,
    /// Accounts observed on each day of age, from `first` on.
    pub observed: Vec<u64>,
    /// Their exchanges on that day of age.
    pub exchanges: Vec<u64>,
    /// Level of use: the age at which each begins, ascending, with its mean exchanges an account and day.
    pub levels: Vec<(usize, f64)>,
}

impl UseByAge {
    /// Age after the last day.
    pub fn end(&self) -> usize {
        self.first + self.observed.len()
    }

    /// Mean exchanges of an account at each age from `from` on: the age at a day's end, and the sum so far.
    pub fn cumulative(&self, from: usize) -> Vec<(usize, f64)> {
        let mut sum = 0.0;
        let mut points = vec![(from.max(self.first), 0.0)];
        for (at, (&exchanges, &observed)) in self.exchanges.iter().zip(&self.observed).enumerate() {
            if self.first + at >= from {
                sum += mean(exchanges, observed);
                points.push((self.first + at + 1, sum));
            }
        }
        points
    }
}

fn mean(exchanges: u64, observed: u64) -> f64 {
    exchanges as f64 / observed.max(1) as f64
}

/// Use since sign-up inside and outside the selection. `window` is the time of the scope, if it has one: accounts of
/// the scope are not observed outside it.
///
/// # Errors
/// Only when cancelled.
pub fn uptake(
    cache: &Cache,
    selection: &Selection,
    window: Option<TimeSpan>,
    watcher: &dyn Watcher,
) -> Result<Uptake, Cancelled> {
    let scope = use_by_age(cache, selection, window, watcher)?;
    let peers = use_by_age(cache, &complement(cache.hot(), selection), None, watcher)?;
    Ok(Uptake { scope, peers })
}

/// Use since sign-up of the accounts of a selection.
///
/// # Errors
/// Only when cancelled.
pub fn use_by_age(
    cache: &Cache,
    selection: &Selection,
    window: Option<TimeSpan>,
    watcher: &dyn Watcher,
) -> Result<UseByAge, Cancelled> {
    let Some(log) = cache.hot().span() else { return Ok(UseByAge::default()) };
    let log = window
        .map_or(log, |window| TimeSpan { start: window.start.max(log.start), end: window.end.min(log.end) });
    let of_accounts: Vec<(AccountIndex, &[Range<RowId>])> = selection.by_account(cache.hot()).collect();
    let none = || (vec![0_i64; MAX_DAYS + 1], vec![0_u64; MAX_DAYS], 0_u64);
    let parts = of_accounts.par_chunks(256).map(|part| {
        watcher.check()?;
        let (mut steps, mut counts, mut accounts) = none();
        for (account, runs) in part {
            let Some(age) = Age::of(cache, *account, log) else { continue };
            accounts += 1;
            steps[age.days.start] += 1;
            steps[age.days.end] -= 1;
            for run in *runs {
                for &t in &cache.hot().ts[run.start as usize..run.end as usize] {
                    if let Some(day) = age.day(t) {
                        counts[day] += 1;
                    }
                }
            }
        }
        Ok::<_, Cancelled>((steps, counts, accounts))
    });
    let (steps, counts, accounts) = parts.try_reduce(none, |mut a, b| {
        a.0.iter_mut().zip(b.0).for_each(|(a, b)| *a += b);
        a.1.iter_mut().zip(b.1).for_each(|(a, b)| *a += b);
        Ok((a.0, a.1, a.2 + b.2))
    })?;
    let mut now = 0_i64;
    let observed: Vec<u64> = steps[..MAX_DAYS]
        .iter()
        .map(|step| {
            now += step;
            now.max(0) as u64
        })
        .collect();
    let without = of_accounts
        .iter()
        .filter(|(account, _)| cache.accounts()[*account as usize].created.is_none())
        .count() as u64;
    Ok(curve(&observed, &counts, accounts, without))
}

/// Days of age of one account that lie wholly within the observed time.
struct Age {
    sign_up: Micros,
    days: Range<usize>,
}

impl Age {
    /// `None` without a time of creation. An exchange before it makes the account as old as that exchange.
    fn of(cache: &Cache, account: AccountIndex, log: TimeSpan) -> Option<Self> {
        let account = &cache.accounts()[account as usize];
        let sign_up = account.created?.min(account.first);
        let days = |t: Micros| t.saturating_sub(sign_up).div_euclid(DAY);
        // The first day that begins within the log, and the last that ends within it.
        let first = days(log.start.saturating_add(DAY - 1)).clamp(0, MAX_DAYS as i64) as usize;
        let end = days(log.end).clamp(first as i64, MAX_DAYS as i64) as usize;
        Some(Self { sign_up, days: first..end })
    }

    fn day(&self, t: Micros) -> Option<usize> {
        let day = usize::try_from(t.saturating_sub(self.sign_up).div_euclid(DAY)).ok()?;
        self.days.contains(&day).then_some(day)
    }
}

/// Curve of the days on which enough accounts were observed.
fn curve(observed: &[u64], counts: &[u64], accounts: u64, without: u64) -> UseByAge {
    let most = observed.iter().copied().max().unwrap_or(0);
    let least = (LEAST_OBSERVED * most as f64).ceil().max(1.0) as u64;
    let enough = |count: &u64| *count >= least;
    let empty = UseByAge { accounts, without, ..UseByAge::default() };
    let Some(first) = observed.iter().position(enough) else { return empty };
    // The first gap ends the curve: what lies behind it does not add to the sum before it.
    let days = observed[first..].iter().take_while(|count| enough(count)).count();
    let (observed, exchanges) =
        (observed[first..first + days].to_vec(), counts[first..first + days].to_vec());
    let rates: Vec<f64> = exchanges.iter().zip(&observed).map(|(&n, &of)| mean(n, of)).collect();
    let typical = observed.iter().sum::<u64>() as f64 / days.max(1) as f64;
    let mut starts = level_changes(&rates, MIN_LEVEL_DAYS, 1.0 / typical.max(1.0));
    starts.insert(0, 0);
    let ends = starts.iter().skip(1).copied().chain([days]);
    let levels = starts.iter().zip(ends).map(|(&start, end)| {
        let sum = |values: &[u64]| values[start..end].iter().sum::<u64>();
        (first + start, mean(sum(&exchanges), sum(&observed)))
    });
    let levels = levels.collect();
    UseByAge { accounts, without, first, observed, exchanges, levels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::select;

    fn found(rows: Vec<Row>, scope: &Scope) -> Uptake {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let selection = select(&cache, scope, &Silent).unwrap();
        uptake(&cache, &selection, scope.span, &Silent).unwrap()
    }

    /// 2026-04-22, midnight UTC.
    const BASE: Micros = 1_776_816_000_000_000;

    /// An exchange; both times count from [`BASE`].
    fn of(account: &str, created: Option<Micros>, ts: Micros) -> Row {
        Row { created: created.map(|created| BASE + created), ..row(account, BASE + ts) }
    }

    #[test]
    fn accounts_that_sign_up_late_do_not_lower_the_mean() {
        // The log lasts ten days. Both make two exchanges on every day of their age; the second begins on day 5.
        let mut rows = Vec::new();
        for (name, from) in [("early", 0), ("late", 5)] {
            for day in from..10 {
                for hour in [1, 20] {
                    rows.push(of(name, Some(from * DAY), day * DAY + hour * DAY / 24));
                }
            }
        }
        // Ends of the log.
        rows.push(of("other", None, 0));
        rows.push(of("other", None, 10 * DAY - 1));
        let scope = Scope::default().with_accounts("two", ["early".into(), "late".into()].into());
        let both = found(rows, &scope);
        let scope = both.scope;
        assert_eq!((scope.accounts, scope.without, scope.first), (2, 0, 0));
        assert_eq!(scope.observed, [2, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
        assert_eq!(scope.cumulative(0).last(), Some(&(10, 20.0)));
        assert_eq!(scope.cumulative(8), [(8, 0.0), (9, 2.0), (10, 4.0)]);
        assert_eq!(scope.levels, [(0, 2.0)]);
        assert_eq!((both.peers.accounts, both.peers.without, both.peers.end()), (0, 1, 0));
    }

    #[test]
    fn a_rise_is_a_change_of_level_and_days_before_the_log_are_not_observed() {
        // Created 30 days before the log begins.
        let created = Some(-30 * DAY);
        let mut rows = Vec::new();
        for day in 0..20 {
            let count = if day < 12 { 2 } else { 40 };
            rows.extend((0..count).map(|i| of("a", created, day * DAY + i * DAY / 41)));
        }
        rows.push(of("a", created, 20 * DAY));
        let scope = found(rows.clone(), &Scope::default()).scope;
        assert_eq!((scope.first, scope.end()), (30, 50));
        assert_eq!(scope.levels, [(30, 2.0), (42, 40.0)]);
        // The scope's own time bounds what is observed.
        let span = TimeSpan { start: BASE + 12 * DAY, end: BASE + 16 * DAY };
        let scope = found(rows, &Scope::default().with_span(span)).scope;
        assert_eq!((scope.first, scope.observed, scope.levels), (42, vec![1; 4], vec![(42, 40.0)]));
    }

    #[test]
    fn a_short_log_or_one_without_dates_has_no_curve() {
        let short = found(vec![of("a", Some(0), 5), of("a", Some(0), 900)], &Scope::default()).scope;
        assert_eq!((short.accounts, short.end(), short.levels.len()), (1, 0, 0));
        let undated = found(vec![row("a", 0), row("a", 3 * DAY)], &Scope::default()).scope;
        assert_eq!((undated.accounts, undated.without, undated.end()), (0, 1, 0));
    }
}
