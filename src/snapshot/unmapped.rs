//! Problem of a required column that no preset fills, and the columns that could be mapped to it.

use std::collections::BTreeSet;

use arrow_schema::DataType;

use super::callers::is_below_callers;
use super::clock::{Clock, parse_time};
use super::file_path::at_pattern;
use super::look::FileColumns;
use super::mapping::is_same_name;
use super::path::is_textual;
use super::preset::{self, PresetColumn};
use super::share::is_rare;
use super::source::{Found, in_words, suits};
use super::unit::DayOrder;
use super::{Column, probe};

/// Maximum number of candidate columns that a problem names.
const CANDIDATES: usize = 12;
/// Number of files in which rows with a column are counted.
const FILES: usize = 3;

/// True for a name that has a word for a caller in it.
pub fn is_like_an_account(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if name.contains("agent") {
        return false;
    }
    [
        "account",
        "user",
        "caller",
        "client",
        "customer",
        "tenant",
        "owner",
        "principal",
        "requester",
        "objectid",
        "api_key",
        "kunde",
        "kundin",
        "konto",
        "nutzer",
        "cliente",
        "cuenta",
        "usuario",
        "compte",
        "utilisateur",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// True for a column most of whose first values are several words, as prompts are and ids are not.
fn has_sentences(file: &FileColumns, found: &Found) -> bool {
    let values = probe::first_values(&file.opened, found);
    let sentences = values.iter().filter(|value| value.split_whitespace().nth(2).is_some()).count();
    2 * sentences > values.len()
}

/// True for a column whose first value is a time as text.
fn has_times(file: &FileColumns, found: &Found) -> bool {
    let first = probe::first_values(&file.opened, found).into_iter().next();
    is_textual(&found.data_type)
        && first.is_some_and(|text| parse_time(&text, &Clock::utc(), Some(DayOrder::Mdy)).is_ok())
}

/// Advice for files in several folders, which may be those of tenants.
fn folder_hint(seen: &[&FileColumns]) -> Option<String> {
    let folders: BTreeSet<&str> = seen.iter().filter_map(|file| at_pattern(&file.file, "{}/")).collect();
    let first = folders.first().filter(|folder| folders.len() > 1 && !folder.contains('='))?;
    Some(format!("; if folders such as {first} are the accounts, write account_id = \"path:{{}}/\""))
}

/// Advice for files with a column of dates and one of times of day.
fn parts_of_a_time(seen: &[&FileColumns]) -> Option<String> {
    let of = |is_one: fn(&DataType) -> bool| {
        let mut columns = seen.iter().flat_map(|file| &file.columns);
        columns.find(|(_, found)| is_one(&found.data_type)).map(|(name, _)| name)
    };
    let date = of(|own| matches!(own, DataType::Date32 | DataType::Date64))?;
    let time = of(|own| matches!(own, DataType::Time32(_) | DataType::Time64(_)))?;
    Some(format!(", or two: ts = {{ column = \"{date}\", time = \"{time}\" }}"))
}

/// Advice for JSON documents whose rows may stand in a list.
fn list_inside(seen: &[&FileColumns]) -> Option<String> {
    let (file, (list, items)) = seen.iter().find_map(|file| Some((&file.file, file.opened.inner_list()?)))?;
    Some(format!(
        "; a row of {file} has {items} items in its list {list}: --rows-at {list} makes these the rows"
    ))
}

/// Words on a usual name of a column that two columns of a file have.
fn twice_named(seen: &[&FileColumns], column: Column) -> Option<String> {
    let wanted = preset::ALL.iter().flat_map(|preset| preset.columns).filter(|own| own.column == column);
    let names: Vec<&str> = wanted.flat_map(|own| own.sources).copied().collect();
    let mut twice = seen.iter().flat_map(|file| file.twice.iter().map(move |name| (name, &file.file)));
    let (name, file) = twice.find(|(name, _)| names.iter().any(|own| is_same_name(own, name)))?;
    Some(format!(" (two columns of {file} are called “{name}”; rename one)"))
}

/// Puts names of accounts first, behind them columns of sentences, and last what callers may have sent.
fn accounts_first(names: &mut [&str], seen: &[&FileColumns]) {
    let all = seen.iter().flat_map(|file| file.columns.iter().map(move |(name, found)| (file, name, found)));
    let sentences: BTreeSet<&str> =
        all.filter(|(file, _, found)| has_sentences(file, found)).map(|(_, name, _)| name.as_str()).collect();
    let first = &seen[..seen.len().min(FILES)];
    names.sort_by_cached_key(|name| {
        let is_of_some = is_below_callers(name) || is_rare(name, first);
        (is_of_some, !is_like_an_account(name), sentences.contains(name))
    });
}

/// Problem of a required column that no preset fills, with the columns that could be mapped to it: those that
/// look right first.
pub(super) fn unmapped(seen: &[&FileColumns], column: Column, hint: Option<&str>) -> String {
    let (what, name) =
        (if column == Column::Ts { "no time column" } else { "no account column" }, column.name());
    let all =
        || seen.iter().flat_map(|file| file.columns.iter().map(move |(name, found)| (file, name, found)));
    // A column with a preset's name but an unsuitable type is named first: it is likely the wanted one.
    let known = |source: &String| {
        let called = |wanted: &PresetColumn| {
            wanted.column == column && wanted.sources.iter().any(|own| is_same_name(own, source))
        };
        preset::ALL.iter().flat_map(|preset| preset.columns).any(called)
    };
    let near = all().find_map(|(file, source, found)| {
        let needed = suits(&found.data_type, column, None, false).err().filter(|_| known(source))?;
        let value = probe::unit_in_words(&file.opened, found);
        Some(format!(" (“{source}” is {}, but {name} needs {needed}{value})", in_words(&found.data_type)))
    });
    let hint = hint.filter(|_| column == Column::AccountId).map(|hint| format!(" ({hint})"));
    let near = near.or_else(|| twice_named(seen, column)).or(hint).unwrap_or_default();
    let is_timestamp = |found: &Found| matches!(found.data_type, DataType::Timestamp(_, _));
    let timestamps_only = column == Column::Ts && all().any(|(_, _, found)| is_timestamp(found));
    let is_name = |found: &Found| {
        let data_type = &found.data_type;
        is_textual(data_type)
            || data_type.is_integer()
            || data_type.is_decimal()
            || matches!(data_type, DataType::FixedSizeBinary(_))
    };
    let would_do = |found: &Found| match is_timestamp(found) {
        true => column == Column::Ts,
        false => !timestamps_only && is_name(found) && suits(&found.data_type, column, None, false).is_ok(),
    };
    // Numbers that are plausible times come before text that may be anything.
    let is_time = |(file, _, found): &(&&FileColumns, &String, &Found)| {
        column == Column::Ts
            && (probe::plausible_unit(&file.opened, found).is_some() || has_times(file, found))
    };
    let first: BTreeSet<&str> = all().filter(is_time).map(|(_, source, _)| source.as_str()).collect();
    let others: BTreeSet<&str> =
        all().filter(|(_, _, found)| would_do(found)).map(|(_, source, _)| source.as_str()).collect();
    let mut names: Vec<&str> = first.iter().chain(others.difference(&first)).copied().collect();
    if column == Column::AccountId {
        accounts_first(&mut names, seen);
    }
    let parts = parts_of_a_time(seen).or_else(|| list_inside(seen));
    let parts = parts.filter(|_| column == Column::Ts).unwrap_or_default();
    let more = if names.len() > CANDIDATES { ", …" } else { "" };
    let list: Vec<&str> = names.into_iter().take(CANDIDATES).collect();
    let folder = folder_hint(seen).filter(|_| column == Column::AccountId).unwrap_or_default();
    match list[..] {
        [] => format!("{what}{near}, and no column that could be mapped to {name}{parts}{folder}"),
        _ => format!("{what}{near}: map one of {}{more} to {name}{parts}{folder}", list.join(", ")),
    }
}
