//! Whole records by row.
//!
//! Reads only the pages that hold the requested rows if the file has a page index, else only the row
//! groups that hold them.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use parquet::arrow::arrow_reader::RowSelection;
use serde_json::{Map, Value};

use super::file::{File, guarded};
use super::plan::{Memories, Plan, Rows};
use super::tally::Tally;
use super::{Column, ColumnType, Mapping, SnapshotError};
use crate::model::{Digest, ExchangeRef, Record, float_value};

/// Number of rows decoded at a time; small, since records can be long.
const BATCH_ROWS: usize = 256;

/// The records at some rows of a file, ascending, each once. Every column of `columns` (or of
/// [`Column::ALL`]) is in each record, in canonical order: times as whole microseconds UTC,
/// missing values and missing columns as `null`, embeddings as arrays, floats that are not
/// finite as text, since JSON has none. Empty if no rows are given.
///
/// # Errors
/// As for [`read`](super::read()), or a row does not exist.
pub fn fetch(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    rows: &[u64],
    snapshot: Digest,
    columns: Option<&[Column]>,
) -> Result<Vec<Record>, SnapshotError> {
    File::open_indexed(path, name)?.records(mapping, rows, snapshot, columns)
}

impl File {
    /// The records at some rows, as [`fetch`] gives them.
    ///
    /// # Errors
    /// As [`fetch`].
    pub fn records(
        &self,
        mapping: &Mapping,
        rows: &[u64],
        snapshot: Digest,
        columns: Option<&[Column]>,
    ) -> Result<Vec<Record>, SnapshotError> {
        records(self, mapping, rows, snapshot, columns)
    }
}

fn records(
    file: &File,
    mapping: &Mapping,
    rows: &[u64],
    snapshot: Digest,
    columns: Option<&[Column]>,
) -> Result<Vec<Record>, SnapshotError> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.dedup();
    let mut columns = columns.unwrap_or(&Column::ALL).to_vec();
    columns.sort_unstable();
    columns.dedup();

    let plan = Plan::new(file, mapping, &columns, false)?;
    let fetcher = Fetcher { plan, file: file.clone(), columns, snapshot };
    let mut records = Vec::with_capacity(rows.len());
    let (mut start, mut rest) = (0, rows.as_slice());
    for (index, count) in fetcher.file.row_groups().into_iter().enumerate() {
        let (here, later) = rest.split_at(rest.partition_point(|&row| row < start + count));
        if !here.is_empty() {
            fetcher.group(index, start..start + count, here, &mut records)?;
        }
        (start, rest) = (start + count, later);
    }
    match rest.first() {
        None => Ok(records),
        Some(&asked) => {
            Err(SnapshotError::OutOfRange { file: file.name().to_owned(), what: "row", asked, has: start })
        }
    }
}

struct Fetcher {
    file: File,
    plan: Plan,
    columns: Vec<Column>,
    snapshot: Digest,
}

impl Fetcher {
    /// Records of one row group, which has the rows `span` of the file. Text that is not UTF-8 is read
    /// as bytes.
    fn group(
        &self,
        index: usize,
        span: std::ops::Range<u64>,
        rows: &[u64],
        records: &mut Vec<Record>,
    ) -> Result<(), SnapshotError> {
        let before = records.len();
        self.group_as(index, &span, rows, records, false).or_else(|error| {
            records.truncate(before);
            self.group_as(index, &span, rows, records, true).map_err(|_| error)
        })
    }

    fn group_as(
        &self,
        index: usize,
        span: &std::ops::Range<u64>,
        rows: &[u64],
        records: &mut Vec<Record>,
        as_bytes: bool,
    ) -> Result<(), SnapshotError> {
        let name = self.file.name();
        // Rows of one group are counted in 32 bits by Parquet.
        let local = |row: u64| (row - span.start) as usize;
        let selection = RowSelection::from_consecutive_ranges(
            rows.iter().map(|&row| local(row)..local(row) + 1),
            local(span.end),
        );
        let mut reader = self.plan.open(index, BATCH_ROWS, Some(selection), as_bytes)?;
        let (mut done, mut memories, mut tally) = (0, Memories::new(&self.plan, None), Tally::default());
        while let Some(batch) = guarded(name, Some(index), || reader.next().transpose())? {
            let here = rows.get(done..done + batch.num_rows()).unwrap_or_default();
            let place = Rows::Listed(here);
            let arrays = self.plan.convert(&batch, index, &place, &mut memories, &mut tally)?;
            records.extend(here.iter().enumerate().map(|(i, &row)| self.record(row, &arrays, i)));
            done += batch.num_rows();
        }
        if done == rows.len() {
            return Ok(());
        }
        let reason = format!("{} of the rows asked for are not in it", rows.len().abs_diff(done));
        Err(SnapshotError::Damaged { file: name.to_owned(), row_group: Some(index), reason })
    }

    fn record(&self, row: u64, arrays: &[Option<ArrayRef>], i: usize) -> Record {
        let values = self.columns.iter().zip(arrays).map(|(column, array)| {
            let value = array.as_ref().map_or(Value::Null, |array| value(column.kind(), array, i));
            (column.name().to_owned(), value)
        });
        Record {
            exchange: ExchangeRef { snapshot: self.snapshot, file: self.file.name().to_owned(), row },
            columns: values.collect::<Map<_, _>>(),
            source: None,
        }
    }
}

/// One value of an array that a [`Plan`] made.
fn value(kind: ColumnType, array: &ArrayRef, i: usize) -> Value {
    if array.is_null(i) {
        return Value::Null;
    }
    match kind {
        ColumnType::Time | ColumnType::Int => array.as_primitive::<Int64Type>().value(i).into(),
        ColumnType::Float => float_value(array.as_primitive::<Float64Type>().value(i)),
        ColumnType::Bool => array.as_boolean().value(i).into(),
        ColumnType::LongText => array.as_string::<i32>().value(i).into(),
        ColumnType::Text => {
            let dictionary = array.as_dictionary::<Int32Type>();
            let texts = Arc::clone(dictionary.values());
            dictionary.key(i).map_or(Value::Null, |key| texts.as_string::<i32>().value(key).into())
        }
        ColumnType::Embedding => {
            let vector = array.as_fixed_size_list().value(i);
            vector.as_primitive::<Float32Type>().values().iter().map(|&x| float_value(f64::from(x))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{FixedSizeListArray, Float64Array, StringArray};
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::fixture::{START, accounts, canonical, ints, times, write_groups, write_plain};
    use crate::snapshot::read;

    const ROWS: usize = 700;

    fn rich(path: &Path) -> std::path::PathBuf {
        let vectors = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
            (0..ROWS).map(|i| (i % 5 != 0).then(|| vec![Some(i as f32), Some(0.5)])),
            2,
        );
        let prompts = StringArray::from_iter((0..ROWS).map(|i| (i % 7 != 0).then(|| format!("prompt {i}"))));
        let floats = Float64Array::from_iter_values((0..ROWS).map(|i| i as f64 / 8.0));
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("prompt_text", Arc::new(prompts)),
            ("ts", times(ROWS)),
            ("account_id", accounts(ROWS)),
            ("input_tokens", ints(&(0..ROWS as i64).collect::<Vec<_>>())),
            ("mean_token_entropy", Arc::new(floats)),
            ("prompt_embedding", Arc::new(vectors)),
        ];
        write_groups(path, columns, 300)
    }

    #[test]
    fn a_record_has_every_column_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = rich(&dir.path().join("f"));
        let digest = Digest::of(b"s");
        let records = fetch(&path, "f", &canonical(), &[301], digest, None).unwrap();
        assert_eq!(records[0].exchange, ExchangeRef { snapshot: digest, file: "f".into(), row: 301 });
        let names: Vec<&str> = records[0].columns.keys().map(String::as_str).collect();
        assert_eq!(names, Column::ALL.map(Column::name));
        assert_eq!(records[0].columns["ts"], START + 301);
        assert_eq!(records[0].columns["prompt_embedding"], serde_json::json!([301.0, 0.5]));
        assert_eq!(records[0].columns["ip"], Value::Null);
        assert_eq!(records[0].text("account_id"), Some("a1"));
    }

    #[test]
    fn rows_that_are_not_there_are_refused_and_none_give_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = write_plain(&dir.path().join("f"), 5);
        let get = |rows: &[u64]| fetch(&path, "f", &canonical(), rows, Digest::of(b""), Some(&[Column::Ts]));
        assert_eq!(get(&[]).unwrap(), []);
        assert_eq!(get(&[4, 0, 4]).unwrap().iter().map(|r| r.exchange.row).collect::<Vec<_>>(), [0, 4]);
        assert!(matches!(get(&[1, 5]), Err(SnapshotError::OutOfRange { asked: 5, has: 5, .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn fetch_gives_what_read_gives(rows in proptest::collection::btree_set(0..ROWS as u64, 0..40)) {
            let dir = tempfile::tempdir().unwrap();
            let path = rich(&dir.path().join("f"));
            let mut all = Vec::new();
            for batch in read(&path, "f", &canonical(), &Column::ALL, None).unwrap() {
                let batch = batch.unwrap();
                for i in 0..batch.rows {
                    let values = Column::ALL.iter().zip(&batch.columns).map(|(column, array)| {
                        let value = array.as_ref().map_or(Value::Null, |array| value(column.kind(), array, i));
                        (column.name().to_owned(), value)
                    });
                    all.push(values.collect::<Map<_, _>>());
                }
            }
            let rows: Vec<u64> = rows.into_iter().collect();
            let records = fetch(&path, "f", &canonical(), &rows, Digest::of(b""), None).unwrap();
            prop_assert_eq!(records.len(), rows.len());
            for (record, row) in records.iter().zip(rows) {
                prop_assert_eq!(&record.columns, &all[row as usize]);
            }
        }
    }
}
