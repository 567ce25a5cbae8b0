//! Reading one file's canonical columns in batches.
//!
//! A batch never spans row groups. Arrays have the types of [`ColumnType`], not those of the file:
//! values are cast, scaled and checked.

use std::ops::Range;
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_select::concat::concat_batches;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

use super::file::{File, guarded};
use super::plan::{Memories, Plan, Rows};
use super::raw::Batches;
use super::source::find;
use super::tally::Tally;
use super::{Column, ColumnType, Mapping, SnapshotError};

/// Maximum number of rows in a batch.
const BATCH_ROWS: usize = 8_192;
/// Maximum number of rows in a batch with prompts, responses or vectors, which are large.
const LONG_BATCH_ROWS: usize = 1_024;

/// Some consecutive rows of one row group.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The row group, counted from 0.
    pub row_group: usize,
    /// Row in the file of the batch's first row.
    pub first_row: u64,
    /// Number of rows.
    pub rows: usize,
    /// One array of `rows` values for each requested column, in that order; `None` if the column is
    /// not mapped or the file lacks it. By kind: Time `Int64Array` of microseconds UTC; Text
    /// `DictionaryArray<Int32Type>` of `StringArray`, whose dictionary may have values that no
    /// row uses; LongText `StringArray`; Int `Int64Array`; Float `Float64Array`; Bool
    /// `BooleanArray`; Embedding `FixedSizeListArray` of `Float32` (length 0 until a
    /// value is read).
    ///
    /// `account_id` is null exactly in rows that are not exchanges: left out by the mapping's rules, or
    /// without an account or a time. The values of other columns in such rows are meaningless.
    pub columns: Vec<Option<ArrayRef>>,
}

/// Reader of one file in batches, in file order. Ends after the first error.
pub struct Reader {
    plan: Plan,
    memories: Memories,
    vector_length: Option<i32>,
    tally: Tally,
    batch_rows: usize,
    rows: Vec<u64>,
    groups: Range<usize>,
    current: Option<Group>,
    failed: bool,
}

struct Group {
    index: usize,
    reader: Batches,
    first_row: u64,
    next_row: u64,
    end_row: u64,
    /// True if text is read as bytes, since some of it is not UTF-8.
    as_bytes: bool,
}

impl File {
    /// Reader of the given columns of some row groups, or of all.
    ///
    /// # Errors
    /// A required column among `columns` is not mapped or missing, a column has an unsuitable type, or
    /// a row group does not exist.
    pub fn read(
        &self,
        mapping: &Mapping,
        columns: &[Column],
        row_groups: Option<Range<usize>>,
    ) -> Result<Reader, SnapshotError> {
        let plan = Plan::new(self, mapping, columns, true)?;
        let rows = self.row_groups();
        let groups = row_groups.unwrap_or(0..rows.len());
        if groups.end > rows.len() {
            return Err(SnapshotError::OutOfRange {
                file: self.name().to_owned(),
                what: "row group",
                asked: groups.end.saturating_sub(1) as u64,
                has: rows.len() as u64,
            });
        }
        Ok(Reader::new(plan, rows, groups, batch_rows(columns)))
    }

    /// Reader of a row group whose first batch has at most `rows` rows, for a look at some values.
    /// Unless it `decides`, rows that are not exchanges keep their account.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(super) fn sample(
        &self,
        mapping: &Mapping,
        columns: &[Column],
        (group, rows): (usize, usize),
        decides: bool,
    ) -> Result<Reader, SnapshotError> {
        let plan = Plan::new(self, mapping, columns, decides)?;
        Ok(Reader::new(plan, self.row_groups(), group..group + 1, rows.max(1)))
    }

    /// The canonical columns that the file has under a mapping, in canonical order.
    ///
    /// # Errors
    /// The file lacks a required column.
    pub fn present(&self, mapping: &Mapping) -> Result<Vec<Column>, SnapshotError> {
        let located = find(self, mapping, &Column::ALL)?;
        let present = Column::ALL.into_iter().zip(located).filter(|(_, located)| located.is_some());
        Ok(present.map(|(column, _)| column).collect())
    }
}

/// Opens a file and reads the given columns of some row groups, or of all. `name` is the file's
/// name inside the snapshot, for errors.
///
/// # Errors
/// As [`File::open`] and [`File::read`].
pub fn read(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    columns: &[Column],
    row_groups: Option<Range<usize>>,
) -> Result<Reader, SnapshotError> {
    File::open(path, name)?.read(mapping, columns, row_groups)
}

/// Rows in each row group of a file.
///
/// # Errors
/// The file is not valid Parquet.
pub fn row_groups(path: &Path, name: &str) -> Result<Vec<u64>, SnapshotError> {
    Ok(File::open(path, name)?.row_groups())
}

/// The canonical columns that a file has under a mapping, in canonical order.
///
/// # Errors
/// The file is not valid Parquet, or lacks a required column.
pub fn present(path: &Path, name: &str, mapping: &Mapping) -> Result<Vec<Column>, SnapshotError> {
    File::open(path, name)?.present(mapping)
}

pub(super) fn batch_rows(columns: &[Column]) -> usize {
    let is_large = |column: &Column| {
        matches!(column, Column::PromptText | Column::ResponseText) || column.kind() == ColumnType::Embedding
    };
    if columns.iter().any(is_large) { LONG_BATCH_ROWS } else { BATCH_ROWS }
}

impl Reader {
    fn new(plan: Plan, rows: Vec<u64>, groups: Range<usize>, batch_rows: usize) -> Self {
        Self {
            memories: Memories::new(&plan, None),
            vector_length: None,
            plan,
            tally: Tally::default(),
            batch_rows,
            rows,
            groups,
            current: None,
            failed: false,
        }
    }

    /// Sets the length of vectors; vectors of other lengths are read as missing. By default the first
    /// vector sets the length.
    #[must_use]
    pub fn with_vector_length(mut self, length: Option<i32>) -> Self {
        self.vector_length = length;
        self.memories = Memories::new(&self.plan, length);
        self
    }

    /// Counts of the rows and values read so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Opens a row group from a row on.
    fn start(&self, index: usize, from: u64, as_bytes: bool) -> Result<Group, SnapshotError> {
        let first_row: u64 = self.rows[..index].iter().sum();
        let end_row = first_row + self.rows[index];
        // Rows of one group are counted in 32 bits by Parquet.
        let (skipped, left) = ((from - first_row) as usize, (end_row - from) as usize);
        let selection = (skipped > 0)
            .then(|| RowSelection::from(vec![RowSelector::skip(skipped), RowSelector::select(left)]));
        let reader = self.plan.open(index, self.batch_rows, selection, as_bytes)?;
        Ok(Group { index, reader, first_row, next_row: from, end_row, as_bytes })
    }

    /// Given rows of one row group, numbered within the file, as one batch, with their counts. The reader's
    /// own counts do not change.
    pub(super) fn only(&self, index: usize, rows: &Range<u64>) -> Result<(Batch, Tally), SnapshotError> {
        let first: u64 = self.rows[..index].iter().sum();
        let (before, count) = ((rows.start - first) as usize, (rows.end - rows.start) as usize);
        let name = self.plan.file.name();
        let raw = |as_bytes: bool| {
            let selection = RowSelection::from(vec![RowSelector::skip(before), RowSelector::select(count)]);
            let mut reader = self.plan.open(index, count, Some(selection), as_bytes)?;
            guarded(name, Some(index), || {
                let mut parts = Vec::new();
                while let Some(part) = reader.next().transpose()? {
                    parts.push(part);
                }
                let first = parts.first().ok_or("rows are missing")?;
                let batch = concat_batches(&first.schema(), &parts).map_err(|error| error.to_string())?;
                Some(batch)
                    .filter(|batch| batch.num_rows() == count)
                    .ok_or_else(|| "rows are missing".to_owned())
            })
        };
        let raw = raw(false).or_else(|error| raw(true).map_err(|_| error))?;
        let (mut memories, mut tally) = (Memories::new(&self.plan, self.vector_length), Tally::default());
        let place = Rows::From(rows.start);
        let columns = self.plan.convert(&raw, index, &place, &mut memories, &mut tally)?;
        Ok((Batch { row_group: index, first_row: rows.start, rows: count, columns }, tally))
    }

    /// Next batch of the current row group, unconverted. If its text is not UTF-8, the rest of the row
    /// group is read as bytes.
    fn next_raw(&mut self) -> Result<Option<RecordBatch>, SnapshotError> {
        let name = self.plan.file.name().to_owned();
        let next = |group: &mut Group| guarded(&name, Some(group.index), || group.reader.next().transpose());
        let Some(group) = &mut self.current else { return Ok(None) };
        let error = match next(group) {
            Err(error) if !group.as_bytes => error,
            other => return other,
        };
        let (index, from) = (group.index, group.next_row);
        // Damage of any other kind also fails when the text is read as bytes.
        let mut again = self.start(index, from, true).map_err(|_| error)?;
        let batch = next(&mut again);
        self.current = Some(again);
        batch
    }

    fn advance(&mut self) -> Result<Option<Batch>, SnapshotError> {
        loop {
            if self.current.is_none() {
                let Some(index) = self.groups.next() else { return Ok(None) };
                let first = self.rows[..index].iter().sum();
                self.current = Some(self.start(index, first, false)?);
            }
            let batch = self.next_raw()?;
            let Some(group) = &mut self.current else { continue };
            let Some(batch) = batch else {
                if group.next_row != group.end_row {
                    let reason = format!("it ends {} rows early", group.end_row - group.next_row);
                    let (file, row_group) = (self.plan.file.name().to_owned(), Some(group.index));
                    return Err(SnapshotError::Damaged { file, row_group, reason });
                }
                self.current = None;
                continue;
            };
            let (row_group, first_row, rows) = (group.index, group.next_row, batch.num_rows());
            debug_assert!(group.first_row <= first_row);
            group.next_row += rows as u64;
            let place = Rows::From(first_row);
            let columns =
                self.plan.convert(&batch, row_group, &place, &mut self.memories, &mut self.tally)?;
            return Ok(Some(Batch { row_group, first_row, rows, columns }));
        }
    }
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

    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use arrow_array::{StringArray, StructArray, TimestampMicrosecondArray};
    use arrow_buffer::NullBuffer;
    use arrow_cast::cast;
    use arrow_schema::{DataType, Field};
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::fixture::{START, accounts, canonical, ints, texts, times, write, write_groups};

    fn strings(array: &ArrayRef) -> Vec<Option<String>> {
        let plain = cast(array, &DataType::Utf8).unwrap();
        plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn numbers(array: &ArrayRef) -> Vec<Option<i64>> {
        array.as_primitive::<Int64Type>().iter().collect()
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
            vec![texts(&["198.51.2.7", "198.51.2.8"]), ints(&[1, 2])],
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
        mapping.set(Column::Ip, "client.ip");
        let batch = read(&path, "f", &mapping, &[Column::Ip], None).unwrap().next().unwrap().unwrap();
        assert_eq!(strings(batch.columns[0].as_ref().unwrap()), [Some("198.51.2.7".to_owned()), None]);
    }

    #[test]
    fn rows_that_are_no_exchanges_have_no_account_and_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        let accounts = ["a", "", "None", "b", " ", "c", "d"].map(Some).to_vec();
        let kinds = texts(&["chat", "chat", "chat", "tool", "chat", "CHAT", "chat"]);
        let ts: Vec<Option<i64>> = (0..7).map(|i| (i != 6).then_some(START + i)).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("ts", Arc::new(TimestampMicrosecondArray::from(ts))),
            ("account_id", Arc::new(StringArray::from(accounts))),
            ("kind", kinds),
        ];
        let path = write_groups(&dir.path().join("f"), columns, 4);
        let mut mapping = canonical();
        mapping.rows = vec![crate::snapshot::RowRule { column: "kind".into(), is: vec!["chat".into()] }];
        for columns in [&[Column::AccountId][..], &[Column::Ip, Column::Ts, Column::AccountId]] {
            let mut reader = read(&path, "f", &mapping, columns, None).unwrap();
            let accounts: Vec<Option<String>> = reader
                .by_ref()
                .flat_map(|batch| strings(batch.unwrap().columns.last().unwrap().as_ref().unwrap()))
                .collect();
            let expected = [Some("a"), None, None, None, None, Some("c"), None];
            assert_eq!(accounts, expected.map(|text| text.map(str::to_owned)));
            let tally = reader.tally();
            assert_eq!((tally.rows, tally.exchanges, tally.filtered["kind is not chat"]), (7, 2, 1));
            assert_eq!((tally.set_aside["no account"].rows, tally.set_aside["no time"].rows), (2, 1));
            let first = |reason: &str| -> Vec<(u64, String)> {
                let first = tally.set_aside[reason].first.iter();
                first.map(|spot| (spot.row, spot.value.clone())).collect()
            };
            assert_eq!(first(Tally::NO_ACCOUNT), [(1, String::new()), (4, String::new())]);
            assert_eq!(first(Tally::WORD_FOR_NONE), [(2, "None".to_owned())]);
            assert_eq!(tally.columns[&Column::AccountId].words, ["None"]);
            assert_eq!(tally.columns[&Column::AccountId].placeholders, 3);
        }
    }

    #[test]
    fn an_exchange_that_goes_on_over_several_rows_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("ts", times(4)),
            ("account_id", texts(&["a0", "a1", "a0", "a0"])),
            ("correlation", texts(&["x", "y", "x", "x"])),
            ("number", ints(&[0, 0, 2, 1])),
            ("prompt_text", texts(&["[{\"role\":\"user\",", "hi", "\"Hello\"}]", "\"content\":"])),
        ];
        let path = write_groups(&dir.path().join("f"), columns, 2);
        let mut mapping = canonical();
        mapping.join = Some(crate::snapshot::Join { by: "correlation".into(), order: "number".into() });
        if let Some(origin) = mapping.columns.get_mut("prompt_text") {
            origin.conversation = true;
        }
        let mut reader = read(&path, "f", &mapping, &[Column::AccountId, Column::PromptText], None).unwrap();
        let batches: Vec<Batch> = reader.by_ref().map(Result::unwrap).collect();
        let all = |column: usize| -> Vec<Option<String>> {
            batches.iter().flat_map(|batch| strings(batch.columns[column].as_ref().unwrap())).collect()
        };
        assert_eq!(all(0), [Some("a0".to_owned()), Some("a1".to_owned()), None, None]);
        assert_eq!(all(1)[..2], [Some("Hello".to_owned()), Some("hi".to_owned())]);
        assert_eq!(reader.tally().filtered["continues another row"], 2);
    }

    #[test]
    fn one_bad_byte_costs_its_value_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let name = |i: usize| format!("text {i}");
        let mut texts: Vec<Vec<u8>> = (0..300).map(|i| name(i).into_bytes()).collect();
        texts[170] = b"bad \xff byte".to_vec();
        let path = crate::snapshot::fixture::write_bytes_as_text(&dir.path().join("f"), &texts);
        let columns = [Column::AccountId, Column::PromptText, Column::UserAgent];
        let mut reader = read(&path, "f", &canonical(), &columns, None).unwrap();
        let mut prompts = Vec::new();
        let mut agents = Vec::new();
        for batch in reader.by_ref() {
            let batch = batch.unwrap();
            prompts.extend(strings(batch.columns[1].as_ref().unwrap()));
            agents.extend(strings(batch.columns[2].as_ref().unwrap()));
        }
        assert_eq!(prompts.len(), 300);
        assert_eq!(prompts[170].as_deref(), Some("bad \u{fffd} byte"));
        assert_eq!(agents[170].as_deref(), Some("bad \\xFF byte"), "two identifiers stay two");
        assert_eq!((prompts[169].clone(), prompts[299].clone()), (Some(name(169)), Some(name(299))));
        assert_eq!(reader.tally().columns[&Column::PromptText].replaced, 1);
        let digest = crate::model::Digest::of(b"");
        let record =
            crate::snapshot::fetch(&path, "f", &canonical(), &[170], digest, None).unwrap().remove(0);
        assert_eq!(record.text("prompt_text"), Some("bad \u{fffd} byte"));
    }

    #[test]
    fn a_column_in_the_path_is_read_and_a_column_of_the_file_wins() {
        let dir = tempfile::tempdir().unwrap();
        let name = "account_id=a%2Fb/model=x/part.parquet";
        let path = write(&dir.path().join("f"), vec![("ts", times(2)), ("model", texts(&["m", "m"]))]);
        let columns = [Column::AccountId, Column::Model];
        let batch = read(&path, name, &canonical(), &columns, None).unwrap().next().unwrap().unwrap();
        let read: Vec<_> =
            batch.columns.iter().map(|array| strings(array.as_ref().unwrap())[1].clone()).collect();
        assert_eq!(read, [Some("a/b".to_owned()), Some("m".to_owned())]);
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
        assert!(matches!(broken(b"%PDF-1.7\n1,2,3\n"), SnapshotError::OtherFormat { .. }));
        assert!(matches!(broken(b"PK"), SnapshotError::Foreign { .. }));
        assert!(matches!(broken(&whole[..8]), SnapshotError::Truncated { .. }));
        assert!(matches!(broken(&whole[..whole.len() / 2]), SnapshotError::Truncated { .. }));
        assert!(matches!(broken(b"PAR1\0\0\0\0\xff\xff\xff\x7fPAR1"), SnapshotError::Damaged { .. }));
        let missing: PathBuf = dir.path().join("no");
        assert!(matches!(row_groups(&missing, "no"), Err(SnapshotError::NoSuchPath { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// Arbitrary damage to the bytes gives values or an error, never a panic.
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
