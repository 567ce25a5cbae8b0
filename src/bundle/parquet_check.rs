//! Reading of a bundle's Parquet file to its end, within bounds.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};

use super::contents;
use super::parquet_bounds::batch_rows;
use crate::model::Watcher;
use crate::snapshot::record_hash::struct_hash;
use crate::snapshot::{SourceReader, parquet_keys};

/// Reads a file to its end, or returns the reason. With `is_whole`, the column `record` of each row must have
/// the hash in its column `record_sha256`.
pub(super) fn can_be_read(path: &Path, is_whole: bool, watcher: &dyn Watcher) -> Result<(), String> {
    each_batch(path, watcher, &mut |batch, row| if is_whole { check_hashes(batch, row) } else { Ok(()) })
}

/// Reads a file to its end, within bounds, and passes each batch with its first row, or returns the reason.
pub(super) fn each_batch(
    path: &Path,
    watcher: &dyn Watcher,
    look: &mut dyn FnMut(&RecordBatch, usize) -> Result<(), String>,
) -> Result<(), String> {
    let mut read = || -> Result<(), String> {
        let mut file = contents::open(path).map_err(|error| error.to_string())?;
        let batches = batch_rows(&mut file, watcher)?;
        let reader = SourceReader::open(&file)?;
        if reader.row_groups() != batches.len() {
            return Err("its footer contradicts itself".to_owned());
        }
        let mut row = 0;
        for (group, rows) in batches.into_iter().enumerate() {
            let file = file.try_clone().map_err(|error| error.to_string())?;
            for batch in reader.batches(file, group, rows)? {
                let batch = batch?;
                watcher.check().map_err(|error| error.to_string())?;
                look(&batch, row)?;
                row += batch.num_rows();
            }
        }
        Ok(())
    };
    // The decoder may panic on crafted bytes, which is a fault of the file.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut read))
        .unwrap_or_else(|_| Err("the decoder panicked on it".to_owned()))
}

/// True for a file whose footer has other metadata than its schema, or cannot be read. Its size is bounded by the check
/// that reads it to its end.
pub(super) fn has_other_metadata(path: &Path) -> bool {
    const SCHEMA: &str = "ARROW:schema";
    let read = || Some(parquet_keys(&contents::open(path).ok()?)?.iter().all(|key| key == SCHEMA));
    // The decoder may panic on crafted bytes, which is a fault of the file.
    !std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).is_ok_and(|own| own == Some(true))
}

fn check_hashes(batch: &RecordBatch, first: usize) -> Result<(), String> {
    let column = |name| batch.column_by_name(name).map(Arc::clone).ok_or(format!("it has no column {name}"));
    let (records, hashes) = (column("record")?, column("record_sha256")?);
    let records = records.as_struct_opt().ok_or("its column record is not a struct")?;
    let hashes = hashes.as_string_opt::<i32>().ok_or("its column record_sha256 is not text")?;
    for row in 0..batch.num_rows() {
        let is_null = records.is_null(row) || hashes.is_null(row);
        if is_null || struct_hash(records, row)?.to_string() != hashes.value(row) {
            return Err(format!("the record in row {} does not have the SHA-256 beside it", first + row + 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::parquet_file::parquet_bytes;

    #[test]
    fn metadata_that_somebody_added_is_found() {
        use arrow_array::{ArrayRef, Int64Array};
        use parquet::arrow::ArrowWriter;
        use parquet::file::metadata::KeyValue;
        let folder = tempfile::tempdir().unwrap();
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        let batch = RecordBatch::try_from_iter([("a", column)]).unwrap();
        let path = folder.path().join("a.parquet");
        std::fs::write(&path, parquet_bytes(&batch, 1).unwrap()).unwrap();
        assert!(!has_other_metadata(&path));
        let mut writer =
            ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.append_key_value_metadata(KeyValue::new("note".to_owned(), "guilty".to_owned()));
        writer.close().unwrap();
        assert!(has_other_metadata(&path));
        std::fs::write(&path, b"PAR1").unwrap();
        assert!(has_other_metadata(&path));
    }
}
