//! Report of an import: files, rows and columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clock::carries_zone;
use super::find::LeftOut;
use super::look::{FileColumns, look_at, source_columns};
use super::mapping::is_same_name;
use super::paired::Paired;
use super::plan::CONTINUES;
use super::preview::missing_texts;
use super::remarks::notes;
use super::source::{Found, Place, find, refused};
use super::tally::{ColumnTally, Counted, Tally};
use super::{Column, Mapping, Origin, Snapshot, SnapshotError, Sources, Unit, probe};
use crate::model::{Digest, counted};

/// Report of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The snapshot.
    pub snapshot: Digest,
    /// The preset of its mapping, or `custom`.
    pub preset: String,
    /// Column that was made the account, where it is not the usual one.
    pub unit: Option<String>,
    /// Files taken, with their rows.
    pub files: Vec<FileReport>,
    /// Files and folders left out, with the rule.
    pub left_out: Vec<LeftOut>,
    /// Rows of the files.
    pub rows: u64,
    /// Rows left out by the mapping's rules, by the rule.
    pub filtered: BTreeMap<String, u64>,
    /// Rows set aside, by the reason, with the first locations.
    pub set_aside: BTreeMap<String, Counted>,
    /// Rows that are exchanges, equal ones included.
    pub exchanges: u64,
    /// Canonical columns that were read.
    pub columns: Vec<ColumnReport>,
    /// Canonical columns that no file has.
    pub missing_columns: Vec<Column>,
    /// Source columns that were not taken, with the reason.
    pub not_taken: Vec<NotTaken>,
    /// Files whose times carry no zone.
    pub files_without_zone: u64,
    /// Zone that was taken for them.
    pub assumed_zone: String,
    /// Sentences on choices of the mapping; empty in reports made before they were kept.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name inside the snapshot.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}

/// One canonical column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// The column.
    pub column: Column,
    /// Its sources in the files, in order of preference.
    pub sources: Vec<String>,
    /// The types that the files have there, in words.
    pub types: String,
    /// Unit in which its numbers are read; `None` for columns without one, and in reports from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// True if words such as `None` are values of the column.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verbatim: bool,
    /// Share of exchanges without a value, 0 to 1; `None` where it was not counted.
    pub missing_share: Option<f64>,
    /// Counts of its values.
    #[serde(flatten)]
    pub tally: ColumnTally,
}

/// A source column that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotTaken {
    /// Its name.
    pub name: String,
    /// Its type in words.
    pub kind: String,
    /// Reason.
    pub reason: String,
}

/// The report of a snapshot of the case.
///
/// # Errors
/// A file cannot be read.
pub fn report(
    sources: &Sources,
    snapshot: &Snapshot,
    tally: &Tally,
    left_out: Vec<LeftOut>,
) -> Result<ImportReport, SnapshotError> {
    let mut seen = Vec::with_capacity(snapshot.files.len());
    for file in &snapshot.files {
        seen.push(look_at(sources.open(snapshot, file)?));
    }
    let mapping = &snapshot.mapping;
    let columns = columns(&seen, mapping, tally)?;
    let read: Vec<Column> = columns.iter().map(|column| column.column).collect();
    let zone = mapping.origin(Column::Ts).and_then(|ts| ts.zone.clone());
    Ok(ImportReport {
        snapshot: snapshot.sha256,
        preset: mapping.preset.clone(),
        unit: mapping.unit.clone(),
        files: snapshot
            .files
            .iter()
            .map(|file| FileReport { name: file.name.clone(), rows: file.rows })
            .collect(),
        left_out,
        rows: snapshot.files.iter().map(|file| file.rows).sum(),
        filtered: tally.filtered.clone(),
        set_aside: tally.set_aside.clone(),
        exchanges: tally.exchanges,
        missing_columns: Column::ALL.into_iter().filter(|column| !read.contains(column)).collect(),
        columns,
        not_taken: not_taken(&seen, mapping),
        files_without_zone: seen.iter().filter(|file| lacks_zone(file, mapping)).count() as u64,
        assumed_zone: zone.unwrap_or_else(|| "UTC".to_owned()),
        remarks: remarks(&seen, mapping, tally),
    })
}

/// Sentences on choices of the mapping, and on what it has not found.
fn remarks(seen: &[FileColumns], mapping: &Mapping, tally: &Tally) -> Vec<String> {
    let seen: Vec<&FileColumns> = seen.iter().collect();
    let mut remarks = notes(&seen, mapping);
    remarks.extend(missing_texts(&seen, mapping));
    remarks.extend(Paired::of(&seen, mapping).map(|paired| paired.open_note()));
    if let Some(join) = &mapping.join
        && !tally.filtered.contains_key(CONTINUES)
    {
        remarks.push(format!("0 rows continue another one: no two rows have the same {}.", join.by));
    }
    if tally.alike > 0 {
        remarks.push(format!(
            "{} without a request_id have account and time of a row in another file, and count by themselves: other \
             columns differ, or two calls may agree in all. If the files overlap, import them one after another.",
            counted(tally.alike, "row", "rows")
        ));
    }
    if tally.filtered.contains_key(CONTINUES) {
        remarks.push(
            "Of an exchange in several rows the texts are joined; other values are those of the first row that has one."
                .to_owned(),
        );
        remarks.extend(of_continuations(tally));
    }
    remarks
}

/// Sentence on the tokens of continuation rows.
fn of_continuations(tally: &Tally) -> Option<String> {
    let of = |column: Column| {
        tally.columns.get(&column).map_or(0, |own| own.continued.saturating_sub(own.completed))
    };
    let (input, output) = (of(Column::InputTokens), of(Column::OutputTokens));
    (input + output > 0).then(|| {
        format!(
            "Continuation rows have {} and {} of their own, which are not counted.",
            counted(input, "input token", "input tokens"),
            counted(output, "output token", "output tokens")
        )
    })
}

fn columns(
    seen: &[FileColumns],
    mapping: &Mapping,
    tally: &Tally,
) -> Result<Vec<ColumnReport>, SnapshotError> {
    let mut located = Vec::with_capacity(seen.len());
    for file in seen {
        located.push(find(&file.opened, mapping, &Column::ALL)?);
    }
    let mut columns = Vec::new();
    for (at, column) in Column::ALL.into_iter().enumerate() {
        let here: Vec<_> = located.iter().filter_map(|of_file| of_file[at].as_ref()).collect();
        let Some(origin) = mapping.origin(column).filter(|_| !here.is_empty()) else { continue };
        let types: std::collections::BTreeSet<String> =
            here.iter().filter_map(|located| located.sources.first()).map(type_in_words).collect();
        let own = tally.columns.get(&column).cloned();
        let missing = match &own {
            Some(own) => Some(own.missing),
            None => nulls(seen, origin),
        };
        let of = tally.exchanges.max(1) as f64;
        columns.push(ColumnReport {
            column,
            sources: origin.columns.clone(),
            unit: origin.unit.or((column == Column::LatencyMs).then_some(Unit::Ms)),
            verbatim: origin.verbatim,
            types: types.into_iter().collect::<Vec<_>>().join(" or "),
            missing_share: missing.map(|missing| (missing as f64 / of).min(1.0)),
            tally: own.unwrap_or_default(),
        });
    }
    Ok(columns)
}

fn type_in_words(found: &Found) -> String {
    match &found.place {
        Place::Whole(_) => "text in the path of the file".to_owned(),
        Place::Items(_) => "items of a list in columns of their own".to_owned(),
        Place::Rows(_) => super::source::in_words(&found.data_type),
    }
}

/// Number of nulls of a column by the statistics in the footers; `None` if they lack it.
fn nulls(seen: &[FileColumns], origin: &Origin) -> Option<u64> {
    let [name] = &origin.columns[..] else { return None };
    let mut nulls = 0;
    for file in seen {
        let Some(found) = file.get(name) else {
            nulls += file.rows;
            continue;
        };
        let Place::Rows(path) = &found.place else { return None };
        let leaf = *file.opened.leaves(&path.fields()).first().filter(|_| path.is_plain())?;
        for group in file.opened.footer()?.metadata().row_groups() {
            nulls += group.column(leaf).statistics()?.null_count_opt()?;
        }
    }
    Some(nulls)
}

fn lacks_zone(file: &FileColumns, mapping: &Mapping) -> bool {
    use arrow_schema::DataType;
    let Some(found) = mapping.source(Column::Ts).and_then(|source| file.get(source)) else { return false };
    let is_bare = match found.data_type {
        DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => true,
        _ if mapping.unit(Column::Ts) == Some(Unit::Excel) => true,
        _ => probe::first_time(&file.opened, mapping).is_some_and(|text| !carries_zone(&text)),
    };
    file.rows > 0 && is_bare
}

/// Source columns that the mapping does not name, with the reason: a canonical column that was left out,
/// a name that two columns have, or no canonical column for it.
fn not_taken(seen: &[FileColumns], mapping: &Mapping) -> Vec<NotTaken> {
    let named: Vec<&str> = mapping.names().collect();
    let is_used = |name: &str| {
        named.iter().any(|used| {
            is_same_name(used, name)
                || used.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[', '$']))
                || name.strip_prefix(used).is_some_and(|rest| rest.starts_with('.'))
        })
    };
    let mut not_taken: Vec<NotTaken> = source_columns(seen)
        .into_iter()
        .filter(|(name, _)| !is_used(name))
        .map(|(name, kind)| NotTaken { reason: reason(seen, &name, mapping), name, kind })
        .collect();
    for (found, reason) in seen.iter().flat_map(|file| refused(&file.opened, mapping)) {
        let kind = type_in_words(&found);
        not_taken.push(NotTaken { name: found.name, kind, reason });
    }
    for name in seen.iter().flat_map(|file| &file.twice) {
        let reason = "two columns have this name, so it is ambiguous; rename one".to_owned();
        not_taken.push(NotTaken { name: name.clone(), kind: "two columns".to_owned(), reason });
    }
    not_taken.sort();
    not_taken.dedup();
    not_taken
}

/// Canonical columns for which the mapping's preset knows a name.
fn of_preset(name: &str, mapping: &Mapping) -> Vec<Column> {
    let columns = super::preset::by_name(&mapping.preset).into_iter().flat_map(|preset| preset.columns);
    let named = columns.filter(|own| own.sources.iter().any(|source| is_same_name(source, name)));
    named.map(|own| own.column).collect()
}

/// Canonical column for which a name is usual.
fn usual(name: &str) -> Option<Column> {
    let mut columns =
        super::preset::by_name(super::preset::USUAL).into_iter().flat_map(|preset| preset.columns);
    columns.find(|own| own.sources.iter().any(|source| is_same_name(source, name))).map(|own| own.column)
}

fn reason(seen: &[FileColumns], name: &str, mapping: &Mapping) -> String {
    let own = Column::ALL.into_iter().find(|column| is_same_name(column.name(), name));
    let own = own.or_else(|| usual(name));
    let found = || seen.iter().filter_map(|file| file.columns.get(name));
    if let Some((column, needed)) = of_preset(name, mapping).into_iter().chain(own).find_map(|column| {
        Some((column, found().find_map(|found| found.suits(column, &Origin::of(name)).err())?))
    }) {
        return format!("its type does not fit: {} needs {needed}", column.name());
    }
    let Some(column) = own else {
        return "no canonical column for it".to_owned();
    };
    match mapping.columns.get(column.name()) {
        Some(origin) if origin.columns.is_empty() => "left out by the mapping".to_owned(),
        Some(origin) => format!("{} is read from {}", column.name(), origin.columns.join(", ")),
        None => format!("the mapping does not name it; add {} = \"{name}\"", column.name()),
    }
}
