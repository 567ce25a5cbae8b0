//! Fields that say how files are opened: the list of the rows in JSON documents, encoding, delimiter of CSV.

use egui::{TextEdit, Ui};

use super::sheet::Sheet;
use crate::snapshot::Mapping;

/// A field: its label, its hint, its width in points, and its place in the mapping.
type Field = (&'static str, &'static str, f32, fn(&mut Mapping) -> &mut Option<String>);

const FIELDS: [Field; 3] = [
    ("List of the rows in JSON documents", "data.result", 130.0, |mapping| &mut mapping.rows_at),
    ("Encoding", "UTF-8, windows-1252", 130.0, |mapping| &mut mapping.encoding),
    ("Delimiter of CSV", ", ~ \\x01", 70.0, |mapping| &mut mapping.delimiter),
];

/// Draws the fields. A change opens the files again.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    ui.horizontal_wrapped(|ui| {
        for (name, hint, width, place) in FIELDS {
            let mut text = place(&mut sheet.edit.mapping().clone()).clone().unwrap_or_default();
            let label = ui.label(name);
            let field = TextEdit::singleline(&mut text).id_salt(name).hint_text(hint).desired_width(width);
            if ui.add(field).labelled_by(label.id).changed() {
                let stated = Some(text).filter(|text| !text.is_empty());
                sheet.edit.change(|mapping| *place(mapping) = stated);
            }
        }
    });
}
