//! Bytes to begin with, for each target: real files, and what the program itself writes.

use std::fs;
use std::path::{Path, PathBuf};

use stillhunt::case::{Access, Action, Case};

use super::bundle;

/// Largest file that serves as a seed, in bytes.
const LARGEST: u64 = 40_000;

/// Seeds of a target, in a fixed order. `imports` is a folder of log files and mappings from
/// outside; where it is not there, only what is made here is left.
pub fn seeds(target: &str, imports: &Path) -> Vec<Vec<u8>> {
    match target {
        "lines_bytes" => lines(),
        "parquet_bytes" => small_files(imports, "parquet"),
        "mapping_toml" => {
            let mut seeds = small_files(imports, "toml");
            seeds.push(
                b"preset = \"x\"\nts = { column = \"created\", unit = \"ms\" }\naccount_id = \"u\"\n".into(),
            );
            seeds
        }
        "scope_json" => scopes(),
        "journal" => vec![journal()],
        "bundle_verify" => bundle::seeds(),
        // Any bytes are a file there: long ones give every column values of its own.
        _ => (1..=8_u32).map(|by| (0..4_000).map(|at| ((at * by * 37) >> 3) as u8).collect()).collect(),
    }
}

/// A few rows in each layout of text.
fn lines() -> Vec<Vec<u8>> {
    let row =
        r#"{"ts":"2026-04-22T13:05:09Z","account_id":"a","prompt_text":"say \"hi\", {x}","output_tokens":7}"#;
    let quoted = "1776863109,a,\"say \\\"hi\\\", {x}\"\n";
    let seeds = [
        format!("\0{row}\n\n{row}\n"),
        format!("\x01{{\"data\":[{row},{row}],\"error\":null}}"),
        format!("\x01[{row},\n{row}]"),
        format!("\x01{row}{row}"),
        format!("\x02ts,account_id,prompt_text\n{quoted}{quoted}"),
        "\x02ts;account_id;prompt_text\r\n2026-04-22T13:05:09Z;a;\"say \"\"hi\"\"\"\r\n".to_owned(),
    ];
    seeds.map(String::into_bytes).to_vec()
}

fn small_files(folder: &Path, ending: &str) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    walk(folder, ending, &mut paths);
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(about) if about.is_dir() => walk(&path, ending, found),
            Ok(about) if about.len() <= LARGEST && path.extension().is_some_and(|has| has == ending) => {
                found.push(path);
            }
            _ => {}
        }
    }
}

fn scopes() -> Vec<Vec<u8>> {
    let whole = r#"{"accounts":{"label":"lead L-7f31ab","ids":["a","b"]},"span":{"start":0,"end":9},"topics":{"3":"agents"},"attributes":{"ip":["10.0.0.1"],"user_agent":["x","y"]}}"#;
    [whole, "{}", r#"{"accounts":null}"#].map(|text| text.as_bytes().to_vec()).to_vec()
}

fn journal() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = folder.path().join("c.stillhunt");
    drop(Case::create(&dir).expect("a case"));
    let mut case = Case::open(&dir, Access::Write).expect("a case");
    for value in ["UTC", "Europe/Paris"] {
        let action = Action::SettingChanged { key: "zone".into(), value: value.into() };
        case.record(action).expect("a setting");
    }
    let lines = case.journal_lines();
    let lines = lines.iter().map(|line| serde_json::to_string(line).expect("a line") + "\n");
    lines.collect::<String>().into_bytes()
}
