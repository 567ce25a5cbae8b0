//! History of scopes as a tree: going back and then elsewhere keeps the branch that was left.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shared_scope;
use crate::model::{AccountSet, Scope};

/// Maximum number of scopes; of those without name and note the oldest end of a branch is dropped first.
const LIMIT: usize = 200;
/// Accounts of all scopes together above which old ones are dropped too.
const ACCOUNTS: usize = 500_000;
/// The same for what is stored.
const STORED: usize = 20_000;

/// A scope that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Its number, ascending with time.
    pub id: u64,
    /// The scope that it was reached from; `None` for the first.
    pub parent: Option<u64>,
    /// The scope.
    #[serde(with = "shared_scope")]
    pub scope: Arc<Scope>,
    /// Name by the investigator; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Note of the investigator; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Child that “forward” goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// The visits, ascending by number, and the present one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    visits: Vec<Visit>,
    present: u64,
}

impl Default for History {
    fn default() -> Self {
        let everything = Visit {
            id: 0,
            parent: None,
            scope: Arc::default(),
            name: String::new(),
            note: String::new(),
            next: None,
        };
        Self { visits: vec![everything], present: 0 }
    }
}

impl History {
    /// The present scope.
    pub fn present(&self) -> &Arc<Scope> {
        &self.visits[self.at(self.present)].scope
    }

    /// Number of the present visit.
    pub fn present_id(&self) -> u64 {
        self.present
    }

    /// The scope before the present one.
    pub fn previous(&self) -> Option<&Scope> {
        let parent = self.visits[self.at(self.present)].parent?;
        self.get(parent).map(|visit| visit.scope.as_ref())
    }

    /// All visits with their depth, each before those reached from it, older ones first.
    pub fn tree(&self) -> Vec<(usize, &Visit)> {
        let mut tree = Vec::with_capacity(self.visits.len());
        let mut children: BTreeMap<Option<u64>, Vec<&Visit>> = BTreeMap::new();
        for visit in self.visits.iter().rev() {
            children.entry(visit.parent).or_default().push(visit);
        }
        let mut of = |parent| children.remove(&parent).unwrap_or_default();
        let mut open: Vec<(usize, &Visit)> = of(None).into_iter().map(|visit| (0, visit)).collect();
        while let Some((depth, visit)) = open.pop() {
            tree.push((depth, visit));
            open.extend(of(Some(visit.id)).into_iter().map(|child| (depth + 1, child)));
        }
        tree
    }

    /// Goes to a scope; where it was reached from here before, to that visit. False if it is the present one.
    pub fn go(&mut self, scope: Scope) -> bool {
        if **self.present() == scope {
            return false;
        }
        let before = self.present;
        let known = self.visits.iter().find(|visit| visit.parent == Some(before) && *visit.scope == scope);
        let id = match known {
            Some(visit) => visit.id,
            None => {
                let id = self.visits.last().map_or(0, |visit| visit.id + 1);
                let (name, note) = (String::new(), String::new());
                let scope = Arc::new(scope);
                self.visits.push(Visit { id, parent: Some(before), scope, name, note, next: None });
                id
            }
        };
        let at = self.at(before);
        self.visits[at].next = Some(id);
        self.present = id;
        self.drop_oldest(ACCOUNTS);
        true
    }

    /// The history with as many visits as are stored.
    #[must_use]
    pub fn stored(mut self) -> Self {
        self.drop_oldest(STORED);
        self
    }

    /// Goes to a visit; false if there is none or it is the present one.
    pub fn visit(&mut self, id: u64) -> bool {
        if id == self.present || self.get(id).is_none() {
            return false;
        }
        self.present = id;
        // Forward leads here from each of the visits before.
        let mut child = id;
        while let Some(parent) = self.get(child).and_then(|visit| visit.parent) {
            let at = self.at(parent);
            self.visits[at].next = Some(child);
            child = parent;
        }
        true
    }

    /// Goes to the previous scope; false if there is none.
    pub fn back(&mut self) -> bool {
        let parent = self.visits[self.at(self.present)].parent;
        parent.is_some_and(|parent| self.visit(parent))
    }

    /// Goes to the next scope; false if there is none.
    pub fn forward(&mut self) -> bool {
        let next = self.visits[self.at(self.present)].next;
        next.is_some_and(|next| self.visit(next))
    }

    /// True if there is a previous scope.
    pub fn can_go_back(&self) -> bool {
        self.visits[self.at(self.present)].parent.is_some()
    }

    /// True if there is a next scope.
    pub fn can_go_forward(&self) -> bool {
        self.visits[self.at(self.present)].next.is_some_and(|next| self.get(next).is_some())
    }

    /// Gives a visit a name and a note.
    pub fn describe(&mut self, id: u64, name: &str, note: &str) {
        if let Ok(at) = self.visits.binary_search_by_key(&id, |visit| visit.id) {
            name.trim().clone_into(&mut self.visits[at].name);
            note.trim().clone_into(&mut self.visits[at].note);
        }
    }

    /// A history that was stored, if it is sound: numbers ascend, parents come before, the present one is there.
    pub fn restored(self) -> Option<Self> {
        let ascends = self.visits.windows(2).all(|pair| pair[0].id < pair[1].id);
        let has_parents = self
            .visits
            .iter()
            .all(|visit| visit.parent.is_none_or(|parent| parent < visit.id && self.get(parent).is_some()));
        (ascends && has_parents && self.get(self.present).is_some()).then_some(self)
    }

    fn get(&self, id: u64) -> Option<&Visit> {
        let at = self.visits.binary_search_by_key(&id, |visit| visit.id).ok()?;
        self.visits.get(at)
    }

    /// Position of a visit that is there; the first for one that is not.
    fn at(&self, id: u64) -> usize {
        self.visits.binary_search_by_key(&id, |visit| visit.id).unwrap_or(0)
    }

    fn drop_oldest(&mut self, most: usize) {
        let mut accounts: usize = self.visits.iter().map(size).sum();
        while self.visits.len() > LIMIT || accounts > most {
            // Where accounts are too many, only visits with accounts make room.
            let makes_room = |visit: &Visit| self.visits.len() > LIMIT || size(visit) > 0;
            let may_go = |visit: &&Visit| {
                visit.id != self.present
                    && visit.name.is_empty()
                    && visit.note.is_empty()
                    && makes_room(visit)
            };
            let is_leaf = |visit: &&Visit| !self.visits.iter().any(|child| child.parent == Some(visit.id));
            let mut may_all_go = self.visits.iter().filter(may_go);
            let Some(oldest) = may_all_go.clone().find(is_leaf).or_else(|| may_all_go.next()) else { return };
            let (id, parent, next) = (oldest.id, oldest.parent, oldest.next);
            accounts -= size(oldest);
            self.visits.retain(|visit| visit.id != id);
            // Its neighbours take each other for parent and child.
            for visit in &mut self.visits {
                if visit.parent == Some(id) {
                    visit.parent = parent;
                }
                if visit.next == Some(id) {
                    visit.next = next;
                }
            }
        }
    }
}

/// Accounts that the scope of a visit names, excluded ones included.
fn size(visit: &Visit) -> usize {
    let of = |set: &Option<AccountSet>| set.as_ref().map_or(0, |accounts| accounts.ids.len());
    of(&visit.scope.accounts) + of(&visit.scope.except)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Scope {
        Scope::default().with_account(name.into())
    }

    #[test]
    fn back_and_forward_walk_the_same_way() {
        let mut history = History::default();
        let (one, two) = (account("a"), account("b"));
        assert!(history.go(one.clone()) && history.go(two.clone()) && !history.go(two.clone()));
        assert!(history.back() && **history.present() == one);
        assert!(history.back() && history.present().is_everything() && !history.back());
        assert!(history.forward() && **history.present() == one);
        assert!(history.forward() && **history.present() == two && !history.forward());
    }

    #[test]
    fn going_elsewhere_keeps_the_branch_and_the_way_to_it() {
        let mut history = History::default();
        history.go(account("a"));
        history.go(account("b"));
        let branch = history.present_id();
        history.describe(branch, " cards ", "the first idea");
        history.back();
        history.go(account("c"));
        assert!(!history.can_go_forward(), "the new branch has no end yet");
        let drawn: Vec<(usize, String)> = history
            .tree()
            .into_iter()
            .map(|(depth, visit)| {
                (depth, visit.scope.accounts.as_ref().map_or(String::new(), |set| set.describe()))
            })
            .collect();
        let line = |depth, name: &str| (depth, name.to_owned());
        assert_eq!(drawn, [line(0, ""), line(1, "account a"), line(2, "account b"), line(2, "account c")]);
        assert!(history.visit(branch) && **history.present() == account("b"));
        assert!(history.back() && history.forward() && history.present_id() == branch);
        history.back();
        let before = history.tree().len();
        assert!(history.go(account("c")));
        assert_eq!(history.tree().len(), before, "the same step leads to the same visit");
        let json = serde_json::to_string(&history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&json).unwrap().restored(), Some(history));
    }

    #[test]
    fn old_visits_are_dropped_and_named_ones_stay() {
        let mut history = History::default();
        history.go(account("named"));
        history.describe(history.present_id(), "named", "");
        history.back();
        for i in 0..3 * LIMIT {
            history.go(account(&i.to_string()));
            if i % 3 == 0 {
                history.back();
            }
        }
        let tree = history.tree();
        assert_eq!(tree.len(), LIMIT);
        assert!(tree.iter().any(|(_, visit)| visit.name == "named"));
        assert!(history.clone().restored().is_some());
        let many = (0..=STORED).map(|n| n.to_string().as_str().into()).collect();
        history.go(Scope::default().with_accounts("many", many));
        assert_eq!(history.tree().len(), LIMIT);
        let stored = history.stored();
        assert!(stored.tree().len() < LIMIT && stored.present().accounts.is_some());
        assert!(stored.restored().is_some());
    }

    #[test]
    fn only_visits_with_accounts_make_room_for_accounts() {
        let many = |from: usize| (from..from + STORED).map(|n| n.to_string().as_str().into()).collect();
        let mut history = History::default();
        history.go(Scope::default().with_span(crate::model::TimeSpan { start: 0, end: 1 }));
        history.go(Scope::default().with_accounts("old", many(0)));
        let except = AccountSet { label: None, lead: None, ids: many(1) };
        history.go(Scope { except: Some(except), ..Scope::default() });
        history.go(account("last"));
        let stored = history.stored();
        let kept: Vec<&Scope> = stored.tree().into_iter().map(|(_, visit)| visit.scope.as_ref()).collect();
        assert_eq!(kept.len(), 3, "everything, the span and the present one");
        assert!(kept[1].span.is_some() && kept[2].accounts.is_some());
        assert!(stored.restored().is_some());
    }

    #[test]
    fn a_broken_history_is_not_restored() {
        let broken = r#"{"visits":[{"id":3,"parent":7,"scope":{}}],"present":3}"#;
        assert_eq!(serde_json::from_str::<History>(broken).unwrap().restored(), None);
    }
}
