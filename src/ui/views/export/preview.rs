//! Preview of the files that an export would write, made in a job and deleted afterwards.

use std::sync::Arc;

use crate::bundle::{self, Audience, BundleError, Preview};
use crate::case::legal::Profile;
use crate::case::{Access, Case};
use crate::jobs::{Slot, SlotState};
use crate::model::{Digest, counted, format_count, visible};
use crate::ui::view::ViewContext;

/// Inputs of a preview: head of the journal, audience and proceeding, true for included text, presses of the button.
type Question = (Option<Digest>, (Audience, Profile), bool, u32);

/// The preview of one bundle.
#[derive(Default)]
pub(super) struct Previewed {
    slot: Slot<Question, Preview>,
    asked: Option<Question>,
}

impl Previewed {
    /// Button and list.
    pub(super) fn ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        (audience, profile): (Audience, Profile),
        text: bool,
    ) {
        let head = cx.state.journal.last().map(|entry| entry.hash);
        ui.horizontal(|ui| {
            let hint = "Writes the bundle into a temporary folder, lists its files, and deletes it.";
            if ui.button("Preview the files").on_hover_text(hint).clicked() {
                let turn = self.asked.map_or(0, |(.., turn)| turn + 1);
                self.asked = Some((head, (audience, profile), text, turn));
            }
            if self.slot.state() == SlotState::Pending {
                ui.spinner();
            }
        });
        // A preview of another bundle or of an earlier case would mislead.
        let current =
            self.asked.filter(|(at, to, with, _)| (*at, *to, *with) == (head, (audience, profile), text));
        let Some(question) = current else { return };
        let dir = cx.sources.case_dir.clone();
        let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
        self.slot.ask::<BundleError>(cx.jobs, Some("Preview of the bundle"), question, move |ticket| {
            let case = Case::open(&dir, Access::ReadOnly)?;
            bundle::preview(&case, &cache, &leads, (audience, profile), text, ticket)
        });
        self.slot.poll();
        if let Some(why) = self.slot.failure() {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        }
        let Some(preview) = self.slot.answer() else { return };
        let bytes: u64 = preview.files.iter().map(|(_, bytes)| bytes).sum();
        ui.label(format!(
            "{}: {}, {} bytes; {} withheld.",
            visible(&preview.name),
            counted(preview.files.len() as u64, "file", "files"),
            format_count(bytes),
            counted(preview.withheld as u64, "value or field", "values and fields")
        ));
        egui::CollapsingHeader::new("Files").show(ui, |ui| {
            for (name, bytes) in &preview.files {
                ui.label(format!("{}  {} bytes", visible(name), format_count(*bytes)));
            }
        });
    }
}
