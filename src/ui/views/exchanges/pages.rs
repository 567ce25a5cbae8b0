//! The listed rows, read in windows around the visible rows.

use std::ops::Range;
use std::sync::Arc;

use crate::cache::CacheError;
use crate::jobs::{Slot, SlotState};
use crate::model::Cancelled;
use crate::query::Selection;
use crate::query::exchanges::{ExchangeRow, rows};
use crate::query::listing::{ExchangeOrder, Listing};
use crate::ui::view::ViewContext;
use crate::ui::widgets::picture;

/// Rows fetched at once.
const WINDOW: usize = 512;
/// Number of exchanges above which sorting is listed as a job that can be cancelled.
const LONG: u64 = 2_000_000;

/// The order of the rows, and the rows of one window.
#[derive(Default)]
pub struct Pages {
    order: Slot<ListingOf, Listed>,
    window: Slot<(ListingOf, usize), Window>,
}

/// Exchanges that are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Those of the scope.
    #[default]
    A,
    /// Those of the second scope.
    B,
}

impl Side {
    /// Exchanges of the side with their version; `None` while they are being worked out.
    pub fn selection<'a>(self, cx: &ViewContext<'a>) -> Option<(&'a Arc<Selection>, u64)> {
        match self {
            Self::A => cx.selection.map(|selection| (selection, cx.scope_version)),
            Self::B => cx.against_selection.map(|selection| (selection, cx.against_version)),
        }
    }

    /// The scope of the side in words.
    pub fn describe(self, cx: &ViewContext<'_>) -> String {
        match (self, cx.against) {
            (Self::B, Some(against)) => {
                let not = if against.negated { "everything but " } else { "" };
                format!("{not}{}", against.scope.describe(cx.zone))
            }
            _ => cx.scope.describe(cx.zone),
        }
    }
}

/// Side, version of its exchanges and order of a listing.
type ListingOf = (Side, u64, ExchangeOrder);

/// All rows of a scope in an order.
struct Listed {
    of: ListingOf,
    rows: Arc<Listing>,
}

/// Window of rows that were read.
struct Window {
    of: ListingOf,
    start: usize,
    rows: Vec<ExchangeRow>,
}

impl Pages {
    /// Requests the rows of a side in an order.
    pub fn ask_order(&mut self, cx: &ViewContext<'_>, side: Side, wanted: ExchangeOrder) {
        if let Some((selection, version)) = side.selection(cx) {
            let (cache, selection) = (Arc::clone(cx.cache), Arc::clone(selection));
            let of = (side, version, wanted);
            let long = wanted == ExchangeOrder::Time && selection.exchanges > LONG;
            self.order.ask::<Cancelled>(
                cx.jobs,
                long.then_some("Sorting exchanges by time"),
                of,
                move |ticket| {
                    let listing = Listing::new(&cache, &selection, wanted, ticket)?;
                    Ok(Listed { of, rows: Arc::new(listing) })
                },
            );
        }
        self.order.poll();
        self.window.poll();
    }

    /// Requests the window around the visible rows. While one is being read, scrolling requests no other,
    /// because a long scroll would then never display rows.
    pub fn ask_window(&mut self, cx: &ViewContext<'_>, visible: Range<usize>) {
        let Some(listed) = self.order.answer() else { return };
        let held = self.window.answer().filter(|window| window.of == listed.of);
        let have = held.map_or(0..0, |window| window.start..window.start + window.rows.len());
        let end = visible.end.min(listed.rows.len());
        if (have.start <= visible.start && end <= have.end) || self.window.state() == SlotState::Pending {
            return;
        }
        let range = around(visible, listed.rows.len());
        let (cache, all, of) = (Arc::clone(cx.cache), Arc::clone(&listed.rows), listed.of);
        self.window.ask::<CacheError>(cx.jobs, None, (of, range.start), move |_| {
            let start = range.start;
            Ok(Window { of, start, rows: rows(&cache, &all.rows(range))? })
        });
    }

    /// All rows, once they are sorted.
    pub fn order(&self) -> Option<Arc<Listing>> {
        self.order.answer().map(|listed| Arc::clone(&listed.rows))
    }

    /// The row at a position, where it has been read.
    pub fn at(&self, position: usize) -> Option<&ExchangeRow> {
        let listed = self.order.answer()?;
        let window = self.window.answer().filter(|window| window.of == listed.of)?;
        window.rows.get(position.checked_sub(window.start)?)
    }

    /// True while newer rows are being read.
    pub fn is_pending(&self, cx: &ViewContext<'_>) -> bool {
        picture::is_pending(&self.order, cx) || self.window.state() == SlotState::Pending
    }

    /// Error of the last attempt.
    pub fn failure(&self) -> Option<&str> {
        self.order.failure().or_else(|| self.window.failure())
    }
}

/// Window of [`WINDOW`] rows around the visible ones, inside `0..total`. Larger if more rows are visible.
fn around(visible: Range<usize>, total: usize) -> Range<usize> {
    let end = visible.end.min(total);
    let start = visible.start.min(end);
    let spare = WINDOW.saturating_sub(end - start);
    let start = start.saturating_sub(spare / 2);
    start..(start + WINDOW).max(end).min(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_what_is_visible_and_stays_inside() {
        for (visible, total) in [
            (0..30, 10),
            (0..30, 100_000),
            (50_000..50_030, 100_000),
            (99_990..100_050, 100_000),
            (10..900, 1_000),
            (500..600, 100),
        ] {
            let got = around(visible.clone(), total);
            assert!(got.end <= total && got.start <= got.end, "{visible:?} of {total}: {got:?}");
            assert!(
                got.start <= visible.start && got.end >= visible.end.min(total),
                "{visible:?} of {total}: {got:?}"
            );
        }
        assert_eq!(around(1_000..1_012, 100_000), 750..1_262);
    }
}
