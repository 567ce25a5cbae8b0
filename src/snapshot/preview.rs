//! Sample of rows as they will be read under a mapping, for a person to check before an import.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};

use super::look::FileColumns;
use super::mapping::Origin;
use super::opened::OpenedFiles;
use super::preset::by_name;
use super::preset_folder::taken_of;
use super::problems::{column_problems, rule_problems};
use super::remarks::{dotted_note, notes};
use super::sampled::{Place, counted_rows, places};
use super::streams::with_streams;
use super::tally::{Counted, Tally};
use super::{Column, ColumnType, Mapping, Unit, decimal, latency, probe};
use crate::model::{Cancelled, Micros, Watcher, Zone};

/// Distinct values kept of a column.
const VALUES: usize = 6;
/// Maximum number of characters kept of a value.
const MAX_VALUE_CHARS: usize = 160;
/// Numbers written out of an embedding.
const NUMBERS: usize = 4;

/// Sample of the files under a mapping.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// Canonical columns that the mapping names, and required ones that it does not.
    pub columns: BTreeMap<Column, ColumnPreview>,
    /// Counts of the sampled rows: exchanges, rows left out by rule, rows set aside. `None` where time or
    /// account cannot be read.
    pub rows: Option<Tally>,
    /// Problems that belong to no column, such as a rule without its column.
    pub problems: Vec<String>,
    /// Sentences on choices of the mapping that its user should see.
    pub notes: Vec<String>,
}

/// Sample of one canonical column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnPreview {
    /// First distinct values as they will be read, times in UTC.
    pub values: Vec<String>,
    /// Rows sampled.
    pub sampled: u64,
    /// Rows of them with a value.
    pub present: u64,
    /// Placeholders for a missing value, such as `None`.
    pub placeholders: u64,
    /// Values with bytes that are not UTF-8.
    pub replaced: u64,
    /// Values that cannot be read, by fault.
    pub unread: BTreeMap<String, Counted>,
    /// Problems that prevent an import with this column.
    pub problems: Vec<String>,
    /// Unit in which numbers of the source are plausible times, with the first of them, where the
    /// mapping gives no unit.
    pub unit: Option<(Unit, String)>,
    /// Sentences on sources whose name is also a path into another column, and on a unit that is assumed.
    pub choices: Vec<String>,
}

impl Preview {
    /// True if an import under the mapping can work, as far as the sample shows.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.columns.values().all(|column| column.problems.is_empty())
    }

    /// Number of problems.
    pub fn problem_count(&self) -> usize {
        self.problems.len() + self.columns.values().map(|column| column.problems.len()).sum::<usize>()
    }
}

impl ColumnPreview {
    /// Values that cannot be read, or the lack of any value, in a sentence; `None` where all is well.
    pub fn fault(&self, column: Column) -> Option<String> {
        let kind = kind_in_words(column.kind());
        let unread: u64 = self.unread.values().map(|counted| counted.rows).sum();
        if let Some((fault, counted)) = self.unread.iter().max_by_key(|(_, counted)| counted.rows) {
            let first = counted.first.first();
            let value = first.map_or_else(String::new, |spot| format!("; the first is “{}”", spot.value));
            return Some(match self.present {
                0 => format!("0 of {} sampled values are {kind}: {fault}{value}", self.sampled),
                _ => format!("{unread} of {} sampled values are not {kind}: {fault}{value}", self.sampled),
            });
        }
        let is_empty = self.present == 0 && self.sampled > 0 && self.problems.is_empty();
        is_empty.then(|| match self.placeholders {
            0 => format!("0 of {} sampled rows have a value", self.sampled),
            placeholders => format!(
                "0 of {} sampled rows have a value; {placeholders} have a placeholder such as n/a",
                self.sampled
            ),
        })
    }
}

/// Type of a column's values in words, with its article.
fn kind_in_words(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Time => "a time",
        ColumnType::Text | ColumnType::LongText => "text",
        ColumnType::Int => "a whole number",
        ColumnType::Float => "a number",
        ColumnType::Bool => "true or false",
        ColumnType::Embedding => "a list of numbers of one length",
    }
}

impl OpenedFiles {
    /// Sample of the files under a mapping.
    ///
    /// # Errors
    /// [`Cancelled`], and nothing else: what cannot be read is named in the preview.
    pub fn preview(&self, mapping: &Mapping, watcher: &dyn Watcher) -> Result<Preview, Cancelled> {
        let mut preview = Preview::default();
        if let Err(error) = mapping.check() {
            preview.problems.push(error.to_string());
            return Ok(preview);
        }
        let seen = taken_of(&self.seen, mapping);
        let opened = || seen.iter().map(|file| &file.opened);
        let mapping = with_streams(latency::with_unit_by_name(mapping.clone()), opened());
        let mapping = &decimal::with_marks(mapping, opened());
        let places = places(&seen);
        for column in Column::ALL {
            let problems = column_problems(&seen, mapping, column);
            match mapping.origin(column) {
                Some(origin) => {
                    watcher.check()?;
                    let mut own = of_column(mapping, column, &places);
                    own.unit = plausible_unit(&seen, column, origin);
                    own.choices = origin.columns.iter().filter_map(|name| dotted_note(&seen, name)).collect();
                    if column == Column::LatencyMs {
                        own.choices.extend(latency::note(&by_name(&mapping.preset), &seen, mapping));
                    }
                    own.problems = match (&own.unit, origin.first()) {
                        (Some(_), Some(name)) if !problems.is_empty() => {
                            vec![format!("“{name}” holds numbers, so {} needs a unit", column.name())]
                        }
                        _ => problems,
                    };
                    preview.columns.insert(column, own);
                }
                None if problems.is_empty() => {}
                None => drop(
                    preview.columns.insert(column, ColumnPreview { problems, ..ColumnPreview::default() }),
                ),
            }
        }
        preview.notes = notes(&seen, mapping);
        preview.problems.extend(rule_problems(&seen, mapping));
        watcher.check()?;
        if preview.is_sound() {
            preview
                .problems
                .extend(seen.iter().find_map(|file| probe::unreadable_times(&file.opened, mapping)));
            preview.rows = Some(counted_rows(mapping, &places));
        }
        Ok(preview)
    }

    /// First distinct values of source columns, as text.
    ///
    /// # Errors
    /// [`Cancelled`], and nothing else: a column that cannot be read has no values.
    pub fn values_of(
        &self,
        names: &[String],
        watcher: &dyn Watcher,
    ) -> Result<BTreeMap<String, Vec<String>>, Cancelled> {
        let all: Vec<&FileColumns> = self.seen.iter().collect();
        let mut values = BTreeMap::new();
        for name in names {
            watcher.check()?;
            let having: Vec<&FileColumns> =
                all.iter().filter(|file| file.columns.contains_key(name)).copied().collect();
            // Prompts are read as they stand, without regard to words for a missing value.
            let mut mapping = Mapping::default();
            mapping.set(Column::PromptText, name.clone());
            let column = of_column(&mapping, Column::PromptText, &places(&having));
            values.insert(name.clone(), column.values);
        }
        Ok(values)
    }
}

fn of_column(mapping: &Mapping, column: Column, places: &[Place<'_>]) -> ColumnPreview {
    let mut own = ColumnPreview::default();
    for place in places {
        let reader = place.file.opened.sample(mapping, &[column], (place.group, place.rows), false);
        let Ok(mut reader) = reader else { continue };
        let Some(Ok(batch)) = reader.next() else { continue };
        own.sampled += batch.rows as u64;
        if let Some(Some(array)) = batch.columns.first() {
            own.present += (array.len() - array.null_count()) as u64;
            add_values(&mut own.values, column, array);
        }
        let Some(tally) = reader.tally().columns.get(&column) else { continue };
        own.placeholders += tally.placeholders;
        own.replaced += tally.replaced;
        for (fault, counted) in &tally.unread {
            own.unread.entry(fault.clone()).or_default().merge(counted.clone());
        }
    }
    own
}

/// Sentences on prompts and responses that more than 1 % of the sampled rows lack. Their columns are read after
/// the import, so its counts do not have them.
pub(super) fn missing_texts(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let places = places(seen);
    let texts = [Column::PromptText, Column::ResponseText].into_iter();
    let mapped = texts.filter(|column| mapping.origin(*column).is_some());
    let counted = mapped.map(|column| (column, of_column(mapping, column, &places)));
    let lacking = counted.filter(|(_, own)| 100 * own.present < 99 * own.sampled);
    lacking
        .map(|(column, own)| {
            let missing = own.sampled - own.present;
            format!("{missing} of {} sampled rows have no {}.", own.sampled, column.name())
        })
        .collect()
}

/// Unit in which the numbers of a time column without one are plausible.
fn plausible_unit(seen: &[&FileColumns], column: Column, origin: &Origin) -> Option<(Unit, String)> {
    if origin.unit.is_some() || column.kind() != ColumnType::Time {
        return None;
    }
    let name = origin.first()?;
    seen.iter().find_map(|file| {
        let found = file.get(name)?;
        let (unit, moment) = probe::plausible_unit(&file.opened, &found)?;
        Some((unit, moment_in_words(moment)))
    })
}

/// Adds the first distinct values of an array of a canonical column's type.
fn add_values(values: &mut Vec<String>, column: Column, array: &ArrayRef) {
    for i in (0..array.len()).filter(|&i| array.is_valid(i)) {
        if values.len() >= VALUES {
            return;
        }
        if let Some(value) = value_at(column, array, i).filter(|value| !values.contains(value)) {
            values.push(value);
        }
    }
}

fn value_at(column: Column, array: &ArrayRef, i: usize) -> Option<String> {
    use arrow_schema::DataType;
    Some(match array.data_type() {
        DataType::Int64 if column.kind() == ColumnType::Time => {
            moment_in_words(array.as_primitive::<Int64Type>().value(i))
        }
        DataType::Int64 => array.as_primitive::<Int64Type>().value(i).to_string(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(i).to_string(),
        DataType::Boolean => array.as_boolean().value(i).to_string(),
        DataType::Utf8 => clipped(array.as_string::<i32>().value(i)),
        DataType::Dictionary(_, _) => {
            let texts = array.as_dictionary_opt::<Int32Type>()?;
            clipped(texts.values().as_string_opt::<i32>()?.value(texts.key(i)?))
        }
        DataType::FixedSizeList(_, _) => {
            let vector = array.as_fixed_size_list().value(i);
            let numbers = vector.as_primitive_opt::<Float32Type>()?;
            let first: Vec<String> =
                numbers.values().iter().take(NUMBERS).map(|n| format!("{n:.3}")).collect();
            format!("[{}, …] ({} numbers)", first.join(", "), numbers.len())
        }
        _ => return None,
    })
}

/// A moment in UTC with the fraction of its second, if any.
fn moment_in_words(moment: Micros) -> String {
    Zone::utc().strftime(moment, "%Y-%m-%d %H:%M:%S%.f")
}

fn clipped(text: &str) -> String {
    let mut kept: String = text.chars().take(MAX_VALUE_CHARS).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::snapshot::fixture::{START, accounts, ints, texts, times, write, write_groups};

    fn opened(columns: Vec<(&str, ArrayRef)>) -> (tempfile::TempDir, OpenedFiles) {
        let folder = tempfile::tempdir().unwrap();
        let path = write(&folder.path().join("f.parquet"), columns);
        let opened = OpenedFiles::open(&[("f.parquet".to_owned(), path)]);
        (folder, opened)
    }

    fn preview(opened: &OpenedFiles, toml: &str) -> Preview {
        opened.preview(&Mapping::from_toml(toml).unwrap(), &Silent).unwrap()
    }

    #[test]
    fn each_column_has_its_values_and_its_own_mistakes() {
        let (_folder, opened) = opened(vec![
            ("wann", ints(&[START / 1_000, START / 1_000 + 1, START / 1_000 + 2])),
            ("wer", texts(&["a", "None", "b"])),
            ("wort", texts(&["viel", "3", "4"])),
            ("leer", texts(&["", "-", "null"])),
        ]);
        let found = preview(
            &opened,
            "ts = \"wann\"\naccount_id = \"wer\"\ninput_tokens = \"wort\"\nip = \"nirgends\"",
        );
        let ts = &found.columns[&Column::Ts];
        assert_eq!(ts.problems, ["“wann” holds numbers, so ts needs a unit"]);
        assert_eq!(ts.unit, Some((Unit::Ms, "2026-04-22 13:05:09".to_owned())));
        let who = &found.columns[&Column::AccountId];
        assert_eq!(
            (&who.values[..], who.present, who.placeholders),
            (&["a".to_owned(), "b".to_owned()][..], 2, 1)
        );
        let tokens = found.columns[&Column::InputTokens].fault(Column::InputTokens).unwrap();
        assert!(tokens.starts_with("1 of 3 sampled values are not a whole number"), "{tokens}");
        assert!(tokens.ends_with("the first is “viel”"), "{tokens}");
        assert!(found.columns[&Column::Ip].problems[0].contains("no column “nirgends” for ip"));
        assert!(found.rows.is_none() && !found.is_sound());

        let sound = preview(
            &opened,
            "ts = { column = \"wann\", unit = \"ms\" }\naccount_id = \"wer\"\nip = \"leer\"",
        );
        let rows = sound.rows.clone().unwrap();
        assert_eq!((rows.rows, rows.exchanges, rows.set_aside_rows()), (3, 2, 1));
        let empty = sound.columns[&Column::Ip].fault(Column::Ip).unwrap();
        assert_eq!(empty, "0 of 3 sampled rows have a value; 3 have a placeholder such as n/a");
        assert!(sound.is_sound());
        let times = preview(&opened, "ts = \"wort\"\naccount_id = \"wer\"");
        let fault = times.columns[&Column::Ts].fault(Column::Ts).unwrap();
        assert!(fault.starts_with("0 of 3 sampled values are a time: "), "{fault}");
        assert!(!times.is_sound(), "no time can be read: {:?}", times.problems);
    }

    #[test]
    fn the_sample_is_spread_over_files_and_row_groups_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let columns = vec![("ts", times(3_000)), ("account_id", accounts(3_000))];
            (name.to_owned(), write_groups(&folder.path().join(name), columns, 1_000))
        };
        let files: Vec<_> = (0..9).map(|i| file(&format!("{i}.parquet"))).collect();
        let opened = OpenedFiles::open(&files);
        assert_eq!((opened.len(), opened.rows()), (9, 27_000));
        let found = preview(&opened, "ts = \"ts\"\naccount_id = \"account_id\"");
        let sampled = found.columns[&Column::Ts].sampled;
        assert!((200..=400).contains(&sampled), "{sampled}");
        assert_eq!(found.rows.unwrap().rows, sampled);
    }

    #[test]
    fn columns_that_no_preset_knows_show_what_stands_in_them() {
        let (_folder, opened) = opened(vec![
            ("wort", texts(&["n/a", "x", "x"])),
            ("zahl", ints(&[7, 8, 9])),
            ("json", texts(&["{\"user\": {\"id\": \"u1\"}}", "{}", "{}"])),
        ]);
        let names: Vec<String> =
            opened.proposal().source_columns.iter().map(|(name, _)| name.clone()).collect();
        assert!(names.iter().any(|name| name == "json.user.id"), "{names:?}");
        let values = opened.values_of(&names, &Silent).unwrap();
        assert_eq!(values["wort"], ["n/a", "x"]);
        assert_eq!(values["zahl"], ["7", "8", "9"]);
        assert_eq!(values["json.user.id"], ["u1"]);
    }

    #[test]
    fn a_file_that_is_none_hides_no_other_and_an_explicit_mapping_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let good =
            write(&folder.path().join("a.parquet"), vec![("ts", times(3)), ("account_id", accounts(3))]);
        let bad = folder.path().join("b.parquet");
        std::fs::write(&bad, b"PAR1 cut short").unwrap();
        let opened = OpenedFiles::open(&[("a.parquet".into(), good), ("b.parquet".into(), bad)]);
        assert_eq!((opened.len(), opened.unreadable()[0].name.as_str()), (1, "b.parquet"));
        let proposal = opened.proposal();
        let short = Mapping::from_toml("ts = \"ts\"").unwrap();
        assert_eq!(short.clone().completed(&proposal).source(Column::AccountId), Some("account_id"));
        let explicit = short.explicit(&proposal);
        assert_eq!(explicit.clone().completed(&proposal), explicit);
        assert_eq!(explicit.source(Column::AccountId), None, "what was left out stays out");
    }
}
