//! Draft of a part of the story: text, and evidence present under it.

use egui::{Key, Modifiers};

use crate::bundle::exhibits_of;
use crate::case::{State, StoryPart};
use crate::exhibit::KINDS;
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;
use crate::ui::widgets::option::option;
use crate::ui::words;

/// A draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    text: String,
    evidence: Option<u64>,
    exhibit: Option<String>,
    /// Request made from it; the draft stays until it is written.
    sent: Option<Sent>,
}

/// Request of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    /// The part; number 0 for a new one.
    part: StoryPart,
    /// Smallest number that a new part gets.
    next: u64,
    /// Frame of the request.
    frame: u64,
}

impl Sent {
    fn is_written(&self, state: &State) -> bool {
        let Self { part, next, .. } = self;
        let is_it = |id: u64| if part.id == 0 { id >= *next } else { id == part.id };
        state.story.iter().any(|known| is_it(known.id) && StoryPart { id: part.id, ..known.clone() } == *part)
    }
}

/// Outcome of the request of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// None was made, or it failed.
    Open,
    /// It is being written.
    Pending,
    /// It is on the disk, and nothing was typed since.
    Written,
}

impl Draft {
    /// Draft of a part that exists.
    pub fn of(part: &StoryPart) -> Self {
        let part = part.clone();
        Self { text: part.text, evidence: part.evidence, exhibit: part.exhibit, sent: None }
    }

    /// Text typed and not sent; `form` is the name of the form, `before` its original text.
    pub fn unsent(&self, form: &str, before: &str) -> Option<Unsent> {
        let is_sent = self.sent.as_ref().is_some_and(|sent| sent.part.text == self.text);
        Unsent::of(form, if is_sent || self.text == before { "" } else { &self.text })
    }

    /// Takes over the outcome of its request, where there was one.
    pub fn settle(&mut self, cx: &ViewContext<'_>, frame: u64) -> Outcome {
        self.settled(cx.state, cx.pending.is_empty(), frame)
    }

    fn settled(&mut self, state: &State, nothing_is_pending: bool, frame: u64) -> Outcome {
        let Some(sent) = &self.sent else { return Outcome::Open };
        if sent.is_written(state) {
            let part = &sent.part;
            let is_as_sent =
                (&self.text, self.evidence, &self.exhibit) == (&part.text, part.evidence, &part.exhibit);
            self.sent = None;
            return if is_as_sent { Outcome::Written } else { Outcome::Open };
        }
        if frame > sent.frame && nothing_is_pending {
            self.sent = None;
            return Outcome::Open;
        }
        Outcome::Pending
    }

    /// Draws the form; the part of the number `id`, 0 for a new one, once its button was pressed. The draft stays
    /// until it is written.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        action: &str,
        id: u64,
    ) -> Option<StoryPart> {
        let label = ui.weak("Markdown: # heading, - item, **strong**, [E1], [E1 timeline]");
        let field = egui::TextEdit::multiline(&mut self.text).desired_rows(3).desired_width(f32::INFINITY);
        let field =
            ui.add(field.hint_text("Event, with its evidence, such as [E1 links]")).labelled_by(label.id);
        let sends =
            field.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        let mut pressed = false;
        ui.horizontal_wrapped(|ui| {
            self.evidence_ui(ui, cx);
            let has_content = !self.text.trim().is_empty() || self.evidence.is_some();
            let ready = has_content && self.sent.is_none();
            let button = ui.add_enabled(ready, egui::Button::new(action)).on_hover_text("Ctrl+Enter");
            pressed = ready && (sends || button.clicked());
        });
        pressed.then(|| {
            let (text, exhibit) = (self.text.clone(), self.exhibit.clone());
            let part = StoryPart { id, text, evidence: self.evidence, exhibit };
            let (next, frame) = (cx.state.next_story_part(), ui.ctx().cumulative_frame_nr());
            self.sent = Some(Sent { part: part.clone(), next, frame });
            part
        })
    }

    /// Choice of the evidence and of its exhibit.
    fn evidence_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let before = self.evidence;
        let present = self.evidence.map_or_else(|| "no figure".to_owned(), |id| format!("figure of E{id}"));
        let combo =
            egui::ComboBox::from_id_salt("evidence of a part").selected_text(&present).show_ui(ui, |ui| {
                option(ui, &mut self.evidence, None, "no figure");
                for evidence in cx.state.evidence.values() {
                    if !exhibits_of(evidence).is_empty() {
                        let source = words::evidence_source(&evidence.source, cx.zone);
                        let title = format!("E{}: {}", evidence.id, words::line(&source, 60));
                        option(ui, &mut self.evidence, Some(evidence.id), title);
                    }
                }
            });
        combo.response.widget_info(|| named("Evidence under the part", &present));
        let exhibits = self.exhibits(cx.state);
        if self.evidence != before {
            self.exhibit = default_exhibit(&exhibits);
        }
        if exhibits.is_empty() {
            return;
        }
        let present = match &self.exhibit {
            Some(kind) => format!("as {}", title_of(kind)),
            None => "without an exhibit".to_owned(),
        };
        let combo =
            egui::ComboBox::from_id_salt("exhibit of a part").selected_text(&present).show_ui(ui, |ui| {
                option(ui, &mut self.exhibit, None, "without an exhibit");
                for kind in exhibits {
                    option(ui, &mut self.exhibit, Some(kind.to_owned()), title_of(kind));
                }
            });
        combo.response.widget_info(|| named("Exhibit of the evidence", &present));
    }

    /// Exhibits of its evidence.
    fn exhibits(&self, state: &State) -> Vec<&'static str> {
        let evidence = self.evidence.and_then(|id| state.evidence.get(&id));
        evidence.map_or_else(Vec::new, exhibits_of)
    }
}

/// Name and present value of a choice.
fn named(name: &str, present: &str) -> egui::WidgetInfo {
    let mut info = egui::WidgetInfo::labeled(egui::Role::ComboBox, true, name);
    info.current_text_value = Some(present.to_owned());
    info
}

/// Exhibit of evidence that was just chosen: the timeline, where it has one.
fn default_exhibit(exhibits: &[&str]) -> Option<String> {
    exhibits.contains(&"timeline").then(|| "timeline".to_owned())
}

/// Title of a kind of exhibit.
fn title_of(kind: &str) -> String {
    KINDS
        .iter()
        .find(|known| known.name == kind)
        .map_or_else(|| kind.to_owned(), |known| known.title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_stays_until_its_part_is_written() {
        let part = StoryPart { id: 1, text: "old".into(), evidence: Some(7), exhibit: None };
        let mut state = State { story: vec![part.clone()], ..State::default() };
        let mut draft = Draft::of(&part);
        assert_eq!(draft.settled(&state, true, 5), Outcome::Open);
        "new".clone_into(&mut draft.text);
        let sent = StoryPart { text: "new".into(), ..part };
        let request = |frame| Some(Sent { part: sent.clone(), next: 2, frame });
        draft.sent = request(5);
        assert_eq!(draft.unsent("part 1", "old"), None);
        assert_eq!(draft.settled(&state, true, 5), Outcome::Pending);
        assert_eq!(draft.settled(&state, false, 6), Outcome::Pending);
        assert_eq!(draft.settled(&state, true, 7), Outcome::Open, "the request failed");
        assert_eq!(draft.unsent("part 1", "old").unwrap().text, "new");
        draft.sent = request(8);
        state.story = vec![sent.clone()];
        assert_eq!(draft.settled(&state, false, 9), Outcome::Written);
        let new = StoryPart { id: 0, ..sent };
        draft.sent = Some(Sent { part: new.clone(), next: 2, frame: 10 });
        assert_eq!(draft.settled(&state, false, 11), Outcome::Pending, "the earlier part is another one");
        state.story.push(StoryPart { id: 3, ..new });
        assert_eq!(draft.settled(&state, false, 12), Outcome::Written);
    }
}
