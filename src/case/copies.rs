//! Copies of marked records: the source row, exact to the bit, and the canonical columns read from it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::CaseError;
use crate::model::{Digest, ExchangeRef, Record, SourceRow};
use crate::snapshot::from_source_row;

/// Tables of format 2. The key of a copy is its exchange, the hash of its source row and the hash of
/// its reading: two equal rows of a log are two copies, and an exchange marked again under another
/// mapping has two readings. `record_schemas.begin || record_copies.row` is an Arrow IPC
/// stream of one row.
pub(super) const SCHEMA: &str = "
    CREATE TABLE record_schemas (sha256 TEXT PRIMARY KEY, begin BLOB NOT NULL) STRICT;
    CREATE TABLE record_copies (
        exchange TEXT NOT NULL, digest TEXT NOT NULL, reading_sha256 TEXT NOT NULL,
        schema_sha256 TEXT NOT NULL REFERENCES record_schemas, row BLOB NOT NULL, reading TEXT NOT NULL,
        PRIMARY KEY (exchange, digest, reading_sha256)
    ) STRICT;
    CREATE TRIGGER record_copies_are_kept_1 BEFORE UPDATE ON record_copies
        BEGIN SELECT RAISE(ABORT, 'copied records are never altered'); END;
    CREATE TRIGGER record_copies_are_kept_2 BEFORE DELETE ON record_copies
        BEGIN SELECT RAISE(ABORT, 'copied records are never removed'); END;
    CREATE TRIGGER record_schemas_are_kept_1 BEFORE UPDATE ON record_schemas
        BEGIN SELECT RAISE(ABORT, 'copied records are never altered'); END;
    CREATE TRIGGER record_schemas_are_kept_2 BEFORE DELETE ON record_schemas
        BEGIN SELECT RAISE(ABORT, 'copied records are never removed'); END;
";

/// Stores a copy unless it is stored already. A record without a source row is stored in format 1.
pub(super) fn keep(connection: &Connection, record: &Record) -> rusqlite::Result<()> {
    let exchange = record.exchange.to_string();
    let (Some(source), Some(reading)) = (&record.source, record.reading()) else {
        let columns = serde_json::Value::Object(record.columns.clone()).to_string();
        connection.execute(
            "INSERT OR IGNORE INTO records (digest, exchange, columns) VALUES (?1, ?2, ?3)",
            params![record.digest().to_string(), exchange, columns],
        )?;
        return Ok(());
    };
    let schema = Digest::of(&source.schema).to_string();
    connection.execute(
        "INSERT OR IGNORE INTO record_schemas (sha256, begin) VALUES (?1, ?2)",
        params![schema, source.schema],
    )?;
    connection.execute(
        "INSERT OR IGNORE INTO record_copies (exchange, digest, reading_sha256, schema_sha256, row, reading)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            exchange,
            source.sha256.to_string(),
            Digest::of(reading.as_bytes()).to_string(),
            schema,
            source.row,
            reading
        ],
    )?;
    Ok(())
}

/// Copy by exchange, hash of the source row and hash of the reading; `None` if there is none.
///
/// # Errors
/// The database cannot be read, or the copy does not have the hashes of its key.
pub(super) fn find(
    connection: &Connection,
    path: &Path,
    exchange: &ExchangeRef,
    digest: Digest,
    reading: Digest,
) -> Result<Option<Record>, CaseError> {
    let found: Option<(Vec<u8>, Vec<u8>, String)> = connection
        .query_row(
            "SELECT begin, row, reading FROM record_copies JOIN record_schemas ON sha256 = schema_sha256
             WHERE exchange = ?1 AND digest = ?2 AND reading_sha256 = ?3",
            params![exchange.to_string(), digest.to_string(), reading.to_string()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(|source| CaseError::Sqlite { path: path.to_owned(), source })?;
    let Some((schema, row, text)) = found else { return Ok(None) };
    let altered = || CaseError::CopyAltered { path: path.to_owned(), digest };
    let mut parsed: serde_json::Value = serde_json::from_str(&text).map_err(|_| altered())?;
    let serde_json::Value::Object(columns) = parsed["columns"].take() else { return Err(altered()) };
    let source = SourceRow { schema, row, sha256: digest, mapping: parsed["mapping"].to_string() };
    from_source_row(&source).map_err(|_| altered())?;
    if Digest::of(text.as_bytes()) != reading {
        return Err(altered());
    }
    Ok(Some(Record { exchange: exchange.clone(), columns, source: Some(source) }))
}

/// Copy in format 1: canonical columns as JSON, with their hash alone as key, so that equal records of
/// several exchanges share one copy.
///
/// # Errors
/// As [`find`].
pub(super) fn find_old(
    connection: &Connection,
    path: &Path,
    exchange: &ExchangeRef,
    digest: Digest,
) -> Result<Option<Record>, CaseError> {
    let found: Option<String> = connection
        .query_row("SELECT columns FROM records WHERE digest = ?1", params![digest.to_string()], |row| {
            row.get(0)
        })
        .optional()
        .map_err(|source| CaseError::Sqlite { path: path.to_owned(), source })?;
    let Some(columns) = found else { return Ok(None) };
    let altered = || CaseError::CopyAltered { path: path.to_owned(), digest };
    if Digest::of(columns.as_bytes()) != digest {
        return Err(altered());
    }
    let columns = serde_json::from_str(&columns).map_err(|_| altered())?;
    Ok(Some(Record { exchange: exchange.clone(), columns, source: None }))
}

#[cfg(test)]
mod tests {
    use crate::case::{Access, Action, Case, EvidenceSource};
    use crate::model::{Digest, ExchangeRef, Record, Tag};
    use crate::snapshot::fixture::one_double;

    fn tagged(record: &Record, id: u64) -> Action {
        let source = EvidenceSource::Exchange {
            exchange: record.exchange.clone(),
            account: "a".into(),
            ts: 5,
            record: record.digest(),
            reading: record.reading_digest(),
        };
        Action::Tagged { id, source, tag: Tag::Context, note: "why".into() }
    }

    fn at(row: u64) -> ExchangeRef {
        ExchangeRef { snapshot: Digest::of(b"s"), file: "a.parquet".into(), row }
    }

    fn record(row: u64, x: f64, mapping: &str) -> Record {
        let columns = serde_json::json!({"ts": 5, "mean_token_entropy": 0.1f32});
        let columns = columns.as_object().unwrap().clone();
        Record { exchange: at(row), columns, source: Some(one_double(x, mapping)) }
    }

    #[test]
    fn equal_records_of_two_exchanges_are_two_copies_and_a_new_reading_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = Case::create(&folder.path().join("c")).unwrap();
        let payload = f64::from_bits(0x7ff0_0000_0000_00ab);
        let copies = [
            record(0, payload, "{\"m\":1}"),
            record(1, payload, "{\"m\":1}"),
            record(1, payload, "{\"m\":2}"),
        ];
        let actions = copies.iter().zip(1..).map(|(copy, id)| tagged(copy, id)).collect();
        case.record_with_copies(actions, &copies).unwrap();
        assert_eq!(copies[0].digest(), copies[1].digest());
        for copy in &copies {
            let found = case.record_copy(&copy.exchange, copy.digest(), copy.reading_digest()).unwrap();
            assert_eq!(found.as_ref(), Some(copy));
        }
        assert_eq!(case.record_copy(&at(2), copies[0].digest(), copies[0].reading_digest()).unwrap(), None);
    }

    #[test]
    fn a_changed_byte_of_a_copy_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("c");
        let mut case = Case::create(&dir).unwrap();
        let copy = record(0, 0.1, "{}");
        case.record_with_copies(vec![tagged(&copy, 1)], std::slice::from_ref(&copy)).unwrap();
        drop(case);
        let raw = rusqlite::Connection::open(dir.join("case.sqlite")).unwrap();
        let look = || {
            let case = Case::open(&dir, Access::ReadOnly).unwrap();
            case.record_copy(&copy.exchange, copy.digest(), copy.reading_digest())
        };
        assert!(raw.execute("UPDATE record_copies SET reading = 'x'", []).is_err());
        raw.execute_batch("DROP TRIGGER record_copies_are_kept_1").unwrap();
        let reading = copy.reading().unwrap();
        for reading in [reading.replace("0.1", "0.2"), "{}".into(), "x".into()] {
            raw.execute("UPDATE record_copies SET reading = ?1", [reading]).unwrap();
            assert!(look().is_err());
        }
        raw.execute("UPDATE record_copies SET reading = ?1", [reading]).unwrap();
        assert!(look().unwrap().is_some());
        let row = copy.source.as_ref().unwrap().row.clone();
        for at in 0..row.len() {
            let mut altered = row.clone();
            altered[at] ^= 0x40;
            raw.execute("UPDATE record_copies SET row = ?1", [altered]).unwrap();
            // Padding may differ; a value may not.
            if let Ok(found) = look() {
                let row = found.unwrap().source.unwrap();
                assert_eq!(
                    crate::snapshot::fixture::double_of(&row).to_bits(),
                    0.1f64.to_bits(),
                    "byte {at}"
                );
            }
        }
    }

    #[test]
    fn a_case_of_the_old_form_opens_and_shows_its_copies() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("c");
        let mut case = Case::create(&dir).unwrap();
        let old = Record { source: None, ..record(3, 0.1, "{}") };
        case.record_with_copies(vec![tagged(&old, 1)], std::slice::from_ref(&old)).unwrap();
        drop(case);
        let raw = rusqlite::Connection::open(dir.join("case.sqlite")).unwrap();
        raw.execute_batch("DROP TABLE record_copies; DROP TABLE record_schemas; PRAGMA user_version = 1")
            .unwrap();
        for access in [Access::ReadOnly, Access::Write, Access::ReadOnly] {
            let mut case = Case::open(&dir, access).unwrap();
            let found = case.record_copy(&old.exchange, old.digest(), None).unwrap().unwrap();
            assert_eq!((found.columns, found.source), (old.columns.clone(), None));
            if access == Access::Write {
                let new = record(4, 0.1, "{}");
                case.record_with_copies(vec![tagged(&new, 2)], std::slice::from_ref(&new)).unwrap();
            }
        }
        let version: i64 = raw.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 2);
    }
}
