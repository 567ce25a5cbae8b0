//! Checklist of an export: requirements, and the state of each.

use std::collections::BTreeMap;
use std::fmt;

use super::custody::{NOT_STATED, setting};
use super::explanations::EXPLANATIONS;
use super::incident::INCIDENT;
use super::legal::{STATED_WITH_SUPPORT, element_state};
use super::relied::{Relied, decisions, relied};
use super::story_check::lost_references;
use super::{Audience, BundleError, methods};
use crate::cache::Cache;
use crate::case::legal::{ABOUT, About, Frame};
use crate::case::{CLOCK_STATEMENT, Decisions, Person, PlacedDecision, SOURCES_KEPT, State, unmarked};
use crate::leads::Leads;
use crate::model::{Tag, Watcher, counted, format_count};
use crate::snapshot::Sources;

/// Finding on leads that are not complete, and the next step.
pub const PROVISIONAL: &str = "the text pass is unfinished, so leads, ids and figures are provisional. Wait for its \
    end, press Resume in the window, or run `stillhunt import CASE`";

/// Titles of items that only the case shows: decisions on leads, reviews, the story and the incident.
pub(super) const OF_THE_CASE: [&str; 4] = [
    "every decision on a lead applies to a lead of the present list",
    "every lead taken up or named a campaign is marked as relied on",
    "every reference of the story leads to evidence of the case",
    LEGAL,
];
/// Title of the item on the legal frame.
const LEGAL: &str = "every element of the legal frames in use is stated and has support";

/// Item on the leads that are taken up and not marked: an opinion of the investigator, for counsel only.
pub(super) const REVIEWED: &str = "reviewed";

/// Title of the item on benign explanations.
pub(super) const WEIGHED: &str =
    "the investigator has weighed the benign explanations of every lead relied on";

/// State of one item of the checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Done.
    Done,
    /// Not done by the investigator. The bundle says so and claims nothing that depends on it.
    Stated,
    /// Not done; no bundle is written.
    Refused,
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Stated => "not done, disclosed in the bundle",
            Self::Refused => "refused",
        })
    }
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckItem {
    /// Short name: `leads`, `sources`, `evidence`, `records`, `tags`, `alternatives`, `decisions`, `reviewed`,
    /// `controls`, `clocks`, `kept`, `person`, `story`, `legal`, `incident`, `redaction`.
    pub id: &'static str,
    /// Requirement.
    pub title: String,
    /// State.
    pub state: CheckState,
    /// Finding, and what to do if it is not done.
    pub detail: String,
}

impl CheckItem {
    pub(super) fn new(id: &'static str, title: &str, state: CheckState, detail: String) -> Self {
        Self { id, title: title.to_owned(), state, detail }
    }
}

/// The checklist of a case. Hashes the sources again, which takes as long as reading them. The items
/// `records` (every copied record has its hash) and `redaction` (of included text) are added when the bundle is
/// written.
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
    let mut items = vec![check_leads(leads, audience), check_sources(sources, watcher)?];
    items.extend(case_items(state, cache, leads, watcher)?);
    items.extend(lost_references(state, audience).map(|lost| check_story(&lost)));
    if audience == Audience::Regulator {
        items.push(check_incident(state));
    }
    Ok(items)
}

/// The items that follow from the case alone.
pub(super) fn case_items(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    watcher: &dyn Watcher,
) -> Result<Vec<CheckItem>, BundleError> {
    let relied = relied(state, cache, leads, watcher)?;
    let decisions = decisions(state, cache, leads);
    let unplaced = decisions.unplaced();
    let controls = methods::controls(state, cache, watcher)?;
    Ok(vec![
        check_evidence(state),
        check_tags(state),
        check_alternatives(&relied),
        check_decisions(&unplaced),
        check_reviewed(state, &decisions),
        check_controls(controls.len()),
        check_clocks(state),
        check_kept(state),
        check_person(state),
        check_legal(state),
    ])
}

/// The items that follow from statements in the settings and from the number of control accounts.
pub(super) fn stated_items(settings: &BTreeMap<String, String>, controls: usize) -> [CheckItem; 4] {
    let state = State { settings: settings.clone(), ..State::default() };
    [check_controls(controls), check_clocks(&state), check_kept(&state), check_person(&state)]
}

/// True if an audience gets no bundle while the leads are provisional: all but counsel.
pub fn refuses_provisional(audience: Audience) -> bool {
    audience != Audience::Internal
}

/// The item on the leads.
pub(super) fn check_leads(leads: &Leads, audience: Audience) -> CheckItem {
    let title = LEADS_COMPLETE;
    if !leads.provisional {
        return leads_item(leads.groups.len());
    }
    let state = if refuses_provisional(audience) { CheckState::Refused } else { CheckState::Stated };
    CheckItem::new("leads", title, state, PROVISIONAL.to_owned())
}

/// Title of the item on the leads.
const LEADS_COMPLETE: &str = "the leads are complete: the text pass has ended";

/// Item on a complete list of leads.
pub(super) fn leads_item(count: usize) -> CheckItem {
    let detail = format!("{} in the list", counted(count as u64, "lead", "leads"));
    CheckItem::new("leads", LEADS_COMPLETE, CheckState::Done, detail)
}

/// Title of the item on the sources.
const SOURCES_UNCHANGED: &str = "every source has the SHA-256 it was sealed with";

/// Item on sources that are unchanged.
pub(super) fn sources_item(files: usize) -> CheckItem {
    let detail = format!("{} files were hashed again; all are unchanged", format_count(files as u64));
    CheckItem::new("sources", SOURCES_UNCHANGED, CheckState::Done, detail)
}

/// Item on the copies of the records, which were compared with their SHA-256 when they were read.
pub(super) fn records_item(count: usize) -> CheckItem {
    CheckItem::new(
        "records",
        "every copied record still has the SHA-256 it was copied with",
        CheckState::Done,
        format!("{} records were checked", format_count(count as u64)),
    )
}

/// Item on redaction, where text goes to a reader outside.
pub(super) fn redaction_item(state: &State, audience: Audience, include_text: bool) -> Option<CheckItem> {
    if !include_text || !audience.has_records() || audience.are_names_clear() {
        return None;
    }
    Some(redactions_item(state.redactions.len()))
}

/// Item on the number of redactions.
pub(super) fn redactions_item(count: usize) -> CheckItem {
    let title = "words that others must not read are redacted in prompts and responses";
    let (state, detail) = match count as u64 {
        0 => (
            CheckState::Stated,
            "no redaction is made; `stillhunt redact CASE` counts what rules would find".to_owned(),
        ),
        1 => (CheckState::Done, "1 redaction is in effect".to_owned()),
        more => (CheckState::Done, format!("{} redactions are in effect", format_count(more))),
    };
    CheckItem::new("redaction", title, state, detail)
}

fn check_sources(sources: &Sources, watcher: &dyn Watcher) -> Result<CheckItem, BundleError> {
    let faults = sources.rehash(watcher)?;
    let files: usize = sources.snapshots.iter().map(|snapshot| snapshot.files.len()).sum();
    Ok(if faults.is_empty() {
        sources_item(files)
    } else {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        CheckItem::new("sources", SOURCES_UNCHANGED, CheckState::Refused, faults.join("; "))
    })
}

fn check_evidence(state: &State) -> CheckItem {
    evidence_item(state.evidence.len() - state.repeats().len())
}

/// Item on the number of pieces of evidence.
pub(super) fn evidence_item(count: usize) -> CheckItem {
    let title = "at least one item is marked as evidence";
    match count {
        0 => {
            let detail = "no item is marked; mark exchanges, accounts or scopes first (`stillhunt tag`)";
            CheckItem::new("evidence", title, CheckState::Refused, detail.to_owned())
        }
        1 => {
            CheckItem::new("evidence", title, CheckState::Done, "1 piece of evidence, of all tags".to_owned())
        }
        count => {
            let detail = format!("{} pieces of evidence, of all tags", format_count(count as u64));
            CheckItem::new("evidence", title, CheckState::Done, detail)
        }
    }
}

fn check_tags(state: &State) -> CheckItem {
    tags_item(state.evidence.values().map(|evidence| evidence.tag.as_str()).collect())
}

/// Item on the tags of the evidence.
pub(super) fn tags_item(mut tags: Vec<&str>) -> CheckItem {
    tags.sort_unstable();
    tags.dedup();
    let mut detail = if tags.is_empty() { "no tags".to_owned() } else { tags.join(", ") };
    if !tags.contains(&Tag::Exculpatory.as_str()) {
        detail += "; 0 pieces of exculpatory evidence";
    }
    CheckItem::new("tags", "the bundle leaves out no tag", CheckState::Done, detail)
}

fn check_alternatives(relied: &[Relied]) -> CheckItem {
    let open = relied
        .iter()
        .filter(|lead| lead.alternatives.iter().any(|weighed| weighed.stated.is_none()))
        .map(|lead| lead.name.as_str());
    alternatives_item(relied.len(), &open.collect::<Vec<_>>())
}

/// Item on the leads relied on, and those of them whose explanations are not all weighed.
pub(super) fn alternatives_item(relied: usize, open: &[&str]) -> CheckItem {
    let title = WEIGHED;
    if open.is_empty() {
        let detail = if relied == 0 {
            "no lead is relied on".to_owned()
        } else {
            format!("{relied} leads, each against {} and its own", EXPLANATIONS.join(", "))
        };
        return CheckItem::new("alternatives", title, CheckState::Done, detail);
    }
    let detail = format!(
        "not all weighed for: {}. The bundle has the measured figures for each of: {}, and the lead's own",
        open.join(", "),
        EXPLANATIONS.join(", ")
    );
    CheckItem::new("alternatives", title, CheckState::Stated, detail)
}

fn check_decisions(unplaced: &[PlacedDecision]) -> CheckItem {
    let [title, ..] = OF_THE_CASE;
    if unplaced.is_empty() {
        let detail = "all of them apply".to_owned();
        return CheckItem::new("decisions", title, CheckState::Done, detail);
    }
    let all: Vec<String> = unplaced.iter().map(PlacedDecision::in_words).collect();
    let detail = format!("{}. Mark and weigh again the leads that are to be relied on", all.join("; "));
    CheckItem::new("decisions", title, CheckState::Stated, detail)
}

fn check_reviewed(state: &State, decisions: &Decisions) -> CheckItem {
    let [_, title, ..] = OF_THE_CASE;
    let leads = decisions.list().leads();
    let open: Vec<String> = unmarked(state, decisions)
        .into_iter()
        .filter_map(|(at, status)| Some(format!("{} ({})", leads.get(at)?.id, status.in_words())))
        .collect();
    if open.is_empty() {
        return CheckItem::new(REVIEWED, title, CheckState::Done, "all of them are".to_owned());
    }
    let detail = format!("not marked, so no bundle relies on them: {}. Mark them in Leads", open.join(", "));
    CheckItem::new(REVIEWED, title, CheckState::Stated, detail)
}

fn check_controls(count: usize) -> CheckItem {
    let title = "error rates are measured on accounts known to be benign";
    match count {
        0 => {
            let detail = "no account has the tag control, so no error rate is claimed";
            CheckItem::new("controls", title, CheckState::Stated, detail.to_owned())
        }
        count => CheckItem::new("controls", title, CheckState::Done, format!("{count} control accounts")),
    }
}

fn check_person(state: &State) -> CheckItem {
    let title = "the case names the person who works in it";
    match Person::of(state) {
        None => {
            let detail =
                "no name; the journal has the system's user alone (`stillhunt person CASE --name …`)";
            CheckItem::new("person", title, CheckState::Stated, detail.to_owned())
        }
        Some(person) => CheckItem::new("person", title, CheckState::Done, person.in_words()),
    }
}

fn check_legal(state: &State) -> CheckItem {
    let title = LEGAL;
    if state.legal.is_empty() {
        let detail = "no legal frame is recorded; the bundle shows every element empty (`stillhunt legal`)";
        return CheckItem::new("legal", title, CheckState::Stated, detail.to_owned());
    }
    let state_of = |about: &About| element_state(state, about.element);
    let in_use = |frame: Frame| {
        ABOUT.iter().any(|about| about.frame == frame && state.legal.statements.contains_key(&about.element))
    };
    let open: Vec<String> = ABOUT
        .iter()
        .filter(|about| in_use(about.frame) && state_of(about) != STATED_WITH_SUPPORT)
        .map(|about| format!("{} ({})", about.id, state_of(about)))
        .collect();
    if open.is_empty() {
        let detail = "all elements of the frames with a statement are stated and have support".to_owned();
        return CheckItem::new("legal", title, CheckState::Done, detail);
    }
    CheckItem::new("legal", title, CheckState::Stated, format!("open: {}", open.join("; ")))
}

fn check_incident(state: &State) -> CheckItem {
    let title = "the organisation has stated every item of the incident summary";
    let is_open = |key: &str| state.settings.get(key).is_none_or(|text| text.trim().is_empty());
    let open: Vec<&str> = INCIDENT.iter().filter(|(key, _)| is_open(key)).map(|(_, title)| *title).collect();
    if open.is_empty() {
        return CheckItem::new("incident", title, CheckState::Done, "all are stated".to_owned());
    }
    let detail = format!("not stated: {} (`stillhunt incident`)", open.join("; "));
    CheckItem::new("incident", title, CheckState::Stated, detail)
}

fn check_story(lost: &[String]) -> CheckItem {
    let [_, _, title, _] = OF_THE_CASE;
    if lost.is_empty() {
        return CheckItem::new("story", title, CheckState::Done, "all of them do".to_owned());
    }
    let detail = format!("not in the bundle: {} (`stillhunt story CASE`)", lost.join("; "));
    CheckItem::new("story", title, CheckState::Stated, detail)
}

fn check_kept(state: &State) -> CheckItem {
    let title = "the investigator has stated how the logs came to be kept";
    match setting(state, SOURCES_KEPT) {
        NOT_STATED => {
            let detail = "no statement: routine or ad hoc (`stillhunt sources CASE --kept routine`)";
            CheckItem::new("kept", title, CheckState::Stated, detail.to_owned())
        }
        statement => CheckItem::new("kept", title, CheckState::Done, statement.to_owned()),
    }
}

fn check_clocks(state: &State) -> CheckItem {
    let title = "the investigator has stated how the clocks of the sources were set";
    match setting(state, CLOCK_STATEMENT) {
        NOT_STATED => {
            let detail =
                "no statement; the bundle has the time zone that each file records (`stillhunt clocks`)";
            CheckItem::new("clocks", title, CheckState::Stated, detail.to_owned())
        }
        statement => CheckItem::new("clocks", title, CheckState::Done, statement.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provisional_leads_leave_the_company_in_no_bundle() {
        let provisional = Leads { provisional: true, ..Leads::default() };
        for audience in Audience::ALL {
            assert_eq!(check_leads(&Leads::default(), audience).state, CheckState::Done);
            let inside = audience == Audience::Internal;
            let expected = if inside { CheckState::Stated } else { CheckState::Refused };
            let item = check_leads(&provisional, audience);
            assert_eq!(item.state, expected, "{audience}");
            assert!(item.detail.contains("stillhunt import"), "{}", item.detail);
        }
    }

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
        assert_eq!(check_story(&[]).state, CheckState::Done);
        assert_eq!(check_story(&["part 2: [E7]".to_owned()]).state, CheckState::Stated);
        let lead_now = "L-7f31ab: no longer a lead".to_owned();
        let lost = check_decisions(&[PlacedDecision {
            decision: "reseller weighed".into(),
            lead_now,
            found: false,
        }]);
        assert_eq!(lost.state, CheckState::Stated);
        assert!(lost.detail.contains("reseller weighed for L-7f31ab: no longer a lead"), "{}", lost.detail);
    }
}
