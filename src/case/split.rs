//! Some accounts of a saved group become a group of their own.

use std::collections::BTreeSet;

use super::{Action, State};
use crate::model::{AccountId, AccountSet, Scope};

impl State {
    /// Saved scopes that hold all of these accounts and more, by name, in the order of the case.
    pub fn groups_around<'a>(&'a self, accounts: &'a BTreeSet<AccountId>) -> impl Iterator<Item = &'a str> {
        let around = |scope: &Scope| {
            let set = scope.accounts.as_ref();
            set.is_some_and(|set| set.ids.len() > accounts.len() && accounts.is_subset(&set.ids))
        };
        self.scopes.iter().filter(move |saved| around(&saved.scope)).map(|saved| saved.name.as_str())
    }

    /// Decisions of one act that save these accounts of the group `of` under a new name and leave the rest in it.
    /// Empty unless the group holds them and more, and no saved scope has the new name.
    pub fn split(&self, of: &str, name: &str, accounts: BTreeSet<AccountId>) -> Vec<Action> {
        let is_taken = self.scopes.iter().any(|saved| saved.name == name);
        let is_around = self.groups_around(&accounts).any(|group| group == of);
        let group = self.scopes.iter().find(|saved| saved.name == of);
        let (Some(group), true) = (group, is_around && !is_taken && !accounts.is_empty()) else {
            return Vec::new();
        };
        let rest =
            group.scope.accounts.iter().flat_map(|set| set.ids.difference(&accounts).cloned()).collect();
        let saved = |name: &str, ids| {
            let accounts = Some(AccountSet { label: Some(name.to_owned()), lead: None, ids });
            Action::ScopeSaved { name: name.to_owned(), scope: Scope { accounts, ..group.scope.clone() } }
        };
        vec![saved(name, accounts), saved(of, rest)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;

    fn ids(names: &[&str]) -> BTreeSet<AccountId> {
        names.iter().map(|name| AccountId::from(*name)).collect()
    }

    fn of(case: &Case, name: &str) -> Option<BTreeSet<AccountId>> {
        let saved = case.state().scopes.iter().find(|saved| saved.name == name)?;
        Some(saved.scope.accounts.as_ref()?.ids.clone())
    }

    #[test]
    fn a_group_is_split_in_one_act_and_undo_joins_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = Case::create(&folder.path().join("c")).unwrap();
        let scope = Scope::default().with_accounts("ring", ids(&["a", "b", "c"]));
        case.record(Action::ScopeSaved { name: "ring".into(), scope }).unwrap();
        for refused in [ids(&["a", "b", "c"]), ids(&["a", "z"]), ids(&[])] {
            assert!(case.state().split("ring", "part", refused).is_empty());
        }
        assert!(case.state().split("ring", "ring", ids(&["a"])).is_empty(), "the name is taken");
        let act = case.state().split("ring", "part", ids(&["a", "b"]));
        case.record_with_copies(act, &[]).unwrap();
        assert_eq!((of(&case, "part"), of(&case, "ring")), (Some(ids(&["a", "b"])), Some(ids(&["c"]))));
        case.undo().unwrap();
        assert_eq!((of(&case, "part"), of(&case, "ring")), (None, Some(ids(&["a", "b", "c"]))));
    }
}
