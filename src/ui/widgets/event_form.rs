//! Form for an investigator's event at a moment, part of the pivot menu of a time.

use egui::{Role, WidgetInfo};

use crate::case::{Action, InvestigatorEvent};
use crate::model::Micros;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};

/// Draft of an event.
pub struct EventForm {
    at: Micros,
    label: String,
    open: bool,
}

/// Use of the form in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// An event was added.
    pub added: bool,
    /// The form has the keyboard.
    pub typing: bool,
}

impl EventForm {
    /// Draft of an event at `at`, closed.
    pub fn new(at: Micros) -> Self {
        Self { at, label: String::new(), open: false }
    }

    /// Draws a button that opens the form, or the form.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Used {
        let at = format!("{} {}", cx.zone.format(self.at), cx.zone.name());
        if !self.open {
            let button = ui.add_enabled(!cx.read_only, egui::Button::new("Add an event…").small());
            let button = button.on_hover_text(format!("Notes an event at {at}, drawn on every time axis"));
            self.open = button.on_disabled_hover_text("The case is open read-only.").clicked();
            return Used { typing: self.open, ..Used::default() };
        }
        ui.end_row();
        let label = ui.label(format!("Event at {at}"));
        let field = egui::TextEdit::singleline(&mut self.label)
            .hint_text("description: a release, a ban")
            .desired_width(200.0);
        let field = ui.add(field).labelled_by(label.id);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if !field.has_focus() && !field.lost_focus() && self.label.is_empty() {
            field.request_focus();
        }
        let label = self.label.trim();
        let button = ui.add_enabled(!label.is_empty(), egui::Button::new("Add event"));
        button.widget_info(|| WidgetInfo::labeled(Role::Button, !label.is_empty(), "Add event"));
        let added = !label.is_empty() && (button.clicked() || entered);
        if added {
            let event = InvestigatorEvent { ts: self.at, label: label.to_owned() };
            cx.send(Command::Record(Action::EventAdded { event }));
        }
        Used { added, typing: field.has_focus() || field.lost_focus() }
    }

    /// The description that was typed and not added.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("event", &self.label)
    }
}
