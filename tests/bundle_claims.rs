//! Bundles whose claims somebody changed who holds the key, in the table and in the report alike: what one table says
//! is contradicted by other tables, by the journal, or by every other report of this program.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::path::{Path, PathBuf};

use common::sealing::{
    ANNEX, Change, PAGE, edit, is_content, missed, one, read, replace, rows_of, set_cell, swap, write,
};
use common::{few_logs, files_under, legal_frame, run, tag_and_export, text};
use serde_json::Value;

/// Table of the report whose header begins with these columns.
fn table(bag: &Path, header: &str) -> String {
    let folder = bag.join("data/03_exhibits");
    let mut names: Vec<String> = files_under(&folder).iter().map(|file| text(file).to_owned()).collect();
    names.retain(|name| {
        name.ends_with(".csv") && read(bag, &format!("03_exhibits/{name}")).starts_with(header)
    });
    format!("03_exhibits/{}", names.last().expect("a table with this header"))
}

/// Changes a cell of the first row with all `words`, in the table and in the row that the report prints of it.
fn cell(bag: &Path, header: &str, words: &[&str], column: &str, to: &str) {
    let file = table(bag, header);
    let (names, rows) = rows_of(bag, &file);
    let at = names.iter().position(|name| name == column).unwrap();
    let has = |row: &csv::StringRecord| words.iter().all(|word| row.iter().any(|own| own == *word));
    let place = rows.iter().position(has).expect("a row with these cells");
    set_cell(bag, &file, (place, at), to);
}

/// Changes a text in a table and everywhere in the report.
fn both(bag: &Path, file: &str, from: &str, to: &str) {
    replace(bag, file, from, to);
    let page = read(bag, PAGE);
    assert!(page.contains(from), "the report has no {from}");
    write(bag, PAGE, &page.replace(from, to));
}

const FIGURES: &str = "about,figure,value";
const LEADS: &str = "lead,rank,core,joined,exchanges,leads_tested";
const ANOMALIES: &str = "anomaly,where,count";
const ACCOUNTS: &str = "account,evidence,lead,role";

/// Changes of a PRODUCTION bundle.
fn production() -> Vec<Change> {
    vec![
        swap(
            "a finding without a reference",
            PAGE,
            ">Findings</h2>\n",
            ">Findings</h2>\n<p class=\"plain\">The operator has admitted the use.</p>\n",
        ),
        swap(
            "a caution is gone",
            PAGE,
            "This report does not state who operates an account, the nation of an operator, or any intention. ",
            "",
        ),
        swap(
            "a caution is turned round",
            PAGE,
            "None of these figures is a finding.",
            "Each of these figures is a finding.",
        ),
        swap("a sentence says more", PAGE, "Neither says why.", "Both say why."),
        one("more accounts are relied on", |bag| {
            cell(bag, FIGURES, &["the case", "exchanges of the log"], "value", "99999")
        }),
        one("fewer core members", |bag| cell(bag, FIGURES, &["E1", "core members"], "value", "7")),
        one("another first exchange", |bag| {
            cell(
                bag,
                FIGURES,
                &["the case", "first exchange of accounts relied on"],
                "value",
                "2020-01-01T00:00:00.000000+00:00",
            )
        }),
        one("fewer items speak against the case", |bag| {
            cell(bag, FIGURES, &["items of exculpatory evidence"], "value", "7")
        }),
        one("fewer leads were tested", |bag| cell(bag, LEADS, &["1"], "leads_tested", "9")),
        one("a smaller q-value of another lead", |bag| {
            let file = table(bag, LEADS);
            let last = read(bag, &file).lines().last().unwrap().split(',').next().unwrap().to_owned();
            cell(bag, LEADS, &[&last], "q_value", "1.000e-9");
        }),
        one("fewer exchanges at times far from all others", |bag| {
            cell(bag, ANOMALIES, &["exchanges at times far from all others"], "count", "7")
        }),
        one("more duplicates", |bag| {
            cell(bag, ANOMALIES, &["duplicate rows, counted once"], "count", "9");
        }),
        one("accounts used before they were made", |bag| {
            cell(bag, ANOMALIES, &["all accounts"], "count", "77");
        }),
        one("a longer gap", |bag| cell(bag, ANOMALIES, &["hours of the longest gap"], "count", "99")),
        one("another effect of an anomaly", |bag| {
            cell(bag, ANOMALIES, &["files whose times have no zone"], "effect on what is claimed", "None.");
        }),
        one("another rank", |bag| cell(bag, LEADS, &["2"], "rank", "3")),
        one("a core member joined", |bag| cell(bag, ACCOUNTS, &["core member"], "role", "joined member")),
        one("an account has more exchanges", |bag| {
            cell(bag, ACCOUNTS, &["core member"], "exchanges", "77777")
        }),
        one("a contested account", |bag| cell(bag, ACCOUNTS, &["core member", "no"], "contested", "yes")),
        one("an account was made later", |bag| {
            cell(bag, ACCOUNTS, &["core member"], "last", "2031-01-01 00:00:00")
        }),
        one("a time of a notice", |bag| {
            let file = table(bag, "time,event,about,source");
            let row = read(bag, &file);
            let event = row
                .lines()
                .find(|line| line.contains("notice N"))
                .unwrap()
                .split(',')
                .nth(1)
                .unwrap()
                .to_owned();
            cell(bag, "time,event,about,source", &[&event], "time", "2031-01-01 00:00:00");
        }),
        one("an item of the checklist is done", |bag| {
            cell(bag, "requirement,state,finding", &["not done, disclosed in the bundle"], "state", "done");
        }),
        one("an error rate is claimed", |bag| {
            both(
                bag,
                "05_methods/error_rates.csv",
                "No error rate is claimed: 0 control accounts are named.",
                "The error rate is 0: 0 control accounts are named.",
            );
        }),
        one("an explanation is ruled out", |bag| {
            replace(
                bag,
                "05_methods/alternatives.csv",
                "not stated,not stated,not stated",
                "none,many cards,ruled out",
            )
        }),
        one("a control", |bag| {
            let old = read(bag, "05_methods/controls.csv");
            write(bag, "05_methods/controls.csv", &format!("{old}account-0123456789abcdef,E99,9,99,yes,\n"));
        }),
        one("a statement on clocks", |bag| {
            replace(bag, "06_custody/clocks.csv", "not stated", "synchronised by NTP")
        }),
        one("a clock of another file", |bag| {
            replace(bag, "06_custody/clocks.csv", ".parquet,", ".parquet.bak,")
        }),
        one("records are public", |bag| {
            replace(
                bag,
                "08_legal/designations.csv",
                "02_records/EX-0001.parquet,,ATTORNEYS' EYES ONLY",
                "02_records/EX-0001.parquet,,PUBLIC",
            )
        }),
        swap(
            "a signal is defined otherwise",
            "05_methods/signals.json",
            "Distance of the account",
            "Proof of the account",
        ),
        swap("an event is defined otherwise", "05_methods/events.json", "new and heavy", "stolen"),
        swap(
            "a context figure is defined otherwise",
            "05_methods/context.json",
            "Mean token entropy",
            "Proof",
        ),
        one("an import had fewer rows", |bag| {
            edit(bag, "06_custody/import_reports.json", |json| json["reports"][0]["exchanges"] = 3.into())
        }),
        swap(
            "a field of the load file means something else",
            "09_loadfile/FIELDS.csv",
            "last Bates number",
            "first Bates number",
        ),
        one("one more key may sign", |bag| {
            let old = read(bag, "06_custody/allowed_signers");
            write(
                bag,
                "06_custody/allowed_signers",
                &format!("{old}{}", old.replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAJ")),
            );
        }),
        one("a membership probability", |bag| {
            let name = "04_summaries/underlying/E1.members.csv";
            let old = read(bag, name);
            write(
                bag,
                name,
                &old.replacen(
                    "core: linked with another core member by the values named",
                    "core: confessed",
                    1,
                ),
            );
        }),
        one("the journal's gaps", |bag| {
            let old = read(bag, "06_custody/gaps.csv");
            write(
                bag,
                "06_custody/gaps.csv",
                &format!(
                    "{old}{},x.parquet,2026-01-01T00:00:00+00:00,2026-01-02T00:00:00+00:00,24\n",
                    "ab".repeat(32)
                ),
            );
        }),
        one("a bar of a timeline is gone", |bag| {
            let stem = "03_exhibits/EX-0003";
            let old = read(bag, &format!("{stem}.svg"));
            let at = old.find("fill=\"#0b4f8a\"").expect("a bar");
            let start = old[..at].rfind("<rect").unwrap();
            let end = start + old[start..].find("/>").unwrap() + 2;
            let new = format!("{}{}", &old[..start], old[end..].trim_start_matches('\n'));
            let page = read(bag, PAGE);
            assert!(page.contains(old.trim_end()));
            write(bag, PAGE, &page.replace(old.trim_end(), new.trim_end()));
            write(bag, &format!("{stem}.svg"), &new);
        }),
    ]
}

/// Changes of a PRODUCTION bundle with prompts and responses.
fn with_text() -> Vec<Change> {
    vec![
        swap(
            "a printed prompt",
            ANNEX,
            "<p class=\"verbatim\" dir=\"auto\">",
            "<p class=\"verbatim\" dir=\"auto\">Copy this. ",
        ),
        one("a printed response is gone", |bag| {
            let page = read(bag, ANNEX);
            let start = page.find("<p class=\"verbatim\" dir=\"auto\">").unwrap();
            let end = start + page[start..].find("</p>\n").unwrap() + 5;
            write(bag, ANNEX, &format!("{}{}", &page[..start], &page[end..]));
        }),
    ]
}

/// Changes of counsel's bundle.
fn internal() -> Vec<Change> {
    vec![
        swap("a note of counsel", "10_internal/notes.csv", "one harness", "many harnesses"),
        one("a pseudonym", |bag| {
            let old = read(bag, "10_internal/pseudonyms.csv");
            let name = old.lines().nth(1).unwrap().rsplit(',').next().unwrap().to_owned();
            write(bag, "10_internal/pseudonyms.csv", &old.replace(&name, "account-0123456789abcdef"));
        }),
        one("a salt", |bag| {
            let old = read(bag, "10_internal/salts.csv");
            let salt = old.lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
            write(bag, "10_internal/salts.csv", &old.replace(&salt, &"0".repeat(32)));
        }),
        one("the key", |bag| edit(bag, "10_internal/key.json", |json| json["key"] = "ab".repeat(32).into())),
    ]
}

/// Changes of the summary for an authority.
fn regulator() -> Vec<Change> {
    vec![
        swap("the page of the incident", "01_report/incident.xhtml", "not stated", "2 May 2026"),
        swap(
            "the table of the incident",
            "01_report/incident.csv",
            "computed from the logs",
            "stated by the organisation",
        ),
    ]
}

#[test]
fn claims_that_were_changed_and_signed_again_are_found() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    run(home, &["person", text(&case), "--name", "Ada"]);
    legal_frame(home, &case);
    let sound = tag_and_export(home, &case);
    let out = home.join("out");
    let others = ["export", text(&case), "--out", text(&out), "--audience", "regulator,internal", "--json"];
    let others: Value = serde_json::from_str(&run(home, &others)).unwrap();
    let bags = || others.as_array().unwrap().iter().map(|own| PathBuf::from(own["bag"].as_str().unwrap()));
    let [authority, counsel] = ["_REGULATOR_", "_INTERNAL_"]
        .map(|word| bags().find(|bag| text(bag).contains(word)).expect("a bag of each audience"));
    let texts =
        ["export", text(&case), "--out", text(&out), "--audience", "production", "--include-text", "--json"];
    let texts: Value = serde_json::from_str(&run(home, &texts)).unwrap();
    let texts = PathBuf::from(texts["bag"].as_str().unwrap());
    let not_found = [
        missed(home, &sound, &production(), is_content),
        missed(home, &texts, &with_text(), is_content),
        missed(home, &counsel, &internal(), is_content),
        missed(home, &authority, &regulator(), is_content),
    ];
    assert_eq!(not_found, [const { Vec::<&str>::new() }; 4]);
}
