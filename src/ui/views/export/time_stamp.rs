//! Attachment of a time stamp authority's answer to a bundle.

use std::path::PathBuf;

use egui::{TextEdit, Ui};

use crate::bundle::{Timestamp, attach_timestamp};
use crate::jobs::{Slot, SlotState};
use crate::model::visible;
use crate::ui::dialogs::Browse;
use crate::ui::theme;
use crate::ui::view::ViewContext;

/// Bundle, answer, and the attachment under way.
#[derive(Default)]
pub(super) struct TimeStamp {
    bundle: String,
    answer: String,
    browse_bundle: Browse,
    browse_answer: Browse,
    turn: u32,
    attached: Slot<u32, Timestamp>,
}

impl TimeStamp {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        if let Some(path) = self.browse_bundle.poll() {
            self.bundle = path.display().to_string();
        }
        if let Some(path) = self.browse_answer.poll() {
            self.answer = path.display().to_string();
        }
        self.attached.poll();
        ui.add_space(theme::GROUP_GAP);
        ui.strong("Time stamp");
        ui.label("Send tagmanifest-sha256.txt.tsq of a bundle to a time stamp authority (RFC 3161). Attach its answer here.");
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Folder of the bundle");
            ui.add(TextEdit::singleline(&mut self.bundle).desired_width(320.0)).labelled_by(label.id);
            if ui.button("Find the bundle…").clicked() {
                self.browse_bundle.folder(cx.jobs);
            }
        });
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("File of the answer");
            ui.add(TextEdit::singleline(&mut self.answer).hint_text("answer.tsr").desired_width(320.0))
                .labelled_by(label.id);
            if ui.button("Find the answer…").clicked() {
                self.browse_answer.any(cx.jobs);
            }
            let is_running = self.attached.state() == SlotState::Pending;
            let ready = !is_running && !self.bundle.trim().is_empty() && !self.answer.trim().is_empty();
            let button = ui.add_enabled(ready, egui::Button::new("Attach time stamp"));
            if button.on_disabled_hover_text("Enter the bundle and the file of the answer first.").clicked() {
                self.attach(cx);
            }
            if is_running {
                ui.spinner();
            }
        });
        match (self.attached.state(), self.attached.answer(), self.attached.failure()) {
            (SlotState::Failed, _, Some(why)) => {
                let colour = ui.visuals().error_fg_color;
                ui.colored_label(colour, format!("Not attached: {}", visible(why)));
            }
            (SlotState::Ready, Some(stamp), _) => {
                ui.label(format!("Attached: {}.", visible(&stamp.in_words())));
            }
            _ => {}
        }
    }

    fn attach(&mut self, cx: &ViewContext<'_>) {
        self.turn += 1;
        let (bundle, answer) = (PathBuf::from(self.bundle.trim()), PathBuf::from(self.answer.trim()));
        self.attached.ask::<String>(cx.jobs, Some("Attaching a time stamp"), self.turn, move |_| {
            attach_timestamp(&bundle, &answer).map_err(|error| error.to_string())
        });
    }
}
