//! Cells of tables: text at the left, figures at the right, both in the middle of the row.

use egui::{Align, Button, Layout, Response, Ui, WidgetText};

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
