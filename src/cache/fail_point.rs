//! Fail points inside database work, whose errors are those that SQLite would return.

use crate::fail_point;

/// Passes the point of this name.
///
/// # Errors
/// The failure that a test ordered, as SQLite reports a full disk or a failed write.
#[inline(always)]
pub(crate) fn pass(point: &'static str) -> rusqlite::Result<()> {
    fail_point::pass(point).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull => rusqlite::ffi::SQLITE_FULL,
            _ => rusqlite::ffi::SQLITE_IOERR_WRITE,
        };
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(error.to_string()))
    })
}
