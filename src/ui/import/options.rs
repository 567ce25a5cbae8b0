//! Options of one canonical column: fallbacks, unit, zone, order of day and month, parts, sharing, pattern, words,
//! conversation.

use egui::{TextEdit, Ui};

use super::counts::counts;
use super::sheet::Sheet;
use crate::snapshot::{Column, ColumnType, DayOrder, DecimalMark, Origin, Repeated, Unit};
use crate::ui::widgets::pick::{self, Choices, Pick};
use crate::ui::{theme, words};

/// Width of a button with a source column, in points.
const SOURCE: f32 = 230.0;

/// Draws the options of a column.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column) {
    let origin = sheet.edit.mapping().origin(column).cloned();
    let Some(origin) = origin else {
        ui.weak("Left out. Choose a source column to set its options.");
        back_to_base(ui, sheet, column);
        return;
    };
    sources(ui, sheet, column, &origin);
    let is_time = column.kind() == ColumnType::Time;
    if column.takes_unit() {
        units(ui, sheet, column, &origin);
    }
    if matches!(column.kind(), ColumnType::Int | ColumnType::Float) {
        decimal(ui, sheet, column, &origin);
    }
    if is_time || origin.since.is_some() {
        zone(ui, sheet, column, &origin);
        if origin.zone.is_some() {
            repeated(ui, sheet, column, &origin);
        }
        order(ui, sheet, column, &origin);
    }
    if is_time {
        let title = (column, "Time of day", "Time of day in another column");
        part(ui, sheet, title, origin.time.as_ref(), |origin, name| origin.time = name);
    }
    if column == Column::LatencyMs {
        let title = (column, "Start", "Start in another column");
        part(ui, sheet, title, origin.since.as_ref(), |origin, name| origin.since = name);
    }
    if column.kind() == ColumnType::Text {
        let title = (column, "Shared by", "Rows without a value take that of rows with the same");
        part(ui, sheet, title, origin.shared_by.as_ref(), |origin, name| origin.shared_by = name);
        pattern(ui, sheet, column, &origin);
        let mut on = origin.verbatim;
        if ui.checkbox(&mut on, "Words such as None and null are values").changed() {
            sheet.edit.change_origin(column, |origin| origin.verbatim = on);
        }
    }
    if column.kind() == ColumnType::LongText {
        let mut on = origin.conversation;
        let label = "Messages in JSON: show them as a conversation";
        if ui.checkbox(&mut on, label).changed() {
            sheet.edit.change_origin(column, |origin| origin.conversation = on);
        }
    }
    if let Some(own) = sheet.preview.and_then(|preview| preview.columns.get(&column)) {
        ui.weak(counts(own));
    }
    back_to_base(ui, sheet, column);
    ui.add_space(theme::GAP);
}

/// The sources in order of preference, and a button for one more.
fn sources(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut columns = origin.columns.clone();
    for (at, name) in origin.columns.iter().enumerate() {
        ui.horizontal_wrapped(|ui| {
            ui.weak(if at == 0 { "first" } else { "else" });
            ui.label(words::line(name, 60));
            ui.weak(sheet.kind_of(name));
            if at > 0 && ui.small_button("earlier").clicked() {
                columns.swap(at - 1, at);
            }
            if origin.columns.len() > 1 && ui.small_button("remove").clicked() {
                columns.remove(at);
            }
        });
    }
    ui.horizontal(|ui| {
        ui.label("Fallback for rows without a value");
        let choices = Choices { items: &sheet.looked.proposal.source_columns, none_label: None, typed: true };
        let label = format!("Fallback of {}", column.name());
        if let Some(Pick::Name(name)) = pick::ui(ui, &label, "add a column", SOURCE, &choices)
            && !columns.contains(&name)
        {
            columns.push(name);
        }
    });
    if columns != origin.columns {
        sheet.edit.change_origin(column, |origin| origin.columns = columns);
    }
}

fn units(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut unit = origin.unit;
    ui.horizontal_wrapped(|ui| {
        ui.label("Unit of its numbers");
        ui.selectable_value(&mut unit, None, "none");
        let named = [
            (Unit::S, "seconds"),
            (Unit::Ms, "milliseconds"),
            (Unit::Us, "microseconds"),
            (Unit::Ns, "nanoseconds"),
            (Unit::Epoch, "any of these by size"),
            (Unit::Ticks, "ticks of .NET"),
            (Unit::Filetime, "file times of Windows"),
            (Unit::Excel, "days of a spreadsheet"),
        ];
        for (each, name) in named {
            ui.selectable_value(&mut unit, Some(each), name);
        }
    });
    if unit != origin.unit {
        sheet.edit.change_origin(column, |origin| origin.unit = unit);
    }
}

fn zone(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut zone = origin.zone.clone().unwrap_or_default();
    ui.horizontal(|ui| {
        let label = ui.label("Zone of times without one");
        let field = TextEdit::singleline(&mut zone)
            .id_salt(("zone", column.name()))
            .hint_text("UTC, Asia/Shanghai, +08:00")
            .desired_width(180.0);
        let field = ui.add(field).labelled_by(label.id);
        if field.changed() {
            let zone = Some(zone.trim().to_owned()).filter(|zone| !zone.is_empty());
            sheet.edit.change_origin(column, |origin| {
                origin.repeated = origin.repeated.filter(|_| zone.is_some());
                origin.zone = zone;
            });
        }
    });
}

/// Pattern of a text of which the value is a part.
fn pattern(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut pattern = origin.pattern.clone().unwrap_or_default();
    ui.horizontal(|ui| {
        let label = ui.label("Part of a longer text, at {}");
        let field = TextEdit::singleline(&mut pattern)
            .id_salt(("pattern", column.name()))
            .hint_text("/v1/tenants/{}/*")
            .desired_width(180.0);
        if ui.add(field).labelled_by(label.id).changed() {
            let pattern = Some(pattern).filter(|pattern| !pattern.is_empty());
            sheet.edit.change_origin(column, |origin| origin.pattern = pattern);
        }
    });
}

/// Choice between the two moments of a local time in the hour after clocks are set back.
fn repeated(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut repeated = origin.repeated;
    ui.horizontal_wrapped(|ui| {
        ui.label("Times in an hour that the zone has twice");
        ui.selectable_value(&mut repeated, None, "refuse");
        ui.selectable_value(&mut repeated, Some(Repeated::Earlier), "earlier");
        ui.selectable_value(&mut repeated, Some(Repeated::Later), "later");
    });
    if repeated != origin.repeated {
        sheet.edit.change_origin(column, |origin| origin.repeated = repeated);
    }
}

fn order(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut order = origin.order;
    ui.horizontal_wrapped(|ui| {
        ui.label("Dates such as 04/05/2026");
        ui.selectable_value(&mut order, None, "refuse");
        ui.selectable_value(&mut order, Some(DayOrder::Mdy), "month first");
        ui.selectable_value(&mut order, Some(DayOrder::Dmy), "day first");
        ui.selectable_value(&mut order, Some(DayOrder::Ymd), "year of two digits first");
    });
    if order != origin.order {
        sheet.edit.change_origin(column, |origin| origin.order = order);
    }
}

/// Decimal mark of numbers that are written as text.
fn decimal(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, origin: &Origin) {
    let mut decimal = origin.decimal;
    ui.horizontal_wrapped(|ui| {
        ui.label("Decimal mark of numbers as text");
        ui.selectable_value(&mut decimal, None, "as the rows show");
        ui.selectable_value(&mut decimal, Some(DecimalMark::Point), "point");
        ui.selectable_value(&mut decimal, Some(DecimalMark::Comma), "comma");
    });
    if decimal != origin.decimal {
        sheet.edit.change_origin(column, |origin| origin.decimal = decimal);
    }
}

/// A second column that the value is made of.
fn part(
    ui: &mut Ui,
    sheet: &mut Sheet<'_>,
    (column, title, text): (Column, &str, &str),
    present: Option<&String>,
    set: impl FnOnce(&mut Origin, Option<String>),
) {
    ui.horizontal(|ui| {
        ui.label(text);
        let choices =
            Choices { items: &sheet.looked.proposal.source_columns, none_label: Some("none"), typed: true };
        let label = format!("{title} of {}", column.name());
        let present_text = present.map_or("none", String::as_str);
        match pick::ui(ui, &label, present_text, SOURCE, &choices) {
            Some(Pick::Nothing) => sheet.edit.change_origin(column, |origin| set(origin, None)),
            Some(Pick::Name(name)) => sheet.edit.change_origin(column, |origin| set(origin, Some(name))),
            None => {}
        }
    });
}

/// Button that takes back what was changed of this column.
fn back_to_base(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column) {
    let base = sheet.edit.base().columns.get(column.name()).cloned();
    if base.as_ref() == sheet.edit.mapping().columns.get(column.name()) {
        return;
    }
    if ui.small_button("Take back the changes of this column").clicked() {
        sheet.edit.change(|mapping| match base {
            Some(base) => drop(mapping.columns.insert(column.name().to_owned(), base)),
            None => drop(mapping.columns.remove(column.name())),
        });
    }
}
