//! From a scope to the rows it means.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use super::segment::{SegmentColumn, SegmentColumns};
use super::{AccountIndex, Cache, CacheError, NO_TOPIC, RowId, load};
use crate::model::{AttributeKind, Scope, TimeSpan, Watcher};

/// The exchanges of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Consecutive rows, ascending, not touching across accounts: no run has rows of two accounts.
    pub runs: Vec<Range<RowId>>,
    /// The accounts with at least one row, ascending.
    pub accounts: Vec<AccountIndex>,
    /// Rows in all.
    pub exchanges: u64,
}

impl Selection {
    /// Every row number, ascending.
    pub fn rows(&self) -> impl Iterator<Item = RowId> + '_ {
        self.runs.iter().flat_map(Clone::clone)
    }

    /// Appends a run that begins at or after the end of the last.
    fn push(&mut self, account: AccountIndex, run: Range<RowId>) {
        self.exchanges += run.len() as u64;
        if self.accounts.last() != Some(&account) {
            self.accounts.push(account);
        } else if let Some(last) = self.runs.last_mut().filter(|last| last.end == run.start) {
            last.end = run.end;
            return;
        }
        self.runs.push(run);
    }
}

/// What a row must have.
struct Demands {
    /// By topic; `None` where any topic will do.
    topics: Option<Vec<bool>>,
    /// Columns of codes, and by code whether it is wanted.
    codes: Vec<(SegmentColumn, Vec<bool>)>,
}

/// Rows of one account in one segment.
struct Piece {
    account: AccountIndex,
    rows: Range<RowId>,
    /// Whether its codes are to be looked at; otherwise all its exchanges carry what is wanted.
    look: bool,
}

impl Cache {
    /// The rows that a scope means. Accounts and values that the cache does not know select nothing.
    ///
    /// # Errors
    /// Cancelled, or the cache cannot be read, or a topic no longer means what it meant when the
    /// scope was made.
    pub fn select(&self, scope: &Scope, watcher: &dyn Watcher) -> Result<Selection, CacheError> {
        let topics = scope.topics.as_ref().map(|topics| self.wanted_topics(topics)).transpose()?;
        let mut accounts: Vec<(AccountIndex, bool)> = match &scope.accounts {
            None => (0..self.accounts.len() as u32).map(|account| (account, false)).collect(),
            Some(set) => {
                set.ids.iter().filter_map(|id| self.account_index(id)).map(|account| (account, false)).collect()
            }
        };
        let mut demands = Demands { topics, codes: Vec::new() };
        for (kind, values) in &scope.attributes {
            watcher.check()?;
            if self.keep_accounts(*kind, values, &mut accounts) {
                demands.codes.push(self.wanted_codes(*kind, values));
            }
        }
        let pieces = self.pieces(&accounts, scope.span.as_ref());
        let found = pieces
            .par_chunk_by(|a, b| self.segment_of(a.rows.start) == self.segment_of(b.rows.start))
            .map(|pieces| {
                watcher.check()?;
                self.filter(pieces, &demands)
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        let mut selection = Selection::default();
        for (account, run) in found.into_iter().flatten() {
            selection.push(account, run);
        }
        Ok(selection)
    }

    fn wanted_topics(&self, topics: &BTreeMap<u16, String>) -> Result<Vec<bool>, CacheError> {
        let mut wanted = vec![false; self.topics.len()];
        for (&topic, was) in topics {
            let now = self.topics.get(usize::from(topic)).map(|now| &now.label);
            if now != Some(was) {
                let is = now.map_or_else(|| "gone".to_owned(), |label| format!("“{label}”"));
                return Err(CacheError::TopicChanged { topic, was: was.clone(), is });
            }
            wanted[usize::from(topic)] = true;
        }
        Ok(wanted)
    }

    /// Keeps the accounts that have one of the values. Notes those of which only some exchanges
    /// carry one, where exchanges have values of their own, and says whether there are such.
    fn keep_accounts(
        &self,
        kind: AttributeKind,
        values: &BTreeSet<String>,
        accounts: &mut Vec<(AccountIndex, bool)>,
    ) -> bool {
        let mut carried = vec![0_u32; self.accounts.len()];
        for value in values.iter().filter_map(|value| self.value_index(kind, value)) {
            for &account in self.accounts_with(value) {
                let held = self.values_of(account);
                if let Ok(at) = held.binary_search_by_key(&value, |(value, _)| *value) {
                    carried[account as usize] += held[at].1;
                }
            }
        }
        accounts.retain(|(account, _)| carried[*account as usize] > 0);
        let mut any = false;
        if kind.is_per_exchange() {
            for (account, look) in accounts {
                let some = carried[*account as usize] < self.accounts[*account as usize].exchanges;
                *look |= some;
                any |= some;
            }
        }
        any
    }

    fn wanted_codes(&self, kind: AttributeKind, values: &BTreeSet<String>) -> (SegmentColumn, Vec<bool>) {
        if kind == AttributeKind::Ip24 {
            let addresses = &self.values[self.values_of_kind(AttributeKind::Ip)];
            let inside = |address: &str| load::network(address).is_some_and(|network| values.contains(&network));
            let wanted = addresses.par_iter().map(|address| inside(&address.value)).collect();
            return (SegmentColumn::Code(AttributeKind::Ip), wanted);
        }
        let known = &self.values[self.values_of_kind(kind)];
        (SegmentColumn::Code(kind), known.iter().map(|known| values.contains(&known.value)).collect())
    }

    /// The rows of the accounts inside the span, cut where segments begin.
    fn pieces(&self, accounts: &[(AccountIndex, bool)], span: Option<&TimeSpan>) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(accounts.len() + self.segments.len());
        for &(account, look) in accounts {
            let all = self.hot.rows_of(account);
            let ts = &self.hot.ts[all.clone()];
            let (start, end) = span.map_or((0, ts.len()), |span| {
                (ts.partition_point(|&t| t < span.start), ts.partition_point(|&t| t < span.end))
            });
            let end = (all.start + end) as RowId;
            let mut start = (all.start + start) as RowId;
            while start < end {
                let segment = self.segments[self.segment_of(start)];
                let cut = end.min(segment.first_row + segment.rows);
                pieces.push(Piece { account, rows: start..cut, look });
                start = cut;
            }
        }
        pieces
    }

    /// The runs of pieces of one segment that meet the demands.
    fn filter(
        &self,
        pieces: &[Piece],
        demands: &Demands,
    ) -> Result<Vec<(AccountIndex, Range<RowId>)>, CacheError> {
        let segment = &self.segments[self.segment_of(pieces[0].rows.start)];
        let columns: Vec<SegmentColumn> = demands.codes.iter().map(|(column, _)| *column).collect();
        let decoded = match pieces.iter().any(|piece| piece.look) && !columns.is_empty() {
            true => Some(self.read_segment_columns(segment, &columns)?),
            false => None,
        };
        let mut found = Vec::new();
        for piece in pieces {
            let decoded = decoded.as_ref().filter(|_| piece.look);
            if decoded.is_none() && demands.topics.is_none() {
                found.push((piece.account, piece.rows.clone()));
                continue;
            }
            let keep = self.keep(piece, demands, decoded, segment.first_row);
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

    /// Which rows of a piece meet the demands.
    fn keep(
        &self,
        piece: &Piece,
        demands: &Demands,
        decoded: Option<&SegmentColumns>,
        first_row: RowId,
    ) -> Vec<bool> {
        let mut keep = vec![true; piece.rows.len()];
        if let Some(wanted) = &demands.topics {
            for (keep, row) in keep.iter_mut().zip(piece.rows.clone()) {
                let topic = self.hot.topic.get(row as usize).copied().unwrap_or(NO_TOPIC);
                *keep = wanted.get(usize::from(topic)).copied().unwrap_or(false);
            }
        }
        let Some(decoded) = decoded else { return keep };
        for (column, wanted) in &demands.codes {
            let offset = (piece.rows.start - first_row) as usize;
            for (at, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                let code = decoded.u32_at(*column, offset + at);
                *keep = code.is_some_and(|code| wanted.get(code as usize).copied().unwrap_or(false));
            }
        }
        keep
    }
}
