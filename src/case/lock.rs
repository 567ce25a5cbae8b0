//! Lock for one writer per case: an advisory lock on `case.lock`, which contains the holder.
//!
//! The operating system releases the lock when the process ends, also after a crash. It is not on
//! `case.sqlite` itself because closing a second handle on that file would release SQLite's locks.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::CaseError;
use crate::fail_point;

/// Lock that is held as long as the case is open for writing.
#[derive(Debug)]
pub(super) struct WriteLock {
    _file: File,
}

impl WriteLock {
    /// Takes the lock of a case's folder and writes `holder` into it.
    pub(super) fn take(dir: &Path, holder: &str) -> Result<Self, CaseError> {
        let path = dir.join("case.lock");
        let io = |source| CaseError::Io { path: path.clone(), source };
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(io(source)),
            Err(TryLockError::WouldBlock) => {
                return Err(CaseError::Busy { dir: PathBuf::from(dir), holder: read_holder(&mut file) });
            }
        }
        fail_point::pass("lock.taken").map_err(io)?;
        file.set_len(0).map_err(io)?;
        fail_point::pass("lock.write").map_err(io)?;
        file.write_all(holder.as_bytes()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

/// Holder by the lock file; “another process” if it has not been written yet.
fn read_holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text));
    match read {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another process".to_owned(),
    }
}
