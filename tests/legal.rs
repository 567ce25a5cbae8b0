//! The legal frame, from commands to bundles: recorded, undone, computed, disclosed by profile.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{
    csv_rows, exchanges_of_first_lead, few_logs, files_under, legal_frame, output, run, tag_and_export, text,
};
use serde_json::Value;

const PRICE: [&str; 9] =
    ["price", "--input", "3", "--output", "15", "--currency", "USD", "--source", "a list"];

fn shown(home: &Path, case: &Path) -> Value {
    serde_json::from_str(&run(home, &["legal", text(case), "show", "--json"])).unwrap()
}

fn export(home: &Path, case: &Path, audience: &str, profile: &str) -> PathBuf {
    let out = home.join(format!("out-{profile}"));
    let arguments =
        ["export", text(case), "--out", text(&out), "--audience", audience, "--profile", profile, "--json"];
    let printed: Value = serde_json::from_str(&run(home, &arguments)).unwrap();
    PathBuf::from(printed["bag"].as_str().unwrap())
}

fn table(bag: &Path, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    csv_rows(&std::fs::read_to_string(bag.join("data/08_legal").join(name)).unwrap())
}

fn column<'a>(rows: &'a Value, name: &str) -> Vec<&'a str> {
    rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap()).collect()
}

#[test]
fn what_is_recorded_is_shown_undone_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    let empty = shown(home, &case);
    assert_eq!(empty["elements"].as_array().unwrap().len(), 15);
    assert!(column(&empty["elements"], "state").iter().all(|state| *state == "empty"));
    legal_frame(home, &case);
    let exchanges = exchanges_of_first_lead(home, &case);
    // Nothing is relied on yet, so nothing is counted.
    assert_eq!(shown(home, &case)["after_revocation"], Value::Array(Vec::new()));
    let scope = home.join("lead.json");
    run(home, &["tag", text(&case), "--scope", text(&scope), "--as", "relied-on", "--note", "x"]);
    run(home, &["legal", text(&case), "element", "contract.breach", "--evidence", "1"]);

    let all = shown(home, &case);
    let after: u64 =
        column(&all["after_revocation"], "exchanges").iter().map(|n| n.parse::<u64>().unwrap()).sum();
    let middle = exchanges[exchanges.len() / 2][0][..19].to_owned();
    // Times of notices are whole seconds.
    let later = exchanges.iter().filter(|row| row[0].as_str() > format!("{middle}.000000").as_str()).count();
    assert_eq!(after, later as u64);
    assert!(column(&all["after_revocation"], "relation").iter().all(|relation| *relation == "addressed"));
    let harm = all["harm"].as_array().unwrap();
    let sum = harm.iter().find(|row| row["model"] == "all models with a price").unwrap();
    assert_eq!(sum["exchanges"], exchanges.len().to_string());
    // Each exchange costs the price in force at its time: the first one until the middle, twice as much from there on.
    let number = |row: &Value, name: &str| row[name].as_str().unwrap().parse::<f64>().unwrap();
    let priced = |price: &str| -> Vec<&Value> {
        let is_own = |row: &&Value| row["price_item"] == price && row["basis"] == sum["basis"];
        harm.iter().filter(is_own).collect()
    };
    let mut cost = 0.0;
    for (price, rates) in [("7", [3.0, 15.5]), ("9", [6.0, 31.0])] {
        for row in priced(price) {
            let own =
                (rates[0] * number(row, "input_tokens") + rates[1] * number(row, "output_tokens")) / 1e6;
            assert!((number(row, "cost") - own).abs() < 1e-4, "{row}");
            cost += own;
        }
    }
    assert!((number(sum, "cost") - cost).abs() < 1e-3);
    let first_half: f64 = priced("7").iter().map(|row| number(row, "exchanges")).sum();
    let earlier = exchanges.iter().filter(|row| row[0][..19] < middle[..]).count();
    assert_eq!(first_half, earlier as f64);
    let findings = column(&all["acceptance_gaps"], "finding");
    assert_eq!(findings.iter().filter(|finding| **finding == "no record of acceptance").count(), 1);
    assert!(findings.contains(&"used before acceptance"));
    // A date is the whole day in a zone that the table names; use on that day is neither before nor after it.
    let precision = column(&all["acceptance"], "precision");
    assert_eq!(precision.iter().filter(|own| **own == "whole day in UTC").count(), 1);
    for row in all["acceptance_gaps"].as_array().unwrap() {
        let [first, by] = ["first_acceptance_utc", "accepted_by_utc"].map(|name| row[name].as_str().unwrap());
        let is_day = first.ends_with("T00:00:00.000000+00:00") && by != first;
        assert!(is_day || number(row, "exchanges_on_day_of_acceptance") == 0.0, "{row}");
        assert!(is_day || first == by, "{row}");
    }
    // An account of the log outside the lead is kept; one that the log does not have is not.
    let members: BTreeSet<&str> = exchanges.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(all["acceptance"].as_array().unwrap().len(), members.len());

    let state_of = |all: &Value, element: &str| {
        let rows = all["elements"].as_array().unwrap();
        rows.iter().find(|row| row["element"] == element).unwrap()["state"].clone()
    };
    assert_eq!(state_of(&all, "contract.breach"), "stated, with support");
    run(home, &["undo", text(&case)]);
    assert_eq!(column(&shown(home, &case)["elements"], "evidence").concat(), "");
    run(home, &["legal", text(&case), "remove", "8"]);
    assert_eq!(shown(home, &case)["losses"], Value::Array(Vec::new()));
    run(home, &["undo", text(&case)]);
    assert_eq!(column(&shown(home, &case)["losses"], "amount"), ["12500.00"]);
    // A number is never given twice.
    run(home, &["legal", text(&case), "remove", "8"]);
    let loss = ["loss", "--date", "2026-05-22", "--amount", "1", "--currency", "USD", "--text", "y"];
    run(home, &[&["legal", text(&case)][..], &loss].concat());
    assert_eq!(column(&shown(home, &case)["losses"], "item"), ["10"]);
}

#[test]
fn wrong_use_is_refused_with_the_next_step() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    let file = home.join("no-columns.csv");
    std::fs::write(&file, "who,when\na,2026-01-01\n").unwrap();
    for (arguments, code, said) in [
        (&["remove", "3"][..], 2, "no legal item number 3"),
        (&["element", "contract", "--state", "x"], 2, "no element"),
        (&["element", "contract.breach", "--evidence", "7"], 2, "no evidence number 7"),
        (&["breach", "--version", "1", "--clause", "4", "--text", "x"], 2, "no clause 4"),
        (&["price", "--input", "-1", "--output", "1", "--currency", "USD", "--source", "x"], 2, ""),
        (&["terms", "--version", "1", "--from", "soon"], 2, "is not a time"),
        (&["terms", "--version", "1", "--from", "2026-01-02", "--to", "2026-01-01"], 2, "not after"),
        (&[&PRICE[..], &["--from", "2026-01-02", "--until", "2026-01-02"]].concat()[..], 2, "not after"),
        (&["notice", "--kind", "letter", "--at", "2026-05-01", "--account", "a"], 2, "reinstatement"),
        (&["notice", "--kind", "block", "--at", "2026-05-01", "--account", "nobody"], 2, "nobody"),
        (&["accept", "--file", text(&file)], 3, "no column of the account"),
    ] {
        let done = output(home, &[&["legal", text(&case)][..], arguments].concat());
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {words}");
        assert!(words.contains(said), "{arguments:?}: {words}");
    }
    let journal = run(home, &["journal", text(&case), "--format", "csv"]);
    assert!(!journal.contains("legal item"), "nothing was recorded");
}

#[test]
fn each_profile_has_its_elements_and_names_nobody() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    legal_frame(home, &case);
    let recorded = tag_and_export(home, &case);
    run(home, &["legal", text(&case), "element", "access.after", "--evidence", "1"]);
    let [terms, secret] = ["terms", "trade-secret"].map(|profile| export(home, &case, "production", profile));
    for bag in [&recorded, &terms, &secret] {
        assert!(run(home, &["verify", text(bag)]).contains("not confirmed"), "{}", bag.display());
        let (_, accounts) = csv_rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
        for file in files_under(&bag.join("data/08_legal")) {
            let words = std::fs::read(bag.join("data/08_legal").join(&file)).unwrap();
            let words = String::from_utf8(words).unwrap();
            assert!(
                accounts.iter().all(|row| !words.contains(&row[0])),
                "{} names an account",
                file.display()
            );
            assert!(!words.contains("198.51.100.7"), "{} has an address", file.display());
            assert!(!words.contains('\u{202e}'), "{}", file.display());
            let is_table = file.extension().is_some_and(|end| end == "csv");
            assert!(!is_table || !words.contains("\"=cmd") && !words.contains(",=cmd"), "{}", file.display());
        }
        // Of acceptance only that of accounts relied on is disclosed.
        let journal = std::fs::read_to_string(bag.join("data/06_custody/journal.jsonl")).unwrap();
        assert!(accounts.iter().all(|row| !journal.contains(&row[0])));
    }
    let frames = |bag: &Path| -> BTreeSet<String> {
        table(bag, "elements.csv").1.into_iter().map(|row| row[0].clone()).collect()
    };
    let access = "Computer access".to_owned();
    assert_eq!(frames(&recorded).len(), 3);
    assert_eq!(frames(&terms), [access.clone(), "Contract".into()].into());
    assert_eq!(frames(&secret), [access, "Trade secret (DTSA)".into()].into());
    assert!(
        terms.join("data/08_legal/tos/T1.txt").exists() && !terms.join("data/08_legal/measures.csv").exists()
    );
    assert!(!secret.join("data/08_legal/tos").exists() && secret.join("data/08_legal/measures.csv").exists());
    // The secret is in no byte of a terms bundle, and the log says why.
    for file in files_under(&terms) {
        let bytes = std::fs::read(terms.join(&file)).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains("the reasoning that is not shown"),
            "{}",
            file.display()
        );
    }
    let log = std::fs::read_to_string(terms.join("data/08_legal/redaction_log.csv")).unwrap();
    assert!(log.contains("/legal/text,") && log.contains("not produced: outside the proceeding"));
    let report = |bag: &Path| std::fs::read_to_string(bag.join("data/01_report/report.xhtml")).unwrap();
    assert!(report(&secret).contains("Answers that customers were shown may be no secret."));
    assert!(report(&secret).contains("18 U.S.C. 1839(3)") && !report(&terms).contains("1839(3)"));
    assert!(report(&terms).contains("Acceptance by the accounts relied on"));

    let acceptance = table(&recorded, "tos/acceptance.csv").1;
    let gaps = table(&recorded, "tos/acceptance_gaps.csv").1;
    assert_eq!(acceptance.len() + 1, gaps.len(), "one account has no record, the stranger is left out");
    assert!(acceptance.iter().all(|row| row[0].starts_with("account-") && row[3].starts_with("address-")));

    // Everything comes out the same from the logs.
    let internal = export(home, &case, "internal", "as-recorded");
    assert_eq!(table(&internal, "tos/acceptance.csv").1.len(), acceptance.len() + 1);
    for bag in [&recorded, &terms, &secret, &internal] {
        assert!(run(home, &["verify", text(bag)]).contains("not confirmed"), "{}", bag.display());
        let arguments =
            ["reproduce", text(bag), "--snapshots", text(&logs), "--internal", text(&internal), "--json"];
        let again: Value = serde_json::from_str(&run(home, &arguments)).unwrap();
        let files = again["compared"].as_array().unwrap();
        let of_legal = files.iter().filter(|one| one["what"].as_str().unwrap().starts_with("08_legal/"));
        assert!(of_legal.count() >= 8, "{again}");
        assert!(files.iter().all(|one| one["same"] == true), "{again}");
    }
}
