//! Dialog that writes a view as a file: an exhibit of the scope, as figure or table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Id, Key, Modal};

use super::dialogs::Browse;
use super::view::{Command, ViewContext};
use super::view_files::Wanted;
use super::words;
use crate::exhibit::{self, Subject};
use crate::files::{self, Readers};
use crate::jobs::{Slot, SlotState};
use crate::model::{Scope, visible};

/// The dialog of one file.
pub struct SaveDialog {
    wanted: Wanted,
    /// True for a file of the second scope.
    is_of_b: bool,
    path: String,
    browse: Browse,
    /// Number of the last attempt.
    turn: u32,
    written: Slot<u32, PathBuf>,
    opens: bool,
}

impl SaveDialog {
    /// Dialog for a file in the folder of the case's folder.
    pub fn new(wanted: Wanted, case: &Path) -> Self {
        let folder = case.parent().unwrap_or(case);
        let path = folder.join(wanted.file()).display().to_string();
        let (browse, written) = (Browse::default(), Slot::default());
        Self { wanted, is_of_b: false, path, browse, turn: 0, written, opens: true }
    }

    /// Draws the dialog; true once it should close.
    pub fn ui(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>) -> bool {
        if let Some(folder) = self.browse.poll() {
            self.path = folder.join(self.wanted.file()).display().to_string();
        }
        if self.written.poll()
            && self.written.state() == SlotState::Ready
            && let Some(path) = self.written.answer()
        {
            cx.send(Command::Notify(format!("Written: {}", path.display())));
            return true;
        }
        let mut done = false;
        let modal = Modal::new(Id::unique("save view")).show(ctx, |ui| {
            ui.set_width(460.0);
            ui.heading(self.wanted.title());
            let scope = self.scope(cx).describe(cx.zone);
            ui.label(format!("Present scope: {}.", words::line(&scope, 200)));
            self.side(ui, cx);
            ui.horizontal(|ui| {
                let label = ui.label("File");
                let field = egui::TextEdit::singleline(&mut self.path).desired_width(300.0);
                let field = ui.add(field).labelled_by(label.id);
                if std::mem::take(&mut self.opens) {
                    field.request_focus();
                }
                if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                    self.write(cx);
                }
                if ui.button("Folder…").clicked() {
                    self.browse.folder(cx.jobs);
                }
                self.browse.notice(ui);
            });
            if let Some(why) = self.written.failure() {
                ui.colored_label(ui.visuals().error_fg_color, visible(why));
            }
            ui.horizontal(|ui| {
                let is_busy = self.written.state() == SlotState::Pending;
                if ui
                    .add_enabled(!is_busy && !self.path.trim().is_empty(), egui::Button::new("Write"))
                    .clicked()
                {
                    self.write(cx);
                }
                done = ui.button("Close").clicked();
                if is_busy {
                    ui.spinner();
                }
            });
        });
        done || modal.should_close()
    }

    /// Choice of the scope of the file, where two are compared.
    fn side(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let Some(against) = cx.against else { return };
        ui.horizontal_wrapped(|ui| {
            ui.label("File of");
            ui.selectable_value(&mut self.is_of_b, false, "scope A");
            ui.add_enabled_ui(!against.negated, |ui| {
                let b = ui.selectable_value(&mut self.is_of_b, true, "scope B");
                b.on_disabled_hover_text("“Everything but B” is no scope of its own.");
            });
        });
        ui.label("The file compares this scope with all other exchanges, not with the other scope.");
    }

    /// The scope of the file.
    fn scope<'a>(&self, cx: &ViewContext<'a>) -> &'a Arc<Scope> {
        let b = cx.against.filter(|against| self.is_of_b && !against.negated);
        b.map_or(cx.scope, |against| &against.scope)
    }

    fn write(&mut self, cx: &ViewContext<'_>) {
        self.turn += 1;
        let (path, wanted) = (PathBuf::from(self.path.trim()), self.wanted);
        let (cache, leads, state) = (Arc::clone(cx.cache), Arc::clone(cx.leads), Arc::clone(cx.state));
        let (scope, zone) = (Arc::clone(self.scope(cx)), cx.zone.clone());
        self.written.ask::<String>(cx.jobs, Some("Writing a figure"), self.turn, move |ticket| {
            if path.exists() {
                return Err(format!("{} exists already; name another file", path.display()));
            }
            let subject =
                Subject { cache: &cache, leads: &leads, scope: &scope, zone: &zone, events: &state.events };
            let made = exhibit::make(wanted.kind, &subject, ticket).map_err(|error| error.to_string())?;
            let bytes = if wanted.is_figure { made.figure } else { Some(made.table) };
            let bytes = bytes.ok_or_else(|| format!("{} is a table only; write it as CSV", made.title))?;
            files::write(&path, &bytes, Readers::Usual)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(path)
        });
    }
}
