//! Files from outside become a case, or are refused and leave nothing.

use std::fs;
use std::path::Path;

use stillhunt::jobs::{self, ImportRequest, Session};
use stillhunt::model::{MemoryBudget, Silent};
use stillhunt::snapshot::{self, Column, Mapping, Origin, Sealing};

use super::columns;
use super::feed::Feed;

/// Memory that an import here may take for its rows.
const MEMORY: &str = "256MiB";

/// Any bytes as a Parquet file. Columns that no preset knows are mapped by the order they stand
/// in, so that what is in them is read all the same.
pub fn parquet_bytes(bytes: &[u8]) {
    file_bytes("a.parquet", bytes);
}

/// Any bytes as a text file: JSON Lines, a list in an object, or CSV, of which the first byte chooses the
/// ending.
pub fn lines_bytes(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let names = ["a.jsonl", "a.json", "a.csv", "a.jsonl.gz"];
    file_bytes(names[usize::from(*first) % names.len()], rest);
}

fn file_bytes(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).and_then(|()| fs::write(logs.join(name), bytes)).expect("a small file");
    let Ok(files) = snapshot::find(std::slice::from_ref(&logs)) else { return };
    let Ok(proposal) = snapshot::propose(&files, None) else { return };
    let mapping = if proposal.problems.is_empty() {
        proposal.mapping
    } else {
        let sources = proposal.source_columns.iter().map(|(name, _)| Origin::of(name));
        let columns = Column::ALL.into_iter().map(|column| column.name().to_owned()).zip(sources);
        Mapping { preset: "custom".into(), columns: columns.collect(), ..Mapping::default() }
    };
    if let Ok(session) = import(folder.path(), &logs, Some(mapping)) {
        check(&session);
    }
}

/// A sound Parquet file of any columns and values.
pub fn parquet_columns(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (logs, mut feed) = (folder.path().join("logs"), Feed::new(bytes));
    for name in ["a.parquet", "b.parquet"] {
        if columns::write(&logs.join(name), &mut feed).is_none() || feed.is_empty() {
            break;
        }
    }
    if let Ok(session) = import(folder.path(), &logs, None) {
        check(&session);
    }
}

/// Imports a folder to the end.
///
/// # Errors
/// Why it is refused; then no case may be left.
pub fn import(folder: &Path, logs: &Path, mapping: Option<Mapping>) -> Result<Session, String> {
    let request = ImportRequest {
        case_dir: folder.join("c.stillhunt"),
        paths: vec![logs.to_owned()],
        mapping,
        sealing: Sealing::Copy,
        memory: MEMORY.parse::<MemoryBudget>().expect("an amount of memory that is allowed"),
        leave_out: Vec::new(),
        accept_set_aside: true,
    };
    match jobs::import(&request, &Silent) {
        Ok(session) => Ok(session.finish_text(&Silent).expect("the text pass of files that were imported")),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(!request.case_dir.exists(), "refused ({error:#}), but a case is left");
            Err(format!("{error:#}"))
        }
    }
}

/// The counts of a case agree with one another, and it opens again as it was.
pub fn check(session: &Session) {
    let (cache, counts) = (&session.cache, session.cache.counts());
    let of_accounts: u64 = cache.accounts().iter().map(|account| u64::from(account.exchanges)).sum();
    assert_eq!(of_accounts, counts.distinct, "exchanges of the accounts and of the case");
    assert!(counts.distinct <= counts.raw);
    assert!(cache.accounts().is_sorted_by(|a, b| a.id < b.id), "accounts are sorted and differ");
    let again = jobs::open_to_read(session.case.dir(), &Silent).expect("a case that was just open");
    assert_eq!(again.cache.accounts().len(), cache.accounts().len());
    assert_eq!(again.cache.counts().distinct, counts.distinct);
}
