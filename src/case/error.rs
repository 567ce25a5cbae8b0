//! Errors of a case, each with the next step for the user.

use std::path::PathBuf;

use super::ChainFault;
use crate::model::Digest;

/// Errors of a case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// SQLite could not read or write.
    #[error("{path}: {source}{hint}", path = path.display(), hint = full_disk_hint(source))]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// A file or folder could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder holds no case.
    #[error("{dir} is not a case: it has no case.sqlite with a journal. Name a case's folder, or make a new case of log files (`stillhunt import`)", dir = dir.display())]
    NotACase {
        /// The folder.
        dir: PathBuf,
    },
    /// A case is there already.
    #[error("{dir} already holds a case; open it, or name another folder", dir = dir.display())]
    AlreadyThere {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder holds something that is not a case's.
    #[error("{dir} holds other files ({found}); a case needs a folder of its own", dir = dir.display())]
    FolderInUse {
        /// The folder.
        dir: PathBuf,
        /// One of the files.
        found: String,
    },
    /// Another process writes the case.
    #[error("{dir} is open for writing by {holder}; close it there, or open it read-only", dir = dir.display())]
    Busy {
        /// The folder.
        dir: PathBuf,
        /// Holder by the lock file: user, process, time.
        holder: String,
    },
    /// The hash chain of the journal is broken.
    #[error("the journal of {path} has been altered: {first} ({count} faults in all). Restore the case from a backup; nothing was opened or changed", path = path.display(), first = faults[0], count = faults.len())]
    Broken {
        /// The database.
        path: PathBuf,
        /// Faults of the chain; at least one.
        faults: Vec<ChainFault>,
    },
    /// The case's folder went away while it was open.
    #[error("{path} is no longer the file that was opened: its folder was moved, removed or replaced. The last decision was not acknowledged. Close the case and open it where it is now", path = path.display())]
    Vanished {
        /// Former path of the database.
        path: PathBuf,
    },
    /// The case was written by a newer program.
    #[error("{path} has format {found}, this program reads up to {supported}; open it with a newer Stillhunt", path = path.display())]
    NewerVersion {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program reads.
        supported: i64,
    },
    /// The case is open read-only.
    #[error("the case is open read-only; close it where it is open for writing, then open it again")]
    ReadOnly,
    /// There is no such evidence.
    #[error("there is no evidence number {0}; see the Evidence view or `stillhunt journal`")]
    NoSuchEvidence(u64),
    /// No part of the story has this number.
    #[error("there is no part {0} of the story; `stillhunt story CASE` lists its parts")]
    NoSuchStoryPart(u64),
    /// There is no such redaction.
    #[error("there is no redaction R{0} in effect; `stillhunt redact CASE` lists them")]
    NoSuchRedaction(u64),
    /// Nothing stands behind itself, or behind evidence of another group.
    #[error("nothing is moved behind {0}: that is itself, or is not in that group")]
    NotBehind(String),
    /// There is no such item of the legal frame.
    #[error("there is no legal item number {0}; `stillhunt legal CASE show` lists them")]
    NoSuchLegalItem(u64),
    /// A breach names a clause that is not recorded.
    #[error(
        "there is no clause {clause} of terms version {version}; record it first with `stillhunt legal CASE clause`"
    )]
    NoSuchClause {
        /// The version.
        version: String,
        /// The clause.
        clause: String,
    },
    /// An act that leaves out what it needs.
    #[error("{0}")]
    Incomplete(&'static str),
    /// The case has no such snapshot, or its state (retired or not) does not allow the action.
    #[error("snapshot {0} is not among those that this applies to; `stillhunt sources CASE` lists them")]
    NoSuchSnapshot(Digest),
    /// The last snapshot of a case cannot be retired.
    #[error("snapshot {0} is the only one of the case. Import the right files first, then retire this one; a wrong mapping is replaced with `stillhunt import CASE --snapshot {short} --map FILE`", short = .0.short())]
    LastSnapshot(Digest),
    /// A copied record has been altered.
    #[error("{path}: the copy of record {digest} has been altered", path = path.display())]
    CopyAltered {
        /// The database.
        path: PathBuf,
        /// SHA-256 under which it is stored.
        digest: Digest,
    },
    /// A value could not be written as JSON.
    #[error("the journal entry could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers: {0}; try again")]
    Random(String),
}

impl CaseError {
    /// True if `case.sqlite` is no database, or its pages are inconsistent.
    pub fn is_unreadable(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let code = match self {
            Self::Sqlite { source, .. } => source.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(DatabaseCorrupt | NotADatabase))
    }
}

fn full_disk_hint(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => ". Nothing was lost: free space on the disk and repeat it",
        // Also a disk too full for the file that SQLite shares between programs.
        Some(rusqlite::ErrorCode::SystemIoFailure) => {
            ". The disk is full or fails. Nothing that was acknowledged is lost: free space, or move the case to another disk, and repeat it"
        }
        _ => "",
    }
}
