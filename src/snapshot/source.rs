//! Location of a mapping's columns in a file, and the check of their types.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, TimeUnit};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::LogicalType;

use super::annotation::retyped;
use super::clock::Clock;
use super::commonest::commonest;
use super::convert::{Spec, type_of};
use super::file::File;
use super::file_path::{at_pattern, pattern_of};
use super::mapping::{Origin, is_same_name};
use super::path::{self, Path, Step, is_textual, is_time_of_day};
use super::unit::Unit;
use super::{Column, ColumnType, Mapping, SnapshotError, json};

/// Location of values in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// Column with a value for each row.
    Rows(Path),
    /// Columns of the items of a list, such as `gen_ai.prompt.0.content`, each with its name below the list.
    Items(Vec<(String, Path)>),
    /// One value for the whole file, from its path.
    Whole(Option<String>),
}

/// A source column in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Name or path in the mapping.
    pub name: String,
    pub place: Place,
    /// Type in the file.
    pub data_type: DataType,
    /// True for 16 bytes annotated as a UUID.
    pub uuid: bool,
    /// True for text annotated as JSON, and for a column of JSON Lines with objects or lists.
    pub json: bool,
    /// True for a value of a text file, where numbers are text.
    pub untyped: bool,
}

/// A canonical column in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Located {
    /// Sources in order of preference.
    pub sources: Vec<Found>,
    /// Column with the time of day, if the source is a date.
    pub time: Option<Found>,
    /// Column with the start of a duration, if the source is its end.
    pub since: Option<Found>,
    /// Column by which rows share a value.
    pub shared_by: Option<Found>,
    /// Options for reading the values.
    pub spec: Spec,
}

impl Located {
    /// All source columns that it reads.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.sources.iter().chain(&self.time).chain(&self.since).chain(&self.shared_by)
    }

    /// Source, if it is a single column of the file without conversion from parts; else `None`.
    pub fn plain(&self) -> Option<(&Found, &Path)> {
        match (&self.sources[..], &self.time, &self.since) {
            ([found], None, None) => match &found.place {
                Place::Rows(path) if path.is_plain() => Some((found, path)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Options for reading the values of one of its source columns.
    pub fn spec_of(&self, found: &Found) -> Spec {
        Spec { uuid: found.uuid, conversation: self.spec.conversation || found.json, ..self.spec.clone() }
    }
}

/// Source column with a name or path: a column of the file, else a part of the file's path by a pattern, else a
/// partition column in it.
///
/// # Errors
/// Two columns have the name.
pub(super) fn locate(file: &File, name: &str) -> Result<Option<Found>, SnapshotError> {
    let twice = |_| SnapshotError::TwiceNamed { file: file.name().to_owned(), source_name: name.to_owned() };
    let found = |place, data_type, annotation: Option<LogicalType>, json: bool| Found {
        name: name.to_owned(),
        place,
        data_type,
        uuid: annotation == Some(LogicalType::Uuid),
        json: json || annotation == Some(LogicalType::Json),
        untyped: file.is_text(),
    };
    let path = match path_over_column(file, name) {
        Some(path) => Some(path),
        None => path::resolve(file.fields(), name).map_err(twice)?.or_else(|| commonest(file, name)),
    };
    if let Some(path) = path {
        let annotation = if path.is_plain() { file.annotation(&path.fields()) } else { None };
        let data_type = path.data_type.clone();
        let json = path.steps.is_empty()
            && file.line_column(&path.root).is_some_and(|column| column.kinds.is_json());
        return Ok(Some(found(Place::Rows(path), data_type, annotation, json)));
    }
    let items = items_of(file, name).map_err(twice)?;
    if !items.is_empty() {
        return Ok(Some(found(Place::Items(items), DataType::Utf8, None, true)));
    }
    if let Some(pattern) = pattern_of(name) {
        let value = at_pattern(file.name(), pattern).map(str::to_owned);
        return Ok(value.map(|value| found(Place::Whole(Some(value)), DataType::Utf8, None, false)));
    }
    let value = file.partitions().into_iter().find(|(key, _)| is_same_name(key, name));
    Ok(value.map(|(_, value)| found(Place::Whole(value), DataType::Utf8, None, false)))
}

/// Value that a folder such as `account_id=a7` gives to a file of JSON Lines or CSV: who lays the files out writes it,
/// and a row that says otherwise may say what its caller sent.
fn of_folder(file: &File, column: Column, name: &str) -> Option<Found> {
    let is_text = file.is_text() && column.kind() == ColumnType::Text;
    let (_, value) = file.partitions().into_iter().find(|(key, _)| is_text && is_same_name(key, name))?;
    value.as_ref()?;
    let (place, data_type) = (Place::Whole(value), DataType::Utf8);
    Some(Found { name: name.to_owned(), place, data_type, uuid: false, json: false, untyped: true })
}

/// Path into a column of JSON Lines where another column has exactly the name, in fewer rows: programs that
/// spread what a caller sends over the top of a row would let one row take the path from all others.
pub(super) fn path_over_column(file: &File, name: &str) -> Option<Path> {
    let own = file.line_column(name).filter(|own| own.values > 0)?;
    let path = path::inside_a_column(file.fields(), name)?;
    (file.line_column(&path.root)?.values > own.values).then_some(path)
}

/// Sources with some names. Of a text file a name that is a column and also a path into another is both, first the
/// one that more rows have: rows of two writers may stand in one file.
fn located(file: &File, names: &[String]) -> Result<Vec<Found>, SnapshotError> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let Some(first) = locate(file, name)? else { continue };
        let other = other_reading(file, name, &first);
        found.push(first);
        found.extend(other);
    }
    Ok(found)
}

/// The other reading of a name that is a column of a text file and also a path into another.
pub(super) fn other_reading(file: &File, name: &str, first: &Found) -> Option<Found> {
    let own = file.line_column(name)?;
    let inside = path::inside_a_column(file.fields(), name)?;
    file.line_column(&inside.root).filter(|root| root.kinds.is_json())?;
    let is_column = matches!(&first.place, Place::Rows(path) if path.root == own.name);
    let path = match is_column {
        true => inside,
        false => path::resolve(file.fields(), name).ok()??,
    };
    let data_type = path.data_type.clone();
    let json = path.steps.is_empty() && own.kinds.is_json();
    Some(Found { place: Place::Rows(path), data_type, json, ..first.clone() })
}

/// Columns of the items of a list: those at the top, or in a struct at the top, whose names have a number after the
/// list's.
fn items_of(file: &File, list: &str) -> Result<Vec<(String, Path)>, path::Twice> {
    let mut items = Vec::new();
    let mut add = |full: &str| -> Result<(), path::Twice> {
        if json::number_of(full, list).is_some() {
            let name = full[list.len() + 1..].to_owned();
            items.extend(path::resolve(file.fields(), full)?.map(|path| (name, path)));
        }
        Ok(())
    };
    for field in file.fields() {
        add(field.name())?;
        if let DataType::Struct(children) = field.data_type() {
            children.iter().try_for_each(|child| add(&format!("{}.{}", field.name(), child.name())))?;
        }
    }
    Ok(items)
}

/// Locations of the canonical columns; `None` for one that is not mapped or that this file lacks. A
/// file without rows may lack the required ones.
///
/// # Errors
/// A required column is not mapped or missing, a column has an unsuitable type, two columns have the
/// same name, or the mapping is invalid.
pub(super) fn find(
    file: &File,
    mapping: &Mapping,
    columns: &[Column],
) -> Result<Vec<Option<Located>>, SnapshotError> {
    mapping.check()?;
    columns.iter().map(|&column| find_one(file, mapping, column)).collect()
}

fn find_one(file: &File, mapping: &Mapping, column: Column) -> Result<Option<Located>, SnapshotError> {
    let is_needed = column.is_required() && file.rows() > 0;
    let Some(origin) = mapping.origin(column) else {
        return if is_needed { Err(SnapshotError::Unmapped { column: column.name() }) } else { Ok(None) };
    };
    let mut sources = Vec::new();
    let (mut wrong, mut encrypted) = (None, None);
    let of_folders = origin.columns.iter().filter_map(|name| of_folder(file, column, name));
    for found in of_folders.chain(located(file, &origin.columns)?) {
        if found.is_encrypted(file) {
            encrypted = encrypted.or(Some(found.name));
            continue;
        }
        match found.suits(column, origin) {
            Ok(()) => sources.push(found),
            Err(needed) => wrong = wrong.or(Some((found, needed))),
        }
    }
    let lacks_a_part = |name: &String| !sources.iter().any(|found: &Found| found.name == *name);
    if sources.is_empty() || origin.together && origin.columns.iter().any(lacks_a_part) {
        return match wrong {
            Some((found, needed)) if file.rows() > 0 => Err(SnapshotError::WrongType {
                file: file.name().to_owned(),
                column: column.name(),
                source_name: found.name.clone(),
                found: in_words(&found.data_type),
                needed,
            }),
            None if is_needed && encrypted.is_some() => Err(SnapshotError::EncryptedColumn {
                file: file.name().to_owned(),
                column: column.name(),
                source_name: encrypted.unwrap_or_default(),
            }),
            None if is_needed => Err(SnapshotError::MissingColumn {
                file: file.name().to_owned(),
                column: column.name(),
                source_name: origin.columns.join("” or “"),
            }),
            _ => Ok(None),
        };
    }
    let more =
        |name: &Option<String>| name.as_ref().map(|name| locate(file, name)).transpose().map(Option::flatten);
    let (time, since) = (more(&origin.time)?, more(&origin.since)?);
    if origin.since.is_some() && since.is_none() {
        return Ok(None);
    }
    if !has_its_time(file, column, origin, time.as_ref())? {
        return Ok(None);
    }
    Ok(Some(Located { sources, time, since, shared_by: more(&origin.shared_by)?, spec: spec_of(origin) }))
}

/// Options of an origin for reading its values.
fn spec_of(origin: &Origin) -> Spec {
    let clock = origin.zone.as_deref().and_then(Clock::parse).unwrap_or_else(Clock::utc);
    Spec {
        unit: origin.unit,
        clock: clock.with_repeated(origin.repeated),
        order: origin.order,
        decimal: origin.decimal,
        uuid: false,
        conversation: origin.conversation,
        verbatim: origin.verbatim,
        together: origin.together,
        pattern: origin.pattern.clone(),
    }
}

/// False for a date whose time of day the file lacks: it would be midnight.
///
/// # Errors
/// The column is required, or the time of day has an unsuitable type.
fn has_its_time(
    file: &File,
    column: Column,
    origin: &Origin,
    time: Option<&Found>,
) -> Result<bool, SnapshotError> {
    let file_name = || file.name().to_owned();
    match (&origin.time, time) {
        (Some(name), None) if column.is_required() && file.rows() > 0 => Err(SnapshotError::MissingColumn {
            file: file_name(),
            column: column.name(),
            source_name: name.clone(),
        }),
        (Some(_), None) => Ok(false),
        (_, Some(time)) if !is_time_of_day(&time.data_type, origin.unit) => Err(SnapshotError::WrongType {
            file: file_name(),
            column: column.name(),
            source_name: time.name.clone(),
            found: in_words(&time.data_type),
            needed: "a time of day, or numbers since midnight with a unit in the mapping",
        }),
        _ => Ok(true),
    }
}

/// Sources of a mapping that a file has and that are not read, with the reason: their type does not fit, or they
/// are encrypted.
pub(super) fn refused(file: &File, mapping: &Mapping) -> Vec<(Found, String)> {
    let mut refused = Vec::new();
    for column in Column::ALL {
        let Some(origin) = mapping.origin(column) else { continue };
        for found in origin.columns.iter().filter_map(|name| locate(file, name).ok().flatten()) {
            if found.is_encrypted(file) {
                refused.push((found, format!("it is encrypted, so {} is not read from it", column.name())));
            } else if let Err(needed) = found.suits(column, origin) {
                refused.push((found, format!("its type does not fit: {} needs {needed}", column.name())));
            }
        }
    }
    refused
}

/// Metadata with a schema under which text columns have their final type, so that Parquet's dictionary
/// pages are used without conversion. The file's own metadata if the reader refuses, which is slower
/// but gives the same values.
pub(super) fn tuned(
    file: &File,
    footer: &ArrowReaderMetadata,
    columns: &[Column],
    located: &[Option<Located>],
) -> ArrowReaderMetadata {
    let mut fields = file.fields().clone();
    for (column, located) in columns.iter().zip(located) {
        let Some((found, path)) = located.as_ref().and_then(Located::plain) else { continue };
        let is_text_kind = matches!(column.kind(), ColumnType::Text | ColumnType::LongText);
        if is_text_kind && is_utf8(&found.data_type) {
            fields = with_type(&fields, &path.fields(), &type_of(column.kind(), None));
        }
    }
    retyped(footer, fields).unwrap_or_else(|| footer.clone())
}

/// The fields with another type at the end of a path.
fn with_type(fields: &Fields, path: &[String], data_type: &DataType) -> Fields {
    let Some((first, rest)) = path.split_first() else { return fields.clone() };
    fields
        .iter()
        .map(|field| {
            if field.name() != first {
                return Arc::clone(field);
            }
            let new = match field.data_type() {
                _ if rest.is_empty() => data_type.clone(),
                DataType::Struct(children) => DataType::Struct(with_type(children, rest, data_type)),
                other => other.clone(),
            };
            Arc::new(Field::clone(field).with_data_type(new))
        })
        .collect()
}

/// Time zone in the type of the time column; `None` if it has none or the column is missing.
pub(super) fn recorded_zone(file: &File, mapping: &Mapping) -> Option<String> {
    match &find_one(file, mapping, Column::Ts).ok()??.sources.first()?.data_type {
        DataType::Timestamp(_, zone) => zone.as_ref().map(ToString::to_string),
        _ => None,
    }
}

impl Found {
    /// True for a value inside JSON text.
    pub fn is_in_json(&self) -> bool {
        matches!(&self.place, Place::Rows(path) if path.steps.iter().any(|step| matches!(step, Step::Json(_))))
    }

    /// True if the column is encrypted in the file.
    fn is_encrypted(&self, file: &File) -> bool {
        match &self.place {
            Place::Rows(path) => file.is_encrypted(&path.fields()),
            Place::Items(items) => items.iter().any(|(_, path)| file.is_encrypted(&path.fields())),
            Place::Whole(_) => false,
        }
    }

    /// Checks that the column can be read as `column`.
    ///
    /// # Errors
    /// Types that `column` accepts, in words.
    pub fn suits(&self, column: Column, origin: &Origin) -> Result<(), &'static str> {
        suits(&self.data_type, column, origin.unit, origin.time.is_some() || origin.since.is_some())
    }
}

/// Checks that a type can be read as `column`. `in_parts` is true if a date and a time of day, or a
/// start and an end, form the value.
///
/// # Errors
/// Types that `column` accepts, in words.
pub(super) fn suits(
    data_type: &DataType,
    column: Column,
    unit: Option<Unit>,
    in_parts: bool,
) -> Result<(), &'static str> {
    let data_type = match data_type {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let is_number = |number: &DataType| number.is_numeric() || *number == DataType::Boolean;
    let (does, needed) = match column.kind() {
        ColumnType::Time => {
            let is_date = matches!(data_type, DataType::Date32 | DataType::Date64);
            (
                matches!(data_type, DataType::Timestamp(_, _))
                    || is_textual(data_type)
                    || is_date && (in_parts || column != Column::Ts)
                    || data_type.is_numeric() && unit.is_some(),
                if is_date {
                    "a timestamp, or a time of day in another column (time = \"…\" in the mapping)"
                } else {
                    "a timestamp, text such as 2026-04-22T13:05:09Z, or numbers with a unit in the mapping"
                },
            )
        }
        ColumnType::Text | ColumnType::LongText => (true, "text"),
        ColumnType::Int => (is_number(data_type) || is_textual(data_type), "whole numbers"),
        ColumnType::Float if in_parts => {
            let is_time = matches!(data_type, DataType::Timestamp(_, _)) || is_textual(data_type);
            (
                is_time || data_type.is_numeric() && unit.is_some(),
                "a timestamp, or numbers with a unit in the mapping",
            )
        }
        ColumnType::Float => {
            let is_length =
                matches!(data_type, DataType::Duration(_) | DataType::Time32(_) | DataType::Time64(_));
            let is_length = is_length && column.takes_unit();
            (data_type.is_numeric() || is_length || is_textual(data_type), "numbers")
        }
        ColumnType::Bool => (is_number(data_type) || is_textual(data_type), "true and false, or 0 and 1"),
        ColumnType::Embedding => {
            let item = match data_type {
                DataType::FixedSizeList(item, _)
                | DataType::List(item)
                | DataType::LargeList(item)
                | DataType::ListView(item)
                | DataType::LargeListView(item) => Some(item.data_type()),
                _ => None,
            };
            let is_list = item.is_some_and(|item| item.is_numeric() || *item == DataType::Null);
            (is_list || is_textual(data_type), "lists of numbers of one length")
        }
    };
    if does || *data_type == DataType::Null { Ok(()) } else { Err(needed) }
}

/// True for text that the Parquet reader checks to be UTF-8.
pub(super) fn is_utf8(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_utf8(value),
        _ => false,
    }
}

/// Source type in words, for the import dialog and errors.
pub(super) fn in_words(data_type: &DataType) -> String {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    };
    match data_type {
        DataType::Dictionary(_, value) => in_words(value),
        other if is_utf8(other) => "text".to_owned(),
        other if is_textual(other) || matches!(other, DataType::FixedSizeBinary(_)) => "bytes".to_owned(),
        other if other.is_integer() => "whole numbers".to_owned(),
        other if other.is_numeric() => "numbers".to_owned(),
        DataType::Boolean => "true and false".to_owned(),
        DataType::Null => "only nulls".to_owned(),
        DataType::Timestamp(u, Some(zone)) => format!("a timestamp in {}, zone {zone}", unit(u)),
        DataType::Timestamp(u, None) => format!("a timestamp in {}, no zone", unit(u)),
        DataType::Date32 | DataType::Date64 => "dates without a time of day".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "times of day".to_owned(),
        DataType::Duration(_) => "lengths of time".to_owned(),
        DataType::FixedSizeList(item, n) => format!("lists of {n} {}", in_words(item.data_type())),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => {
            format!("lists of {}", in_words(item.data_type()))
        }
        DataType::Struct(_) => "a struct".to_owned(),
        DataType::Map(_, _) => "a map".to_owned(),
        other => other.to_string(),
    }
}
