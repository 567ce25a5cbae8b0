//! Segments: the exchanges as Arrow record batches, and the way to single columns of them.

use std::io::Cursor;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, UInt16Type, UInt32Type, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::CompressionType;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use rusqlite::OptionalExtension;

use super::topics::store::place;
use super::{Cache, CacheError};
use crate::model::AttributeKind;

/// A column of the segments. `file`, `row` and `ts` are always there; of the others those that
/// some snapshot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SegmentColumn {
    /// `u32`: which of [`Cache::files`].
    File,
    /// `u32`: row in the file.
    Row,
    /// `i64`: microseconds UTC.
    Ts,
    /// `u32`: the value's rank among those of its kind. Not for [`AttributeKind::Ip24`], which
    /// follows from the address.
    Code(AttributeKind),
    /// `u32`: position in the table `stop_reasons`.
    StopReason,
    /// `u64`: key of the conversation.
    Conversation,
    /// `u64`: key of `prompt_hash`.
    PromptHash,
    /// `u32`: tokens.
    InputTokens,
    /// `u32`: tokens.
    OutputTokens,
    /// `u32`: milliseconds.
    LatencyMs,
    /// `f32`: nats or bits, as the snapshot has it.
    MeanTokenEntropy,
    /// `f32`.
    WatermarkScore,
    /// Boolean.
    IsStream,
    /// Boolean.
    LogprobsRequested,
}

impl SegmentColumn {
    /// The field's name in the record batch; the canonical column's where it is one.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Row => "row",
            Self::Ts => "ts",
            Self::Code(kind) => kind.name(),
            Self::StopReason => "stop_reason",
            Self::Conversation => "conversation_id",
            Self::PromptHash => "prompt_hash",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::LatencyMs => "latency_ms",
            Self::MeanTokenEntropy => "mean_token_entropy",
            Self::WatermarkScore => "watermark_score",
            Self::IsStream => "is_stream",
            Self::LogprobsRequested => "logprobs_requested",
        }
    }
}

/// Where a segment lies; its arrays stay on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentSpan {
    /// Its number in the tables.
    pub id: i64,
    /// Its first row.
    pub first_row: u32,
    /// Its rows.
    pub rows: u32,
}

/// Some columns of one segment, decoded.
pub(crate) struct SegmentColumns {
    arrays: Vec<(SegmentColumn, ArrayRef)>,
}

/// The values of one column, one a row of the segment.
macro_rules! typed {
    ($(#[$doc:meta])* $name:ident, $arrow:ty, $native:ty) => {
        $(#[$doc])*
        pub(crate) fn $name(&self, column: SegmentColumn, at: usize) -> Option<$native> {
            let array = self.array(column)?.as_primitive_opt::<$arrow>()?;
            (at < array.len() && array.is_valid(at)).then(|| array.value(at))
        }
    };
}

impl SegmentColumns {
    /// A column's array; `None` where no snapshot has the column.
    pub(crate) fn array(&self, column: SegmentColumn) -> Option<&ArrayRef> {
        self.arrays.iter().find(|(known, _)| *known == column).map(|(_, array)| array)
    }

    typed!(
        /// One value of a `u32` column.
        u32_at, UInt32Type, u32);
    typed!(
        /// One value of a `u64` column.
        u64_at, UInt64Type, u64);

    typed!(
        /// One value of a `f32` column.
        f32_at, Float32Type, f32);

    /// One value of a column of truth values.
    pub(crate) fn bool_at(&self, column: SegmentColumn, at: usize) -> Option<bool> {
        let array = self.array(column)?.as_boolean_opt()?;
        (at < array.len() && array.is_valid(at)).then(|| array.value(at))
    }

    /// A column of `u32` without missing values, such as `file` and `row`.
    pub(crate) fn u32s(&self, column: SegmentColumn) -> Option<&[u32]> {
        Some(self.array(column)?.as_primitive_opt::<UInt32Type>()?.values())
    }

    /// A column of `i64` without missing values: `ts`.
    pub(crate) fn i64s(&self, column: SegmentColumn) -> Option<&[i64]> {
        Some(self.array(column)?.as_primitive_opt::<Int64Type>()?.values())
    }
}

/// Topic of each row of a segment, and its place on the map; no places without a map.
pub(super) type TopicColumns = (Vec<u16>, Vec<[f32; 2]>);

/// Writes a record batch as an Arrow IPC stream, its buffers LZ4-compressed.
pub(crate) fn encode(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options)?;
    writer.write(batch)?;
    writer.into_inner()
}

/// Decodes the named fields that are there, and no others. Checks that there are `rows` of them.
pub(crate) fn decode(bytes: &[u8], names: &[&str], rows: usize) -> Result<Vec<Option<ArrayRef>>, ArrowError> {
    let schema = StreamReader::try_new(Cursor::new(bytes), None)?.schema();
    let places: Vec<Option<usize>> = names.iter().map(|name| schema.index_of(name).ok()).collect();
    let mut wanted: Vec<usize> = places.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let batch = StreamReader::try_new(Cursor::new(bytes), Some(wanted.clone()))?
        .next()
        .ok_or_else(|| ArrowError::IpcError("no record batch".into()))??;
    if !wanted.is_empty() && batch.num_rows() != rows {
        return Err(ArrowError::IpcError(format!("{} rows instead of {rows}", batch.num_rows())));
    }
    Ok(places
        .into_iter()
        .map(|place| {
            let at = wanted.binary_search(&place?).ok()?;
            Some(batch.column(at).clone())
        })
        .collect())
}

impl Cache {
    /// Where the segments lie, ascending.
    pub(crate) fn segments(&self) -> &[SegmentSpan] {
        &self.segments
    }

    /// The position in [`segments`](Self::segments) of the one that holds a row; the row must exist.
    pub(crate) fn segment_of(&self, row: u32) -> usize {
        self.segments.partition_point(|segment| segment.first_row + segment.rows <= row)
    }

    /// Decodes some columns of one segment and no others. From any thread.
    ///
    /// # Errors
    /// Where the cache cannot be read or the segment is damaged.
    pub(crate) fn read_segment_columns(
        &self,
        segment: &SegmentSpan,
        columns: &[SegmentColumn],
    ) -> Result<SegmentColumns, CacheError> {
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        let arrays = self
            .read_blob("SELECT data FROM segments WHERE segment_id = ?1", segment, &names)?
            .ok_or_else(|| CacheError::damaged(self.path(), format!("segment {} is missing", segment.id)))?;
        let arrays = columns.iter().copied().zip(arrays).filter_map(|(c, array)| Some((c, array?))).collect();
        Ok(SegmentColumns { arrays })
    }

    /// The topic and place of each row of a segment; `None` where the segment has no topics.
    pub(super) fn read_topic_segment(
        &self,
        segment: &SegmentSpan,
    ) -> Result<Option<TopicColumns>, CacheError> {
        const QUERY: &str = "SELECT data FROM topic_segments WHERE segment_id = ?1";
        let Some(arrays) = self.read_blob(QUERY, segment, &["topic", "x", "y"])? else {
            return Ok(None);
        };
        let damaged = || CacheError::damaged(self.path(), format!("topics of segment {}", segment.id));
        let [Some(topic), x, y] = arrays.as_slice() else { return Err(damaged()) };
        let topic = topic.as_primitive_opt::<UInt16Type>().ok_or_else(damaged)?;
        let topics = topic.iter().map(|topic| topic.unwrap_or(super::NO_TOPIC)).collect();
        let (Some(x), Some(y)) = (x, y) else { return Ok(Some((topics, Vec::new()))) };
        let x = x.as_primitive_opt::<UInt16Type>().ok_or_else(damaged)?;
        let y = y.as_primitive_opt::<UInt16Type>().ok_or_else(damaged)?;
        let none = u16::MAX;
        let places = x.iter().zip(y).map(|(x, y)| place([x.unwrap_or(none), y.unwrap_or(none)])).collect();
        Ok(Some((topics, places)))
    }

    fn read_blob(
        &self,
        query: &str,
        segment: &SegmentSpan,
        names: &[&str],
    ) -> Result<Option<Vec<Option<ArrayRef>>>, CacheError> {
        let connection = self.connection()?;
        let mut statement = connection.prepare_cached(query).map_err(CacheError::sqlite(self.path()))?;
        let decoded = statement
            .query_row([segment.id], |row| {
                Ok(decode(row.get_ref(0)?.as_blob()?, names, segment.rows as usize))
            })
            .optional()
            .map_err(CacheError::sqlite(self.path()))?;
        decoded
            .transpose()
            .map_err(|error| CacheError::damaged(self.path(), format!("segment {}: {error}", segment.id)))
    }
}

/// Opens a cache file for reading.
pub(super) fn open_read_only(path: &Path) -> Result<rusqlite::Connection, CacheError> {
    use rusqlite::OpenFlags;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    rusqlite::Connection::open_with_flags(path, flags).map_err(CacheError::sqlite(path))
}
