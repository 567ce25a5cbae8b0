//! Sentences on choices of a mapping that its user should see, and the facts that they name.

use std::collections::{BTreeMap, BTreeSet};

use super::look::FileColumns;
use super::mapping::is_same_name;
use super::path::inside_a_column;
use super::preset::{self, Preset};
use super::row_layout::RowLayout;
use super::share::rare_notes;
use super::source::{Place, other_reading, path_over_column};
use super::tenants::tenants_note;
use super::{Column, Mapping, latency, probe};
use crate::model::{counted, visible};

/// Column of an attribute that is kept apart, where it means this attribute in every file that has it.
pub(super) fn dedicated(name: &str, seen: &[&FileColumns]) -> Option<String> {
    let columns: BTreeSet<&String> =
        seen.iter().filter_map(|file| file.dedicated.as_ref()?.get(name)).collect();
    let mut columns = columns.into_iter();
    let column = columns.next().filter(|_| columns.next().is_none())?;
    is_clear(name, column, seen).then(|| column.clone())
}

/// True if no file has the column without saying what it holds, or has another attribute in it.
fn is_clear(name: &str, column: &str, seen: &[&FileColumns]) -> bool {
    let mut with = seen.iter().filter(|file| file.get(column).is_some());
    with.all(|file| {
        let Some(dedicated) = &file.dedicated else { return false };
        dedicated.iter().all(|(own, at)| at != column || own == name)
    })
}

/// Sentences on choices of a mapping that the user should see.
pub(super) fn notes(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let words = mapping.origin(Column::AccountId).is_some_and(|account| account.verbatim);
    let mut notes: Vec<String> = words.then(|| WORDS.to_owned()).into_iter().collect();
    let preset = preset::by_name(&mapping.preset);
    notes.extend(unit_note(&preset, seen, mapping));
    notes.extend(latency::note(&preset, seen, mapping));
    notes.extend(latency::files_note(seen, mapping));
    notes.extend(tenants_note(seen, mapping));
    notes.extend(positions_note(seen, mapping));
    notes.extend(callers_note(&preset, mapping));
    notes.extend(dotted_notes(seen, mapping));
    notes.extend(twice_notes(seen, mapping));
    notes.extend(two_columns_notes(seen));
    notes.extend(rare_notes(seen, mapping));
    notes.extend(head_notes(seen));
    notes.extend(encoding_notes(seen, mapping));
    notes.extend(decimal_note(mapping));
    notes.extend(shortened_note(seen, mapping));
    let names: BTreeSet<&str> = preset
        .iter()
        .flat_map(|preset| preset.columns)
        .flat_map(|column| column.sources.iter().chain(column.since).copied())
        .collect();
    for name in names {
        let apart = || seen.iter().filter_map(|file| file.dedicated.as_ref()?.get(name));
        if let (Some(column), None) = (apart().next(), dedicated(name, seen)) {
            notes.push(format!(
                "Column “{column}” is not taken for {name}: other files keep another attribute there, \
                 keep it elsewhere, or lack a readable meta.json."
            ));
        }
    }
    notes
}

/// Sentence on times that are not in the unit of their preset, or in none that makes them plausible.
fn unit_note(presets: &[&Preset], seen: &[&FileColumns], mapping: &Mapping) -> Option<String> {
    let (origin, unit) = (mapping.origin(Column::Ts)?, mapping.unit(Column::Ts)?);
    let expected = presets.iter().flat_map(|preset| preset.columns).filter(|own| own.column == Column::Ts);
    let mut expected = expected.filter_map(|own| own.unit);
    let number = first_number(&origin.columns, seen)?;
    if !unit.is_plausible(number) {
        return Some(format!(
            "The first time, {number}, is not from 2015 to 2049 in any unit; it is read in {}.",
            unit.name()
        ));
    }
    (!expected.any(|own| own == unit)).then(|| format!("Times such as {number} are read in {}.", unit.name()))
}

/// Sentence on an item of a list of `key:value` texts that has other keys in other rows.
fn positions_note(seen: &[&FileColumns], mapping: &Mapping) -> Option<String> {
    let origins = Column::ALL.into_iter().filter_map(|column| mapping.origin(column));
    let mut names = origins.flat_map(|origin| &origin.columns).filter(|name| {
        let inner = name.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
        inner.is_some_and(|(_, at)| at.parse::<i64>().is_ok())
    });
    names.find_map(|name| {
        let found = |file: &&&FileColumns| Some(probe::first_values(&file.opened, &file.get(name)?));
        let values: Vec<String> = seen.iter().find_map(|file| found(&file))?;
        let keys: Option<BTreeSet<&str>> = values
            .iter()
            .map(|value| Some(value.split_once([':', '='])?.0).filter(|key| is_name(key)))
            .collect();
        let keys: Vec<&str> = keys?.into_iter().collect();
        let list = &name[..name.rfind('[')?];
        (keys.len() > 1).then(|| {
            format!(
                "“{}” has the keys {} in different rows; {}[{}] reads the value of one key.",
                visible(name),
                visible(&keys.iter().take(3).copied().collect::<Vec<_>>().join(", ")),
                visible(list),
                visible(keys[0])
            )
        })
    })
}

/// True for a key of `key:value`, unlike the begin of a time.
fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Sentence on sources of the account that a caller of the API can set.
fn callers_note(presets: &[&Preset], mapping: &Mapping) -> Option<String> {
    let account = mapping.origin(Column::AccountId)?;
    let by_callers: Vec<&str> = presets.iter().flat_map(|preset| preset.by_callers.iter().copied()).collect();
    let is_set = |source: &&String| {
        by_callers.iter().any(|name| {
            let at = source.find(name);
            at.is_some_and(|at| at == 0 || source[..at].ends_with('.'))
        })
    };
    let names: Vec<&str> = account.columns.iter().filter(is_set).map(String::as_str).collect();
    (!names.is_empty()).then(|| {
        format!("A caller can choose what {} says; no other source confirms that account.", names.join(", "))
    })
}

/// Sentences on columns that rows of JSON have twice with different values. Programs that add what a caller sends to a
/// row write it so.
fn twice_notes(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let names: BTreeSet<&str> = mapping.names().collect();
    let root = |file: &FileColumns, name: &str| match file.get(name)?.place {
        Place::Rows(path) => Some(path.root),
        Place::Items(_) | Place::Whole(_) => None,
    };
    let roots: BTreeSet<String> =
        seen.iter().flat_map(|file| names.iter().filter_map(|name| root(file, name))).collect();
    let note = |root: &String| {
        let own =
            |file: &&&FileColumns| Some(file.opened.line_column(root)?.twice).filter(|twice| twice.rows > 0);
        let (file, first) = seen.iter().find_map(|file| Some((file, own(&file)?)))?;
        let rows: u64 = seen.iter().filter_map(|file| own(&file)).map(|twice| twice.rows).sum();
        Some(format!(
            "“{}” stands twice with different values in {}, first in row {} of {}; the last counts, and a caller may \
             have added it.",
            visible(root),
            counted(rows, "row", "rows"),
            first.first,
            visible(&file.file)
        ))
    };
    roots.iter().filter_map(note).collect()
}

/// Sentences on canonical columns that two columns of a file could be, since they have its name.
fn two_columns_notes(seen: &[&FileColumns]) -> Vec<String> {
    let mut files: BTreeMap<&String, u64> = BTreeMap::new();
    let is_canonical = |name: &&String| Column::ALL.iter().any(|column| is_same_name(column.name(), name));
    for name in seen.iter().flat_map(|file| &file.twice).filter(is_canonical) {
        *files.entry(name).or_default() += 1;
    }
    let note = |(name, files): (&String, u64)| {
        let files = counted(files, "file has", "files have");
        format!(
            "{files} two columns “{}”, so neither is read; write them with one of them left out.",
            visible(name)
        )
    };
    files.into_iter().map(note).collect()
}

/// Sentence on the decimal mark of numbers written as text.
fn decimal_note(mapping: &Mapping) -> Option<String> {
    let marks: BTreeSet<&str> = mapping.columns.values().filter_map(|o| Some(o.decimal?.name())).collect();
    let marks: Vec<String> = marks.into_iter().map(|mark| format!("“{mark}”")).collect();
    (!marks.is_empty())
        .then(|| format!("Numbers written as text are read with {} as decimal mark.", marks.join(" and ")))
}

/// Sentence on account ids that a spreadsheet has written as a power of ten.
fn shortened_note(seen: &[&FileColumns], mapping: &Mapping) -> Option<String> {
    let source = mapping.source(Column::AccountId)?;
    let is_shortened = |text: &String| {
        let (digits, power) = text.trim().split_once("E+").unwrap_or_default();
        digits.contains(['.', ',']) && power.len() >= 2 && power.bytes().all(|byte| byte.is_ascii_digit())
    };
    let values = seen.iter().filter_map(|file| Some((file, file.get(source)?)));
    let shortened = values
        .flat_map(|(file, found)| probe::first_values(&file.opened, &found))
        .find(|text| is_shortened(text))?;
    Some(format!(
        "Account ids such as {} were shortened by a spreadsheet, so several accounts can be one.",
        visible(shortened.trim())
    ))
}

/// Sentences on columns whose own name is also a path into another column: the column's name wins.
fn dotted_notes(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let sources: BTreeSet<&str> = Column::ALL
        .into_iter()
        .filter_map(|column| mapping.origin(column))
        .flat_map(|origin| origin.columns.iter().map(String::as_str))
        .collect();
    sources.into_iter().filter_map(|name| dotted_note(seen, name)).collect()
}

/// Sentence on a column whose own name is also a path into another column.
pub(super) fn dotted_note(seen: &[&FileColumns], name: &str) -> Option<String> {
    let hidden = |file: &&FileColumns| {
        let fields = file.opened.fields();
        fields.iter().find(|field| field.name() == name)?;
        if path_over_column(&file.opened, name).is_some() {
            return None;
        }
        let root = inside_a_column(fields, name)?.root;
        let below = name[root.len()..].trim_start_matches('.').split('.');
        let below: Vec<String> = below.map(|part| format!("['{part}']")).collect();
        Some(format!("{root}{}", below.concat()))
    };
    let is_over = |file: &&FileColumns| path_over_column(&file.opened, name).is_some();
    if let Some(file) = seen.iter().find(|file| is_over(file)) {
        return Some(format!(
            "“{name}” is a path, and in fewer rows a column, such as in {}: rows without the first have the other.",
            visible(&file.file)
        ));
    }
    let is_text = |file: &&&FileColumns| {
        let first = file.get(name).filter(|_| file.opened.is_text());
        first.is_some_and(|first| other_reading(&file.opened, name, &first).is_some())
    };
    if let Some(file) = seen.iter().find(is_text) {
        return Some(format!(
            "“{name}” is a column, and in some rows a path, such as in {}: rows without the first have the other.",
            visible(&file.file)
        ));
    }
    let path = seen.iter().find_map(hidden)?;
    Some(format!(
        "“{name}” is a column and also a path into another; the column is read. The path is {path}."
    ))
}

/// Sentences on CSV files that do not begin with the names of their columns.
fn head_notes(seen: &[&FileColumns]) -> Vec<String> {
    let (mut titled, mut nameless): (Vec<(u32, &FileColumns)>, Vec<&FileColumns>) = Default::default();
    let mut named = Vec::new();
    for &file in seen {
        if let RowLayout::Csv { above, names, .. } = file.opened.layout().of_characters() {
            match (*above > 0, names.is_empty()) {
                (true, true) => titled.push((*above, file)),
                (true, false) => named.push(file),
                (false, false) => nameless.push(file),
                (false, true) => {}
            }
        }
    }
    let titled = titled.first().map(|(lines, file)| {
        let (lines, files) = (counted(u64::from(*lines), "line", "lines"), titled.len());
        format!("{lines} above the names of the columns left out in {} ({files} such files).", file.file)
    });
    let nameless = nameless.first().map(|file| {
        format!(
            "{} without names of columns, such as {}: read in the order of another file in the folder.",
            counted(nameless.len() as u64, "file", "files"),
            file.file
        )
    });
    let named = named.first().map(|file| {
        format!(
            "{} with a line of their own form for the names of columns (COPY, #Fields), such as {}.",
            counted(named.len() as u64, "file", "files"),
            file.file
        )
    });
    titled.into_iter().chain(nameless).chain(named).chain(place_notes(seen)).collect()
}

/// Sentences on the lists inside JSON documents whose items are the rows, or may be.
fn place_notes(seen: &[&FileColumns]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in seen {
        if let RowLayout::JsonItems { through, below, .. } = file.opened.layout().of_characters() {
            let names = through.iter().chain(below.iter().filter_map(|list| list.first()));
            let path = names.map(String::as_str).collect::<Vec<_>>().join(".");
            places.entry(path).or_default().push(&file.file);
        }
    }
    let note = |(path, files): (String, Vec<&str>)| {
        format!(
            "The items of the list {} are the rows in {}, such as {}.",
            visible(&path),
            counted(files.len() as u64, "file", "files"),
            visible(files.first().unwrap_or(&""))
        )
    };
    let inner = seen.iter().find_map(|file| Some((file, file.opened.inner_list()?)));
    let inner = inner.map(|(file, (list, items))| {
        format!(
            "A row of {} has {items} items in its list {}; if they are the exchanges, name the list with rows_at.",
            visible(&file.file),
            visible(list)
        )
    });
    places.into_iter().map(note).chain(inner).collect()
}

/// Sentences on the encodings of text files: those read in a stated one, and those with bytes that are not UTF-8.
fn encoding_notes(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let stated = seen.iter().filter_map(|file| match file.opened.layout() {
        RowLayout::Encoded { encoding, .. } => Some(encoding),
        _ => None,
    });
    let stated: Vec<String> = stated.collect();
    let texts = seen.iter().filter(|file| file.opened.is_text()).count();
    let read = stated.first().map(|encoding| {
        format!("{} of {texts} text files read as {encoding}; the others are UTF-8.", stated.len())
    });
    let unused = || {
        let encoding = mapping.encoding.as_ref()?;
        Some(format!("No file is read as {}: all text is UTF-8.", visible(encoding)))
    };
    let with: Vec<&&FileColumns> = seen.iter().filter(|file| file.opened.rows_not_utf8() > 0).collect();
    let replaced = with.first().map(|file| {
        let rows: u64 = with.iter().map(|file| file.opened.rows_not_utf8()).sum();
        format!(
            "{} of text files have bytes that are not UTF-8, read as �, such as in {}. If the files have another \
             encoding, name it: --encoding windows-1252 in a new case.",
            counted(rows, "row", "rows"),
            visible(&file.file)
        )
    });
    let of_parquet = mapping.rows_at.as_ref().filter(|_| texts == 0).map(|path| {
        format!("No file has JSON documents, so rows_at = \"{}\" counts for none.", visible(path))
    });
    read.or_else(unused).into_iter().chain(replaced).chain(of_parquet).collect()
}

/// Sentence on words that count as accounts.
const WORDS: &str = "Accounts called None, null or nil count as accounts; set verbatim = false for \
                     account_id if these words stand for missing accounts.";

/// First number of some columns that is not 0.
pub(super) fn first_number(columns: &[String], seen: &[&FileColumns]) -> Option<f64> {
    columns
        .iter()
        .find_map(|name| seen.iter().find_map(|file| probe::number_of(&file.opened, file.columns.get(name)?)))
}
