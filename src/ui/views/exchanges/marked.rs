//! Selection of exchanges: one by click, several with Ctrl, a run with Shift.

use std::collections::BTreeSet;

use crate::cache::RowId;
use crate::query::listing::Listing;
use crate::ui::view::{Command, Selected, ViewContext};

/// Maximum number of chosen exchanges: marking copies the whole record of each.
pub const MAX_CHOSEN: usize = 1_000;

/// The chosen exchanges, by row; the cursor by position in the table.
#[derive(Default)]
pub struct Marked {
    rows: BTreeSet<RowId>,
    anchor: Option<usize>,
    cursor: Option<usize>,
    current: Option<RowId>,
    /// True from the first Space on: moves keep the chosen rows, and Space adds or removes one.
    gathers: bool,
    version: (u64, u64),
}

/// Modifier keys of a click or key press.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Shift: all rows from the anchor on.
    pub run: bool,
    /// Ctrl: adds or removes this row.
    pub toggle: bool,
}

impl Marked {
    /// Clears the selection when the scope changes: rows that are not listed must not be marked.
    pub fn follow(&mut self, cx: &ViewContext<'_>) {
        if self.version != cx.pair_version() {
            *self = Self { version: cx.pair_version(), ..Self::default() };
        }
    }

    /// Clears the selection: rows that are not listed must not be marked.
    pub fn clear(&mut self) {
        *self = Self { version: self.version, ..Self::default() };
    }

    /// Clears the positions after a new order, and keeps the chosen rows.
    pub fn reordered(&mut self) {
        (self.anchor, self.cursor) = (None, None);
    }

    /// Chooses the row at position `at` of the listed rows.
    pub fn point(&mut self, listed: &Listing, at: usize, how: How) {
        let Some(row) = listed.get(at) else { return };
        match (how, self.anchor) {
            (How { run: true, toggle }, Some(anchor)) => {
                if !toggle {
                    self.rows.clear();
                }
                let (from, to) = (anchor.min(at), anchor.max(at).min(listed.len() - 1));
                let room = MAX_CHOSEN.saturating_sub(self.rows.len());
                // Cut at the end that is far from the anchor.
                let positions = if at >= anchor {
                    from..(to + 1).min(from + room)
                } else {
                    from.max((to + 1).saturating_sub(room))..to + 1
                };
                self.rows.extend(listed.rows(positions));
            }
            (How { toggle: true, .. }, _) => {
                if !self.rows.remove(&row) && self.rows.len() < MAX_CHOSEN {
                    self.rows.insert(row);
                }
                self.anchor = Some(at);
            }
            _ => {
                self.rows = BTreeSet::from([row]);
                self.anchor = Some(at);
                self.gathers = false;
            }
        }
        self.cursor = Some(at);
        self.current = Some(row);
    }

    /// Moves the cursor by a number of rows, and the choice with it.
    pub fn step(&mut self, listed: &Listing, by: i64, how: How) {
        if listed.is_empty() {
            return;
        }
        let last = listed.len() as i64 - 1;
        let at = self.cursor.map_or(0, |cursor| (cursor as i64).saturating_add(by).clamp(0, last)) as usize;
        if self.gathers && how == How::default() {
            (self.anchor, self.cursor, self.current) = (Some(at), Some(at), listed.get(at));
        } else {
            self.point(listed, at, How { toggle: how.toggle || self.gathers, ..how });
        }
    }

    /// Space: keeps the only chosen row and begins to gather others, else adds or removes the row of the cursor.
    pub fn toggle(&mut self, listed: &Listing) {
        let only = self.rows.first().copied().filter(|_| self.rows.len() == 1 && !self.gathers);
        if only.is_none() || only != self.cursor.and_then(|at| listed.get(at)) {
            self.step(listed, 0, How { run: false, toggle: true });
        }
        self.gathers = true;
    }

    /// Selects the row of the last click, for the inspector.
    pub fn select_current(&self, cx: &ViewContext<'_>) {
        if let Some(row) = self.current {
            cx.send(Command::Select(Selected::Exchange(row)));
        }
    }

    /// The chosen rows, ascending.
    pub fn rows(&self) -> Vec<RowId> {
        self.rows.iter().copied().collect()
    }

    /// True if a row is chosen.
    pub fn contains(&self, row: RowId) -> bool {
        self.rows.contains(&row)
    }

    /// Position of the cursor in the table.
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// The row of the last click or key press.
    pub fn current(&self) -> Option<RowId> {
        self.current
    }

    /// True if no more rows can be chosen.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= MAX_CHOSEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: How = How { run: false, toggle: false };
    const RUN: How = How { run: true, toggle: false };
    const TOGGLE: How = How { run: false, toggle: true };

    #[test]
    fn click_ctrl_and_shift_choose_as_everywhere() {
        let listed = Listing::of(vec![30, 10, 20, 50, 40]);
        let mut marked = Marked::default();
        marked.point(&listed, 1, PLAIN);
        marked.point(&listed, 3, RUN);
        assert_eq!(marked.rows(), [10, 20, 50]);
        marked.point(&listed, 2, TOGGLE);
        assert_eq!(marked.rows(), [10, 50]);
        marked.point(&listed, 0, RUN);
        assert_eq!(marked.rows(), [10, 20, 30]);
        marked.point(&listed, 4, PLAIN);
        assert_eq!((marked.rows(), marked.current()), (vec![40], Some(40)));
        marked.point(&listed, 9, PLAIN);
        assert_eq!(marked.rows(), [40]);
    }

    #[test]
    fn a_long_run_is_cut_at_its_far_end() {
        let listed = Listing::of((0..3_000).collect());
        let mut marked = Marked::default();
        marked.point(&listed, 2_500, PLAIN);
        marked.point(&listed, 0, RUN);
        assert!(marked.is_full());
        assert_eq!(marked.rows().first(), Some(&1_501));
        marked.point(&listed, 5, TOGGLE);
        assert!(!marked.contains(5));
    }

    #[test]
    fn space_gathers_rows_that_are_not_neighbours() {
        let listed = Listing::of(vec![30, 10, 20, 50, 40]);
        let mut marked = Marked::default();
        marked.point(&listed, 0, PLAIN);
        marked.toggle(&listed);
        marked.step(&listed, 2, PLAIN);
        assert_eq!((marked.rows(), marked.current()), (vec![30], Some(20)));
        marked.toggle(&listed);
        assert_eq!(marked.rows(), [20, 30]);
        marked.step(&listed, 1, RUN);
        assert_eq!(marked.rows(), [20, 30, 50]);
        marked.point(&listed, 4, PLAIN);
        marked.step(&listed, -1, PLAIN);
        assert_eq!(marked.rows(), [50], "a click begins anew");
    }

    #[test]
    fn the_cursor_stays_inside() {
        let listed = Listing::of(vec![5, 6, 7]);
        let mut marked = Marked::default();
        marked.step(&listed, 1, PLAIN);
        assert_eq!(marked.cursor(), Some(0));
        marked.step(&listed, i64::MAX, PLAIN);
        assert_eq!(marked.current(), Some(7));
        marked.step(&listed, -1, RUN);
        assert_eq!(marked.rows(), [6, 7]);
        marked.step(&Listing::of(Vec::new()), 1, PLAIN);
    }
}
