//! Choice of the preset that fits some files, and problems that prevent an import under a mapping.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow_schema::DataType;

use super::file_path::pattern_of;
use super::look::{FileColumns, look, source_columns};
use super::mapping::{CUSTOM, Join};
use super::preset::{self, Preset, PresetColumn};
use super::preset_folder::{is_in, taken_of};
use super::preset_names::Names;
use super::remarks::{first_number, notes};
use super::sampled::{is_in_few_rows, rows_with_account};
use super::share::{commonest_first, is_rare, rare_last};
use super::source::{Found, in_words, suits};
use super::unit::Unit;
use super::unmapped::unmapped;
use super::{Column, ColumnType, Mapping, Origin, RowRule, SnapshotError, latency, probe};

/// Fit of one preset to some files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The preset's name.
    pub preset: &'static str,
    /// Name of the preset on screen.
    pub title: &'static str,
    /// Number of canonical columns that it fills.
    pub filled: usize,
    /// Required columns that it does not fill.
    pub lacking: Vec<Column>,
    /// The mapping that it gives.
    pub mapping: Mapping,
    /// True if hardly any row has the columns of its rules for rows, so that these count only where a person has
    /// chosen the preset.
    pub has_rare_rules: bool,
}

impl Fit {
    /// Order of fits, the best first.
    fn rank(&self) -> (usize, std::cmp::Reverse<usize>) {
        (self.lacking.len(), std::cmp::Reverse(self.filled))
    }
}

/// Proposed mapping of some files, for the import dialog to show and change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingProposal {
    /// Mapping of the best preset.
    pub mapping: Mapping,
    /// Every source column of the files, with its type in words, sorted by name; one inside a
    /// struct, map or JSON by its path.
    pub source_columns: Vec<(String, String)>,
    /// Problems that prevent an import under this mapping, such as “no time column …”. Empty if there
    /// are none.
    pub problems: Vec<String>,
    /// Sentences on choices that the user should see and may undo.
    pub notes: Vec<String>,
    /// The presets that were tried, the best first.
    pub fits: Vec<Fit>,
}

/// Reads the files' footers and a few rows, and proposes a mapping: that of the preset which maps
/// most columns, one that maps time and account before one that does not; `preset` names one to be
/// used and no other.
///
/// # Errors
/// A file that cannot be read or is no Parquet, an unknown preset.
pub fn propose(files: &[(String, PathBuf)], preset: Option<&str>) -> Result<MappingProposal, SnapshotError> {
    let presets = match preset {
        None => preset::ALL.to_vec(),
        Some(name) => preset::by_name(name),
    };
    if presets.is_empty() {
        let (name, presets) = (preset.unwrap_or_default().to_owned(), preset::names().join(", "));
        return Err(SnapshotError::UnknownPreset { name, presets });
    }
    Ok(proposal_of(&look(files)?, presets))
}

/// Proposal for files that are open, among all presets.
pub(super) fn propose_for(seen: &[FileColumns]) -> MappingProposal {
    proposal_of(seen, preset::ALL.to_vec())
}

/// Minimum number of columns beside time and account by which a preset knows files; names such as `timestamp` and
/// `user_id` are those of many systems, unlike `user.id`.
const MIN_OWN: usize = 1;

/// True for files that a preset knows: it reads time, account and more, or half of its columns.
fn is_known(fit: &Fit, preset: &Preset) -> bool {
    let mut names = fit.mapping.columns.values().flat_map(Origin::names);
    let has_own = preset.name == preset::CANONICAL
        || fit.filled >= Column::REQUIRED.len() + MIN_OWN
        || names.any(|name| name.contains('.'));
    let own: BTreeSet<&str> = preset.columns.iter().map(|column| column.column.name()).collect();
    fit.lacking.is_empty() && has_own || 2 * fit.filled >= own.len()
}

fn proposal_of(seen: &[FileColumns], presets: Vec<&'static Preset>) -> MappingProposal {
    let is_chosen = presets.len() == preset::ALL.len();
    let mut fits: Vec<(Fit, &Preset)> =
        presets.into_iter().map(|preset| (fit(preset, seen), preset)).collect();
    // The sort is stable: equally good presets keep the order of the list.
    fits.sort_by_key(|(fit, _)| fit.rank());
    if is_chosen {
        // Usual names are those of many systems, which say more about their rows.
        let of_a_system =
            fits.iter().any(|(fit, preset)| preset.name != preset::USUAL && is_known(fit, preset));
        fits.sort_by_key(|(_, preset)| (preset.name == preset::USUAL) == of_a_system);
        put_first_what_most_rows_have(&mut fits, seen);
    }
    let (mut mapping, mut hint) =
        fits.first().map_or_else(Default::default, |(fit, preset)| (fit.mapping.clone(), preset.hint));
    if is_chosen && fits.first().is_some_and(|(fit, _)| fit.has_rare_rules) {
        mapping.rows.clear();
    }
    // What a preset says of its own files misleads about others.
    if is_chosen && !fits.first().is_some_and(|(fit, preset)| is_known(fit, preset)) {
        (mapping.preset, hint) = (CUSTOM.to_owned(), "");
    }
    let taken = taken_of(seen, &mapping);
    let hint = if hint.is_empty() { None } else { Some(hint) };
    let problems = stops(&taken, &mapping, hint);
    MappingProposal {
        problems,
        notes: notes(&taken, &mapping),
        source_columns: source_columns(seen),
        mapping,
        fits: fits.into_iter().map(|(fit, _)| fit).collect(),
    }
}

/// Of the presets that know text files, puts first one whose account and time at least half as many sampled rows
/// have as under any other: a single row may have the names of another system, which its caller chose.
fn put_first_what_most_rows_have(fits: &mut Vec<(Fit, &Preset)>, seen: &[FileColumns]) {
    let complete: Vec<usize> = (0..fits.len())
        .filter(|&at| fits[at].0.lacking.is_empty() && is_known(&fits[at].0, fits[at].1))
        .collect();
    if complete.len() < 2 || complete[0] != 0 || !seen.iter().any(|file| file.opened.is_text()) {
        return;
    }
    let rows = |&at: &usize| {
        let mapping = &fits[at].0.mapping;
        rows_with_account(&taken_of(seen, mapping), mapping)
    };
    let rows: Vec<u64> = complete.iter().map(rows).collect();
    let most = rows.iter().copied().max().unwrap_or_default();
    let first = complete.iter().zip(&rows).find(|(_, rows)| 2 * **rows >= most);
    if let Some((&at, _)) = first {
        let chosen = fits.remove(at);
        fits.insert(0, chosen);
    }
}

/// Problems that prevent an import of the files under a mapping, in words; empty if there are none.
/// For a mapping made or changed by hand.
///
/// # Errors
/// A file that cannot be read or is no Parquet; a name in the mapping that is not canonical.
pub fn problems(files: &[(String, PathBuf)], mapping: &Mapping) -> Result<Vec<String>, SnapshotError> {
    mapping.check()?;
    problems_of(&look(files)?, mapping)
}

/// As [`problems`], of files that are open.
///
/// # Errors
/// A name in the mapping that is not canonical, or an option that its column does not take.
pub(super) fn problems_of(seen: &[FileColumns], mapping: &Mapping) -> Result<Vec<String>, SnapshotError> {
    mapping.check()?;
    Ok(stops(&taken_of(seen, mapping), mapping, None))
}

/// Mapping of the files by a preset, with the number of columns that it fills: of the plain files, or of rows
/// that a shipper of logs has put into a column.
fn fit(preset: &'static Preset, seen: &[FileColumns]) -> Fit {
    let plain = fit_in(preset, seen, None);
    if plain.lacking.is_empty() {
        return plain;
    }
    let is_there = |wrap: &&&str| seen.iter().any(|file| file.columns.contains_key(**wrap));
    let wraps = preset::WRAPS.iter().filter(is_there);
    let wrapped = wraps.map(|wrap| fit_in(preset, seen, Some(*wrap)));
    // Of equally good ones the first counts.
    wrapped.fold(plain, |best, fit| if fit.rank() < best.rank() { fit } else { best })
}

fn fit_in(preset: &'static Preset, seen: &[FileColumns], wrap: Option<&'static str>) -> Fit {
    let names = Names { preset, wrap };
    let mut mapping = Mapping { preset: preset.name.to_owned(), ..Mapping::default() };
    let folder = preset.folder.filter(|folder| seen.iter().any(|file| is_in(&file.file, folder)));
    let seen: Vec<&FileColumns> =
        seen.iter().filter(|file| folder.is_none_or(|folder| is_in(&file.file, folder))).collect();
    for wanted in preset.columns {
        if mapping.origin(wanted.column).is_none()
            && let Some(origin) = origin_of(names, wanted, &seen)
        {
            mapping.columns.insert(wanted.column.name().to_owned(), origin);
        }
    }
    match preset.name {
        preset::USUAL => {
            mapping.columns.values_mut().for_each(|own| commonest_first(&mut own.columns, &seen));
        }
        preset::OPENTELEMETRY => {
            let account = mapping.columns.get_mut(Column::AccountId.name());
            account.into_iter().for_each(|own| rare_last(&mut own.columns, &seen));
        }
        preset::CANONICAL => {
            let is_one = |name: &String| Column::REQUIRED.iter().any(|column| column.name() == name);
            mapping
                .columns
                .retain(|name, own| !is_one(name) || own.columns.iter().any(|own| !is_rare(own, &seen)));
        }
        _ => {}
    }
    take_unit_of_times(preset, &mut mapping);
    let latency = mapping.columns.get(Column::LatencyMs.name());
    if latency.is_some_and(|latency| is_no_duration(latency, &seen)) {
        mapping.columns.remove(Column::LatencyMs.name());
        let in_parts = preset.columns.iter().filter(|wanted| !wanted.since.is_empty());
        let other = in_parts.filter_map(|wanted| origin_of(names, wanted, &seen)).next();
        mapping.columns.extend(other.map(|origin| (Column::LatencyMs.name().to_owned(), origin)));
    }
    let plausible = mapping.origin(Column::LatencyMs).and_then(|own| latency::plausible_unit(own, &seen));
    if let (Some(unit), Some(own)) = (plausible, mapping.columns.get_mut(Column::LatencyMs.name())) {
        own.unit = Some(unit);
    }
    let filled = mapping.columns.len();
    let lacking = Column::REQUIRED.into_iter().filter(|&column| mapping.source(column).is_none()).collect();
    let mapped = mapping.columns.clone();
    mapping = mapping.with_own_names(&own_names(&seen));
    mapping.columns.retain(|name, origin| mapped.contains_key(name) || is_free(name, origin, &mapped, &seen));
    let there = |name: &str| names.of(name, &seen).into_iter().next();
    let rule = |(names, is): &(&[&str], &[&str])| {
        let column = names.iter().find_map(|name| there(name))?;
        Some(RowRule { column, is: is.iter().map(|&is| is.to_owned()).collect() })
    };
    mapping.rows.extend(preset.rows.iter().filter_map(rule));
    if mapping.rows.is_empty() {
        mapping.rows.extend(preset.otherwise.iter().find_map(rule));
    }
    mapping.latest = preset.latest.and_then(there);
    mapping.join = preset.join.and_then(|(by, order)| Some(Join { by: there(by)?, order: there(order)? }));
    let has_rare_rules = mapping.rows.iter().any(|rule| is_in_few_rows(&rule.column, &seen));
    Fit { preset: preset.name, title: preset.title, filled, lacking, mapping, has_rare_rules }
}

/// Columns of the files at the top, which may bear canonical names.
fn own_names(seen: &[&FileColumns]) -> Vec<(String, String)> {
    let names: BTreeSet<&String> = seen.iter().flat_map(|file| file.columns.keys()).collect();
    names.into_iter().map(|name| (name.clone(), String::new())).collect()
}

/// True for a column under its canonical name that has a fitting type and is not read as another one.
fn is_free(name: &str, origin: &Origin, mapped: &BTreeMap<String, Origin>, seen: &[&FileColumns]) -> bool {
    let (Some(column), Some(source)) = (Column::from_name(name), origin.first()) else { return false };
    let is_read = mapped.values().flat_map(Origin::names).any(|own| own == source);
    let mut found = seen.iter().filter_map(|file| file.columns.get(source));
    !is_read && found.all(|found| found.suits(column, origin).is_ok())
}

/// Gives durations the unit of the times where these are not in the unit that the preset expects: one
/// writer counts both in the same.
fn take_unit_of_times(preset: &Preset, mapping: &mut Mapping) {
    let expected =
        |column: Column| preset.columns.iter().find(|own| own.column == column).and_then(|own| own.unit);
    let (own, usual) = (mapping.unit(Column::Ts), expected(Column::Ts));
    let Some(latency) = mapping.columns.get_mut(Column::LatencyMs.name()) else { return };
    if own.is_some() && own != usual && latency.since.is_none() && latency.unit == usual {
        latency.unit = own;
    }
}

/// Origin of a column: those of its names that the files have with a fitting type, in order of
/// preference.
fn origin_of(names: Names, wanted: &PresetColumn, seen: &[&FileColumns]) -> Option<Origin> {
    let in_parts = !wanted.since.is_empty();
    let suiting = |sources: &[&str]| -> Vec<String> {
        let is_long = wanted.column.kind() == ColumnType::LongText;
        let fits = |name: &String| {
            let found = seen.iter().filter_map(|file| file.columns.get(name));
            let mut found = found.filter(|found| found.data_type != DataType::Null).peekable();
            // A number such as a status is no text of an exchange.
            let suits = |found: &Found| {
                suits(&found.data_type, wanted.column, wanted.unit, in_parts).is_ok()
                    && !(is_long && found.data_type.is_numeric())
            };
            found.peek().is_none() || found.all(suits)
        };
        sources.iter().flat_map(|name| names.of(name, seen)).filter(fits).collect()
    };
    let mut columns = suiting(wanted.sources);
    let mut distinct = BTreeSet::new();
    columns.retain(|name| distinct.insert(name.clone()));
    let since = suiting(wanted.since).into_iter().next();
    if columns.is_empty() || in_parts && since.is_none() {
        return None;
    }
    if in_parts {
        columns.truncate(1);
    }
    let has_numbers = columns.iter().chain(&since).any(|name| {
        seen.iter().any(|file| {
            file.columns
                .get(name)
                .is_some_and(|found| found.data_type.is_numeric() || found.untyped || is_json(found))
        })
    });
    let unit = wanted.unit.filter(|_| has_numbers);
    let unit = match unit {
        Some(unit) if wanted.column == Column::Ts => unit_of(unit, &columns, seen),
        Some(unit) if in_parts => unit_of(unit, &columns, seen).or(Some(unit)),
        unit => unit,
    };
    Some(Origin {
        unit,
        since,
        conversation: wanted.conversation && !probe::is_prose(seen, &columns),
        shared_by: wanted.shared_by.and_then(|name| names.of(name, seen).into_iter().next()),
        verbatim: names.preset.name == preset::CANONICAL && words_are_ids(wanted.column, &columns, seen),
        columns,
        ..Origin::default()
    })
}

/// Unit of the times in some columns: the expected one, unless the middle one of the first numbers is a plausible time
/// only in another; `None` where it is none in any.
fn unit_of(expected: Unit, columns: &[String], seen: &[&FileColumns]) -> Option<Unit> {
    let middle =
        |name: &String| seen.iter().find_map(|file| probe::middle_of(&file.opened, file.columns.get(name)?));
    let Some(number) = columns.iter().find_map(middle).or_else(|| first_number(columns, seen)) else {
        return Some(expected);
    };
    match expected.is_plausible(number) {
        true => Some(expected),
        false => Unit::plausible(number).map(|(unit, _)| unit),
    }
}

/// True if the middle one of the first durations is shorter than a millisecond: no call of a model is as short,
/// so the unit is another one.
fn is_no_duration(latency: &Origin, seen: &[&FileColumns]) -> bool {
    let ([name], Some(unit), None) = (&latency.columns[..], latency.unit, &latency.since) else {
        return false;
    };
    let middle = seen.iter().find_map(|file| probe::middle_of(&file.opened, file.columns.get(name)?));
    middle.is_some_and(|middle| middle > 0.0 && unit.to_millis(middle) < 1.0)
}

/// True if words such as `None` in the only source of the account are ids.
fn words_are_ids(column: Column, columns: &[String], seen: &[&FileColumns]) -> bool {
    let [name] = columns else { return false };
    column == Column::AccountId
        && probe::words_are_ids(seen.iter().filter_map(|file| Some((&file.opened, file.get(name)?))))
}

/// True for a value in JSON or a map, where numbers are text.
fn is_json(found: &Found) -> bool {
    match &found.place {
        super::source::Place::Rows(path) => !path.is_plain(),
        super::source::Place::Items(_) => true,
        super::source::Place::Whole(_) => false,
    }
}

fn stops(seen: &[&FileColumns], mapping: &Mapping, hint: Option<&str>) -> Vec<String> {
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

/// Problem of a column that is to number the rows of an exchange and has no numbers.
fn unordered(seen: &[&FileColumns], order: &str) -> Option<String> {
    let values = seen.iter().find_map(|file| Some(probe::first_values(&file.opened, &file.get(order)?)))?;
    let values: Vec<&String> = values.iter().filter(|text| !text.trim().is_empty()).collect();
    let first = values.first().filter(|_| values.iter().all(|text| text.trim().parse::<f64>().is_err()))?;
    Some(format!("column “{order}” for the order of a join has “{first}” and needs numbers"))
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
        if found.iter().any(|found| found.suits(column, origin).is_ok()) {
            continue;
        }
        if let Some((found, needed)) =
            found.iter().find_map(|found| Some((found, found.suits(column, origin).err()?)))
        {
            let what = in_words(&found.data_type);
            let what = format!("column “{}” is {what}, but {} needs {needed}", found.name, column.name());
            let what = match column == Column::Ts {
                true => what + &probe::unit_in_words(&file.opened, found),
                false => what,
            };
            wrong.entry(what).or_default().push(&file.file);
        }
    }
    let with_rows = seen.iter().filter(|file| file.rows > 0).count();
    if column.is_required() && !lacking.is_empty() && lacking.len() < with_rows {
        let source = origin.columns.join("” or “");
        let way_out = if 2 * lacking.len() < with_rows { LEAVE_OUT } else { "" };
        problems.push(format!(
            "no column “{source}” for {} {}{way_out}",
            column.name(),
            whereabouts(&lacking, with_rows)
        ));
    }
    problems
        .extend(wrong.into_iter().map(|(what, files)| format!("{what} {}", whereabouts(&files, with_rows))));
}

/// Way out where a few of the files are no logs.
const LEAVE_OUT: &str = "; if these are no logs, leave each out: --leave-out NAME";

fn whereabouts(files: &[&str], all: usize) -> String {
    match files {
        _ if files.len() == all => "(in any file)".to_owned(),
        [one] => format!("(in {one})"),
        _ => format!("(in {} files, such as {})", files.len(), files.first().unwrap_or(&"")),
    }
}

#[cfg(test)]
mod caller_tests;
#[cfg(test)]
mod prose_tests;
#[cfg(test)]
mod tests;
