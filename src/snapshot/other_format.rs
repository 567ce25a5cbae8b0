//! Formats that are not read, by the first bytes of a file, with the next step.

use std::path::Path;

use super::lines::first_bytes;

/// First bytes of formats.
const BEGINNINGS: [(&[u8], &str); 18] = [
    (b"Obj\x01", "Avro, which is not read; have it written as Parquet or JSON Lines"),
    (b"ORC", "ORC, which is not read; have it written as Parquet"),
    (b"ARROW1", "Arrow's own format (Feather), which is not read; have it written as Parquet"),
    (b"PK\x03\x04", "a workbook or an archive; save the sheet as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "a workbook; save the sheet as CSV"),
    (b"SQLi", "an SQLite file; write its table as CSV"),
    (b"PGDMP", "a dump of PostgreSQL in its own format; make it plain with pg_restore -f dump.sql"),
    (b"\x89HDF", "HDF5, which is not read; have it written as Parquet"),
    (
        b"BZh",
        "compressed with bzip2; decompress it with bunzip2 first, or compress it with gzip or Zstandard",
    ),
    (b"\xfd7zXZ", "compressed with xz; decompress it with unxz first, or compress it with gzip or Zstandard"),
    (
        b"\x04\x22\x4d\x18",
        "compressed with LZ4; decompress it with unlz4 first, or compress it with gzip or Zstandard",
    ),
    (b"7z\xbc\xaf", "an archive; unpack it first"),
    (b"Rar!", "an archive; unpack it first"),
    (b"+--", "a table drawn for a screen; have it written with tabs, for example with mysql --batch"),
    (
        b"data:",
        "events of a stream, which are not read; keep what follows data: on each line, as sed 's/^data: *//' does",
    ),
    (b"%PDF", "PDF, which has no rows; ask for the log as CSV, JSON Lines or Parquet"),
    (b"<?xml", "XML, which is not read; have it written as JSON Lines or CSV"),
    (b"<!DOCTYPE", "a web page; the download may have failed, or needs a login"),
];
/// Dump whose rows are statements.
const STATEMENTS: &str = "a dump of INSERT statements, which is not read; load it and write the table as CSV or \
                          JSON Lines, for example with sqlite3 -csv or mysqldump --tab";
/// Text of an old spreadsheet program.
const RETURNS: &str =
    "text whose lines end with a carriage return alone; convert it: tr '\\r' '\\n' < old.csv > new.csv";
/// Place of the mark in the first header of a tar archive, and the mark.
const TAR: (usize, &[u8]) = (257, b"ustar");
/// Place of the mark of a DuckDB file, and the mark.
const DUCKDB: (usize, &[u8]) = (8, b"DUCK");

/// Beginnings of a dump of SQL.
const SQL: [&[u8]; 6] = [b"--", b"/*", b"INSERT INTO", b"BEGIN", b"PRAGMA", b"SET "];
/// Beginnings of lines of such a dump: with rows as statements, and as a table that is read.
const INSERT: &[u8] = b"INSERT INTO ";
const COPY: &[u8] = b"COPY ";

/// True for a dump whose rows are statements. Its first bytes are those of the program that wrote it.
fn is_of_statements(bytes: &[u8]) -> bool {
    let has = |beginning: &[u8]| bytes.split(|&byte| byte == b'\n').any(|line| line.starts_with(beginning));
    SQL.iter().any(|start| bytes.starts_with(start)) && has(INSERT) && !has(COPY)
}

/// True for text whose lines end with a carriage return alone.
fn has_bare_returns(bytes: &[u8]) -> bool {
    let lines = bytes.iter().filter(|&&byte| byte == b'\r').count();
    lines > 1 && !bytes.contains(&b'\n') && std::str::from_utf8(bytes).is_ok()
}

/// Format of a file that is not read, with the next step; `None` for any other file.
pub(super) fn other_format(path: &Path) -> Option<&'static str> {
    let bytes = first_bytes(path, None).ok()?.1;
    let has = |(at, mark): (usize, &[u8])| bytes.get(at..).is_some_and(|rest| rest.starts_with(mark));
    if has(TAR) {
        return Some("an archive (tar); unpack it first");
    }
    if has(DUCKDB) {
        return Some("a DuckDB file; write its table as Parquet: COPY t TO 'log.parquet'");
    }
    if has_bare_returns(&bytes) {
        return Some(RETURNS);
    }
    if is_of_statements(&bytes) {
        return Some(STATEMENTS);
    }
    BEGINNINGS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, format)| *format)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn formats_that_are_not_read_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let of = |bytes: &[u8]| {
            let path = dir.path().join("f");
            std::fs::write(&path, bytes).unwrap();
            other_format(&path)
        };
        let mut tar = b"logs/a.jsonl".to_vec();
        tar.resize(257, 0);
        tar.extend_from_slice(b"ustar\0");
        assert!(of(&tar).unwrap().contains("unpack"));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&tar).unwrap();
        assert!(of(&packed.finish().unwrap()).unwrap().contains("tar"));
        assert!(of(b"BZh91AY&SY").unwrap().contains("bunzip2"));
        assert!(of(b"ts,account_id\r1,a\r").unwrap().contains("tr "));
        assert!(of(b"+----+\n| ts |\n").unwrap().contains("--batch"));
        assert!(of(b"PK\x03\x04\x14").unwrap().contains("CSV"));
        assert!(of(b"-- MySQL dump\n\nINSERT INTO `logs` VALUES (1);\n").unwrap().contains("sqlite3"));
        assert_eq!(of(b"ts,account_id\nINSERT INTO x,a\n"), None);
    }
}
