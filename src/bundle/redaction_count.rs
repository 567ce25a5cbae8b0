//! Hits of every rule and list in the marked exchanges, before anything is written.

use super::BundleError;
use super::records::{MarkedRecord, gather};
use super::redaction::Redactor;
use crate::case::{Case, Redacted, Redaction, RedactionRule};
use crate::snapshot::{Column, ColumnType};

/// Hits of a redaction, made or possible, in the prompts and responses of the marked exchanges and in the other
/// text of their records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactionCount {
    /// The redaction; a rule that is not in effect has the number 0.
    pub redaction: Redaction,
    /// Number of hits.
    pub hits: u64,
    /// Number of marked exchanges that have some.
    pub exchanges: u64,
}

/// Hits of every redaction in effect and of every rule that is not, and the number of marked exchanges.
///
/// # Errors
/// A copy of a record that cannot be read.
pub fn redaction_counts(case: &Case) -> Result<(Vec<RedactionCount>, u64), BundleError> {
    let state = case.state();
    let rows = gather(state, |exchange, digest, reading| Ok(case.record_copy(exchange, digest, reading)?))?;
    let is_on = |rule: RedactionRule| {
        state.redactions.iter().any(|redaction| redaction.what == Redacted::Rule { rule })
    };
    let off = RedactionRule::ALL.into_iter().filter(|rule| !is_on(*rule)).map(|rule| Redaction {
        id: 0,
        what: Redacted::Rule { rule },
        reason: String::new(),
        person: String::new(),
        ts: 0,
    });
    let all = state.redactions.iter().cloned().chain(off);
    let counted = all.map(|redaction| -> Result<RedactionCount, BundleError> {
        let redactor = Redactor::of(std::slice::from_ref(&redaction))?;
        let hits: Vec<u64> = rows.iter().map(|row| hits_in(&redactor, row)).collect();
        let exchanges = hits.iter().filter(|hits| **hits > 0).count() as u64;
        Ok(RedactionCount { redaction, hits: hits.iter().sum(), exchanges })
    });
    Ok((counted.collect::<Result<_, BundleError>>()?, rows.len() as u64))
}

fn hits_in(redactor: &Redactor, row: &MarkedRecord) -> u64 {
    let is_text = |column: &Column| matches!(column.kind(), ColumnType::Text | ColumnType::LongText);
    let columns = Column::ALL.into_iter().filter(is_text);
    let texts = columns.filter_map(|column| Some((column, row.record.text(column.name())?)));
    texts.map(|(column, text)| redactor.hits_in(&row.record.exchange, column, text).len() as u64).sum()
}
