//! Segments: the exchanges as Arrow record batches, how they are stored small, and the way to single
//! columns of them.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Int64Type, UInt16Type, UInt32Type, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::CompressionType;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use rusqlite::OptionalExtension;

use super::{Cache, CacheError};
use crate::model::{AttributeKind, Micros};

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
    /// Its earliest time.
    pub min_ts: Micros,
    /// Its latest time.
    pub max_ts: Micros,
    /// What its times are counted in, in microseconds.
    pub ts_unit: Micros,
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
pub(crate) type TopicColumns = (Vec<u16>, Vec<[f32; 2]>);

/// Writes a record batch as an Arrow IPC stream, its buffers compressed with Zstandard at its
/// quickest.
pub(crate) fn encode(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let options = IpcWriteOptions::default()
        .try_with_compression(Some(CompressionType::ZSTD))?
        .try_with_compression_level(Some(1))?;
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options)?;
    writer.write(batch)?;
    writer.into_inner()
}

/// A segment as it is stored.
pub(crate) struct Encoded {
    pub data: Vec<u8>,
    pub rows: u32,
    pub min_ts: Micros,
    pub max_ts: Micros,
    pub ts_unit: Micros,
}

/// The field with the rows' places.
const PLACE: &str = "place";
/// Units that times are counted in, in microseconds; largest first.
const UNITS: [Micros; 3] = [1_000_000, 1_000, 1];

/// Encodes a segment: `places` are its rows counted over all files, `times` theirs.
///
/// Stored narrow, since a case is mostly these columns. A `u32` column has the least width of 8,
/// 16 or 32 bits that holds its values. `place` has the difference to the row before, modulo 2³²
/// (the first that to 0); `ts` likewise, in the segment's `ts_unit` and to its `min_ts`, modulo
/// 2³² where its span allows and else 2⁶⁴. A column without a value is left out.
pub(crate) fn encode_segment(
    places: &[u32],
    times: &[Micros],
    columns: Vec<(SegmentColumn, ArrayRef)>,
) -> Result<Encoded, ArrowError> {
    let (min_ts, max_ts) =
        times.iter().fold((Micros::MAX, Micros::MIN), |(min, max), &t| (min.min(t), max.max(t)));
    let past = |t: Micros| t.wrapping_sub(min_ts).cast_unsigned();
    let unit =
        UNITS.into_iter().find(|unit| times.iter().all(|&t| past(t) % unit.unsigned_abs() == 0)).unwrap_or(1);
    let units = times.iter().map(|&t| past(t) / unit.unsigned_abs());
    let ts: ArrayRef = if past(max_ts) / unit.unsigned_abs() <= u64::from(u32::MAX) {
        Arc::new(UInt32Array::from_iter_values(differences(units.map(|t| t as u32), u32::wrapping_sub)))
    } else {
        Arc::new(UInt64Array::from_iter_values(differences(units, u64::wrapping_sub)))
    };
    let place = differences(places.iter().copied(), u32::wrapping_sub);
    let mut fields: Vec<(&str, ArrayRef)> =
        vec![(PLACE, Arc::new(UInt32Array::from_iter_values(place))), (SegmentColumn::Ts.name(), ts)];
    for (column, array) in columns.into_iter().filter(|(_, array)| array.null_count() < array.len()) {
        fields.push((column.name(), narrowed(&array)?));
    }
    let batch = RecordBatch::try_from_iter_with_nullable(
        fields.into_iter().map(|(name, array)| (name, array, true)),
    )?;
    Ok(Encoded { data: encode(&batch)?, rows: times.len() as u32, min_ts, max_ts, ts_unit: unit })
}

fn differences<T: Copy + Default>(
    values: impl Iterator<Item = T>,
    minus: impl Fn(T, T) -> T,
) -> impl Iterator<Item = T> {
    values.scan(T::default(), move |before, value| Some(minus(value, std::mem::replace(before, value))))
}

/// A column of `u32` in the fewest bits; any other as it is.
fn narrowed(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let Some(numbers) = array.as_primitive_opt::<UInt32Type>() else { return Ok(Arc::clone(array)) };
    match arrow::compute::max(numbers) {
        Some(0..=0xff) => cast(array, &DataType::UInt8),
        Some(0x100..=0xffff) => cast(array, &DataType::UInt16),
        _ => Ok(Arc::clone(array)),
    }
}

/// What [`narrowed`] was given.
fn widened(array: ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::UInt8 | DataType::UInt16 => cast(&array, &DataType::UInt32),
        _ => Ok(array),
    }
}

/// The places again.
fn places(stored: &ArrayRef) -> Option<Vec<u32>> {
    let mut place = 0_u32;
    let steps = stored.as_primitive_opt::<UInt32Type>()?.values();
    Some(
        steps
            .iter()
            .map(|step| {
                place = place.wrapping_add(*step);
                place
            })
            .collect(),
    )
}

/// The times again.
fn times(stored: &ArrayRef, segment: &SegmentSpan) -> Option<Vec<Micros>> {
    let time = |past: u64| {
        segment.min_ts.wrapping_add(past.wrapping_mul(segment.ts_unit.unsigned_abs()).cast_signed())
    };
    if let Some(steps) = stored.as_primitive_opt::<UInt32Type>() {
        let mut past = 0_u32;
        return Some(
            steps
                .values()
                .iter()
                .map(|step| {
                    past = past.wrapping_add(*step);
                    time(past.into())
                })
                .collect(),
        );
    }
    let mut past = 0_u64;
    let steps = stored.as_primitive_opt::<UInt64Type>()?.values();
    Some(
        steps
            .iter()
            .map(|step| {
                past = past.wrapping_add(*step);
                time(past)
            })
            .collect(),
    )
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
        let stored = |column: &SegmentColumn| match column {
            SegmentColumn::File | SegmentColumn::Row => PLACE,
            other => other.name(),
        };
        let damaged = |why: &str| CacheError::damaged(self.path(), format!("segment {}: {why}", segment.id));
        let names: Vec<&str> = columns.iter().map(stored).collect();
        let arrays = self
            .read_blob("SELECT data FROM segments WHERE segment_id = ?1", segment, &names)?
            .ok_or_else(|| damaged("it is missing"))?;
        let mut read = Vec::with_capacity(columns.len());
        for (&column, array) in columns.iter().zip(arrays) {
            let Some(array) = array else { continue };
            let array: Option<ArrayRef> = match column {
                SegmentColumn::Ts => {
                    times(&array, segment).map(|ts| Arc::new(Int64Array::from(ts)) as ArrayRef)
                }
                SegmentColumn::File | SegmentColumn::Row => {
                    let places = places(&array).ok_or_else(|| damaged("its rows have no place"))?;
                    self.places_in_files(&places, column)
                }
                _ => widened(array).ok(),
            };
            read.push((column, array.ok_or_else(|| damaged("a column is not of its type"))?));
        }
        Ok(SegmentColumns { arrays: read })
    }

    /// Files, or rows in them, of rows counted over all files; `None` where there is no such row.
    fn places_in_files(&self, places: &[u32], column: SegmentColumn) -> Option<ArrayRef> {
        let mut file = 0;
        let found: Option<Vec<u32>> = places
            .iter()
            .map(|&place| {
                // Neighbours mostly stand in one file.
                if !self.file_rows.get(file)?.contains(&place) {
                    file = self.file_rows.partition_point(|rows| rows.end <= place);
                }
                let rows = self.file_rows.get(file)?;
                Some(if column == SegmentColumn::File { file as u32 } else { place - rows.start })
            })
            .collect();
        Some(Arc::new(UInt32Array::from(found?)))
    }

    /// The topic and place of each row of a segment; `None` where the segment has no topics.
    pub(crate) fn read_topic_segment(
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

/// A place of the map in 0..=1; `NaN` for none.
pub(crate) fn place(grid: [u16; 2]) -> [f32; 2] {
    if grid == [u16::MAX; 2] { [f32::NAN; 2] } else { grid.map(|x| f32::from(x) / f32::from(u16::MAX - 1)) }
}

/// Opens a cache file for reading.
pub(crate) fn open_read_only(path: &Path) -> Result<rusqlite::Connection, CacheError> {
    use rusqlite::OpenFlags;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(CacheError::sqlite(path))?;
    // The end of the text pass writes to a cache that is open.
    connection.busy_timeout(super::store::PATIENCE).map_err(CacheError::sqlite(path))?;
    Ok(connection)
}
