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

/// Gives the generated logs addresses that can be one party's: 45.0.0.0/8 in place of the carriers' shared block.
fn with_public_addresses(logs: &Path) {
    for file in files_under(logs).iter().filter(|file| file.extension().is_some_and(|end| end == "parquet")) {
        let path = logs.join(file);
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&path).unwrap()).unwrap();
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let out = std::fs::File::create(&path).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(out, batches[0].schema(), None).unwrap();
        for batch in batches {
            let at = batch.schema().index_of("ip").unwrap();
            let words = arrow_cast::cast(batch.column(at), &arrow_schema::DataType::Utf8).unwrap();
            let words = words.as_string::<i32>().iter();
            let words: arrow_array::StringArray =
                words.map(|own| own.map(|own| own.replacen("100.", "45.", 1))).collect();
            let mut columns = batch.columns().to_vec();
            columns[at] = arrow_cast::cast(&words, batch.column(at).data_type()).unwrap();
            writer.write(&arrow_array::RecordBatch::try_new(batch.schema(), columns).unwrap()).unwrap();
        }
        writer.close().unwrap();
    }
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

/// Indicators of a bundle for other providers, their number by the table, and leads left out.
fn indicators(share: &Path) -> [usize; 3] {
    let stix = std::fs::read_to_string(share.join("data/indicators.stix.json")).unwrap();
    let stix: serde_json::Value = serde_json::from_str(&stix).unwrap();
    let objects = stix["objects"].as_array().unwrap().iter();
    let count = objects.filter(|object| object["type"] == "indicator").count();
    let table = std::fs::read_to_string(share.join("data/indicators_left_out.csv")).unwrap();
    let (_, rows) = common::csv_rows(&table);
    let number = |row: &Vec<String>| row[1].parse::<usize>().unwrap();
    let left_out = rows.iter().filter(|row| row[0] == "leads left out").map(number).sum();
    [count, number(&rows[0]), left_out]
}

/// Designations of the files of a bundle with records, by path under `data/`, each of which has one.
fn designated(bag: &Path) -> BTreeMap<String, String> {
    let table = std::fs::read_to_string(bag.join("data/08_legal/designations.csv")).unwrap();
    let (_, rows) = common::csv_rows(&table);
    let payload = files_under(&bag.join("data")).into_iter().map(|file| text(&file).to_owned());
    let one = |file: String| {
        let own: Vec<_> = rows.iter().filter(|row| row[0] == file && row[1].is_empty()).collect();
        assert_eq!(own.len(), 1, "{file} has one designation");
        (file, own[0][2].clone())
    };
    payload.map(one).collect()
}

/// Values of the records, such as ids of requests, stand in no file of a less restricted designation.
fn withheld_from_lower_designations(bag: &Path) {
    let designated = designated(bag);
    let records = std::fs::read_to_string(bag.join("data/02_records/EX-0001.csv")).unwrap();
    let (header, rows) = common::csv_rows(&records);
    let columns = ["request_id", "conversation_id", "prompt_text", "response_text"];
    let at = columns.map(|name| header.iter().position(|own| own == name));
    let values: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| at.into_iter().flatten().map(|at| row[at].as_str()))
        .filter(|value| value.len() > 5)
        .collect();
    assert!(values.len() >= 3, "{values:?}");
    let mut looked_at = 0;
    for (file, words) in readable(bag) {
        let Some(own) = file.strip_prefix("data").ok().map(|own| &designated[text(own)]) else { continue };
        if own != &designated["02_records/EX-0001.csv"] {
            looked_at += 1;
            let found: Vec<_> = values.iter().filter(|value| words.contains(**value)).collect();
            assert!(found.is_empty(), "{} is {own} and has {found:?}", file.display());
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

#[test]
fn each_audience_gets_what_it_may_and_production_names_nobody() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    with_public_addresses(&logs);
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

    withheld_from_lower_designations(&production);
    let internal = export(home, &case, "internal");
    assert!(designated(&internal).values().all(|own| own == "PRIVILEGED: ATTORNEY WORK PRODUCT"));
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
        let info = std::fs::read_to_string(bag.join("bag-info.txt")).unwrap();
        assert_eq!(info.lines().filter(|line| line.starts_with("Designation: ")).count(), 1);
        assert!(!bag.join("data/02_records").exists() && !bag.join("data/06_custody/journal.jsonl").exists());
        for (file, words) in readable(bag) {
            for column in ["prompt_text", "acct_"] {
                assert!(!words.contains(column), "{} has {column}", file.display());
            }
        }
    }
    // A lead whose explanations nobody weighed shares nothing, and the bundle says so.
    assert_eq!(indicators(&share), [0, 0, 1]);
    let table = std::fs::read_to_string(production.join("data/05_methods/alternatives.csv")).unwrap();
    let (header, rows) = common::csv_rows(&table);
    let at = header.iter().position(|name| name == "explanation").unwrap();
    let lead = &common::lead_ids(home, &case)[0];
    for (row, left) in rows.iter().zip((0..rows.len()).rev()) {
        let verdict = if left == 0 { "open" } else { "ruled-out" };
        let weigh = ["--explanation", &row[at], "--against", "no sign of it", "--verdict", verdict];
        run(home, &[&["weigh", text(&case), "--lead", lead][..], &weigh[..]].concat());
    }
    assert_eq!(indicators(&export(home, &case, "share")), [0, 0, 1], "open and not weighed are one rule");
    let last = &rows.last().unwrap()[at];
    let weigh = ["--explanation", last, "--against", "no sign of it", "--verdict", "ruled-out"];
    run(home, &[&["weigh", text(&case), "--lead", lead][..], &weigh[..]].concat());
    let shared = export(home, &case, "share");
    assert!(run(home, &["verify", text(&shared)]).contains("not confirmed"));
    let [objects, counted, left_out] = indicators(&shared);
    assert!(objects > 0 && objects == counted && left_out == 0, "{objects} {counted} {left_out}");
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
