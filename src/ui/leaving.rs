//! Closing a case or the window: requests are written first, and the user confirms any loss.

use egui::{Id, Modal};

use super::unsent::Unsent;
use super::words;
use crate::jobs::{ImportRequest, NotWritten, Pending, SourceChangeRequest};

/// Maximum number of listed lines; the others are counted.
const LISTED: usize = 8;

/// Action once all is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Aim {
    /// The window closes.
    Window,
    /// The case closes, and the start screen comes.
    Case,
    /// The case closes, and files are imported.
    Import(Box<ImportRequest>),
    /// The case closes, and one of its snapshots is changed.
    Change(Box<SourceChangeRequest>),
}

/// Unfinished work that delays the aim.
#[derive(Default)]
pub struct Unfinished {
    /// Writes under way.
    pub writes: Vec<Pending>,
    /// An import is running; closing asks before it stops it.
    pub import: bool,
    /// Decisions that were not written, not yet dismissed by the user.
    pub failed: Vec<NotWritten>,
    /// Text typed in forms and not sent.
    pub unsent: Vec<Unsent>,
}

impl Unfinished {
    fn is_empty(&self) -> bool {
        self.writes.is_empty() && !self.import && self.failed.is_empty() && self.unsent.is_empty()
    }
}

/// The investigator's answer in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// None yet.
    Wait,
    /// All work is finished, or the investigator accepts the loss.
    Go,
    /// As [`Go`](Self::Go), and unfinished writes are abandoned.
    GiveUp,
    /// Keep the case open.
    Stay,
    /// Stop the import, then close.
    StopImport,
}

/// Request to close a case or the window.
pub struct Leaving {
    /// Action once all is written.
    pub aim: Aim,
    /// Requested a second time: the dialog lists what would be lost.
    insists: bool,
    /// Requested by a signal, so no user may be present to answer.
    by_signal: bool,
    /// The import was asked to stop.
    stops_import: bool,
    /// The question about a running import is on the screen.
    asks_about_import: bool,
    /// The user accepts the loss of unsent text.
    discards: bool,
    /// The user has decided; no dialog is shown any more.
    decided: bool,
}

impl Leaving {
    /// First request.
    pub fn new(aim: Aim, by_signal: bool) -> Self {
        Self {
            aim,
            insists: false,
            by_signal,
            stops_import: false,
            asks_about_import: false,
            discards: false,
            decided: false,
        }
    }

    /// Repeated request; closing the window replaces closing the case.
    pub fn insist(&mut self, aim: Aim) {
        if aim == Aim::Window && self.aim != Aim::Window {
            self.aim = aim;
        } else {
            self.insists = true;
        }
    }

    /// True if requested by a signal and the user has not decided yet.
    pub fn is_by_signal(&self) -> bool {
        self.by_signal && !self.decided
    }

    /// True if the case closes so that files can be added to it.
    pub fn is_before_an_import(&self) -> bool {
        matches!(self.aim, Aim::Import(_))
    }

    /// Records the decision: the window may close.
    pub fn decide(&mut self) {
        self.decided = true;
    }

    /// Shows the unfinished work, if any.
    pub fn ui(&mut self, ctx: &egui::Context, unfinished: &Unfinished) -> Answer {
        // The import has ended before anyone answered: what it made is on the screen now.
        if self.asks_about_import && !unfinished.import && !self.stops_import && !self.decided {
            return Answer::Stay;
        }
        let lost_only = unfinished.writes.is_empty() && !unfinished.import;
        if self.decided || unfinished.is_empty() || (self.by_signal && lost_only) {
            return Answer::Go;
        }
        let text = !self.by_signal && !self.discards && !unfinished.unsent.is_empty();
        if !text && lost_only && unfinished.failed.is_empty() {
            return Answer::Go;
        }
        if unfinished.import && self.by_signal && !self.stops_import {
            self.stops_import = true;
            return Answer::StopImport;
        }
        self.asks_about_import |= unfinished.import && !text;
        let mut answer = Answer::Wait;
        let modal = Modal::new(Id::unique("leaving")).show(ctx, |ui| {
            ui.set_width(420.0);
            answer = if text {
                self.unsent_ui(ui, &unfinished.unsent)
            } else if unfinished.import {
                self.import_ui(ui)
            } else if unfinished.writes.is_empty() {
                self.failed_ui(ui, &unfinished.failed)
            } else {
                self.writes_ui(ui, &unfinished.writes)
            };
        });
        if text && answer == Answer::Wait && !self.discards && modal.should_close() {
            answer = Answer::Stay;
        }
        self.stops_import |= answer == Answer::StopImport;
        answer
    }

    fn verb(&self) -> &'static str {
        if self.aim == Aim::Window { "The window closes" } else { "The case closes" }
    }

    fn unsent_ui(&mut self, ui: &mut egui::Ui, unsent: &[Unsent]) -> Answer {
        ui.heading("Not saved");
        ui.label("Closing now loses:");
        let lines: Vec<String> = unsent.iter().map(Unsent::in_words).collect();
        list(ui, lines.iter().map(String::as_str));
        let stay = ui.button("Keep the case open");
        if ui.memory(|memory| memory.focused().is_none()) {
            stay.request_focus();
        }
        self.discards = ui.button("Close and lose this").clicked();
        first_of([(stay.clicked(), Answer::Stay)])
    }

    fn import_ui(&self, ui: &mut egui::Ui) -> Answer {
        if self.stops_import {
            ui.heading("Stopping the import");
            ui.spinner();
            ui.label("The window closes once the files of the stopped import are removed.");
            return Answer::Wait;
        }
        ui.heading("Import in progress");
        ui.label("Closing stops the import. The case stays as it was before.");
        let stop = ui.button("Stop the import and close").clicked();
        let stay = ui.button("Let the import go on").clicked();
        first_of([(stop, Answer::StopImport), (stay, Answer::Stay)])
    }

    fn writes_ui(&mut self, ui: &mut egui::Ui, writes: &[Pending]) -> Answer {
        let count: u64 = writes.iter().map(|pending| pending.decisions).sum();
        let decisions = words::counted(count, "decision", "decisions");
        let lines = writes.iter().map(|pending| pending.what.as_str());
        if !self.insists {
            ui.heading("Still writing");
            ui.horizontal(|ui| {
                ui.spinner();
                let is = if count == 1 { "is" } else { "are" };
                ui.label(format!("{decisions} {is} being written. {} once all is on disk.", self.verb()));
            });
            list(ui, lines);
            let again = ui.button("Close without waiting…").clicked();
            self.insists |= again;
            let stay = !self.by_signal && ui.button("Keep the case open").clicked();
            return first_of([(stay, Answer::Stay)]);
        }
        ui.heading(format!("Close and lose {decisions}?"));
        ui.label("Not on disk yet. Closing now loses:");
        list(ui, lines);
        let wait = ui.button("Wait until all is written").clicked();
        self.insists &= !wait;
        let lose = ui.button(format!("Close and lose {decisions}")).clicked();
        first_of([(lose, Answer::GiveUp)])
    }

    fn failed_ui(&self, ui: &mut egui::Ui, failed: &[NotWritten]) -> Answer {
        let count = words::counted(failed.len() as u64, "decision was", "decisions were");
        ui.heading(format!("{count} not written"));
        let lines: Vec<String> =
            failed.iter().map(|failed| format!("{}: {}", failed.what, failed.why)).collect();
        list(ui, lines.iter().map(String::as_str));
        let stay = ui.button("Keep the case open").clicked();
        let go = ui.button("Close without them").clicked();
        first_of([(stay, Answer::Stay), (go, Answer::Go)])
    }
}

fn list<'a>(ui: &mut egui::Ui, lines: impl ExactSizeIterator<Item = &'a str>) {
    let more = lines.len().saturating_sub(LISTED);
    for line in lines.take(LISTED) {
        ui.label(format!("• {}", words::line(line, 200)));
    }
    if more > 0 {
        ui.weak(format!("and {} more", words::count(more as u64)));
    }
}

fn first_of<const N: usize>(answers: [(bool, Answer); N]) -> Answer {
    answers.into_iter().find(|(chosen, _)| *chosen).map_or(Answer::Wait, |(_, answer)| answer)
}
