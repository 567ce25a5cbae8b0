//! Choice of rows in a table: one by click, several with Ctrl or Space, a run with Shift.

use std::collections::BTreeSet;

use super::keys::{Pressed, Step};

/// Modifier keys of a click or key press.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Shift: all rows from the anchor on.
    pub run: bool,
    /// Ctrl: adds or removes this row.
    pub toggle: bool,
}

impl How {
    /// The modifiers that are held down.
    pub fn held(ui: &egui::Ui) -> Self {
        ui.input(|input| Self { run: input.modifiers.shift, toggle: input.modifiers.command })
    }
}

/// The chosen rows by key; anchor and cursor by position in the table, which a new order invalidates.
#[derive(Clone, Debug)]
pub struct Choice<K> {
    keys: BTreeSet<K>,
    anchor: Option<usize>,
    cursor: Option<usize>,
    /// True from the first Space on: moves keep the chosen rows, and Space adds or removes one.
    gathers: bool,
}

impl<K> Default for Choice<K> {
    fn default() -> Self {
        Self { keys: BTreeSet::new(), anchor: None, cursor: None, gathers: false }
    }
}

impl<K: Copy + Ord> Choice<K> {
    /// Chooses the row at position `at` of `rows`; `key` gives the key of a position.
    pub fn point(&mut self, rows: usize, at: usize, how: How, key: impl Fn(usize) -> Option<K>) {
        let Some(here) = key(at).filter(|_| at < rows) else { return };
        match (how, self.anchor) {
            (How { run: true, toggle }, Some(anchor)) => {
                if !toggle {
                    self.keys.clear();
                }
                let run = anchor.min(at)..=anchor.max(at).min(rows - 1);
                self.keys.extend(run.filter_map(key));
            }
            (How { toggle: true, .. }, _) => {
                if !self.keys.remove(&here) {
                    self.keys.insert(here);
                }
                self.anchor = Some(at);
            }
            _ => {
                self.keys = BTreeSet::from([here]);
                self.anchor = Some(at);
                self.gathers = false;
            }
        }
        self.cursor = Some(at);
    }

    /// Space on a row: keeps the only chosen row and begins to gather others, else adds or removes the row.
    fn toggle(&mut self, rows: usize, at: usize, key: impl Fn(usize) -> Option<K>) {
        let is_first =
            !self.gathers && self.keys.len() == 1 && key(at).is_some_and(|here| self.contains(here));
        if !is_first {
            self.point(rows, at, How { run: false, toggle: true }, key);
        }
        self.gathers = true;
    }

    /// Handles a key: moves, toggles or chooses all. Returns the position to which the cursor moved. Without a
    /// cursor, moves begin at `selected`, the position of the row selected elsewhere.
    pub fn press(
        &mut self,
        rows: usize,
        pressed: Pressed,
        selected: Option<usize>,
        key: impl Fn(usize) -> Option<K>,
    ) -> Option<usize> {
        let cursor = self.cursor.or(selected);
        match pressed {
            Pressed::Move { step: Step::Enter, .. } | Pressed::Letter(_) => return None,
            Pressed::Move { step, run } => {
                let to = step.from(cursor, rows)?;
                if run && self.anchor.is_none() {
                    self.anchor = cursor;
                }
                if self.gathers && !run {
                    (self.anchor, self.cursor) = (Some(to), Some(to));
                } else {
                    self.point(rows, to, How { run, toggle: self.gathers }, key);
                }
            }
            Pressed::Toggle => self.toggle(rows, cursor?, key),
            Pressed::All => self.keys = (0..rows).filter_map(key).collect(),
        }
        self.cursor
    }

    /// Clears positions after a new order of the rows; the chosen keys stay.
    pub fn reordered(&mut self) {
        (self.anchor, self.cursor) = (None, None);
    }

    /// True if the cursor has a position in the present order.
    pub fn has_cursor(&self) -> bool {
        self.cursor.is_some()
    }

    /// Clears the choice.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The chosen keys, ascending.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = K> + '_ {
        self.keys.iter().copied()
    }

    /// Number of chosen rows.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// True if a row is chosen.
    pub fn contains(&self, key: K) -> bool {
        self.keys.contains(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [u32; 5] = [30, 10, 20, 50, 40];

    fn key(at: usize) -> Option<u32> {
        ROWS.get(at).copied()
    }

    fn chosen(choice: &Choice<u32>) -> Vec<u32> {
        choice.keys().collect()
    }

    #[test]
    fn click_ctrl_and_shift_choose_as_everywhere() {
        let mut choice = Choice::default();
        choice.point(5, 1, How::default(), key);
        choice.point(5, 3, How { run: true, toggle: false }, key);
        assert_eq!(chosen(&choice), [10, 20, 50]);
        choice.point(5, 2, How { run: false, toggle: true }, key);
        assert_eq!(chosen(&choice), [10, 50]);
        choice.point(5, 4, How::default(), key);
        choice.point(5, 9, How::default(), key);
        assert_eq!(chosen(&choice), [40]);
    }

    #[test]
    fn keys_move_from_the_selected_row_and_shift_takes_the_run() {
        let mut choice = Choice::default();
        let down = |run| Pressed::Move { step: Step::By(1), run };
        assert_eq!(choice.press(5, down(false), Some(1), key), Some(2));
        assert_eq!(choice.press(5, down(true), Some(1), key), Some(3));
        assert_eq!(chosen(&choice), [20, 50]);
        choice.press(5, Pressed::Toggle, None, key);
        assert_eq!(chosen(&choice), [20]);
        choice.press(5, Pressed::All, None, key);
        assert_eq!(choice.count(), 5);
    }

    #[test]
    fn space_gathers_rows_that_are_not_neighbours() {
        let mut choice = Choice::default();
        let press = |choice: &mut Choice<u32>, pressed| choice.press(5, pressed, None, key);
        let down = Pressed::Move { step: Step::By(1), run: false };
        press(&mut choice, down);
        for _ in 0..2 {
            press(&mut choice, Pressed::Toggle);
            press(&mut choice, down);
            press(&mut choice, down);
        }
        assert_eq!(press(&mut choice, Pressed::Toggle), Some(4));
        assert_eq!(chosen(&choice), [20, 30, 40]);
        press(&mut choice, Pressed::Toggle);
        assert_eq!(chosen(&choice), [20, 30], "a second time removes it");
        // Shift adds the run; a click begins anew.
        press(&mut choice, Pressed::Move { step: Step::By(-1), run: true });
        assert_eq!(chosen(&choice), [20, 30, 40, 50]);
        choice.point(5, 1, How::default(), key);
        press(&mut choice, down);
        assert_eq!(chosen(&choice), [20]);
    }
}
