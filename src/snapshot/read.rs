//! Reading one file's canonical columns in batches.
//!
//! A batch never spans row groups. Arrays always have the types that [`ColumnType`](super::ColumnType) tells,
//! whatever the file has: cast, scaled and checked on the way.

use std::ops::Range;
use std::path::Path;

use arrow::array::ArrayRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

use super::convert::{Place, Rows, convert};
use super::source::{Found, Source, guarded};
use super::{Column, ColumnType, Mapping, SnapshotError};

/// Rows in a batch at most.
const BATCH_ROWS: usize = 8_192;
/// The same where prompts, responses or vectors are read: they are large.
const LONG_BATCH_ROWS: usize = 1_024;

/// Some consecutive rows of one row group.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The row group, counted from 0.
    pub row_group: usize,
    /// Row in the file of the batch's first row.
    pub first_row: u64,
    /// How many rows.
    pub rows: usize,
    /// One array of `rows` values a column asked for, in that order; `None` where the column is
    /// not mapped or the file lacks it. By kind: Time `Int64Array` of microseconds UTC; Text
    /// `DictionaryArray<Int32Type>` of `StringArray`, whose dictionary may have values that no
    /// row uses; LongText `StringArray`; Int `Int64Array`; Float `Float64Array`; Bool
    /// `BooleanArray`; Embedding `FixedSizeListArray` of `Float32` (length 0 as long as only
    /// nulls were met). `ts` and `account_id` have no nulls.
    pub columns: Vec<Option<ArrayRef>>,
}

/// Reads one file, batch after batch, in file order. After an error it ends.
pub struct Reader {
    source: Source,
    columns: Vec<Column>,
    found: Vec<Option<Found>>,
    metadata: ArrowReaderMetadata,
    projection: ProjectionMask,
    batch_rows: usize,
    rows: Vec<u64>,
    groups: Range<usize>,
    current: Option<Group>,
    dims: Option<i32>,
    failed: bool,
}

struct Group {
    index: usize,
    reader: ParquetRecordBatchReader,
    next_row: u64,
    end_row: u64,
}

/// Opens a file for reading the given columns of some row groups, or of all. `name` is the
/// file's name inside the snapshot, for errors.
///
/// # Errors
/// A file that is no sound Parquet, a required column among `columns` that is not mapped or not
/// there, a column of a type that will not do, row groups that the file does not have.
pub fn read(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    columns: &[Column],
    row_groups: Option<Range<usize>>,
) -> Result<Reader, SnapshotError> {
    let source = Source::open(path, name, false)?;
    let found = source.find(mapping, columns)?;
    let rows = source.row_groups();
    let groups = row_groups.unwrap_or(0..rows.len());
    if groups.end > rows.len() {
        return Err(SnapshotError::OutOfRange {
            file: name.to_owned(),
            what: "row group",
            asked: groups.end.saturating_sub(1) as u64,
            has: rows.len() as u64,
        });
    }
    Ok(Reader {
        metadata: source.tuned(columns, &found),
        projection: source.projection(&found),
        batch_rows: batch_rows(columns),
        source,
        columns: columns.to_vec(),
        found,
        rows,
        groups,
        current: None,
        dims: None,
        failed: false,
    })
}

/// Rows in each row group of a file.
///
/// # Errors
/// A file that is no sound Parquet.
pub fn row_groups(path: &Path, name: &str) -> Result<Vec<u64>, SnapshotError> {
    Ok(Source::open(path, name, false)?.row_groups())
}

/// The canonical columns that a file has under a mapping, in canonical order.
///
/// # Errors
/// A file that is no sound Parquet, or lacks a required column.
pub fn present(path: &Path, name: &str, mapping: &Mapping) -> Result<Vec<Column>, SnapshotError> {
    let found = Source::open(path, name, false)?.find(mapping, &Column::ALL)?;
    Ok(Column::ALL.into_iter().zip(found).filter_map(|(column, found)| found.map(|_| column)).collect())
}

pub(super) fn batch_rows(columns: &[Column]) -> usize {
    let is_large = |column: &Column| {
        matches!(column, Column::PromptText | Column::ResponseText) || column.kind() == ColumnType::Embedding
    };
    if columns.iter().any(is_large) { LONG_BATCH_ROWS } else { BATCH_ROWS }
}

impl Reader {
    fn start(&self, index: usize) -> Result<Group, SnapshotError> {
        let file = self
            .source
            .file
            .try_clone()
            .map_err(|source| SnapshotError::Io { path: self.source.name.clone().into(), source })?;
        let reader = guarded(&self.source.name, Some(index), || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.projection.clone())
                .with_batch_size(self.batch_rows)
                .with_row_groups(vec![index])
                .build()
                .map_err(|e| e.to_string())
        })?;
        let next_row = self.rows[..index].iter().sum();
        Ok(Group { index, reader, next_row, end_row: next_row + self.rows[index] })
    }

    /// Some rows of one row group (counted in the file), and no others, as one batch.
    pub(super) fn only(&self, index: usize, rows: &Range<u64>) -> Result<Batch, SnapshotError> {
        let first: u64 = self.rows[..index].iter().sum();
        let (before, count) = ((rows.start - first) as usize, (rows.end - rows.start) as usize);
        let name = &self.source.name;
        let file = self
            .source
            .file
            .try_clone()
            .map_err(|source| SnapshotError::Io { path: name.clone().into(), source })?;
        let raw = guarded(name, Some(index), || {
            let selection = RowSelection::from(vec![RowSelector::skip(before), RowSelector::select(count)]);
            let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.projection.clone())
                .with_batch_size(count)
                .with_row_groups(vec![index])
                .with_row_selection(selection)
                .build()
                .map_err(|e| e.to_string())?;
            let batch = reader.next().transpose().map_err(|e| e.to_string())?;
            batch.filter(|batch| batch.num_rows() == count).ok_or_else(|| "rows are missing".to_owned())
        })?;
        let place = Place { file: name, row_group: index, rows: Rows::From(rows.start) };
        let mut dims = self.dims;
        let columns = self.columns.iter().zip(&self.found).map(|(&column, found)| {
            found.as_ref().map(|found| guarded_convert(column, found, &raw, &mut dims, &place)).transpose()
        });
        let columns = columns.collect::<Result<_, SnapshotError>>()?;
        Ok(Batch { row_group: index, first_row: rows.start, rows: count, columns })
    }

    fn advance(&mut self) -> Result<Option<Batch>, SnapshotError> {
        loop {
            if self.current.is_none() {
                let Some(index) = self.groups.next() else { return Ok(None) };
                self.current = Some(self.start(index)?);
            }
            let Some(group) = &mut self.current else { continue };
            let name = &self.source.name;
            let batch = guarded(name, Some(group.index), || {
                group.reader.next().transpose().map_err(|e| e.to_string())
            })?;
            let Some(batch) = batch else {
                if group.next_row != group.end_row {
                    let reason = format!("it ends {} rows early", group.end_row - group.next_row);
                    let (file, row_group) = (name.clone(), Some(group.index));
                    return Err(SnapshotError::Damaged { file, row_group, reason });
                }
                self.current = None;
                continue;
            };
            let place = Place { file: name, row_group: group.index, rows: Rows::From(group.next_row) };
            let dims = &mut self.dims;
            let mut columns = Vec::with_capacity(self.columns.len());
            for (&column, found) in self.columns.iter().zip(&self.found) {
                columns.push(match found {
                    Some(found) => Some(guarded_convert(column, found, &batch, dims, &place)?),
                    None => None,
                });
            }
            let (row_group, first_row, rows) = (group.index, group.next_row, batch.num_rows());
            group.next_row += rows as u64;
            return Ok(Some(Batch { row_group, first_row, rows, columns }));
        }
    }
}

/// [`convert`] on a column of a batch, panics caught.
pub(super) fn guarded_convert(
    column: Column,
    found: &Found,
    batch: &arrow::array::RecordBatch,
    dims: &mut Option<i32>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    guarded(place.file, Some(place.row_group), || {
        let array = found.array(batch).ok_or("a column is not where the footer says")?;
        Ok(convert(column, found, &array, dims, place))
    })?
}

impl Iterator for Reader {
    type Item = Result<Batch, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance();
        self.failed = next.is_err();
        next.transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use arrow::array::{
        Array, AsArray, BinaryArray, BooleanArray, Date32Array, FixedSizeBinaryArray, FixedSizeListArray,
        Float32Array, Float64Array, Int8Array, Int32Array, LargeStringArray, ListArray, StringArray,
        StringViewArray, StructArray, TimestampMicrosecondArray, TimestampMillisecondArray,
        TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt64Array,
    };
    use arrow::buffer::NullBuffer;
    use arrow::compute::cast;
    use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Int32Type, Int64Type};
    use proptest::prelude::*;

    use super::*;
    use crate::model::{EARLIEST, LATEST};
    use crate::snapshot::fixture::{START, accounts, canonical, ints, texts, times, write, write_groups};

    /// A file of the given column beside what is required, and that column read back.
    fn read_back(column: Column, array: ArrayRef) -> Result<ArrayRef, SnapshotError> {
        let dir = tempfile::tempdir().unwrap();
        let rows = array.len();
        let mut columns = vec![(column.name(), array)];
        if column != Column::Ts {
            columns.push(("ts", times(rows)));
        }
        if column != Column::AccountId {
            columns.push(("account_id", accounts(rows)));
        }
        let path = write(&dir.path().join("f.parquet"), columns);
        let mut arrays = Vec::new();
        for batch in read(&path, "f.parquet", &canonical(), &[column], None)? {
            arrays.push(batch?.columns.remove(0).unwrap());
        }
        let arrays: Vec<&dyn Array> = arrays.iter().map(|array| array.as_ref()).collect();
        Ok(arrow::compute::concat(&arrays).unwrap())
    }

    fn strings(array: &ArrayRef) -> Vec<Option<String>> {
        let plain = cast(array, &DataType::Utf8).unwrap();
        plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn numbers(array: &ArrayRef) -> Vec<Option<i64>> {
        array.as_primitive::<Int64Type>().iter().collect()
    }

    #[test]
    fn text_of_every_type_comes_out_as_one() {
        let some = vec![Some("é"), None, Some("x"), Some("é")];
        let plain: ArrayRef = Arc::new(StringArray::from(some.clone()));
        let dictionary = |key: DataType, value: DataType| {
            cast(&plain, &DataType::Dictionary(Box::new(key), Box::new(value))).unwrap()
        };
        let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
            [Some(&b"ab"[..]), None, Some(&b"cd"[..]), Some(&b"ab"[..])].into_iter(),
            2,
        );
        let bytes: Vec<Option<&[u8]>> = some.iter().map(|text| text.map(str::as_bytes)).collect();
        let arrays: Vec<ArrayRef> = vec![
            Arc::clone(&plain),
            Arc::new(LargeStringArray::from(some.clone())),
            Arc::new(StringViewArray::from(some.clone())),
            dictionary(DataType::Int8, DataType::Utf8),
            dictionary(DataType::UInt32, DataType::LargeUtf8),
            Arc::new(BinaryArray::from(bytes)),
        ];
        for array in arrays {
            let from = array.data_type().clone();
            let text = read_back(Column::Model, Arc::clone(&array)).unwrap();
            let to = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            assert_eq!(text.data_type(), &to, "{from}");
            assert_eq!(strings(&text), strings(&plain), "{from}");
            let long = read_back(Column::PromptText, array).unwrap();
            assert_eq!(long.data_type(), &DataType::Utf8, "{from}");
            assert_eq!(strings(&long), strings(&plain), "{from}");
        }
        let fixed = strings(&read_back(Column::Model, Arc::new(fixed.unwrap())).unwrap());
        assert_eq!(fixed[2].as_deref(), Some("cd"));
        let numbers = read_back(Column::Asn, Arc::new(Int32Array::from(vec![Some(64_512), None]))).unwrap();
        assert_eq!(strings(&numbers), [Some("64512".to_owned()), None]);
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_row() {
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"ok"[..], b"\xff\xfe"]));
        let error = read_back(Column::Model, bytes).unwrap_err();
        assert!(
            matches!(&error, SnapshotError::BadValue { row: 1, row_group: 0, column: "model", .. }),
            "{error}"
        );
    }

    #[test]
    fn times_of_every_unit_and_zone_are_microseconds_utc() {
        let seconds = START / 1_000_000;
        let zones = [None, Some("UTC"), Some("+02:00"), Some("Europe/Berlin")];
        for zone in zones {
            let zone = zone.map(Arc::<str>::from);
            let arrays: Vec<ArrayRef> = vec![
                Arc::new(TimestampSecondArray::from(vec![seconds, -1]).with_timezone_opt(zone.clone())),
                Arc::new(
                    TimestampMillisecondArray::from(vec![seconds * 1_000, -1])
                        .with_timezone_opt(zone.clone()),
                ),
                Arc::new(TimestampMicrosecondArray::from(vec![START, -1]).with_timezone_opt(zone.clone())),
                Arc::new(
                    TimestampNanosecondArray::from(vec![START * 1_000, -1]).with_timezone_opt(zone.clone()),
                ),
            ];
            for (array, before) in arrays.into_iter().zip([-1_000_000, -1_000, -1, -1]) {
                let read = read_back(Column::Ts, array).unwrap();
                assert_eq!(numbers(&read), [Some(START), Some(before)], "{zone:?}");
            }
        }
    }

    #[test]
    fn times_in_text_are_read_or_named_by_row() {
        let good = [
            "2026-04-22T13:05:09Z",
            "2026-04-22 13:05:09",
            "2026-04-22T15:05:09.000000+02:00",
            "2026-04-22 13:05:09+00",
            "2026-04-22T13:05:09.000000999Z",
        ];
        assert_eq!(numbers(&read_back(Column::Ts, texts(&good)).unwrap()), [Some(START); 5]);
        for bad in ["yesterday", "2026-04-22", "", "1776863109"] {
            let error = read_back(Column::Ts, texts(&["2026-04-22T13:05:09Z", bad])).unwrap_err();
            assert!(matches!(&error, SnapshotError::BadValue { row: 1, column: "ts", .. }), "{error}");
        }
    }

    #[test]
    fn a_time_that_does_not_fit_or_is_none_is_refused() {
        let far: ArrayRef = Arc::new(TimestampSecondArray::from(vec![i64::MAX]));
        assert!(matches!(read_back(Column::Ts, far), Err(SnapshotError::BadValue { row: 0, .. })));
        // Whatever subtracts two times may rely on it that the difference fits.
        for far in [i64::MIN, EARLIEST - 1, LATEST + 1, i64::MAX] {
            let far: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![0, far]));
            assert!(matches!(read_back(Column::Ts, far), Err(SnapshotError::BadValue { row: 1, .. })));
        }
        let never: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![EARLIEST, LATEST]));
        assert_eq!(numbers(&read_back(Column::Ts, never).unwrap()), [Some(EARLIEST), Some(LATEST)]);
        let date: ArrayRef = Arc::new(Date32Array::from(vec![1]));
        let error = read_back(Column::Ts, date).unwrap_err().to_string();
        assert!(error.contains("dates without a time of day, but ts needs a timestamp"), "{error}");
        assert!(matches!(read_back(Column::Ts, ints(&[1])), Err(SnapshotError::WrongType { .. })));
    }

    #[test]
    fn numbers_of_every_width() {
        let whole = |array: ArrayRef| read_back(Column::InputTokens, array).map(|array| numbers(&array));
        assert_eq!(whole(Arc::new(Int8Array::from(vec![Some(-1), None]))).unwrap(), [Some(-1), None]);
        assert_eq!(whole(Arc::new(UInt64Array::from(vec![7]))).unwrap(), [Some(7)]);
        assert_eq!(whole(Arc::new(Float64Array::from(vec![3.0, f64::NAN]))).unwrap(), [Some(3), None]);
        for array in [
            Arc::new(UInt64Array::from(vec![1, u64::MAX])) as ArrayRef,
            Arc::new(Float64Array::from(vec![1.0, 0.5])),
            Arc::new(Float64Array::from(vec![1.0, f64::INFINITY])),
        ] {
            assert!(matches!(whole(array), Err(SnapshotError::BadValue { row: 1, .. })));
        }
        let latency = read_back(Column::LatencyMs, Arc::new(Int32Array::from(vec![Some(40), None]))).unwrap();
        assert_eq!(latency.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(), [Some(40.0), None]);
        assert!(matches!(whole(texts(&["1"])), Err(SnapshotError::WrongType { .. })));
    }

    #[test]
    fn yes_and_no() {
        for array in [
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])) as ArrayRef,
            Arc::new(UInt8Array::from(vec![Some(1), None, Some(0)])),
        ] {
            let read = read_back(Column::IsStream, array).unwrap();
            assert_eq!(read.as_boolean(), &BooleanArray::from(vec![Some(true), None, Some(false)]));
        }
        let two: ArrayRef = Arc::new(UInt8Array::from(vec![2]));
        assert!(matches!(read_back(Column::IsStream, two), Err(SnapshotError::BadValue { .. })));
    }

    #[test]
    fn vectors_have_one_length() {
        type Vector = Option<Vec<Option<f32>>>;
        let list = |vectors: Vec<Vector>| -> ArrayRef {
            Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(vectors))
        };
        let v = |a: f32, b: f32| Some(vec![Some(a), Some(b)]);
        let read =
            read_back(Column::PromptEmbedding, list(vec![None, v(1.0, 2.0), None, v(3.0, 4.0)])).unwrap();
        let vectors = read.as_fixed_size_list();
        assert_eq!((vectors.value_length(), vectors.null_count()), (2, 2));
        assert_eq!(vectors.value(3).as_primitive::<Float32Type>().values(), &[3.0, 4.0]);

        let item = Arc::new(Field::new_list_field(DataType::Float32, true));
        let flat = Arc::new(Float32Array::from(vec![1.0, 2.0, 0.0, 0.0]));
        let fixed = FixedSizeListArray::try_new(item, 2, flat, Some(NullBuffer::from(vec![true, false])));
        let read = read_back(Column::PromptEmbedding, Arc::new(fixed.unwrap())).unwrap();
        assert_eq!((read.as_fixed_size_list().value_length(), read.null_count()), (2, 1));

        let ragged = list(vec![v(1.0, 2.0), Some(vec![Some(1.0)])]);
        assert!(matches!(
            read_back(Column::PromptEmbedding, ragged),
            Err(SnapshotError::BadValue { row: 1, .. })
        ));
        let holed = list(vec![Some(vec![Some(1.0), None])]);
        assert!(matches!(
            read_back(Column::PromptEmbedding, holed),
            Err(SnapshotError::BadValue { row: 0, .. })
        ));
    }

    #[test]
    fn a_null_account_is_named_by_group_and_row() {
        let dir = tempfile::tempdir().unwrap();
        let some: Vec<_> = (0..10).map(|i| (i != 7).then_some("a")).collect();
        let columns = vec![("ts", times(10)), ("account_id", Arc::new(StringArray::from(some)) as ArrayRef)];
        let path = write_groups(&dir.path().join("f"), columns, 4);
        let mut reader = read(&path, "f", &canonical(), &[Column::AccountId], None).unwrap();
        assert!(reader.next().unwrap().is_ok());
        let error = reader.next().unwrap().unwrap_err();
        assert!(matches!(&error, SnapshotError::BadValue { row_group: 1, row: 7, column: "account_id", .. }));
        assert!(reader.next().is_none());
        assert!(
            read_back(Column::Ts, Arc::new(TimestampMicrosecondArray::from(vec![None, Some(1)]))).is_err()
        );
    }

    #[test]
    fn batches_keep_to_row_groups_and_say_where_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![("account_id", accounts(2_500)), ("ts", times(2_500)), ("model", accounts(2_500))];
        let path = write_groups(&dir.path().join("f"), columns, 1_200);
        assert_eq!(row_groups(&path, "f").unwrap(), [1_200, 1_200, 100]);
        let columns = [Column::Ts, Column::Ip, Column::ResponseText, Column::Model];
        let read_groups = |groups| read(&path, "f", &canonical(), &columns, groups).unwrap();
        let batches: Vec<Batch> = read_groups(None).map(Result::unwrap).collect();
        let places: Vec<_> = batches.iter().map(|b| (b.row_group, b.first_row, b.rows)).collect();
        assert_eq!(places, [(0, 0, 1024), (0, 1024, 176), (1, 1200, 1024), (1, 2224, 176), (2, 2400, 100)]);
        assert!(batches.iter().all(|batch| batch.columns[1].is_none() && batch.columns[2].is_none()));
        let last: Vec<Batch> = read_groups(Some(2..3)).map(Result::unwrap).collect();
        assert_eq!((last.len(), last[0].first_row), (1, 2_400));
        assert_eq!(numbers(last[0].columns[0].as_ref().unwrap())[0], Some(START + 2_400));
        assert!(read(&path, "f", &canonical(), &columns, Some(1..4)).is_err());
    }

    #[test]
    fn nulls_of_a_struct_are_those_of_its_columns() {
        let dir = tempfile::tempdir().unwrap();
        let fields = vec![Field::new("ip", DataType::Utf8, true), Field::new("n", DataType::Int64, true)];
        let client = StructArray::try_new(
            fields.into(),
            vec![texts(&["x", "y"]), ints(&[1, 2])],
            Some(NullBuffer::from(vec![true, false])),
        );
        let path = write(
            &dir.path().join("f"),
            vec![
                ("client", Arc::new(client.unwrap()) as ArrayRef),
                ("ts", times(2)),
                ("account_id", accounts(2)),
            ],
        );
        let mut mapping = canonical();
        mapping.columns.insert("ip".into(), "client.ip".into());
        let batch = read(&path, "f", &mapping, &[Column::Ip], None).unwrap().next().unwrap().unwrap();
        assert_eq!(strings(batch.columns[0].as_ref().unwrap()), [Some("x".to_owned()), None]);
    }

    #[test]
    fn a_dictionary_page_is_used_as_it_stands() {
        let text = read_back(Column::Model, accounts(5_000)).unwrap();
        assert_eq!(text.as_dictionary::<Int32Type>().values().len(), 3);
    }

    fn broken(bytes: &[u8]) -> SnapshotError {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        row_groups(&path, "f").unwrap_err()
    }

    #[test]
    fn empty_foreign_and_cut_files_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = crate::snapshot::fixture::write_plain(&dir.path().join("f"), 100);
        let whole = std::fs::read(&path).unwrap();
        assert!(matches!(broken(b""), SnapshotError::EmptyFile { .. }));
        assert!(matches!(broken(b"a,b,c\n1,2,3\n"), SnapshotError::Foreign { .. }));
        assert!(matches!(broken(b"PK"), SnapshotError::Foreign { .. }));
        assert!(matches!(broken(&whole[..8]), SnapshotError::Truncated { .. }));
        assert!(matches!(broken(&whole[..whole.len() / 2]), SnapshotError::Truncated { .. }));
        assert!(matches!(broken(b"PAR1\0\0\0\0\xff\xff\xff\x7fPAR1"), SnapshotError::Damaged { .. }));
        let missing: PathBuf = dir.path().join("no");
        assert!(matches!(row_groups(&missing, "no"), Err(SnapshotError::NoSuchPath { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// Whatever an adversary or a bad disk did to the bytes: values or an error, no panic.
        #[test]
        fn a_damaged_file_never_panics(spots in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let dir = tempfile::tempdir().unwrap();
            let columns = vec![("ts", times(200)), ("account_id", accounts(200)), ("model", accounts(200))];
            let path = write_groups(&dir.path().join("f"), columns, 120);
            let mut bytes = std::fs::read(&path).unwrap();
            for (spot, value) in spots {
                let spot = spot.index(bytes.len());
                bytes[spot] = value;
            }
            std::fs::write(&path, bytes).unwrap();
            if let Ok(reader) = read(&path, "f", &canonical(), &Column::ALL, None) {
                for batch in reader {
                    let _ = batch.map_err(|e| e.to_string());
                }
            }
        }
    }
}
