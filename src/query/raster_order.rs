//! Order of the accounts of a raster.

use std::f64::consts::TAU;
use std::ops::Range;

use rayon::prelude::*;

use super::clock::Clock;
use crate::cache::{AccountIndex, Hot, RowId};
use crate::model::{Cancelled, Micros, Watcher, Zone};

/// Order of the accounts, first on top.
#[derive(Clone, Copy, Debug)]
pub enum RasterOrder<'a> {
    /// By first exchange in the scope.
    FirstUse,
    /// By the mean direction of the hours of the day (Mardia & Jupp 2000) in a zone, midnight first: accounts that
    /// hand over to one another form steps.
    HourOfDay(&'a Zone),
}

/// Time of an account's first and last exchange, and its position among the accounts given.
pub(super) type Placed = (Micros, Micros, u32);

/// Accounts in an order; equal ones by first exchange, then by position.
///
/// # Errors
/// Only when cancelled.
pub(super) fn arranged(
    hot: &Hot,
    accounts: &[(AccountIndex, &[Range<RowId>])],
    order: RasterOrder<'_>,
    watcher: &dyn Watcher,
) -> Result<Vec<Placed>, Cancelled> {
    let ends = |runs: &[Range<RowId>]| {
        let (first, last) = (runs.first()?, runs.last()?);
        Some((hot.ts[first.start as usize], hot.ts[last.end as usize - 1]))
    };
    let clock = match order {
        RasterOrder::FirstUse => None,
        RasterOrder::HourOfDay(zone) => Some(Clock::new(zone, hot.span())),
    };
    let placed = accounts.par_iter().enumerate().filter_map(|(at, (_, runs))| {
        let (first, last) = ends(runs)?;
        let hour = match &clock {
            None => 0,
            Some(clock) => match watcher.check() {
                Ok(()) => mean_minute(&hours(hot, runs, clock)),
                Err(cancelled) => return Some(Err(cancelled)),
            },
        };
        Some(Ok((hour, (first, last, at as u32))))
    });
    let mut placed = placed.collect::<Result<Vec<_>, Cancelled>>()?;
    watcher.check()?;
    placed.par_sort_unstable_by_key(|&(hour, (first, _, at))| (hour, first, at));
    Ok(placed.into_iter().map(|(_, placed)| placed).collect())
}

/// Exchanges by hour of the day.
fn hours(hot: &Hot, runs: &[Range<RowId>], clock: &Clock<'_>) -> [u64; 24] {
    let mut hours = [0; 24];
    for run in runs {
        for &t in &hot.ts[run.start as usize..run.end as usize] {
            hours[clock.hour_of_week(t) % 24] += 1;
        }
    }
    hours
}

/// Mean direction of exchanges by hour, in minutes after midnight.
fn mean_minute(hours: &[u64; 24]) -> u32 {
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (hour, &count) in hours.iter().enumerate() {
        let (s, c) = (TAU * (hour as f64 + 0.5) / 24.0).sin_cos();
        (sine, cosine) = (sine + count as f64 * s, cosine + count as f64 * c);
    }
    (sine.atan2(cosine).rem_euclid(TAU) / TAU * 1_440.0).round() as u32 % 1_440
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::select;

    const HOUR: Micros = 3_600_000_000;

    #[test]
    fn accounts_are_by_their_hours_and_not_by_their_first_use() {
        let folder = tempfile::tempdir().unwrap();
        let of = |account, first: i64, hour: i64| {
            (0..5).map(move |day| row(account, (first + day) * 24 * HOUR + hour * HOUR))
        };
        let rows: Vec<_> = of("evening", 0, 20).chain(of("morning", 1, 8)).chain(of("night", 2, 2)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let all = select(&cache, &Scope::default(), &Silent).unwrap();
        let accounts: Vec<_> = all.by_account(cache.hot()).collect();
        let names = |order| -> Vec<u32> {
            let placed = arranged(cache.hot(), &accounts, order, &Silent).unwrap();
            placed.into_iter().map(|(_, _, at)| at).collect()
        };
        // By id: evening 0, morning 1, night 2.
        assert_eq!(names(RasterOrder::FirstUse), [0, 1, 2]);
        let (utc, tokyo) = (Zone::utc(), Zone::named("Asia/Tokyo").unwrap());
        assert_eq!(names(RasterOrder::HourOfDay(&utc)), [2, 1, 0]);
        // 05:00, 17:00 and 11:00 there.
        assert_eq!(names(RasterOrder::HourOfDay(&tokyo)), [0, 2, 1]);
    }

    #[test]
    fn hours_around_midnight_have_their_mean_at_midnight() {
        let mut hours = [0; 24];
        (hours[22], hours[1]) = (3, 3);
        assert_eq!(mean_minute(&hours), 0);
        hours[1] = 0;
        assert_eq!(mean_minute(&hours), 22 * 60 + 30);
    }
}
