//! Records of acceptance from a file, as an item of the legal frame.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::cache::Cache;
use crate::case::legal::{Acceptance, Document};
use crate::files;
use crate::model::{Digest, Watcher};
use crate::snapshot::{AcceptanceColumns, read_acceptance};

/// Most records of one file: its entry in the journal is one line.
const MOST: usize = 250_000;

/// Reads records of acceptance by accounts of the log.
///
/// # Errors
/// A file that cannot be read, that has no such records, or that changed while it was read; cancelled.
pub fn acceptance_of(
    path: &Path,
    columns: &AcceptanceColumns,
    cache: &Cache,
    watcher: &dyn Watcher,
) -> anyhow::Result<Acceptance> {
    let name = file_name(path);
    let (sha256, bytes) = hash(path, watcher)?;
    let is_known = |account: &crate::model::AccountId| cache.account_index(account).is_some();
    let found = read_acceptance(path, &name, columns, &is_known, MOST, watcher)?;
    if hash(path, watcher)?.0 != sha256 {
        bail!("{}: the file changed while it was read; do it again", path.display());
    }
    let mut made = Acceptance::of_file(&name, sha256, bytes);
    (made.rows, made.set_aside, made.foreign) = (found.rows, found.set_aside, found.foreign);
    made.zone.clone_from(&columns.zone);
    Ok(made.with_records(found.records))
}

/// A document by its name and SHA-256.
///
/// # Errors
/// The file cannot be read, or cancelled.
pub fn document_of(path: &Path, watcher: &dyn Watcher) -> anyhow::Result<Document> {
    let (sha256, _) = hash(path, watcher)?;
    Ok(Document { name: file_name(path), sha256 })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn hash(path: &Path, watcher: &dyn Watcher) -> anyhow::Result<(Digest, u64)> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        bail!("{}: not a file; name a file", path.display());
    }
    files::sha256(file, anyhow::Error::from, |_| Ok(watcher.check()?))
        .with_context(|| path.display().to_string())
}
