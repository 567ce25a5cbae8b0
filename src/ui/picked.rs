//! Selection of a case: chosen by the user, or by the program at the start.

use super::view::Selected;
use crate::cache::ValueIndex;
use crate::model::{Followed, LeadList};

/// Selection of the window, with the one who made it.
pub struct Picked {
    what: Selected,
    /// False while it is the program's own: the first lead.
    by_user: bool,
}

impl Picked {
    /// The first lead, so that its reasons are visible at the start.
    pub fn first(leads: usize) -> Self {
        Self { what: first(leads), by_user: false }
    }

    /// What is selected.
    pub fn what(&self) -> &Selected {
        &self.what
    }

    /// The user's selection.
    pub fn set(&mut self, what: Selected) {
        *self = Self { what, by_user: true };
    }

    /// Follows the selection from one list of leads to the next; `value` finds an attribute value in the next cache.
    /// The program's own selection is the first lead again. Returns what changed, in words.
    pub fn follow(
        &mut self,
        [before, now]: [&LeadList; 2],
        value: impl FnOnce(ValueIndex) -> Option<ValueIndex>,
    ) -> Vec<String> {
        let mut messages = Vec::new();
        if !self.by_user {
            self.what = first(now.leads().len());
            return messages;
        }
        self.what = match std::mem::take(&mut self.what) {
            Selected::Value(at) => value(at).map_or(Selected::Nothing, Selected::Value),
            Selected::Lead(at) => match before.leads().get(at) {
                Some(lead) => {
                    let followed = now.follow(lead);
                    if !matches!(followed, Followed::Same { .. }) {
                        messages.push(format!("Selected: {}.", now.describe(lead, followed)));
                    }
                    let nearest = followed.at().or_else(|| now.nearest(lead).map(|(at, _)| at));
                    if followed.at().is_none()
                        && let Some(now) = nearest.and_then(|at| now.leads().get(at))
                    {
                        messages.push(format!("{} has most of its core accounts and is selected.", now.id));
                    }
                    nearest.map_or(Selected::Nothing, Selected::Lead)
                }
                None => Selected::Nothing,
            },
            other => other,
        };
        messages
    }
}

fn first(leads: usize) -> Selected {
    if leads == 0 { Selected::Nothing } else { Selected::Lead(0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LeadRef;

    fn list(cores: [[&str; 2]; 2]) -> LeadList {
        let lead = |core: [&str; 2]| LeadRef::of(1, core.map(Into::into).into());
        LeadList::new(cores.map(lead).into())
    }

    #[test]
    fn the_programs_own_selection_is_the_first_lead_and_the_users_stays_with_its_lead() {
        let lists = [&list([["a", "b"], ["c", "d"]]), &list([["x", "y"], ["a", "b"]])];
        let mut own = Picked::first(2);
        assert!(own.follow(lists, |_| None).is_empty());
        assert_eq!(*own.what(), Selected::Lead(0));
        let mut of_user = Picked::first(2);
        of_user.set(Selected::Lead(0));
        assert!(of_user.follow(lists, |_| None).is_empty());
        assert_eq!(*of_user.what(), Selected::Lead(1));
    }
}
