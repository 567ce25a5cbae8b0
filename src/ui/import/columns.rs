//! Tab of the canonical columns: source, values as they will be read, faults beside the values.

use egui::{Align, Label, Layout, RichText, Role, Ui, WidgetInfo, vec2};

use super::counts::counts;
use super::options;
use super::sheet::Sheet;
use crate::model::visible;
use crate::snapshot::{Column, ColumnPreview};
use crate::ui::widgets::follow_focus;
use crate::ui::widgets::pick::{self, Choices, Pick};
use crate::ui::{theme, words};

/// Text of the choice of no source.
const LEFT_OUT: &str = "– left out –";

/// Draws the tab. `open` is the column whose options are visible.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet<'_>, open: &mut Option<Column>) {
    egui::ScrollArea::vertical().id_salt("canonical columns").auto_shrink(false).show(ui, |ui| {
        for column in Column::ALL {
            row(ui, sheet, column, open);
        }
        follow_focus::scroll(ui);
    });
}

fn row(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, open: &mut Option<Column>) {
    let width = ui.available_width();
    let (name_width, source_width) = if width < 700.0 { (140.0, 150.0) } else { (170.0, 230.0) };
    let is_open = *open == Some(column);
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(
            vec2(name_width, theme::ROW),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(name_width);
                let toggle = ui.add(egui::Button::new(if is_open { "▾" } else { "▸" }).frame(false));
                let label = format!("Options of {}", column.name());
                toggle.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, &label));
                if toggle.on_hover_text(label).clicked() {
                    *open = (!is_open).then_some(column);
                }
                let name = RichText::new(column.name());
                let required = column.is_required();
                ui.add(Label::new(if required { name.strong() } else { name }).truncate())
                    .on_hover_text(if required { "Required" } else { "Optional" });
            },
        );
        source(ui, sheet, column, source_width);
        ui.vertical(|ui| {
            // On the line of the button before it.
            ui.add_space(2.0);
            sample(ui, sheet, column);
        });
    });
    if is_open {
        ui.indent(("options", column.name()), |ui| options::ui(ui, sheet, column));
    }
}

/// Button with the source of the column.
fn source(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column, width: f32) {
    let sources = sheet.edit.mapping().origin(column).map_or(&[][..], |origin| &origin.columns[..]);
    let present = match sources {
        [] => LEFT_OUT.to_owned(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one}, else {} more", rest.len()),
    };
    let choices =
        Choices { items: &sheet.looked.proposal.source_columns, none_label: Some(LEFT_OUT), typed: true };
    match pick::ui(ui, &format!("Source of {}", column.name()), &present, width, &choices) {
        Some(Pick::Nothing) => sheet.edit.set_source(column, None),
        Some(Pick::Name(name)) => sheet.edit.set_source(column, Some(name)),
        None => {}
    }
}

/// Values of the column as they will be read, or the reason why they cannot be.
fn sample(ui: &mut Ui, sheet: &mut Sheet<'_>, column: Column) {
    let Some(preview) = sheet.preview else {
        return;
    };
    let Some(own) = preview.columns.get(&column) else { return };
    if let Some((unit, moment)) = &own.unit {
        ui.horizontal_wrapped(|ui| {
            own.problems.iter().for_each(|problem| drop(mistake(ui, problem)));
            let label = format!("Read as {}: {moment}", unit.name());
            if ui.button(label).on_hover_text("Takes this unit for the numbers of the column").clicked() {
                let unit = *unit;
                sheet.edit.change_origin(column, |origin| origin.unit = Some(unit));
            }
        });
        return;
    }
    let is_mapped = sheet.edit.mapping().origin(column).is_some();
    for problem in &own.problems {
        if is_mapped {
            mistake(ui, problem);
        } else {
            // A list of candidates, which is long.
            let text = RichText::new(visible(problem)).color(ui.visuals().error_fg_color);
            ui.add(Label::new(text).truncate().show_tooltip_when_elided(false))
                .on_hover_text(visible(problem));
        }
    }
    if !own.problems.is_empty() {
        return;
    }
    if let Some(fault) = own.fault(column) {
        let colour = if own.present == 0 && !own.unread.is_empty() {
            ui.visuals().error_fg_color
        } else {
            ui.visuals().warn_fg_color
        };
        ui.colored_label(colour, visible(&fault));
    }
    for note in &own.choices {
        ui.add(Label::new(RichText::new(visible(note)).weak()).wrap());
    }
    if !own.values.is_empty() {
        let values: Vec<String> = own.values.iter().map(|value| words::line(value, 60)).collect();
        let label = Label::new(values.join(" · ")).truncate().show_tooltip_when_elided(false);
        let label = ui.add(label);
        label.on_hover_ui(|ui| details(ui, own));
    }
}

fn mistake(ui: &mut Ui, text: &str) -> egui::Response {
    ui.colored_label(ui.visuals().error_fg_color, visible(text))
}

/// All sampled values, one a line, and the counts.
pub fn details(ui: &mut Ui, own: &ColumnPreview) {
    ui.set_max_width(480.0);
    for value in &own.values {
        ui.label(words::line(value, 160));
    }
    ui.weak(counts(own));
}
