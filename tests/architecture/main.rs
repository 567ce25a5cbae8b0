//! The house stays in order: who may use whom, and which crates stay in which rooms.
//!
//! Reads the sources as text; comments and string literals do not count.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// From below to above. A folder may use those before it.
const LAYERS: [&str; 16] = [
    "model",
    "stats",
    "snapshot",
    "cache",
    "case",
    "topics",
    "query",
    "signals",
    "leads",
    "evaluation",
    "exhibit",
    "bundle",
    "jobs",
    "synthetic",
    "cli",
    "ui",
];

/// A crate, and the folders (or `main.rs`) that may name it.
const ROOMS: [(&[&str], &[&str]); 4] = [
    (&["egui", "eframe", "egui_extras", "egui_plot", "egui_tiles", "rfd"], &["ui", "main.rs"]),
    (&["rusqlite"], &["cache", "case", "topics", "query"]),
    (&["anyhow"], &["main.rs", "cli", "jobs"]),
    (
        &["arrow", "parquet"],
        &["snapshot", "cache", "topics", "query", "bundle", "exhibit", "synthetic", "cli"],
    ),
];

#[test]
fn the_house_is_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "the sources were not found under {}", root.display());
    let mut faults = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        faults.extend(
            faults_of(&room, &text).into_iter().map(|fault| format!("{}: {fault}", inside.display())),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_forbidden_dependency_is_noticed() {
    for (room, text) in [
        ("cache", "use crate::leads::Leads;"),
        ("model", "fn f() { crate::stats::mean(&[]); }"),
        ("signals", "use crate::{cache::Cache, bundle::verify};"),
        ("jobs", "use egui::Context;"),
        ("ui", "let c = rusqlite::Connection::open(path);"),
        ("ui", "use arrow::array::Int64Array;"),
        ("leads", "use anyhow::Result;"),
        ("cli", "use crate::ui::Start;"),
    ] {
        assert!(!faults_of(room, text).is_empty(), "{room}: {text}");
    }
    for (room, text) in [
        ("ui", "use crate::leads::Leads;"),
        ("jobs", "// egui is not used here\nlet s = \"rusqlite::\";"),
        ("stats", "/// See crate::leads for who uses it."),
        ("main.rs", "use stillhunt::ui;"),
    ] {
        assert_eq!(faults_of(room, text), Vec::<String>::new(), "{room}: {text}");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn faults_of(room: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let mut faults = Vec::new();
    if let Some(level) = LAYERS.iter().position(|layer| *layer == room) {
        for used in used_layers(&code) {
            if LAYERS.iter().position(|layer| *layer == used).is_some_and(|other| other > level) {
                faults.push(format!("{room} uses {used}, which stands above it"));
            }
        }
    }
    for (crates, rooms) in ROOMS {
        for name in crates {
            if names_crate(&code, name) && !rooms.contains(&room) {
                faults.push(format!("{room} names {name}, which is only for {}", rooms.join(", ")));
            }
        }
    }
    faults
}

/// The text without comments and string literals. Raw strings and character literals are simple
/// enough in this code base to be left in.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        let mut in_string = false;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if in_string => drop(chars.next()),
                '"' => in_string = !in_string,
                '/' if !in_string && chars.peek() == Some(&'/') => break,
                c if !in_string => code.push(c),
                _ => {}
            }
        }
        code.push('\n');
    }
    code
}

/// The top folders named in `crate::x` and `crate::{x, y::z}`.
fn used_layers(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => used.push(word(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && !c.is_whitespace() => {
                            used.push(word(&group[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `name::` or `use name;` stands in the code as a path's first part.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let first = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':' && c != '.');
        first && code[at + name.len()..].starts_with("::")
    })
}
