//! Helpers of the tests of commands: runs of the program, a small generated case.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod kills;
pub mod readable;
pub mod sealing;
pub mod tiny;
pub mod traces;
pub mod walk;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program, with a configuration folder of its own so that no key of the user's is touched.
pub fn stillhunt(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stillhunt"));
    command.env("XDG_CONFIG_HOME", home.join("config")).env("HOME", home).stdin(Stdio::null());
    command
}

/// Runs the program, which has to succeed; returns its output.
pub fn run(home: &Path, arguments: &[&str]) -> String {
    let output = output(home, arguments);
    assert!(output.status.success(), "stillhunt {}: {}", arguments.join(" "), said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the program; returns its output and exit code.
pub fn output(home: &Path, arguments: &[&str]) -> Output {
    stillhunt(home).args(arguments).output().unwrap()
}

/// Exit code and stderr, for a failed assertion.
pub fn said(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{:?}: {error}{out}", output.status.code())
}

/// A path as the argument it is to be.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Writes a small synthetic snapshot with one campaign; returns its folder.
pub fn small_logs(home: &Path) -> PathBuf {
    generated(home, ["240", "6000"], "broad:accounts=16,exchanges=1200")
}

/// The smallest logs found whose first lead is a content community with events.
pub fn community_logs(home: &Path) -> PathBuf {
    generated(home, ["80", "1500"], "broad:accounts=12,exchanges=400")
}

/// Logs of eight days with this number of accounts and exchanges, and a planted campaign.
fn generated(home: &Path, [accounts, exchanges]: [&str; 2], campaign: &str) -> PathBuf {
    let logs = home.join("logs");
    let size = ["--accounts", accounts, "--exchanges", exchanges, "--days", "8"];
    let plan = ["--campaign", campaign, "--seed", "7"];
    run(home, &[&["generate", "--out", text(&logs)][..], &size[..], &plan[..]].concat());
    logs
}

/// A case of [`small_logs`], imported to the end; gives its folder.
pub fn small_case(home: &Path) -> PathBuf {
    let case = home.join("c.stillhunt");
    run(home, &["import", text(&case), text(&small_logs(home))]);
    case
}

/// Path of a scope file without any restriction.
pub fn everything(home: &Path) -> PathBuf {
    let file = home.join("all.json");
    std::fs::write(&file, "{}").unwrap();
    file
}

/// Logs that are imported in a second or two, with one lead.
pub fn few_logs(home: &Path) -> PathBuf {
    let logs = home.join("logs");
    let size = ["--accounts", "60", "--exchanges", "1500", "--days", "3", "--seed", "7"];
    run(home, &[&["generate", "--out", text(&logs)][..], &size[..]].concat());
    logs
}

/// Rows of a CSV table, header first.
pub fn csv_rows(table: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (header, rows.collect())
}

/// Every file under a folder, relative to it, sorted.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

/// The ids of a case's leads, first rank first.
pub fn lead_ids(home: &Path, case: &Path) -> Vec<String> {
    let (header, rows) = csv_rows(&run(home, &["leads", text(case), "--format", "csv"]));
    assert_eq!(header[..2], ["lead", "rank"]);
    rows.into_iter().map(|row| row[0].clone()).collect()
}

/// Marks the first lead and three of its exchanges, and writes a PRODUCTION bundle.
pub fn tag_and_export(home: &Path, case: &Path) -> PathBuf {
    let scope = home.join("first-lead.json");
    let first = &lead_ids(home, case)[0];
    std::fs::write(&scope, run(home, &["leads", text(case), "--scope", first])).unwrap();
    run(home, &["tag", text(case), "--scope", text(&scope), "--as", "relied-on", "--note", "one harness"]);
    for exchange in some_exchanges(home, case, &scope, 3) {
        run(home, &["tag", text(case), "--exchange", &exchange, "--as", "relied-on", "--note", "an example"]);
    }
    let out = home.join("out");
    let printed =
        run(home, &["export", text(case), "--out", text(&out), "--audience", "production", "--json"]);
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    PathBuf::from(printed["bag"].as_str().unwrap())
}

/// Names (snapshot, file, row) of the first exchanges of a scope.
pub fn some_exchanges(home: &Path, case: &Path, scope: &Path, count: usize) -> Vec<String> {
    let table = home.join("exchanges.csv");
    run(home, &["exhibit", text(case), "exchanges", "--scope", text(scope), "--out", text(&table)]);
    let (header, rows) = csv_rows(&std::fs::read_to_string(&table).unwrap());
    let at = header.iter().position(|name| name == "exchange").expect("a column of lasting names");
    rows.iter().take(count).map(|row| row[at].clone()).collect()
}

/// Every table of a SQLite file, every row, every cell.
pub fn dump(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut names =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut lines = Vec::new();
    for name in names {
        let mut rows = connection.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..columns)
                .map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at).unwrap()))
                .collect();
            lines.push(format!("{name}: {}", cells.join(" | ")));
        }
    }
    assert!(lines.len() > 100, "the cache is nearly empty");
    lines
}

/// Text of somebody who wants to break a table, a page or the direction of writing.
pub const HOSTILE: &str = "=cmd|' /C calc'!A0 \u{202e}\u{200b}</td><script>alert(1)</script>\"',\n\t{}";

/// Exchanges of the scope of the first lead, oldest first: time, account and model.
pub fn exchanges_of_first_lead(home: &Path, case: &Path) -> Vec<[String; 3]> {
    let (scope, table) = (home.join("lead.json"), home.join("lead.csv"));
    std::fs::write(&scope, run(home, &["leads", text(case), "--scope", &lead_ids(home, case)[0]])).unwrap();
    run(home, &["exhibit", text(case), "exchanges", "--scope", text(&scope), "--out", text(&table)]);
    let (header, rows) = csv_rows(&std::fs::read_to_string(&table).unwrap());
    let at = ["ts", "account_id", "model"].map(|name| header.iter().position(|own| own == name).unwrap());
    rows.into_iter().map(|row| at.map(|at| row[at].clone())).collect()
}

/// Records the whole legal frame of the first lead: a revocation in the middle of its use, acceptance by all of
/// its accounts but one, and by an account outside the lead.
pub fn legal_frame(home: &Path, case: &Path) {
    let lead = lead_ids(home, case).remove(0);
    let exchanges = exchanges_of_first_lead(home, case);
    let middle = exchanges[exchanges.len() / 2][0][..19].replace('T', " ");
    let members: std::collections::BTreeSet<&str> = exchanges.iter().map(|row| row[1].as_str()).collect();
    let (_, accounts) = csv_rows(&run(home, &["leads", text(case), "--accounts", "--format", "csv"]));
    let other = accounts.iter().map(|row| row[0].as_str()).find(|id| !members.contains(id)).unwrap();
    let mut file = "account_id,accepted_at,ip,version\n".to_owned();
    for account in members.iter().skip(1).chain([&other, &"not_of_the_log"]) {
        // The record of the account outside the lead has a date without a time of day.
        let time = if *account == other { &middle[..10] } else { &middle };
        file += &format!("{account},{time},198.51.100.7,2026-01\n");
    }
    let (path, letter) = (home.join("acceptance.csv"), home.join("letter.txt"));
    std::fs::write(&path, file).unwrap();
    std::fs::write(&letter, "Access ends.").unwrap();
    let legal = |arguments: &[&str]| {
        run(home, &[&["legal", text(case)], arguments].concat());
    };
    legal(&["terms", "--version", "2026-01", "--from", "2026-01-15", "--document", text(&letter)]);
    legal(&["clause", "--version", "2026-01", "--clause", "4.2", "--text", HOSTILE]);
    legal(&["breach", "--version", "2026-01", "--clause", "4.2", "--text", "answers were collected"]);
    legal(&["accept", "--file", text(&path)]);
    let notice = ["notice", "--kind", "revocation", "--at", &middle, "--lead", &lead];
    legal(&[&notice[..], &["--text", HOSTILE, "--document", text(&letter)]].concat());
    legal(&["measure", "--kind", "hidden-reasoning", "--since", "2025-11-01", "--text", HOSTILE]);
    let price = ["price", "--currency", "USD", "--source", "price list"];
    legal(&[&price[..], &["--input", "3", "--output", "15.5", "--until", &middle]].concat());
    legal(&["loss", "--date", "2026-05-21", "--amount", "12500", "--currency", "USD", "--text", "response"]);
    legal(&["element", "contract.breach", "--state", HOSTILE]);
    legal(&["element", "secret.information", "--state", "the reasoning that is not shown"]);
    legal(&[&price[..], &["--input", "6", "--output", "31", "--from", &middle]].concat());
}
