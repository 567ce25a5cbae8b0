//! Tab of the files' own columns: how files are opened, type, first values, and the canonical column that each one
//! fills.

use egui::{Align, Label, Layout, TextEdit, Ui, vec2};

use super::reading;
use super::sheet::Sheet;
use crate::snapshot::{Column, Mapping};
use crate::ui::widgets::follow_focus;
use crate::ui::widgets::pick::{self, Choices, Pick};
use crate::ui::{theme, words};

/// Text of a source column that fills no canonical one.
const UNUSED: &str = "not taken";

/// Draws the tab; only visible rows are laid out.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet<'_>, filter: &mut String) {
    reading::ui(ui, sheet);
    let columns = &sheet.looked.proposal.source_columns;
    ui.horizontal(|ui| {
        let label = ui.label("Filter");
        ui.add(
            TextEdit::singleline(filter).id_salt("filter").hint_text("part of a name").desired_width(220.0),
        )
        .labelled_by(label.id);
        let listed = columns.iter().filter(|(name, _)| fits(name, filter)).count();
        ui.weak(format!(
            "{} of {}",
            words::count(listed as u64),
            words::counted(columns.len() as u64, "column", "columns")
        ));
    });
    let fitting: Vec<usize> = (0..columns.len()).filter(|&at| fits(&columns[at].0, filter)).collect();
    let canonical: Vec<(String, String)> =
        Column::ALL.iter().map(|column| (column.name().to_owned(), String::new())).collect();
    let area = egui::ScrollArea::vertical().id_salt("source columns").auto_shrink(false);
    area.show_rows(ui, theme::HEADER, fitting.len(), |ui, visible| {
        for at in visible {
            row(ui, sheet, fitting[at], &canonical);
        }
        follow_focus::scroll(ui);
    });
}

fn fits(name: &str, filter: &str) -> bool {
    name.to_lowercase().contains(&filter.trim().to_lowercase())
}

fn row(ui: &mut Ui, sheet: &mut Sheet<'_>, at: usize, canonical: &[(String, String)]) {
    let looked = sheet.looked;
    let Some((name, kind)) = looked.proposal.source_columns.get(at) else { return };
    let width = ui.available_width();
    let wide = if width < 700.0 { [150.0, 90.0, 130.0] } else { [240.0, 170.0, 170.0] };
    ui.horizontal(|ui| {
        ui.set_height(theme::HEADER);
        cell(ui, wide[0], |ui| {
            ui.add(Label::new(words::ending(name, wide[0])).truncate()).on_hover_text(words::line(name, 200));
        });
        cell(ui, wide[1], |ui| drop(ui.add(Label::new(words::line(kind, 60)).truncate())));
        let used = uses(sheet.edit.mapping(), name);
        let present = if used.is_empty() { UNUSED.to_owned() } else { used.join(", ") };
        let choices = Choices { items: canonical, none_label: Some(UNUSED), typed: false };
        match pick::ui(ui, &format!("Use of {name}"), &present, wide[2], &choices) {
            Some(Pick::Name(canonical)) => {
                if let Some(column) = Column::from_name(&canonical) {
                    sheet.edit.set_source(column, Some(name.clone()));
                }
            }
            Some(Pick::Nothing) => remove(sheet, name),
            None => {}
        }
        let values = sheet.values.and_then(|values| values.get(name));
        let values: Vec<String> = values.into_iter().flatten().map(|value| words::line(value, 60)).collect();
        let text = if values.is_empty() && sheet.values.is_some() {
            "no values".to_owned()
        } else {
            values.join(" · ")
        };
        ui.add(Label::new(text).truncate()).on_hover_ui(|ui| {
            ui.set_max_width(480.0);
            values.iter().for_each(|value| drop(ui.label(value)));
        });
    });
}

fn cell(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, theme::ROW), Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        add(ui);
    });
}

/// Canonical columns that a source column fills.
fn uses(mapping: &Mapping, name: &str) -> Vec<String> {
    let names = |column: &&Column| {
        mapping.origin(**column).is_some_and(|origin| origin.names().any(|own| own == name))
    };
    Column::ALL.iter().filter(names).map(|column| column.name().to_owned()).collect()
}

/// Names of not taken columns in a line.
const NAMED: usize = 4;

/// Columns of the files that fill no canonical one, in a sentence; `None` if all are taken.
pub fn not_taken(mapping: &Mapping, columns: &[(String, String)]) -> Option<String> {
    let fills = |own: &str, name: &str| {
        own.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let is_taken =
        |name: &str| mapping.columns.values().any(|origin| origin.names().any(|own| fills(own, name)));
    let others: Vec<&str> =
        columns.iter().map(|(name, _)| name.as_str()).filter(|name| !is_taken(name)).collect();
    let named: Vec<String> = others.iter().take(NAMED).map(|name| words::line(name, 40)).collect();
    let more = if others.len() > NAMED { ", …" } else { "" };
    let are = if others.len() == 1 { "is" } else { "are" };
    let count = words::counted(others.len() as u64, "column", "columns");
    (!others.is_empty()).then(|| format!("{count} of the files {are} not taken: {}{more}.", named.join(", ")))
}

/// Takes a source column out of every canonical one.
fn remove(sheet: &mut Sheet<'_>, name: &str) {
    sheet.edit.change(|mapping| {
        for origin in mapping.columns.values_mut() {
            origin.columns.retain(|own| own != name);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_lists_the_canonical_columns_of_a_source_column() {
        let mapping = Mapping::from_toml(
            "ts = { column = \"day\", time = \"clock\" }\naccount_id = [\"user\", \"key\"]\napi_key_id = \"key\"",
        )
        .unwrap();
        assert_eq!(uses(&mapping, "key"), ["account_id", "api_key_id"]);
        assert_eq!(uses(&mapping, "clock"), ["ts"]);
        assert!(uses(&mapping, "model").is_empty());
    }

    #[test]
    fn columns_that_are_not_taken_are_named() {
        let mapping = Mapping::from_toml("ts = \"at\"\naccount_id = \"user.id\"").unwrap();
        let of = |names: &[&str]| {
            let columns: Vec<_> = names.iter().map(|name| ((*name).to_owned(), String::new())).collect();
            not_taken(&mapping, &columns)
        };
        assert_eq!(of(&["at", "user"]), None, "a part of it is taken");
        let one = of(&["at", "user.id", "payment_hash"]).unwrap();
        assert_eq!(one, "1 column of the files is not taken: payment_hash.");
        assert!(of(&["a", "b", "c", "d", "e"]).unwrap().ends_with("are not taken: a, b, c, d, …."));
    }
}
