//! A document that an item rests on: its path is typed, and it is hashed in the background before the item is
//! journaled.

use std::path::PathBuf;

use egui::{TextEdit, Ui};

use super::list;
use crate::case::legal::{Document, LegalDecision, LegalItem};
use crate::jobs::{Slot, SlotState, document_of};
use crate::model::visible;
use crate::ui::dialogs::Browse;
use crate::ui::view::ViewContext;

/// Field of the path, and the item that waits for the hash.
#[derive(Default)]
pub(super) struct WithDocument {
    path: String,
    browse: Browse,
    turn: u32,
    hashed: Slot<u32, Document>,
    waiting: Option<LegalItem>,
}

impl WithDocument {
    /// The field.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let label = ui.label("Document");
        ui.horizontal(|ui| {
            let hint = "path, if there is one; its name and SHA-256 are kept";
            ui.add(TextEdit::singleline(&mut self.path).hint_text(hint).desired_width(240.0))
                .labelled_by(label.id);
            if ui.button("Browse…").clicked() {
                self.browse.any(cx.jobs);
            }
            self.browse.notice(ui);
            if self.waiting.is_some() {
                ui.spinner();
            }
        });
        ui.end_row();
        if let Some(why) = self.hashed.failure().filter(|_| self.hashed.state() == SlotState::Failed) {
            ui.label("");
            ui.colored_label(ui.visuals().error_fg_color, format!("Not recorded: {}", visible(why)));
            ui.end_row();
        }
    }

    /// Journals a new item, with the document where a path is given.
    pub(super) fn record(&mut self, cx: &ViewContext<'_>, item: LegalItem) {
        let path = self.path.trim();
        if path.is_empty() {
            list::record(cx, LegalDecision::Recorded { number: 0, item });
            return;
        }
        let path = PathBuf::from(path);
        self.turn += 1;
        self.waiting = Some(item);
        self.hashed.ask::<String>(cx.jobs, Some("Hashing a document"), self.turn, move |ticket| {
            document_of(&path, ticket).map_err(|error| format!("{error:#}"))
        });
    }

    /// Takes in a path or a hash that has come. Call once a frame.
    pub(super) fn poll(&mut self, cx: &ViewContext<'_>) {
        if let Some(path) = self.browse.poll() {
            self.path = path.display().to_string();
        }
        self.hashed.poll();
        match self.hashed.state() {
            SlotState::Ready => {
                let item = self.waiting.take().zip(self.hashed.answer().cloned());
                if let Some((mut item, document)) = item {
                    item.set_document(document);
                    list::record(cx, LegalDecision::Recorded { number: 0, item });
                    self.path.clear();
                }
            }
            SlotState::Failed => self.waiting = None,
            SlotState::Absent | SlotState::Pending => {}
        }
    }
}
