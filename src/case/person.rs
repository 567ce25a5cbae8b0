//! The person who works in a case: asked once, written into every later entry of its journal.

use serde::{Deserialize, Serialize};

/// Keys of the settings.
pub(super) const NAME: &str = "person.name";
pub(super) const ROLE: &str = "person.role";
pub(super) const ORGANISATION: &str = "person.organisation";

/// Person who works in a case. No part is checked; the journal has the operating system's user as well.
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
    /// `Ada Lovelace, investigator, Example Ltd`.
    pub fn in_words(&self) -> String {
        let parts = [&self.name, &self.role, &self.organisation];
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_without_role_or_organisation_has_no_commas() {
        let person = |name: &str, role: &str, organisation: &str| {
            let [name, role, organisation] = [name, role, organisation].map(str::to_owned);
            Person { name, role, organisation }.in_words()
        };
        assert_eq!(person("Jane", "", " "), "Jane");
        assert_eq!(person("Jane", "analyst", ""), "Jane, analyst");
        assert_eq!(person("Jane", "analyst", "Org"), "Jane, analyst, Org");
    }
}
