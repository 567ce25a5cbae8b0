//! Statements of the bundle on each snapshot, against the journal's entry on its import: how it was kept, zones,
//! mapping, reason of retirement, and the import report.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::custody::{NO_ZONE, NOT_STATED, kept_in_words};
use super::super::import_report::REPORTS;
use super::super::journal_fold::{Facts, Imported};
use super::tables::{TABLE, table};
use crate::case::{SOURCES_KEPT, values_of};
use crate::exhibit::cell;
use crate::signals;
use crate::snapshot::{Mapping, Sealing};

const SOURCES: &str = "data/06_custody/sources.csv";
const CLOCKS: &str = "data/06_custody/clocks.csv";
const ENVIRONMENT: &str = "data/05_methods/environment.json";
const MOST: usize = 20;

/// Faults of sources, clocks, mappings and import reports.
pub(super) fn check(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let mut faults = mappings(contents, facts);
    let checks = [sources(contents, facts), clocks(contents, facts)];
    faults.extend(checks.into_iter().flat_map(|made| made.unwrap_or_else(|fault| vec![fault])));
    faults.extend(reports(contents, facts));
    faults
}

/// A text that the journal shows of an import; `None` where it shows none.
fn text<'a>(import: &'a Imported, pointer: &str) -> Option<&'a str> {
    import.shown.get(pointer)?.as_str()
}

/// Place of a file in the entry of its snapshot.
fn place(import: &Imported, file: &str) -> Option<usize> {
    (0..)
        .map_while(|at| Some((at, text(import, &format!("/files/{at}/name"))?)))
        .find_map(|(at, name)| (cell(name) == file).then_some(at))
}

fn sources(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    let columns =
        ["snapshot_sha256", "kept_as", "routine_or_ad_hoc", "mapping", "mapping_sha256", "retired_because"];
    let rows = table(contents, SOURCES, &columns)?;
    let stated = facts.settings.get(SOURCES_KEPT).map(String::as_str);
    let routine = cell(stated.filter(|text| !text.trim().is_empty()).unwrap_or(NOT_STATED));
    let digests = digests(contents);
    let mut faults = Vec::new();
    for (row, at) in rows.iter().zip(1..) {
        let Some(import) = facts.imports.get(&row[0]) else { continue };
        let sealing = import.shown.get("/sealing").cloned();
        let sealing = sealing.and_then(|own| serde_json::from_value::<Sealing>(own).ok());
        let expected = [
            sealing.map(|own| kept_in_words(own).to_owned()),
            Some(routine.clone()),
            text(import, "/mapping/preset").map(cell),
            digests.get(&row[0]).cloned(),
            import.retired.as_deref().map_or(Some(String::new()), |why| (!why.is_empty()).then(|| cell(why))),
        ];
        let differs = expected.iter().zip(&row[1..]).zip(&columns[1..]);
        let differs =
            differs.filter(|((expected, own), _)| expected.as_ref().is_some_and(|made| made != *own));
        faults.extend(differs.map(|(_, column)| {
            Fault::new(SOURCES, format!("row {at} has another {column} than the journal's import"))
        }));
    }
    faults.truncate(MOST);
    Ok(faults)
}

fn clocks(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    if !contents.has(CLOCKS) {
        return Ok(Vec::new());
    }
    let rows = table(contents, CLOCKS, &["snapshot_sha256", "file", "recorded_zone"])?;
    let differs = |row: &[String]| {
        let import = facts.imports.get(&row[0])?;
        let pointer = format!("/files/{}/recorded_zone", place(import, &row[1])?);
        (!import.hidden.contains(&pointer))
            .then(|| cell(text(import, &pointer).unwrap_or(NO_ZONE)) != row[2])
            .filter(|differs| *differs)
    };
    let found = rows.iter().zip(1..).filter(|(row, _)| differs(row).is_some()).take(MOST);
    let what = "has another recorded zone than the journal's import";
    Ok(found.map(|(_, at)| Fault::new(CLOCKS, format!("row {at} {what}"))).collect())
}

fn environment(contents: &Contents) -> Value {
    let text = contents.text_within(ENVIRONMENT, TABLE).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Mappings of the environment, by snapshot.
fn listed(environment: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = environment["mappings"].as_array().into_iter().flatten();
    all.map(|own| (own["snapshot_sha256"].as_str().unwrap_or_default(), &own["mapping"]))
}

/// SHA-256 of each mapping of the environment.
fn digests(contents: &Contents) -> BTreeMap<String, String> {
    let environment = environment(contents);
    let digest = |(snapshot, mapping): (&str, &Value)| {
        let mapping: Mapping = serde_json::from_value(mapping.clone()).ok()?;
        Some((snapshot.to_owned(), mapping.digest().to_string()))
    };
    listed(&environment).filter_map(digest).collect()
}

/// Mappings that the journal has otherwise, or of snapshots that are not in use, or none of one that is.
fn mappings(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let environment = environment(contents);
    let used = facts.imports.iter().filter(|(_, import)| import.retired.is_none());
    let used: BTreeSet<&str> = used.map(|(snapshot, _)| snapshot.as_str()).collect();
    let named: BTreeSet<&str> = listed(&environment).map(|(snapshot, _)| snapshot).collect();
    if named != used {
        return vec![Fault::new(ENVIRONMENT, "has mappings of other snapshots than the journal has in use")];
    }
    let differs = |(snapshot, mapping): (&str, &Value)| {
        let import = facts.imports.get(snapshot)?;
        let what = difference(import, "/mapping", mapping, &|_| false)?;
        Some(Fault::new(ENVIRONMENT, format!("has another mapping than the journal: {what}")))
    };
    listed(&environment).filter_map(differs).take(MOST).collect()
}

/// First value of a JSON text that differs from those of an entry under a pointer, both ways. Values that the journal
/// withholds, and those of which `is_other` is true, are not compared.
fn difference(
    import: &Imported,
    under: &str,
    stated: &Value,
    is_other: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let stated: BTreeMap<String, Value> = values_of(&stated.to_string()).into_iter().collect();
    let is_compared =
        |inside: &str| !is_other(inside) && !import.hidden.contains(&format!("{under}{inside}"));
    let shown: BTreeMap<&str, &Value> = import
        .shown
        .iter()
        .filter_map(|(pointer, value)| Some((pointer.strip_prefix(under)?, value)))
        .collect();
    let own = stated.iter().filter(|(inside, value)| shown.get(inside.as_str()) != Some(value));
    let own = own.map(|(inside, _)| inside.as_str());
    let missing = shown.keys().copied().filter(|inside| !stated.contains_key(*inside));
    let found = own.chain(missing).find(|inside| is_compared(inside))?;
    Some(found.trim_start_matches('/').to_owned())
}

/// Values of a report that the bundle leaves out or that a later pass of the program finds.
fn is_later_or_left_out(inside: &str) -> bool {
    ["/files", "/lost_signals", "/prompts_not_utf8", "/left_out"].iter().any(|own| inside.starts_with(own))
        || inside.ends_with("/value")
        || inside.contains("/words")
}

/// Import reports that are not those of the journal.
fn reports(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let name = format!("data/{REPORTS}");
    let text = contents.text_within(&name, TABLE).unwrap_or_default();
    let file: Value = serde_json::from_str(&text).unwrap_or_default();
    let mut faults = Vec::new();
    for report in file["reports"].as_array().into_iter().flatten() {
        let snapshot = report["snapshot"].as_str().unwrap_or_default();
        let Some(import) = facts.imports.get(snapshot) else {
            faults.push(Fault::new(&name, "has a report on a snapshot that the journal did not import"));
            continue;
        };
        let is_kept = import.shown.contains_key("/report/rows");
        let what = is_kept.then(|| difference(import, "/report", report, &is_later_or_left_out)).flatten();
        let what = what.map(|what| format!("has another {what} of snapshot {snapshot} than the journal"));
        let what = what.or_else(|| left_out_or_lost(import, report, is_kept));
        faults.extend(what.map(|what| Fault::new(&name, what)));
    }
    faults.truncate(MOST);
    faults
}

/// Fault of files left out, of which the bundle has the last part of the name, or of signals that are not measured.
fn left_out_or_lost(import: &Imported, report: &Value, is_kept: bool) -> Option<String> {
    for (own, at) in report["left_out"].as_array().into_iter().flatten().zip(0..) {
        let field = |name: &str| text(import, &format!("/report/left_out/{at}/{name}"));
        let name = own["name"].as_str().unwrap_or_default();
        let is_same = |whole: &str| whole.rsplit(['/', '\\']).next() == Some(name);
        let has_other_name = field("name").is_some_and(|whole| !is_same(whole));
        let has_other_reason = field("reason").is_some_and(|why| Some(why) != own["reason"].as_str());
        if is_kept && (has_other_name || has_other_reason) {
            return Some(format!("lists {name} among the files left out, which the journal has otherwise"));
        }
    }
    let lost = report["lost_signals"].as_array().into_iter().flatten();
    let is_known = |lost: &Value| {
        let id = lost["id"].as_str().unwrap_or_default();
        signals::abouts().any(|about| about.id == id && Some(about.title) == lost["title"].as_str())
    };
    let mut odd = lost.filter(|lost| !is_known(lost));
    odd.next().map(|lost| format!("lists {}, which is no signal", lost["id"]))
}
