//! Text field and accessible names of the scope bar.

use egui::{Role, WidgetInfo};

/// Accessible name of a button whose text is a symbol.
pub fn name(response: &egui::Response, label: &str) {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
}

/// A text field with its name before it; true if Enter was pressed in it.
pub fn field(ui: &mut egui::Ui, label: &str, text: &mut String, hint: &str) -> bool {
    ui.horizontal(|ui| {
        let label = ui.label(label);
        let field = egui::TextEdit::singleline(text).hint_text(hint).desired_width(240.0);
        let field = ui.add(field).labelled_by(label.id);
        field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
    })
    .inner
}
