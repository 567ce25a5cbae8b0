//! The first screen: open the sample, open a case, make a new case from files of a log.

use std::path::{Path, PathBuf};

use egui::{RichText, vec2};

use super::recent::{self, Recent, RecentCase};
use super::widgets::follow_focus;
use super::{dialogs, theme, words};
use crate::jobs::{Jobs, NotOpened, Slot, WayOut};
use crate::model::{Zone, visible};

/// Choice made on the start screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An existing case; true to open it read-only.
    Open(PathBuf, bool),
    /// The sample.
    Sample,
    /// A new case from these files and folders.
    New(Vec<PathBuf>),
    /// A case of the sealed copies in this folder, whose own case is lost.
    Adopt(PathBuf),
}

/// The screen's own state.
#[derive(Default)]
pub struct StartScreen {
    recent: Slot<u32, Recent>,
    case: String,
    files: String,
    browse_case: dialogs::Browse,
    browse_files: dialogs::Browse,
    failure: Option<(NotOpened, Option<PathBuf>)>,
    /// True until the field of a case that did not open has the keyboard again.
    mends: bool,
}

impl StartScreen {
    /// Shows the error of the last request, with the next step if there is one.
    pub fn failed(&mut self, failed: NotOpened, case: Option<PathBuf>) {
        self.mends = case.is_some();
        self.failure = Some((failed, case));
    }

    /// Draws the screen.
    pub fn ui(&mut self, ui: &mut egui::Ui, jobs: &Jobs, settings: Option<&Path>) -> Option<Wish> {
        let settings = settings.map(Path::to_owned);
        self.recent.ask::<String>(jobs, None, 0, move |_| {
            Ok(recent::file(settings.as_deref()).map(|file| Recent::read(&file)).unwrap_or_default())
        });
        self.recent.poll();
        let mut wish = self.browsed();
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.vertical_centered(|ui| {
                ui.set_max_width(620.0_f32.min(ui.available_width() - 12.0));
                ui.add_space(40.0);
                ui.label(RichText::new("Stillhunt").size(30.0).strong());
                ui.label("Finds accounts that act together, states the reasons and writes evidence that others can check.");
                ui.add_space(18.0);
                ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                    if self.failure.as_ref().is_some_and(|(_, case)| case.is_none()) {
                        self.failure_ui(ui, &mut wish);
                        ui.add_space(theme::GROUP_GAP);
                    }
                    sample_ui(ui, &mut wish);
                    self.open_ui(ui, jobs, &mut wish);
                    self.new_ui(ui, jobs, &mut wish);
                    self.recent_ui(ui, &mut wish);
                });
            });
            follow_focus::scroll(ui);
        });
        if wish.is_some() {
            self.failure = None;
        }
        wish
    }

    fn browsed(&mut self) -> Option<Wish> {
        let case = self.browse_case.poll().map(|case| Wish::Open(case, false));
        let files = self.browse_files.poll_all().map(Wish::New);
        case.or(files)
    }

    fn failure_ui(&mut self, ui: &mut egui::Ui, wish: &mut Option<Wish>) {
        let Some((failed, case)) = &self.failure else { return };
        let why = RichText::new(visible(&failed.why)).color(ui.visuals().error_fg_color);
        ui.add(egui::Label::new(why).wrap());
        match (&failed.way_out, case) {
            (Some(WayOut::ReadOnly), Some(case)) if ui.button("Open it read-only").clicked() => {
                *wish = Some(Wish::Open(case.clone(), true));
            }
            (Some(WayOut::Adopt(dir, copies)), _) => {
                let copies = words::counted(*copies as u64, "sealed copy", "sealed copies");
                if ui.button(format!("Make a case of its {copies}…")).clicked() {
                    *wish = Some(Wish::Adopt(dir.clone()));
                }
            }
            _ => {}
        }
        if let Some(case) = case
            && ui.button("Try again").clicked()
        {
            *wish = Some(Wish::Open(case.clone(), false));
        }
    }

    fn open_ui(&mut self, ui: &mut egui::Ui, jobs: &Jobs, wish: &mut Option<Wish>) {
        card(ui, "Open a case", |ui| {
            ui.horizontal_wrapped(|ui| {
                let label = ui.label("Case folder");
                let field = egui::TextEdit::singleline(&mut self.case)
                    .hint_text("acme.stillhunt")
                    .desired_width(field_width(ui));
                let field = ui.add(field).labelled_by(label.id);
                let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
                if std::mem::take(&mut self.mends) {
                    field.request_focus();
                }
                let path = self.case.trim();
                let open = ui.add_enabled(!path.is_empty(), egui::Button::new("Open")).clicked();
                if (open || entered) && !path.is_empty() {
                    *wish = Some(Wish::Open(PathBuf::from(path), false));
                }
                if ui.button("Browse…").clicked() {
                    self.browse_case.folder(jobs);
                }
            });
            self.browse_case.notice(ui);
            // Under the field it is about, so that nothing above it moves.
            if self.failure.as_ref().is_some_and(|(_, case)| case.is_some()) {
                self.failure_ui(ui, wish);
            }
        });
    }

    fn new_ui(&mut self, ui: &mut egui::Ui, jobs: &Jobs, wish: &mut Option<Wish>) {
        card(ui, "New case from log snapshots", |ui| {
            drop_zone(ui);
            ui.horizontal_wrapped(|ui| {
                let label = ui.label("Files or folder");
                let field = egui::TextEdit::singleline(&mut self.files)
                    .hint_text("/data/logs/2026-05")
                    .desired_width(field_width(ui));
                let entered = ui.add(field).labelled_by(label.id).lost_focus()
                    && ui.input(|i| i.key_pressed(egui::Key::Enter));
                let path = self.files.trim();
                let go = ui.add_enabled(!path.is_empty(), egui::Button::new("New case…")).clicked();
                if (go || entered) && !path.is_empty() {
                    *wish = Some(Wish::New(vec![PathBuf::from(path)]));
                }
                if ui.button("Browse files…").clicked() {
                    self.browse_files.log_files(jobs);
                }
            });
            self.browse_files.notice(ui);
            ui.weak(
                "No logs at hand? Open the sample above, or make synthetic logs: stillhunt generate --help",
            );
        });
    }

    fn recent_ui(&self, ui: &mut egui::Ui, wish: &mut Option<Wish>) {
        let Some(recent) = self.recent.answer().filter(|recent| !recent.cases.is_empty()) else { return };
        card(ui, "Recent cases", |ui| {
            for case in &recent.cases {
                let path = &case.path;
                let name = path
                    .file_name()
                    .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
                ui.horizontal_wrapped(|ui| {
                    if ui.link(words::line(&name, 60)).clicked() {
                        *wish = Some(Wish::Open(path.clone(), false));
                    }
                    let folder = path.parent().unwrap_or(Path::new("")).display().to_string();
                    ui.weak(words::line(&folder, 70));
                });
                let figures = figures(case);
                if !figures.is_empty() {
                    ui.weak(figures);
                }
            }
        });
    }
}

/// Width of a field with a path, in points, beside its buttons.
fn field_width(ui: &egui::Ui) -> f32 {
    (ui.available_size_before_wrap().x - 220.0).clamp(120.0, 320.0)
}

/// Size, span and last opening of a case; empty where none is stored.
fn figures(case: &RecentCase) -> String {
    let zone = Zone::utc();
    let mut parts = Vec::new();
    if let Some((accounts, exchanges)) = case.size {
        parts.push(words::counted(accounts, "account", "accounts"));
        parts.push(words::counted(exchanges, "exchange", "exchanges"));
    }
    if let Some((first, last)) = case.span {
        parts.push(format!("{} to {}", zone.format_date(first), zone.format_date(last)));
    }
    parts.extend(case.opened.map(|opened| format!("opened {} UTC", zone.format(opened))));
    parts.join(" · ")
}

/// Area with the note that files can be dropped; highlighted while files are over the window.
fn drop_zone(ui: &mut egui::Ui) {
    let is_over = ui.input(|input| !input.raw.hovered_files.is_empty());
    let visuals = ui.visuals();
    let (stroke, fill) = match is_over {
        true => (visuals.selection.stroke, visuals.selection.bg_fill),
        false => (visuals.window_stroke, visuals.panel_fill),
    };
    egui::Frame::new().fill(fill).stroke(stroke).corner_radius(4).inner_margin(12.0).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.vertical_centered(|ui| {
            ui.label("Drop files or folders of Parquet, JSON Lines or CSV on this window")
        });
    });
    ui.add_space(theme::GAP);
}

fn sample_ui(ui: &mut egui::Ui, wish: &mut Option<Wish>) {
    card(ui, "Try it on the sample", |ui| {
        ui.horizontal_wrapped(|ui| {
            if ui.button("Open the sample").clicked() {
                *wish = Some(Wish::Sample);
            }
            ui.weak("1,500 synthetic accounts with 2 planted campaigns. The case is temporary.");
        });
    });
}

fn card(ui: &mut egui::Ui, title: &str, add: impl FnOnce(&mut egui::Ui)) {
    let frame = egui::Frame::new()
        .fill(ui.visuals().extreme_bg_color)
        .stroke(ui.visuals().window_stroke)
        .corner_radius(4)
        .inner_margin(10.0);
    frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.strong(title);
        ui.add_space(theme::GAP);
        add(ui);
    });
    ui.add_space(vec2(0.0, theme::GROUP_GAP).y);
}
