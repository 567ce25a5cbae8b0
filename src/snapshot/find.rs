//! From what the investigator named to Parquet files.

use std::path::PathBuf;

use super::SnapshotError;

/// The Parquet files among and under these paths, with their names inside the snapshot, sorted
/// by name. Folders are searched through; a file is taken as it is.
///
/// # Errors
/// No such path, a folder without Parquet, no rights, two files of one name.
pub fn find(paths: &[PathBuf]) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    todo!()
}
