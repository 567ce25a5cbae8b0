//! Logs of JSON Lines and CSV, from import to a verified bundle.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use common::{output, run, said, text};

/// Lines of a gateway's log: 40 exchanges of 8 accounts.
fn lines(from: usize) -> Vec<String> {
    let line = |i: usize| {
        let (account, second, minute) = (i % 8, i % 60, i / 60);
        format!(
            "{{\"ts\":\"2026-04-22T13:{minute:02}:{second:02}Z\",\"account_id\":\"acct_{account}\",\
             \"prompt_text\":\"question word{i:03}\",\"response_text\":\"reply {i}\",\"output_tokens\":{i}}}"
        )
    };
    (from..from + 40).map(line).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A folder with a file of lines, a compressed one and one of CSV.
fn logs(home: &Path) -> PathBuf {
    let logs = home.join("logs");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join("a.jsonl"), lines(0).join("\n")).unwrap();
    fs::write(logs.join("b.jsonl.gz"), gzip(lines(40).join("\n").as_bytes())).unwrap();
    let csv = "ts,account_id,prompt_text,response_text,output_tokens\n\
               2026-04-22T14:00:00Z,acct_1,\"question, with \"\"marks\"\"\nword080\",reply 80,80\n";
    fs::write(logs.join("c.csv"), csv).unwrap();
    logs
}

/// The exchange whose prompt has a word.
fn exchange(home: &Path, case: &Path, word: &str) -> String {
    let found = run(home, &["search", text(case), word, "--json"]);
    let hit: serde_json::Value = serde_json::from_str(found.lines().next().unwrap()).unwrap();
    hit["exchange"].as_str().unwrap().to_owned()
}

#[test]
fn lines_go_from_import_to_a_verified_bundle() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let case = home.join("c.stillhunt");
    let imported = run(home, &["import", text(&case), text(&logs(home)), "--json"]);
    let imported: serde_json::Value = serde_json::from_str(&imported).unwrap();
    assert_eq!((&imported["rows"], &imported["accounts"]), (&81.into(), &8.into()));
    let names = ["word007", "word045", "word080"].map(|word| exchange(home, &case, word));
    for (name, end) in names.iter().zip(["/a.jsonl#7", "/b.jsonl.gz#5", "/c.csv#0"]) {
        assert!(name.ends_with(end), "{name}");
        run(home, &["tag", text(&case), "--exchange", name, "--as", "relied-on", "--note", "an example"]);
    }
    for (audience, with_text) in [("production", false), ("production", true), ("internal", true)] {
        let out = home.join(format!("out-{audience}-{with_text}"));
        let mut arguments = vec!["export", text(&case), "--out", text(&out), "--audience", audience];
        arguments.extend(with_text.then_some("--include-text"));
        arguments.push("--json");
        let printed: serde_json::Value = serde_json::from_str(&run(home, &arguments)).unwrap();
        let bag = PathBuf::from(printed["bag"].as_str().unwrap());
        assert!(run(home, &["verify", text(&bag)]).contains("intact"));
        let records = bag.join("data/02_records");
        let schema = fs::read_to_string(records.join("EX-0001.source-01.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(schema["columns"][0]["name"], "line");
        let is_withheld = audience == "production";
        assert_eq!(schema["withheld"], is_withheld, "a line holds the text and names in clear");
        let rule = fs::read_to_string(bag.join("data/05_methods/record_hash.txt")).unwrap();
        assert!(rule.contains("JSON Lines") && rule.contains("CSV"));
    }
    let copies: Vec<PathBuf> = common::files_under(&case.join("snapshots"))
        .into_iter()
        .filter(|path| path.ends_with("a.jsonl"))
        .collect();
    assert_eq!(fs::read(case.join("snapshots").join(&copies[0])).unwrap(), lines(0).join("\n").as_bytes());
}

/// OTLP in JSON: lines of a few spans each, 40 spans of 8 accounts, every fifth that of a tool.
fn otlp() -> String {
    let value = |key: &str, kind: &str, value: &str| {
        format!("{{\"key\":\"{key}\",\"value\":{{\"{kind}\":\"{value}\"}}}}")
    };
    let span = |i: usize| {
        let attributes = [
            value("gen_ai.operation.name", "stringValue", if i % 5 == 4 { "execute_tool" } else { "chat" }),
            value("enduser.id", "stringValue", &format!("acct_{}", i % 8)),
            value("gen_ai.usage.output_tokens", "intValue", &i.to_string()),
            value(
                "gen_ai.input.messages",
                "stringValue",
                &format!("[{{\\\"content\\\":\\\"question word{i:03}\\\"}}]"),
            ),
        ];
        let start = 1_776_863_109_000_000_000 + i as u64 * 1_000_000_000;
        let attributes = attributes.join(",");
        format!(
            "{{\"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{}\",\"attributes\":[{attributes}]}}",
            start + 5_000_000
        )
    };
    let scope = |from: usize| format!("{{\"scope\":{{}},\"spans\":[{},{}]}}", span(from), span(from + 1));
    let line = |from: usize| {
        let resource = "{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"gw\"}}]}";
        format!(
            "{{\"resourceSpans\":[{{\"resource\":{resource},\"scopeSpans\":[{},{}]}}]}}\n",
            scope(from),
            scope(from + 2)
        )
    };
    (0..40).step_by(4).map(line).collect()
}

#[test]
fn spans_inside_lines_of_otlp_are_the_rows() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let (case, logs) = (home.join("c.stillhunt"), home.join("traces.jsonl"));
    fs::write(&logs, otlp()).unwrap();
    let imported = run(home, &["import", text(&case), text(&logs), "--json"]);
    let imported: serde_json::Value = serde_json::from_str(&imported).unwrap();
    assert_eq!(
        (&imported["rows"], &imported["exchanges"], &imported["accounts"]),
        (&40.into(), &32.into(), &8.into())
    );
    let name = exchange(home, &case, "word013");
    assert!(name.ends_with("traces.jsonl#13"), "{name}");
    run(home, &["tag", text(&case), "--exchange", &name, "--as", "relied-on", "--note", "an example"]);
}

#[test]
fn spans_of_nested_traces_go_from_import_to_a_verified_bundle() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let (case, block) = (home.join("c.stillhunt"), home.join("single-tenant/0a1b"));
    common::traces::write(&block.join("data.parquet"));
    fs::write(block.join("meta.json"), "{\"format\":\"vParquet4\"}").unwrap();
    let imported = run(home, &["import", text(&case), text(&home.join("single-tenant")), "--json"]);
    let imported: serde_json::Value = serde_json::from_str(&imported).unwrap();
    assert_eq!(
        (&imported["rows"], &imported["exchanges"], &imported["accounts"]),
        (&60.into(), &48.into(), &8.into())
    );
    let name = exchange(home, &case, "word013");
    assert!(name.ends_with("data.parquet#13"), "{name}");
    run(home, &["tag", text(&case), "--exchange", &name, "--as", "relied-on", "--note", "an example"]);
    let out = home.join("out");
    let arguments =
        ["export", text(&case), "--out", text(&out), "--audience", "production", "--include-text", "--json"];
    let printed: serde_json::Value = serde_json::from_str(&run(home, &arguments)).unwrap();
    let bag = PathBuf::from(printed["bag"].as_str().unwrap());
    assert!(run(home, &["verify", text(&bag)]).contains("intact"));
    // The 12 rows left out are no duplicates.
    let is_anomalies = |text: &String| text.contains("duplicate rows, counted once");
    let exhibits = fs::read_dir(bag.join("data/03_exhibits")).unwrap();
    let tables = exhibits.filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok());
    let anomalies = tables.into_iter().find(is_anomalies).unwrap();
    assert!(anomalies.contains("\"duplicate rows, counted once\",all snapshots,0,48,"), "{anomalies}");
    let schema = fs::read_to_string(bag.join("data/02_records/EX-0001.source-01.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let names: Vec<&str> =
        schema["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["trace", "rs", "ss", "Spans"]);
}

#[test]
fn a_cut_file_loads_only_with_consent_and_a_torn_line_is_named() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = logs(home);
    let whole = fs::read(logs.join("b.jsonl.gz")).unwrap();
    fs::write(logs.join("b.jsonl.gz"), &whole[..whole.len() - 60]).unwrap();
    let case = home.join("c.stillhunt");
    let refused = output(home, &["import", text(&case), text(&logs)]);
    assert!(!refused.status.success());
    let words = said(&refused);
    assert!(words.contains("b.jsonl.gz") && words.contains("rest of the file"), "{words}");
    assert!(words.contains("--accept-set-aside"), "the way out is named: {words}");
    let imported = run(home, &["import", text(&case), text(&logs), "--accept-set-aside", "--json"]);
    let imported: serde_json::Value = serde_json::from_str(&imported).unwrap();
    let rows = imported["exchanges"].as_u64().unwrap();
    assert!((41..81).contains(&rows), "{rows}");

    let torn = home.join("torn.jsonl");
    let mut many: Vec<String> = (0..5).flat_map(|part| lines(part * 40)).collect();
    many.insert(100, "{\"ts\":".to_owned());
    fs::write(&torn, many.join("\n")).unwrap();
    let case = home.join("d.stillhunt");
    let imported = run(home, &["import", text(&case), text(&torn), "--json"]);
    let imported: serde_json::Value = serde_json::from_str(&imported).unwrap();
    assert_eq!(imported["exchanges"], 200);
    let set_aside = &imported["report"]["set_aside"]["a line that is not a JSON object"];
    assert_eq!((&set_aside["rows"], &set_aside["first"][0]["line"]), (&1.into(), &101.into()));
}

#[test]
fn lines_are_mapped_anew_and_retired() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let case = home.join("c.stillhunt");
    run(home, &["import", text(&case), text(&logs(home))]);
    let other = home.join("other.jsonl");
    fs::write(&other, lines(200).join("\n").replace("account_id", "caller")).unwrap();
    let map = home.join("map.toml");
    fs::write(&map, "account_id = \"caller\"\n").unwrap();
    let imported = run(home, &["import", text(&case), text(&other), "--map", text(&map), "--json"]);
    let imported: serde_json::Value = serde_json::from_str(&imported).unwrap();
    let snapshot = imported["snapshot"].as_str().unwrap();
    fs::write(&map, "account_id = \"response_text\"\n").unwrap();
    let mapped = ["import", text(&case), "--snapshot", snapshot, "--map", text(&map), "--json"];
    run(home, &mapped);
    let account: serde_json::Value =
        serde_json::from_str(&run(home, &["account", text(&case), "reply 205", "--json"])).unwrap();
    assert_eq!(account["exchanges"], 1);
    let name = exchange(home, &case, "word205");
    assert!(name.ends_with("/other.jsonl#5"), "{name}");
    run(home, &["retire", text(&case), snapshot, "--reason", "not needed"]);
    assert_eq!(run(home, &["search", text(&case), "word205", "--json"]).lines().count(), 0);
}

/// The import's report as JSON.
fn imported(home: &Path, name: &str, file: &Path, more: &[&str]) -> serde_json::Value {
    let case = home.join(format!("{name}.stillhunt"));
    let arguments = [&["import", text(&case), text(file), "--json"], more].concat();
    serde_json::from_str(&run(home, &arguments)).unwrap()
}

#[test]
fn prompts_that_begin_with_a_quotation_mark_take_no_rows_of_others() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    // The text format of PostgreSQL's COPY: nothing is quoted, tabs and line breaks are escaped.
    let row = |i: usize| {
        let prompt = match i % 7 {
            2 => format!("\"open word{i:03}"),
            4 => format!("she said \"no\" word{i:03}\\nand left"),
            5 => format!("closed word{i:03}\""),
            _ => format!("plain word{i:03}"),
        };
        format!("2026-04-22T13:{:02}:{:02}Z\tacct_{}\t{prompt}\t{i}\n", i / 60, i % 60, i % 8)
    };
    let log = home.join("copy.tsv");
    let header = "ts\taccount_id\tprompt_text\toutput_tokens\n";
    fs::write(&log, format!("{header}{}", (0..120).map(row).collect::<String>())).unwrap();
    let report = imported(home, "copy", &log, &[]);
    assert_eq!(
        (&report["rows"], &report["exchanges"], &report["accounts"]),
        (&120.into(), &120.into(), &8.into())
    );
    let case = home.join("copy.stillhunt");
    for i in 0..120 {
        let word = format!("word{i:03}");
        assert!(exchange(home, &case, &word).ends_with(&format!("copy.tsv#{i}")), "{word}");
    }
    // Two readings that nothing tells apart need a word.
    let log = home.join("either.csv");
    fs::write(&log, "ts,account_id,prompt_text\n2026-04-22T13:00:00Z,a,\"open\n2026-04-22T13:00:01Z,b,x\n2026-04-22T13:00:02Z,c,closed\"\n").unwrap();
    let refused = output(home, &["import", text(&home.join("e.stillhunt")), text(&log)]);
    assert!(
        !refused.status.success() && said(&refused).contains("--csv-quotes unquoted"),
        "{}",
        said(&refused)
    );
    let unquoted = imported(home, "either", &log, &["--csv-quotes", "unquoted"]);
    assert_eq!(unquoted["accounts"], 3);
}

#[test]
fn grouped_digits_are_read_as_their_file_writes_them() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let log = home.join("german.csv");
    let row = |i: usize| {
        let tokens = if i.is_multiple_of(2) { "1.057".to_owned() } else { format!("{i}") };
        format!("2026-04-22T13:{:02}:{:02}Z;acct_{};word{i:03};{tokens};12,5\n", i / 60, i % 60, i % 8)
    };
    let header = "ts;account_id;prompt_text;output_tokens;latency_ms\n";
    fs::write(&log, format!("{header}{}", (0..80).map(row).collect::<String>())).unwrap();
    let report = imported(home, "german", &log, &[]);
    let remarks = report["report"]["remarks"].to_string();
    assert!(remarks.contains("“,” as decimal mark"), "{report}");
    let accounts =
        run(home, &["leads", text(&home.join("german.stillhunt")), "--accounts", "--format", "json"]);
    let accounts: serde_json::Value = serde_json::from_str(&accounts).unwrap();
    let sums: f64 = accounts.as_array().unwrap().iter().map(|row| row["C5"].as_f64().unwrap()).sum();
    assert_eq!(sums, 40.0 * 1_057.0 + (0..80).filter(|i| i % 2 == 1).sum::<usize>() as f64);
    // All are multiples of a thousand, or all have three zeros behind the point.
    let log = home.join("unclear.csv");
    let row = |i: usize| format!("2026-04-22T13:00:{i:02}Z;a;{}.000\n", i + 1);
    fs::write(&log, format!("ts;account_id;output_tokens\n{}", (0..9).map(row).collect::<String>())).unwrap();
    let unclear = imported(home, "unclear", &log, &[]).to_string();
    assert!(unclear.contains("name the mark"), "{unclear}");
    let map = home.join("map.toml");
    fs::write(&map, "output_tokens = { column = \"output_tokens\", decimal = \",\" }\n").unwrap();
    let clear = imported(home, "clear", &log, &["--map", text(&map)]).to_string();
    assert!(!clear.contains("name the mark"), "{clear}");
}

#[test]
fn addresses_of_proxies_and_ports_are_one_value() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let log = home.join("ports.csv");
    let row = |i: usize| {
        let ip = match i % 4 {
            0 => format!("198.51.2.7:{}", 40_000 + i),
            1 => "\"198.51.2.7, 10.0.0.9\"".to_owned(),
            2 => "::ffff:198.51.2.7".to_owned(),
            _ => "203.0.113.***".to_owned(),
        };
        format!("2026-04-22T13:{:02}:{:02}Z,acct_{},{ip},word{i:03}\n", i / 60, i % 60, i % 8)
    };
    let header = "ts,account_id,ip,prompt_text\n";
    fs::write(&log, format!("{header}{}", (0..80).map(row).collect::<String>())).unwrap();
    let report = imported(home, "ports", &log, &[]);
    assert!(report.to_string().contains("203.0.113.***"), "masked addresses are named as missing: {report}");
    let case = home.join("ports.stillhunt");
    let pivot = run(home, &["pivot", text(&case), "--from", "account:acct_0", "--by", "ip"]);
    assert!(pivot.contains("198.51.2.7") && !pivot.contains("::ffff") && !pivot.contains(":40"), "{pivot}");
}
