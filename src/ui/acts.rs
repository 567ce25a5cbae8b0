//! Daily acts on the selection: one list for the inspector's bar, the keys and the command palette.

use egui::Key;

use super::regions::Region;
use super::scopes;
use super::view::{Command, Selected, ViewContext, WindowCommand};
use super::{pivot, words};
use crate::case::{Action, ReviewStatus};
use crate::model::Scope;

/// An act on the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Sets the scope to the selection.
    Scope,
    /// Marks the selection as evidence, with tag and note of the form.
    Mark,
    /// Opens the benign explanations.
    Weigh,
    /// Gives the lead a status.
    Status(ReviewStatus),
    /// Opens the dialog that dismisses the lead.
    Dismiss,
    /// Opens the pivot menu.
    Pivot,
    /// Opens the reading queue of the lead.
    Read,
    /// Shows the shared values.
    Links,
    /// Tries a limit on the lead.
    Limit,
}

/// Every act, in the order of bars and palette.
pub const ALL: [Act; 12] = [
    Act::Scope,
    Act::Status(ReviewStatus::LookedAt),
    Act::Status(ReviewStatus::TakenUp),
    Act::Status(ReviewStatus::Campaign),
    Act::Dismiss,
    Act::Weigh,
    Act::Mark,
    Act::Pivot,
    Act::Read,
    Act::Links,
    Act::Limit,
    Act::Status(ReviewStatus::New),
];

/// Fixed words of an act.
pub struct About {
    /// Title of its button.
    pub title: &'static str,
    /// Key without modifiers; `None` for none.
    pub key: Option<Key>,
    /// Other words by which the palette finds it.
    pub synonyms: &'static str,
    /// Effect, in a sentence.
    pub hint: &'static str,
}

impl Act {
    /// True if the bar above the answer has it for the selection.
    pub fn is_in_bar(self, selected: &Selected) -> bool {
        match selected {
            Selected::Lead(_) => match self {
                Self::Status(status) => status != ReviewStatus::New,
                _ => !matches!(self, Self::Mark | Self::Pivot),
            },
            Selected::Account(_) => matches!(self, Self::Scope | Self::Pivot | Self::Weigh),
            Selected::Saved(_) => matches!(self, Self::Scope | Self::Weigh),
            Selected::Exchange(_) => self == Self::Pivot,
            _ => false,
        }
    }

    /// True if it acts on several leads at once.
    pub fn takes_leads(self) -> bool {
        matches!(self, Self::Scope | Self::Status(_) | Self::Dismiss)
    }

    /// Its commands for leads, by position; one decision for all of them.
    ///
    /// # Errors
    /// The reason for which it cannot be done now, and the next step.
    pub fn on_leads(self, cx: &ViewContext<'_>, leads: &[usize]) -> Result<Vec<Command>, &'static str> {
        match self {
            _ if leads.is_empty() => Err(NO_LEAD),
            Self::Scope => Ok(vec![Command::SetScope(match leads {
                [only] => of_lead_at(cx, *only)?,
                several => scopes::of_leads(cx, several),
            })]),
            Self::Status(status) => review(cx, leads, status),
            Self::Dismiss if cx.read_only => Err(READ_ONLY),
            Self::Dismiss => Ok(vec![Command::Dismiss(leads.to_vec())]),
            _ => Err("It acts on one lead at a time."),
        }
    }

    /// Its commands for leads by a letter, which may be typed by mistake: it changes no decided state.
    ///
    /// # Errors
    /// As [`on_leads`](Self::on_leads), and a state that only a button changes.
    pub fn on_leads_by_key(
        self,
        cx: &ViewContext<'_>,
        leads: &[usize],
    ) -> Result<Vec<Command>, &'static str> {
        let is_kept = |at: &usize| match (state(cx, *at), self) {
            (present, Self::Status(status)) if present == status => false,
            (ReviewStatus::Campaign | ReviewStatus::Dismissed, Self::Status(_) | Self::Dismiss) => true,
            (ReviewStatus::TakenUp, Self::Status(ReviewStatus::LookedAt)) => true,
            _ => false,
        };
        if leads.iter().any(is_kept) {
            return Err("A letter does not change a decided state. Press its button, or Ctrl+Z.");
        }
        self.on_leads(cx, leads)
    }

    /// Its commands for the selection by its letter.
    ///
    /// # Errors
    /// As [`commands`](Self::commands), and a state that only a button changes.
    pub fn by_key(self, cx: &ViewContext<'_>) -> Result<Vec<Command>, &'static str> {
        match self {
            Self::Status(_) | Self::Dismiss => self.on_leads_by_key(cx, &[lead(cx)?]),
            _ => self.commands(cx),
        }
    }

    /// Title, key and hint.
    pub fn about(self) -> About {
        let (title, key, synonyms, hint) = match self {
            Self::Scope => (
                "Set scope to it",
                Some(Key::S),
                "filter only select restrict",
                "Sets the scope to the selection; all views follow",
            ),
            Self::Mark => (
                "Mark as evidence",
                Some(Key::M),
                "tag relied-on exculpatory context control exhibit flag note keep save",
                "Marks the selection with the tag and the note of the form",
            ),
            Self::Weigh => (
                "Weigh explanations",
                Some(Key::W),
                "benign innocent alternatives reseller hypotheses rule out verdict",
                "Opens the benign explanations: points for and against, and a verdict",
            ),
            Self::Status(status) => of_status(status),
            Self::Dismiss => (
                "Dismiss…",
                Some(Key::D),
                "reject benign innocent remove hide close state status",
                "Asks for the reason, and offers all leads with the same explanation",
            ),
            Self::Pivot => (
                "Pivot…",
                Some(Key::P),
                "shared values expand related accounts behind",
                "Accounts behind each shared value, counted before the step",
            ),
            Self::Read => (
                "Read exchanges",
                None,
                "queue prompts text records telling examples",
                "Its most telling exchanges, in order",
            ),
            Self::Links => (
                "Show links",
                None,
                "graph matrix network shared ties",
                "Accounts and the values that tie them",
            ),
            Self::Limit => (
                "Try a limit",
                None,
                "threshold rule what if rate block",
                "Accounts of the lead, and other accounts, that a threshold would have caught by each day",
            ),
        };
        About { title, key, synonyms, hint }
    }

    /// Its commands for the selection.
    ///
    /// # Errors
    /// The reason for which it cannot be done now, and the next step.
    pub fn commands(self, cx: &ViewContext<'_>) -> Result<Vec<Command>, &'static str> {
        match self {
            Self::Scope => Ok(vec![Command::SetScope(scope(cx)?)]),
            Self::Mark => mark(cx),
            Self::Weigh => weigh(cx),
            Self::Status(_) | Self::Dismiss => self.on_leads(cx, &[lead(cx)?]),
            Self::Pivot => {
                let from =
                    pivot::of_selected(cx).ok_or("Select an account, a lead, a value or an exchange.")?;
                Ok(vec![Command::Pivot(from)])
            }
            Self::Read => {
                Ok(vec![Command::SetScope(of_lead(cx)?), Command::Window(WindowCommand::ReadingQueue)])
            }
            Self::Links => Ok(vec![Command::SetScope(scope(cx)?), Command::ShowView("links")]),
            Self::Limit => Ok(vec![Command::SetScope(of_lead(cx)?), Command::ShowView("limits")]),
        }
    }
}

/// Sends the commands of an act, or the reason for which there are none.
pub fn send(cx: &ViewContext<'_>, commands: Result<Vec<Command>, &'static str>) {
    match commands {
        Ok(commands) => commands.into_iter().for_each(|command| cx.send(command)),
        Err(why) => cx.send(Command::Notify(why.to_owned())),
    }
}

fn of_status(status: ReviewStatus) -> (&'static str, Option<Key>, &'static str, &'static str) {
    match status {
        ReviewStatus::LookedAt => {
            ("Looked at", Some(Key::L), "state status seen reviewed", "Sets the lead's state: looked at")
        }
        ReviewStatus::TakenUp => {
            ("Take up", Some(Key::T), "state status pursue investigate", "Sets the lead's state: taken up")
        }
        ReviewStatus::Campaign => (
            "Campaign",
            Some(Key::C),
            "state status name call finding confirm",
            "Records your own finding in the journal. The program itself never calls a lead a campaign.",
        ),
        ReviewStatus::New | ReviewStatus::Dismissed => {
            ("Set back to new", None, "state status reset reopen restore", "Sets the lead's state: new")
        }
    }
}

/// Keys of the acts with their effects, for the list of shortcuts.
pub fn keys() -> impl Iterator<Item = (Key, &'static str)> {
    ALL.iter().filter_map(|act| Some((act.about().key?, act.about().hint)))
}

impl Act {
    /// Object of the act in words: `lead L-7f31ab`, `account acct_1`; empty for nothing.
    pub fn subject(self, cx: &ViewContext<'_>) -> String {
        match self {
            Self::Status(_) | Self::Dismiss | Self::Read | Self::Limit => {
                lead(cx).map_or_else(|_| String::new(), |at| words::lead(cx.leads, at))
            }
            _ => selection(cx),
        }
    }
}

fn selection(cx: &ViewContext<'_>) -> String {
    match cx.selected {
        Selected::Lead(at) => words::lead(cx.leads, *at),
        Selected::Account(account) => format!("account {}", words::account(cx.cache, *account)),
        Selected::Exchange(_) => "the selected exchange".to_owned(),
        Selected::Value(value) => words::middle(&scopes::label_of(cx, *value), 40),
        Selected::Topic(topic) => format!("topic {topic}"),
        Selected::Evidence(id) => format!("evidence {id}"),
        Selected::Saved(name) => format!("group {}", words::line(name, 40)),
        Selected::Nothing => String::new(),
    }
}

const READ_ONLY: &str = "This case is open read-only; another window writes it.";
const NO_LEAD: &str = "Select a lead first, in Leads.";

fn lead(cx: &ViewContext<'_>) -> Result<usize, &'static str> {
    match cx.selected {
        Selected::Lead(at) if *at < cx.leads.groups.len() => Ok(*at),
        // While its exchanges and accounts are read, the lead of the scope is meant.
        _ => scopes::lead_of_scope(cx).ok_or(NO_LEAD),
    }
}

fn of_lead(cx: &ViewContext<'_>) -> Result<Scope, &'static str> {
    of_lead_at(cx, lead(cx)?)
}

fn of_lead_at(cx: &ViewContext<'_>, at: usize) -> Result<Scope, &'static str> {
    cx.leads.groups.get(at).map(|group| scopes::of_lead(cx, group)).ok_or(NO_LEAD)
}

fn scope(cx: &ViewContext<'_>) -> Result<Scope, &'static str> {
    const NOTHING: &str = "Select a lead, an account, an exchange, a value or a saved scope first.";
    let account = |at: u32| cx.cache.accounts().get(at as usize);
    let with = |at: u32| account(at).map(|known| Scope::clone(cx.scope).with_account(known.id.clone()));
    match cx.selected {
        Selected::Lead(at) => cx.leads.groups.get(*at).map(|group| scopes::of_lead(cx, group)),
        Selected::Account(at) => with(*at),
        Selected::Exchange(row) => with(cx.cache.hot().account_of(*row)),
        Selected::Value(value) => {
            let value = cx.cache.values().get(*value as usize);
            value.map(|value| Scope::default().with_value(value.kind, &value.value))
        }
        Selected::Topic(topic) => {
            let label = cx.cache.topics().get(usize::from(*topic)).map_or("", |topic| topic.label.as_str());
            let one = std::collections::BTreeMap::from([(*topic, label.to_owned())]);
            Some(Scope::clone(cx.scope).with_topics(one))
        }
        Selected::Saved(name) => scopes::saved_as(cx, name).cloned(),
        Selected::Evidence(_) | Selected::Nothing => None,
    }
    .ok_or(NOTHING)
}

fn mark(cx: &ViewContext<'_>) -> Result<Vec<Command>, &'static str> {
    let can_be = matches!(
        cx.selected,
        Selected::Lead(_) | Selected::Account(_) | Selected::Exchange(_) | Selected::Saved(_)
    );
    match can_be {
        _ if cx.read_only => Err(READ_ONLY),
        true => Ok(vec![Command::Window(WindowCommand::Mark)]),
        false => Err("Select a lead, an account, an exchange or a saved scope first."),
    }
}

fn weigh(cx: &ViewContext<'_>) -> Result<Vec<Command>, &'static str> {
    let can_be = match cx.selected {
        Selected::Lead(_) | Selected::Account(_) => true,
        Selected::Saved(name) => scopes::evidence_of_saved(cx, name).is_some(),
        Selected::Evidence(id) => {
            cx.state.evidence.get(id).is_some_and(|evidence| evidence.source.subject(*id).is_some())
        }
        _ => false,
    };
    match can_be {
        true => Ok(vec![Command::Window(WindowCommand::Section(Region::Explanations))]),
        false => Err("Select a lead or an account first; a saved scope is weighed once it is marked."),
    }
}

/// State of a lead.
fn state(cx: &ViewContext<'_>, at: usize) -> ReviewStatus {
    cx.decisions.review(at).map_or(ReviewStatus::New, |review| review.status)
}

/// Gives leads a status.
fn review(cx: &ViewContext<'_>, at: &[usize], status: ReviewStatus) -> Result<Vec<Command>, &'static str> {
    if cx.read_only {
        return Err(READ_ONLY);
    }
    if at.iter().all(|at| state(cx, *at) == status) {
        return Err("It has this state already.");
    }
    let list = cx.decisions.list().leads();
    let leads = at.iter().filter_map(|at| list.get(*at).cloned()).collect();
    let said = format!("{}: {}. Ctrl+Z undoes it.", words::leads(cx.leads, at), status.in_words());
    let reviewed = Action::LeadsReviewed { leads, status, reason: String::new() };
    Ok(vec![Command::Record(reviewed), Command::Notify(said)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_act() {
        let mut keys: Vec<Key> = keys().map(|(key, _)| key).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }
}
