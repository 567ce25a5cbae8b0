//! Table formats: the live files of a Delta table, and formats that are refused.
//!
//! Delta: the protocol's `_delta_log`, JSON commits after the newest checkpoint (delta-io/delta,
//! `PROTOCOL.md`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{Array as _, StructArray};
use serde_json::Value;

use super::file::{File, guarded};
use super::raw::{Raw, Wanted};
use super::{SnapshotError, json};

/// Number of rows decoded at a time.
const BATCH_ROWS: usize = 1_024;

/// Live files of a table.
pub(super) struct Live {
    /// The newest version.
    pub version: u64,
    /// Paths of the live files.
    pub files: BTreeSet<PathBuf>,
}

/// The live files of a folder that is a Delta table; `None` for a plain folder.
///
/// # Errors
/// A table in another format, a Delta table with deletion vectors or a log that cannot be read.
pub(super) fn live_files(folder: &Path) -> Result<Option<Live>, SnapshotError> {
    let refused = |format, reason: &str| {
        Err(SnapshotError::Table { path: folder.to_owned(), format, reason: reason.to_owned() })
    };
    if folder.join(".hoodie").is_dir() {
        return refused("Hudi", "older versions of its rows lie among its files");
    }
    if has_iceberg_metadata(&folder.join("metadata")) {
        return refused("Iceberg", "its manifests, which are not read, list its live files");
    }
    let log = folder.join("_delta_log");
    if log.is_dir() { delta(folder, &log).map(Some) } else { Ok(None) }
}

fn has_iceberg_metadata(metadata: &Path) -> bool {
    let Ok(entries) = fs::read_dir(metadata) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".metadata.json"))
}

fn delta(folder: &Path, log: &Path) -> Result<Live, SnapshotError> {
    let refused = |reason: String| SnapshotError::Table { path: folder.to_owned(), format: "Delta", reason };
    let mut commits = Vec::new();
    let mut checkpoint: Option<(u64, Vec<PathBuf>)> = None;
    for entry in fs::read_dir(log).map_err(|e| SnapshotError::io(log, e))? {
        let path = entry.map_err(|e| SnapshotError::io(log, e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(version) = name.get(..20).and_then(|digits| digits.parse::<u64>().ok()) else { continue };
        match &name[20..] {
            ".json" => commits.push((version, path)),
            rest if rest.starts_with(".checkpoint") && rest.ends_with(".parquet") => match &mut checkpoint {
                Some((newest, parts)) if *newest == version => parts.push(path),
                Some((newest, _)) if *newest > version => {}
                _ => checkpoint = Some((version, vec![path])),
            },
            _ => {}
        }
    }
    commits.sort();
    let mut live = Live { version: 0, files: BTreeSet::new() };
    if let Some((version, parts)) = checkpoint {
        live.version = version;
        for part in parts {
            for action in actions_of_checkpoint(&part)? {
                apply(&action, folder, &mut live).map_err(refused)?;
            }
        }
        commits.retain(|(commit, _)| *commit > version);
    }
    for (version, path) in commits {
        let text = fs::read_to_string(&path).map_err(|e| SnapshotError::io(&path, e))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let action =
                serde_json::from_str(line).map_err(|e| refused(format!("its log cannot be read: {e}")))?;
            apply(&action, folder, &mut live).map_err(refused)?;
        }
        live.version = version;
    }
    Ok(live)
}

/// The actions in a checkpoint, each a row.
fn actions_of_checkpoint(path: &Path) -> Result<Vec<Value>, SnapshotError> {
    let name = path.display().to_string();
    let file = File::open(path, &name)?;
    let roots: Vec<usize> = (0..file.fields().len()).collect();
    let groups = (0..file.row_groups().len()).collect();
    let wanted = Wanted { groups, selection: None, batch_rows: BATCH_ROWS, as_bytes: true };
    let reader = Raw::of_roots(&file, &roots).open(&file, wanted)?;
    guarded(&name, None, || {
        let mut actions = Vec::new();
        for batch in reader {
            let rows = StructArray::from(batch?);
            actions.extend((0..rows.len()).map(|i| json::of_array(&rows, i)));
        }
        Ok(actions)
    })
}

/// Adds or removes a live file. The error is the reason why the table cannot be read as plain files.
fn apply(action: &Value, folder: &Path, live: &mut Live) -> Result<(), String> {
    let path =
        |action: &Value| action.get("path").and_then(Value::as_str).map(|path| folder.join(decoded(path)));
    if let Some(removed) = action.get("remove").and_then(path) {
        live.files.remove(&removed);
    }
    let Some(added) = action.get("add").filter(|added| !added.is_null()) else { return Ok(()) };
    if added.get("deletionVector").is_some_and(|vector| !vector.is_null()) {
        return Err("some of its rows are deleted by deletion vectors, which are not read".to_owned());
    }
    live.files.extend(path(added));
    Ok(())
}

/// Decoded path of the log, where paths are URIs.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let code = if *first == b'%' { after.get(..2) } else { None };
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::find_all;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn only_live_files_of_the_newest_version_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["old.parquet", "date=2026-04-22/new.parquet", "never.parquet"] {
            write(&dir.path().join(name), "x");
        }
        let log = dir.path().join("_delta_log");
        write(
            &log.join("00000000000000000000.json"),
            "{\"commitInfo\":{}}\n{\"add\":{\"path\":\"old.parquet\"}}\n",
        );
        let second = "{\"remove\":{\"path\":\"old.parquet\"}}\n{\"add\":{\"path\":\"date%3D2026-04-22/new.parquet\"}}\n";
        write(&log.join("00000000000000000001.json"), second);
        let found = find_all(&[dir.path().to_owned()]).unwrap();
        assert_eq!(found.files[0].0, "date=2026-04-22/new.parquet");
        assert_eq!(found.files.len(), 1);
        let dead = found.left_out.iter().filter(|left| left.reason.contains("version 1")).count();
        assert_eq!(dead, 2);
    }

    #[test]
    fn what_only_an_engine_can_read_is_refused_with_the_way_out() {
        let refused = |name: &str, text: &str| {
            let dir = tempfile::tempdir().unwrap();
            write(&dir.path().join("data/a.parquet"), "x");
            write(&dir.path().join(name), text);
            find_all(&[dir.path().to_owned()]).unwrap_err().to_string()
        };
        let vectors = "{\"add\":{\"path\":\"data/a.parquet\",\"deletionVector\":{\"storageType\":\"u\"}}}";
        assert!(refused("_delta_log/00000000000000000000.json", vectors).contains("deletion vectors"));
        assert!(refused("metadata/v1.metadata.json", "{}").contains("Iceberg"));
        assert!(refused(".hoodie/hoodie.properties", "").contains("Hudi"));
    }
}
