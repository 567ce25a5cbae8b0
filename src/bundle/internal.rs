//! `10_internal`: what only counsel gets: the key, pseudonyms, salts and notes.

use std::collections::BTreeSet;

use serde_json::json;

use super::BundleError;
use super::bag::Bag;
use super::names::{Names, PRIVATE};
use super::records::{CONFIRMING, MarkedRecord, TEXT_COLUMNS, is_text, pretty};
use super::redaction::Redactor;
use super::relied::accounts_of;
use crate::cache::{AccountIndex, Cache};
use crate::case::{EvidenceSource, State};
use crate::exhibit::{Table, cell};
use crate::leads::Leads;
use crate::model::{AccountId, Digest, LeadId, Watcher};
use crate::snapshot::Column;

/// Kind of the pseudonyms of leads.
pub(super) const LEAD: &str = "lead";

/// Writes all of it. `key` is that of the pseudonyms and commitments in the other bundles.
pub(super) fn put(
    bag: &mut Bag<'_>,
    state: &State,
    cache: &Cache,
    leads: &Leads,
    rows: &[MarkedRecord],
    key: Digest,
    watcher: &dyn Watcher,
) -> Result<(), BundleError> {
    let names = Names::pseudonyms(cache, key, &BTreeSet::new())?.hiding_files(state)?;
    let described = json!({
        "key": key,
        "use": "key of the pseudonyms and of the salts, by the rules in 05_methods/hashes.txt",
        "disclosure": "to nobody: it turns every pseudonym back and gives every salt, so that withheld text can be guessed; \
            disclose rows of pseudonyms.csv or salts.csv instead",
    });
    bag.put("10_internal/key.json", &pretty(&described))?;
    bag.put("10_internal/pseudonyms.csv", &pseudonyms(state, (cache, leads), &names, watcher)?.to_csv())?;
    bag.put("10_internal/salts.csv", &salts(rows, &names, key).to_csv())?;
    bag.put("10_internal/notes.csv", &notes(state).to_csv())?;
    let names = names.redacting(Redactor::of(&state.redactions)?);
    bag.put("10_internal/redactions.csv", &redactions(rows, &names).to_csv())?;
    Ok(())
}

/// Pseudonyms of all accounts in evidence and of their values, of names in the names of log files, of these, and of
/// all leads.
fn pseudonyms(
    state: &State,
    (cache, leads): (&Cache, &Leads),
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<Table, BundleError> {
    let mut accounts: BTreeSet<AccountIndex> = BTreeSet::new();
    for evidence in state.evidence.values() {
        accounts.extend(accounts_of(&evidence.source, cache, watcher)?);
    }
    let mut table = Table::new(["kind", "value", "pseudonym"]);
    let mut values = BTreeSet::new();
    for (word, name) in names.in_files() {
        let kind = PRIVATE.iter().find(|(_, own)| own == word).map(|(kind, _)| *kind);
        match kind {
            None => accounts.extend(cache.account_index(&AccountId(name.clone()))),
            Some(kind) => values.extend(cache.value_index(kind, name)),
        }
    }
    for &account in &accounts {
        let id = &cache.accounts()[account as usize].id;
        table.push(vec!["account".to_owned(), cell(id.as_str()), names.id(id).0]);
        values.extend(cache.values_of(account).iter().map(|&(value, _)| value));
    }
    for value in values {
        let value = &cache.values()[value as usize];
        if PRIVATE.iter().any(|(kind, _)| *kind == value.kind) {
            let pseudonym = names.attribute(value.kind, &value.value);
            table.push(vec![value.kind.name().to_owned(), cell(&value.value), pseudonym]);
        }
    }
    for (kind, own, other) in names.renamed_files() {
        table.push(vec![kind.to_owned(), cell(&own), cell(&other)]);
    }
    let decided = state.evidence.values().filter_map(|evidence| match &evidence.source {
        EvidenceSource::Scope { scope, .. } => scope.lead().map(|lead| lead.id.clone()),
        EvidenceSource::Exchange { .. } | EvidenceSource::Account { .. } => None,
    });
    let ids: BTreeSet<LeadId> = leads.groups.iter().map(|lead| lead.id.clone()).chain(decided).collect();
    for id in ids {
        table.push(vec![LEAD.to_owned(), id.to_string(), names.lead_id(&id).to_string()]);
    }
    Ok(table)
}

/// Salts of every record and every withheld value, to be disclosed one by one.
fn salts(rows: &[MarkedRecord], names: &Names<'_>, key: Digest) -> Table {
    let mut table =
        Table::new(["row", "exchange", "column", "salt", "sha256_of_value_or_record", "commitment"]);
    for (row, marked) in rows.iter().enumerate() {
        let exchange = &marked.record.exchange;
        let mut push = |column: &str, sha256: Digest, commitment: String| {
            table.push(vec![
                (row + 1).to_string(),
                cell(&names.exchange(exchange).to_string()),
                column.to_owned(),
                names.salt(key, exchange, column),
                sha256.to_string(),
                commitment,
            ]);
        };
        push("record", marked.digest, names.record(exchange, marked.digest));
        for column in TEXT_COLUMNS.into_iter().chain(CONFIRMING) {
            let value = match marked.record.columns.get(column.name()) {
                None | Some(serde_json::Value::Null) => continue,
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let commitment = names.commitment(exchange, column.name(), &value);
            push(column.name(), Digest::of(value.as_bytes()), commitment);
        }
    }
    table
}

/// Places of all redactions in the records, which other bundles leave out where they include the text.
fn redactions(rows: &[MarkedRecord], names: &Names<'_>) -> Table {
    let mut table =
        Table::new(["row", "exchange", "column", "redaction", "found", "first_character", "characters"]);
    for (row, marked) in rows.iter().enumerate() {
        for column in Column::ALL.into_iter().filter(|column| is_text(*column)) {
            let Some(text) = marked.record.text(column.name()) else { continue };
            for hit in names.of_exchange(&marked.record.exchange, column, text).1 {
                let numbers: Vec<String> = hit.redactions.iter().map(|id| format!("R{id}")).collect();
                table.push(vec![
                    (row + 1).to_string(),
                    cell(&marked.record.exchange.to_string()),
                    column.name().to_owned(),
                    numbers.join(" "),
                    hit.what.to_owned(),
                    (text[..hit.range.start].chars().count() + 1).to_string(),
                    text[hit.range].chars().count().to_string(),
                ]);
            }
        }
    }
    table
}

fn notes(state: &State) -> Table {
    let mut table = Table::new(["evidence", "tag", "item", "note"]);
    for evidence in state.evidence.values() {
        table.push(vec![
            format!("E{}", evidence.id),
            cell(evidence.tag.as_str()),
            cell(&evidence.source.describe()),
            cell(&evidence.note),
        ]);
    }
    table
}
