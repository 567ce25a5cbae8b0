//! What has to be done before a bundle may leave, and whether it is.

use std::fmt;

use super::custody::{NOT_STATED, setting};
use super::relied::{EXPLANATIONS, Relied, decisions, relied};
use super::{Audience, BundleError, methods};
use crate::cache::Cache;
use crate::case::{CLOCK_STATEMENT, PlacedDecision, SOURCES_KEPT, State};
use crate::leads::Leads;
use crate::model::Watcher;
use crate::snapshot::Sources;

/// Where one item of the checklist stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Done.
    Done,
    /// Not done by the investigator; the bundle says so in so many words and claims nothing
    /// that rests on it.
    Stated,
    /// Not done; no bundle is written.
    Refused,
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Stated => "not done, and stated",
            Self::Refused => "refused",
        })
    }
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckItem {
    /// Short name: `sources`, `evidence`, `records`, `tags`, `alternatives`, `decisions`,
    /// `controls`, `clocks`, `kept`.
    pub id: &'static str,
    /// What is demanded.
    pub title: String,
    /// Where it stands.
    pub state: CheckState,
    /// What was found, and what to do where it is not done.
    pub detail: String,
}

impl CheckItem {
    pub(super) fn new(id: &'static str, title: &str, state: CheckState, detail: String) -> Self {
        Self { id, title: title.to_owned(), state, detail }
    }
}

/// Goes through the checklist. Hashes the sources again, which takes as long as reading them.
/// That every copied record has its hash (`records`) is checked when the bundle is written.
///
/// # Errors
/// Cancelled, or a source or the cache cannot be read at all.
pub fn checklist(
    state: &State,
    sources: &Sources,
    cache: &Cache,
    leads: &Leads,
    audience: Audience,
    watcher: &dyn Watcher,
) -> Result<Vec<CheckItem>, BundleError> {
    let Audience::Production = audience;
    let relied = relied(state, cache, leads, watcher)?;
    let unplaced = decisions(state, cache, leads).unplaced();
    let controls = methods::controls(state, cache, watcher)?;
    Ok(vec![
        check_sources(sources, watcher)?,
        check_evidence(state),
        check_tags(state),
        check_alternatives(&relied),
        check_decisions(&unplaced),
        check_controls(controls.len()),
        check_clocks(state),
        check_kept(state),
    ])
}

fn check_sources(sources: &Sources, watcher: &dyn Watcher) -> Result<CheckItem, BundleError> {
    let faults = sources.rehash(watcher)?;
    let files: usize = sources.snapshots.iter().map(|snapshot| snapshot.files.len()).sum();
    let title = "every source has the SHA-256 it was sealed with";
    Ok(if faults.is_empty() {
        let detail = format!("{files} files hashed again, all as they were sealed");
        CheckItem::new("sources", title, CheckState::Done, detail)
    } else {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        CheckItem::new("sources", title, CheckState::Refused, faults.join("; "))
    })
}

fn check_evidence(state: &State) -> CheckItem {
    let title = "something is marked as evidence";
    match state.evidence.len() {
        0 => {
            let detail = "nothing is marked; mark exchanges, accounts or scopes first (`stillhunt tag`)";
            CheckItem::new("evidence", title, CheckState::Refused, detail.to_owned())
        }
        1 => CheckItem::new("evidence", title, CheckState::Done, "1 piece of evidence".to_owned()),
        count => CheckItem::new("evidence", title, CheckState::Done, format!("{count} pieces of evidence")),
    }
}

fn check_tags(state: &State) -> CheckItem {
    let mut tags: Vec<_> = state.evidence.values().map(|evidence| evidence.tag.as_str()).collect();
    tags.sort_unstable();
    tags.dedup();
    let detail = if tags.is_empty() { "there are none".to_owned() } else { tags.join(", ") };
    CheckItem::new("tags", "every tag is in the bundle, exculpatory ones included", CheckState::Done, detail)
}

fn check_alternatives(relied: &[Relied]) -> CheckItem {
    let title = "every lead relied on is weighed against its benign explanations";
    let open: Vec<_> = relied
        .iter()
        .filter(|lead| lead.alternatives.iter().any(|weighed| weighed.stated.is_none()))
        .map(|lead| lead.name.as_str())
        .collect();
    if open.is_empty() {
        let detail = if relied.is_empty() {
            "no lead is relied on".to_owned()
        } else {
            format!("{} leads, each against {}", relied.len(), EXPLANATIONS.join(", "))
        };
        return CheckItem::new("alternatives", title, CheckState::Done, detail);
    }
    let detail = format!(
        "not weighed by the investigator in full: {}. The bundle carries the measured figures for {}",
        open.join(", "),
        EXPLANATIONS.join(", ")
    );
    CheckItem::new("alternatives", title, CheckState::Stated, detail)
}

fn check_decisions(unplaced: &[PlacedDecision]) -> CheckItem {
    let title = "every decision on a lead stands on a lead of the present list";
    if unplaced.is_empty() {
        let detail = "all of them do".to_owned();
        return CheckItem::new("decisions", title, CheckState::Done, detail);
    }
    let all: Vec<String> = unplaced.iter().map(PlacedDecision::in_words).collect();
    let detail = format!("{}. Mark and weigh anew what is to be relied on", all.join("; "));
    CheckItem::new("decisions", title, CheckState::Stated, detail)
}

fn check_controls(count: usize) -> CheckItem {
    let title = "error rates are measured on accounts known to be benign";
    match count {
        0 => {
            let detail = "no account is tagged control: no error rate is claimed";
            CheckItem::new("controls", title, CheckState::Stated, detail.to_owned())
        }
        count => CheckItem::new("controls", title, CheckState::Done, format!("{count} control accounts")),
    }
}

fn check_kept(state: &State) -> CheckItem {
    let title = "how the logs came to be kept is stated";
    match setting(state, SOURCES_KEPT) {
        NOT_STATED => {
            let detail = "neither routine nor ad hoc is stated (`stillhunt sources CASE --kept routine`)";
            CheckItem::new("kept", title, CheckState::Stated, detail.to_owned())
        }
        said => CheckItem::new("kept", title, CheckState::Done, said.to_owned()),
    }
}

fn check_clocks(state: &State) -> CheckItem {
    let title = "the sources' clocks and zones are stated";
    match setting(state, CLOCK_STATEMENT) {
        NOT_STATED => {
            let detail = "nothing is stated of the clocks; the bundle carries the zone each file records";
            CheckItem::new("clocks", title, CheckState::Stated, detail.to_owned())
        }
        said => CheckItem::new("clocks", title, CheckState::Done, said.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_done_is_said_and_nothing_marked_refuses() {
        let mut state = State::default();
        assert_eq!(check_evidence(&state).state, CheckState::Refused);
        assert_eq!(check_clocks(&state).state, CheckState::Stated);
        state.settings.insert(CLOCK_STATEMENT.into(), "synchronised by NTP".into());
        assert_eq!(check_clocks(&state).state, CheckState::Done);
        assert_eq!(check_controls(0).state, CheckState::Stated);
        assert_eq!(check_alternatives(&[]).state, CheckState::Done);
        assert_eq!(check_decisions(&[]).state, CheckState::Done);
        let lead_now = "L-7f31ab: no lead any more".to_owned();
        let lost = check_decisions(&[PlacedDecision {
            decision: "reseller weighed".into(),
            lead_now,
            found: false,
        }]);
        assert_eq!(lost.state, CheckState::Stated);
        assert!(lost.detail.contains("reseller weighed for L-7f31ab: no lead any more"), "{}", lost.detail);
    }
}
