//! Draft of a part of the story: text, and evidence present under it.

use egui::{Key, Modifiers};

use crate::case::{Action, EvidenceSource, StoryPart};
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;
use crate::ui::words;

/// Exhibits that can be present under a part, with their titles.
const EXHIBITS: [(&str, &str); 6] = [
    ("timeline", "exchanges over time"),
    ("hour_of_week", "hours of the week"),
    ("coverage", "topics"),
    ("links", "shared values"),
    ("leads", "lead and its reasons"),
    ("accounts", "table of accounts"),
];

/// A draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    text: String,
    evidence: Option<u64>,
    exhibit: Option<String>,
}

impl Draft {
    /// Draft of a part that exists.
    pub fn of(part: &StoryPart) -> Self {
        Self { text: part.text.clone(), evidence: part.evidence, exhibit: part.exhibit.clone() }
    }

    /// The decision that writes it as a part.
    pub fn written(self, id: u64) -> Action {
        written(StoryPart { id, text: self.text, evidence: self.evidence, exhibit: self.exhibit })
    }

    /// Text typed and not sent; `form` is the name of the form, `before` its original text.
    pub fn unsent(&self, form: &str, before: &str) -> Option<Unsent> {
        Unsent::of(form, if self.text == before { "" } else { &self.text })
    }

    /// Draws the form; the draft once its button was pressed.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, action: &str) -> Option<Self> {
        let label = ui.weak("Markdown: # heading, - item, **strong**, [E1], [E1 timeline]");
        let field = egui::TextEdit::multiline(&mut self.text).desired_rows(3).desired_width(f32::INFINITY);
        let field =
            ui.add(field.hint_text("Event, with its evidence, such as [E1 links]")).labelled_by(label.id);
        let sends =
            field.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        let mut pressed = false;
        ui.horizontal_wrapped(|ui| {
            self.evidence_ui(ui, cx);
            let ready = !self.text.trim().is_empty() || self.evidence.is_some();
            let button = ui.add_enabled(ready, egui::Button::new(action)).on_hover_text("Ctrl+Enter");
            pressed = ready && (sends || button.clicked());
        });
        pressed.then(|| std::mem::take(self))
    }

    /// Choice of the evidence and of its exhibit.
    fn evidence_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let present = self.evidence.map_or_else(|| "no figure".to_owned(), |id| format!("figure of E{id}"));
        let combo =
            egui::ComboBox::from_id_salt("evidence of a part").selected_text(&present).show_ui(ui, |ui| {
                ui.selectable_value(&mut self.evidence, None, "no figure");
                for evidence in cx.state.evidence.values() {
                    if !matches!(evidence.source, EvidenceSource::Exchange { .. }) {
                        let source = words::evidence_source(&evidence.source, cx.zone);
                        let title = format!("E{}: {}", evidence.id, words::line(&source, 60));
                        ui.selectable_value(&mut self.evidence, Some(evidence.id), title);
                    }
                }
            });
        combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &present));
        if self.evidence.is_none() {
            self.exhibit = None;
            return;
        }
        let exhibit = self.exhibit.get_or_insert_with(|| "timeline".to_owned());
        let title =
            EXHIBITS.iter().find(|(kind, _)| kind == exhibit).map_or(exhibit.as_str(), |known| known.1);
        let present = format!("as {title}");
        let combo =
            egui::ComboBox::from_id_salt("exhibit of a part").selected_text(&present).show_ui(ui, |ui| {
                for (kind, title) in EXHIBITS {
                    ui.selectable_value(exhibit, kind.to_owned(), title);
                }
            });
        combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &present));
    }
}

/// The decision that writes a part.
pub fn written(part: StoryPart) -> Action {
    Action::StoryWritten { id: part.id, text: part.text, evidence: part.evidence, exhibit: part.exhibit }
}
