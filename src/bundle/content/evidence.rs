//! Records and exhibits against what the journal marks as evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::records::RECORDS;
use super::records::Records;

/// Faults of evidence that is marked and not in the bundle, or in it and not marked.
pub(super) fn check(contents: &Contents, facts: &Facts, records: &Records) -> Vec<Fault> {
    let name = format!("data/02_records/{RECORDS}.parquet");
    let mut faults = Vec::new();
    let mut marked: BTreeMap<(String, String), (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (id, evidence) in facts.evidence.iter().filter(|(_, evidence)| evidence.kind == "exchange") {
        let key = (evidence.exchange.clone(), evidence.record.clone());
        let (ids, tags) = marked.entry(key).or_default();
        ids.insert(format!("E{id}"));
        tags.insert(evidence.tag.clone());
    }
    for row in &records.rows {
        let words = |text: &str, by: &str| -> BTreeSet<String> {
            text.split(by).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        match marked.remove(&(row.exchange.clone(), row.proof.clone())) {
            None => faults.push(Fault::new(
                &name,
                format!("has exchange {} with a record that the journal does not mark", row.exchange),
            )),
            Some((ids, tags)) => {
                if words(&row.evidence, " ") != ids || words(&row.tags, "; ") != tags {
                    let what = format!("has other evidence numbers or tags of exchange {}", row.exchange);
                    faults.push(Fault::new(&name, what));
                }
            }
        }
        if faults.len() > 100 {
            break;
        }
    }
    for (exchange, _) in marked.keys().take(20) {
        faults.push(Fault::new(
            &name,
            format!("lacks exchange {exchange}, which the journal marks as evidence"),
        ));
    }
    let of_scopes =
        facts.evidence.values().any(|evidence| evidence.kind != "exchange" && !evidence.is_control());
    let has_exhibits = contents.names().any(|name| name.starts_with("data/03_exhibits/"));
    if of_scopes && !has_exhibits {
        faults.push(Fault::new("data/03_exhibits", "is missing; scopes or accounts are marked as evidence"));
    }
    faults
}
