//! Choice of the preset that fits some files, and problems that prevent an import under a mapping.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow_schema::DataType;

use super::look::{FileColumns, look, source_columns};
use super::mapping::{CUSTOM, Join};
use super::own_account::{has_own_name, take_own_account};
use super::paired::Paired;
use super::preset::{self, Preset, PresetColumn};
use super::preset_folder::{is_in, taken_of};
use super::preset_names::{Names, roots_of_spans};
use super::probe::holds_objects;
use super::problems::stops;
use super::remarks::notes;
use super::sampled::{is_in_few_rows, rows_with_account};
use super::share::{commonest_first, is_rare, rare_last};
use super::source::{Found, suits};
use super::time_units::{TimeUnits, unit_of};
use super::within::{Within, with_other_names};
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
    /// True if the files have a name that is this system's own.
    pub has_own_name: bool,
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
    /// Columns inside others under usual names.
    pub(super) within: Within,
    /// Units of columns of numbers that are times.
    pub(super) times: TimeUnits,
    /// Rule that joins the rows of an exchange, where no preset has one and the rows show it.
    pub(super) paired: Option<Join>,
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

/// True for files that a preset knows: they have a name of its own, and it reads time, account and more, or half of its
/// columns.
fn is_known(fit: &Fit, preset: &Preset) -> bool {
    let mut names = fit.mapping.columns.values().flat_map(Origin::names);
    let has_own = preset.name == preset::CANONICAL
        || fit.filled >= Column::REQUIRED.len() + MIN_OWN
        || names.any(|name| name.contains('.'));
    let own: BTreeSet<&str> = preset.columns.iter().map(|column| column.column.name()).collect();
    fit.has_own_name && (fit.lacking.is_empty() && has_own || 2 * fit.filled >= own.len())
}

fn proposal_of(seen: &[FileColumns], presets: Vec<&'static Preset>) -> MappingProposal {
    let is_chosen = presets.len() == preset::ALL.len();
    let times = TimeUnits::of(&seen.iter().collect::<Vec<_>>());
    let mut fits: Vec<(Fit, &Preset)> =
        presets.into_iter().map(|preset| (fit(preset, seen, &times), preset)).collect();
    // The sort is stable: equally good presets keep the order of the list.
    fits.sort_by_key(|(fit, _)| fit.rank());
    if is_chosen {
        // Usual names are those of many systems, which say more about their rows.
        let of_a_system =
            fits.iter().any(|(fit, preset)| preset.name != preset::USUAL && is_known(fit, preset));
        fits.sort_by_key(|(fit, preset)| {
            ((preset.name == preset::USUAL) == of_a_system, !is_known(fit, preset))
        });
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
    let within = Within::of(&taken);
    let mut mapping = with_other_names(times.fill(within.fill(mapping)), &taken);
    let paired = Paired::of(&taken, &mapping);
    let join = paired.as_ref().and_then(Paired::join);
    mapping.join = mapping.join.or_else(|| join.clone());
    let hint = if hint.is_empty() { None } else { Some(hint) };
    let problems = stops(&taken, &mapping, hint);
    let mut notes = notes(&taken, &mapping);
    notes.extend(paired.filter(|_| join.is_some()).map(|paired| paired.joined_note()));
    MappingProposal {
        problems,
        notes,
        within,
        times,
        paired: join,
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
fn fit(preset: &'static Preset, seen: &[FileColumns], times: &TimeUnits) -> Fit {
    let plain = fit_in(preset, (seen, times), None);
    if plain.lacking.is_empty() {
        return plain;
    }
    let is_there = |wrap: &&&str| seen.iter().any(|file| file.columns.contains_key(**wrap));
    let wraps = preset::WRAPS.iter().filter(is_there);
    let wrapped = wraps.map(|wrap| fit_in(preset, (seen, times), Some(*wrap)));
    // Of equally good ones the first counts.
    wrapped.fold(plain, |best, fit| if fit.rank() < best.rank() { fit } else { best })
}

fn fit_in(
    preset: &'static Preset,
    (seen, times): (&[FileColumns], &TimeUnits),
    wrap: Option<&'static str>,
) -> Fit {
    let roots = if preset.name == preset::OPENTELEMETRY { roots_of_spans(seen) } else { Vec::new() };
    let names = Names { preset, wrap, roots: &roots };
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
    order_by_rows(preset, &mut mapping, &seen);
    take_own_account(&mut mapping, &seen);
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
    mapping = times.fill(mapping.with_own_names(&own_names(&seen)));
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
    let unwrapped = |column: String| match wrap.and_then(|wrap| column.strip_prefix(wrap)?.strip_prefix('.'))
    {
        Some(inside) => inside.to_owned(),
        None => column,
    };
    let found = |name: &str| names.of(name, &seen).into_iter().map(unwrapped).collect();
    let has_own_name = has_own_name(preset, found);
    Fit { preset: preset.name, title: preset.title, filled, lacking, mapping, has_own_name, has_rare_rules }
}

/// Puts the names that most rows have first, where a caller may have chosen the others.
fn order_by_rows(preset: &Preset, mapping: &mut Mapping, seen: &[&FileColumns]) {
    match preset.name {
        preset::USUAL => {
            mapping.columns.values_mut().for_each(|own| commonest_first(&mut own.columns, seen));
        }
        preset::OPENTELEMETRY => {
            let account = mapping.columns.get_mut(Column::AccountId.name());
            account.into_iter().for_each(|own| rare_last(&mut own.columns, seen));
        }
        preset::CANONICAL => {
            let is_one = |name: &String| Column::REQUIRED.iter().any(|column| column.name() == name);
            mapping
                .columns
                .retain(|name, own| !is_one(name) || own.columns.iter().any(|own| !is_rare(own, seen)));
        }
        _ => {}
    }
}

/// Columns of the files at the top, which may bear canonical names.
fn own_names(seen: &[&FileColumns]) -> Vec<(String, String)> {
    let names: BTreeSet<&String> = seen.iter().flat_map(|file| file.columns.keys()).collect();
    names.into_iter().map(|name| (name.clone(), String::new())).collect()
}

/// True for a column under its canonical name that has a fitting type and is not read as another one.
fn is_free(name: &str, origin: &Origin, mapped: &BTreeMap<String, Origin>, seen: &[&FileColumns]) -> bool {
    let (Some(column), Some(source)) = (Column::from_name(name), origin.first()) else { return false };
    if column == Column::AccountId
        && seen.iter().any(|file| file.get(source).is_some_and(|own| holds_objects(&file.opened, &own)))
    {
        return false;
    }
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
fn origin_of(names: Names<'_>, wanted: &PresetColumn, seen: &[&FileColumns]) -> Option<Origin> {
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
        let is_one_value = |name: &String| {
            wanted.column != Column::AccountId
                || !seen
                    .iter()
                    .any(|file| file.get(name).is_some_and(|own| holds_objects(&file.opened, &own)))
        };
        sources.iter().flat_map(|name| names.of(name, seen)).filter(fits).filter(is_one_value).collect()
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
        Some(unit) if wanted.column == Column::Ts => unit_of(Some(unit), &columns, seen),
        Some(unit) if in_parts => unit_of(Some(unit), &columns, seen).or(Some(unit)),
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

#[cfg(test)]
mod caller_tests;
#[cfg(test)]
mod prose_tests;
#[cfg(test)]
mod tests;
