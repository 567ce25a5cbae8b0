//! Story: ordered text of the investigator with evidence under it; the narrative of the report.

mod draft;
mod embedded;

use std::collections::BTreeMap;

use super::super::view::{View, ViewContext};
use crate::bundle::lost_in_part;
use crate::case::{Action, STORY_IN_PRODUCTION, StoryPart};
use crate::model::markdown::without_reference;
use crate::ui::unsent::Unsent;
use crate::ui::view::Command;
use crate::ui::widgets::{follow_focus, markdown, pending};
use crate::ui::{theme, words};

use draft::{Draft, Outcome};
use embedded::Charts;

/// Maximum number of listed sentences without a reference per part.
const LISTED: usize = 3;

/// The view's own state.
#[derive(Default)]
pub struct StoryView {
    /// Parts that are being edited, by number.
    edited: BTreeMap<u64, Draft>,
    new: Draft,
    /// Sentences of each part with a number and without a reference, by the part's text.
    uncited: BTreeMap<u64, (String, Vec<String>)>,
    charts: Charts,
}

impl View for StoryView {
    fn id(&self) -> &'static str {
        "story"
    }

    fn title(&self) -> &'static str {
        "Story"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        pending::ui(ui, cx);
        bar(ui, cx);
        self.charts.keep(cx);
        self.settle(ui, cx);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for at in 0..cx.state.story.len() {
                ui.push_id(cx.state.story[at].id, |ui| self.part(ui, cx, at));
                ui.add_space(theme::GAP);
            }
            if !cx.read_only {
                ui.strong("New part");
                if let Some(part) = self.new.ui(ui, cx, "Add part", 0) {
                    cx.send(Command::AddStoryPart(part));
                }
                embed_scope(ui, cx);
            }
            follow_focus::scroll(ui);
        });
    }

    fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let edited = self.edited.iter().filter_map(|(id, draft)| {
            let before = cx.state.story.iter().find(|part| part.id == *id);
            let before = before.map_or("", |part| part.text.as_str());
            draft.unsent(&format!("part {id} of the story"), before)
        });
        edited.chain(self.new.unsent("new part of the story", "")).collect()
    }
}

impl StoryView {
    /// Closes drafts whose parts are written.
    fn settle(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        let frame = ui.ctx().cumulative_frame_nr();
        self.edited.retain(|_, draft| draft.settle(cx, frame) != Outcome::Written);
        if self.new.settle(cx, frame) == Outcome::Written {
            self.new = Draft::default();
        }
    }

    fn part(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize) {
        let part = &cx.state.story[at];
        let visuals = ui.visuals();
        let frame = egui::Frame::new().fill(visuals.extreme_bg_color).corner_radius(3).inner_margin(8);
        let frame = frame.stroke(egui::Stroke::new(1.0, visuals.widgets.noninteractive.bg_stroke.color));
        frame.show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            if let Some(draft) = self.edited.get_mut(&part.id) {
                if let Some(written) = draft.ui(ui, cx, "Save part", part.id) {
                    cx.send(Command::Record(Action::from(written)));
                } else if ui.button("Leave as it was").clicked() {
                    self.edited.remove(&part.id);
                }
                return;
            }
            markdown::ui(ui, cx, &part.text);
            self.charts.ui(ui, cx, part);
            for sentence in self.uncited(part) {
                ui.colored_label(
                    ui.visuals().warn_fg_color,
                    format!("Number without a reference such as [E1]: “{}”", words::line(sentence, 80)),
                );
            }
            for lost in lost_in_part(cx.state, part) {
                let text = format!("{} leads to no evidence of this case", words::line(&lost, 40));
                ui.colored_label(ui.visuals().error_fg_color, text);
            }
            if !cx.read_only {
                ui.horizontal_wrapped(|ui| self.buttons(ui, cx, at));
            }
        });
    }

    /// Sentences without a reference, computed once per text.
    fn uncited(&mut self, part: &StoryPart) -> &[String] {
        let known = self.uncited.entry(part.id).or_default();
        if known.0 != part.text {
            let found = without_reference(&part.text).into_iter().take(LISTED).collect();
            *known = (part.text.clone(), found);
        }
        &known.1
    }

    fn buttons(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize) {
        let story = &cx.state.story;
        let part = &story[at];
        let button = |ui: &mut egui::Ui, enabled: bool, title: &str| {
            let response = ui.add_enabled(enabled, egui::Button::new(title).small());
            let label = format!("{title}: part {}", at + 1);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, &label));
            response.clicked()
        };
        ui.weak(format!("part {} of {}", at + 1, story.len()));
        if button(ui, true, "Edit") {
            self.edited.insert(part.id, Draft::of(part));
        }
        if button(ui, at > 0, "Earlier") {
            let after = at.checked_sub(2).map(|before| story[before].id);
            cx.send(Command::Record(Action::StoryMoved { id: part.id, after }));
        }
        if button(ui, at + 1 < story.len(), "Later") {
            let after = story.get(at + 1).map(|next| next.id);
            cx.send(Command::Record(Action::StoryMoved { id: part.id, after }));
        }
        if button(ui, true, "Remove") {
            cx.send(Command::Record(Action::StoryRemoved { id: part.id }));
        }
    }
}

/// Heading, and the bundles that print the story.
fn bar(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.strong(words::counted(cx.state.story.len() as u64, "part", "parts"));
        ui.weak("The report prints them as its narrative, labelled as your opinion.");
        let mut printed = cx.state.settings.contains_key(STORY_IN_PRODUCTION);
        let check = egui::Checkbox::new(&mut printed, "In PRODUCTION bundles too");
        let check = ui.add_enabled(!cx.read_only, check);
        if check.on_hover_text("Without it, only INTERNAL bundles have the story").changed() {
            cx.send(Command::Record(Action::story_in_production(printed)));
        }
        let whole = || {
            let texts: Vec<&str> = cx.state.story.iter().map(|part| part.text.as_str()).collect();
            texts.join("\n\n")
        };
        if !cx.state.story.is_empty() && ui.small_button("Copy as Markdown").clicked() {
            ui.ctx().copy_text(whole());
        }
    });
}

/// Marks the present scope as context and adds a part that shows it.
fn embed_scope(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let ready = cx.pending.is_empty() && !cx.scope.is_everything();
    let button = ui.add_enabled(ready, egui::Button::new("Add the present scope"));
    let button =
        button.on_hover_text("Marks the scope as evidence (context) and shows its timeline in a new part");
    let button = button.on_disabled_hover_text("Set a scope first.");
    if button.clicked() {
        let accounts = cx.scope.accounts.as_ref().and_then(|accounts| accounts.name());
        let title = accounts.unwrap_or_else(|| "scope of the story".to_owned());
        let source =
            crate::case::EvidenceSource::Scope { scope: crate::model::Scope::clone(cx.scope), title };
        cx.send(Command::Embed(source, Some("timeline".to_owned())));
    }
}
