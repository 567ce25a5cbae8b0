//! The investigator's own events: a model's release, a terms change, a ban.

use egui::TextEdit;

use crate::case::{Action, InvestigatorEvent};
use crate::model::moment;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::words;

/// The list, and the draft of an event.
#[derive(Default)]
pub struct EventList {
    at: String,
    label: String,
}

impl EventList {
    /// Draws the list with a form under it.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if cx.state.events.is_empty() {
            ui.weak("0 events. Added events are drawn on every time axis.");
        }
        for event in &cx.state.events {
            one(ui, cx, event);
        }
        if !cx.read_only {
            self.form(ui, cx);
        }
    }

    /// An event that was typed and not added.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("event", &format!("{} {}", self.at, self.label))
    }

    fn form(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        egui::CollapsingHeader::new("Add an event").id_salt("add event").show(ui, |ui| {
            let label = ui.weak("Description");
            ui.add(TextEdit::singleline(&mut self.label).hint_text("a release, a ban")).labelled_by(label.id);
            let label = ui.weak(format!("Time ({})", cx.zone.name()));
            ui.add(TextEdit::singleline(&mut self.at).hint_text("2026-05-12 13:00")).labelled_by(label.id);
            let ready = moment::read(&self.at, cx.zone).filter(|_| !self.label.trim().is_empty());
            let button = ui.add_enabled(ready.is_some(), egui::Button::new("Add event"));
            let button =
                button.on_disabled_hover_text("Enter a description and a time such as 2026-05-12 13:00.");
            if let (true, Some(ts)) = (button.clicked(), ready) {
                let event = InvestigatorEvent { ts, label: self.label.trim().to_owned() };
                cx.send(Command::Record(Action::EventAdded { event }));
                *self = Self::default();
            }
        });
    }
}

fn one(ui: &mut egui::Ui, cx: &ViewContext<'_>, event: &InvestigatorEvent) {
    let name = words::line(&event.label, 40);
    ui.horizontal_wrapped(|ui| {
        ui.label(&name);
        ui.weak(cx.zone.format_date(event.ts)).on_hover_text(format!(
            "{} {}",
            cx.zone.format(event.ts),
            cx.zone.name()
        ));
        if cx.read_only {
            return;
        }
        let remove = ui.small_button("×").on_hover_text("Remove this event");
        let label = format!("Remove the event {name}");
        remove.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
        if remove.clicked() {
            cx.send(Command::Record(Action::EventRemoved { event: event.clone() }));
        }
    });
}
