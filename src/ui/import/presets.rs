//! Tab of the presets: side by side, with the number of columns that each would fill.

use egui::{Label, RichText, Ui};

use super::sheet::Sheet;
use crate::model::visible;
use crate::snapshot::{Column, Fit, MappingProposal};
use crate::ui::{theme, words};

/// Draws the tab.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet<'_>) {
    let proposal = &sheet.looked.proposal;
    ui.add(Label::new(why(proposal)).wrap());
    for note in sheet.preview.map_or(&proposal.notes, |preview| &preview.notes) {
        ui.add(Label::new(visible(note)).wrap());
    }
    ui.add_space(theme::GAP);
    let filling: Vec<&Fit> = proposal.fits.iter().filter(|fit| fit.filled > 0).collect();
    egui::ScrollArea::both().id_salt("presets").auto_shrink(false).show(ui, |ui| {
        egui::Grid::new("presets").num_columns(5).striped(true).spacing([14.0, 6.0]).show(ui, |ui| {
            for title in ["", "preset", "columns", "required and missing", "fills"] {
                ui.strong(title);
            }
            ui.end_row();
            for fit in &filling {
                row(ui, sheet, fit);
                ui.end_row();
            }
        });
        let others = proposal.fits.len() - filling.len();
        if others > 0 {
            ui.weak(format!(
                "{} fill 0 columns.",
                words::counted(others as u64, "other preset", "other presets")
            ));
        }
    });
}

fn row(ui: &mut Ui, sheet: &mut Sheet<'_>, fit: &Fit) {
    let in_use = sheet.edit.base() == &fit.mapping;
    let button = ui.add_enabled(!in_use, egui::Button::new(if in_use { "in use" } else { "Use" }));
    let label = format!("Use the preset {}", fit.title);
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, !in_use, &label));
    if button.on_hover_text("Replaces the mapping, changes by hand included").clicked() {
        sheet.edit.take(fit.mapping.clone());
    }
    let title = RichText::new(fit.title);
    ui.label(if in_use { title.strong() } else { title });
    ui.label(format!("{} of {}", fit.filled, Column::ALL.len()));
    let lacking: Vec<&str> = fit.lacking.iter().map(|column| column.name()).collect();
    if lacking.is_empty() {
        ui.weak("none");
    } else {
        ui.colored_label(ui.visuals().error_fg_color, lacking.join(", "));
    }
    let filled: Vec<&str> = fit.mapping.columns.keys().map(String::as_str).collect();
    ui.weak(words::line(&filled.join(", "), 80)).on_hover_text(filled.join("\n"));
}

/// Reason for the proposed preset in a sentence.
fn why(proposal: &MappingProposal) -> String {
    let Some(first) =
        proposal.fits.first().filter(|fit| fit.filled > 0 && proposal.mapping.preset != "custom")
    else {
        return "0 presets fit the columns of these files. Choose the columns by hand.".to_owned();
    };
    let next = proposal.fits.get(1).filter(|fit| fit.filled > 0);
    let than = match next {
        Some(next) if next.lacking.len() > first.lacking.len() => {
            format!("; {} lacks a required column", next.title)
        }
        Some(next) => format!("; {} fills {}", next.title, next.filled),
        None => "; all other presets fill 0".to_owned(),
    };
    format!("Proposed: {} fills {} of {} columns{than}.", first.title, first.filled, Column::ALL.len())
}
