//! Parquet files of a bundle.

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

/// Maximum number of rows of a row group, and number of bytes after which it ends.
const GROUP_ROWS: usize = 4_096;
const GROUP_BYTES: usize = 16 << 20;

/// A batch as Parquet within the bounds of `verify`: without dictionaries, in row groups that end after 16
/// MiB or 4,096 rows. The size is checked after every `step` rows: 1 for rows that may be long.
pub(super) fn parquet_bytes(batch: &RecordBatch, step: usize) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    for start in (0..batch.num_rows()).step_by(step) {
        writer.write(&batch.slice(start, step.min(batch.num_rows() - start)))?;
        if writer.in_progress_size() >= GROUP_BYTES {
            writer.flush()?;
        }
    }
    writer.close()?;
    Ok(bytes)
}
