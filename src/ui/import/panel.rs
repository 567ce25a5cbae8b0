//! Editor of a column mapping over opened files: tabs, and the text of the mapping beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Frame, Ui};

use super::edit::MappingEdit;
use super::sheet::{Looked, Sheet};
use super::text::TextPane;
use super::{columns, others, presets, rows};
use crate::jobs::{Jobs, Slot, SlotState};
use crate::model::Cancelled;
use crate::snapshot::{Column, Mapping, MappingProposal, Preview};

/// From this width on, in points, the text stands beside the tabs.
const WIDE: f32 = 900.0;

/// Tab of the editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MappingTab {
    /// The canonical columns.
    #[default]
    Columns,
    /// The presets side by side.
    Presets,
    /// The columns of the files.
    Sources,
    /// Account, rules for rows, versions.
    Rows,
    /// The mapping as text, where it does not stand beside.
    Text,
}

impl MappingTab {
    /// Tabs with their titles, in order.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Columns, "Columns"),
        (Self::Presets, "Presets"),
        (Self::Sources, "Columns of the files"),
        (Self::Rows, "Account and rows"),
        (Self::Text, "TOML"),
    ];
}

/// The editor.
#[derive(Default)]
pub struct MappingPanel {
    edit: Option<MappingEdit>,
    /// Incremented when files are opened; part of each request.
    version: u64,
    preview: Slot<(u64, Mapping), Preview>,
    values: Slot<u64, BTreeMap<String, Vec<String>>>,
    /// Column whose options are visible.
    open: Option<Column>,
    filter: String,
    text: TextPane,
}

impl MappingPanel {
    /// Begins with the mapping proposed for files that were just opened. A mapping that was changed by hand stays, and
    /// so does one by which the files were opened, unless it has no columns.
    pub fn begin(&mut self, proposal: &MappingProposal) {
        self.version += 1;
        let reading = self.reading();
        let is_stated = reading != Mapping::default();
        match &mut self.edit {
            Some(edit) if edit.is_changed() && (edit.mapped() > 0 || !is_stated) => {}
            Some(edit) if is_stated && edit.mapped() > 0 => {
                edit.take(edit.mapping().clone().completed(proposal));
            }
            edit => {
                *edit = Some(MappingEdit::new(proposal.mapping.clone().read_as(&reading)));
            }
        }
    }

    /// Begins with the mapping of files that were opened again.
    pub fn begin_with(&mut self, mapping: Mapping) {
        self.version += 1;
        self.edit = Some(MappingEdit::new(mapping));
    }

    /// Part of the mapping that says how files are opened.
    pub fn reading(&self) -> Mapping {
        self.mapping().map(Mapping::reading).unwrap_or_default()
    }

    /// The mapping; `None` before files are opened.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.edit.as_ref().map(MappingEdit::mapping)
    }

    /// True if something was changed by hand.
    pub fn is_changed(&self) -> bool {
        self.edit.as_ref().is_some_and(MappingEdit::is_changed)
    }

    /// Number of canonical columns that are mapped.
    pub fn mapped(&self) -> usize {
        self.edit.as_ref().map_or(0, MappingEdit::mapped)
    }

    /// Sample under the present mapping; `None` while it is on its way.
    pub fn preview(&self) -> Option<&Preview> {
        self.preview.answer().filter(|_| self.preview.state() == SlotState::Ready)
    }

    /// Reason why an import with the mapping cannot work; `None` if it can, as far as the sample
    /// shows.
    pub fn obstacle(&self) -> Option<String> {
        let Some(edit) = &self.edit else { return Some("No files are opened yet.".to_owned()) };
        if edit.fault().is_some() {
            return Some("The TOML text of the mapping has a fault.".to_owned());
        }
        if let Some(why) = self.preview.failure() {
            return Some(why.to_owned());
        }
        let Some(preview) = self.preview() else { return Some("Reading a sample of the rows…".to_owned()) };
        if preview.is_sound() {
            return None;
        }
        let of_columns = preview.columns.values().flat_map(|column| &column.problems);
        let first = preview.problems.iter().chain(of_columns).next();
        let more = preview.problem_count().saturating_sub(1);
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        first.map(|first| format!("{first}{more}"))
    }

    /// Requests the sample and values for the tabs. Call once a frame.
    pub fn poll(&mut self, looked: &Arc<Looked>, jobs: &Jobs) {
        let Some(edit) = &self.edit else { return };
        let (files, mapping) = (Arc::clone(looked), edit.mapping().clone());
        self.preview.ask::<Cancelled>(jobs, None, (self.version, mapping.clone()), move |ticket| {
            files.files.preview(&mapping, ticket)
        });
        self.preview.poll();
        let files = Arc::clone(looked);
        self.values.ask::<Cancelled>(jobs, None, self.version, move |ticket| {
            let names: Vec<String> =
                files.proposal.source_columns.iter().map(|(name, _)| name.clone()).collect();
            files.files.values_of(&names, ticket)
        });
        self.values.poll();
    }

    /// True if the text stands beside the tabs at this width.
    pub fn is_wide(width: f32) -> bool {
        width >= WIDE
    }

    /// Draws one tab, with the text beside it where there is room.
    pub fn ui(&mut self, ui: &mut Ui, tab: MappingTab, looked: &Looked, jobs: &Jobs) {
        let Some(edit) = &mut self.edit else { return };
        let preview = self.preview.answer();
        let mut sheet = Sheet { edit, looked, preview, values: self.values.answer() };
        let wide = Self::is_wide(ui.available_width());
        let ground = Frame::new().inner_margin(4.0);
        if wide {
            egui::Panel::right("mapping as text")
                .default_size(320.0)
                .size_range(200.0..=520.0)
                .frame(ground)
                .show(ui, |ui| self.text.ui(ui, &mut sheet, jobs));
        }
        egui::CentralPanel::default().frame(ground).show(ui, |ui| match tab {
            MappingTab::Columns => columns::ui(ui, &mut sheet, &mut self.open),
            MappingTab::Presets => presets::ui(ui, &mut sheet),
            MappingTab::Sources => others::ui(ui, &mut sheet, &mut self.filter),
            MappingTab::Rows => rows::ui(ui, &mut sheet),
            MappingTab::Text if wide => columns::ui(ui, &mut sheet, &mut self.open),
            MappingTab::Text => self.text.ui(ui, &mut sheet, jobs),
        });
    }
}

/// Draws the tabs' titles; true if one was clicked. `behind` is true if none of them is in front.
pub fn tab_bar(ui: &mut Ui, present: &mut MappingTab, behind: bool, wide: bool) -> bool {
    let mut clicked = false;
    for (tab, title) in MappingTab::ALL {
        if tab == MappingTab::Text && wide {
            continue;
        }
        if ui.selectable_label(!behind && *present == tab, title).clicked() {
            *present = tab;
            clicked = true;
            // Tabs drawn before this one still show the former choice.
            ui.ctx().request_repaint();
        }
    }
    clicked
}
