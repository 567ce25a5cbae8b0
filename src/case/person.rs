//! The person who works in a case: asked once, written into every later entry of its journal.

use serde::{Deserialize, Serialize};

use super::{Action, State};

/// Keys of the settings.
const NAME: &str = "person.name";
const ROLE: &str = "person.role";
const ORGANISATION: &str = "person.organisation";

/// Person who works in a case. No part is checked; the operating system's user stands beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role: “trust-and-safety investigator”.
    pub role: String,
    /// Organisation.
    pub organisation: String,
}

impl Person {
    /// The person that a case names; `None` without a name.
    pub fn of(state: &State) -> Option<Self> {
        let part = |key: &str| state.settings.get(key).cloned().unwrap_or_default();
        let person = Self { name: part(NAME), role: part(ROLE), organisation: part(ORGANISATION) };
        (!person.name.trim().is_empty()).then_some(person)
    }

    /// Entries that set the person of a case, without those that would change nothing.
    pub fn actions(&self, state: &State) -> Vec<Action> {
        let parts = [(NAME, &self.name), (ROLE, &self.role), (ORGANISATION, &self.organisation)];
        let parts = parts.into_iter().map(|(key, value)| (key, value.trim()));
        parts
            .filter(|(key, value)| state.settings.get(*key).map_or("", String::as_str) != *value)
            .map(|(key, value)| Action::SettingChanged { key: key.to_owned(), value: value.to_owned() })
            .collect()
    }

    /// `Ada Lovelace, investigator, Example Ltd`.
    pub fn in_words(&self) -> String {
        let parts = [&self.name, &self.role, &self.organisation];
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}
