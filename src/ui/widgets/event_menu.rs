//! Context menu of a time axis for adding an investigator's event.

use egui::{Popup, PopupCloseBehavior};

use crate::case::{Action, InvestigatorEvent};
use crate::model::{Micros, TimeSpan};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, PivotFrom, ViewContext};

/// Time to either side of a moment, in microseconds.
const AROUND: Micros = 1_800_000_000;

/// Draft of the event.
#[derive(Default)]
pub struct EventMenu {
    at: Option<Micros>,
    label: String,
}

impl EventMenu {
    /// Opens on a secondary click on `response`; `time_under` is the moment under the pointer.
    pub fn ui(&mut self, response: &egui::Response, cx: &ViewContext<'_>, time_under: Option<Micros>) {
        if response.secondary_clicked() {
            self.at = time_under;
            self.label.clear();
        }
        let Some(at) = self.at else { return };
        let menu = Popup::context_menu(response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let open = menu.show(|ui| {
            ui.label(format!("Event at {} {}", cx.zone.format(at), cx.zone.name()));
            let field = egui::TextEdit::singleline(&mut self.label)
                .hint_text("description: a release, a ban")
                .desired_width(200.0);
            let field = ui.add_enabled(!cx.read_only, field);
            field.request_focus();
            let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
            let label = self.label.trim();
            let ready = !cx.read_only && !label.is_empty();
            let button = ui.add_enabled(ready, egui::Button::new("Add event"));
            if ready && (button.clicked() || entered) {
                let event = InvestigatorEvent { ts: at, label: label.to_owned() };
                cx.send(Command::Record(Action::EventAdded { event }));
                self.at = None;
                ui.close();
            }
            ui.separator();
            let span = cx.scope.span.filter(|span| span.contains(at));
            let span = span.unwrap_or(TimeSpan { start: at - AROUND, end: at + AROUND });
            if ui
                .button("Pivot from this time…")
                .on_hover_text("Accounts active in the span, else in the hour around")
                .clicked()
            {
                cx.send(Command::Pivot(PivotFrom::Span(span)));
                self.at = None;
                ui.close();
            }
            if cx.read_only {
                ui.weak("The case is open read-only.");
            }
        });
        if open.is_none() && !response.secondary_clicked() {
            self.at = None;
        }
    }

    /// The description of an event that was typed and not added.
    pub fn unsent(&self) -> Option<Unsent> {
        self.at.and_then(|_| Unsent::of("event", &self.label))
    }
}
