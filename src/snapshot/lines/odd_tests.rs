//! Text files that begin or end with something else than records, read through the same calls as others.

use std::path::{Path, PathBuf};

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_cast::cast;
use arrow_schema::DataType;

use super::{Encoding, choose_encoding};
use crate::model::Digest;
use crate::snapshot::fixture::canonical;
use crate::snapshot::{
    Column, File, FoundFiles, Mapping, MappingProposal, RowLayout, Tally, fetch, find_all, propose,
    source_rows,
};

const TABLE: &str = "ts,account_id,prompt_text\n2026-04-22T13:05:09Z,a,Hé\n2026-04-22T13:05:10Z,b,\"x, y\"\n";

pub(super) fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Accounts and prompts of the exchanges of a file, with the counts.
pub(super) fn exchanges(path: &Path, mapping: &Mapping) -> (Vec<(String, String)>, Tally) {
    let file = File::open(path, path.file_name().unwrap().to_str().unwrap()).unwrap();
    let columns = [Column::Ts, Column::AccountId, Column::PromptText];
    let mut reader = file.read(mapping, &columns, None).unwrap();
    let mut found = Vec::new();
    for batch in reader.by_ref() {
        let batch = batch.unwrap();
        let text = |at: usize| cast(batch.columns[at].as_ref().unwrap(), &DataType::Utf8).unwrap();
        let (accounts, prompts) = (text(1), text(2));
        let (accounts, prompts) = (accounts.as_string::<i32>(), prompts.as_string::<i32>());
        let rows = (0..batch.rows).filter(|&i| accounts.is_valid(i));
        found.extend(rows.map(|i| (accounts.value(i).to_owned(), prompts.value(i).to_owned())));
    }
    (found, reader.tally().clone())
}

fn is_table(path: &Path) -> Tally {
    let (found, tally) = exchanges(path, &canonical());
    let expected = [("a", "Hé"), ("b", "x, y")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(found, expected, "{}", path.display());
    tally
}

pub(super) fn proposed(path: &Path) -> MappingProposal {
    propose(&[(path.file_name().unwrap().to_str().unwrap().to_owned(), path.to_owned())], None).unwrap()
}

#[test]
fn titles_separators_and_marks_before_the_names_of_columns() {
    let dir = tempfile::tempdir().unwrap();
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = format!("\u{feff}{TABLE}");
    for (name, bytes) in [
        ("title.csv", format!("Usage, April 2026\nmade 2026-05-01\n\n{TABLE}").into_bytes()),
        ("wide.csv", format!("Usage,,\n{TABLE}").into_bytes()),
        ("sep.csv", format!("sep=,\r\n{TABLE}").into_bytes()),
        ("mark-sep.csv", format!("\u{feff}sep=,\r\n{TABLE}").into_bytes()),
        ("mark.csv", marked.clone().into_bytes()),
        ("little.csv", utf16(&marked, false)),
        ("big.csv", utf16(&marked, true)),
        ("bare.csv", utf16(TABLE, false)),
        ("titled-16.csv", utf16(&format!("\u{feff}Usage\n{TABLE}"), false)),
    ] {
        let path = written(dir.path(), name, bytes);
        let tally = is_table(&path);
        assert_eq!((tally.rows, tally.set_aside_rows()), (2, 0), "{name}");
        let record = fetch(&path, name, &canonical(), &[1], Digest::of(b""), None).unwrap().remove(0);
        assert_eq!(record.text("prompt_text"), Some("x, y"), "{name}");
        assert_eq!(source_rows(&path, name, &canonical(), &[0, 1]).unwrap().len(), 2);
    }
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    assert_eq!((found.files.len(), found.left_out.len()), (9, 0));
    written(dir.path(), "MANIFEST", format!("made 2026-05-01\n{TABLE}"));
    assert_eq!(find_all(&[dir.path().to_owned()]).unwrap().left_out.len(), 1, "only where its name says CSV");
    let notes = proposed(&dir.path().join("title.csv")).notes;
    assert!(notes[0].starts_with("2 lines above the names of the columns"), "{notes:?}");
}

#[test]
fn sums_below_the_records_are_no_rows() {
    let dir = tempfile::tempdir().unwrap();
    for (at, end) in ["Total,,\n", "\n(2 rows)\n", "Total: 2\n\n2 rows selected.\n"].iter().enumerate() {
        let tally = is_table(&written(dir.path(), &format!("{at}.csv"), format!("{TABLE}{end}")));
        assert_eq!(tally.set_aside_rows(), 0, "{end}");
        assert!(tally.filtered["a sum below the last record"] >= 1);
    }
    let twice = TABLE.replace("\n2026-04-22T13:05:10Z", "\nts,account_id,prompt_text\n2026-04-22T13:05:10Z");
    let tally = is_table(&written(dir.path(), "twice.csv", twice));
    assert_eq!((tally.set_aside_rows(), tally.filtered["the names of the columns once more"]), (0, 1));
    let ended = TABLE.replace("Hé\n", "Hé,\n").replace("\"x, y\"\n", "\"x, y\",\n");
    assert_eq!(
        is_table(&written(dir.path(), "ended.csv", ended)).set_aside_rows(),
        0,
        "a delimiter at the end"
    );
    // In the middle of a file such a row is one that cannot be read.
    let middle = TABLE.replace("\n2026-04-22T13:05:10Z", "\nTotal,,\n2026-04-22T13:05:10Z");
    assert_eq!(is_table(&written(dir.path(), "middle.csv", middle)).set_aside_rows(), 1);
}

#[test]
fn parts_without_names_have_those_of_another_part_if_all_columns_agree() {
    let dir = tempfile::tempdir().unwrap();
    let rest = TABLE.split_once('\n').unwrap().1;
    written(dir.path(), "part-0.csv", TABLE);
    let part = written(dir.path(), "part-1.csv", rest);
    is_table(&part);
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    assert_eq!((found.files.len(), found.left_out.len()), (2, 0));
    let layout = File::open(&part, "part-1.csv").unwrap().layout();
    assert!(matches!(&layout, RowLayout::Csv { names, .. } if names == &["ts", "account_id", "prompt_text"]));
    let notes = propose(&found.files, None).unwrap().notes;
    assert!(notes[0].starts_with("1 file without names of columns, such as part-1.csv"), "{notes:?}");
    // Alone, or beside one with other columns, a part is refused, and not left out in silence.
    std::fs::remove_file(dir.path().join("part-0.csv")).unwrap();
    let error = |path: &Path| File::open(path, "part-1.csv").err().unwrap().to_string();
    assert!(error(&part).contains("names the columns"), "{}", error(&part));
    assert_eq!(find_all(&[dir.path().to_owned()]).unwrap().files.len(), 1);
    written(dir.path(), "part-0.csv", "account_id,ts,prompt_text\na,2026-04-22T13:05:09Z,Hi\n");
    assert!(error(&part).contains("names the columns"));
    // The sealed copy keeps the names, wherever it is.
    let alone = tempfile::tempdir().unwrap();
    let copy = written(alone.path(), "part-1.csv", rest);
    assert_eq!(File::open_sealed(&copy, "part-1.csv", Some(&layout), false).unwrap().rows(), 2);
    // Names alone may stand in a file of their own.
    written(alone.path(), "names.csv", "ts,account_id,prompt_text\n");
    is_table(&copy);
}

#[test]
fn pages_of_a_search_and_lines_of_the_bulk_format() {
    let dir = tempfile::tempdir().unwrap();
    let source = |i: usize| {
        format!("{{\"ts\":\"2026-04-22T13:05:1{i}Z\",\"account_id\":\"a{i}\",\"prompt_text\":\"p{i}\"}}")
    };
    let hit = |i: usize| {
        format!("{{\"_index\":\"llm\",\"_id\":\"{i}\",\"_score\":null,\"_source\":{}}}", source(i))
    };
    let page = |hits: &[String]| {
        format!(
            "{{\"took\":3,\"timed_out\":false,\"_shards\":{{\"total\":1,\"failed\":0}},\"hits\":{{\"total\":{{\"value\":4,\"relation\":\"eq\"}},\"hits\":[{}]}},\"aggregations\":{{\"by\":{{\"buckets\":[{{\"key\":1}}]}}}}}}",
            hits.join(",")
        )
    };
    let pages = [page(&[hit(0), hit(1)]), page(&[hit(2), hit(3)]), page(&[])];
    let action = |i: usize| format!("{{\"index\":{{\"_index\":\"llm\",\"_id\":\"{i}\"}}}}\n{}\n", source(i));
    let pretty = pages[0].replace(":{", ":\n {").replace("[{", "[\n{");
    for (name, text, rows) in [
        ("search.json", pages[0].clone(), 2),
        ("pretty.json", pretty, 2),
        ("pages.jsonl", pages.join("\n"), 4),
        ("dump.jsonl", (0..4).map(|i| hit(i) + "\n").collect(), 4),
        ("bulk.ndjson", (0..4).map(action).collect(), 4),
    ] {
        let path = written(dir.path(), name, text);
        let proposal = proposed(&path);
        assert_eq!(proposal.problems, Vec::<String>::new(), "{name}");
        let (found, tally) = exchanges(&path, &proposal.mapping);
        assert_eq!(found.len(), rows, "{name}");
        assert_eq!((found[1].0.as_str(), found[1].1.as_str()), ("a1", "p1"), "{name}");
        assert_eq!(tally.set_aside_rows(), 0, "{name}");
        let actions = tally.filtered.get("an action of the bulk format, which has no record");
        assert_eq!(actions.copied().unwrap_or(0), if name == "bulk.ndjson" { 4 } else { 0 });
    }
}

/// Text in the western European encoding of Windows.
fn western(text: &str) -> Vec<u8> {
    text.chars().map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).unwrap() }).collect()
}

#[test]
fn text_in_a_stated_encoding_is_read_and_other_text_is_utf8() {
    let dir = tempfile::tempdir().unwrap();
    let csv = western(&TABLE.replace("\"x, y\"", "5 €"));
    let json = "{\"ts\":\"2026-04-22T13:05:09Z\",\"account_id\":\"a\",\"prompt_text\":\"Hé\"}\n\
                {\"ts\":\"2026-04-22T13:05:10Z\",\"account_id\":\"b\",\"prompt_text\":\"5 €\"}\n";
    let paths = [
        written(dir.path(), "a.csv", &csv),
        written(dir.path(), "b.csv.zst", zstd::encode_all(&csv[..], 1).unwrap()),
        written(dir.path(), "c.jsonl", western(json)),
        written(dir.path(), "d.csv", TABLE.replace("\"x, y\"", "5 €")),
        written(dir.path(), "e.csv", format!("\u{feff}{}", TABLE.replace("\"x, y\"", "5 €"))),
    ];
    let prompts = |path: &Path| exchanges(path, &canonical()).0.into_iter().map(|(_, prompt)| prompt);
    assert!(prompts(&paths[0]).eq(["H\u{fffd}", "5 \u{fffd}"]));
    let notes = proposed(&paths[0]).notes;
    assert!(notes[0].starts_with("2 rows of text files have bytes that are not UTF-8"), "{notes:?}");
    assert!(notes[0].contains("--encoding windows-1252"), "{notes:?}");
    choose_encoding(Encoding::named("cp1252"));
    for path in &paths {
        assert!(prompts(path).eq(["Hé", "5 €"]), "{}", path.display());
    }
    let names = paths.clone().map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    let notes = propose(&names, None).unwrap().notes;
    assert_eq!(notes[0], "3 of 5 text files read as windows-1252; the others are UTF-8.");
    let record = fetch(&paths[0], "a.csv", &canonical(), &[1], Digest::of(b""), None).unwrap().remove(0);
    assert_eq!(record.text("prompt_text"), Some("5 €"));
    let layouts = paths.clone().map(|path| File::open(&path, "f").unwrap().layout());
    choose_encoding(None);
    // A case opens its files as they were sealed.
    for (path, layout) in paths.iter().zip(&layouts) {
        let file = File::open_sealed(path, "f", Some(layout), false).unwrap();
        assert_eq!((file.rows(), file.rows_not_utf8()), (2, 0), "{}", path.display());
    }
    assert!(matches!(&layouts[1], RowLayout::Encoded { encoding, .. } if encoding == "windows-1252"));
    assert!(matches!(&layouts[3], RowLayout::Csv { .. }));
}

#[test]
fn names_of_columns_in_another_encoding_are_refused_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let text = TABLE.replace("prompt_text", "pr\u{e9}cision");
    let path = written(dir.path(), "a.csv", western(&text));
    let error = File::open(&path, "a.csv").err().unwrap().to_string();
    assert!(error.contains("--encoding") && error.contains("windows-1252"), "{error}");
    assert_eq!(find_all(&[dir.path().to_owned()]).unwrap().files.len(), 1, "named, and not left out");
    choose_encoding(Encoding::named("latin1"));
    assert_eq!(File::open(&path, "a.csv").unwrap().fields()[2].name(), "précision");
    choose_encoding(None);
}

#[test]
fn blanks_before_fields_are_left_out_where_the_names_have_them() {
    let dir = tempfile::tempdir().unwrap();
    let padded = TABLE.replace("ts,account_id,", "ts, account_id, ");
    let padded = padded.replace("Z,", "Z, ").replace("a,H", "a, H").replace("b,\"", "b, \"");
    let path = written(dir.path(), "a.csv", &padded);
    assert_eq!(is_table(&path).set_aside_rows(), 0);
    let layout = File::open(&path, "a.csv").unwrap().layout();
    assert!(matches!(layout, RowLayout::Csv { padded: true, .. }));
    // A case from before opens it as it was.
    let before = RowLayout::Csv {
        delimiter: ',',
        backslash: false,
        unquoted: false,
        padded: false,
        above: 0,
        names: Vec::new(),
    };
    assert_eq!(File::open_sealed(&path, "a.csv", Some(&before), false).unwrap().layout(), before);
}

#[test]
fn folders_of_tenants_are_accounts_by_a_pattern() {
    let dir = tempfile::tempdir().unwrap();
    let line = "{\"ts\":\"2026-04-22T13:05:09Z\",\"prompt_text\":\"Hi\"}\n";
    for tenant in ["acme", "globex"] {
        std::fs::create_dir_all(dir.path().join(tenant)).unwrap();
        written(&dir.path().join(tenant), "log.jsonl", line.repeat(2));
    }
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    let problems = propose(&found.files, None).unwrap().problems;
    assert!(problems[0].contains("account_id = \"path:{}/\""), "{problems:?}");
    let mapping = |pattern: &str| {
        Mapping::from_toml(&format!(
            "ts = \"ts\"\nprompt_text = \"prompt_text\"\naccount_id = \"path:{pattern}\""
        ))
        .unwrap()
    };
    for (name, path) in &found.files {
        let mut reader =
            File::open(path, name).unwrap().read(&mapping("{}/"), &[Column::AccountId], None).unwrap();
        let batch = reader.next().unwrap().unwrap();
        let accounts = cast(batch.columns[0].as_ref().unwrap(), &DataType::Utf8).unwrap();
        assert_eq!(accounts.as_string::<i32>().value(1), name.split('/').next().unwrap());
    }
    let problems = crate::snapshot::problems(&found.files, &mapping("tenants/{}/")).unwrap();
    assert!(problems[0].contains("named such as acme/log.jsonl"), "{problems:?}");
}

#[test]
fn items_of_dynamodb_are_read_without_their_types() {
    let dir = tempfile::tempdir().unwrap();
    let item = |i: usize| {
        format!(
            "{{\"ts\":{{\"S\":\"2026-04-22T13:05:1{i}Z\"}},\"account_id\":{{\"S\":\"a{i}\"}},\"output_tokens\":{{\"N\":\"7\"}},\
             \"prompt_text\":{{\"L\":[{{\"M\":{{\"role\":{{\"S\":\"user\"}},\"content\":{{\"S\":\"p{i}\"}}}}}}]}}}}"
        )
    };
    let export: String = (0..3).map(|i| format!("{{\"Item\":{}}}\n", item(i))).collect();
    let scan = format!(
        "{{\"Items\":[{},{},{}],\"Count\":3,\"ScannedCount\":3,\"ConsumedCapacity\":null}}",
        item(0),
        item(1),
        item(2)
    );
    for (name, text) in [("export.json", export), ("scan.json", scan)] {
        let path = written(dir.path(), name, text);
        let proposal = proposed(&path);
        assert_eq!(proposal.problems, Vec::<String>::new(), "{name}");
        let (found, tally) = exchanges(&path, &proposal.mapping);
        assert_eq!((found.len(), tally.set_aside_rows()), (3, 0), "{name}");
        assert_eq!((found[1].0.as_str(), found[1].1.as_str()), ("a1", "p1"), "{name}");
        let record = fetch(&path, name, &proposal.mapping, &[0], Digest::of(b""), None).unwrap().remove(0);
        assert_eq!(record.columns["output_tokens"], 7, "{name}");
    }
}

#[test]
fn files_of_other_formats_are_named_with_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes, word) in
        [("log.csv.bz2", &b"BZh91AY&SY"[..], "bunzip2"), ("log.db", b"SQLite format 3\0", "as CSV")]
    {
        let path = written(dir.path(), name, bytes);
        assert!(File::open(&path, name).err().unwrap().to_string().contains(word));
        let opened = |found: FoundFiles| File::open(&found.files[0].1, name).err().unwrap().to_string();
        let error = find_all(&[dir.path().to_owned()]).map_or_else(|error| error.to_string(), opened);
        assert!(error.contains(word), "{error}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn an_encrypted_part_of_a_log_stops_its_import() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), "a.jsonl", "{\"ts\":1}\n");
    let part = written(dir.path(), "b.jsonl.gpg", b"\x85\x01\x0c");
    written(dir.path(), "notes.gpg", b"\x85\x01\x0c");
    let files = find_all(&[dir.path().to_owned()]).unwrap().files;
    assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a.jsonl", "b.jsonl.gpg"]);
    assert!(File::open(&part, "b.jsonl.gpg").err().unwrap().to_string().contains("decrypt"));
}

#[test]
fn names_of_columns_in_a_line_of_their_own_form_are_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let text = "#Fields: date time cs-username\n2026-04-22 13:05:09 a\n2026-04-22 13:05:10 b\n";
    let notes = proposed(&written(dir.path(), "a.log", text)).notes;
    assert!(notes[0].starts_with("1 file with a line of their own form"), "{notes:?}");
}

#[test]
fn one_row_with_a_dotted_name_does_not_take_the_path_from_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let row = |i: usize, more: &str| {
        format!(
            "{{\"ts\":\"2026-04-22T13:05:1{i}Z\",\"user\":{{\"id\":\"a{i}\"}},\"prompt_text\":\"p\"{more}}}\n"
        )
    };
    let text = [row(0, ""), row(1, ",\"user.id\":\"victim\""), row(2, "")].concat();
    let path = written(dir.path(), "a.jsonl", text);
    let mapping = Mapping::from_toml("ts = \"ts\"\naccount_id = \"user.id\"\nprompt_text = \"prompt_text\"");
    let mapping = mapping.unwrap();
    let accounts: Vec<String> =
        exchanges(&path, &mapping).0.into_iter().map(|(account, _)| account).collect();
    assert_eq!(accounts, ["a0", "a1", "a2"]);
    // Rows of two writers.
    let flat = row(3, "").replace("\"user\":{\"id\":\"a3\"}", "\"user.id\":\"a3\"");
    let path = written(dir.path(), "b.jsonl", [row(0, ""), flat, row(1, "")].concat());
    let mut ruled = mapping.clone();
    ruled.rows.push(crate::snapshot::RowRule { column: "user.id".into(), is: Vec::new() });
    let (found, tally) = exchanges(&path, &ruled);
    let accounts: Vec<String> = found.into_iter().map(|(account, _)| account).collect();
    assert_eq!((accounts, tally.filtered_rows()), (vec!["a0".into(), "a3".into(), "a1".into()], 0));
}

#[test]
fn what_a_caller_sends_inside_a_row_is_never_the_rows() {
    let dir = tempfile::tempdir().unwrap();
    let row = |i: usize, inner: &str| {
        format!(
            "{{\"ts\":\"2026-04-22T13:05:1{i}Z\",\"account_id\":\"a{i}\",\"prompt_text\":\"p\",\"metadata\":{inner}}}\n"
        )
    };
    for inner in [
        r#"{"columns":["ts","account_id"],"rows":[["2026-04-22T13:05:09Z","victim"],["2026-04-22T13:05:09Z","victim"]]}"#,
        r#"{"Records":[{"ts":"2026-04-22T13:05:09Z","account_id":"victim"},{"ts":"2026-04-22T13:05:09Z"}]}"#,
        r#"{"meta":[{"name":"ts"},{"name":"account_id"}],"data":[["2026-04-22T13:05:09Z","victim"]]}"#,
    ] {
        for rows in [1, 3] {
            let text: String = (0..rows).map(|i| row(i, inner)).collect();
            let path = written(dir.path(), "a.jsonl", text);
            let (found, _) = exchanges(&path, &canonical());
            assert_eq!(found.len(), rows, "{inner}");
            assert!(found.iter().all(|(account, _)| account != "victim"), "{inner}");
        }
    }
}

#[test]
fn rows_that_are_lists_of_names_and_values_have_their_columns() {
    let dir = tempfile::tempdir().unwrap();
    let row = |i: usize| {
        format!(
            "[{{\"field\":\"ts\",\"value\":\"2026-04-22 13:05:1{i}.000\"}},{{\"field\":\"account_id\",\"value\":\"a{i}\"}},\
             {{\"field\":\"prompt_text\",\"value\":\"p{i}\"}}]"
        )
    };
    let text = format!(
        "{{\"results\":[{},{}],\"statistics\":{{\"recordsMatched\":2.0}},\"status\":\"Complete\"}}",
        row(0),
        row(1)
    );
    let path = written(dir.path(), "answer.json", text);
    let proposal = proposed(&path);
    assert_eq!(proposal.problems, Vec::<String>::new());
    let (found, tally) = exchanges(&path, &proposal.mapping);
    assert_eq!(
        (found, tally.set_aside_rows()),
        (vec![("a0".into(), "p0".into()), ("a1".into(), "p1".into())], 0)
    );
}

#[test]
fn a_delimiter_that_is_named_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let text = "ts~account_id~prompt_text\n2026-04-22T13:05:09Z~a~x, y; z\n";
    let paths =
        [written(dir.path(), "a.txt", text), written(dir.path(), "b.txt", text.replace('~', "\u{1}"))];
    for (path, delimiter) in paths.iter().zip(["~", "\\x01"]) {
        assert!(File::open(path, "f").is_err());
        let mapping = Mapping::from_toml(&format!("delimiter = {delimiter:?}")).unwrap();
        mapping.choose_reading();
        let found = exchanges(path, &canonical()).0;
        let layout = File::open(path, "f").unwrap().layout();
        Mapping::default().choose_reading();
        assert_eq!(found, [("a".to_owned(), "x, y; z".to_owned())]);
        assert_eq!(File::open_sealed(path, "f", Some(&layout), false).unwrap().rows(), 1);
    }
    assert!(Mapping::from_toml("delimiter = \"ab\"").is_err());
}
