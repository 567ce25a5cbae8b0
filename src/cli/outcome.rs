//! Outcomes of commands, and the messages and inputs that several commands share.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::bundle::EXCULPATORY_NOTE;
use crate::jobs::Session;
use crate::model::Tag;

/// Outcome of a command without an error.
pub(super) enum Outcome {
    Done,
    CheckFailed,
    OpenWindow(WindowOn),
}

/// First content of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowOn {
    /// The start screen.
    Start,
    /// A case's folder.
    Case(PathBuf),
    /// The bundled sample.
    Sample,
}

/// Wrong use that only shows once the case is open: no such account, no such lead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUse(String);

pub(super) fn wrong_use(what: impl Into<String>) -> anyhow::Error {
    WrongUse(what.into()).into()
}

/// Command that finishes the text pass of a case, in words.
pub(super) fn how_to_finish(case: &Path) -> String {
    format!("finish it with: stillhunt import {}", case.display())
}

/// Says on stderr that bundles disclose a note, where its tag is exculpatory.
pub(super) fn say_if_disclosed(tag: &Tag, note: &str) {
    if *tag == Tag::Exculpatory && !note.is_empty() {
        eprintln!("{EXCULPATORY_NOTE}");
    }
}

/// Says on stderr that a case has no topics yet, where its text pass has not ended.
pub(super) fn say_if_unfinished(session: &Session) {
    if !session.cache.has_text_pass() {
        let finish = how_to_finish(session.case.dir());
        let finish = crate::model::visible(&finish);
        eprintln!(
            "the text pass of this case is unfinished: no topics and no prompt templates yet; {finish}"
        );
    }
}

/// A scope from a JSON file, as `leads --scope` and the window write it.
pub(super) fn read_scope(path: &Path) -> anyhow::Result<crate::model::Scope> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let scope: crate::model::Scope = serde_json::from_str(&text)
        .map_err(|error| wrong_use(format!("{} is not a scope: {error}", path.display())))?;
    match scope.lead() {
        Some(lead) if !lead.is_consistent() => Err(wrong_use(format!(
            "{}: {} is not the id of the core accounts listed with it; write the scope again with \
             `stillhunt leads CASE --scope ID`",
            path.display(),
            lead.id
        ))),
        _ => Ok(scope),
    }
}
