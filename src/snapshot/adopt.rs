//! Adoption of sealed copies whose case is lost, as snapshots of a new case.

use std::path::{Path, PathBuf};

use super::copied::check_copy;
use super::seal::check_one;
use super::{Mapping, Sealing, Snapshot, SnapshotError, SourceFile};
use crate::model::{Digest, Watcher};

/// Snapshot made from a sealed copy: its files are hashed again and compared with its name, and a new
/// mapping is proposed. Their original paths are lost, so the copy itself is their origin.
///
/// # Errors
/// The copy was altered, a file is damaged or lacks a required column, or the work was cancelled.
pub fn adopt<E: From<SnapshotError>>(
    case_dir: &Path,
    sha256: Digest,
    mapping: impl FnOnce(&[(String, PathBuf)]) -> Result<Mapping, E>,
    watcher: &dyn Watcher,
) -> Result<Snapshot, E> {
    let copied = check_copy(case_dir, sha256, watcher)?;
    let named: Vec<_> = copied.iter().map(|copy| (copy.name.clone(), copy.path.clone())).collect();
    let mapping = mapping(&named)?;
    let files = copied
        .into_iter()
        .map(|copy| {
            Ok(SourceFile { sha256: copy.sha256, ..check_one(&copy.name, &copy.path, &mapping)?.file })
        })
        .collect::<Result<_, SnapshotError>>()?;
    Ok(Snapshot { sha256, sealing: Sealing::Copy, mapping, files })
}
