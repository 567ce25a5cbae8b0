//! What the tables of a lead say of its members: membership probabilities, and where its events count them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::super::event_tables::MEMBER;
use super::super::report::{UNCERTAIN, in_events, probable};
use super::tables::table;

const FOLDER: &str = "data/04_summaries/underlying";

/// Membership probability of each member of a lead as the report prints it, and the part of the events that it is
/// counted in; `None` without a list of members.
pub(super) fn in_lead(
    contents: &Contents,
    evidence: &str,
) -> Result<Option<BTreeMap<String, [String; 2]>>, Fault> {
    let [members, counted] =
        ["members.csv", "event_accounts.csv"].map(|ending| format!("{FOLDER}/{evidence}.{ending}"));
    if !contents.has(&members) {
        return Ok(None);
    }
    let counted = match contents.has(&counted) {
        true => Some(table(contents, &counted, &["account_id", "part"])?),
        false => None,
    };
    let part = |account: &str| {
        let Some(counted) = &counted else { return String::new() };
        let found = counted.iter().find(|row| row[0] == account);
        in_events(found.map(|row| row[1] == "community")).to_owned()
    };
    let members = table(contents, &members, &["account_id", "membership"])?;
    let of = |row: Vec<String>| {
        let part = part(&row[0]);
        let membership = row[1].parse::<f32>().ok();
        (row[0].clone(), [membership.map_or_else(String::new, probable), part])
    };
    Ok(Some(members.into_iter().map(of).collect()))
}

/// Core members that the events of a lead are counted on, members among the accounts compared, and core members that are
/// neither; `None` without events.
pub(super) fn events(contents: &Contents, evidence: &str) -> Result<Option<[usize; 3]>, Fault> {
    let [members, counted] =
        ["members.csv", "event_accounts.csv"].map(|ending| format!("{FOLDER}/{evidence}.{ending}"));
    if !contents.has(&members) || !contents.has(&counted) {
        return Ok(None);
    }
    let members: BTreeMap<String, bool> = table(contents, &members, &["account_id", "part"])?
        .into_iter()
        .map(|row| (row[0].clone(), row[1] == "core"))
        .collect();
    let counted = table(contents, &counted, &["account_id", "part"])?;
    let of = |part: &str, is: &dyn Fn(bool) -> bool| {
        let own = counted.iter().filter(|row| row[1] == part);
        own.filter(|row| members.get(&row[0]).is_some_and(|is_core| is(*is_core))).count()
    };
    let named: BTreeSet<&str> = counted.iter().map(|row| row[0].as_str()).collect();
    let uncounted = members.iter().filter(|(id, is_core)| **is_core && !named.contains(id.as_str())).count();
    Ok(Some([of("community", &|is_core| is_core), of(MEMBER, &|_| true), uncounted]))
}

/// Core members of a lead whose membership is uncertain; `None` without a list of members.
pub(super) fn uncertain(contents: &Contents, evidence: &str) -> Result<Option<usize>, Fault> {
    let name = format!("{FOLDER}/{evidence}.members.csv");
    if !contents.has(&name) {
        return Ok(None);
    }
    let members = table(contents, &name, &["part", "membership"])?;
    let is_uncertain = |row: &&Vec<String>| {
        row[0] == "core" && row[1].parse::<f32>().is_ok_and(|probability| probability <= UNCERTAIN)
    };
    Ok(Some(members.iter().filter(is_uncertain).count()))
}
