//! Shared part of the commands that journal one decision.

use std::path::Path;

use serde_json::json;

use super::{Outcome, output, wrong_use};
use crate::case::{Access, Action, Case, CaseError, Program};
use crate::model::visible;

/// Opens a case for a decision. Its cache is not needed and not looked at.
pub(super) fn open(case: &Path) -> anyhow::Result<Case> {
    Ok(Case::open(case, Access::Write)?.opened_by(Program::running()))
}

/// Journals a decision and prints its entry.
pub(super) fn decide(case: &mut Case, action: Action, as_json: bool) -> anyhow::Result<Outcome> {
    case.record(action).map_err(|error| match error {
        CaseError::NoSuchEvidence(_)
        | CaseError::NoSuchStoryPart(_)
        | CaseError::NoSuchRedaction(_)
        | CaseError::NotBehind(_)
        | CaseError::NoSuchSnapshot(_)
        | CaseError::LastSnapshot(_)
        | CaseError::NoSuchLegalItem(_)
        | CaseError::NoSuchClause { .. }
        | CaseError::Incomplete(_) => wrong_use(error.to_string()),
        other => other.into(),
    })?;
    print_last(case, as_json)
}

/// Prints the last entry of the journal: `entry 12: evidence 3: account a tagged relied-on`.
pub(super) fn print_last(case: &Case, as_json: bool) -> anyhow::Result<Outcome> {
    let Some(entry) = case.state().journal.last() else { return Ok(Outcome::Done) };
    let what = entry.action.describe();
    if as_json {
        output::print_json(&json!({"entry": entry.seq, "what": what, "hash": entry.hash}))?;
    } else {
        output::print_text(&format!("entry {}: {}\n", entry.seq, visible(&what).replace(['\n', '\t'], " ")))?;
    }
    Ok(Outcome::Done)
}
