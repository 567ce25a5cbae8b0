//! Export: contents, checklist and target of the bundle, and the commands that check it.

mod open_points;
mod preview;
mod redactions;
mod signing;
mod statements;
mod time_stamp;
mod written;

use std::path::PathBuf;
use std::sync::Arc;

use super::super::view::{Command, Selected, View, ViewContext};
use crate::bundle::{
    Audience, BundleError, CheckItem, CheckState, PROVISIONAL, checklist, disclosed_notes,
    refuses_provisional,
};
use crate::case::legal::Profile;
use crate::case::{Action, CLOCK_STATEMENT, EvidenceSource, Kept, SOURCES_KEPT, State, unmarked};
use crate::jobs::{Slot, SlotState};
use crate::model::{Digest, Tag, visible};
use crate::ui::unsent::Unsent;
use crate::ui::widgets::follow_focus;
use crate::ui::{dialogs, keyboard, marks, theme, words};
use open_points::Checked;

/// The view.
#[derive(Default)]
pub struct ExportView {
    /// The checklist for one head of the journal and one press of the button.
    checks: Slot<(Option<Digest>, Audience, u32), Vec<CheckItem>>,
    asked: Option<(Option<Digest>, Audience, u32)>,
    include_text: bool,
    out: String,
    browse: dialogs::Browse,
    /// Reader of the bundle; PRODUCTION until another is chosen.
    audience: Option<Audience>,
    /// Proceeding that the bundle is made for.
    profile: Profile,
    preview: preview::Previewed,
    statements: statements::Statements,
    redactions: redactions::Redactions,
    signing: signing::Signing,
    /// Counts of what is marked, with the number of journal entries that they are of.
    marked: Option<(usize, [usize; 3])>,
    time_stamp: time_stamp::TimeStamp,
    written: written::Written,
    /// Draft of the statement about the clocks; `None` until the user types.
    clocks: Option<String>,
}

impl View for ExportView {
    fn id(&self) -> &'static str {
        "export"
    }

    fn title(&self) -> &'static str {
        "Export"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if let Some(folder) = self.browse.poll() {
            self.out = folder.display().to_string();
        }
        let named = Audience::ALL.into_iter().find(|audience| cx.page == Some(audience.word()));
        self.audience = named.or(self.audience);
        // The bar stands beside the text, not over it.
        ui.spacing_mut().scroll.floating_allocated_width = 8.0;
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.audience_ui(ui);
            let marked = self.marked(cx);
            contents(ui, cx, marked, self.audience(), self.include_text);
            self.checklist(ui, cx);
            self.target(ui, cx);
            self.written.ui(ui, cx);
            self.time_stamp.ui(ui, cx);
            follow_focus::scroll(ui);
        });
    }

    fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let typed = self.clocks.as_deref().filter(|text| text.trim() != Self::stated(cx));
        let clocks = typed.and_then(|text| Unsent::of("statement on the clocks", text));
        clocks.into_iter().chain(self.statements.unsent(cx)).chain(self.redactions.unsent()).collect()
    }
}

impl ExportView {
    /// Counts of what is marked, computed after each entry of the journal.
    fn marked(&mut self, cx: &ViewContext<'_>) -> [usize; 3] {
        let entries = cx.state.journal.len();
        match self.marked {
            Some((at, counts)) if at == entries => counts,
            _ => {
                let counts = marked(cx.state);
                self.marked = Some((entries, counts));
                counts
            }
        }
    }

    /// Statement about the clocks stored in the case.
    fn stated<'a>(cx: &ViewContext<'a>) -> &'a str {
        cx.state.settings.get(CLOCK_STATEMENT).map_or("", String::as_str)
    }

    fn checklist(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.add_space(theme::GROUP_GAP);
        ui.strong("2. Checklist");
        let head = cx.state.journal.last().map(|entry| entry.hash);
        let stale = self.asked.is_some() && !self.is_current(cx);
        ui.horizontal(|ui| {
            let label = if self.asked.is_none() { "Run the checklist" } else { "Run the checklist again" };
            let hint = "Hashes every source file again. This reads all files once.";
            let run = ui.push_id("run", |ui| ui.button(label)).inner.on_hover_text(hint);
            if cx.page == Some("checklist") {
                keyboard::give(ui.ctx(), run.id);
                run.scroll_to_me(Some(egui::Align::Center));
            }
            if run.clicked() {
                let turn = self.asked.map_or(0, |(.., turn)| turn + 1);
                self.asked = Some((head, self.audience(), turn));
            }
            if self.checks.state() == SlotState::Pending {
                ui.spinner();
            }
            if stale {
                ui.weak("The case has changed since this checklist.");
            }
        });
        if let Some(question) = self.asked {
            let (state, sources, cache, leads) =
                (Arc::clone(cx.state), Arc::clone(cx.sources), Arc::clone(cx.cache), Arc::clone(cx.leads));
            self.checks.ask::<BundleError>(cx.jobs, Some("Export checklist"), question, move |ticket| {
                checklist(&state, &sources, &cache, &leads, question.1, ticket)
            });
        }
        self.checks.poll();
        if let Some(why) = self.checks.failure() {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        }
        for item in self.checks.answer().into_iter().flatten() {
            check_item(ui, item);
        }
        weigh_links(ui, cx);
        self.clocks_ui(ui, cx);
        kept_ui(ui, cx);
        self.statements.ui(ui, cx, self.audience());
    }

    /// True if the checklist was run for the case as it is now and the chosen reader.
    fn is_current(&self, cx: &ViewContext<'_>) -> bool {
        let head = cx.state.journal.last().map(|entry| entry.hash);
        self.asked.is_some_and(|(at, to, _)| (at, to) == (head, self.audience()))
    }

    /// Names what is not done, where the bundle is written.
    fn open_points(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let checked = match self.checks.answer() {
            _ if self.checks.state() == SlotState::Pending => Checked::Running,
            Some(items) if self.asked.is_some() => Checked::Items(items, self.is_current(cx)),
            _ => Checked::No,
        };
        open_points::ui(ui, checked, &self.unsent(cx));
    }

    fn audience(&self) -> Audience {
        self.audience.unwrap_or(Audience::Production)
    }

    fn audience_ui(&mut self, ui: &mut egui::Ui) {
        let chosen = self.audience();
        ui.horizontal_wrapped(|ui| {
            ui.label("Bundle for");
            for audience in Audience::ALL {
                let radio = ui.radio(audience == chosen, audience.word().to_uppercase());
                if radio.on_hover_text(audience.describe()).clicked() {
                    self.audience = Some(audience);
                }
            }
        });
        for audience in Audience::ALL {
            let text = format!("{}: {}", audience.word().to_uppercase(), audience.describe());
            if audience == chosen {
                ui.label(text)
            } else {
                ui.weak(text)
            };
        }
        ui.label("Each bundle can be checked without Stillhunt.");
    }

    fn profile_ui(&mut self, ui: &mut egui::Ui, audience: Audience) {
        if !audience.has_records() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.label("Legal elements of").on_hover_text(
                "Clauses and acceptance are left out of a trade-secret bundle, the secret and its measures of a terms bundle.",
            );
            for profile in Profile::ALL {
                ui.radio_value(&mut self.profile, profile, profile.title());
            }
        });
    }

    fn clocks_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let stated = Self::stated(cx);
        let mut text = self.clocks.clone().unwrap_or_else(|| stated.to_owned());
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Clocks of the sources");
            let field = egui::TextEdit::singleline(&mut text)
                .hint_text("e.g. “synchronised by NTP, according to …”")
                .desired_width(320.0);
            if ui.add_enabled(!cx.read_only, field).labelled_by(label.id).changed() {
                self.clocks = Some(text.clone());
            }
            let ready = !cx.read_only && text.trim() != stated;
            if ui.add_enabled(ready, egui::Button::new("Save the statement")).clicked() {
                cx.send(Command::Record(Action::clocks(&text)));
                self.clocks = None;
            }
        });
    }

    /// Draws the field of the folder; true if Enter was pressed in it.
    fn folder(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> bool {
        let drawn = ui.horizontal(|ui| {
            let label = ui.label("Write into the folder");
            // An id of its own: what stands above it comes and goes, and it would lose the keyboard.
            let field = egui::TextEdit::singleline(&mut self.out).id_salt("folder").desired_width(320.0);
            let field = ui.add(field).labelled_by(label.id);
            if cx.page == Some("folder") {
                keyboard::give(ui.ctx(), field.id);
                field.scroll_to_me(Some(egui::Align::Center));
            }
            if ui.button("Browse…").clicked() {
                self.browse.folder(cx.jobs);
            }
            field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
        });
        self.browse.notice(ui);
        drawn.inner
    }

    fn target(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.add_space(theme::GROUP_GAP);
        ui.strong("3. Write the bundle");
        let audience = self.audience();
        if audience.has_records() {
            ui.checkbox(&mut self.include_text, "Include prompts and responses of the evidence")
                .on_hover_text("Without a tick the text is withheld, and the redaction log lists it.");
        }
        if audience.has_records() && self.include_text {
            self.redactions.ui(ui, cx, audience);
        }
        if let Some(notes) = disclosed_notes(cx.state, audience) {
            ui.label(notes);
        }
        self.profile_ui(ui, audience);
        self.preview.ui(ui, cx, (audience, self.profile), self.include_text);
        self.signing.ui(ui, cx, cx.focus_filter == Some("export"));
        let entered = self.folder(ui, cx);
        if cx.leads.provisional {
            let outcome = if refuses_provisional(audience) { "No bundle yet" } else { "The report says" };
            ui.colored_label(ui.visuals().warn_fg_color, format!("{outcome}: {PROVISIONAL}."));
        }
        let out = self.out.trim();
        let complete = !(cx.leads.provisional && refuses_provisional(audience));
        let signer = self.signing.signer();
        let ready = !cx.read_only && !out.is_empty() && complete && signer.is_some();
        self.open_points(ui, cx);
        let title = format!("Write the {} bundle", audience.word().to_uppercase());
        // As the field, an id of its own.
        let button = ui.push_id("write", |ui| ui.add_enabled(ready, egui::Button::new(title))).inner;
        let why_not = if complete {
            "Enter a folder first, and the file of the key. A read-only case writes no bundle."
        } else {
            "The text pass has to end first."
        };
        if entered || cx.page == Some("write") {
            // Enter goes on to the button, and does not write at once.
            keyboard::give(ui.ctx(), button.id);
            button.scroll_to_me(Some(egui::Align::Center));
        }
        if button.on_disabled_hover_text(why_not).clicked()
            && let Some(signer) = signer
        {
            let (out, include_text) = (PathBuf::from(out), self.include_text);
            self.written.expect(out.clone());
            cx.send(Command::Export { audience, profile: self.profile, out, include_text, signer });
        }
    }
}

/// Choice of the statement on how the logs were kept; journaled at once.
fn kept_ui(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let stated = cx.state.settings.get(SOURCES_KEPT).map_or("", String::as_str);
    ui.horizontal_wrapped(|ui| {
        ui.label("The logs were kept");
        let choices = [(None, "not stated")];
        let choices = choices.into_iter().chain(Kept::ALL.map(|kept| (Some(kept), kept.as_str())));
        for (kept, word) in choices {
            let chosen = kept.map_or("", Kept::as_str) == stated;
            let button = ui.add_enabled(!cx.read_only, egui::RadioButton::new(chosen, word));
            if button.clicked() && !chosen {
                cx.send(Command::Record(Action::kept(kept)));
            }
        }
    });
}

/// Links from each lead relied on to the form that weighs its explanations.
fn weigh_links(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    for evidence in cx.state.evidence.values().filter(|evidence| evidence.tag == Tag::ReliedOn) {
        if matches!(evidence.source, EvidenceSource::Exchange { .. }) {
            continue;
        }
        let source = words::evidence_source(&evidence.source, cx.zone);
        if ui.link(format!("Weigh the benign explanations of {source}")).clicked() {
            cx.send(Command::Select(Selected::Evidence(evidence.id)));
        }
    }
}

/// Exchanges, accounts and scopes that are marked, repeated marks once.
fn marked(state: &State) -> [usize; 3] {
    let repeats = state.repeats();
    let mut counts = [0; 3];
    for evidence in state.evidence.values().filter(|evidence| !repeats.contains_key(&evidence.id)) {
        let kind = match evidence.source {
            EvidenceSource::Exchange { .. } => 0,
            EvidenceSource::Account { .. } => 1,
            EvidenceSource::Scope { .. } => 2,
        };
        counts[kind] += 1;
    }
    counts
}

/// Counts of the bundle's contents.
fn contents(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    [exchanges, accounts, scopes]: [usize; 3],
    audience: Audience,
    include_text: bool,
) {
    ui.add_space(theme::GROUP_GAP);
    ui.strong("1. Contents");
    if exchanges + accounts + scopes == 0 {
        ui.colored_label(
            ui.visuals().warn_fg_color,
            "0 pieces of evidence. Mark a lead and some exchanges first.",
        );
    }
    for (at, status) in unmarked(cx.state, cx.decisions) {
        ui.horizontal_wrapped(|ui| {
            let (lead, status) = (words::lead(cx.leads, at), status.in_words());
            let text = format!("Not in the bundle: {lead}, {status}, is not marked as evidence.");
            ui.colored_label(ui.visuals().warn_fg_color, text);
            if ui.add_enabled(!cx.read_only, egui::Button::new("Mark as relied on").small()).clicked() {
                marks::rely_on(cx, at);
            }
        });
    }
    if !audience.has_records() {
        return;
    }
    let text = if include_text { "with prompts and responses" } else { "without prompts and responses" };
    ui.label(format!("{} as records, {text}", words::counted(exchanges as u64, "exchange", "exchanges")));
    ui.label(format!(
        "{} and {} as exhibits and summaries",
        words::counted(scopes as u64, "scope", "scopes"),
        words::counted(accounts as u64, "account", "accounts")
    ));
    ui.label(format!(
        "report, methods, journal ({}) and custody of {}",
        words::counted(cx.state.journal.len() as u64, "entry", "entries"),
        words::counted(cx.state.snapshots.len() as u64, "snapshot", "snapshots")
    ));
}

fn check_item(ui: &mut egui::Ui, item: &CheckItem) {
    let (word, colour) = match item.state {
        CheckState::Done => ("done", theme::exculpatory(ui.visuals())),
        CheckState::Stated => ("not done; the bundle states this", ui.visuals().warn_fg_color),
        CheckState::Refused => ("required for a bundle", ui.visuals().error_fg_color),
    };
    ui.horizontal_wrapped(|ui| {
        ui.strong(visible(&item.title));
        ui.colored_label(colour, word);
    });
    ui.indent(item.id, |ui| ui.add(egui::Label::new(visible(&item.detail)).wrap()));
}
