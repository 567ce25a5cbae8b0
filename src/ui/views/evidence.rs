//! Marked evidence by tag; exculpatory evidence has its own place, first.

use egui_extras::{Column, TableBuilder};

use super::super::view::{Command, Selected, View, ViewContext};
use crate::case::{Action, Evidence, PlacedDecision};
use crate::model::{Tag, visible};
use crate::ui::panels::inspector::go_to;
use crate::ui::widgets::pending;
use crate::ui::{theme, words};

/// The view. Tag and note are edited in the inspector, where the evidence is shown whole.
#[derive(Default)]
pub struct EvidenceView {
    filter: String,
}

impl View for EvidenceView {
    fn id(&self) -> &'static str {
        "evidence"
    }

    fn title(&self) -> &'static str {
        "Evidence"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        pending::ui(ui, cx);
        let unplaced = cx.decisions.unplaced();
        if cx.state.evidence.is_empty() && unplaced.is_empty() {
            ui.label("0 pieces of evidence. Select a lead, an account or an exchange, then mark it in the panel on the right.");
            return;
        }
        self.filter_ui(ui, cx);
        let filter = self.filter.trim().to_lowercase();
        let fits = |evidence: &Evidence| filter.is_empty() || evidence.note.to_lowercase().contains(&filter);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            section(ui, cx, "exculpatory", |evidence| evidence.tag == Tag::Exculpatory && fits(evidence));
            section(ui, cx, "relied-on", |evidence| evidence.tag == Tag::ReliedOn && fits(evidence));
            section(ui, cx, "context", |evidence| evidence.tag == Tag::Context && fits(evidence));
            section(ui, cx, "control", |evidence| evidence.tag == Tag::Control && fits(evidence));
            section(ui, cx, "own tags", |evidence| matches!(evidence.tag, Tag::Own(_)) && fits(evidence));
            without_lead(ui, &unplaced);
        });
    }
}

impl EvidenceView {
    fn filter_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal(|ui| {
            let marked = cx.state.evidence.len() as u64;
            ui.strong(words::counted(marked, "piece of evidence", "pieces of evidence"));
            let label = ui.weak("Filter");
            let field = egui::TextEdit::singleline(&mut self.filter).hint_text("word of the note");
            let response = ui.add(field).labelled_by(label.id);
            if cx.focus_filter == Some("evidence") {
                response.request_focus();
            }
        });
    }
}

/// Decisions on a lead that is in the present list no more.
fn without_lead(ui: &mut egui::Ui, unplaced: &[PlacedDecision]) {
    if unplaced.is_empty() {
        return;
    }
    ui.add_space(theme::GAP);
    ui.strong(format!("no lead any more ({})", unplaced.len()));
    ui.weak("These decisions match no current lead. Mark and weigh again those that you rely on.");
    for placed in unplaced {
        ui.label(visible(&placed.in_words()));
    }
}

/// Evidence of one tag. The exculpatory section is drawn even when empty, as a reminder.
fn section(ui: &mut egui::Ui, cx: &ViewContext<'_>, title: &str, belongs: impl Fn(&Evidence) -> bool) {
    let rows: Vec<&Evidence> = cx.state.evidence.values().filter(|evidence| belongs(evidence)).collect();
    let is_exculpatory = title == Tag::Exculpatory.as_str();
    if rows.is_empty() && !is_exculpatory {
        return;
    }
    ui.add_space(theme::GAP);
    let heading = egui::RichText::new(format!("{title} ({})", rows.len())).strong();
    if is_exculpatory {
        ui.label(heading.color(theme::exculpatory(ui.visuals())));
        if rows.is_empty() {
            ui.weak("0 pieces of exculpatory evidence. Search for some: opposing counsel will.");
            return;
        }
    } else {
        ui.label(heading);
    }
    ui.push_id(title, |ui| table(ui, cx, &rows));
}

/// Source of a piece of evidence; for a lead with its present state.
fn source(cx: &ViewContext<'_>, evidence: &Evidence) -> String {
    match cx.decisions.evidence_in_words(evidence.id) {
        Some(lead) => format!("lead {lead}"),
        None => words::evidence_source(&evidence.source, cx.zone),
    }
}

fn table(ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: &[&Evidence]) {
    TableBuilder::new(ui)
        .striped(true)
        .sense(egui::Sense::click())
        .vscroll(false)
        .column(Column::exact(34.0))
        .column(Column::initial(90.0).clip(true))
        .column(Column::initial(300.0).at_least(120.0).clip(true).resizable(true))
        .column(Column::remainder().at_least(80.0).clip(true))
        .body(|body| {
            body.rows(theme::ROW, rows.len(), |mut row| {
                let evidence = rows[row.index()];
                let selected = *cx.selected == Selected::Evidence(evidence.id);
                row.set_selected(selected);
                let source = source(cx, evidence);
                let cells = [
                    evidence.id.to_string(),
                    words::line(evidence.tag.as_str(), 30),
                    source.clone(),
                    words::line(&evidence.note, 200),
                ];
                for cell in cells {
                    row.col(|ui| {
                        ui.label(cell);
                    });
                }
                let response = row.response();
                response.widget_info(|| {
                    egui::WidgetInfo::selected(
                        egui::Role::Row,
                        true,
                        selected,
                        format!("evidence {}, {source}", evidence.id),
                    )
                });
                respond(cx, evidence, &response);
            });
        });
}

fn respond(cx: &ViewContext<'_>, evidence: &Evidence, response: &egui::Response) {
    if response.clicked() {
        cx.send(Command::Select(Selected::Evidence(evidence.id)));
    }
    if response.double_clicked() {
        go_to(cx, &evidence.source);
    }
    response.context_menu(|ui| {
        if ui.button("Go to the source").clicked() {
            go_to(cx, &evidence.source);
            ui.close();
        }
        if ui.add_enabled(!cx.read_only, egui::Button::new("Remove from evidence")).clicked() {
            cx.send(Command::Record(Action::EvidenceRemoved { id: evidence.id }));
            ui.close();
        }
    });
}
