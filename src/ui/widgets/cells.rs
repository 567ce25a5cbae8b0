//! Cells of tables: text at the left, figures at the right, both in the middle of the row.

use egui::{Align, Button, Layout, Response, Ui, WidgetText};

use crate::cache::Cache;
use crate::ui::words;

/// Layout of a cell.
pub fn middle() -> Layout {
    Layout::left_to_right(Align::Center)
}

/// Draws the title of a column as a button, over its figures or texts.
pub fn title(ui: &mut Ui, is_figure: bool, button: Button<'_>) -> Response {
    let layout = if is_figure { Layout::right_to_left(Align::Center) } else { middle() };
    ui.with_layout(layout, |ui| ui.add(button)).inner
}

/// Writes a figure, or the title of a column of figures.
pub fn figure(ui: &mut Ui, text: impl Into<WidgetText>) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text)).inner
}

/// Width of a column of account ids, in points: that of the longest of the first accounts, between `least` and 300.
pub fn id_width(cache: &Cache, least: f32) -> f32 {
    const FIRST: usize = 200;
    const WIDEST: f32 = 300.0;
    let lengths = cache.accounts().iter().take(FIRST).map(|account| account.id.as_str().chars().count());
    let longest = lengths.max().unwrap_or(0) as f32 * words::CHARACTER;
    longest.clamp(least, WIDEST)
}
