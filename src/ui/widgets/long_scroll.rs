//! Scrolling over millions of rows.
//!
//! A list of 28 million rows is 600 million points high, where neighbouring `f32`s are 64 points
//! apart: rows would jump and overlap. So the position is a row and not a point, only the visible
//! rows are laid out, and the bar at the edge represents all rows.

use std::ops::Range;

use egui::{Rect, Role, Sense, WidgetInfo, pos2, vec2};

use crate::ui::words;

/// Width of the bar, in points.
pub const BAR: f32 = 10.0;
/// Minimum height of the grip, in points.
const GRIP: f32 = 24.0;

/// Scroll position: the first visible row.
#[derive(Clone, Copy, Debug, Default)]
pub struct LongScroll {
    top: usize,
    /// Wheel movement beyond whole rows, in rows.
    turned: f32,
    /// Position of the pointer in the grip, in points from its top.
    held: f32,
    /// Rows visible in the last frame.
    seen: usize,
}

impl LongScroll {
    /// Scrolls until a row is visible.
    pub fn reveal(&mut self, row: usize) {
        let seen = self.seen.max(2);
        if row < self.top {
            self.top = row - row % 2;
        } else if row >= self.top + seen {
            self.top = row + 1 - seen;
        }
    }

    /// Draws the bar at the right edge of `rect` and handles wheel and grip. Returns the visible rows of
    /// `total` rows of `row_height` points below a header of `above` points. `what` is the plural of the
    /// rows: “exchanges”.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        rect: Rect,
        above: f32,
        row_height: f32,
        total: usize,
        what: &str,
    ) -> Range<usize> {
        self.seen = ((rect.height() - above) / row_height).max(2.0) as usize;
        self.wheel(ui, rect, row_height);
        self.settle(total);
        let bar = Rect::from_min_max(pos2(rect.right() - BAR, rect.top() + above), rect.max);
        let response = ui.interact(bar, ui.scope_id().with(("long scroll", what)), Sense::click_and_drag());
        if let Some(pos) = response.interact_pointer_pos().filter(|_| total > self.seen) {
            let grip = self.grip(bar, total);
            if response.drag_started() || response.clicked() {
                self.held = if grip.contains(pos) { pos.y - grip.top() } else { grip.height() / 2.0 };
            }
            let way = f64::from((bar.height() - grip.height()).max(1.0));
            let share = f64::from(pos.y - self.held - bar.top()) / way;
            self.top = (share.clamp(0.0, 1.0) * (total - self.seen) as f64).round() as usize;
            self.settle(total);
        }
        let visible = self.top..total.min(self.top + self.seen);
        let hint = format!(
            "rows {} to {} of {} {what}",
            words::count(visible.start as u64 + 1),
            words::count(visible.end as u64),
            words::count(total as u64)
        );
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, &hint));
        if total > self.seen {
            let visuals = ui.style().interact(&response);
            ui.painter().rect_filled(bar, 3.0, ui.visuals().extreme_bg_color);
            let grip = self.grip(bar, total).shrink2(vec2(2.0, 0.0));
            ui.painter().rect_filled(grip, 3.0, visuals.fg_stroke.color.gamma_multiply(0.6));
            response.on_hover_text_at_pointer(hint);
        }
        visible
    }

    fn wheel(&mut self, ui: &egui::Ui, rect: Rect, row_height: f32) {
        if ui.rect_contains_pointer(rect) {
            self.turned -=
                ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y)) / row_height;
            let rows = (self.turned / 2.0).trunc() * 2.0;
            self.turned -= rows;
            self.top = self.top.saturating_add_signed(rows as isize);
        }
    }

    /// Clamps the position, on even rows up to the end, so that stripes do not flicker.
    fn settle(&mut self, total: usize) {
        let last = total.saturating_sub(self.seen);
        self.top = self.top.next_multiple_of(2).min(last);
    }

    fn grip(&self, bar: Rect, total: usize) -> Rect {
        let share = self.seen as f32 / total.max(1) as f32;
        let height = (bar.height() * share).max(GRIP.min(bar.height()));
        let down = self.top as f64 / total.saturating_sub(self.seen).max(1) as f64;
        let top = bar.top() + (bar.height() - height) * down.min(1.0) as f32;
        Rect::from_min_size(pos2(bar.left(), top), vec2(bar.width(), height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revealed_row_is_seen_and_the_end_can_be_reached() {
        let mut scroll = LongScroll { seen: 21, ..LongScroll::default() };
        for row in [0, 20, 21, 28_799_999, 14_000_000, 3, 0] {
            scroll.reveal(row);
            scroll.settle(28_800_000);
            assert!((scroll.top..scroll.top + scroll.seen).contains(&row), "{row}: {scroll:?}");
            assert!(scroll.top.is_multiple_of(2) || scroll.top + scroll.seen == 28_800_000);
        }
        scroll.reveal(9);
        scroll.settle(5);
        assert_eq!(scroll.top, 0, "a short list does not scroll");
    }

    #[test]
    fn the_grip_runs_from_end_to_end() {
        let bar = Rect::from_min_size(pos2(0.0, 10.0), vec2(BAR, 400.0));
        let mut scroll = LongScroll { seen: 20, ..LongScroll::default() };
        assert_eq!(scroll.grip(bar, 28_800_000).top(), bar.top());
        scroll.reveal(28_799_999);
        scroll.settle(28_800_000);
        let grip = scroll.grip(bar, 28_800_000);
        assert!((grip.bottom() - bar.bottom()).abs() < 0.01 && grip.height() == GRIP);
    }
}
