//! Statements of a person for the bundles: name, role, organisation; for an authority the incident.

use std::collections::BTreeMap;

use crate::bundle::{Audience, INCIDENT};
use crate::case::Action;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};

/// Fields of the person, with the keys of their settings.
const PERSON: [(&str, &str); 3] =
    [("person.name", "Name"), ("person.role", "Role"), ("person.organisation", "Organisation")];

/// Drafts of statements, by the key of the setting; absent until the user types.
#[derive(Default)]
pub(super) struct Statements {
    drafts: BTreeMap<&'static str, String>,
}

impl Statements {
    /// The form: the person, and the incident for an authority.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, audience: Audience) {
        self.fields(ui, cx, "Person who works in this case", &PERSON);
        if audience == Audience::Regulator {
            self.fields(ui, cx, "Statements on the incident", &INCIDENT);
        }
    }

    fn fields(
        &mut self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        title: &str,
        fields: &[(&'static str, &'static str)],
    ) {
        ui.label(title);
        egui::Grid::new(title).num_columns(2).show(ui, |ui| {
            for &(key, label) in fields {
                let stated = stated(cx, key);
                let mut text = self.drafts.get(key).cloned().unwrap_or_else(|| stated.to_owned());
                let label = ui.label(label);
                let field = egui::TextEdit::singleline(&mut text).desired_width(320.0);
                if ui.add_enabled(!cx.read_only, field).labelled_by(label.id).changed() {
                    self.drafts.insert(key, text);
                }
                ui.end_row();
            }
        });
        let changed: Vec<(&'static str, String)> = fields
            .iter()
            .filter_map(|(key, _)| Some((*key, self.drafts.get(key)?.trim().to_owned())))
            .filter(|(key, text)| text != stated(cx, key))
            .collect();
        let ready = !cx.read_only && !changed.is_empty();
        if ui.add_enabled(ready, egui::Button::new(format!("Save: {title}"))).clicked() {
            for (key, value) in changed {
                cx.send(Command::Record(Action::SettingChanged { key: key.to_owned(), value }));
                self.drafts.remove(key);
            }
        }
    }

    /// Drafts that differ from the case.
    pub(super) fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let titles = PERSON.into_iter().chain(INCIDENT);
        titles
            .filter_map(|(key, title)| {
                let text = self.drafts.get(key).filter(|text| text.trim() != stated(cx, key))?;
                Unsent::of(title, text)
            })
            .collect()
    }
}

fn stated<'a>(cx: &ViewContext<'a>, key: &str) -> &'a str {
    cx.state.settings.get(key).map_or("", String::as_str)
}
