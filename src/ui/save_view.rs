//! Dialog that writes a view as a file: an exhibit of the scope as figure or table, or the view as on screen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ColorImage, Id, Key, Modal};

use super::dialogs::Browse;
use super::screen_picture;
use super::view::{Command, ViewContext};
use super::view_files::{self, Wanted};
use super::{views, words};
use crate::exhibit::{self, Caption, Subject};
use crate::files::{self, Readers};
use crate::jobs::{Slot, SlotState, Ticket};
use crate::model::{Scope, visible};

/// Content of the file.
#[derive(Clone)]
enum Content {
    /// An exhibit of the scope.
    Exhibit(Wanted),
    /// A view, by its id, as it stood on screen.
    Screen(&'static str, Arc<ColorImage>),
}

impl Content {
    fn title(&self) -> String {
        match self {
            Self::Exhibit(wanted) => wanted.title(),
            Self::Screen(view, _) => {
                let entry = views::ALL.iter().find(|entry| entry.id == *view);
                format!("{} {}", entry.map_or(*view, |entry| entry.title), view_files::ON_SCREEN)
            }
        }
    }

    fn file(&self) -> String {
        match self {
            Self::Exhibit(wanted) => wanted.file(),
            Self::Screen(view, _) => format!("{view}_screen.png"),
        }
    }
}

/// The dialog of one file.
pub struct SaveDialog {
    content: Content,
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
        Self::with(Content::Exhibit(wanted), case)
    }

    /// Dialog for a picture of a view.
    pub fn of_screen(view: &'static str, image: ColorImage, case: &Path) -> Self {
        Self::with(Content::Screen(view, Arc::new(image)), case)
    }

    fn with(content: Content, case: &Path) -> Self {
        let folder = case.parent().unwrap_or(case);
        let path = folder.join(content.file()).display().to_string();
        let (browse, written) = (Browse::default(), Slot::default());
        Self { content, is_of_b: false, path, browse, turn: 0, written, opens: true }
    }

    /// Draws the dialog; true once it should close.
    pub fn ui(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>) -> bool {
        if let Some(folder) = self.browse.poll() {
            self.path = folder.join(self.content.file()).display().to_string();
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
            ui.heading(self.content.title());
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
        if let Content::Screen(..) = self.content {
            ui.label("The file has what is visible, text that was revealed included. The scope stands in its description.");
            return;
        }
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
        let (path, content) = (PathBuf::from(self.path.trim()), self.content.clone());
        let (cache, leads, state) = (Arc::clone(cx.cache), Arc::clone(cx.leads), Arc::clone(cx.state));
        let (scope, zone, rows) = (Arc::clone(self.scope(cx)), cx.zone.clone(), cx.selection.cloned());
        self.written.ask::<String>(cx.jobs, Some("Writing a figure"), self.turn, move |ticket| {
            if path.exists() {
                return Err(format!("{} exists already; name another file", path.display()));
            }
            let bytes = match content {
                Content::Exhibit(wanted) => {
                    let (cache, leads, events) = (&*cache, &*leads, &*state.events);
                    let subject = Subject { cache, leads, scope: &scope, zone: &zone, events };
                    exhibit_bytes(wanted, &subject, ticket)?
                }
                Content::Screen(_, image) => {
                    let caption = rows.map(|rows| Caption::of(&cache, &rows, &scope, &zone));
                    let lines = caption.unwrap_or_default().lines;
                    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
                    screen_picture::png(&image, &lines.join("\n")).map_err(|error| error.to_string())?
                }
            };
            files::write(&path, &bytes, Readers::Usual)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(path)
        });
    }
}

fn exhibit_bytes(wanted: Wanted, subject: &Subject<'_>, ticket: &Ticket) -> Result<Vec<u8>, String> {
    let made = exhibit::make(wanted.kind, subject, ticket).map_err(|error| error.to_string())?;
    let bytes = if wanted.is_figure { made.figure } else { Some(made.table) };
    bytes.ok_or_else(|| format!("{} is a table only; write it as CSV", made.title))
}
