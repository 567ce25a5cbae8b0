//! Bundles for each audience: what each may hold and what no byte of it may hold.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use common::readable::readable;
use common::{few_logs, files_under, output, run, tag_and_export, text};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Every account, card, address, organisation and prompt of the logs.
fn secrets(logs: &Path) -> BTreeSet<String> {
    let columns = [
        "account_id",
        "payment_fingerprint",
        "ip",
        "org_id",
        "email_domain",
        "api_key_id",
        "end_user_id",
        "prompt_text",
        "prompt_hash",
        "response_text",
    ];
    let mut found = BTreeSet::new();
    for file in files_under(logs).into_iter().filter(|file| file.extension().is_some_and(|e| e == "parquet"))
    {
        let file = std::fs::File::open(logs.join(file)).unwrap();
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            for column in columns.iter().filter_map(|name| batch.column_by_name(name)) {
                let text = arrow_cast::cast(column, &arrow_schema::DataType::Utf8).unwrap();
                let text = text.as_string::<i32>();
                let values = (0..text.len()).filter(|&row| text.is_valid(row)).map(|row| text.value(row));
                found.extend(values.filter(|value| value.len() >= 5).map(str::to_owned));
            }
        }
    }
    found
}

fn export(home: &Path, case: &Path, audience: &str) -> PathBuf {
    let out = home.join("out");
    let printed = run(home, &["export", text(case), "--out", text(&out), "--audience", audience, "--json"]);
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    PathBuf::from(printed["bag"].as_str().unwrap())
}

/// Checks that no file has the accounts in the order of their names in clear, which would help to guess them.
fn in_no_order_of_names(bag: &Path, pseudonyms: &[Vec<String>]) {
    let clear: BTreeMap<&str, &str> =
        pseudonyms.iter().map(|row| (row[2].as_str(), row[1].as_str())).collect();
    let mut looked_at = 0;
    for (file, words) in readable(bag) {
        let mut seen: Vec<&str> = Vec::new();
        for (at, _) in words.match_indices("account-") {
            let name = words.get(at..at + "account-".len() + 16).unwrap_or_default();
            if clear.contains_key(name) && !seen.contains(&name) {
                seen.push(name);
            }
        }
        if seen.len() >= 4 && !seen.is_sorted() {
            looked_at += 1;
            assert!(
                !seen.iter().map(|name| clear[name]).is_sorted(),
                "{} is in the order of names",
                file.display()
            );
        }
    }
    println!("{looked_at} files with accounts in another order than that of the pseudonyms");
}

#[test]
fn each_audience_gets_what_it_may_and_production_names_nobody() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    run(home, &["person", text(&case), "--name", "Ada Lovelace", "--role", "analyst"]);
    run(home, &["zone", text(&case), "Europe/Berlin"]);
    let production = tag_and_export(home, &case);
    let mut secrets = secrets(&logs);
    // Plain hashes of records, which would confirm a guess of their content.
    let digests: BTreeSet<String> = {
        let connection = rusqlite::Connection::open(case.join("case.sqlite")).unwrap();
        let mut bodies = connection.prepare("SELECT body FROM journal").unwrap();
        let bodies: Vec<String> =
            bodies.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let bodies = bodies.iter().map(|body| serde_json::from_str::<serde_json::Value>(body).unwrap());
        bodies.filter_map(|body| body["source"]["record"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(digests.len(), 3);
    secrets.extend(digests);
    assert!(secrets.len() > 1_000, "{}", secrets.len());
    let found = aho_corasick::AhoCorasick::new(&secrets).unwrap();
    let secrets: Vec<&String> = secrets.iter().collect();
    for (file, words) in readable(&production) {
        if let Some(hit) = found.find(words.as_str()) {
            let at = hit.start();
            let around: String =
                words[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{} discloses “{}” after “{around}”", file.display(), secrets[hit.pattern().as_usize()]);
        }
        // The note of the mark, which is work product.
        assert!(!words.contains("one harness"), "{}", file.display());
    }
    let journal = std::fs::read_to_string(production.join("data/06_custody/journal.csv")).unwrap();
    let (_, rows) = common::csv_rows(&journal);
    assert!(rows.iter().all(|row| row[..5].iter().enumerate().all(|(at, cell)| at == 2 || !cell.is_empty())));
    assert!(rows.iter().any(|row| row[4] == "tagged" && row[2] == "Ada Lovelace, analyst"));
    assert!(run(home, &["verify", text(&production)]).contains("not confirmed"));

    let internal = export(home, &case, "internal");
    let clear = readable(&internal);
    assert!(clear.iter().any(|(file, words)| file.ends_with("notes.csv") && words.contains("one harness")));
    let key = clear.iter().find(|(file, _)| file.ends_with("key.json")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&key.1).unwrap();
    let key = key["key"].as_str().unwrap();
    for (file, words) in readable(&production) {
        assert!(!words.contains(key), "{} has the key", file.display());
    }
    // Every pseudonym of the table is one of PRODUCTION, and every commitment opens with its salt.
    let table = std::fs::read_to_string(internal.join("data/10_internal/pseudonyms.csv")).unwrap();
    let (_, pseudonyms) = common::csv_rows(&table);
    let accounts = std::fs::read_to_string(production.join("data/03_exhibits/EX-0005.csv")).unwrap();
    let known: Vec<&str> = pseudonyms.iter().map(|row| row[2].as_str()).collect();
    in_no_order_of_names(&production, &pseudonyms);
    let (_, rows) = common::csv_rows(&accounts);
    assert!(!rows.is_empty() && rows.iter().all(|row| known.contains(&row[0].as_str())), "{accounts}");

    // Everything comes out the same from the logs, under the same pseudonyms; what was changed does not.
    let arguments =
        ["reproduce", text(&production), "--snapshots", text(&logs), "--internal", text(&internal), "--json"];
    let again: serde_json::Value = serde_json::from_str(&run(home, &arguments)).unwrap();
    assert!(again["of"].as_u64().unwrap() >= 20, "{again}");
    let table = production.join("data/03_exhibits/EX-0002.csv");
    let sound = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, sound.replacen("Mon", "Tue", 1)).unwrap();
    let altered = output(home, &arguments);
    assert_eq!(altered.status.code(), Some(1));
    let altered: serde_json::Value = serde_json::from_slice(&altered.stdout).unwrap();
    let differ = altered["compared"].as_array().unwrap().iter().filter(|one| one["same"] == false);
    assert_eq!(differ.map(|one| one["what"].clone()).collect::<Vec<_>>(), ["03_exhibits/EX-0002.csv"]);
    std::fs::write(&table, sound).unwrap();
    // A sentence without a reference is found too; what is not made anew is named.
    let page = production.join("data/01_report/report.xhtml");
    let sound = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, sound.replacen("</p>", " Guilty.</p>", 9)).unwrap();
    let altered: serde_json::Value = serde_json::from_slice(&output(home, &arguments).stdout).unwrap();
    let differ = altered["compared"].as_array().unwrap().iter().filter(|one| one["same"] == false);
    assert_eq!(differ.map(|one| one["what"].clone()).collect::<Vec<_>>(), ["01_report/report.xhtml"]);
    let not_made = altered["not_made_anew"].as_array().unwrap().iter();
    let not_made: Vec<&str> = not_made.map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(
        not_made,
        [
            "05_methods/power.csv",
            "06_custody/allowed_signers",
            "06_custody/journal.checkpoint",
            "06_custody/journal.checkpoint.sig",
        ]
    );
    std::fs::write(&page, sound).unwrap();

    let [share, regulator] = ["share", "regulator"].map(|audience| export(home, &case, audience));
    for bag in [&share, &regulator] {
        assert!(run(home, &["verify", text(bag)]).contains("not confirmed"));
        assert!(!bag.join("data/02_records").exists() && !bag.join("data/06_custody/journal.jsonl").exists());
        for (file, words) in readable(bag) {
            for column in ["prompt_text", "acct_"] {
                assert!(!words.contains(column), "{} has {column}", file.display());
            }
        }
    }
    let stix = share.join("data/indicators.stix.json");
    let stix: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(stix).unwrap()).unwrap();
    let objects = stix["objects"].as_array().unwrap();
    assert!(objects.iter().any(|object| object["type"] == "indicator"), "{stix}");
    let incident = regulator.join("data/01_report/incident.csv");
    assert!(std::fs::read_to_string(incident).unwrap().contains("Date of detection,not stated"));
    // Numbers go up in the journal, whatever folder the bundle is written to.
    let elsewhere = home.join("elsewhere");
    run(home, &["export", text(&case), "--out", text(&elsewhere), "--audience", "production"]);
    let first = production.file_name().unwrap().to_str().unwrap();
    // The name of the case may be that of a suspect.
    assert!(first.starts_with("CASE-") && first.ends_with("_PRODUCTION_v1"), "{first}");
    let second = elsewhere.join(first.replace("_v1", "_v2"));
    let changes = std::fs::read_to_string(second.join("data/00_CHANGES.txt")).unwrap();
    assert!(changes.contains("Version 2") && changes.contains(first), "{changes}");
}

#[test]
fn a_preview_lists_what_an_export_writes_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    let bag = tag_and_export(home, &case);
    let journal = run(home, &["journal", text(&case), "--format", "csv"]);
    let arguments = ["export", text(&case), "--audience", "production", "--preview", "--json"];
    let shown = output(home, &arguments);
    assert!(shown.status.success(), "{}", common::said(&shown));
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(shown["bag"].as_str().unwrap().ends_with("_PRODUCTION_v2"));
    let listed: BTreeSet<String> = shown["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| format!("data/{}", file["name"].as_str().unwrap()))
        .collect();
    let written: BTreeSet<String> = files_under(&bag)
        .into_iter()
        .map(|file| text(&file).to_owned())
        .filter(|file| file.starts_with("data/"))
        .collect();
    assert_eq!(listed, written);
    assert_eq!(journal, run(home, &["journal", text(&case), "--format", "csv"]));
}

/// Before the end of the text pass leads are provisional: counsel's bundle says so, and there is no other one.
#[test]
fn provisional_leads_leave_the_company_in_no_bundle() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&few_logs(home))]);
    let lead = common::lead_ids(home, &case)[0].clone();
    let scope = run(home, &["leads", text(&case), "--scope", &lead]);
    let file = home.join("lead.json");
    std::fs::write(&file, scope).unwrap();
    run(home, &["tag", text(&case), "--scope", text(&file), "--as", "relied-on"]);
    // The cache comes back without the text pass, as in a window that has just opened the case.
    std::fs::remove_file(case.join("cache.sqlite")).unwrap();
    let out = home.join("out");
    for audience in ["production", "share", "regulator"] {
        let refused = output(home, &["export", text(&case), "--out", text(&out), "--audience", audience]);
        assert_eq!(refused.status.code(), Some(1), "{}", common::said(&refused));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("the text pass is unfinished") && said.contains("stillhunt import"), "{said}");
    }
    let internal = export(home, &case, "internal");
    let report = std::fs::read_to_string(internal.join("data/01_report/report.xhtml")).unwrap();
    assert!(report.contains("The leads of this report are provisional"));
    assert!(!report.contains("no longer a lead"), "a lead that is missing may come back");
    assert!(stillhunt::bundle::verify(&internal, &stillhunt::model::Silent).unwrap().is_empty());
    run(home, &["import", text(&case)]);
    let report = export(home, &case, "production").join("data/01_report/report.xhtml");
    assert!(!std::fs::read_to_string(report).unwrap().contains("are provisional"));
}

/// A case of an earlier version may have one thing marked twice; it counts and is printed once.
#[test]
fn a_lead_and_an_exchange_marked_twice_are_printed_once() {
    use stillhunt::case::{Access, Action, Case};
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&few_logs(home))]);
    let exhibits = |bag: &Path| std::fs::read_dir(bag.join("data/03_exhibits")).unwrap().count();
    let before = exhibits(&tag_and_export(home, &case));
    let mut open = Case::open(&case, Access::Write).unwrap();
    let first: Vec<_> = open.state().evidence.values().cloned().collect();
    let marked = first.len();
    for evidence in first {
        let (id, note) = (open.state().next_evidence(), "again".to_owned());
        open.record(Action::Tagged { id, source: evidence.source, tag: evidence.tag, note }).unwrap();
    }
    drop(open);
    for audience in ["production", "internal"] {
        let bag = export(home, &case, audience);
        let faults = stillhunt::bundle::verify(&bag, &stillhunt::model::Silent).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        let report = std::fs::read_to_string(bag.join("data/01_report/report.xhtml")).unwrap();
        assert!(report.contains("E1, E5"), "the mark and its repeat stand in one row");
        assert!(!report.contains("E5 is lead"), "the lead is relied on once");
        assert_eq!((exhibits(&bag), marked), (before, 4), "no exhibit is made twice");
    }
    // A new mark of the same thing is the old one.
    let lead = common::lead_ids(home, &case)[0].clone();
    let file = home.join("again.json");
    std::fs::write(&file, run(home, &["leads", text(&case), "--scope", &lead])).unwrap();
    let said = run(home, &["tag", text(&case), "--scope", text(&file), "--as", "relied-on", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["evidence"], serde_json::json!([1]));
}
