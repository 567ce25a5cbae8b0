//! Making a bundle's exhibits and signal values anew from the logs.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::memory_of_machine;
use super::session::{build, open_with_leads};
use super::text_pass::finish_text;
use crate::bundle::{self, Reproduced};
use crate::files;
use crate::model::{Digest, Watcher};
use crate::snapshot::{Sealing, Sources};

/// Builds cache, leads and topics from the logs in a folder, in a temporary place, and compares what a
/// bundle has with what comes out. `internal` is an INTERNAL bundle of the same case.
///
/// # Errors
/// A log that is not in the folder (by its SHA-256), a bundle that cannot be read, cancelled.
pub fn reproduce(
    bundle: &Path,
    internal: &Path,
    snapshots: &Path,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<Reproduced>> {
    let decisions = bundle::decisions_behind(bundle, internal)?;
    let found = files_by_hash(snapshots, watcher)?;
    let temporary = tempfile::tempdir()?;
    let mut sources =
        Sources { case_dir: temporary.path().to_owned(), snapshots: decisions.state.snapshots.clone() };
    for snapshot in &mut sources.snapshots {
        snapshot.sealing = Sealing::Reference;
        for file in &mut snapshot.files {
            let Some(path) = found.get(&file.sha256) else {
                bail!("{}", absent(&file.name, file.sha256, &found, snapshots));
            };
            file.origin.clone_from(path);
        }
    }
    let path = temporary.path().join("cache.sqlite");
    build(&path, &sources, memory_of_machine(), watcher, |_| Ok(()))?;
    let (cache, _) = open_with_leads(&path, watcher)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let renewed = finish_text(Arc::new(cache), &sources, threads, watcher)?;
    Ok(bundle::reproduce(&decisions, &renewed.cache, &renewed.leads, &sources, watcher)?)
}

/// Words on a log that is not among the files of a folder: another file of its name was changed.
fn absent(name: &str, sha256: Digest, found: &BTreeMap<Digest, PathBuf>, folder: &Path) -> String {
    let leaf = Path::new(name).file_name();
    let other = found.iter().find(|(_, path)| leaf.is_some() && path.file_name() == leaf);
    match other {
        Some((other, path)) => {
            format!(
                "{} has SHA-256 {other}, but the case sealed {sha256}: the log was changed",
                path.display()
            )
        }
        None => format!("{name} (SHA-256 {sha256}) is not in {}", folder.display()),
    }
}

/// Every file under a folder by its SHA-256.
fn files_by_hash(folder: &Path, watcher: &dyn Watcher) -> anyhow::Result<BTreeMap<Digest, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let path = entry.path();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                watcher.check()?;
                let file = File::open(&path).with_context(|| path.display().to_string())?;
                let (digest, _) = files::sha256(file, anyhow::Error::from, |_| Ok(watcher.check()?))
                    .with_context(|| path.display().to_string())?;
                found.insert(digest, path);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_log_is_told_from_a_missing_one() {
        let found: BTreeMap<_, _> = [(Digest::of(b"new"), PathBuf::from("logs/day.parquet"))].into();
        let of = |name| absent(name, Digest::of(b"old"), &found, Path::new("logs"));
        assert!(of("part/day.parquet").ends_with("the log was changed"), "{}", of("part/day.parquet"));
        assert!(of("other.parquet").ends_with("is not in logs"), "{}", of("other.parquet"));
    }
}
