//! Entries of the journal in words, with the entries that they refer to.

use super::{Action, Entry, State};

/// Maximum number of entries of an act that are named.
const NAMED: usize = 3;

impl State {
    /// Short description of an action, as [`Action::describe`]; an undo and a redo say of what. Hostile characters
    /// are not yet made visible.
    pub fn describe(&self, action: &Action) -> String {
        let (first, last) = match action {
            Action::Undone { entry, last } | Action::Redone { entry, last } => {
                (*entry, last.unwrap_or(*entry))
            }
            other => return other.describe(),
        };
        let begin = self.journal.partition_point(|entry| entry.seq < first);
        let of_act = self.journal[begin..].iter().take_while(|entry| entry.seq <= last);
        let named: Vec<String> = of_act.take(NAMED).map(|entry| entry.action.describe()).collect();
        let more = (last - first + 1).saturating_sub(NAMED as u64);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}: {}{more}", action.describe(), named.join("; "))
    }
}

impl Entry {
    /// Name of the person that the case named when it was written, else the user of the operating system.
    pub fn who(&self) -> &str {
        let named = self.person.as_ref().map(|person| person.name.trim());
        named.filter(|name| !name.is_empty()).unwrap_or(&self.actor)
    }
}

#[cfg(test)]
mod tests {
    use crate::case::{Action, Case, EvidenceSource};
    use crate::model::Tag;

    #[test]
    fn an_undo_says_of_what_and_a_person_has_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = Case::create(&folder.path().join("c")).unwrap();
        let source = EvidenceSource::Account { account: "acct_7".into() };
        case.record(Action::Tagged { id: 1, source, tag: Tag::ReliedOn, note: String::new() }).unwrap();
        case.undo().unwrap();
        case.record(Action::SettingChanged { key: "person.name".into(), value: "Ada".into() }).unwrap();
        case.record(Action::SettingChanged { key: "zone".into(), value: "UTC".into() }).unwrap();
        let state = case.state();
        let said: Vec<String> = state.journal.iter().map(|entry| state.describe(&entry.action)).collect();
        assert_eq!(said[2], "entry 2 undone: evidence 1: account acct_7 tagged relied-on");
        assert_eq!(state.journal[4].who(), "Ada");
        assert_eq!(state.journal[1].who(), state.journal[1].actor);
    }
}
