//! Fields of the forms: a label and a line of text, or a text of several lines.

use egui::{ComboBox, Role, TextEdit, Ui, WidgetInfo};

use crate::model::Micros;
use crate::model::moment;
use crate::ui::view::ViewContext;
use crate::ui::widgets::option::option;

/// Width of a line of text, in points.
const WIDTH: f32 = 320.0;

/// Line of text with its label.
pub(super) fn line(ui: &mut Ui, label: &str, hint: &str, text: &mut String) {
    let label = ui.label(label);
    ui.add(TextEdit::singleline(text).hint_text(hint).desired_width(WIDTH)).labelled_by(label.id);
    ui.end_row();
}

/// Text of several lines with its label.
pub(super) fn text(ui: &mut Ui, label: &str, hint: &str, text: &mut String) {
    let label = ui.label(label);
    let field = TextEdit::multiline(text).hint_text(hint).desired_width(WIDTH).desired_rows(3);
    ui.add(field).labelled_by(label.id);
    ui.end_row();
}

/// Choice of one of several words.
pub(super) fn choice<T: Copy + PartialEq>(ui: &mut Ui, label: &str, all: &[(T, &str)], chosen: &mut T) {
    ui.label(label);
    let word = all.iter().find(|(one, _)| one == chosen).map_or("", |(_, word)| word);
    let combo = ComboBox::from_id_salt(("legal", label)).selected_text(word).show_ui(ui, |ui| {
        for (one, word) in all {
            option(ui, chosen, *one, *word);
        }
    });
    let name = format!("{label}: {word}");
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    ui.end_row();
}

/// Form of two columns.
pub(super) fn form(ui: &mut Ui, id: &str, fields: impl FnOnce(&mut Ui)) {
    egui::Grid::new(("legal form", id)).num_columns(2).show(ui, fields);
}

/// Button that is enabled once the form is complete; otherwise what is missing stands beside it.
pub(super) fn button(ui: &mut Ui, cx: &ViewContext<'_>, label: &str, missing: Option<&str>) -> bool {
    let ready = !cx.read_only && missing.is_none();
    let why = if cx.read_only { "The case is open read-only." } else { missing.unwrap_or_default() };
    let drawn = ui.horizontal_wrapped(|ui| {
        let is_clicked = ui.add_enabled(ready, egui::Button::new(label)).clicked();
        // In sight, as no keyboard reaches a tooltip.
        ui.weak(why);
        is_clicked
    });
    drawn.inner
}

/// Time typed in a field; `None` where it is none.
pub(super) fn time(text: &str, cx: &ViewContext<'_>) -> Option<Micros> {
    moment::read(text, cx.zone)
}
