//! Hand-over between the accounts of a scope: exchanges by hour of the day and over time, account by account.

use std::ops::Range;

use rayon::prelude::*;

use super::Selection;
use super::clock::Clock;
use super::rhythm::{Slices, hour_of_week};
use crate::cache::{AccountIndex, Cache, Hot, RowId};
use crate::model::{Cancelled, Micros, TimeSpan, Watcher, Zone};
use crate::stats::variance_ratio::variance_ratio;

/// Accounts that have a layer of their own.
pub const NAMED: usize = 7;
/// Maximum number of accounts of the variance ratio; of more, those with most exchanges.
pub const MEASURED: usize = 200;
/// Maximum number of hours of the variance ratio.
const MAX_HOURS: i64 = 400 * 24;
const HOUR: Micros = 3_600_000_000;

/// One layer of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The account; `None` for all accounts without a layer of their own.
    pub account: Option<AccountIndex>,
    /// Exchanges by hour of the day.
    pub day: [u64; 24],
    /// Exchanges by slice of time.
    pub time: Vec<u64>,
}

/// Exchanges of a scope by account.
#[derive(Clone, Debug, PartialEq)]
pub struct Shifts {
    /// The accounts with most exchanges by their first exchange, then all others.
    pub layers: Vec<Layer>,
    /// Accounts of the scope.
    pub accounts: u64,
    /// From the first exchange of the scope to its last.
    pub span: TimeSpan,
    /// Variance ratio of the accounts' active hours (Schluter 1984): below 1 they take turns, above 1 they work at
    /// the same time. `None` for fewer than two accounts, or over more than 400 days.
    pub ratio: Option<f64>,
    /// Exchanges outside the scope by hour of the day.
    pub peers: [u64; 24],
}

impl Shifts {
    /// Exchanges of the scope.
    pub fn exchanges(&self) -> u64 {
        self.layers.iter().flat_map(|layer| layer.day).sum()
    }
}

/// Exchanges of the selection by account, in the hours of a zone and in equal slices of its time.
///
/// # Errors
/// Only when cancelled.
pub fn shifts(
    cache: &Cache,
    selection: &Selection,
    zone: &Zone,
    slices: usize,
    watcher: &dyn Watcher,
) -> Result<Shifts, Cancelled> {
    let hot = cache.hot();
    let of_accounts: Vec<(AccountIndex, &[Range<RowId>])> = selection.by_account(hot).collect();
    let first = |runs: &[Range<RowId>]| runs.first().map(|run| hot.ts[run.start as usize]);
    let last = |runs: &[Range<RowId>]| runs.last().map(|run| hot.ts[run.end as usize - 1]);
    let start = of_accounts.iter().filter_map(|(_, runs)| first(runs)).min().unwrap_or(0);
    let end = of_accounts.iter().filter_map(|(_, runs)| last(runs)).max();
    let span = TimeSpan { start, end: end.map_or(start, |end| end.saturating_add(1)) };
    let size = |runs: &[Range<RowId>]| runs.iter().map(|run| run.len()).sum::<usize>();
    let mut largest: Vec<usize> = (0..of_accounts.len()).collect();
    largest.sort_by_cached_key(|&at| (std::cmp::Reverse(size(of_accounts[at].1)), at));
    let mut named: Vec<usize> = largest.iter().copied().take(NAMED).collect();
    named.sort_by_key(|&at| (first(of_accounts[at].1), at));

    let peers = by_hour(&hour_of_week(cache, selection, zone, watcher)?.peers);
    let (clock, cut) = (Clock::new(zone, hot.span()), Slices::new(span, slices.max(1)));
    let slices = slices.max(1);
    let add = |layer: &mut Layer, runs: &[Range<RowId>]| {
        for run in runs {
            for &t in &hot.ts[run.start as usize..run.end as usize] {
                layer.day[clock.hour_of_week(t) % 24] += 1;
                layer.time[cut.of(t)] += 1;
            }
        }
    };
    let empty = |account| Layer { account, day: [0; 24], time: vec![0; slices] };
    let mut layers = Vec::new();
    for &at in &named {
        watcher.check()?;
        let mut layer = empty(Some(of_accounts[at].0));
        add(&mut layer, of_accounts[at].1);
        layers.push(layer);
    }
    let others: Vec<usize> = largest.iter().copied().skip(NAMED).collect();
    if !others.is_empty() {
        let parts = others.par_chunks(64).map(|part| {
            watcher.check()?;
            let mut layer = empty(None);
            part.iter().for_each(|&at| add(&mut layer, of_accounts[at].1));
            Ok::<_, Cancelled>(layer)
        });
        layers.push(parts.try_reduce(|| empty(None), |a, b| Ok(sum(a, &b)))?);
    }
    let measured: Vec<&[Range<RowId>]> = largest.iter().take(MEASURED).map(|&at| of_accounts[at].1).collect();
    let ratio = turns(hot, &measured, span);
    Ok(Shifts { layers, accounts: of_accounts.len() as u64, span, ratio, peers })
}

fn sum(mut a: Layer, b: &Layer) -> Layer {
    a.day.iter_mut().zip(b.day).for_each(|(a, b)| *a += b);
    a.time.iter_mut().zip(&b.time).for_each(|(a, b)| *a += b);
    a
}

/// Numbers by hour of the day of numbers by hour of the week.
pub fn by_hour(week: &[u64]) -> [u64; 24] {
    let mut hours = [0; 24];
    for (cell, count) in week.iter().enumerate() {
        hours[cell % 24] += count;
    }
    hours
}

/// Variance ratio of the active hours of accounts.
fn turns(hot: &Hot, accounts: &[&[Range<RowId>]], span: TimeSpan) -> Option<f64> {
    let first = span.start.div_euclid(HOUR);
    let hours = span.end.saturating_sub(1).div_euclid(HOUR).saturating_sub(first).saturating_add(1);
    if !(2..=MAX_HOURS).contains(&hours) {
        return None;
    }
    let active = |runs: &&[Range<RowId>]| {
        let mut active = vec![0.0; hours as usize];
        for run in runs.iter() {
            for t in &hot.ts[run.start as usize..run.end as usize] {
                active[(t.div_euclid(HOUR) - first) as usize] = 1.0;
            }
        }
        active
    };
    variance_ratio(&accounts.iter().map(active).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::select;

    fn found(rows: Vec<crate::cache::testing::Row>, scope: &Scope, slices: usize) -> Shifts {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let selection = select(&cache, scope, &Silent).unwrap();
        shifts(&cache, &selection, &Zone::utc(), slices, &Silent).unwrap()
    }

    #[test]
    fn layers_are_by_first_exchange_and_their_sums_are_the_scope() {
        // b begins on the first day at 3 o'clock, a on the second at 15 o'clock; c is outside the scope.
        let mut rows: Vec<_> = (0..4).map(|i| row("b", 3 * HOUR + i * 60_000_000)).collect();
        rows.extend((0..6).map(|i| row("a", 39 * HOUR + i * 60_000_000)));
        rows.push(row("c", 5 * HOUR));
        let scope = Scope::default().with_accounts("two", ["a".into(), "b".into()].into());
        let shifts = found(rows, &scope, 2);
        let named: Vec<_> = shifts.layers.iter().map(|layer| layer.account).collect();
        assert_eq!((named, shifts.accounts, shifts.exchanges()), (vec![Some(1), Some(0)], 2, 10));
        assert_eq!((shifts.layers[0].day[3], shifts.layers[1].day[15]), (4, 6));
        assert_eq!((shifts.layers[0].time.clone(), shifts.layers[1].time.clone()), (vec![4, 0], vec![0, 6]));
        assert_eq!((shifts.peers[5], shifts.peers.iter().sum::<u64>()), (1, 1));
    }

    #[test]
    fn days_are_added_up_by_hour() {
        let mut week = vec![0; 168];
        (week[3], week[27], week[167]) = (1, 2, 4);
        let hours = by_hour(&week);
        assert_eq!((hours[3], hours[23], hours.iter().sum::<u64>()), (3, 4, 7));
    }

    #[test]
    fn many_accounts_share_the_last_layer() {
        let of = |i: usize| (0..=i).map(move |j| row(&format!("a{i}"), (i * 100 + j) as i64 * 1_000_000));
        let shifts = found((0..10).flat_map(of).collect(), &Scope::default(), 4);
        assert_eq!((shifts.layers.len(), shifts.accounts, shifts.exchanges()), (NAMED + 1, 10, 55));
        let last = &shifts.layers[NAMED];
        assert_eq!((last.account, last.day.iter().sum::<u64>(), last.time.iter().sum::<u64>()), (None, 6, 6));
    }

    #[test]
    fn turns_are_below_one_and_common_hours_above() {
        let alternating = |shift: i64| {
            (0..40).flat_map(move |i| [row("a", 2 * i * HOUR), row("b", (2 * i + shift) * HOUR)]).collect()
        };
        assert!(found(alternating(1), &Scope::default(), 4).ratio.unwrap() < 0.1);
        assert!(found(alternating(0), &Scope::default(), 4).ratio.unwrap() > 1.9);
        let alone = found(vec![row("a", 0), row("a", 9 * HOUR)], &Scope::default(), 4);
        assert_eq!(alone.ratio, None);
        let nobody = found(vec![row("a", 0)], &Scope::default().with_account("x".into()), 4);
        assert_eq!((nobody.layers.len(), nobody.accounts, nobody.ratio), (0, 0, None));
    }
}
