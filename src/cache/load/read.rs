//! Reading the snapshots' columns, files side by side, into codes and numbers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::columns::{
    ACCOUNT, CODED, CODES, COUNTS, Columns, FLAGS, KEYS, LIFE, NO_CODE, NO_FLAG, NO_KEY, NO_NAME, NO_TIME,
    Name, REALS, STOP_REASON,
};
use super::dictionary::Dictionary;
use crate::cache::CacheError;
use crate::model::{Digest, Watcher};
use crate::snapshot::{self, Batch, Column, Mapping, Sources};

/// Row groups are read together up to this many rows, so that neither a file of one large group
/// nor one of many small ones is a bad case.
const TASK_ROWS: u64 = 200_000;

/// One file, in the order in which rows are numbered: by snapshot, then name.
pub(super) struct Input<'a> {
    pub snapshot: Digest,
    pub name: &'a str,
    pub sha256: Digest,
    pub path: PathBuf,
    pub mapping: &'a Mapping,
    /// Its rows, counted over all files.
    pub rows: Range<u32>,
    groups: Vec<u64>,
}

/// What all files hold.
pub(super) struct Raw {
    pub columns: Columns,
    pub dictionaries: [Dictionary; CODES],
    /// The canonical columns that some file has.
    pub present: BTreeSet<Column>,
}

/// The files of all snapshots in order, with the rows their footers say. A snapshot that is
/// named twice is taken once.
pub(super) fn inputs(sources: &Sources) -> Result<Vec<Input<'_>>, CacheError> {
    let mut snapshots: Vec<_> = sources.snapshots.iter().collect();
    snapshots.sort_by_key(|snapshot| snapshot.sha256);
    snapshots.dedup_by_key(|snapshot| snapshot.sha256);
    let mut inputs = Vec::new();
    let mut total = 0_u64;
    for snapshot in snapshots {
        let mut files: Vec<_> = snapshot.files.iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        for file in files {
            let path = sources.path_of(snapshot, file);
            let groups = snapshot::row_groups(&path, &file.name)?;
            let start = total;
            total += groups.iter().sum::<u64>();
            if total >= u64::from(u32::MAX) {
                return Err(CacheError::TooManyRows { rows: total });
            }
            inputs.push(Input {
                snapshot: snapshot.sha256,
                name: &file.name,
                sha256: file.sha256,
                path,
                mapping: &snapshot.mapping,
                rows: start as u32..total as u32,
                groups,
            });
        }
    }
    Ok(inputs)
}

/// Reads all files. Threads read different row groups; what comes back does not depend on them,
/// save for the codes, which mean something only through the dictionaries.
pub(super) fn read(inputs: &[Input<'_>], watcher: &dyn Watcher) -> Result<Raw, CacheError> {
    let wanted: Vec<Column> = Column::ALL
        .into_iter()
        .filter(|column| {
            !matches!(column, Column::PromptText | Column::ResponseText | Column::PromptEmbedding)
        })
        .collect();
    let several = inputs.first().zip(inputs.last()).is_some_and(|(a, b)| a.snapshot != b.snapshot);
    let total = inputs.last().map_or(0, |input| u64::from(input.rows.end));
    let reading = Reading {
        wanted,
        dictionaries: std::array::from_fn(|_| Dictionary::default()),
        compare_records: several,
        done: AtomicU64::new(0),
        total,
        watcher,
    };
    let tasks: Vec<_> = inputs
        .iter()
        .flat_map(|input| tasks(&input.groups).into_iter().map(move |task| (input, task)))
        .collect();
    let parts = tasks
        .into_par_iter()
        .map(|(input, (groups, rows))| reading.part(input, groups, rows))
        .collect::<Result<Vec<_>, CacheError>>()?;
    // From the footers, because texts and embeddings are present without being read here.
    let mut present = BTreeSet::new();
    for input in inputs {
        present.extend(snapshot::present(&input.path, input.name, input.mapping)?);
    }
    Ok(Raw { columns: Columns::concat(parts), dictionaries: reading.dictionaries, present })
}

/// Consecutive row groups, some hundred thousand rows together, with their number of rows.
fn tasks(groups: &[u64]) -> Vec<(Range<usize>, u64)> {
    let mut tasks: Vec<(Range<usize>, u64)> = Vec::new();
    for (at, &rows) in groups.iter().enumerate() {
        match tasks.last_mut() {
            Some((range, sum)) if *sum + rows <= TASK_ROWS => {
                range.end = at + 1;
                *sum += rows;
            }
            _ => tasks.push((at..at + 1, rows)),
        }
    }
    tasks
}

struct Reading<'a> {
    wanted: Vec<Column>,
    dictionaries: [Dictionary; CODES],
    compare_records: bool,
    done: AtomicU64,
    total: u64,
    watcher: &'a dyn Watcher,
}

impl Reading<'_> {
    fn part(&self, input: &Input<'_>, groups: Range<usize>, rows: u64) -> Result<Columns, CacheError> {
        let mut part = Columns::default();
        for batch in snapshot::read(&input.path, input.name, input.mapping, &self.wanted, Some(groups))? {
            self.watcher.check()?;
            let batch = Arrays { name: input.name, wanted: &self.wanted, batch: batch? };
            self.take(&batch, &mut part)?;
            let done = self.done.fetch_add(batch.batch.rows as u64, Ordering::Relaxed);
            self.watcher.step("reading files", done + batch.batch.rows as u64, self.total, "rows");
        }
        if part.rows as u64 != rows {
            return Err(CacheError::RowCount {
                name: input.name.to_owned(),
                expected: rows,
                found: part.rows as u64,
            });
        }
        Ok(part)
    }

    /// Appends a batch. A file has a column in all its batches or in none, so a column is either
    /// empty or as long as the part.
    fn take(&self, batch: &Arrays<'_>, part: &mut Columns) -> Result<(), CacheError> {
        part.rows += batch.batch.rows;
        part.ts.extend(batch.times(Column::Ts)?);
        for (i, column) in LIFE.into_iter().enumerate() {
            part.life[i].extend(batch.times(column)?);
        }
        for (i, (_, column)) in CODED.into_iter().enumerate() {
            part.codes[i].extend(batch.codes(column, &self.dictionaries[i])?);
        }
        part.codes[STOP_REASON].extend(batch.codes(Column::StopReason, &self.dictionaries[STOP_REASON])?);
        part.codes[ACCOUNT].extend(batch.codes(Column::AccountId, &self.dictionaries[ACCOUNT])?);
        for (i, column) in COUNTS.into_iter().enumerate() {
            part.counts[i].extend(batch.counts(column)?);
        }
        for (i, column) in REALS.into_iter().enumerate() {
            part.reals[i].extend(batch.reals(column)?);
        }
        for (i, column) in FLAGS.into_iter().enumerate() {
            part.flags[i].extend(batch.flags(column)?);
        }
        for (i, column) in KEYS.into_iter().enumerate() {
            part.keys[i].extend(batch.names(column)?.into_iter().map(|name| name[0]));
        }
        let request = batch.names(Column::RequestId)?;
        if self.compare_records {
            part.record.extend(batch.record_names(&request));
        }
        part.request.extend(request);
        Ok(())
    }
}

/// The arrays of one batch by column, each as the type it must have. An absent column comes
/// back empty.
struct Arrays<'a> {
    name: &'a str,
    wanted: &'a [Column],
    batch: Batch,
}

impl Arrays<'_> {
    fn array(&self, column: Column) -> Option<&ArrayRef> {
        let at = self.wanted.iter().position(|wanted| *wanted == column)?;
        self.batch.columns.get(at)?.as_ref()
    }

    fn wrong(&self, column: Column, array: &ArrayRef) -> CacheError {
        CacheError::ColumnType {
            name: self.name.to_owned(),
            column: column.name(),
            what: format!("values of type {} were not expected", array.data_type()),
        }
    }

    fn times(&self, column: Column) -> Result<Vec<i64>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(Vec::new()) };
        let times = array.as_primitive_opt::<Int64Type>().ok_or_else(|| self.wrong(column, array))?;
        Ok(times.iter().map(|time| time.unwrap_or(NO_TIME)).collect())
    }

    /// The codes of a text column. Save for accounts the empty text is no value: logs write it
    /// for “none”, and accounts do not share what neither of them has.
    fn codes(&self, column: Column, dictionary: &Dictionary) -> Result<Vec<u32>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(column, array);
        let coded = array.as_dictionary_opt::<Int32Type>().ok_or_else(wrong)?;
        let texts = coded.values().as_string_opt::<i32>().ok_or_else(wrong)?;
        let codes = dictionary.codes(
            texts.iter().map(|text| text.filter(|text| column == Column::AccountId || !text.is_empty())),
        );
        let code_of = |key: Option<i32>| codes.get(usize::try_from(key?).ok()?).copied();
        Ok(coded.keys().iter().map(|key| code_of(key).unwrap_or(NO_CODE)).collect())
    }

    /// Whole numbers from 0 to 2³² − 2, rounded where the column has fractions; others are missing.
    fn counts(&self, column: Column) -> Result<Vec<u32>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(Vec::new()) };
        let fit = |number: i64| u32::try_from(number).unwrap_or(NO_CODE);
        if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
            return Ok(numbers.iter().map(|number| number.map_or(NO_CODE, fit)).collect());
        }
        let numbers = array.as_primitive_opt::<Float64Type>().ok_or_else(|| self.wrong(column, array))?;
        let fit = |number: f64| if number.is_finite() { fit(number.round() as i64) } else { NO_CODE };
        Ok(numbers.iter().map(|number| number.map_or(NO_CODE, fit)).collect())
    }

    fn reals(&self, column: Column) -> Result<Vec<f32>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(Vec::new()) };
        let numbers = array.as_primitive_opt::<Float64Type>().ok_or_else(|| self.wrong(column, array))?;
        Ok(numbers.iter().map(|number| number.map_or(f32::NAN, |number| number as f32)).collect())
    }

    fn flags(&self, column: Column) -> Result<Vec<u8>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(Vec::new()) };
        let flags = array.as_boolean_opt().ok_or_else(|| self.wrong(column, array))?;
        Ok(flags.iter().map(|flag| flag.map_or(NO_FLAG, u8::from)).collect())
    }

    /// The first 128 bits of each text's SHA-256: an adversary who writes the text cannot make
    /// two of them meet.
    fn names(&self, column: Column) -> Result<Vec<Name>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(Vec::new()) };
        let texts = array.as_string_opt::<i32>().ok_or_else(|| self.wrong(column, array))?;
        let name = |text: Option<&str>| match text {
            None | Some("") => NO_NAME,
            Some(text) => name_of(text.as_bytes()),
        };
        Ok(texts.iter().map(name).collect())
    }

    /// Names of the whole records of the rows that have no `request_id`.
    fn record_names(&self, request: &[Name]) -> Vec<Name> {
        let mut bytes = Vec::new();
        (0..self.batch.rows)
            .map(|row| {
                if request.get(row).is_some_and(|name| *name != NO_NAME) {
                    return NO_NAME;
                }
                bytes.clear();
                for (column, array) in self.batch.columns.iter().enumerate() {
                    if let Some(array) = array {
                        write_cell(column as u8, array, row, &mut bytes);
                    }
                }
                name_of(&bytes)
            })
            .collect()
    }
}

/// One cell as column number, length and bytes; a missing value writes nothing, like a column
/// that is not there.
fn write_cell(column: u8, array: &ArrayRef, row: usize, bytes: &mut Vec<u8>) {
    if !array.is_valid(row) {
        return;
    }
    let mut write = |cell: &[u8]| {
        bytes.push(column);
        bytes.extend((cell.len() as u64).to_le_bytes());
        bytes.extend(cell);
    };
    if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
        let (key, texts) = (coded.keys().value(row) as usize, coded.values().as_string_opt::<i32>());
        if let Some(texts) = texts.filter(|texts| key < texts.len()) {
            write(texts.value(key).as_bytes());
        }
    } else if let Some(texts) = array.as_string_opt::<i32>() {
        write(texts.value(row).as_bytes());
    } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        write(&numbers.value(row).to_le_bytes());
    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        write(&numbers.value(row).to_le_bytes());
    } else if let Some(flags) = array.as_boolean_opt() {
        write(&[u8::from(flags.value(row))]);
    }
}

fn name_of(bytes: &[u8]) -> Name {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let word = |at: usize| hash[at..at + 8].iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    // A first word of zero would read as “no key”.
    [word(0).max(NO_KEY + 1), word(8)]
}
