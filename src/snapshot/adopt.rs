//! Sealed copies whose case is gone, hashed again and taken as snapshots.

use std::path::{Path, PathBuf};

use super::copied::check_copy;
use super::seal::check_one;
use super::{Mapping, Sealing, Snapshot, SnapshotError, SourceFile};
use crate::model::{Digest, Watcher};

/// A sealed copy as a snapshot: hashed again, refused where the files do not hash to its name, and
/// read under the mapping that is made for them. Where the files came from is not known any more, so their origin is the copy.
///
/// # Errors
/// An altered copy, a file that is not sound or lacks a required column, cancelled.
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
