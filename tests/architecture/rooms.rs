//! Layers, and crates that only some folders may name.

use crate::source::{Kind, Token, tokens, use_paths, without_tests};

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
const ROOMS: [(&[&str], &[&str]); 5] = [
    (&["egui", "eframe", "egui_extras", "egui_plot", "egui_tiles", "rfd"], &["ui", "main.rs"]),
    (&["rusqlite"], &["cache", "case"]),
    (&["anyhow"], &["main.rs", "cli", "jobs"]),
    // The log takes no content of a snapshot, so whoever reads one cannot write to it.
    (&["tracing", "tracing_subscriber"], &["jobs"]),
    (
        &[
            "arrow_array",
            "arrow_buffer",
            "arrow_cast",
            "arrow_ipc",
            "arrow_ord",
            "arrow_schema",
            "arrow_select",
            "parquet",
        ],
        &["snapshot", "cache", "topics", "query", "bundle", "exhibit", "synthetic", "cli"],
    ),
];

/// Forbidden uses in a text of a room.
pub fn faults_of(room: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut faults = Vec::new();
    if let Some(level) = LAYERS.iter().position(|layer| *layer == room) {
        for used in used_layers(&tokens) {
            if LAYERS.iter().position(|layer| *layer == used).is_some_and(|other| other > level) {
                faults.push(format!("{room} uses {used}, which stands above it"));
            }
        }
    }
    for (crates, rooms) in ROOMS {
        for name in crates {
            if names_crate(&tokens, name) && !rooms.contains(&room) {
                faults.push(format!("{room} names {name}, which is only for {}", rooms.join(", ")));
            }
        }
    }
    faults
}

/// Calls that make the metadata by which the Parquet reader reads a file, with their lines.
pub fn makers_of_metadata(text: &str) -> Vec<(usize, String)> {
    let (tokens, _) = without_tests(tokens(text));
    let makers = [
        ("ArrowReaderMetadata", &["try_new", "load"][..]),
        ("ParquetRecordBatchReaderBuilder", &["try_new", "try_new_with_options"]),
        ("ParquetMetaDataReader", &["new", "new_with_metadata"]),
        ("SerializedFileReader", &["new", "new_with_options"]),
    ];
    let mut found = Vec::new();
    for three in tokens.windows(3) {
        let calls = makers.iter().find(|(name, _)| *name == three[0].word() && three[1].is_colons());
        if calls.is_some_and(|(_, calls)| calls.contains(&three[2].word())) {
            found.push((three[0].line, format!("{}::{}", three[0].word(), three[2].word())));
        }
    }
    found
}

/// The top folders named in `crate::x` and `crate::{x, y::z}`.
fn used_layers(tokens: &[Token]) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| token.word() == "crate") {
        match &tokens[at + 1..] {
            [colons, next, ..] if colons.is_colons() && next.kind == Kind::Mark('{') => {
                used.extend(
                    use_paths(&tokens[at + 2..]).into_iter().filter_map(|(path, _)| path.into_iter().next()),
                );
            }
            [colons, next, ..] if colons.is_colons() => used.push(next.word().to_owned()),
            _ => {}
        }
    }
    used
}

/// True where `name::` stands in the code as a path's first part.
fn names_crate(tokens: &[Token], name: &str) -> bool {
    (0..tokens.len()).any(|at| {
        let first = at == 0 || !(tokens[at - 1].is_colons() || tokens[at - 1].is('.'));
        first && tokens[at].word() == name && tokens.get(at + 1).is_some_and(Token::is_colons)
    })
}

#[cfg(test)]
mod tests {
    use super::faults_of;

    #[test]
    fn a_forbidden_dependency_is_noticed() {
        for (room, text) in [
            ("cache", "use crate::leads::Leads;"),
            ("model", "fn f() { crate::stats::mean(&[]); }"),
            ("signals", "use crate::{cache::Cache, bundle::verify};"),
            ("jobs", "use egui::Context;"),
            ("ui", "let c = rusqlite::Connection::open(path);"),
            ("ui", "use arrow_array::Int64Array;"),
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
}
