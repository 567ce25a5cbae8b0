//! Choice of the key that signs the bundle: its fingerprint and its file, another key, a new key.

use std::path::{Path, PathBuf};

use crate::bundle::{BundleError, KeyFile, Signer, SigningKey};
use crate::jobs::{Slot, SlotState};
use crate::model::visible;
use crate::ui::view::ViewContext;
use crate::ui::{dialogs, words};

/// Fewest characters of the passphrase of a new key.
const PASSPHRASE: usize = 8;

/// Source of the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Source {
    #[default]
    Own,
    File,
    Agent,
}

/// Choice and what is known of the key.
#[derive(Default)]
pub(super) struct Signing {
    source: Source,
    path: String,
    passphrase: String,
    browse: dialogs::Browse,
    /// The key's file, read again after each key that was made.
    known: Slot<(Source, String, u32, usize), KeyFile>,
    made: Slot<u32, PathBuf>,
    turn: u32,
}

impl Signing {
    /// The chosen key; `None` while it is not named.
    pub(super) fn signer(&self) -> Option<Signer> {
        let path = self.path.trim();
        match self.source {
            Source::Own => Some(Signer::Own),
            Source::Agent => Some(Signer::Agent),
            Source::File if path.is_empty() => None,
            Source::File => {
                let passphrase = Some(self.passphrase.clone()).filter(|typed| !typed.is_empty());
                Some(Signer::File { path: path.into(), passphrase })
            }
        }
    }

    /// Choice, fingerprint and file; `takes_focus` gives the keyboard to the choice.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, takes_focus: bool) {
        if let Some(file) = self.browse.poll() {
            self.path = file.display().to_string();
        }
        ui.horizontal_wrapped(|ui| {
            ui.label("Signed with");
            let own = ui.radio_value(&mut self.source, Source::Own, "the key of this installation");
            ui.radio_value(&mut self.source, Source::File, "a key in a file");
            ui.radio_value(&mut self.source, Source::Agent, "the key of ssh-agent");
            if takes_focus {
                own.request_focus();
                own.scroll_to_me(Some(egui::Align::Center));
            }
        });
        if self.source == Source::File {
            self.file_ui(ui, cx);
        }
        self.ask(cx);
        if let Some(why) = self.known.failure().or(self.made.failure()) {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        } else if let Some(known) = self.known.answer().filter(|_| self.known.state() == SlotState::Ready) {
            describe(ui, known, self.source);
        }
    }

    /// Reads the key's file where the choice is another one, or a key has been written meanwhile.
    fn ask(&mut self, cx: &ViewContext<'_>) {
        if self.made.poll() {
            self.turn += 1;
        }
        let (source, path) = (self.source, self.path.trim().to_owned());
        if source == Source::Agent || source == Source::File && path.is_empty() {
            self.known.clear();
            return;
        }
        let settings = cx.settings.map(Path::to_owned);
        // The first bundle makes the key, and its entry is in the journal.
        let question = (source, path.clone(), self.turn, cx.state.journal.len());
        self.known.ask::<BundleError>(cx.jobs, None, question, move |_| match source {
            Source::Own => KeyFile::own(settings.as_deref()),
            _ => KeyFile::read(Path::new(&path)),
        });
        self.known.poll();
    }

    fn file_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Key file");
            ui.add(egui::TextEdit::singleline(&mut self.path).desired_width(260.0)).labelled_by(label.id);
            if ui.button("Browse for the key…").clicked() {
                self.browse.any(cx.jobs);
            }
            self.browse.notice(ui);
        });
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Passphrase of the key");
            let field = egui::TextEdit::singleline(&mut self.passphrase).password(true).desired_width(160.0);
            ui.add(field).labelled_by(label.id);
            let is_new = self.known.answer().is_some_and(|known| known.fingerprint.is_none());
            let long = self.passphrase.chars().count() >= PASSPHRASE;
            let ready = is_new && long && !self.path.trim().is_empty();
            let button = ui.add_enabled(ready, egui::Button::new("Make a key in this file"));
            let hint = format!(
                "A new Ed25519 key, for a file that is not there, with {PASSPHRASE} characters or more."
            );
            if button.on_hover_text(&hint).on_disabled_hover_text(hint).clicked() {
                let (path, passphrase) = (PathBuf::from(self.path.trim()), self.passphrase.clone());
                let turn = self.turn;
                self.made.clear();
                self.made.ask::<BundleError>(cx.jobs, None, turn, move |_| {
                    SigningKey::make(&path, &passphrase).map(|_| path)
                });
            }
        });
    }
}

/// Fingerprint and file of a key.
fn describe(ui: &mut egui::Ui, known: &KeyFile, source: Source) {
    let path = words::line(&known.path.display().to_string(), 200);
    let Some(fingerprint) = &known.fingerprint else {
        match source {
            Source::Own => ui.weak(format!("No key yet: the first bundle makes one in {path}.")),
            _ => ui.weak(format!("No key in {path} yet.")),
        };
        return;
    };
    ui.horizontal_wrapped(|ui| {
        ui.monospace(fingerprint).on_hover_text("Fingerprint, for `stillhunt verify --signer`");
        let locked = if known.is_locked { "; it needs its passphrase" } else { "" };
        ui.weak(format!("in {path}{locked}"));
    });
}
