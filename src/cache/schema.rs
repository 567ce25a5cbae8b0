//! Tables of `cache.sqlite`, and the numbering of values in them.

use crate::model::AttributeKind;

/// Format of the cache; increased whenever the tables or their derivation change.
pub(crate) const FORMAT_VERSION: u32 = 7;

/// Rows of one segment.
pub(crate) const SEGMENT_ROWS: usize = 65_536;

/// All tables. Ordinary columns, which any SQLite tool can read, except the data of segments and of
/// packed values: a compressed Arrow IPC stream of one record batch each, with times and rows encoded
/// as [`encode_segment`](super::segment::encode_segment) says.
///
/// `value_id` is [`value_id`]'s; accounts are numbered from 0 by id, exchanges (`row_id`) from 0
/// by account, then time; times are microseconds UTC.
pub(crate) const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE present_columns (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL, name TEXT NOT NULL,
    sha256 TEXT NOT NULL, rows INTEGER NOT NULL);
CREATE TABLE accounts (
    account INTEGER PRIMARY KEY, account_id TEXT NOT NULL, exchanges INTEGER NOT NULL,
    first_ts INTEGER NOT NULL, last_ts INTEGER NOT NULL, created INTEGER, verified INTEGER);
CREATE TABLE attribute_values (
    value_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL,
    accounts INTEGER NOT NULL, exchanges INTEGER NOT NULL);
CREATE TABLE account_values (
    account INTEGER NOT NULL, value_id INTEGER NOT NULL, exchanges INTEGER NOT NULL,
    first_ts INTEGER NOT NULL, last_ts INTEGER NOT NULL,
    PRIMARY KEY (account, value_id)) WITHOUT ROWID;
CREATE TABLE packed_values (
    kind TEXT PRIMARY KEY, value_count INTEGER NOT NULL, value_data BLOB NOT NULL,
    holder_count INTEGER NOT NULL, holder_data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE unreadable (
    file_id INTEGER NOT NULL, row_group INTEGER NOT NULL, first_row INTEGER NOT NULL,
    end_row INTEGER NOT NULL, column_name TEXT NOT NULL);
CREATE TABLE stop_reasons (code INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE aliases (
    file_id INTEGER NOT NULL, row INTEGER NOT NULL, row_id INTEGER NOT NULL,
    PRIMARY KEY (file_id, row)) WITHOUT ROWID;
CREATE TABLE segments (
    segment_id INTEGER PRIMARY KEY, first_account INTEGER NOT NULL, last_account INTEGER NOT NULL,
    first_row INTEGER NOT NULL, rows INTEGER NOT NULL, min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL,
    ts_unit INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE topics (
    topic_id INTEGER PRIMARY KEY, label TEXT NOT NULL, words TEXT NOT NULL, exchanges INTEGER NOT NULL,
    centre_x REAL, centre_y REAL, medoids TEXT NOT NULL);
CREATE TABLE topic_model (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE topic_segments (segment_id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE prompt_samples (
    first_account INTEGER PRIMARY KEY, last_account INTEGER NOT NULL, exchanges INTEGER NOT NULL,
    data BLOB NOT NULL);
CREATE TABLE links (
    a INTEGER NOT NULL, b INTEGER NOT NULL, bits REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX links_by_b ON links (b);
CREATE TABLE link_values (
    a INTEGER NOT NULL, b INTEGER NOT NULL, position INTEGER NOT NULL, value_id INTEGER NOT NULL,
    PRIMARY KEY (a, b, position)) WITHOUT ROWID;
CREATE TABLE stored_tables (name TEXT PRIMARY KEY) WITHOUT ROWID;
";

/// Names of the tables above, which no stored table may have.
pub(crate) const OWN_TABLES: [&str; 18] = [
    "meta",
    "present_columns",
    "files",
    "accounts",
    "attribute_values",
    "account_values",
    "packed_values",
    "unreadable",
    "stop_reasons",
    "aliases",
    "segments",
    "topics",
    "topic_model",
    "topic_segments",
    "prompt_samples",
    "links",
    "link_values",
    "stored_tables",
];

/// The attribute's position among all kinds: the upper half of a `value_id`.
pub(crate) fn kind_number(kind: AttributeKind) -> u32 {
    // `ALL` is in the order of declaration; a test checks it.
    kind as u32
}

/// Number of a value in the tables: the kind's number × 2³² + the rank of the value among those of
/// its kind. Values added to one kind change no numbers of another.
pub(crate) fn value_id(kind: AttributeKind, rank: u32) -> i64 {
    (i64::from(kind_number(kind)) << 32) | i64::from(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_tables_are_the_tables_that_are_created() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        let mut names: Vec<String> = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        names.sort();
        let mut own = OWN_TABLES.to_vec();
        own.sort();
        assert_eq!(names, own);
    }

    #[test]
    fn value_ids_ascend_by_kind_then_rank() {
        for (number, kind) in AttributeKind::ALL.into_iter().enumerate() {
            assert_eq!(kind_number(kind) as usize, number);
            assert!(value_id(kind, 0) < value_id(kind, u32::MAX));
        }
    }
}
