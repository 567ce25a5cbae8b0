//! Arrow keys in a table: a clicked table has the keyboard until another widget takes it.

use egui::{EventFilter, Id, Key, Modifiers};

use crate::ui::keyboard;

/// Effect of a key in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A number of rows down, or up if negative.
    By(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Set the scope to the selected row.
    Enter,
}

impl Step {
    /// The step taken a number of times.
    fn times(self, times: usize) -> Self {
        match self {
            Self::By(by) => Self::By(by.saturating_mul(times as isize)),
            other => other,
        }
    }

    /// The target row of a move from row `at` of `rows`; `None` without rows or for a step that is not a move.
    pub fn from(self, at: Option<usize>, rows: usize) -> Option<usize> {
        let last = rows.checked_sub(1)?;
        match (self, at) {
            (Self::Enter, _) => None,
            (Self::Last, _) => Some(last),
            (Self::First, _) | (Self::By(_), None) => Some(0),
            (Self::By(by), Some(at)) => Some(at.saturating_add_signed(by).min(last)),
        }
    }
}

/// Number of rows that Page Up and Page Down move.
const PAGE: isize = 15;

/// Key pressed in a table that has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// A move; `run` with Shift, which also chooses the rows between.
    Move {
        /// The move.
        step: Step,
        /// True with Shift.
        run: bool,
    },
    /// Space: adds the row to the choice, or removes it.
    Toggle,
    /// Ctrl+A: every row.
    All,
    /// One of the table's own letters.
    Letter(Key),
}

/// Id of the widget that takes the keys of a table or a picture.
pub fn id(table: &str) -> Id {
    Id::unique(("table keys", table))
}

/// Gives the keyboard to a table or a picture.
pub fn focus(ctx: &egui::Context, table: &str) {
    keyboard::give(ctx, id(table));
}

/// The key pressed while the table has the keyboard; `letters` are the table's own keys. Call once a frame,
/// where the table begins.
pub fn pressed(ui: &mut egui::Ui, table: &str, letters: &[Key]) -> Option<Pressed> {
    let id = id(table);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 0.0), egui::Sense::hover());
    let response = ui.interact(rect, id, egui::Sense::focusable_noninteractive());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Table, true, format!("Table of {table}: arrow keys move"))
    });
    // Under an open menu the table keeps the focus, but hears nothing.
    if !response.has_focus() || keyboard::is_taken(ui.ctx()) {
        return None;
    }
    let is_typed = keyboard::is_typed(ui.ctx());
    let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
    let line = egui::Stroke::new(1.0, ui.visuals().selection.stroke.color);
    ui.painter().hline(rect.x_range(), rect.bottom(), line);
    ui.input_mut(|input| {
        let run = input.modifiers.shift;
        // A slow frame may have several presses of one key.
        let mut times = |key| input.count_and_consume_key(Modifiers::NONE, key);
        let moved = MOVES.into_iter().map(|(key, step)| (step, times(key))).find(|(_, times)| *times > 0);
        if let Some((step, times)) = moved {
            return Some(Pressed::Move { step: step.times(times), run });
        }
        if input.consume_key(Modifiers::NONE, Key::Space) {
            return Some(Pressed::Toggle);
        }
        if input.consume_key(Modifiers::COMMAND, Key::A) {
            return Some(Pressed::All);
        }
        let letter = letters.iter().find(|key| input.consume_key(Modifiers::NONE, **key));
        letter.filter(|_| !is_typed).map(|key| Pressed::Letter(*key))
    })
}

/// Keeps the keyboard for a table whose rows are not there yet: the focus leaves what is not drawn.
pub fn hold(ui: &mut egui::Ui, table: &str) {
    let _ = pressed(ui, table, &[]);
}

/// Keys that move, with their moves.
const MOVES: [(Key, Step); 7] = [
    (Key::ArrowDown, Step::By(1)),
    (Key::ArrowUp, Step::By(-1)),
    (Key::PageDown, Step::By(PAGE)),
    (Key::PageUp, Step::By(-PAGE)),
    (Key::Home, Step::First),
    (Key::End, Step::Last),
    (Key::Enter, Step::Enter),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_inside() {
        assert_eq!(Step::By(1).from(None, 3), Some(0));
        assert_eq!(Step::By(15).from(Some(1), 3), Some(2));
        assert_eq!(Step::By(-1).from(Some(0), 3), Some(0));
        assert_eq!(Step::Last.from(None, 3), Some(2));
        assert_eq!(Step::By(1).from(None, 0), None);
        assert_eq!(Step::Enter.from(Some(1), 3), None);
        assert_eq!(Step::By(-1).times(3).from(Some(7), 9), Some(4), "three presses in one frame");
        assert_eq!(Step::First.times(2), Step::First);
    }
}
