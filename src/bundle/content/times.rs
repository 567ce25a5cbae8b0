//! Times that the report lists, against the journal: events, notices and terms that the investigator recorded.

use std::collections::BTreeSet;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::custody::zone_of;
use super::tables::table;
use crate::exhibit::cell;

/// Fault of the table of times, which is the exhibit at this place behind those of the evidence.
pub(super) fn check(contents: &Contents, facts: &Facts) -> Option<Fault> {
    const PLACE: usize = 2;
    let name = format!("data/03_exhibits/EX-{:04}.csv", facts.exhibits().count() + 2 + PLACE);
    if !contents.has(&name) {
        return None;
    }
    let rows = match table(contents, &name, &["time", "event", "source"]) {
        Ok(rows) => rows,
        Err(fault) => return Some(fault),
    };
    let recorded = rows.into_iter().filter(|row| row[2].ends_with(" by the investigator"));
    let listed: BTreeSet<[String; 2]> = recorded.map(|row| [row[0].clone(), row[1].clone()]).collect();
    let zone = zone_of(contents);
    let events = facts.events.iter().map(|(time, label)| (*time, label.clone()));
    let notices = facts.legal.notices().into_iter();
    let notices =
        notices.map(|(number, notice)| (notice.at, format!("notice N{number}: {}", notice.kind.word())));
    let terms = facts.legal.terms().flat_map(|(_, terms)| {
        let event = |what: &str| format!("terms version “{}” {what}", terms.version);
        let ends = terms.to.map(|to| (to, event("no longer in force")));
        [(terms.from, event("in force"))].into_iter().chain(ends)
    });
    let all = events.chain(notices).chain(terms);
    let expected: BTreeSet<[String; 2]> =
        all.map(|(time, event)| [zone.format(time), cell(&event)]).collect();
    (listed != expected).then(|| Fault::new(&name, "has other events, notices or terms than the journal"))
}
