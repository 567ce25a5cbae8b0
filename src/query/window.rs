//! Part of a selection inside a span of time, for pictures that move through time.

use crate::cache::Hot;
use crate::model::TimeSpan;
use crate::query::Selection;

/// Span from the first to the last exchange of a selection; `None` without exchanges.
pub fn span_of(hot: &Hot, selection: &Selection) -> Option<TimeSpan> {
    // Rows of a run are of one account and ascend in time.
    let first = selection.runs.iter().filter_map(|run| hot.ts.get(run.start as usize)).min()?;
    let last =
        selection.runs.iter().filter_map(|run| hot.ts.get((run.end as usize).checked_sub(1)?)).max()?;
    Some(TimeSpan { start: *first, end: last.saturating_add(1) })
}

/// Exchanges of a selection inside a span.
pub fn within(hot: &Hot, selection: &Selection, span: TimeSpan) -> Selection {
    let mut part = Selection::default();
    for (account, runs) in selection.by_account(hot) {
        for run in runs {
            let times = &hot.ts[run.start as usize..run.end as usize];
            let at = |t| run.start + times.partition_point(|time| *time < t) as u32;
            let (start, end) = (at(span.start), at(span.end));
            if start < end {
                part.push(account, start..end);
            }
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_takes_its_own_exchanges_of_every_account() {
        let hot = Hot { offsets: vec![0, 4, 6], ts: vec![10, 20, 30, 40, 5, 25], ..Hot::default() };
        let all = Selection { runs: vec![0..2, 3..4, 4..6], accounts: vec![0, 1], exchanges: 5 };
        assert_eq!(span_of(&hot, &all), Some(TimeSpan { start: 5, end: 41 }));
        let part = within(&hot, &all, TimeSpan { start: 20, end: 40 });
        assert_eq!((part.runs, part.accounts, part.exchanges), (vec![1..2, 5..6], vec![0, 1], 2));
        assert_eq!(within(&hot, &all, TimeSpan { start: 50, end: 60 }), Selection::default());
        assert_eq!(span_of(&hot, &Selection::default()), None);
    }
}
