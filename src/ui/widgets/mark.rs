//! The form that marks something as evidence: a tag, a note, a button.

use egui::{Role, WidgetInfo};

use crate::bundle::EXCULPATORY_NOTE;
use crate::case::{Action, EvidenceSource};
use crate::model::{Tag, is_deceptive, visible};
use crate::ui::marks;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::option::option;

/// Draft of the form.
#[derive(Clone, Debug)]
pub struct MarkForm {
    tag: Tag,
    own: String,
    note: String,
    /// The own tag and the note that the form began with.
    began: (String, String),
}

impl Default for MarkForm {
    fn default() -> Self {
        let (own, note, began) = <(String, String, (String, String))>::default();
        Self { tag: Tag::ReliedOn, own, note, began }
    }
}

impl MarkForm {
    /// A form filled with an existing tag and note.
    pub fn editing(tag: &Tag, note: &str) -> Self {
        let own = if let Tag::Own(word) = tag { word.clone() } else { String::new() };
        let began = (own.clone(), note.to_owned());
        Self { tag: tag.clone(), own, note: note.to_owned(), began }
    }

    /// Text typed and not sent; `form` is the name of the form.
    pub fn unsent(&self, form: &str) -> Option<Unsent> {
        let (own, note) = &self.began;
        let is_own = matches!(self.tag, Tag::Own(_)) && self.own != *own;
        let tag = Unsent::of(format!("tag of the {form}"), if is_own { &self.own } else { "" });
        let note = Unsent::of(form, if self.note == *note { "" } else { &self.note });
        note.or(tag)
    }

    /// Names the evidence that has the chosen tag on the same source, with the ways to its note and off the list.
    /// Returns true if there is any: a second mark would be the same one.
    pub fn marked(
        &self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        is_source: impl FnMut(&EvidenceSource) -> bool,
    ) -> bool {
        let Some(evidence) = marks::tagged(cx, &self.tag(), is_source) else { return false };
        ui.horizontal_wrapped(|ui| {
            ui.label(format!("Marked as {}: evidence {}.", visible(evidence.tag.as_str()), evidence.id));
            if ui.button("Note of the mark").on_hover_text("Shows the evidence, with its note").clicked() {
                cx.send(Command::Select(Selected::Evidence(evidence.id)));
            }
            let undo = ui.add_enabled(!cx.read_only, egui::Button::new("Take the mark off"));
            if undo.on_hover_text("Takes the evidence off the list; Undo brings it back").clicked() {
                cx.send(Command::Record(Action::EvidenceRemoved { id: evidence.id }));
            }
        });
        true
    }

    /// Warns if evidence on the same source has the opposite tag: relied on or exculpatory.
    pub fn warn(
        &self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        is_source: impl FnMut(&EvidenceSource) -> bool,
    ) {
        let other = marks::opposite(cx, &self.tag(), is_source);
        let Some(first) = other.first() else { return };
        let more = if other.len() > 1 { format!(" and {} more", other.len() - 1) } else { String::new() };
        ui.colored_label(
            ui.visuals().warn_fg_color,
            format!("Evidence {}{more} already tags this as {}. Both tags would apply.", first.id, first.tag),
        );
    }

    /// Draws the form; returns tag and note when its button `action` was pressed, or where `asked` is true.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        action: &str,
        hint: &str,
        enabled: bool,
        asked: bool,
    ) -> Option<(Tag, String)> {
        // A tag that looks like another one is refused.
        let is_word = !self.own.trim().is_empty() && !is_deceptive(&self.own);
        let missing = matches!(self.tag, Tag::Own(_)) && !is_word;
        let mut pressed = asked && !missing;
        ui.horizontal_wrapped(|ui| {
            self.tag_ui(ui);
            let button = ui.add_enabled(enabled && !missing, egui::Button::new(action));
            pressed |= button.on_hover_text(hint).clicked();
        });
        ui.horizontal(|ui| {
            let label = ui.weak("Note");
            let rows = if self.began.1.is_empty() { 1 } else { 3 };
            let note = egui::TextEdit::multiline(&mut self.note)
                .id_salt("note")
                .desired_rows(rows)
                .desired_width(f32::INFINITY)
                .hint_text("reason for marking");
            ui.add_enabled(enabled, note).labelled_by(label.id);
        });
        if self.tag == Tag::Exculpatory && !self.note.is_empty() {
            ui.weak(EXCULPATORY_NOTE);
        }
        pressed.then(|| {
            self.began.0.clone_from(&self.own);
            (self.tag(), std::mem::take(&mut self.note))
        })
    }

    fn tag_ui(&mut self, ui: &mut egui::Ui) {
        let is_own = matches!(self.tag, Tag::Own(_));
        let present = if is_own { "own tag".to_owned() } else { self.tag.as_str().to_owned() };
        let combo =
            egui::ComboBox::from_id_salt("tag").selected_text(&present).width(110.0).show_ui(ui, |ui| {
                for tag in Tag::BUILT_IN {
                    let label = tag.as_str().to_owned();
                    option(ui, &mut self.tag, tag, label);
                }
                if ui.selectable_label(is_own, "own tag…").clicked() && !is_own {
                    self.tag = Tag::Own(String::new());
                    ui.close();
                }
            });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("Tag: {present}")));
        if is_own {
            ui.add(
                egui::TextEdit::singleline(&mut self.own)
                    .id_salt("own tag")
                    .desired_width(90.0)
                    .hint_text("your tag"),
            );
        }
    }

    /// The chosen tag.
    pub fn tag(&self) -> Tag {
        match &self.tag {
            Tag::Own(_) => Tag::from(self.own.clone()),
            tag => tag.clone(),
        }
    }
}
