//! Text files that begin or end with something else than records, read through the same calls as others.

use std::path::{Path, PathBuf};

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_cast::cast;
use arrow_schema::DataType;

use crate::model::Digest;
use crate::snapshot::fixture::canonical;
use crate::snapshot::{
    Column, File, Mapping, MappingProposal, RowLayout, Tally, fetch, find_all, propose, source_rows,
};

const TABLE: &str = "ts,account_id,prompt_text\n2026-04-22T13:05:09Z,a,Hé\n2026-04-22T13:05:10Z,b,\"x, y\"\n";

fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Accounts and prompts of the exchanges of a file, with the counts.
fn exchanges(path: &Path, mapping: &Mapping) -> (Vec<(String, String)>, Tally) {
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

fn proposed(path: &Path) -> MappingProposal {
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
