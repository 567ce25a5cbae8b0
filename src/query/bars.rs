//! Accounts and exchanges behind a bar of a chart of the scope.

use super::clock::Clock;
use super::ticks::CaseTicks;
use super::uptake::DAY;
use crate::cache::{AccountIndex, Cache};
use crate::model::{Cancelled, Micros, Watcher, Zone};
use crate::query::Selection;

/// Number of accounts between two checks for cancellation.
const STEP: usize = 1 << 10;

/// Accounts of the selection, ascending, with at least one exchange in the hours of the week for which `hours` is
/// true (168 values, Monday 00:00 first), and the number of those exchanges.
///
/// # Errors
/// Only when cancelled.
pub fn in_hours(
    cache: &Cache,
    selection: &Selection,
    zone: &Zone,
    hours: &[bool],
    watcher: &dyn Watcher,
) -> Result<(Vec<AccountIndex>, u64), Cancelled> {
    let kept = CaseTicks::of(cache);
    let Some(ticks) = kept.get() else { return Ok((Vec::new(), 0)) };
    let clock = Clock::new(zone, Some(ticks.span()));
    let is_in = |t: &&Micros| hours.get(clock.hour_of_week(**t)).is_some_and(|is_in| *is_in);
    counted(cache, selection, watcher, |times| times.iter().filter(is_in).count() as u64, |_| 0)
}

/// Accounts of the selection, ascending, with at least one interval of `from` up to `to` microseconds (`to` excluded)
/// between consecutive exchanges of the selection, and the number of those intervals.
///
/// # Errors
/// Only when cancelled.
pub fn with_interval(
    cache: &Cache,
    selection: &Selection,
    [from, to]: [Micros; 2],
    watcher: &dyn Watcher,
) -> Result<(Vec<AccountIndex>, u64), Cancelled> {
    let fits = |pair: [Micros; 2]| (from..to).contains(&pair[1].saturating_sub(pair[0]));
    let within = |times: &[Micros]| times.windows(2).filter(|pair| fits([pair[0], pair[1]])).count() as u64;
    counted(cache, selection, watcher, within, |pair| u64::from(fits(pair)))
}

/// Accounts of the selection, ascending, with at least one exchange on a day since their sign-up (day 0 is the first
/// 24 hours), and the number of those exchanges. Accounts without a time of creation are left out.
///
/// # Errors
/// Only when cancelled.
pub fn on_day_of_age(
    cache: &Cache,
    selection: &Selection,
    day: i64,
    watcher: &dyn Watcher,
) -> Result<(Vec<AccountIndex>, u64), Cancelled> {
    let (hot, known) = (cache.hot(), cache.accounts());
    let (mut accounts, mut total) = (Vec::new(), 0);
    for (at, (account, runs)) in selection.by_account(hot).enumerate() {
        if at.is_multiple_of(STEP) {
            watcher.check()?;
        }
        let own = known.get(account as usize);
        let Some(sign_up) = own.and_then(|own| Some(own.created?.min(own.first))) else { continue };
        let is_on = |t: &&Micros| t.saturating_sub(sign_up).div_euclid(DAY) == day;
        let times = runs.iter().flat_map(|run| &hot.ts[run.start as usize..run.end as usize]);
        let found = times.filter(is_on).count() as u64;
        if found > 0 {
            accounts.push(account);
            total += found;
        }
    }
    Ok((accounts, total))
}

/// Sum of `within` over the runs of each account and of `between` over the ends of neighbouring runs; accounts with a
/// sum above 0, and the total.
fn counted(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
    within: impl Fn(&[Micros]) -> u64,
    between: impl Fn([Micros; 2]) -> u64,
) -> Result<(Vec<AccountIndex>, u64), Cancelled> {
    let hot = cache.hot();
    let (mut accounts, mut total) = (Vec::new(), 0);
    for (at, (account, runs)) in selection.by_account(hot).enumerate() {
        if at.is_multiple_of(STEP) {
            watcher.check()?;
        }
        let times = |run: &std::ops::Range<_>| &hot.ts[run.start as usize..run.end as usize];
        let inside: u64 = runs.iter().map(|run| within(times(run))).sum();
        let gaps =
            runs.windows(2).filter_map(|two| Some([*times(&two[0]).last()?, *times(&two[1]).first()?]));
        let found = inside + gaps.map(&between).sum::<u64>();
        if found > 0 {
            accounts.push(account);
            total += found;
        }
    }
    Ok((accounts, total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::intervals::interval_histogram;
    use crate::query::rhythm::hour_of_week;
    use crate::query::{Grain, select};

    const SECOND: i64 = 1_000_000;

    fn small() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let times = [("amy", 0), ("amy", 10), ("amy", 3_600), ("bob", 5), ("bob", 100), ("cyd", 90_000)];
        let rows = times.into_iter().map(|(who, second)| row(who, second * SECOND)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        (folder, cache)
    }

    #[test]
    fn bars_and_the_accounts_behind_them_agree() {
        let (_folder, cache) = small();
        let all = select(&cache, &Scope::default(), &Silent).unwrap();
        let week = hour_of_week(&cache, &all, &Zone::utc(), &Silent).unwrap();
        for (hour, bar) in week.scope.iter().enumerate() {
            let hours: Vec<bool> = (0..168).map(|at| at == hour).collect();
            let (accounts, exchanges) = in_hours(&cache, &all, &Zone::utc(), &hours, &Silent).unwrap();
            assert_eq!((exchanges, accounts.is_empty()), (*bar, *bar == 0), "{hour}");
        }
        let histogram = interval_histogram(&cache, &all, Grain::Exact, &Silent).unwrap();
        for (bin, bar) in histogram.scope.iter().enumerate() {
            let ends = [bin, bin + 1].map(|at| (histogram.edges[at] * 1e6).round() as i64);
            let (accounts, intervals) = with_interval(&cache, &all, ends, &Silent).unwrap();
            assert_eq!((intervals, accounts.is_empty()), (*bar, *bar == 0), "{ends:?}");
        }
        assert_eq!(with_interval(&cache, &all, [9 * SECOND, 11 * SECOND], &Silent).unwrap(), (vec![0], 1));
    }

    #[test]
    fn a_day_of_age_counts_from_the_sign_up() {
        let folder = tempfile::tempdir().unwrap();
        let of = |who: &str, created: Option<i64>, hour: i64| {
            let created = created.map(|created| 20_000 * DAY + created);
            Row { created, ..row(who, 20_000 * DAY + hour * DAY / 24) }
        };
        let rows = vec![
            of("amy", Some(0), 1),
            of("amy", Some(0), 25),
            of("amy", Some(0), 30),
            of("bob", Some(-DAY), 2),
            of("cyd", None, 3),
        ];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let all = select(&cache, &Scope::default(), &Silent).unwrap();
        let on = |day| on_day_of_age(&cache, &all, day, &Silent).unwrap();
        assert_eq!((on(0), on(1), on(2)), ((vec![0], 1), (vec![0, 1], 3), (Vec::new(), 0)));
    }

    #[test]
    fn an_interval_is_between_neighbours_of_the_selection() {
        let (_folder, cache) = small();
        // Amy's exchange at 10 s is left out.
        let rows = Selection { runs: vec![0..1, 2..3], accounts: vec![0], exchanges: 2 };
        let hour = [3_600 * SECOND, 3_601 * SECOND];
        assert_eq!(with_interval(&cache, &rows, hour, &Silent).unwrap(), (vec![0], 1));
        assert_eq!(with_interval(&cache, &rows, [0, 11 * SECOND], &Silent).unwrap(), (Vec::new(), 0));
    }
}
