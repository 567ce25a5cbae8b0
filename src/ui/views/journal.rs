//! The journal: time, person and action of each entry, and the check of its hash chain.

use std::sync::Arc;

use egui_extras::{Column, TableBuilder};

use super::super::view::{Command, View, ViewContext};
use crate::case::{Entry, JournalLine, check_chain};
use crate::jobs::Slot;
use crate::model::{Digest, visible};
use crate::ui::widgets::cells;
use crate::ui::{theme, words};

/// The view.
#[derive(Default)]
pub struct JournalView {
    /// Faults of the chain up to its head.
    chain: Slot<Option<Digest>, Vec<String>>,
    filter: String,
    /// The entries that match the filter, newest first.
    listed: Slot<(Option<Digest>, String, u64), Vec<Listed>>,
}

/// One row: an entry of the journal.
struct Listed {
    /// Position in the journal.
    at: u32,
    /// Present state of the lead that the entry is about.
    lead: Option<String>,
}

impl View for JournalView {
    fn id(&self) -> &'static str {
        "journal"
    }

    fn title(&self) -> &'static str {
        "Journal"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        self.bar(ui, cx);
        let Some(listed) = self.listed.answer() else {
            ui.spinner();
            return;
        };
        if listed.is_empty() {
            ui.weak("0 entries match the filter.");
            return;
        }
        table(ui, cx, listed);
    }
}

impl JournalView {
    fn ask(&mut self, cx: &ViewContext<'_>) {
        let head = cx.state.journal.last().map(|entry| entry.hash);
        let state = Arc::clone(cx.state);
        self.chain.ask::<String>(cx.jobs, None, head, move |_| {
            Ok(check_chain(&lines(&state.journal)).iter().map(ToString::to_string).collect())
        });
        self.chain.poll();
        let state = Arc::clone(cx.state);
        let filter = self.filter.trim().to_lowercase();
        let decisions = cx.decisions.clone();
        // Leads computed anew have another list, so the rows are made again.
        let question = (head, filter.clone(), cx.data_version);
        self.listed.ask::<String>(cx.jobs, None, question, move |_| {
            let fits = |entry: &Entry| {
                filter.is_empty()
                    || state.describe(&entry.action).to_lowercase().contains(&filter)
                    || entry.who().to_lowercase().contains(&filter)
                    || entry.actor.to_lowercase().contains(&filter)
            };
            let newest_first = state.journal.iter().enumerate().rev();
            let listed = |(at, entry): (usize, &Arc<Entry>)| Listed {
                at: at as u32,
                lead: decisions.changed_lead_of(&entry.action),
            };
            Ok(newest_first.filter(|(_, entry)| fits(entry)).map(listed).collect())
        });
        self.listed.poll();
    }

    fn bar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.strong(words::counted(cx.state.journal.len() as u64, "entry", "entries"));
            match self.chain.answer().map(Vec::as_slice) {
                None => {
                    ui.spinner();
                }
                Some([]) => {
                    ui.colored_label(
                        theme::exculpatory(ui.visuals()),
                        "hash chain intact from the first entry to the last",
                    );
                }
                Some(faults) => {
                    ui.colored_label(
                        ui.visuals().error_fg_color,
                        format!("hash chain broken: {}", faults.join("; ")),
                    );
                }
            }
            if let Some(last) = cx.state.journal.last() {
                ui.weak("last hash");
                ui.monospace(last.hash.short()).on_hover_text(last.hash.to_string());
            }
            let label = ui.weak("Filter");
            let field = egui::TextEdit::singleline(&mut self.filter)
                .id_salt("filter")
                .desired_width(120.0)
                .hint_text("action or person");
            let response = ui.add(field).labelled_by(label.id);
            if cx.focus_filter == Some("journal") {
                response.request_focus();
            }
            if let Some(step) = &cx.state.undo {
                let text = format!("Undo: {}", words::line(&step.what, 40));
                if ui.add_enabled(!cx.read_only, egui::Button::new(text)).clicked() {
                    cx.send(Command::Undo);
                }
            }
        });
    }
}

/// Lines of the journal, for the check of its chain.
fn lines(journal: &[Arc<Entry>]) -> Vec<JournalLine> {
    let mut prev = Digest([0; 32]);
    let line = |entry: &Arc<Entry>| JournalLine::whole(entry, std::mem::replace(&mut prev, entry.hash));
    journal.iter().map(line).collect()
}

fn table(ui: &mut egui::Ui, cx: &ViewContext<'_>, listed: &[Listed]) {
    TableBuilder::new(ui)
        .cell_layout(cells::middle())
        .striped(true)
        .auto_shrink(false)
        .column(Column::exact(44.0))
        .column(Column::initial(150.0).clip(true))
        .column(Column::initial(80.0).clip(true).resizable(true))
        .column(Column::remainder().at_least(120.0).clip(true))
        .column(Column::exact(100.0).clip(true))
        .header(theme::HEADER, |mut header| {
            let when = format!("Time ({})", cx.zone.name());
            for title in ["No.", when.as_str(), "Person", "Action", "Hash"] {
                header.col(|ui| {
                    ui.strong(title);
                });
            }
        })
        .body(|body| {
            body.rows(theme::ROW, listed.len(), |mut row| {
                let listed = &listed[row.index()];
                let Some(entry) = cx.state.journal.get(listed.at as usize) else { return };
                let lead = listed.lead.as_ref().map_or_else(String::new, |lead| format!(" · {lead}"));
                let cells = [
                    entry.seq.to_string(),
                    cx.zone.format(entry.ts),
                    words::line(entry.who(), 40),
                    words::line(&format!("{}{lead}", cx.state.describe(&entry.action)), 300),
                ];
                let user = words::line(&entry.actor, 40);
                let hints =
                    ["", "", &format!("User of the operating system: {user}"), &cells[3]].map(str::to_owned);
                for (cell, hint) in cells.into_iter().zip(hints) {
                    row.col(|ui| {
                        let label = ui.label(cell);
                        if !hint.is_empty() {
                            label.on_hover_text(hint);
                        }
                    });
                }
                row.col(|ui| {
                    ui.monospace(entry.hash.short()).on_hover_ui(|ui| {
                        ui.monospace(entry.hash.to_string());
                        ui.label(visible(&entry.body));
                    });
                });
            });
        });
}
