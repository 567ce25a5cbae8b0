//! Tab of the files: those found, those left out, those that cannot be opened; the case's folder.

use std::collections::BTreeSet;

use egui::{TextEdit, Ui};

use super::sheet::Looked;
use crate::model::visible;
use crate::snapshot::Sealing;
use crate::ui::{theme, words};

/// Target of the import.
pub struct Target {
    /// The case's folder, as typed.
    pub case_dir: String,
    /// True if the folder cannot be chosen: files are added to a case, or its copies are adopted.
    pub fixed: bool,
    /// Copy or reference; `None` for copies that are in the folder already.
    pub sealing: Option<Sealing>,
}

/// Draws the fields of the target; `takes_focus` gives the keyboard to the folder.
pub fn target(ui: &mut Ui, target: &mut Target, takes_focus: bool) {
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Case folder");
        let width = (ui.available_size_before_wrap().x - 20.0).clamp(120.0, 520.0);
        let field = TextEdit::singleline(&mut target.case_dir).id_salt("case folder").desired_width(width);
        let field = ui.add_enabled(!target.fixed, field).labelled_by(label.id);
        if takes_focus {
            field.request_focus();
        }
    });
    let Some(sealing) = &mut target.sealing else { return };
    ui.radio_value(sealing, Sealing::Copy, "Copy the files into the case")
        .on_hover_text("The case stays complete if the original files are moved or deleted.");
    ui.radio_value(sealing, Sealing::Reference, "Leave the files where they are")
        .on_hover_text("The case stores path, size and SHA-256. The files must not be moved or changed.");
}

/// Draws the lists of files. Returns the files to leave out from now on, if that was asked for.
pub fn lists(ui: &mut Ui, looked: &Looked, leave_out: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    let mut wanted = None;
    let unreadable = looked.files.unreadable();
    if !unreadable.is_empty() {
        let count =
            words::counted(unreadable.len() as u64, "file cannot be opened", "files cannot be opened");
        ui.colored_label(ui.visuals().error_fg_color, format!("{count}. Leave it out to import the others."));
        let mut leave = leave_out.clone();
        if unreadable.len() > 1 && ui.button("Leave out all of them").clicked() {
            leave.extend(unreadable.iter().map(|file| file.name.clone()));
        }
        for file in unreadable.iter().take(20) {
            ui.horizontal_wrapped(|ui| {
                if ui.small_button("Leave out").clicked() {
                    leave.insert(file.name.clone());
                }
                ui.label(visible(&file.reason));
            });
        }
        wanted = (leave != *leave_out).then_some(leave);
    }
    ui.strong(format!(
        "{}, {}",
        words::counted(looked.files.len() as u64, "file", "files"),
        words::counted(looked.files.rows(), "row", "rows")
    ));
    if !leave_out.is_empty() && ui.button("Take the files that were left out by hand again").clicked() {
        wanted = Some(BTreeSet::new());
    }
    let rows = looked.names.len() + looked.left_out.len();
    let area = egui::ScrollArea::vertical().id_salt("files").auto_shrink(false);
    area.show_rows(ui, theme::ROW, rows, |ui, visible_rows| {
        for at in visible_rows {
            if let Some(name) = looked.names.get(at) {
                ui.add(egui::Label::new(words::line(name, 160)).truncate());
            } else if let Some(left) = looked.left_out.get(at - looked.names.len()) {
                let text = format!("left out: {} ({})", words::line(&left.name, 120), left.reason);
                ui.add(egui::Label::new(egui::RichText::new(text).weak()).truncate());
            }
        }
    });
    wanted
}
