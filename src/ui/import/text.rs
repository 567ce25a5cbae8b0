//! The mapping as the text of its file: edited, loaded and saved.

use std::path::{Path, PathBuf};

use egui::{FontSelection, TextEdit, Ui};

use super::sheet::Sheet;
use crate::files;
use crate::jobs::{Jobs, Slot};
use crate::model::visible;
use crate::snapshot::Mapping;
use crate::ui::{dialogs, theme, words};

/// Largest mapping file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Width of a letter of the mapping's text, and of the margins of its field, in points.
const MONOSPACE: f32 = 7.5;
const MARGIN: f32 = 16.0;

/// State of the pane.
#[derive(Default)]
pub struct TextPane {
    path: String,
    /// Number of the last loading or saving.
    turn: u32,
    taken: u32,
    done: Slot<u32, Done>,
    /// File that is there already; the next saving replaces it.
    replaces: Option<PathBuf>,
    browse: dialogs::Browse,
}

/// Result of loading or saving a file.
enum Done {
    Loaded(PathBuf, String),
    Saved(PathBuf),
    /// The file is there already and was left as it is.
    There(PathBuf),
}

impl TextPane {
    /// Draws the pane.
    pub fn ui(&mut self, ui: &mut Ui, sheet: &mut Sheet<'_>, jobs: &Jobs) {
        self.poll(sheet);
        ui.strong("Mapping as a TOML file");
        self.file_ui(ui, sheet, jobs);
        if let Some(fault) = sheet.edit.fault() {
            egui::ScrollArea::vertical().id_salt("fault of the text").max_height(90.0).show(ui, |ui| {
                ui.colored_label(ui.visuals().error_fg_color, visible(fault));
            });
        }
        let mut text = sheet.edit.text().to_owned();
        egui::ScrollArea::both().id_salt("mapping text").auto_shrink(false).show(ui, |ui| {
            // A line in one piece, sideways where it has no room: a broken one reads as two.
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            ui.set_min_width(longest as f32 * MONOSPACE + MARGIN);
            // A name of its own: faults come and go above it while it is typed into.
            let field = TextEdit::multiline(&mut text)
                .id_salt("mapping text")
                .font(FontSelection::Style(egui::TextStyle::Monospace))
                .desired_width(f32::INFINITY)
                .desired_rows(20);
            let field = ui.add(field);
            field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::MultilineTextInput, true, "Mapping as TOML")
            });
            if field.changed() {
                sheet.edit.retype(text);
            }
        });
    }

    fn file_ui(&mut self, ui: &mut Ui, sheet: &Sheet<'_>, jobs: &Jobs) {
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Mapping file");
            ui.add(
                TextEdit::singleline(&mut self.path)
                    .id_salt("mapping file")
                    .hint_text("map.toml")
                    .desired_width(150.0),
            )
            .labelled_by(label.id);
            let path = PathBuf::from(self.path.trim());
            let named = !self.path.trim().is_empty();
            if ui.add_enabled(named, egui::Button::new("Load")).clicked() {
                self.ask(jobs, {
                    let path = path.clone();
                    move || load(&path)
                });
            }
            let replaces = self.replaces.as_deref() == Some(&path);
            let ready = named && sheet.edit.fault().is_none();
            let title = if replaces { "Replace" } else { "Save" };
            if ui.add_enabled(ready, egui::Button::new(title)).clicked() {
                let text = sheet.edit.mapping().clone().explicit(&sheet.looked.proposal).to_toml();
                self.ask(jobs, move || save(path, &text, replaces));
            }
            if ui.button("Browse…").clicked() {
                self.browse.mapping_file(jobs);
            }
            self.browse.notice(ui);
        });
        match (self.done.failure(), self.done.answer()) {
            (Some(why), _) => drop(ui.colored_label(ui.visuals().error_fg_color, visible(why))),
            (None, Some(Done::Loaded(path, _))) => drop(ui.weak(format!("Loaded {}", display_path(path)))),
            (None, Some(Done::Saved(path))) => drop(ui.weak(format!("Saved {}", display_path(path)))),
            (None, Some(Done::There(path))) => {
                let text = format!("{} is there already. Press Replace to overwrite it.", display_path(path));
                ui.colored_label(ui.visuals().warn_fg_color, text);
            }
            (None, None) => {}
        }
        ui.add_space(theme::GAP);
    }

    fn ask(&mut self, jobs: &Jobs, work: impl FnOnce() -> Result<Done, String> + Send + 'static) {
        self.turn += 1;
        self.done.ask(jobs, None, self.turn, move |_| work());
    }

    fn poll(&mut self, sheet: &mut Sheet<'_>) {
        if let Some(path) = self.browse.poll() {
            self.path = path.display().to_string();
        }
        if !self.done.poll() || self.taken == self.turn {
            return;
        }
        self.taken = self.turn;
        self.replaces = None;
        match self.done.answer() {
            Some(Done::Loaded(_, text)) if self.done.failure().is_none() => match Mapping::from_toml(text) {
                Ok(mapping) => sheet.edit.take(mapping.completed(&sheet.looked.proposal)),
                Err(_) => sheet.edit.retype(text.clone()),
            },
            Some(Done::There(path)) => self.replaces = Some(path.clone()),
            _ => {}
        }
    }
}

fn display_path(path: &Path) -> String {
    words::line(&path.display().to_string(), 80)
}

fn load(path: &Path) -> Result<Done, String> {
    let failed = |why: String| format!("{}: {why}", path.display());
    let length = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if length > MAX_BYTES {
        return Err(failed(format!("{length} bytes are too many for a mapping file")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    Ok(Done::Loaded(path.to_owned(), text))
}

fn save(path: PathBuf, text: &str, replaces: bool) -> Result<Done, String> {
    if path.exists() && !replaces {
        return Ok(Done::There(path));
    }
    match files::write(&path, text.as_bytes(), files::Readers::Usual) {
        Ok(()) => Ok(Done::Saved(path)),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
