//! Facts about a load, for the import report: stored with the cache, read on request.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::OptionalExtension as _;

use super::file::{CacheFile, rows};
use super::topic_tables::PROMPTS_NOT_UTF8;
use super::{CacheError, CachedFile};
use crate::model::{Digest, counted, format_count, visible};
use crate::snapshot::{Tally, Unreadable};

/// Facts about a load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadFacts {
    /// Number of `request_id`s that several exchanges share. A lower bound if the case has more ids than
    /// fit the memory budget.
    pub shared_ids: u64,
    /// Number of exchanges that have one of these ids.
    pub exchanges_of_shared_ids: u64,
    /// Rows and values that could not be read, in the order of the files and their rows. The texts
    /// and embeddings are not among them: a load does not read them.
    pub unreadable: Vec<UnreadablePlace>,
    /// Counts of the reading, by snapshot: rows left out and set aside, values missing. A snapshot
    /// whose files are all the same as another's is not read.
    pub tallies: BTreeMap<Digest, Tally>,
    /// Prompts with bytes that are not UTF-8, by snapshot; `None` until the text pass has read them.
    pub prompts_not_utf8: Option<BTreeMap<Digest, u64>>,
}

/// Rows of which a column cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadablePlace {
    /// The snapshot.
    pub snapshot: Digest,
    /// The file, by its name in the snapshot.
    pub file: String,
    /// The row group, counted from 0.
    pub row_group: usize,
    /// The rows in the file.
    pub rows: Range<u64>,
    /// The canonical column.
    pub column: String,
}

impl UnreadablePlace {
    /// A place in a file of a cache.
    pub(crate) fn of(file: &CachedFile, place: &Unreadable) -> Self {
        let Unreadable { row_group, rows, column } = place.clone();
        Self { snapshot: file.snapshot, file: file.name.clone(), row_group, rows, column: column.to_owned() }
    }
}

/// Sentence on unreadable values: their number and first places. `None` if there are none.
pub fn unreadable_in_words(places: &[UnreadablePlace]) -> Option<String> {
    /// Number of places that are named.
    const NAMED: usize = 3;
    let rows: u64 = places.iter().map(|place| place.rows.end - place.rows.start).sum();
    let named = places.iter().take(NAMED).map(|UnreadablePlace { file, row_group, rows, column, .. }| {
        let last = rows.end.saturating_sub(1);
        let rows =
            if rows.start == last { format!("row {last}") } else { format!("rows {} to {last}", rows.start) };
        format!("{}, row group {row_group}, {rows}, {column}", visible(file))
    });
    let named: Vec<String> = named.collect();
    let more = places.len().saturating_sub(NAMED);
    let more = match more {
        0 => String::new(),
        1 => "; and 1 more place".to_owned(),
        more => format!("; and {} more places", format_count(more as u64)),
    };
    let values = counted(rows, "value", "values");
    let are = if rows == 1 { "is" } else { "are" };
    (rows > 0).then(|| format!("{values} could not be read and {are} set aside: {}{more}", named.join("; ")))
}

/// Reads the facts about the load that made a cache of these files.
///
/// # Errors
/// The cache cannot be read.
pub(super) fn read(file: &CacheFile, files: &[CachedFile]) -> Result<LoadFacts, CacheError> {
    let connection = file.connection()?;
    let count = |key: &str| {
        let value = connection
            .query_row("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1", [key], |row| {
                row.get::<_, i64>(0)
            })
            .optional()
            .map_err(file.failed())?;
        Ok::<u64, CacheError>(value.map_or(0, i64::unsigned_abs))
    };
    let query = "SELECT file_id, row_group, first_row, end_row, column_name FROM unreadable \
                 ORDER BY file_id, first_row, column_name";
    let unreadable = rows(&connection, query, |row| {
        let at = row.get::<_, u32>(0)?;
        let known = files.get(at as usize).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, at.into()))?;
        Ok(UnreadablePlace {
            snapshot: known.snapshot,
            file: known.name.clone(),
            row_group: row.get::<_, u32>(1)? as usize,
            rows: row.get::<_, i64>(2)?.unsigned_abs()..row.get::<_, i64>(3)?.unsigned_abs(),
            column: row.get(4)?,
        })
    });
    let tallies: rusqlite::Result<Vec<(String, String)>> =
        rows(&connection, "SELECT substr(key, 7), value FROM meta WHERE key LIKE 'tally:%'", |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
    let damaged = |what: String| CacheError::damaged(file.path(), what);
    let tally = |(snapshot, json): (String, String)| {
        let snapshot: Digest =
            snapshot.parse().map_err(|_| damaged(format!("the snapshot id {snapshot} is not a SHA-256")))?;
        Ok((snapshot, serde_json::from_str(&json).map_err(|error| damaged(error.to_string()))?))
    };
    let tallies =
        tallies.map_err(file.failed())?.into_iter().map(tally).collect::<Result<_, CacheError>>()?;
    let prompts: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [PROMPTS_NOT_UTF8], |row| row.get(0))
        .optional()
        .map_err(file.failed())?;
    let prompts = prompts.map(|json| serde_json::from_str(&json).map_err(|error| damaged(error.to_string())));
    Ok(LoadFacts {
        prompts_not_utf8: prompts.transpose()?,
        tallies,
        shared_ids: count("shared_ids")?,
        exchanges_of_shared_ids: count("exchanges_of_shared_ids")?,
        unreadable: unreadable.map_err(file.failed())?,
    })
}
