//! Renaming of a finished cache file.

use std::fs;
use std::path::{Path, PathBuf};

use super::CacheError;
use crate::{fail_point, files};

/// Renames a finished cache to its final path, replacing an older one. A process killed at any
/// moment leaves the old cache, the new one or none.
///
/// # Errors
/// Input or output, with the path.
pub fn put_in_place(finished: &Path, path: &Path) -> Result<(), CacheError> {
    let fail = CacheError::io(path);
    let journal = beside(path, "-journal");
    if journal.exists() {
        // A journal left by a killed writer belongs to the old cache, and SQLite would apply it to the
        // new one. Without its journal the old cache may be inconsistent, so it is removed first.
        fail_point::pass("cache.remove").map_err(&fail)?;
        remove(path)?;
        fail_point::pass("cache.remove_journal").map_err(&fail)?;
        remove(&journal)?;
    }
    fail_point::pass("cache.rename").and_then(|()| files::put_in_place(finished, path)).map_err(&fail)
}

/// Path with a suffix appended to the file name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a file; succeeds if there is none.
pub(crate) fn remove(path: &Path) -> Result<(), CacheError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CacheError::io(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_cache_takes_the_place_of_the_old_one_and_of_its_journal() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["cache.sqlite", "cache.sqlite-journal", "other"] {
            fs::write(at(name), b"old").unwrap();
        }
        fs::write(at("next"), b"new").unwrap();
        put_in_place(&at("next"), &at("cache.sqlite")).unwrap();
        assert_eq!(fs::read(at("cache.sqlite")).unwrap(), b"new");
        assert!(!at("next").exists() && !at("cache.sqlite-journal").exists() && at("other").exists());
        let gone = put_in_place(&at("next"), &at("cache.sqlite")).unwrap_err();
        assert!(gone.to_string().contains("cache.sqlite"), "{gone}");
        assert!(at("cache.sqlite").exists());
    }
}
