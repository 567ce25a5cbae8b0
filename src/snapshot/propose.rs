//! Which preset fits some files, and what stops an import under a mapping.
//!
//! Reads footers only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow::datatypes::DataType;

use super::preset::{self, Preset, PresetColumn};
use super::source::{Found, Source, in_words};
use super::{Column, Mapping, SnapshotError};

/// How many columns a problem names as candidates.
const CANDIDATES: usize = 12;

/// What the presets make of some files, for the import dialog to show and change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingProposal {
    /// The best preset's mapping.
    pub mapping: Mapping,
    /// Every source column of the files, with its type in words, sorted by name; one inside a
    /// struct by its dotted path.
    pub source_columns: Vec<(String, String)>,
    /// What stops an import under this mapping: “no time column …”. Empty when it can go ahead.
    pub problems: Vec<String>,
}

/// Reads the files' footers and proposes a mapping: that of the preset which maps most columns,
/// one that maps time and account before one that does not; `preset` names one to be used and no
/// other.
///
/// # Errors
/// A file that cannot be read or is no Parquet, an unknown preset.
pub fn propose(files: &[(String, PathBuf)], preset: Option<&str>) -> Result<MappingProposal, SnapshotError> {
    let presets =
        match preset {
            None => preset::ALL.to_vec(),
            Some(name) => vec![preset::by_name(name).ok_or_else(|| SnapshotError::UnknownPreset {
                name: name.to_owned(),
                known: preset::names(),
            })?],
        };
    let seen = look(files)?;
    let rank = |mapping: &Mapping| {
        (Column::REQUIRED.iter().all(|&c| mapping.source(c).is_some()), mapping.columns.len())
    };
    let mut best: Option<Mapping> = None;
    for mapping in presets.into_iter().map(|preset| fit(preset, &seen)) {
        if best.as_ref().is_none_or(|best| rank(&mapping) > rank(best)) {
            best = Some(mapping);
        }
    }
    let mapping = best.unwrap_or_default();
    Ok(MappingProposal { problems: stops(&seen, &mapping), source_columns: source_columns(&seen), mapping })
}

/// What stops an import of the files under a mapping, in words; empty when it can go ahead. For a
/// mapping made or changed by hand.
///
/// # Errors
/// A file that cannot be read or is no Parquet; a name in the mapping that is not canonical.
pub fn problems(files: &[(String, PathBuf)], mapping: &Mapping) -> Result<Vec<String>, SnapshotError> {
    mapping.check()?;
    Ok(stops(&look(files)?, mapping))
}

/// The columns of one file.
struct Seen {
    file: String,
    columns: BTreeMap<String, Found>,
}

fn look(files: &[(String, PathBuf)]) -> Result<Vec<Seen>, SnapshotError> {
    let mut seen = Vec::with_capacity(files.len());
    for (name, path) in files {
        let source = Source::open(path, name, false)?;
        let mut columns = BTreeMap::new();
        for column in source.columns() {
            // A name that stands there twice can be mapped to nothing, so it is as good as absent.
            if let Ok(Some(found)) = source.locate(&column, None) {
                columns.insert(column, found);
            }
        }
        seen.push(Seen { file: name.clone(), columns });
    }
    Ok(seen)
}

/// What a preset makes of the files.
fn fit(preset: &Preset, seen: &[Seen]) -> Mapping {
    let mut mapping = Mapping { preset: preset.name.to_owned(), ..Mapping::default() };
    for wanted in preset.columns {
        let Some(source) = choose(preset, wanted, seen) else { continue };
        let name = wanted.column.name().to_owned();
        let has_numbers =
            seen.iter().any(|file| file.columns.get(&source).is_some_and(|f| f.data_type.is_numeric()));
        mapping.units.extend(wanted.unit.filter(|_| has_numbers).map(|unit| (name.clone(), unit)));
        mapping.columns.insert(name, source);
    }
    mapping
}

/// The first of a column's names that fits wherever it stands; one that stands in every file
/// before one that does not.
fn choose(preset: &Preset, wanted: &PresetColumn, seen: &[Seen]) -> Option<String> {
    let fits = |name: &String| {
        let suits = |found: &Found| found.in_unit(wanted.unit).suits(wanted.column).is_ok();
        seen.iter().filter_map(|file| file.columns.get(name)).all(suits)
    };
    let files_with = |name: &String| seen.iter().filter(|file| file.columns.contains_key(name)).count();
    let names = wanted.sources.iter().flat_map(|&source| {
        let inside = preset.structs.iter().map(move |above| format!("{above}.{source}"));
        std::iter::once(source.to_owned()).chain(inside)
    });
    let fitting: Vec<String> = names.filter(|name| files_with(name) > 0 && fits(name)).collect();
    let everywhere = fitting.iter().find(|name| files_with(name) == seen.len());
    everywhere.or(fitting.first()).cloned()
}

fn source_columns(seen: &[Seen]) -> Vec<(String, String)> {
    let mut types: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (name, found) in seen.iter().flat_map(|file| &file.columns) {
        types.entry(name).or_default().insert(in_words(&found.data_type));
    }
    types
        .into_iter()
        .map(|(name, types)| (name.clone(), types.into_iter().collect::<Vec<_>>().join(" or ")))
        .collect()
}

fn stops(seen: &[Seen], mapping: &Mapping) -> Vec<String> {
    let mut problems = Vec::new();
    for column in Column::ALL {
        match mapping.source(column) {
            Some(source) => mapped_wrong(seen, mapping, column, source, &mut problems),
            None if column.is_required() => problems.push(unmapped(seen, column)),
            None => {}
        }
    }
    problems
}

fn mapped_wrong(seen: &[Seen], mapping: &Mapping, column: Column, source: &str, problems: &mut Vec<String>) {
    let mut lacking = Vec::new();
    let mut wrong: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in seen {
        let Some(found) = file.columns.get(source) else {
            lacking.push(file.file.as_str());
            continue;
        };
        let found = found.in_unit(mapping.unit(column));
        if let Err(needed) = found.suits(column) {
            let what = in_words(&found.data_type);
            wrong
                .entry(format!("column “{source}” is {what}, but {} needs {needed}", column.name()))
                .or_default()
                .push(&file.file);
        }
    }
    if !lacking.is_empty() && (column.is_required() || lacking.len() == seen.len()) {
        problems.push(format!("no column “{source}” for {} {}", column.name(), whereabouts(&lacking, seen)));
    }
    problems.extend(wrong.into_iter().map(|(what, files)| format!("{what} {}", whereabouts(&files, seen))));
}

fn whereabouts(files: &[&str], seen: &[Seen]) -> String {
    match files {
        _ if files.len() == seen.len() => "(in any file)".to_owned(),
        [one] => format!("(in {one})"),
        _ => format!("(in {} files, such as {})", files.len(), files.first().unwrap_or(&"")),
    }
}

fn unmapped(seen: &[Seen], column: Column) -> String {
    let (what, name) =
        (if column == Column::Ts { "no time column" } else { "no account column" }, column.name());
    let all = || seen.iter().flat_map(|file| &file.columns);
    // A column that goes by a known name but will not do is what the investigator looks for.
    let known = |source: &String| {
        let called =
            |wanted: &PresetColumn| wanted.column == column && wanted.sources.contains(&source.as_str());
        preset::ALL.iter().flat_map(|preset| preset.columns).any(called)
    };
    let near = all().find_map(|(source, found)| {
        let needed = found.suits(column).err().filter(|_| known(source))?;
        Some(format!(" (“{source}” is {}, but {name} needs {needed})", in_words(&found.data_type)))
    });
    let near = near.unwrap_or_default();

    let is_timestamp = |found: &Found| matches!(found.data_type, DataType::Timestamp(_, _));
    let timestamps_only = column == Column::Ts && all().any(|(_, found)| is_timestamp(found));
    let would_do = |found: &Found| match is_timestamp(found) {
        true => column == Column::Ts,
        false => !timestamps_only && found.suits(column).is_ok(),
    };
    let names: BTreeSet<&str> =
        all().filter(|(_, found)| would_do(found)).map(|(source, _)| source.as_str()).collect();
    let more = if names.len() > CANDIDATES { ", …" } else { "" };
    let list: Vec<&str> = names.into_iter().take(CANDIDATES).collect();
    match list[..] {
        [] => format!("{what}{near}, and no column that could be mapped to {name}"),
        _ => format!("{what}{near}: map one of {}{more} to {name}", list.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, Date32Array, Float64Array, Int64Array, ListBuilder, StringBuilder, StructArray,
        TimestampMillisecondArray,
    };
    use arrow::datatypes::{Field, Int64Type};

    use super::*;
    use crate::snapshot::fixture::{accounts, ints, texts, times, write, write_plain};
    use crate::snapshot::{Unit, read};

    fn of(file: PathBuf) -> MappingProposal {
        propose(&[("f.parquet".into(), file)], None).unwrap()
    }

    /// The proposal's columns as records, for what a preset's file means in the end.
    fn first_row(file: &Path, proposal: &MappingProposal) -> serde_json::Value {
        assert!(proposal.problems.is_empty(), "{:?}", proposal.problems);
        let digest = crate::model::Digest::of(b"");
        let columns: Vec<Column> =
            Column::ALL.into_iter().filter(|c| proposal.mapping.source(*c).is_some()).collect();
        let records =
            crate::snapshot::fetch(file, "f", &proposal.mapping, &[0], digest, Some(&columns)).unwrap();
        serde_json::Value::Object(records[0].columns.clone())
    }

    #[test]
    fn opentelemetry_spans_flat_and_in_a_struct() {
        let dir = tempfile::tempdir().unwrap();
        let mut reasons = ListBuilder::new(StringBuilder::new());
        reasons.append_value([Some("stop"), Some("length")]);
        let reasons: ArrayRef = Arc::new(reasons.finish());
        let attributes = || {
            vec![
                ("enduser.id", texts(&["acct"])),
                ("gen_ai.request.model", texts(&["m"])),
                ("gen_ai.usage.input_tokens", ints(&[12])),
                ("gen_ai.response.finish_reasons", Arc::clone(&reasons)),
                ("client.address", texts(&["192.0.2.1"])),
                ("user_agent.original", texts(&["curl"])),
            ]
        };
        let start = ("start_time_unix_nano", ints(&[1_776_863_109_000_001_999]));
        let mut flat = attributes();
        flat.push(start.clone());
        let flat = write(&dir.path().join("flat.parquet"), flat);
        let fields: Vec<(Arc<Field>, ArrayRef)> = attributes()
            .into_iter()
            .map(|(name, array)| (Arc::new(Field::new(name, array.data_type().clone(), true)), array))
            .collect();
        let nested = vec![("attributes", Arc::new(StructArray::from(fields)) as ArrayRef), start];
        let nested = write(&dir.path().join("nested.parquet"), nested);
        let expected = serde_json::json!({
            "ts": 1_776_863_109_000_001i64, "account_id": "acct", "ip": "192.0.2.1", "user_agent": "curl",
            "model": "m", "input_tokens": 12, "stop_reason": "stop,length",
        });
        for file in [flat, nested] {
            let proposal = of(file.clone());
            assert_eq!(proposal.mapping.preset, "opentelemetry");
            assert_eq!(proposal.mapping.unit(Column::Ts), Some(Unit::Ns));
            assert_eq!(first_row(&file, &proposal), expected);
        }
    }

    #[test]
    fn litellm_spend_log() {
        let dir = tempfile::tempdir().unwrap();
        let start: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![1_776_863_109_123]));
        let file = write(
            &dir.path().join("l.parquet"),
            vec![
                ("request_id", texts(&["r"])),
                ("api_key", texts(&["hash"])),
                ("user", texts(&["u"])),
                ("team_id", texts(&["t"])),
                ("startTime", start),
                ("model", texts(&["m"])),
                ("prompt_tokens", ints(&[3])),
                ("completion_tokens", ints(&[4])),
                ("messages", texts(&["[]"])),
                ("response", texts(&["{}"])),
                ("requester_ip_address", texts(&["192.0.2.1"])),
                ("request_duration_ms", ints(&[250])),
            ],
        );
        let proposal = of(file.clone());
        assert_eq!(proposal.mapping.preset, "litellm");
        assert_eq!(
            first_row(&file, &proposal),
            serde_json::json!({
                "ts": 1_776_863_109_123_000i64, "account_id": "u", "request_id": "r", "api_key_id": "hash",
                "org_id": "t", "ip": "192.0.2.1", "model": "m", "prompt_text": "[]", "response_text": "{}",
                "input_tokens": 3, "output_tokens": 4, "latency_ms": 250.0,
            })
        );
    }

    #[test]
    fn langfuse_observations_with_seconds_and_text_times() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(
            &dir.path().join("o.parquet"),
            vec![
                ("id", texts(&["o"])),
                ("start_time", texts(&["2026-04-22 13:05:09.963000"])),
                ("user_id", texts(&["u"])),
                ("session_id", texts(&["s"])),
                ("provided_model_name", texts(&["m"])),
                ("input", texts(&["in"])),
                ("output", texts(&["out"])),
                ("latency", Arc::new(Float64Array::from(vec![1.5]))),
            ],
        );
        let proposal = of(file.clone());
        assert_eq!(proposal.mapping.preset, "langfuse");
        assert_eq!(
            first_row(&file, &proposal),
            serde_json::json!({
                "ts": 1_776_863_109_963_000i64, "account_id": "u", "request_id": "o", "model": "m",
                "prompt_text": "in", "response_text": "out", "latency_ms": 1500.0, "conversation_id": "s",
            })
        );
    }

    #[test]
    fn helicone_export() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(
            &dir.path().join("h.parquet"),
            vec![
                ("request_id", texts(&["r"])),
                ("request_created_at", texts(&["2026-04-22T13:05:09Z"])),
                ("request_user_id", texts(&["u"])),
                ("request_model", texts(&["m"])),
                ("country_code", texts(&["DE"])),
                ("delay_ms", ints(&[40])),
                ("prompt_tokens", ints(&[1])),
                ("request_body", texts(&["{}"])),
            ],
        );
        let proposal = of(file.clone());
        assert_eq!(proposal.mapping.preset, "helicone");
        let row = first_row(&file, &proposal);
        assert_eq!((row["ts"].as_i64(), &row["country"]), (Some(1_776_863_109_000_000), &"DE".into()));
        assert_eq!(row["latency_ms"], 40.0);
    }

    #[test]
    fn what_stops_an_import_is_said_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let date: ArrayRef = Arc::new(Date32Array::from(vec![1]));
        let file = write(
            &dir.path().join("x.parquet"),
            vec![
                ("when", times(1)),
                ("ts", date),
                ("customer", texts(&["c"])),
                ("score", Arc::new(Float64Array::from(vec![1.0]))),
            ],
        );
        let files = [("x.parquet".to_owned(), file)];
        let proposal = propose(&files, None).unwrap();
        assert_eq!(
            proposal.problems,
            [
                "no time column (“ts” is dates without a time of day, but ts needs a timestamp, text such as \
                 2026-04-22T13:05:09Z, or whole numbers with a unit in the mapping): map one of when to ts",
                "no account column: map one of customer to account_id",
            ]
        );
        assert_eq!(
            proposal.source_columns[3],
            ("when".into(), "a timestamp in microseconds, no zone".into())
        );

        let by_hand = Mapping::from_toml("ts = \"ts\"\naccount_id = \"customer\"\nip = \"adress\"").unwrap();
        let said = problems(&files, &by_hand).unwrap();
        assert!(said[0].starts_with("column “ts” is dates without a time of day, but ts needs a timestamp"));
        assert_eq!(said[1], "no column “adress” for ip (in any file)");
        assert!(matches!(propose(&files, Some("x")), Err(SnapshotError::UnknownPreset { .. })));
    }

    #[test]
    fn files_may_differ_but_all_need_what_is_required() {
        let dir = tempfile::tempdir().unwrap();
        let a = write_plain(&dir.path().join("a.parquet"), 3);
        let b = write(
            &dir.path().join("b.parquet"),
            vec![
                ("ip", texts(&["x"])),
                ("account_id", accounts(1)),
                ("ts", texts(&["2026-04-22T13:05:09Z"])),
            ],
        );
        let c = write(&dir.path().join("c.parquet"), vec![("account_id", accounts(1))]);
        let file = |name: &str, path: &PathBuf| (name.to_owned(), path.clone());
        let proposal = propose(&[file("a", &a), file("b", &b)], None).unwrap();
        assert_eq!(proposal.mapping.preset, "canonical");
        assert_eq!(proposal.problems, [""; 0]);
        assert_eq!(proposal.source_columns[2].1, "a timestamp in microseconds, no zone or text");
        assert!(proposal.mapping.source(Column::Ip).is_some());
        let proposal = propose(&[file("a", &a), file("c", &c)], None).unwrap();
        assert_eq!(proposal.problems, ["no column “ts” for ts (in c)"]);
    }

    #[test]
    fn whole_numbers_are_times_in_their_unit_only() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(
            &dir.path().join("n.parquet"),
            vec![
                ("created", Arc::new(Int64Array::from(vec![1_776_863_109_123])) as ArrayRef),
                ("user", texts(&["u"])),
            ],
        );
        let files = [("n".to_owned(), file.clone())];
        let bare = Mapping::from_toml("ts = \"created\"\naccount_id = \"user\"").unwrap();
        assert!(problems(&files, &bare).unwrap()[0].contains("whole numbers with a unit in the mapping"));
        let unit = Mapping::from_toml("ts = { column = \"created\", unit = \"ms\" }\naccount_id = \"user\"")
            .unwrap();
        assert!(problems(&files, &unit).unwrap().is_empty());
        let batch = read(&file, "n", &unit, &[Column::Ts], None).unwrap().next().unwrap().unwrap();
        let ts = batch.columns[0].as_ref().unwrap();
        assert_eq!(arrow::array::AsArray::as_primitive::<Int64Type>(ts).value(0), 1_776_863_109_123_000);
    }
}
