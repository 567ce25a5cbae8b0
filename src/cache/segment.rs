//! Segments: the exchanges as Arrow record batches, and their compact encoding.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use crate::model::{AttributeKind, Micros};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow_cast::cast;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::ArrowError;
use arrow_schema::DataType;

/// Column of the segments. `file`, `row` and `ts` are always present; the others if a snapshot has
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SegmentColumn {
    /// `u32`: position of the file.
    File,
    /// `u32`: row in the file.
    Row,
    /// `i64`: microseconds UTC.
    Ts,
    /// `u32`: rank of the value among those of its kind. Absent for [`AttributeKind::Ip24`], which
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
    /// `f32`: in the unit of the snapshot (nats or bits).
    MeanTokenEntropy,
    /// `f32`.
    WatermarkScore,
    /// Boolean.
    IsStream,
    /// Boolean.
    LogprobsRequested,
}

impl SegmentColumn {
    /// The field of a stored segment that the column is decoded from.
    pub(super) fn stored(self) -> &'static str {
        match self {
            Self::File | Self::Row => PLACE,
            other => other.name(),
        }
    }

    /// Name of the field in the record batch: that of the canonical column, if it is one.
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

/// Rows and times of a segment, whose arrays stay on disk.
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
    /// Unit of its stored times, in microseconds.
    pub ts_unit: Micros,
}

/// Some columns of one segment, decoded.
pub(crate) struct SegmentColumns {
    arrays: Vec<(SegmentColumn, ArrayRef)>,
}

/// Accessor of one value of a typed column; `None` for a missing one.
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
    /// Decodes columns of a segment from its stored arrays; absent ones are left out. `file_rows` are
    /// the rows of each file, counted over all files.
    ///
    /// # Errors
    /// The fault, in words.
    pub(super) fn decoded(
        segment: &SegmentSpan,
        file_rows: &[Range<u32>],
        columns: &[SegmentColumn],
        stored: Vec<Option<ArrayRef>>,
    ) -> Result<Self, &'static str> {
        let mut arrays = Vec::with_capacity(columns.len());
        for (&column, array) in columns.iter().zip(stored) {
            let Some(array) = array else { continue };
            let array: Option<ArrayRef> = match column {
                SegmentColumn::Ts => {
                    times(&array, segment).map(|ts| Arc::new(Int64Array::from(ts)) as ArrayRef)
                }
                SegmentColumn::File | SegmentColumn::Row => {
                    let places = places(&array).ok_or("its rows have no place")?;
                    places_in_files(&places, file_rows, column)
                }
                _ => widened(array).ok(),
            };
            arrays.push((column, array.ok_or("a column is not of its type")?));
        }
        Ok(Self { arrays })
    }

    /// Array of a column; `None` if no snapshot has the column.
    pub(crate) fn array(&self, column: SegmentColumn) -> Option<&ArrayRef> {
        self.arrays.iter().find(|(other, _)| *other == column).map(|(_, array)| array)
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

    /// One value of a boolean column.
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

/// Writes a record batch as an Arrow IPC stream, its buffers compressed with Zstandard at level 1.
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

/// Field of the rows' positions, counted over all files.
const PLACE: &str = "place";
/// Units of stored times, in microseconds; largest first.
const UNITS: [Micros; 3] = [1_000_000, 1_000, 1];

/// Encodes a segment: `places` are its rows counted over all files, `times` their times.
///
/// Columns are stored narrow, since they are most of a case. A `u32` column has the least width of
/// 8, 16 or 32 bits that holds its values. `place` is delta-coded modulo 2³², starting from 0; `ts`
/// is delta-coded in units of `ts_unit`, starting from `min_ts`, modulo 2³² if the span allows, else
/// 2⁶⁴. A column without a value is left out.
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

/// Column of `u32` in the fewest bits; any other type unchanged.
fn narrowed(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let Some(numbers) = array.as_primitive_opt::<UInt32Type>() else { return Ok(Arc::clone(array)) };
    match numbers.iter().flatten().max() {
        Some(0..=0xff) => cast(array, &DataType::UInt8),
        Some(0x100..=0xffff) => cast(array, &DataType::UInt16),
        _ => Ok(Arc::clone(array)),
    }
}

/// Inverse of [`narrowed`].
fn widened(array: ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::UInt8 | DataType::UInt16 => cast(&array, &DataType::UInt32),
        _ => Ok(array),
    }
}

/// Decodes delta-coded positions.
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

/// Decodes delta-coded times.
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

/// Decodes the named fields and no others, `None` for an absent one. Checks the number of `rows`.
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

/// Files, or rows in files, of rows counted over all files; `None` if a row does not exist.
fn places_in_files(places: &[u32], file_rows: &[Range<u32>], column: SegmentColumn) -> Option<ArrayRef> {
    let mut file = 0;
    let found: Option<Vec<u32>> = places
        .iter()
        .map(|&place| {
            // Neighbouring rows are mostly of the same file.
            if !file_rows.get(file)?.contains(&place) {
                file = file_rows.partition_point(|rows| rows.end <= place);
            }
            let rows = file_rows.get(file)?;
            Some(if column == SegmentColumn::File { file as u32 } else { place - rows.start })
        })
        .collect();
    Some(Arc::new(UInt32Array::from(found?)))
}
