//! Text files read through the same calls as Parquet.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_cast::cast;
use arrow_schema::DataType;
use proptest::prelude::*;

use crate::model::Digest;
use crate::snapshot::fixture::{START, canonical};
use crate::snapshot::{
    Batch, Column, File, Mapping, Piece, Reader, SnapshotError, Tally, Unit, fetch, find_all,
    from_source_row, pieces, propose, source_rows,
};

/// 2026-04-22T13:05:09Z and later, as JSON text.
fn moment(i: usize) -> String {
    format!("2026-04-22T13:05:{:02}.{:03}Z", 9 + i / 1_000, i % 1_000)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn texts(batch: &Batch, column: usize) -> Vec<Option<String>> {
    let array = cast(batch.columns[column].as_ref().unwrap(), &DataType::Utf8).unwrap();
    array.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

/// Texts of the last column, with the counts.
fn read_texts(path: &Path, mapping: &Mapping, columns: &[Column]) -> (Vec<Option<String>>, Tally) {
    let file = File::open(path, path.file_name().unwrap().to_str().unwrap()).unwrap();
    let mut reader: Reader = file.read(mapping, columns, None).unwrap();
    let found = reader.by_ref().flat_map(|batch| texts(&batch.unwrap(), columns.len() - 1)).collect();
    (found, reader.tally().clone())
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

const JSON: &str = r#"{"ts":"2026-04-22T13:05:09Z","account_id":"a","prompt_text":"Hé \"x\"","input_tokens":7,"is_stream":true}
{"ts":"2026-04-22T13:05:10Z","account_id":41,"prompt_text":[{"role":"user","content":"Hello"}],"input_tokens":"many"}

{"ts":"2026-04-22T13:05:11Z","account_id":12.0,"prompt_text":null,"latency_ms":NaN}
{"ts":"2026-04-22T13:05
{"input_tokens":9,"account_id":"b","ts":"2026-04-22T13:05:12Z","prompt_text":"\ud800","model":{"name":"m"}}"#;

#[test]
fn lines_are_rows_whatever_their_shape_and_compression() {
    let dir = tempfile::tempdir().unwrap();
    let zstd = zstd::encode_all(JSON.as_bytes(), 1).unwrap();
    for bytes in [JSON.as_bytes().to_vec(), gzip(JSON.as_bytes()), zstd] {
        let path = written(dir.path(), "log.jsonl", &bytes);
        let columns = [Column::Ts, Column::AccountId, Column::InputTokens, Column::PromptText];
        let (prompts, tally) = read_texts(&path, &canonical(), &columns);
        assert_eq!(prompts[..2], [Some("Hé \"x\"".to_owned()), Some("Hello".to_owned())]);
        assert_eq!((prompts.len(), prompts[5].as_deref()), (6, Some("\u{fffd}\u{fffd}\u{fffd}")));
        assert_eq!((tally.rows, tally.exchanges), (6, 4));
        assert_eq!(tally.filtered["a blank line"], 1);
        let torn = &tally.set_aside["a line that is not a JSON object"];
        assert_eq!((torn.rows, torn.first[0].row, torn.first[0].line), (1, 4, Some(5)));
        assert_eq!(torn.first[0].to_string(), "log.jsonl line 5");
        let unread = &tally.columns[&Column::InputTokens].unread["not a whole number"];
        assert_eq!((unread.rows, unread.first[0].value.as_str()), (1, "many"));
        assert_eq!(tally.columns[&Column::PromptText].replaced, 1);
        let (accounts, _) = read_texts(&path, &canonical(), &[Column::AccountId]);
        let accounts: Vec<&str> = accounts.iter().flatten().map(String::as_str).collect();
        assert_eq!(accounts, ["a", "41", "12", "b"]);
        let mut nested = canonical();
        nested.set(Column::Model, "model.name");
        assert_eq!(read_texts(&path, &nested, &[Column::Model]).0[5].as_deref(), Some("m"));
    }
}

#[test]
fn csv_of_every_delimiter_with_line_breaks_in_fields() {
    let dir = tempfile::tempdir().unwrap();
    for delimiter in [',', ';', '\t', '|'] {
        let text = "\u{feff}ts,account_id,prompt_text,input_tokens\r\n\
             2026-04-22T13:05:09Z,007,\"two\nlines, \"\"quoted\"\"\",5\r\n\
             \r\n\
             2026-04-22T13:05:10Z,b,plain,6\n\
             2026-04-22T13:05:11Z,too,few\n\
             2026-04-22T13:05:12Z,c,,"
            .replace(',', &delimiter.to_string());
        let path = written(dir.path(), "log.csv", text.as_bytes());
        let columns = [Column::Ts, Column::AccountId, Column::PromptText];
        let (prompts, tally) = read_texts(&path, &canonical(), &columns);
        let first = "two\nlines, \"quoted\"".replace(',', &delimiter.to_string());
        assert_eq!(prompts, [Some(first), Some("plain".to_owned()), None, None], "{delimiter:?}");
        assert_eq!(read_texts(&path, &canonical(), &[Column::AccountId]).0[0].as_deref(), Some("007"));
        let torn = &tally.set_aside["a record with another number of fields than the header"];
        assert_eq!((torn.rows, torn.first[0].row, torn.first[0].line), (1, 2, Some(6)));
        assert_eq!(tally.exchanges, 3);
    }
    let bad = b"ts,account_id,user_agent\n2026-04-22T13:05:09Z,a,x\xff\n";
    let path = written(dir.path(), "bad.csv", bad);
    let (agents, tally) = read_texts(&path, &canonical(), &[Column::UserAgent]);
    assert_eq!((agents, tally.columns[&Column::UserAgent].replaced), (some(&["x\\xFF"]), 1));
}

/// A file of several groups of rows.
fn many(folder: &Path, name: &str, rows: usize) -> (PathBuf, Vec<u8>) {
    let line = |i: usize| {
        let (ts, account) = (moment(i), i % 3);
        format!("{{\"ts\":\"{ts}\",\"account_id\":\"a{account}\",\"prompt_text\":\"prompt {i}\"}}\n")
    };
    let bytes: Vec<u8> = (0..rows).flat_map(|i| line(i).into_bytes()).collect();
    (written(folder, name, &bytes), bytes)
}

#[test]
fn single_rows_are_fetched_from_any_group_and_compression() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = many(dir.path(), "log.jsonl", 40_000);
    let groups = File::open(&path, "log.jsonl").unwrap().row_groups();
    assert_eq!(groups, [16_384, 16_384, 7_232]);
    let packed = written(dir.path(), "log.jsonl.gz", &gzip(&bytes));
    assert_eq!(File::open(&packed, "log.jsonl.gz").unwrap().row_groups(), [40_000]);
    for path in [path, packed] {
        let asked = [0, 16_383, 16_384, 39_999];
        let records = fetch(&path, "f", &canonical(), &asked, Digest::of(b""), None).unwrap();
        for (record, row) in records.iter().zip(asked) {
            assert_eq!(record.text("prompt_text"), Some(format!("prompt {row}").as_str()));
            assert_eq!(record.columns["ts"], START + row as i64 * 1_000);
        }
        let beyond = fetch(&path, "f", &canonical(), &[40_000], Digest::of(b""), None);
        assert!(matches!(beyond, Err(SnapshotError::OutOfRange { has: 40_000, .. })));
        let (all, tally) = read_texts(&path, &canonical(), &[Column::PromptText]);
        assert_eq!((all.len(), all[33_333].as_deref()), (40_000, Some("prompt 33333")));
        assert_eq!(tally.rows, 40_000);
    }
}

#[test]
fn the_record_of_a_line_is_its_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let lines = "{\"account_id\":\"a\",  \"ts\":1}\r\n{\"account_id\":\"\u{e9}\"}\n";
    let path = written(dir.path(), "log.jsonl", lines.as_bytes());
    let mut mapping = canonical();
    mapping.columns.get_mut("ts").unwrap().unit = Some(Unit::S);
    let rows = source_rows(&path, "log.jsonl", &mapping, &[0, 1]).unwrap();
    let line = "{\"account_id\":\"a\",  \"ts\":1}";
    // The rule of `record_hash`, by hand.
    let hashed = format!("stillhunt-record-1\n{{1:s4:lines{}:{line}", line.len());
    assert_eq!(rows[0].1.sha256, Digest::of(hashed.as_bytes()));
    let batch = from_source_row(&rows[1].1).unwrap();
    assert!(super::is_line_record(&batch.schema()));
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "{\"account_id\":\"\u{e9}\"}");
    let path = written(dir.path(), "log.csv", b"ts,account_id\n1,\"a\nb\"\n2,\xff\n");
    let rows = source_rows(&path, "log.csv", &mapping, &[0, 1]).unwrap();
    let hashed = "stillhunt-record-1\n{2:s6:headers13:ts,account_ids4:lines7:1,\"a\nb\"";
    assert_eq!(rows[0].1.sha256, Digest::of(hashed.as_bytes()));
    let batch = from_source_row(&rows[1].1).unwrap();
    assert_eq!(batch.column(1).as_binary::<i32>().value(0), b"2,\xff");
}

#[test]
fn a_truncated_file_is_read_up_to_its_end_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let (_, bytes) = many(dir.path(), "log.jsonl", 3_000);
    let gzip = gzip(&bytes);
    let zstd = zstd::encode_all(&bytes[..], 1).unwrap();
    for (name, whole) in [("log.jsonl.gz", gzip), ("log.jsonl.zst", zstd)] {
        let path = written(dir.path(), name, &whole[..whole.len() - 20]);
        let file = File::open(&path, name).unwrap();
        let rows = file.rows();
        assert!((1..=3_001).contains(&rows), "{rows}");
        let (mut whole, mut left_out) = (0, Vec::new());
        let mapping = canonical();
        for piece in pieces(&file, &mapping, &[Column::Ts, Column::AccountId], None).unwrap() {
            match piece.unwrap() {
                Piece::Whole(batch) => whole += batch.rows as u64,
                Piece::Patched(_, places) | Piece::LeftOut(places) => left_out.extend(places),
            }
        }
        assert_eq!(whole, rows - 1);
        assert!(left_out.iter().all(|place| place.rows == (rows - 1..rows)), "{left_out:?}");
        assert_eq!(left_out.len(), 1);
        assert!(left_out[0].column.starts_with("rest of the file"));
        let error = file.read(&mapping, &[Column::Ts], None).unwrap().find_map(Result::err).unwrap();
        assert!(error.to_string().contains("compressed data"), "{error}");
        assert!(fetch(&path, name, &mapping, &[rows - 1], Digest::of(b""), None).is_err());
    }
}

#[test]
fn a_decompression_bomb_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    // Frames of a run of blanks: 2 GiB from a few hundred kilobytes.
    let frame = zstd::encode_all(std::io::Read::take(std::io::repeat(b' '), 256 << 20), 1).unwrap();
    let mut bytes =
        zstd::encode_all(&b"{\"ts\":\"2026-04-22T13:05:09Z\",\"account_id\":\"a\"}\n"[..], 1).unwrap();
    (0..8).for_each(|_| bytes.extend_from_slice(&frame));
    let path = written(dir.path(), "bomb.jsonl.zst", &bytes);
    let file = File::open(&path, "bomb").unwrap();
    assert_eq!(file.rows(), 2);
    let mapping = canonical();
    let error = file.read(&mapping, &[Column::AccountId], None).unwrap().find_map(Result::err).unwrap();
    assert!(error.to_string().contains("decompression bomb"), "{error}");
}

#[test]
fn folders_of_lines_are_found_by_ending_or_first_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let json = b"{\"ts\":1,\"account_id\":\"a\"}\n";
    let csv = b"ts,account_id\n1,a\n";
    for (name, bytes) in [
        ("a.jsonl", &json[..]),
        ("b.ndjson.gz", &gzip(json)),
        ("c.csv", csv),
        ("d", json),
        ("day=1/e", csv),
        ("f.log", json),
        ("g.json", b"[{\"ts\":1},{\"ts\":2}]"),
        ("notes.txt", b"hello, world\n"),
        ("h.csv", b"\0\x01\x02"),
        ("_SUCCESS", b""),
        ("i.jsonl.tmp", json),
    ] {
        written(dir.path(), name, bytes);
    }
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    let names: Vec<&str> = found.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.jsonl", "b.ndjson.gz", "c.csv", "d", "day=1/e", "f.log", "g.json"]);
    assert_eq!(found.left_out.len(), 4);
    crate::snapshot::fixture::write_plain(&dir.path().join("x.parquet"), 3);
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    let names: Vec<&str> = found.files.iter().map(|(name, _)| name.as_str()).collect();
    let with_its_columns = ["a.jsonl", "b.ndjson.gz", "c.csv", "d", "day=1/e", "f.log", "x.parquet"];
    assert_eq!(names, with_its_columns, "text beside Parquet is read where it has its columns");
    assert!(found.left_out.iter().any(|left| left.reason.contains("among Parquet")));
    written(dir.path(), "x.csv", csv);
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    assert!(found.files.iter().all(|(name, _)| name != "x.csv"), "a copy of the Parquet file");
}

#[test]
fn a_log_is_known_though_its_first_line_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let line =
        |account: usize| format!("{{\"ts\":\"2026-04-22T13:05:09Z\",\"account_id\":\"a{account}\"}}\n");
    let lines: String = (0..9).map(line).collect();
    for first in ["# started", "<html>", "\u{1b}[32mstarted", "a,b,c", "\"hello\"", "[\"a\"]", "INFO up"] {
        let path = written(dir.path(), "f.jsonl", format!("{first}\n{lines}").as_bytes());
        let found = find_all(&[dir.path().to_owned()]).unwrap();
        assert_eq!(found.files.len(), 1, "{first}: {:?}", found.left_out);
        let file = File::open(&path, "f.jsonl").unwrap();
        let mut reader = file.read(&canonical(), &[Column::AccountId], None).unwrap();
        reader.by_ref().for_each(|batch| drop(batch.unwrap()));
        let tally = reader.tally();
        assert_eq!((tally.exchanges, tally.set_aside_rows()), (9, 1), "{first}");
    }
}

#[test]
fn a_file_that_is_called_a_log_and_is_none_is_not_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), "a.jsonl", b"{\"ts\":1,\"account_id\":\"a\"}\n");
    written(dir.path(), "b.jsonl", b"<html><body>Too many requests</body></html>\n");
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    assert_eq!(found.files.len(), 2, "{:?}", found.left_out);
    assert!(File::open(&found.files[1].1, "b.jsonl").is_err());
}

#[test]
fn presets_fit_lines_as_they_fit_parquet() {
    let dir = tempfile::tempdir().unwrap();
    let payload =
        r#"{"id":"r","startTime":1776863109.25,"endTime":1776863110.5,"response_time":1.25,"model":"m",
        "messages":[{"role":"user","content":"Hello"}],"response":{"choices":[{"message":{"content":"Hi"}}]},
        "metadata":{"user_api_key_user_id":"u"},"prompt_tokens":3,"completion_tokens":4}"#
            .replace('\n', "");
    let path = written(dir.path(), "log.jsonl", payload.as_bytes());
    let files = [("log.jsonl".to_owned(), path.clone())];
    let proposal = propose(&files, None).unwrap();
    assert_eq!(proposal.problems, Vec::<String>::new());
    let mapping = proposal.mapping;
    assert_eq!(mapping.source(Column::AccountId), Some("metadata.user_api_key_user_id"));
    assert_eq!(mapping.unit(Column::Ts), Some(Unit::S));
    let record = fetch(&path, "log.jsonl", &mapping, &[0], Digest::of(b""), None).unwrap().remove(0);
    assert_eq!(record.columns["ts"], START + 250_000);
    assert_eq!(record.columns["latency_ms"], 1_250.0);
    let text = |column| record.text(column);
    assert_eq!((text("prompt_text"), text("response_text")), (Some("Hello"), Some("Hi")));
    let bare = written(dir.path(), "bare.csv", b"ts,account_id\n1776863109,a\n");
    let proposal = propose(&[("bare.csv".to_owned(), bare.clone())], None).unwrap();
    assert_eq!((proposal.problems.len(), proposal.mapping.unit(Column::Ts)), (0, Some(Unit::S)));
    assert!(proposal.notes[0].contains("1776863109 are read in s"), "{:?}", proposal.notes);
    let mut mapping = canonical();
    mapping.columns.get_mut("ts").unwrap().unit = Some(Unit::S);
    let batch = File::open(&bare, "f").unwrap().read(&mapping, &[Column::Ts], None).unwrap().next().unwrap();
    assert_eq!(batch.unwrap().columns[0].as_ref().unwrap().as_primitive::<Int64Type>().values(), &[START]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Any text, cut anywhere, is read to its end: every row is in one piece, and single rows are those
    /// of the whole reading.
    #[test]
    fn any_text_is_read_to_its_end(
        parts in proptest::collection::vec(prop::sample::select(vec![
            "{\"ts\":\"2026-04-22T13:05:09Z\",\"account_id\":\"a\"}", "\n", "\r\n", "{", "}", "[", "]", "\"", "\\", ",",
            "ts,account_id\n", "2026-04-22T13:05:09Z,a\n", "\"a\n\"\"", "\u{feff}", "\0", "NaN", "{\"a\":", "é", "\\ud800",
        ]), 1..24),
        packed in any::<bool>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let bytes = parts.concat().into_bytes();
        let bytes = if packed { gzip(&bytes) } else { bytes };
        let bytes = &bytes[..bytes.len() - cut.index(bytes.len()) / 2];
        let path = written(dir.path(), "log", bytes);
        let Ok(file) = File::open(&path, "log") else { return Ok(()) };
        let mapping = canonical();
        let Ok(pieces) = pieces(&file, &mapping, &[Column::PromptText, Column::AccountId], None) else { return Ok(()) };
        let (mut rows, mut accounts) = (0, Vec::new());
        for piece in pieces {
            match piece.unwrap() {
                Piece::Whole(batch) => {
                    accounts.extend((rows..).zip(texts(&batch, 1)));
                    rows += batch.rows as u64;
                }
                Piece::Patched(batch, _) => rows += batch.rows as u64,
                Piece::LeftOut(places) => rows += places[0].rows.end - places[0].rows.start,
            }
        }
        prop_assert_eq!(rows, file.rows());
        for (row, account) in accounts.into_iter().filter(|(_, account)| account.is_some()) {
            let record = fetch(&path, "log", &mapping, &[row], Digest::of(b""), None).unwrap().remove(0);
            prop_assert_eq!(record.text("account_id"), account.as_deref());
            prop_assert!(source_rows(&path, "log", &mapping, &[row]).is_ok());
        }
    }
}

#[test]
fn tables_in_json_have_their_rows_as_rows() {
    let dir = tempfile::tempdir().unwrap();
    let documents = [
        (
            "log_analytics",
            r#"{"tables":[{"name":"P","columns":[{"name":"ts","type":"datetime"},{"name":"account_id"},{"name":"prompt_text"}],"rows":[["2026-04-22T13:05:09Z","a","x, \"y\""],["2026-04-22T13:05:10Z","b",null],["2026-04-22T13:05:11Z","c"]]}]}"#,
        ),
        (
            "clickhouse",
            "{\n \"meta\": [\n {\"name\":\"ts\"},{\"name\":\"account_id\"},{\"name\":\"prompt_text\"}],\n \"data\": [\n [\"2026-04-22 13:05:09\",\"a\",\"x, \\\"y\\\"\"],\n [\"2026-04-22 13:05:10\",\"b\",null],\n [1]\n ], \"rows\": 3, \"statistics\": {\"elapsed\": 1}}",
        ),
        (
            "bigquery",
            r#"{"kind":"k","schema":{"fields":[{"name":"ts"},{"name":"account_id"},{"name":"prompt_text"}]},"jobReference":{"projectId":"p"},"totalRows":"3","rows":[{"f":[{"v":"2026-04-22T13:05:09Z"},{"v":"a"},{"v":"x, \"y\""}]},{"f":[{"v":"2026-04-22T13:05:10Z"},{"v":"b"},{"v":null}]},{"f":[]}]}"#,
        ),
    ];
    for (name, text) in documents {
        let path = written(dir.path(), &format!("{name}.json"), text.as_bytes());
        let columns = [Column::Ts, Column::AccountId, Column::PromptText];
        let (prompts, tally) = read_texts(&path, &canonical(), &columns);
        assert_eq!(prompts, [Some("x, \"y\"".to_owned()), None, None], "{name}");
        let (accounts, _) = read_texts(&path, &canonical(), &columns[..2]);
        assert_eq!(accounts, [Some("a".to_owned()), Some("b".to_owned()), None], "{name}");
        assert_eq!(tally.set_aside["a row with another number of values than columns"].rows, 1, "{name}");
    }
}

#[test]
fn a_document_with_a_list_inside_is_no_row() {
    let dir = tempfile::tempdir().unwrap();
    let open = |text: &str| {
        let path = written(dir.path(), "document.json", text.as_bytes());
        File::open(&path, "document.json").map(|file| file.rows()).map_err(|error| error.to_string())
    };
    let loki = r#"{"status":"success","data":{"result":[{"stream":{"tenant":"a"},"values":[["1","x"],["2","y"]]}]}}"#;
    let error = open(loki).unwrap_err();
    for word in ["data.result", "(1 items)", "--rows-at", "rows_at", "jq"] {
        assert!(error.contains(word), "{error}");
    }
    let two = r#"{"calls":[{"at":1},{"at":2},{"at":3}],"errors_seen":[{"at":1},{"at":2}]}"#;
    assert!(open(two).unwrap_err().contains("calls (3 items)"));
    let har = r#"{"log":{"version":"1.2","creator":{"name":"p"},"pages":[{"startedDateTime":1},{"startedDateTime":2}],"entries":[{"startedDateTime":1},{"startedDateTime":2},{"startedDateTime":3}]}}"#;
    assert_eq!(open(har), Ok(3));
    assert_eq!(open(r#"{"tenant":"x","export":{"calls":[{"time":1},{"time":2}]}}"#), Ok(2));
    let one = r#"{"ts":1,"request":{"messages":[{"role":"user"},{"role":"assistant"}]},"scores":[1,2,3]}"#;
    assert_eq!(open(one), Ok(1));
    assert_eq!(open(&format!("{loki}\n{loki}\n")), Ok(2), "rows with lists, one a line");
}

#[test]
fn a_block_of_a_dump_ends_before_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let dump = "SET x = 1;\n\nCOPY public.calls (ts, account_id, prompt_text) FROM stdin;\n\
                2026-04-22 13:05:09+00\ta\ttwo\\nlines\n2026-04-22 13:05:10+00\tb\t\\N\n\\.\n\n\
                ALTER TABLE x;\nSELECT 1;\n";
    let path = written(dir.path(), "dump.sql", dump.as_bytes());
    let columns = [Column::Ts, Column::AccountId, Column::PromptText];
    let (prompts, tally) = read_texts(&path, &canonical(), &columns);
    assert_eq!(prompts[..2], [Some("two\nlines".to_owned()), None]);
    assert_eq!((tally.exchanges, tally.set_aside.len()), (2, 0), "{tally:?}");
    assert_eq!(tally.filtered["a line behind the end of the COPY block"], 3);
    let log = "#Version: 1.0\n#Fields: date time cs-username\n2026-04-22 13:05:09 a\n2026-04-22 13:05:10 b\n";
    let path = written(dir.path(), "ex.log", log.as_bytes());
    let mapping =
        Mapping::from_toml("ts = { column = \"date\", time = \"time\" }\naccount_id = \"cs-username\"");
    let (accounts, tally) = read_texts(&path, &mapping.unwrap(), &[Column::Ts, Column::AccountId]);
    assert_eq!((accounts, tally.exchanges), (some(&["a", "b"]), 2));
    // The server was started again.
    let path = written(dir.path(), "again.log", format!("{log}{log}").as_bytes());
    let mapping =
        Mapping::from_toml("ts = { column = \"date\", time = \"time\" }\naccount_id = \"cs-username\"");
    let (_, tally) = read_texts(&path, &mapping.unwrap(), &[Column::Ts, Column::AccountId]);
    assert_eq!((tally.exchanges, tally.set_aside.len()), (4, 0));
    assert_eq!(tally.filtered["a line that begins with #, as servers write at their start"], 2);
    // It was told to write other columns.
    let other = format!("{log}#Fields: date time cs-method\n2026-04-22 13:05:11 GET\n");
    let path = written(dir.path(), "other.log", other.as_bytes());
    let error = File::open(&path, "other.log").map(|file| file.rows()).unwrap_err().to_string();
    assert!(error.contains("line 5 names other columns") && error.contains("part it there"), "{error}");
}

#[test]
fn values_with_their_types_around_them_are_the_values() {
    let dir = tempfile::tempdir().unwrap();
    let text = "{\"ts\":{\"$date\":\"2026-04-22T13:05:09Z\"},\"account_id\":{\"$oid\":\"0ab\"},\"input_tokens\":{\"$numberLong\":\"7\"}}\n\
                {\"ts\":{\"$date\":\"2026-04-22T13:05:10Z\"},\"account_id\":{\"$other\":\"0ab\"},\"input_tokens\":8}\n";
    let path = written(dir.path(), "mongo.jsonl", text.as_bytes());
    let (accounts, tally) = read_texts(&path, &canonical(), &[Column::Ts, Column::AccountId]);
    assert_eq!((accounts, tally.exchanges), (some(&["0ab", "{\"$other\":\"0ab\"}"]), 2));
    assert_eq!(read_texts(&path, &canonical(), &[Column::InputTokens]).0, some(&["7", "8"]));
}
