//! Recording of items, shared by the sub-commands.

use std::path::PathBuf;

use crate::case::legal::{Document, LegalDecision, LegalItem};
use crate::case::{Action, Case, State, ZONE};
use crate::cli::{Outcome, decision, wrong_use};
use crate::jobs;
use crate::model::{Micros, Silent, Zone, moment};

/// Number of the item and format of the result.
#[derive(clap::Args)]
pub(super) struct Recording {
    /// Replace the item with this number
    #[arg(long, value_name = "NUMBER")]
    pub item: Option<u64>,
    /// Write the entry as JSON
    #[arg(long)]
    pub json: bool,
}

/// Journals an item under its number, or under the next one.
pub(super) fn record(case: &mut Case, item: LegalItem, recording: &Recording) -> anyhow::Result<Outcome> {
    let number = match recording.item {
        None => 0,
        Some(number) => match case.state().legal.items.get(&number) {
            Some(old) if old.word() == item.word() => number,
            Some(old) => {
                return Err(wrong_use(format!("item {number} is a {}, no {}", old.word(), item.word())));
            }
            None => return Err(wrong_use(format!("there is no legal item number {number}"))),
        },
    };
    decide(case, LegalDecision::Recorded { number, item }, recording.json)
}

pub(super) fn decide(case: &mut Case, legal: LegalDecision, as_json: bool) -> anyhow::Result<Outcome> {
    decision::decide(case, Action::Legal { legal: Box::new(legal) }, as_json)
}

/// A time in the zone of the case.
pub(super) fn time(state: &State, text: &str) -> anyhow::Result<Micros> {
    let zone = match state.settings.get(ZONE) {
        None => Zone::utc(),
        Some(name) => Zone::named(name).map_err(|error| wrong_use(error.to_string()))?,
    };
    moment::read(text, &zone).ok_or_else(|| {
        wrong_use(format!("“{text}” is not a time; write it as 2026-05-12 or 2026-05-12 13:00"))
    })
}

pub(super) fn document(path: Option<&PathBuf>) -> anyhow::Result<Option<Document>> {
    path.map(|path| jobs::document_of(path, &Silent)).transpose()
}
