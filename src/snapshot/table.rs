//! Table formats: the live files of a Delta table, and formats that are refused.
//!
//! Delta: the protocol's `_delta_log`, JSON commits after the newest checkpoint (delta-io/delta,
//! `PROTOCOL.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::{Array as _, StructArray};
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

/// Maximum number of folders around a named one that are looked at.
const MAX_ABOVE: usize = 12;

/// The live files of the table in whose folder another folder lies, by their full paths; `None` for a folder of no
/// table.
///
/// # Errors
/// As [`live_files`].
pub(super) fn around(folder: &Path) -> Result<Option<Live>, SnapshotError> {
    let Ok(full) = fs::canonicalize(folder) else { return Ok(None) };
    for above in full.ancestors().skip(1).take(MAX_ABOVE) {
        let is_of_iceberg =
            full.starts_with(above.join("data")) && has_iceberg_metadata(&above.join("metadata"));
        if is_of_iceberg || above.join("_delta_log").is_dir() || above.join(".hoodie").is_dir() {
            return live_files(above);
        }
    }
    Ok(None)
}

fn has_iceberg_metadata(metadata: &Path) -> bool {
    let Ok(entries) = fs::read_dir(metadata) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".metadata.json"))
}

/// Files of a Delta table's log, by version.
#[derive(Default)]
struct Log {
    commits: BTreeMap<u64, PathBuf>,
    /// Checkpoints: number of parts that each names, and the parts that are there, in order.
    checkpoints: BTreeMap<(u64, u64), Vec<PathBuf>>,
    /// Newest checkpoint in JSON, which is not read.
    in_json: Option<u64>,
}

/// Version of the newest checkpoint, its parts, and the commits after it, with their versions.
type Newest<'a> = (Option<u64>, &'a [PathBuf], Vec<(u64, &'a PathBuf)>);

impl Log {
    fn of(log: &Path) -> Result<Self, SnapshotError> {
        let mut found = Self::default();
        let mut paths = Vec::new();
        for entry in fs::read_dir(log).map_err(|e| SnapshotError::io(log, e))? {
            paths.push(entry.map_err(|e| SnapshotError::io(log, e))?.path());
        }
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(version) = name.get(..20).and_then(|digits| digits.parse::<u64>().ok()) else {
                continue;
            };
            match &name[20..] {
                ".json" => drop(found.commits.insert(version, path)),
                rest if rest.starts_with(".checkpoint") && rest.ends_with(".parquet") => {
                    let parts = rest.split('.').nth(3).and_then(|parts| parts.parse().ok()).unwrap_or(1);
                    found.checkpoints.entry((version, parts)).or_default().push(path);
                }
                rest if rest.starts_with(".checkpoint.") && rest.ends_with(".json") => {
                    found.in_json = found.in_json.max(Some(version));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The newest checkpoint of which all parts are there, and the commits after it. The error is the reason
    /// why the log does not tell the live files.
    fn newest(&self) -> Result<Newest<'_>, String> {
        let whole =
            |((_, parts), paths): &(&(u64, u64), &Vec<PathBuf>)| *parts == paths.len() as u64 || *parts == 1;
        let checkpoint = self.checkpoints.iter().rev().find(whole);
        let version = checkpoint.map(|((version, _), _)| *version);
        if self.in_json > version {
            return Err("its newest checkpoint is in JSON, which is not read".to_owned());
        }
        let first = version.map_or(0, |version| version + 1);
        let commits: Vec<(u64, &PathBuf)> =
            self.commits.range(first..).map(|(version, path)| (*version, path)).collect();
        let missing = (first..).zip(&commits).find(|(expected, (own, _))| expected != own);
        if let Some((expected, _)) = missing {
            return Err(format!("its log is incomplete: version {expected} is missing"));
        }
        if version.is_none() && commits.is_empty() {
            return Err("its log is empty".to_owned());
        }
        // Copies with the same parts differ in nothing; one of them counts.
        let paths = checkpoint.map_or(&[][..], |((_, parts), paths)| match parts {
            1 => &paths[paths.len() - 1..],
            _ => &paths[..],
        });
        Ok((version, paths, commits))
    }
}

fn delta(folder: &Path, log: &Path) -> Result<Live, SnapshotError> {
    let refused = |reason: String| SnapshotError::Table { path: folder.to_owned(), format: "Delta", reason };
    let found = Log::of(log)?;
    let (checkpoint, parts, commits) = found.newest().map_err(refused)?;
    let mut live = Live { version: checkpoint.unwrap_or(0), files: BTreeSet::new() };
    for part in parts {
        for action in actions_of_checkpoint(part)? {
            apply(&action, folder, &mut live).map_err(refused)?;
        }
    }
    for (version, path) in commits {
        let text = fs::read_to_string(path).map_err(|e| SnapshotError::io(path, e))?;
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
    let there = |name: &str| action.get(name).filter(|value| !value.is_null());
    if there("sidecar").is_some() {
        return Err("its checkpoint is in several files (sidecars), which are not read".to_owned());
    }
    if let Some(feature) = there("protocol").and_then(unknown_feature) {
        return Err(format!("it needs the reader feature {feature}, which is not known"));
    }
    let mode = there("metaData").and_then(|about| about.pointer("/configuration/delta.columnMapping.mode"));
    if mode.and_then(Value::as_str).is_some_and(|mode| mode != "none") {
        return Err(
            "its columns have other names in its files (column mapping), which is not read".to_owned()
        );
    }
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

/// Reader feature of a protocol under which live files would be read wrongly, or that is not known.
fn unknown_feature(protocol: &Value) -> Option<&str> {
    // Deletion vectors and column mapping are looked for where they are used.
    const KNOWN: [&str; 7] = [
        "columnMapping",
        "deletionVectors",
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
    ];
    let features = protocol.get("readerFeatures")?.as_array()?;
    features.iter().filter_map(Value::as_str).find(|feature| !KNOWN.contains(feature))
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
    fn a_folder_inside_a_table_has_the_live_files_of_the_table() {
        let dir = tempfile::tempdir().unwrap();
        let partition = dir.path().join("d=1");
        for name in ["old.parquet", "new.parquet"] {
            write(&partition.join(name), "x");
        }
        let log = dir.path().join("_delta_log/00000000000000000000.json");
        write(&log, "{\"add\":{\"path\":\"d=1/new.parquet\"}}\n");
        let found = find_all(std::slice::from_ref(&partition)).unwrap();
        assert_eq!(
            found.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["d=1/new.parquet"]
        );
        assert!(found.left_out[0].reason.contains("version 0"));
        let refused = |metadata: &str, folder: &str| {
            let dir = tempfile::tempdir().unwrap();
            write(&dir.path().join(folder).join("a.parquet"), "x");
            write(&dir.path().join(metadata), "{}");
            find_all(&[dir.path().join(folder)]).map(|found| found.files.len()).map_err(|e| e.to_string())
        };
        assert!(refused(".hoodie/hoodie.properties", "dt=1").unwrap_err().contains("Hudi"));
        assert!(refused("metadata/v1.metadata.json", "data/dt=1").unwrap_err().contains("Iceberg"));
        assert_eq!(refused("metadata/v1.metadata.json", "other"), Ok(1), "beside a table");
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
        let log = "_delta_log/00000000000000000000";
        let sidecar = "{\"sidecar\":{\"path\":\"x.parquet\"}}";
        assert!(refused(&format!("{log}.json"), sidecar).contains("sidecars"));
        assert!(refused(&format!("{log}.checkpoint.80a083e8-7026.json"), "").contains("in JSON"));
        assert!(refused("_delta_log/00000000000000000003.json", "").contains("version 0 is missing"));
        let feature =
            "{\"protocol\":{\"minReaderVersion\":3,\"readerFeatures\":[\"v2Checkpoint\",\"rowSwap\"]}}";
        assert!(refused(&format!("{log}.json"), feature).contains("rowSwap"));
        let mapped = "{\"metaData\":{\"configuration\":{\"delta.columnMapping.mode\":\"name\"}}}";
        assert!(refused(&format!("{log}.json"), mapped).contains("column mapping"));
        assert!(refused(&format!("{log}.checkpoint.0000000001.0000000002.parquet"), "").contains("empty"));
        assert!(refused("metadata/v1.metadata.json", "{}").contains("Iceberg"));
        assert!(refused(".hoodie/hoodie.properties", "").contains("Hudi"));
    }
}
