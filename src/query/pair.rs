//! A selection and the other side of its comparison: all other exchanges, or another selection.

use std::ops::Range;
use std::sync::Arc;

use super::Selection;
use super::intervals::IntervalHistogram;
use super::periods::Periods;
use super::rhythm::HourOfWeek;
use super::shifts::Shifts;
use super::topic_map::{MapGrid, TopicShare};
use crate::cache::{AccountIndex, Hot, RowId};

/// Two sides of a comparison.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The first side.
    pub a: Arc<Selection>,
    /// The second side; `None` for all exchanges that are not in the first.
    pub b: Option<Arc<Selection>>,
}

/// Answer with the figures of a selection and of all other exchanges.
pub trait Sides {
    /// Replaces the figures of all other exchanges by those of another selection's answer.
    fn take_peers(&mut self, other: Self);
}

impl Pair {
    /// Accounts of the second side, or of a case of so many accounts, that have no exchange in the first side. Values
    /// belong to accounts and not to exchanges, so that these are the peers of values.
    pub fn others(&self, accounts: usize) -> Vec<AccountIndex> {
        let mut inside = self.a.accounts.iter().copied().peekable();
        let mut is_outside = |account: AccountIndex| {
            while inside.next_if(|own| *own < account).is_some() {}
            inside.peek() != Some(&account)
        };
        match &self.b {
            Some(b) => b.accounts.iter().copied().filter(|account| is_outside(*account)).collect(),
            None => (0..accounts as AccountIndex).filter(|account| is_outside(*account)).collect(),
        }
    }

    /// Answer with the figures of both sides.
    ///
    /// # Errors
    /// Those of the question.
    pub fn ask<T: Sides, E>(&self, question: impl Fn(&Selection) -> Result<T, E>) -> Result<T, E> {
        let mut answer = question(&self.a)?;
        if let Some(b) = &self.b {
            answer.take_peers(question(b)?);
        }
        Ok(answer)
    }
}

impl Sides for HourOfWeek {
    fn take_peers(&mut self, other: Self) {
        self.peers = other.scope;
    }
}

impl Sides for IntervalHistogram {
    fn take_peers(&mut self, other: Self) {
        self.peers = other.scope;
    }
}

impl Sides for Periods {
    fn take_peers(&mut self, other: Self) {
        self.peers = other.scope;
    }
}

impl Sides for Shifts {
    fn take_peers(&mut self, other: Self) {
        self.peers = [0; 24];
        let days = other.layers.iter().map(|layer| layer.day);
        days.for_each(|day| self.peers.iter_mut().zip(day).for_each(|(sum, count)| *sum += count));
    }
}

impl Sides for MapGrid {
    fn take_peers(&mut self, other: Self) {
        self.peers = other.scope;
    }
}

impl Sides for Vec<TopicShare> {
    fn take_peers(&mut self, other: Self) {
        self.iter_mut().zip(other).for_each(|(own, other)| own.peers = other.scope);
    }
}

/// Exchanges outside a selection.
pub fn complement(hot: &Hot, of: &Selection) -> Selection {
    let mut left = Selection::default();
    let mut runs = of.runs.iter().peekable();
    for account in 0..hot.offsets.len().saturating_sub(1) as u32 {
        let rows = hot.rows_of(account);
        let (mut next, end) = (rows.start as RowId, rows.end as RowId);
        while let Some(run) = runs.next_if(|run| run.start < end) {
            if next < run.start {
                left.push(account, next..run.start);
            }
            next = run.end;
        }
        if next < end {
            left.push(account, next..end);
        }
    }
    left
}

/// Numbers of accounts and of exchanges that two selections have in common.
pub fn overlap(a: &Selection, b: &Selection) -> (u64, u64) {
    let accounts = in_both(&a.accounts, &b.accounts);
    let (mut i, mut j, mut exchanges) = (0, 0, 0);
    while let (Some(one), Some(two)) = (a.runs.get(i), b.runs.get(j)) {
        exchanges += length(one.start.max(two.start)..one.end.min(two.end));
        if one.end <= two.end {
            i += 1;
        } else {
            j += 1;
        }
    }
    (accounts, exchanges)
}

fn length(rows: Range<RowId>) -> u64 {
    u64::from(rows.end.saturating_sub(rows.start))
}

/// Number of equal entries of two ascending lists.
fn in_both(a: &[u32], b: &[u32]) -> u64 {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while let (Some(one), Some(two)) = (a.get(i), b.get(j)) {
        both += u64::from(one == two);
        i += usize::from(one <= two);
        j += usize::from(two <= one);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent, TimeSpan};
    use crate::query::rhythm::hour_of_week;
    use crate::query::select;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_selection_and_what_it_leaves_are_all_exchanges() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<_> = [("amy", 0), ("amy", 10), ("amy", 3_600), ("bob", 5), ("cleo", 20), ("cleo", 30)]
            .map(|(account, second)| row(account, second * SECOND))
            .into();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let take = |scope: &Scope| select(&cache, scope, &Silent).unwrap();
        let all = take(&Scope::default());
        let span = TimeSpan { start: 5 * SECOND, end: 25 * SECOND };
        for scope in [
            Scope::default(),
            Scope::default().with_account("bob".into()),
            Scope::default().with_account("nobody".into()),
            Scope::default().with_span(span),
        ] {
            let some = take(&scope);
            let rest = complement(cache.hot(), &some);
            assert_eq!(some.exchanges + rest.exchanges, all.exchanges);
            assert_eq!(overlap(&some, &rest).1, 0);
            assert_eq!(overlap(&some, &all), (some.accounts.len() as u64, some.exchanges));
            assert_eq!(complement(cache.hot(), &rest), some);
        }
        let middle = take(&Scope::default().with_span(span));
        assert_eq!((middle.exchanges, complement(cache.hot(), &middle).accounts), (3, vec![0, 2]));
        assert_eq!(overlap(&middle, &take(&Scope::default().with_account("amy".into()))), (1, 1));
    }

    #[test]
    fn others_have_no_exchange_in_the_first_side() {
        let of =
            |accounts: &[u32]| Arc::new(Selection { accounts: accounts.to_vec(), ..Selection::default() });
        let others = |a: &[u32], b: Option<&[u32]>| Pair { a: of(a), b: b.map(of) }.others(5);
        assert_eq!(others(&[1, 3], None), [0, 2, 4]);
        assert_eq!(others(&[1, 3], Some(&[0, 1, 3, 4])), [0, 4]);
        assert_eq!(others(&[1, 3], Some(&[1])), [0_u32; 0]);
    }

    #[test]
    fn the_other_side_stands_where_the_peers_stood() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("amy", 0), row("bob", SECOND), row("bob", 2 * SECOND), row("cleo", 3 * SECOND)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let of = |name: &str| {
            Arc::new(select(&cache, &Scope::default().with_account(name.into()), &Silent).unwrap())
        };
        let counts = |b: Option<Arc<Selection>>| {
            let pair = Pair { a: of("amy"), b };
            let hours = pair
                .ask(|selection| hour_of_week(&cache, selection, &crate::model::Zone::utc(), &Silent))
                .unwrap();
            (hours.scope.iter().sum::<u64>(), hours.peers.iter().sum::<u64>())
        };
        assert_eq!((counts(None), counts(Some(of("bob")))), ((1, 3), (1, 2)));
    }
}
