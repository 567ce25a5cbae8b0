//! Overlays of the window: the command palette and the list of shortcuts.

use egui::{Id, Key, Modal, Modifiers, vec2};

use super::palette::palette;
use super::view::ViewContext;
use super::widgets::front;
use super::{acts, keyboard, shortcuts};

/// Overlay that is open.
#[derive(Default)]
pub enum Overlay {
    /// None.
    #[default]
    Closed,
    /// The palette.
    Palette {
        /// Typed text.
        typed: String,
        /// Selected row.
        chosen: usize,
    },
    /// The list of shortcuts.
    Shortcuts,
}

impl Overlay {
    /// Opens or closes the palette. It begins with what was typed since its key in the same frame.
    pub fn toggle_palette(&mut self, ctx: &egui::Context) {
        let typed = if ctx.text_edit_focused() { String::new() } else { keyboard::typed(ctx) };
        *self = match self {
            Self::Palette { .. } => Self::Closed,
            _ => Self::Palette { typed, chosen: 0 },
        };
    }

    /// Opens or closes the list of shortcuts.
    pub fn toggle_shortcuts(&mut self) {
        *self = if matches!(self, Self::Shortcuts) { Self::Closed } else { Self::Shortcuts };
    }

    /// Draws what is open; the palette needs an open case.
    pub fn ui(&mut self, ctx: &egui::Context, cx: Option<&ViewContext<'_>>) {
        let close = match (&mut *self, cx) {
            (Self::Palette { typed, chosen }, Some(cx)) => palette(ctx, cx, typed, chosen),
            (Self::Shortcuts, cx) => list(ctx, cx.is_some()),
            _ => false,
        };
        if close {
            *self = Self::Closed;
        }
    }
}

/// Keys of views, tables and forms, with their effects.
const KEYS_OF_VIEWS: &[(&str, &str)] = &[
    ("Arrows, Page Up, Page Down, Home, End", "Move in the active table or chart"),
    ("Tab, arrows", "Next control; outside tables, the next one in that direction"),
    ("Shift+arrows, Ctrl+click, Space", "Choose several rows; after a Space, moves keep them"),
    ("Enter", "Set the scope to the selected row"),
    ("M", "Exchanges: mark the chosen ones with the tag chosen last"),
    ("X", "Exchanges: hold one, then compare it with another"),
    ("N", "Next unread exchange of the reading queue"),
    ("L, R, Enter, Space", "Topic map: lasso, rectangle, topics in sight, play"),
    ("I", "Links: pin the selected node"),
    ("P, right-click", "Pivot: accounts behind a row, bar, point or time"),
    ("Plus, minus, 0", "Zoom in the map, the links and the time brush"),
    ("N, U", "Leads: next lead whose status is new; undo the last decision"),
    ("N, O, M, C", "Filter chip: negate, switch off, move or copy to the other row"),
    ("Esc", "Close the dialog"),
];

/// Space between the columns and the lines of the list, in points.
const SPACING: egui::Vec2 = vec2(18.0, 4.0);
/// Width of the scroll bar, in points.
const BAR: i8 = 12;
/// Width in points below which a shortcut and its effect stand one under the other.
const NARROW: f32 = 640.0;

/// Points by which keys scroll the list down; its height is a page.
fn scrolled(ui: &egui::Ui, height: f32) -> f32 {
    const STEP: f32 = 60.0;
    const ALL: f32 = 1e5;
    let steps = [
        (Key::ArrowDown, STEP),
        (Key::ArrowUp, -STEP),
        (Key::PageDown, 0.9 * height),
        (Key::PageUp, -0.9 * height),
        (Key::Home, -ALL),
        (Key::End, ALL),
    ];
    let pressed = |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key)) as f32;
    let by = steps.into_iter().map(|(key, step)| step * pressed(key)).sum();
    // Arrows scroll, and do not go to the button.
    if by != 0.0 {
        ui.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
    }
    by
}

/// Draws the list of shortcuts, without a case of those that work there; true if it should close.
fn list(ctx: &egui::Context, has_case: bool) -> bool {
    let modal = Modal::new(Id::unique("shortcuts")).show(ctx, |ui| {
        ui.heading("Shortcuts");
        // At 200 % the list is taller than the window.
        let room = ctx.content_rect().size() - vec2(60.0, 110.0);
        let narrow = room.x < NARROW;
        ui.set_max_width(room.x.max(120.0));
        let height = room.y.max(80.0);
        let by = front::is_in_front(ui).then(|| scrolled(ui, height));
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            ui.scroll_with_delta(vec2(0.0, -by.unwrap_or(0.0)));
            // Beside the scroll bar, not under it.
            let margin = egui::Margin { right: BAR, ..egui::Margin::ZERO };
            let width = (room.x - f32::from(BAR)).max(100.0);
            egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                let columns = if narrow { 1 } else { 2 };
                let grid = egui::Grid::new("shortcuts").num_columns(columns).striped(true).spacing(SPACING);
                grid.show(ui, |ui| lines(ui, has_case, narrow.then_some(width)));
            });
        });
        ui.button("Close").clicked()
    });
    modal.inner || modal.should_close()
}

/// Draws the lines of the list; where `wrapped` has a width, a shortcut and its effect stand one under the other in it.
fn lines(ui: &mut egui::Ui, has_case: bool, wrapped: Option<f32>) {
    let ctx = ui.ctx().clone();
    let mut line = |keys: String, does: &str| {
        match wrapped {
            Some(width) => drop(ui.vertical(|ui| {
                ui.set_max_width(width);
                ui.add(egui::Label::new(egui::RichText::new(keys).monospace()).wrap());
                ui.add(egui::Label::new(does).wrap());
            })),
            None => {
                ui.monospace(keys);
                ui.label(does);
            }
        }
        ui.end_row();
    };
    for shortcut in shortcuts::ALL.iter().filter(|one| has_case || !one.needs_case) {
        line(shortcuts::in_words(&ctx, &shortcut.keys), shortcut.does);
    }
    if !has_case {
        return;
    }
    for (keys, view) in shortcuts::of_views() {
        line(shortcuts::in_words(&ctx, &keys), view.title);
    }
    for (key, does) in acts::keys() {
        line(format!("Selection: {}", key.name()), does);
    }
    for (keys, does) in KEYS_OF_VIEWS {
        line((*keys).to_owned(), does);
    }
}
