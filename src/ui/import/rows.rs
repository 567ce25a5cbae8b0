//! Tab of the rows: the account's column, rows that are exchanges, the latest version, continuation rows.

use egui::{TextEdit, Ui};

use super::sheet::Sheet;
use crate::model::visible;
use crate::snapshot::{Column, Join, RowRule, Tally};
use crate::ui::widgets::follow_focus;
use crate::ui::widgets::pick::{self, Choices, Pick};
use crate::ui::{theme, words};

/// Canonical columns that may be the account instead of `account_id`.
const UNITS: [(Column, &str); 3] = [
    (Column::EndUserId, "the deployer's end user"),
    (Column::ApiKeyId, "the API key"),
    (Column::OrgId, "the organisation"),
];
/// Width of a button with a source column, in points.
const SOURCE: f32 = 230.0;

/// Draws the tab.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    egui::ScrollArea::vertical().id_salt("rows").auto_shrink(false).show(ui, |ui| {
        account(ui, sheet);
        ui.add_space(theme::GROUP_GAP);
        rules(ui, sheet);
        ui.add_space(theme::GROUP_GAP);
        latest(ui, sheet);
        join(ui, sheet);
        ui.add_space(theme::GROUP_GAP);
        for problem in sheet.preview.into_iter().flat_map(|preview| &preview.problems) {
            ui.colored_label(ui.visuals().error_fg_color, visible(problem));
        }
        if let Some(tally) = sheet.preview.and_then(|preview| preview.rows.as_ref()) {
            counts(ui, tally);
        }
        follow_focus::scroll(ui);
    });
}

/// Choice of the column that is the account.
fn account(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    ui.strong("Column of the account");
    let unit = sheet.edit.mapping().unit.clone();
    let mut chosen = unit.clone();
    ui.radio_value(&mut chosen, None, "the billed account, as mapped under account_id");
    for (column, title) in UNITS {
        let source = sheet.edit.mapping().source(column).map(|source| words::line(source, 60));
        let text = match &source {
            Some(source) => format!("{title}: {} from {source}", column.name()),
            None => format!("{title}: {} is not mapped", column.name()),
        };
        ui.add_enabled_ui(source.is_some(), |ui| {
            ui.radio_value(&mut chosen, Some(column.name().to_owned()), text);
        });
    }
    ui.horizontal(|ui| {
        ui.label("or another column of the files");
        let is_other = |name: &&String| !UNITS.iter().any(|(column, _)| column.name() == name.as_str());
        let present = unit.as_ref().filter(is_other).map_or("none", String::as_str);
        let choices =
            Choices { items: &sheet.looked.proposal.source_columns, none_label: Some("none"), typed: true };
        match pick::ui(ui, "Another column as the account", present, SOURCE, &choices) {
            Some(Pick::Name(name)) => chosen = Some(name),
            Some(Pick::Nothing) => chosen = None,
            None => {}
        }
    });
    if chosen != unit {
        sheet.edit.set_unit(chosen.as_deref());
    }
}

/// Rules for the rows that are exchanges.
fn rules(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    ui.strong("Rows that are exchanges");
    let before = sheet.edit.mapping().rows.clone();
    let mut rules = before.clone();
    if rules.is_empty() {
        ui.weak("All rows. Add a rule to import some of them; the others are counted as left out.");
    }
    for at in 0..before.len() {
        ui.horizontal_wrapped(|ui| {
            let label = format!("Column of rule {}", at + 1);
            if let Some(name) = source(ui, sheet, &label, &before[at].column) {
                rules[at].column = name;
            }
            let label = ui.label("is one of");
            // The text stays as it is typed while it means the rule's values.
            let id = ui.make_persistent_id(("values of rule", at));
            let typed = ui.data(|data| data.get_temp::<String>(id));
            let typed = typed.filter(|typed| values(typed) == before[at].is);
            let mut is = typed.unwrap_or_else(|| before[at].is.join(", "));
            let field =
                TextEdit::singleline(&mut is).id_salt(("is", at)).hint_text("any value").desired_width(200.0);
            if ui.add(field).labelled_by(label.id).on_hover_text("Values, separated by commas").changed() {
                rules[at].is = values(&is);
                ui.data_mut(|data| data.insert_temp(id, is));
            }
            if ui.small_button("remove").clicked() {
                rules.remove(at);
            }
        });
    }
    ui.horizontal(|ui| {
        ui.label("Add a rule on");
        if let Some(column) = source(ui, sheet, "Column of a new rule", "choose a column") {
            rules.push(RowRule { column, is: Vec::new() });
        }
    });
    if rules != before {
        sheet.edit.change(|mapping| mapping.rows = rules);
    }
}

/// Values of a rule from a list with commas.
fn values(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn latest(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    let present = sheet.edit.mapping().latest.clone();
    ui.horizontal_wrapped(|ui| {
        ui.label("Of several versions of a row, import the latest by");
        match optional(ui, sheet, "Latest version by", present.as_deref()) {
            Some(Pick::Nothing) => sheet.edit.change(|mapping| mapping.latest = None),
            Some(Pick::Name(name)) => sheet.edit.change(|mapping| mapping.latest = Some(name)),
            None => {}
        }
    });
}

fn join(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    let present = sheet.edit.mapping().join.clone();
    ui.horizontal_wrapped(|ui| {
        ui.label("Rows of one exchange have the same");
        let by = present.as_ref().map(|join| join.by.as_str());
        match optional(ui, sheet, "Joined by", by) {
            Some(Pick::Nothing) => sheet.edit.change(|mapping| mapping.join = None),
            Some(Pick::Name(by)) => sheet.edit.change(|mapping| {
                let order = mapping.join.take().map_or_else(String::new, |join| join.order);
                mapping.join = Some(Join { by, order });
            }),
            None => {}
        }
        let Some(join) = present else { return };
        ui.label("and are numbered by");
        let present_order = if join.order.is_empty() { "choose a column" } else { &join.order };
        if let Some(order) = source(ui, sheet, "Numbered by", present_order) {
            sheet.edit.change(|mapping| mapping.join = Some(Join { order, ..join }));
        }
    });
}

fn source(ui: &mut Ui, sheet: &Sheet<'_>, label: &str, present: &str) -> Option<String> {
    let choices = Choices { items: &sheet.looked.proposal.source_columns, none_label: None, typed: true };
    match pick::ui(ui, label, present, SOURCE, &choices) {
        Some(Pick::Name(name)) => Some(name),
        _ => None,
    }
}

fn optional(ui: &mut Ui, sheet: &Sheet<'_>, label: &str, present: Option<&str>) -> Option<Pick> {
    let choices =
        Choices { items: &sheet.looked.proposal.source_columns, none_label: Some("none"), typed: true };
    pick::ui(ui, label, present.unwrap_or("none"), SOURCE, &choices)
}

/// Counts of the sampled rows.
fn counts(ui: &mut Ui, tally: &Tally) {
    ui.strong(format!(
        "{} of {} are exchanges",
        words::count(tally.exchanges),
        words::counted(tally.rows, "sampled row", "sampled rows")
    ));
    for (rule, rows) in &tally.filtered {
        ui.label(format!("{} left out: {}", words::count(*rows), visible(rule)));
    }
    for (reason, counted) in &tally.set_aside {
        let first = counted.first.first().map_or_else(String::new, |spot| format!("; first: {spot}"));
        ui.label(format!("{} set aside: {reason}{first}", words::count(counted.rows)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_by_commas() {
        assert_eq!(values("GENERATION, chat"), ["GENERATION", "chat"]);
        assert_eq!(values("a,"), ["a"]);
        assert!(values(" ").is_empty());
    }
}
