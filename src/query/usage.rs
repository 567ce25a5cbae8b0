//! Exchanges and tokens of accounts within spans of time, by model.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::cache::segment::SegmentColumn;
use crate::cache::{AccountIndex, Cache, CacheError, RowId, ValueIndex};
use crate::model::{AttributeKind, Micros, Watcher};

/// Exchanges that are counted: those of an account from a time on, before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The account.
    pub account: AccountIndex,
    /// Earliest time; `None` for no bound.
    pub from: Option<Micros>,
    /// First time that no longer counts; `None` for no bound.
    pub to: Option<Micros>,
}

/// Exchanges and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Exchanges.
    pub exchanges: u64,
    /// Input tokens of the exchanges that have a count.
    pub input: u64,
    /// Output tokens of the exchanges that have a count.
    pub output: u64,
    /// Exchanges without a count of input tokens.
    pub without_input: u64,
    /// Exchanges without a count of output tokens.
    pub without_output: u64,
    /// Exchanges that lack at least one of the counts.
    pub incomplete: u64,
}

impl Usage {
    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.input += other.input;
        self.output += other.output;
        self.without_input += other.without_input;
        self.without_output += other.without_output;
        self.incomplete += other.incomplete;
    }

    fn count(&mut self, input: Option<u32>, output: Option<u32>) {
        self.exchanges += 1;
        self.input += u64::from(input.unwrap_or(0));
        self.output += u64::from(output.unwrap_or(0));
        self.without_input += u64::from(input.is_none());
        self.without_output += u64::from(output.is_none());
        self.incomplete += u64::from(input.is_none() || output.is_none());
    }
}

/// Use by model; `None` for exchanges without a model.
pub type ByModel = BTreeMap<Option<ValueIndex>, Usage>;

/// Use of each stretch, in their order.
///
/// # Errors
/// The cache cannot be read, or the work was cancelled.
pub fn usage(
    cache: &Cache,
    stretches: &[Stretch],
    watcher: &dyn Watcher,
) -> Result<Vec<ByModel>, CacheError> {
    let mut pieces: Vec<(usize, usize, Range<RowId>)> = Vec::new();
    for (at, stretch) in stretches.iter().enumerate() {
        let Range { mut start, end } = rows(cache, stretch);
        while start < end {
            let segment = cache.segment_of(start);
            let cut = end.min(cache.segments()[segment].first_row + cache.segments()[segment].rows);
            pieces.push((segment, at, start..cut));
            start = cut;
        }
    }
    pieces.sort_unstable_by_key(|(segment, at, rows)| (*segment, *at, rows.start));
    let counted = pieces
        .par_chunk_by(|a, b| a.0 == b.0)
        .map(|pieces| {
            watcher.check()?;
            count(cache, pieces)
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let mut all = vec![ByModel::new(); stretches.len()];
    for (at, by_model) in counted.into_iter().flatten() {
        for (model, usage) in by_model {
            all[at].entry(model).or_default().add(usage);
        }
    }
    Ok(all)
}

/// First and last time of the exchanges of a stretch; `None` without any.
pub fn ends(cache: &Cache, stretch: &Stretch) -> Option<[Micros; 2]> {
    let rows = rows(cache, stretch);
    let times = cache.hot().ts.get(rows.start as usize..rows.end as usize)?;
    Some([*times.first()?, *times.last()?])
}

/// Rows of a stretch; an account's rows ascend in time.
fn rows(cache: &Cache, stretch: &Stretch) -> Range<RowId> {
    let hot = cache.hot();
    let all = hot.rows_of(stretch.account);
    let times = &hot.ts[all.clone()];
    let earlier = |time: Micros| times.partition_point(|&own| own < time);
    let start = stretch.from.map_or(0, earlier);
    let end = stretch.to.map_or(times.len(), earlier).max(start);
    (all.start + start) as RowId..(all.start + end) as RowId
}

/// Counts of pieces of one segment, by stretch.
fn count(
    cache: &Cache,
    pieces: &[(usize, usize, Range<RowId>)],
) -> Result<Vec<(usize, ByModel)>, CacheError> {
    const MODEL: SegmentColumn = SegmentColumn::Code(AttributeKind::Model);
    let segment = &cache.segments()[pieces[0].0];
    let columns = [SegmentColumn::InputTokens, SegmentColumn::OutputTokens, MODEL];
    let decoded = cache.read_segment_columns(segment, &columns)?;
    let first = cache.values_of_kind(AttributeKind::Model).start;
    let counted = pieces.iter().map(|(_, at, rows)| {
        let mut by_model = ByModel::new();
        for row in rows.clone() {
            let place = (row - segment.first_row) as usize;
            let [input, output, model] = columns.map(|column| decoded.u32_at(column, place));
            let model = model.map(|code| first as ValueIndex + code);
            by_model.entry(model).or_default().count(input, output);
        }
        (*at, by_model)
    });
    Ok(counted.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::Silent;

    #[test]
    fn exchanges_within_a_stretch_are_counted_by_model() {
        let folder = tempfile::tempdir().unwrap();
        let call = |account: &str, ts, model, tokens| Row { model, tokens, ..row(account, ts) };
        let rows = vec![
            call("a", 1, Some("large"), Some(10)),
            call("a", 2, Some("small"), Some(20)),
            call("a", 3, Some("large"), None),
            call("a", 4, None, Some(40)),
            call("b", 2, Some("large"), Some(1)),
        ];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let stretch = |from, to| Stretch { account: 0, from, to };
        let asked = [
            stretch(None, None),
            stretch(Some(2), Some(4)),
            stretch(Some(9), None),
            stretch(Some(4), Some(1)),
        ];
        let found = usage(&cache, &asked, &Silent).unwrap();
        let name = |model: Option<ValueIndex>| model.map(|at| cache.values()[at as usize].value.clone());
        let told = |by_model: &ByModel| -> Vec<(Option<String>, u64, u64, u64)> {
            let row = |(model, usage): (&Option<ValueIndex>, &Usage)| {
                (name(*model), usage.exchanges, usage.input, usage.without_input)
            };
            by_model.iter().map(row).collect()
        };
        assert_eq!(
            told(&found[0]),
            [(None, 1, 40, 0), (Some("large".into()), 2, 10, 1), (Some("small".into()), 1, 20, 0)]
        );
        assert_eq!(told(&found[1]), [(Some("large".into()), 1, 0, 1), (Some("small".into()), 1, 20, 0)]);
        assert!(found[2].is_empty() && found[3].is_empty());
        // The log has no output tokens.
        assert!(found[0].values().all(|usage| usage.without_output == usage.exchanges));
        assert_eq!(ends(&cache, &asked[1]), Some([2, 3]));
        assert_eq!(ends(&cache, &asked[2]), None);
    }
}
