//! Columns of a Parquet file that are encrypted beside others that are not (plaintext footer mode of
//! Parquet modular encryption).
//!
//! The Parquet reader does not report them: it cannot decode their pages. The footer names them, as a
//! struct of Thrift's compact protocol (parquet.thrift, `ColumnChunk.crypto_metadata`).

use std::collections::BTreeSet;
use std::io::{Read as _, Seek as _, SeekFrom};

/// Field numbers in `FileMetaData`, `RowGroup` and `ColumnChunk`.
const ROW_GROUPS: i64 = 4;
const COLUMNS: i64 = 1;
const CRYPTO_METADATA: i64 = 8;
/// Types of Thrift's compact protocol.
const LIST: u8 = 9;
const STRUCT: u8 = 12;
/// Maximum depth of nesting, and length of a footer in bytes.
const MAX_DEPTH: usize = 32;
const MAX_BYTES: u64 = 256 << 20;

/// Positions of the leaf columns that some row group has encrypted. Empty for an invalid footer, which the
/// Parquet reader reports.
pub(super) fn encrypted_leaves(file: &mut std::fs::File) -> BTreeSet<usize> {
    footer(file).and_then(|footer| Walk { bytes: &footer, at: 0 }.of_file()).unwrap_or_default()
}

/// Bytes of the footer.
fn footer(file: &mut std::fs::File) -> Option<Vec<u8>> {
    let length = file.seek(SeekFrom::End(-8)).ok()?;
    let mut end = [0; 4];
    file.read_exact(&mut end).ok()?;
    let bytes = u64::from(u32::from_le_bytes(end));
    file.seek(SeekFrom::Start(length.checked_sub(bytes)?)).ok()?;
    let mut footer = Vec::new();
    file.take(bytes.min(MAX_BYTES)).read_to_end(&mut footer).ok()?;
    Some(footer)
}

/// Reader of a Thrift struct.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn of_file(&mut self) -> Option<BTreeSet<usize>> {
        let mut encrypted = BTreeSet::new();
        self.fields(&mut |walk, id, kind| match (id, kind) {
            (ROW_GROUPS, LIST) => walk.items(&mut |walk, _| walk.of_group(&mut encrypted)),
            _ => walk.skip(kind, 0),
        })?;
        Some(encrypted)
    }

    fn of_group(&mut self, encrypted: &mut BTreeSet<usize>) -> Option<()> {
        self.fields(&mut |walk, id, kind| match (id, kind) {
            (COLUMNS, LIST) => walk.items(&mut |walk, at| {
                walk.fields(&mut |walk, id, kind| {
                    if id == CRYPTO_METADATA {
                        encrypted.insert(at);
                    }
                    walk.skip(kind, 0)
                })
            }),
            _ => walk.skip(kind, 0),
        })
    }

    fn byte(&mut self) -> Option<u8> {
        self.at += 1;
        self.bytes.get(self.at - 1).copied()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Calls `each` with the number and type of each field of a struct; `each` has to read the value.
    fn fields(&mut self, each: &mut dyn FnMut(&mut Self, i64, u8) -> Option<()>) -> Option<()> {
        let mut id = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => self.number().map(|zigzag| (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))?,
                delta => id + i64::from(delta),
            };
            each(self, id, head & 0x0f)?;
        }
    }

    /// Calls `each` with the position of each item of a list of structs.
    fn items(&mut self, each: &mut dyn FnMut(&mut Self, usize) -> Option<()>) -> Option<()> {
        let (count, kind) = self.list()?;
        if kind != STRUCT {
            return (0..count).try_for_each(|_| self.skip_item(kind, 0));
        }
        (0..count).try_for_each(|at| each(self, at))
    }

    fn list(&mut self) -> Option<(usize, u8)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => usize::try_from(self.number()?).ok()?,
            short => usize::from(short),
        };
        Some((count, head & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            // The type of a field is its value.
            1 | 2 => Some(()),
            _ => self.skip_item(kind, depth),
        }
    }

    fn skip_item(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.byte().map(drop),
            4..=6 => self.number().map(drop),
            7 => self.ahead(8),
            8 => {
                let bytes = usize::try_from(self.number()?).ok()?;
                self.ahead(bytes)
            }
            LIST | 10 => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip_item(kind, depth + 1))
            }
            STRUCT => self.fields(&mut |walk, _, kind| walk.skip(kind, depth + 1)),
            // Footers have no maps.
            _ => None,
        }
    }

    fn ahead(&mut self, bytes: usize) -> Option<()> {
        self.at = self.at.checked_add(bytes).filter(|&at| at <= self.bytes.len())?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_columns_are_found_in_a_footer() {
        // Field 4: two row groups; each has field 1: two columns, of which the second has field 2
        // (file_offset) and field 8 (crypto_metadata: a union with its first variant).
        let column = [0x26, 0x02, 0x00];
        let encrypted = [0x26, 0x02, 0x6c, 0x1c, 0x00, 0x00, 0x00];
        let group = [&[0x19, 0x2c][..], &column, &encrypted, &[0x00]].concat();
        let footer = [&[0x15, 0x02, 0x39, 0x2c][..], &group, &group, &[0x00]].concat();
        let found = |bytes: &[u8]| Walk { bytes, at: 0 }.of_file();
        assert_eq!(found(&footer), Some(BTreeSet::from([1])));
        for end in 0..footer.len() {
            assert_eq!(found(&footer[..end]), None, "{end}");
        }
    }

    #[test]
    fn a_file_without_encryption_has_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = crate::snapshot::fixture::write_plain(&dir.path().join("f"), 9);
        let mut file = std::fs::File::open(path).unwrap();
        let footer = footer(&mut file).unwrap();
        assert_eq!(Walk { bytes: &footer, at: 0 }.of_file(), Some(BTreeSet::new()));
    }
}
