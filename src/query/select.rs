//! Conversion of a scope to its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::ticks::CaseTicks;
use crate::cache::segment::{SegmentColumn, SegmentColumns};
use crate::cache::{AccountIndex, Cache, CacheError, Hot, NO_TOPIC, RowId};
use crate::model::{AccountId, AttributeKind, Micros, Scope, TimeSpan, Watcher};

/// Exchanges of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Runs of consecutive rows, ascending; each run has rows of one account only.
    pub runs: Vec<Range<RowId>>,
    /// Accounts with at least one row, ascending.
    pub accounts: Vec<AccountIndex>,
    /// Number of rows.
    pub exchanges: u64,
}

impl Selection {
    /// All rows, ascending.
    pub fn rows(&self) -> impl Iterator<Item = RowId> + '_ {
        self.runs.iter().flat_map(Clone::clone)
    }

    /// Accounts with their runs, ascending. `hot` must be of the same cache.
    pub fn by_account<'a>(
        &'a self,
        hot: &'a Hot,
    ) -> impl Iterator<Item = (AccountIndex, &'a [Range<RowId>])> + 'a {
        let mut rest = self.runs.as_slice();
        self.accounts.iter().map(move |&account| {
            let end = hot.rows_of(account).end;
            let (own, others) =
                rest.split_at(rest.iter().take_while(|run| (run.start as usize) < end).count());
            rest = others;
            (account, own)
        })
    }

    /// Appends a run, which begins at or after the end of the last one.
    pub(super) fn push(&mut self, account: AccountIndex, run: Range<RowId>) {
        self.exchanges += run.len() as u64;
        if self.accounts.last() != Some(&account) {
            self.accounts.push(account);
        } else if let Some(last) = self.runs.last_mut().filter(|last| last.end == run.start) {
            last.end = run.end;
            return;
        }
        self.runs.push(run);
    }

    /// Concatenates selections of different accounts, which ascend.
    fn of_parts(parts: Vec<Self>) -> Self {
        let mut all = Self {
            runs: Vec::with_capacity(parts.iter().map(|part| part.runs.len()).sum()),
            accounts: Vec::with_capacity(parts.iter().map(|part| part.accounts.len()).sum()),
            exchanges: parts.iter().map(|part| part.exchanges).sum(),
        };
        for part in parts {
            all.runs.extend(part.runs);
            all.accounts.extend(part.accounts);
        }
        all
    }
}

/// Number of accounts per unit of parallel work.
const ACCOUNTS: usize = 128;

/// Conditions on a row.
struct Conditions {
    /// Time span of the row.
    span: Option<TimeSpan>,
    /// Wanted topics, by number; `None` for any topic.
    topics: Option<Vec<bool>>,
    /// Columns of codes, each with the wanted codes.
    codes: Vec<(SegmentColumn, Vec<bool>)>,
}

/// Rows of one account in one segment.
struct Piece {
    account: AccountIndex,
    rows: Range<RowId>,
    /// True if its codes have to be checked; false if all its exchanges carry a wanted value.
    look: bool,
}

/// Rows of a scope. Accounts and values that the cache does not have select no rows.
///
/// # Errors
/// The work was cancelled, the cache cannot be read, or a topic has another meaning than when the
/// scope was made.
pub fn select(cache: &Cache, scope: &Scope, watcher: &dyn Watcher) -> Result<Selection, CacheError> {
    let topics = scope.topics.as_ref().map(|topics| wanted_topics(cache, topics)).transpose()?;
    let mut accounts: Vec<(AccountIndex, bool)> = match &scope.accounts {
        None => (0..cache.accounts().len() as u32).map(|account| (account, false)).collect(),
        Some(set) => accounts_of(cache, &set.ids),
    };
    let mut conditions = Conditions { span: scope.span, topics, codes: Vec::new() };
    for (kind, values) in &scope.attributes {
        watcher.check()?;
        if keep_accounts(cache, *kind, values, &mut accounts) {
            conditions.codes.push(wanted_codes(cache, *kind, values));
        }
    }
    for (kind, values) in &scope.without {
        leave_out(cache, *kind, values, &mut accounts);
    }
    if let Some(except) = &scope.except {
        let out = accounts_of(cache, &except.ids);
        accounts.retain(|(account, _)| out.binary_search(&(*account, false)).is_err());
    }
    let ticks = scope.span.map(|_| CaseTicks::of(cache));
    Search { cache, conditions, ticks }.run(&accounts, watcher)
}

/// Search for the rows that meet the conditions.
struct Search<'a> {
    cache: &'a Cache,
    conditions: Conditions,
    /// Ticks of the case; `None` for a scope without a time span.
    ticks: Option<Arc<CaseTicks>>,
}

impl Search<'_> {
    fn run(&self, accounts: &[(AccountIndex, bool)], watcher: &dyn Watcher) -> Result<Selection, CacheError> {
        if self.conditions.codes.is_empty() {
            return self.select_hot(accounts, watcher);
        }
        let pieces = self.pieces(accounts);
        let segment_of = |piece: &Piece| self.cache.segment_of(piece.rows.start);
        let found = pieces
            .par_chunk_by(|a, b| segment_of(a) == segment_of(b))
            .map(|pieces| {
                watcher.check()?;
                self.filter(pieces)
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        let mut selection = Selection::default();
        for (account, run) in found.into_iter().flatten() {
            selection.push(account, run);
        }
        Ok(selection)
    }

    /// Rows of accounts by conditions on hot columns only; no segment is read.
    fn select_hot(
        &self,
        accounts: &[(AccountIndex, bool)],
        watcher: &dyn Watcher,
    ) -> Result<Selection, CacheError> {
        let parts = accounts
            .par_chunks(ACCOUNTS)
            .map(|accounts| {
                watcher.check()?;
                let mut part = Selection::default();
                for &(account, _) in accounts {
                    let rows = self.rows_in(account, self.conditions.span.as_ref());
                    match &self.conditions.topics {
                        Some(wanted) => self.hot_runs(rows, wanted, |run| part.push(account, run)),
                        None if rows.is_empty() => {}
                        None => part.push(account, rows),
                    }
                }
                Ok(part)
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        Ok(Selection::of_parts(parts))
    }

    /// Calls `found` with the runs of wanted topics among some rows.
    fn hot_runs(&self, rows: Range<RowId>, wanted: &[bool], mut found: impl FnMut(Range<RowId>)) {
        let topics = self.cache.hot().topic.get(rows.start as usize..rows.end as usize).unwrap_or(&[]);
        let is_wanted = |topic: &u16| wanted.get(usize::from(*topic)).copied().unwrap_or(false);
        let mut start = None;
        for (row, topic) in (rows.start..).zip(topics) {
            match (is_wanted(topic), start) {
                (true, None) => start = Some(row),
                (false, Some(begun)) => {
                    found(begun..row);
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(begun) = start {
            found(begun..rows.end);
        }
    }

    /// Rows of an account inside a time span.
    fn rows_in(&self, account: AccountIndex, span: Option<&TimeSpan>) -> Range<RowId> {
        let all = self.cache.hot().rows_of(account);
        let Some(span) = span else { return all.start as RowId..all.end as RowId };
        let earlier = |t: Micros| {
            let ticks = self.ticks.as_deref().and_then(CaseTicks::get);
            let counted = ticks.and_then(|ticks| ticks.earlier(self.cache.hot(), all.clone(), t));
            counted.unwrap_or_else(|| self.cache.hot().ts[all.clone()].partition_point(|&moment| moment < t))
        };
        let start = earlier(span.start);
        let end = earlier(span.end).max(start);
        (all.start + start) as RowId..(all.start + end) as RowId
    }

    /// Rows of the accounts inside the time span, split at segment boundaries.
    fn pieces(&self, accounts: &[(AccountIndex, bool)]) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(accounts.len() + self.cache.segments().len());
        for &(account, look) in accounts {
            let Range { mut start, end } = self.rows_in(account, self.conditions.span.as_ref());
            while start < end {
                let segment = self.cache.segments()[self.cache.segment_of(start)];
                let cut = end.min(segment.first_row + segment.rows);
                pieces.push(Piece { account, rows: start..cut, look });
                start = cut;
            }
        }
        pieces
    }

    /// Runs of rows that meet the conditions, among pieces of one segment.
    fn filter(&self, pieces: &[Piece]) -> Result<Vec<(AccountIndex, Range<RowId>)>, CacheError> {
        let segment = &self.cache.segments()[self.cache.segment_of(pieces[0].rows.start)];
        let columns: Vec<SegmentColumn> = self.conditions.codes.iter().map(|(column, _)| *column).collect();
        let decoded = match pieces.iter().any(|piece| piece.look) && !columns.is_empty() {
            true => Some(self.cache.read_segment_columns(segment, &columns)?),
            false => None,
        };
        let mut found = Vec::new();
        for piece in pieces {
            let decoded = decoded.as_ref().filter(|_| piece.look);
            if decoded.is_none() && self.conditions.topics.is_none() {
                found.push((piece.account, piece.rows.clone()));
                continue;
            }
            let keep = self.keep(piece, decoded, segment.first_row);
            let mut start = 0;
            for same in keep.chunk_by(|a, b| a == b) {
                let rows = piece.rows.start + start..piece.rows.start + start + same.len() as u32;
                if same[0] {
                    found.push((piece.account, rows));
                }
                start += same.len() as u32;
            }
        }
        Ok(found)
    }

    /// True for each row of a piece that meets the conditions.
    fn keep(&self, piece: &Piece, decoded: Option<&SegmentColumns>, first_row: RowId) -> Vec<bool> {
        let mut keep = vec![true; piece.rows.len()];
        if let Some(wanted) = &self.conditions.topics {
            for (keep, row) in keep.iter_mut().zip(piece.rows.clone()) {
                let topic = self.cache.hot().topic.get(row as usize).copied().unwrap_or(NO_TOPIC);
                *keep = wanted.get(usize::from(topic)).copied().unwrap_or(false);
            }
        }
        let Some(decoded) = decoded else { return keep };
        for (column, wanted) in &self.conditions.codes {
            let offset = (piece.rows.start - first_row) as usize;
            for (at, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                let code = decoded.u32_at(*column, offset + at);
                *keep = code.is_some_and(|code| wanted.get(code as usize).copied().unwrap_or(false));
            }
        }
        keep
    }
}

/// Accounts of a set, ascending. Both lists are sorted, so that one pass over each suffices.
fn accounts_of(cache: &Cache, ids: &BTreeSet<AccountId>) -> Vec<(AccountIndex, bool)> {
    if ids.len() < cache.accounts().len() / 32 || cache.is_renamed() {
        let found = ids.iter().filter_map(|id| cache.account_index(id));
        let mut found: Vec<_> = found.map(|at| (at, false)).collect();
        found.sort_unstable();
        return found;
    }
    let mut known = Vec::with_capacity(ids.len());
    let mut at = 0;
    for id in ids {
        at += cache.accounts()[at..].iter().take_while(|account| account.id < *id).count();
        if cache.accounts().get(at).is_some_and(|account| account.id == *id) {
            known.push((at as AccountIndex, false));
        }
    }
    known
}

fn wanted_topics(cache: &Cache, topics: &BTreeMap<u16, String>) -> Result<Vec<bool>, CacheError> {
    let mut wanted = vec![false; cache.topics().len()];
    for (&topic, was) in topics {
        let now = cache.topics().get(usize::from(topic)).map(|now| &now.label);
        if now != Some(was) {
            let is = now.map_or_else(|| "gone".to_owned(), |label| format!("“{label}”"));
            return Err(CacheError::TopicChanged { topic, was: was.clone(), is });
        }
        wanted[usize::from(topic)] = true;
    }
    Ok(wanted)
}

/// Keeps the accounts that have one of the values. For attributes of single exchanges, marks the
/// accounts of which only some exchanges carry one, and returns true if there are any.
fn keep_accounts(
    cache: &Cache,
    kind: AttributeKind,
    values: &BTreeSet<String>,
    accounts: &mut Vec<(AccountIndex, bool)>,
) -> bool {
    let mut carried = vec![0_u32; cache.accounts().len()];
    for value in values.iter().filter_map(|value| cache.value_index(kind, value)) {
        for &account in cache.accounts_with(value) {
            let held = cache.values_of(account);
            if let Ok(at) = held.binary_search_by_key(&value, |(value, _)| *value) {
                carried[account as usize] += held[at].1;
            }
        }
    }
    accounts.retain(|(account, _)| carried[*account as usize] > 0);
    let mut any = false;
    if kind.is_per_exchange() {
        for (account, look) in accounts {
            let some = carried[*account as usize] < cache.accounts()[*account as usize].exchanges;
            *look |= some;
            any |= some;
        }
    }
    any
}

/// Removes the accounts that have one of the values.
fn leave_out(
    cache: &Cache,
    kind: AttributeKind,
    values: &BTreeSet<String>,
    accounts: &mut Vec<(AccountIndex, bool)>,
) {
    let mut has = vec![false; cache.accounts().len()];
    for value in values.iter().filter_map(|value| cache.value_index(kind, value)) {
        cache.accounts_with(value).iter().for_each(|&account| has[account as usize] = true);
    }
    accounts.retain(|(account, _)| !has[*account as usize]);
}

fn wanted_codes(cache: &Cache, kind: AttributeKind, values: &BTreeSet<String>) -> (SegmentColumn, Vec<bool>) {
    if kind == AttributeKind::Ip24 {
        let inside = |at: usize| cache.network_of(at).is_some_and(|network| values.contains(&network));
        let wanted = cache.values_of_kind(AttributeKind::Ip).into_par_iter().map(inside).collect();
        return (SegmentColumn::Code(AttributeKind::Ip), wanted);
    }
    let known = &cache.values()[cache.values_of_kind(kind)];
    (SegmentColumn::Code(kind), known.iter().map(|known| values.contains(&known.value)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::{AccountSet, Silent, network};

    const PAYMENTS: [&str; 3] = ["p0", "p1", "p2"];
    const MODELS: [&str; 2] = ["large", "small"];

    fn rows() -> Vec<Row> {
        (0..300_u64)
            .map(|i| {
                let mixed = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                let account = mixed % 7;
                Row {
                    ip: (mixed % 11 > 0).then(|| format!("10.0.{}.{}", mixed % 3, mixed % 5)),
                    model: Some(MODELS[usize::from(mixed % 4 == 0)]),
                    payment: (account > 0).then(|| PAYMENTS[account as usize % 3].to_owned()),
                    ..row(&format!("a{account}"), (mixed % 100) as i64)
                }
            })
            .collect()
    }

    /// The same by looking at each row, in the cache's order.
    fn naive(rows: &[Row], scope: &Scope) -> Vec<RowId> {
        let mut sorted: Vec<&Row> = rows.iter().collect();
        sorted.sort_by(|a, b| (&a.account, a.ts).cmp(&(&b.account, b.ts)));
        let has = |row: &Row, kind, values: &BTreeSet<String>| {
            let value = match kind {
                AttributeKind::Ip => row.ip.clone(),
                AttributeKind::Ip24 => row.ip.as_deref().and_then(network),
                AttributeKind::Model => row.model.map(str::to_owned),
                _ => row.payment.clone(),
            };
            value.is_some_and(|value| values.contains(&value))
        };
        let inside = |row: &Row| {
            scope.accounts.as_ref().is_none_or(|set| set.ids.contains(&AccountId(row.account.clone())))
                && scope.except.as_ref().is_none_or(|set| !set.ids.contains(&AccountId(row.account.clone())))
                && scope.span.is_none_or(|span| span.contains(row.ts))
                && scope.attributes.iter().all(|(kind, values)| has(row, *kind, values))
        };
        (0..).zip(sorted).filter(|(_, row)| inside(row)).map(|(at, _)| at).collect()
    }

    #[test]
    fn accounts_with_a_value_that_is_not_wanted_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = crate::query::pivot::tests::ring(folder.path());
        let scope = Scope::default().without_value(AttributeKind::PaymentFingerprint, "pm_ring");
        assert_eq!(select(&cache, &scope, &Silent).unwrap().accounts, [2, 3]);
        let both = scope.with_value(AttributeKind::Ip, "10.0.0.1");
        assert_eq!(select(&cache, &both, &Silent).unwrap().accounts, [2]);
        let unknown = Scope::default().without_value(AttributeKind::Ip, "10.1.1.1");
        assert_eq!(select(&cache, &unknown, &Silent).unwrap().accounts.len(), 4);
    }

    #[test]
    fn a_selection_is_what_a_look_at_each_row_finds() {
        let folder = tempfile::tempdir().unwrap();
        let rows = rows();
        let files = [("a.parquet", rows[..130].to_vec()), ("b.parquet", rows[130..].to_vec())];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &files)]);
        let any = |values: Vec<String>| {
            proptest::option::of(proptest::collection::btree_set(proptest::sample::select(values), 0..3))
        };
        let accounts = any((0..9).map(|i| format!("a{i}")).collect());
        let except = any((0..9).map(|i| format!("a{i}")).collect());
        let span = proptest::option::of((-10_i64..110, -10_i64..110));
        let ip = any((0..3).flat_map(|a| (0..5).map(move |b| format!("10.0.{a}.{b}"))).collect());
        let network = any((0..4).map(|a| format!("10.0.{a}.0/24")).collect());
        let model = any(MODELS.map(str::to_owned).to_vec());
        let payment = any(PAYMENTS.map(str::to_owned).to_vec());
        let all = (accounts, except, span, ip, network, model, payment);
        proptest!(|((accounts, except, span, ip, network, model, payment) in all)| {
            let kinds =
                [AttributeKind::Ip, AttributeKind::Ip24, AttributeKind::Model, AttributeKind::PaymentFingerprint];
            let demanded = kinds.into_iter().zip([ip, network, model, payment]);
            let set = |ids: BTreeSet<String>| AccountSet {
                label: None,
                lead: None,
                ids: ids.into_iter().map(AccountId).collect(),
            };
            let scope = Scope {
                accounts: accounts.map(set),
                except: except.map(set),
                span: span.map(|(start, end)| TimeSpan { start, end }),
                topics: None,
                attributes: demanded.filter_map(|(kind, values)| Some((kind, values?))).collect(),
                ..Scope::default()
            };
            let selection = select(&cache, &scope, &Silent).unwrap();
            let expected = naive(&rows, &scope);
            prop_assert_eq!(selection.rows().collect::<Vec<_>>(), &expected[..]);
            prop_assert_eq!(selection.exchanges, expected.len() as u64);
            let mut accounts: Vec<_> = expected.iter().map(|&row| cache.hot().account_of(row)).collect();
            accounts.dedup();
            prop_assert_eq!(&selection.accounts, &accounts);
            for run in &selection.runs {
                prop_assert_eq!(cache.hot().account_of(run.start), cache.hot().account_of(run.end - 1));
            }
            for pair in selection.runs.windows(2) {
                let same = cache.hot().account_of(pair[0].start) == cache.hot().account_of(pair[1].start);
                prop_assert!(pair[0].end < pair[1].start || !same);
            }
        });
    }

    #[test]
    fn a_topic_that_changed_its_meaning_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows())])]);
        let scope = Scope::default().with_topics(BTreeMap::from([(3, "python".to_owned())]));
        assert!(matches!(select(&cache, &scope, &Silent), Err(CacheError::TopicChanged { topic: 3, .. })));
    }
}
