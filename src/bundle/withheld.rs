//! Values and words that the records of a bundle leave out, for the redaction log.

use serde_json::Value;

use super::names::{Names, band};
use super::records::{CONFIRMING, Cut, MarkedRecord, TEXT_COLUMNS};
use crate::case::{Redacted, Redaction};
use crate::model::ExchangeRef;
use crate::snapshot::Column;

/// Reasons of values that are left out whole.
pub(super) const CONTENT: &str = "content of the exchange, which the investigator did not include";
pub(super) const HASH: &str = "privacy: a plain hash of the prompt, which would confirm a guess";
pub(super) const VECTOR: &str = "privacy: redacted words can be guessed from the vector of their text";
/// Reason of pseudonyms in a text.
pub(super) const NAMES: &str = "privacy: names in the text stand as keyed pseudonyms";

/// A value, or words of a value, that were left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Withheld {
    /// Row of the exhibit, from 0.
    pub row: usize,
    /// Its exchange.
    pub exchange: ExchangeRef,
    /// Its column.
    pub column: &'static str,
    /// Salted commitment to the whole text, or to the value as compact JSON where it is no text; its SHA-256
    /// where names are clear.
    pub commitment: String,
    /// Length of what is left out in bytes: a range where names are pseudonyms.
    pub bytes: String,
    /// Numbers of the redactions, `R3 R7`; empty for a value left out whole.
    pub redaction: String,
    /// Rule, list or person; empty for a value left out whole.
    pub made_by: String,
    /// Reason.
    pub reason: String,
}

/// Values and words left out of the records: every text and embedding unless included, hashes of prompts where
/// names are pseudonyms, and the words of redactions. `rows` are those of the case, `written` those of the bundle,
/// `redactions` with the names of the bundle.
pub(super) fn withheld(
    rows: &[MarkedRecord],
    written: &[MarkedRecord],
    redactions: &[Redaction],
    names: &Names<'_>,
    include_text: bool,
) -> Vec<Withheld> {
    let mut found = Vec::new();
    for (row, (marked, written)) in rows.iter().zip(written).enumerate() {
        for column in Column::ALL {
            let value = match marked.record.columns.get(column.name()) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let exchange = &marked.record.exchange;
            let shown = names.exchange(exchange);
            let push = |found: &mut Vec<Withheld>, bytes: String, by: (String, String), reason: String| {
                let commitment = names.commitment(exchange, column.name(), &value);
                let (exchange, column, (redaction, made_by)) = (shown.clone(), column.name(), by);
                found.push(Withheld { row, exchange, column, commitment, bytes, redaction, made_by, reason });
            };
            let whole =
                || if names.are_clear() { value.len().to_string() } else { band(value.len()).to_owned() };
            let reason = match column {
                _ if TEXT_COLUMNS.contains(&column) && !include_text => Some(CONTENT),
                _ if CONFIRMING.contains(&column) && !names.are_clear() => Some(HASH),
                Column::PromptEmbedding if written.is_cut(Column::PromptText) => Some(VECTOR),
                _ => None,
            };
            if let Some(reason) = reason {
                push(&mut found, whole(), Default::default(), reason.to_owned());
                continue;
            }
            for cut in written.cuts.iter().filter(|cut| cut.column == column) {
                let (by, reason) = of_cut(cut, redactions);
                push(&mut found, band(cut.words.len()).to_owned(), by, reason);
            }
            if written.renamed.contains(&column) {
                push(&mut found, String::new(), (String::new(), "program".to_owned()), NAMES.to_owned());
            }
        }
    }
    found
}

/// Numbers, makers and reasons of the redactions of a cut.
fn of_cut(cut: &Cut, redactions: &[Redaction]) -> ((String, String), String) {
    let own = || redactions.iter().filter(|redaction| cut.hit.redactions.contains(&redaction.id));
    let joined = |texts: Vec<String>, by: &str| {
        let mut texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        texts.dedup();
        texts.join(by)
    };
    let numbers = own().map(|redaction| format!("R{}", redaction.id)).collect();
    let makers = own().map(made_by).collect();
    let reasons = own().map(|redaction| redaction.reason.clone()).collect();
    ((joined(numbers, " "), joined(makers, "; ")), joined(reasons, "; "))
}

/// Rule, list or person of a redaction: `by hand: Ada Lovelace, analyst`.
pub(super) fn made_by(redaction: &Redaction) -> String {
    let way = redaction.what.made_by();
    match redaction.what {
        Redacted::Rule { .. } => way,
        _ if redaction.person.is_empty() => way,
        _ => format!("{way}: {}", redaction.person),
    }
}
