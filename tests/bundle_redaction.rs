//! Redactions: what was left out is in no byte of a bundle, and the log has a row for each.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use common::readable::readable;
use common::sealing::{edit, key_of, read, replace, seal, write};
use common::{csv_rows, everything, files_under, output, run, some_exchanges, text};
use parquet::arrow::ArrowWriter;

/// Words that no bundle for readers outside may have, and the kind of redaction that finds them.
const SECRETS: [(&str, &str); 10] = [
    ("ann.ottway@corp.example", "rule email"),
    ("+49 170 1234567", "rule phone"),
    ("4111 1111 1111 1111", "rule card"),
    ("sk-proj-abcDEF0123456789abcdef", "rule secret"),
    ("AKIAIOSFODNN7EXAMPLE", "rule secret"),
    ("MIIEvQIBADANBgkq", "rule secret"),
    ("client.ua@corp.example", "rule email"),
    ("Jane Roe", "words"),
    ("Heron", "span"),
    ("the whole of this answer goes", "field"),
];

const PROMPT: &str = "Write to ann.ottway@corp.example, or call +49 170 1234567. Card 4111 1111 1111 1111.\n\
    key sk-proj-abcDEF0123456789abcdef and AKIAIOSFODNN7EXAMPLE\n\
    -----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\n\
    Ask Jane\u{a0} Roe about Project Heron, says acct_redacted_3.";
const RESPONSE: &str = "the whole of this answer goes; a fake [REDACTED: e-mail address, R9] stays";

/// A log whose first exchange has everything that is to be redacted.
fn logs(home: &Path) -> PathBuf {
    let folder = home.join("logs");
    fs::create_dir_all(&folder).unwrap();
    let rows = 0..60_usize;
    let column = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.clone().map(of)))
    };
    let of_first = |first: &'static str, others: &'static str| {
        move |at: usize| if at == 0 { first.to_owned() } else { format!("{others} {at}") }
    };
    let ts = TimestampMicrosecondArray::from_iter_values(
        rows.clone().map(|at| 1_776_863_109_000_000 + at as i64 * 60_000_000),
    );
    let columns: [(&str, ArrayRef); 8] = [
        ("ts", Arc::new(ts.with_timezone("UTC"))),
        ("account_id", column(&|at| format!("acct_redacted_{}", at % 6))),
        ("payment_fingerprint", column(&|at| format!("card_redacted_{}", at % 6 / 3))),
        ("user_agent", column(&of_first("tool/1 (client.ua@corp.example)", "tool"))),
        ("model", column(&|_| "atlas-5".to_owned())),
        ("prompt_text", column(&of_first(PROMPT, "solve this equation, number"))),
        ("response_text", column(&of_first(RESPONSE, "the answer is"))),
        ("comment_of_proxy", column(&of_first("ann.ottway@corp.example was here", "nothing"))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(folder.join("a.parquet")).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    folder
}

fn export(home: &Path, case: &Path, more: &[&str]) -> PathBuf {
    let out = home.join("out");
    let arguments =
        [&["export", text(case), "--out", text(&out), "--include-text", "--json"][..], more].concat();
    let printed: serde_json::Value = serde_json::from_str(&run(home, &arguments)).unwrap();
    PathBuf::from(printed["bag"].as_str().unwrap())
}

/// A case with marked exchanges, the first one with secrets; its name.
fn marked(home: &Path) -> (PathBuf, String) {
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs(home))]);
    run(home, &["person", text(&case), "--name", "Ada Lovelace", "--role", "analyst"]);
    let exchanges = some_exchanges(home, &case, &everything(home), 60);
    let first = exchanges.iter().find(|name| name.ends_with("#0")).unwrap().clone();
    for exchange in [&first, exchanges.iter().find(|name| name.ends_with("#7")).unwrap()] {
        run(
            home,
            &["tag", text(&case), "--exchange", exchange, "--as", "relied-on", "--note", "see Jane Roe"],
        );
    }
    run(
        home,
        &[
            "tag",
            text(&case),
            "--account",
            "acct_redacted_1",
            "--as",
            "exculpatory",
            "--note",
            "JANE ROE called",
        ],
    );
    run(home, &["event", text(&case), "--at", "2026-04-23", "--label", "talk with jane roe"]);
    (case, first)
}

fn redact(home: &Path, case: &Path, first: &str) {
    let because = ["--reason", "personal data"];
    let run = |more: &[&str]| run(home, &[&["redact", text(case)][..], more, &because].concat());
    run(&["--rule", "email,phone,secret,card"]);
    run(&["--words", "Jane Roe"]);
    run(&["--exchange", first, "--field", "prompt", "--text", "Heron"]);
    run(&["--exchange", first, "--field", "response"]);
}

#[test]
fn what_was_redacted_is_in_no_byte_of_the_bundle() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let (case, first) = marked(home);
    // Counted before anything is decided or written.
    let counted: serde_json::Value =
        serde_json::from_str(&run(home, &["redact", text(&case), "--json"])).unwrap();
    let hits: Vec<u64> =
        counted["redactions"].as_array().unwrap().iter().map(|one| one["hits"].as_u64().unwrap()).collect();
    assert_eq!(hits, [2, 1, 3, 1, 0], "{counted}");
    redact(home, &case, &first);
    let bag = export(home, &case, &["--audience", "production"]);
    let files = readable(&bag);
    for (secret, kind) in SECRETS {
        for (file, words) in &files {
            let words = words.to_lowercase();
            assert!(!words.contains(&secret.to_lowercase()), "{} has the {kind} {secret}", file.display());
        }
    }
    for name in ["acct_redacted", "card_redacted", "comment_of_proxy was"] {
        assert!(files.iter().all(|(_, words)| !words.contains(name)), "{name}");
    }
    let records = &files.iter().find(|(file, _)| file.ends_with("EX-0001.parquet")).unwrap().1;
    assert!(records.contains("Write to [REDACTED: e-mail address, R1], or call"), "{records}");
    assert!(records.contains("solve this equation, number 7"));
    let annex = read(&bag, "01_report/records.xhtml");
    assert!(annex.contains("[REDACTED: listed words, R5]"), "{annex}");
    // The text of an exchange stands only in files with the designation of the records.
    let (_, designated) = csv_rows(&read(&bag, "08_legal/designations.csv"));
    let with_text: Vec<_> =
        files.iter().filter(|(_, words)| words.contains("solve this equation, number 7")).collect();
    assert!(with_text.len() >= 5);
    for (file, _) in with_text {
        let own = designated.iter().find(|row| file.ends_with(&row[0]) && row[1].is_empty());
        assert_eq!(own.map(|row| row[2].as_str()), Some("ATTORNEYS' EYES ONLY"), "{}", file.display());
    }
    // A row each, with rule or person, reason and a range of the length.
    let (header, rows) = csv_rows(&read(&bag, "08_legal/redaction_log.csv"));
    let at = |name: &str| header.iter().position(|own| own == name).unwrap();
    let of = |number: &str, file: &str| -> Vec<&Vec<String>> {
        rows.iter().filter(|row| row[at("redaction")] == number && row[0].ends_with(file)).collect()
    };
    assert_eq!(of("R1", "EX-0001.parquet").len(), 2);
    assert_eq!(of("R3", "EX-0001.parquet").len(), 3);
    let by_hand = of("R6", "EX-0001.parquet");
    assert_eq!(by_hand.len(), 1);
    assert_eq!(by_hand[0][at("made_by")], "by hand: Ada Lovelace, analyst");
    assert_eq!(
        (by_hand[0][at("bytes")].as_str(), by_hand[0][at("reason")].as_str()),
        ("1 to 99", "personal data")
    );
    assert!(rows.iter().any(|row| row[at("made_by")] == "program" && row[at("column")] == "prompt_text"));
    assert!(run(home, &["verify", text(&bag)]).contains("not confirmed"));
    // Counsel gets the text, and the places.
    let internal = export(home, &case, &["--audience", "internal"]);
    assert!(run(home, &["verify", text(&internal)]).contains("not confirmed"));
    let clear = readable(&internal);
    let has =
        |file: &str, words: &str| clear.iter().any(|(own, text)| own.ends_with(file) && text.contains(words));
    assert!(has("EX-0001.parquet", "Project Heron") && has("redactions.csv", ",prompt_text,R6,by hand,"));

    // Undone, it is back, and so is the text.
    let last = run(home, &["undo", text(&case)]);
    assert!(last.contains("undone"), "{last}");
    run(home, &["redact", text(&case), "--remove", "1"]);
    assert_eq!(output(home, &["redact", text(&case), "--remove", "1"]).status.code(), Some(2));
    let bag = export(home, &case, &["--audience", "production"]);
    let files = readable(&bag);
    let records = &files.iter().find(|(file, _)| file.ends_with("EX-0001.parquet")).unwrap().1;
    assert!(records.contains("the whole of this answer goes") && records.contains("ann.ottway@corp.example"));
    assert!(run(home, &["verify", text(&bag)]).contains("not confirmed"));
}

#[test]
fn changes_of_a_redacted_bundle_are_found_though_signed_again() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let (case, first) = marked(home);
    redact(home, &case, &first);
    let sound = export(home, &case, &["--audience", "production"]);
    let key = key_of(home);
    const LOG: &str = "08_legal/redaction_log.csv";
    type Change = (&'static str, fn(&Path));
    let changes: [Change; 4] = [
        ("the log lists a place that is not there", |bag| {
            let log = read(bag, LOG);
            let row = log.lines().find(|row| row.contains(",R6,")).unwrap().to_owned();
            write(bag, LOG, &format!("{log}{row}\n"));
        }),
        ("the log lists nothing of the record", |bag| {
            let log = read(bag, LOG);
            let rows: Vec<&str> =
                log.lines().filter(|row| !(row.starts_with("02_records") && row.contains("#0,"))).collect();
            write(bag, LOG, &(rows.join("\n") + "\n"));
        }),
        ("the log gives no commitment", |bag| {
            let log = read(bag, LOG);
            let row = log.lines().find(|row| row.contains(",R6,")).unwrap().to_owned();
            let commitment = row.split(',').nth(4).unwrap().to_owned();
            replace(bag, LOG, &format!("{commitment},1 to 99,R6"), "none,1 to 99,R6");
        }),
        ("a source says that a value is withheld that is there", |bag| {
            edit(bag, "02_records/EX-0001.source-01.schema.json", |json| {
                for column in json["columns"].as_array_mut().unwrap() {
                    column["withheld_in_rows"] = serde_json::json!([1, 2]);
                }
            });
        }),
    ];
    for (name, change) in changes {
        let bag = home.join("changed");
        for file in files_under(&sound) {
            fs::create_dir_all(bag.join(&file).parent().unwrap()).unwrap();
            fs::copy(sound.join(&file), bag.join(&file)).unwrap();
        }
        change(&bag);
        seal(&bag, &key);
        let faults = stillhunt::bundle::verify(&bag, &stillhunt::model::Silent).unwrap();
        assert!(!faults.is_empty(), "{name}");
        println!("{name}: {}: {}", faults[0].file, faults[0].what);
        fs::remove_dir_all(&bag).unwrap();
    }
}
