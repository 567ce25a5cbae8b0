//! Problems that prevent an import under a mapping, in words.

use std::collections::BTreeMap;

use super::file_path::pattern_of;
use super::join::number_of;
use super::look::FileColumns;
use super::probe::holds_objects;
use super::source::{Found, in_words};
use super::unmapped::unmapped;
use super::{Column, Mapping, Origin, probe};

/// Problems of all columns and rules, in words.
pub(super) fn stops(seen: &[&FileColumns], mapping: &Mapping, hint: Option<&str>) -> Vec<String> {
    let mut problems: Vec<String> =
        Column::ALL.into_iter().flat_map(|column| of_column(seen, mapping, column, hint)).collect();
    problems.extend(rule_problems(seen, mapping));
    if problems.is_empty() {
        problems.extend(seen.iter().find_map(|file| probe::unreadable_times(&file.opened, mapping)));
    }
    problems
}

/// Problems of one canonical column that prevent an import.
pub(super) fn column_problems(seen: &[&FileColumns], mapping: &Mapping, column: Column) -> Vec<String> {
    of_column(seen, mapping, column, None)
}

fn of_column(seen: &[&FileColumns], mapping: &Mapping, column: Column, hint: Option<&str>) -> Vec<String> {
    let mut problems = Vec::new();
    match mapping.origin(column) {
        Some(origin) => mapped_wrong(seen, column, origin, &mut problems),
        None if column.is_required() => problems.push(unmapped(seen, column, hint)),
        None => {}
    }
    problems
}

/// Columns that the mapping's rules name and no file has.
pub(super) fn rule_problems(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let unordered = mapping.join.iter().filter_map(|join| unordered(seen, &join.order));
    let join = mapping.join.iter().flat_map(|join| [&join.by, &join.order]);
    let named = mapping.rows.iter().map(|rule| &rule.column).chain(join).chain(&mapping.latest);
    named
        .filter(|name| !seen.iter().any(|file| file.get(name).is_some()))
        .map(|name| format!("no column “{name}” for the mapping's rule (in any file)"))
        .chain(unordered)
        .collect()
}

/// Problem of a column that is to number the rows of an exchange and has neither numbers nor times.
fn unordered(seen: &[&FileColumns], order: &str) -> Option<String> {
    let values = seen.iter().find_map(|file| Some(probe::first_values(&file.opened, &file.get(order)?)))?;
    let values: Vec<&String> = values.iter().filter(|text| !text.trim().is_empty()).collect();
    let first = values.first().filter(|_| values.iter().all(|text| number_of(text).is_none()))?;
    Some(format!("column “{order}” for the order of a join has “{first}” and needs numbers or times"))
}

fn mapped_wrong(seen: &[&FileColumns], column: Column, origin: &Origin, problems: &mut Vec<String>) {
    for name in origin.names() {
        if !seen.iter().any(|file| file.get(name).is_some() || file.twice.contains(name)) {
            let named = seen.first().filter(|_| pattern_of(name).is_some());
            let files =
                named.map_or_else(String::new, |file| format!("; files are named such as {}", file.file));
            problems.push(format!("no column “{name}” for {} (in any file{files})", column.name()));
        }
    }
    let mut lacking = Vec::new();
    let mut wrong: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in seen.iter().filter(|file| file.rows > 0) {
        if let Some(name) = origin.names().find(|name| file.twice.contains(*name)) {
            let what = format!(
                "two columns are named “{name}”, so {} is ambiguous; rename one of them",
                column.name()
            );
            wrong.entry(what).or_default().push(&file.file);
            continue;
        }
        let found: Vec<Found> = origin.columns.iter().filter_map(|name| file.get(name)).collect();
        if found.is_empty() {
            lacking.push(file.file.as_str());
        }
        if let Some(what) = wrong_type(file, column, origin, &found) {
            wrong.entry(what).or_default().push(&file.file);
        }
    }
    let with_rows = seen.iter().filter(|file| file.rows > 0).count();
    if column.is_required() && !lacking.is_empty() && lacking.len() < with_rows {
        let source = origin.columns.join("” or “");
        let list =
            format!("; if another column has it there, write {} = [\"{source}\", \"…\"]", column.name());
        problems.push(format!(
            "no column “{source}” for {} {}{list}{LEAVE_OUT}",
            column.name(),
            whereabouts(&lacking, with_rows)
        ));
    }
    problems
        .extend(wrong.into_iter().map(|(what, files)| format!("{what} {}", whereabouts(&files, with_rows))));
}

/// Problem of the sources of a column in a file; `None` if one can be read.
fn wrong_type(file: &FileColumns, column: Column, origin: &Origin, found: &[Found]) -> Option<String> {
    let is_object = |own: &&Found| column == Column::AccountId && holds_objects(&file.opened, own);
    if let Some(own) = found.iter().find(is_object) {
        return Some(format!("column “{}” holds objects; {}", own.name, members_of(file, &own.name)));
    }
    if found.iter().any(|own| own.suits(column, origin).is_ok()) {
        return None;
    }
    let (own, needed) = found.iter().find_map(|own| Some((own, own.suits(column, origin).err()?)))?;
    let what = in_words(&own.data_type);
    let what = format!("column “{}” is {what}, but {} needs {needed}", own.name, column.name());
    Some(if column == Column::Ts { what + &probe::unit_in_words(&file.opened, own) } else { what })
}

/// Advice to name a member of an object as the account.
fn members_of(file: &FileColumns, name: &str) -> String {
    let below = format!("{name}.");
    let members: Vec<&str> =
        file.columns.keys().filter(|own| own.starts_with(&below)).map(String::as_str).collect();
    match members[..] {
        [] => "name the member that is the account, such as account_id = \"account.id\"".to_owned(),
        _ => format!("map one of {} to account_id", members[..members.len().min(MEMBERS)].join(", ")),
    }
}

/// Maximum number of members that a message names.
const MEMBERS: usize = 6;

/// Way out where some of the files are no logs.
const LEAVE_OUT: &str = "; if these are no logs, leave each out: --leave-out NAME";

fn whereabouts(files: &[&str], all: usize) -> String {
    match files {
        _ if files.len() == all => "(in any file)".to_owned(),
        [one] => format!("(in {one})"),
        _ => format!("(in {} files, such as {})", files.len(), files.first().unwrap_or(&"")),
    }
}
