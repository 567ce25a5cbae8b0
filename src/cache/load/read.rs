//! SecondReading reading: all columns, as codes and numbers, packed in runs by partition.
//!
//! A partition is a stretch of accounts with a quarter of a million rows or so. As the accounts
//! are known from the first reading, rows go to their partition as they are read, and nothing as
//! large as the whole case is ever sorted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use rayon::prelude::*;

use super::block::pack;
use super::columns::{
    ACCOUNT, CODED, COUNTS, Columns, DATES, DICTIONARIES, FIRST_CODE, FIRST_COUNT, FIRST_FLAG, FIRST_KEY,
    FIRST_REAL, FLAGS, KEYS, NONE, REALS, ROW, STOP_REASON, TS, ordered,
};
use super::dictionary::{ByName, Coder, Dictionary};
use super::first::FirstReading;
use super::inputs::{READ, Steps, Task};
use super::names::Names;
use super::request_id::{IdCounter, SharedIds, usable};
use super::runs::{Run, Runs};
use crate::cache::CacheError;
use crate::model::{Digest, Micros, Watcher};
use crate::snapshot::{Batch, Column, Tally, Unreadable};

/// Rows of a partition; more only where one account has more. Small enough that two threads sort
/// theirs in some hundred megabytes, and a multiple of a segment's.
const PARTITION_ROWS: u64 = 4 * crate::cache::schema::SEGMENT_ROWS as u64;

/// All rows that count, by partition, in runs.
pub(super) struct SecondReading {
    /// The accounts of each partition, by their places among all ids in order.
    pub partitions: Vec<Range<u32>>,
    /// In the order of the rows.
    pub runs: Vec<Run>,
    pub store: Runs,
    /// The values of each of [`CODED`], then of `stop_reason`, sorted.
    pub names: Vec<Vec<Box<str>>>,
    /// The rank of each code, likewise.
    pub ranks: Vec<Vec<u32>>,
    /// Dates of creation and verification of each account.
    pub dates: Vec<AccountDates>,
    pub shared_ids: SharedIds,
    /// Unreadable values with the position of their file, in the order of the rows.
    pub unreadable: Vec<(usize, Unreadable)>,
    /// Counts of the reading, by snapshot.
    pub tallies: BTreeMap<Digest, Tally>,
}

/// Dates of an account: the earliest that its exchanges carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountDates {
    pub created: Option<Micros>,
    pub verified: Option<Micros>,
}

/// Accounts with about as many rows each.
fn partitions(rows: &[u32]) -> Vec<Range<u32>> {
    let mut partitions: Vec<Range<u32>> = Vec::new();
    let mut sum = 0;
    for (account, &rows) in rows.iter().enumerate() {
        match partitions.last_mut() {
            Some(partition) if sum + u64::from(rows) <= PARTITION_ROWS => {
                partition.end += 1;
                sum += u64::from(rows);
            }
            _ => {
                partitions.push(account as u32..account as u32 + 1);
                sum = u64::from(rows);
            }
        }
    }
    partitions
}

/// Reads all files. Threads read different row groups; the result does not depend on them, except
/// for the codes, which have a meaning only with the ranks. Runs beyond `memory` bytes go
/// to a file in `folder`.
pub(super) fn read(
    tasks: &[Task<'_>],
    first: &FirstReading,
    names: &Names,
    (folder, memory): (&Path, u64),
    watcher: &dyn Watcher,
) -> Result<SecondReading, CacheError> {
    let partitions = partitions(&first.rows);
    let mut partition_of = vec![0; first.accounts.len()];
    for (at, partition) in partitions.iter().enumerate() {
        partition_of[partition.start as usize..partition.end as usize].fill(at as u32);
    }
    let account_of = first.accounts.iter().zip(0..).map(|(id, at)| (names.of(id.as_bytes()), at)).collect();
    let total = tasks.iter().map(|task| task.rows.len() as u64).sum();
    let unknown = || (0..first.accounts.len()).map(|_| AtomicI64::new(i64::MAX)).collect();
    let reading = Reading {
        names,
        aliases: &first.aliases,
        account_of,
        partition_of,
        partitions: partitions.len(),
        dictionaries: std::array::from_fn(|_| Dictionary::new(names)),
        dates: [unknown(), unknown()],
        store: Runs::new(folder, memory),
        ids: IdCounter::new(total, memory / 4),
        idle: Mutex::default(),
    };
    let steps = Steps::new("reading files", total, watcher);
    let runs = tasks.par_iter().map(|task| reading.run(task, &steps));
    let (mut kept, mut ids, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    let mut tallies: BTreeMap<Digest, Tally> = BTreeMap::new();
    for (task, read) in tasks.iter().zip(runs.collect::<Result<Vec<_>, CacheError>>()?) {
        kept.push(read.run);
        ids.push(read.ids);
        unreadable.extend(read.unreadable.into_iter().map(|places| (task.input.position, places)));
        tallies.entry(task.input.snapshot).or_default().merge(read.tally);
    }
    let known = |times: &[AtomicI64], at: usize| {
        Some(times[at].load(Ordering::Relaxed)).filter(|&time: &i64| time != i64::MAX)
    };
    let dates = (0..first.accounts.len())
        .map(|at| AccountDates {
            created: known(&reading.dates[0], at),
            verified: known(&reading.dates[1], at),
        })
        .collect();
    let (names, ranks) = reading.dictionaries.into_par_iter().map(Dictionary::ranked).unzip();
    Ok(SecondReading {
        partitions,
        runs: kept,
        store: reading.store,
        names,
        ranks,
        dates,
        shared_ids: IdCounter::shared(ids),
        unreadable,
        tallies,
    })
}

struct Reading<'a> {
    names: &'a Names,
    aliases: &'a [(u32, u32)],
    account_of: ByName,
    partition_of: Vec<u32>,
    partitions: usize,
    dictionaries: [Dictionary<'a>; DICTIONARIES],
    /// Earliest of each of [`DATES`], by account.
    dates: [Vec<AtomicI64>; DATES.len()],
    store: Runs,
    ids: IdCounter,
    /// Scratch memory that no thread uses at the moment.
    idle: Mutex<Vec<Scratch>>,
}

/// The rows of one task: as read, by partition, and packed.
#[derive(Default)]
struct Scratch {
    columns: Columns,
    ordered: Columns,
    blocks: Vec<u8>,
}

/// Result of reading one task.
struct Taken {
    /// Its rows that count.
    run: Run,
    /// The first words of their ids.
    ids: Vec<u64>,
    unreadable: Vec<Unreadable>,
    tally: Tally,
}

/// State of one task from batch to batch.
#[derive(Default)]
struct Coders {
    of: [Coder; DICTIONARIES],
    account: AccountCoder,
}

impl Reading<'_> {
    fn run(&self, task: &Task<'_>, steps: &Steps<'_>) -> Result<Taken, CacheError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let run = self.run_in(&mut scratch, task, steps);
        idle().push(scratch);
        run
    }

    fn run_in(&self, scratch: &mut Scratch, task: &Task<'_>, steps: &Steps<'_>) -> Result<Taken, CacheError> {
        let Scratch { columns, ordered, blocks } = scratch;
        columns.clear();
        blocks.clear();
        let mut coders = Coders::default();
        let mut ids = Vec::new();
        let counted = self.counted(task);
        let (unreadable, tally) = task.read(&READ, steps, |batch| {
            let at = (task.row_of(batch) - task.rows.start) as usize;
            let counts = counted.get(at..at + batch.rows);
            self.take_ids(&Source { task, batch }, counts, &mut ids)?;
            self.take(task, batch, counts, &mut coders, columns)
        })?;
        let place = |row: u32| (columns.narrow[ROW][row as usize] - task.rows.start) as usize;
        let rows = (0..columns.rows() as u32)
            // A row that is no exchange has no account.
            .filter(|&row| columns.narrow[ACCOUNT][row as usize] != NONE)
            .filter(|&row| counted.is_empty() || counted.get(place(row)).copied().unwrap_or(true));
        let (order, ends) = self.by_partition(&columns.narrow[ACCOUNT], rows);
        // Column by column, as one fits the processor's cache and all of them do not.
        columns.pick(&order, ordered);
        let mut block_ends = Vec::with_capacity(ends.len());
        let mut start = 0;
        for end in ends {
            if end > start {
                pack(ordered, start..end, blocks);
            }
            block_ends.push(blocks.len() as u64);
            start = end;
        }
        Ok(Taken { run: self.store.keep(blocks, block_ends)?, ids, unreadable, tally })
    }

    /// Takes the ids of the rows of a batch that count.
    fn take_ids(
        &self,
        source: &Source<'_>,
        counts: Option<&[bool]>,
        ids: &mut Vec<u64>,
    ) -> Result<(), CacheError> {
        let Some(array) = source.array(Column::RequestId) else { return Ok(()) };
        let texts = array.as_string_opt::<i32>();
        let texts = texts.ok_or_else(|| source.task.wrong(Column::RequestId, Some(array)))?;
        let counted = (0..texts.len())
            .filter(|&row| texts.is_valid(row) && counts.is_none_or(|counts| counts[row]))
            .map(|row| self.names.of_text(usable(texts.value(row)))[0]);
        ids.extend(counted.filter(|&word| self.ids.takes(word)));
        Ok(())
    }

    /// True for each row of a task that counts, false for a duplicate; empty if all count.
    fn counted(&self, task: &Task<'_>) -> Vec<bool> {
        let start = self.aliases.partition_point(|alias| alias.0 < task.rows.start);
        let end = self.aliases.partition_point(|alias| alias.0 < task.rows.end);
        if start == end {
            return Vec::new();
        }
        let mut counted = vec![true; task.rows.len()];
        self.aliases[start..end]
            .iter()
            .for_each(|(row, _)| counted[(row - task.rows.start) as usize] = false);
        counted
    }

    /// The rows by partition, in order within each, and where each partition ends.
    fn by_partition(
        &self,
        accounts: &[u32],
        rows: impl Iterator<Item = u32> + Clone,
    ) -> (Vec<u32>, Vec<usize>) {
        let partition = |row: u32| self.partition_of[accounts[row as usize] as usize] as usize;
        let mut ends = vec![0; self.partitions];
        rows.clone().for_each(|row| ends[partition(row)] += 1);
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut order = vec![0; sum];
        // A partition begins at the end of the one before; filling it advances that end.
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let mut next: Vec<usize> = starts.take(ends.len()).collect();
        for row in rows {
            let place = &mut next[partition(row)];
            order[*place] = row;
            *place += 1;
        }
        (order, ends)
    }

    /// Appends a batch. A column that the file lacks is filled with “none”.
    fn take(
        &self,
        task: &Task<'_>,
        batch: &Batch,
        counts: Option<&[bool]>,
        coders: &mut Coders,
        columns: &mut Columns,
    ) -> Result<(), CacheError> {
        let source = Source { task, batch };
        let start = task.row_of(batch);
        columns.narrow[ROW].extend(start..start + batch.rows as u32);
        let accounts = source.coded(Column::AccountId)?.ok_or_else(|| task.wrong(Column::AccountId, None))?;
        let before = columns.narrow[ACCOUNT].len();
        coders.account.code((&self.account_of, self.names), accounts, &mut columns.narrow[ACCOUNT]);
        let no_exchanges = without_accounts(&columns.narrow[ACCOUNT][before..], counts);
        let counts = no_exchanges.as_deref().or(counts);
        self.note_dates(&source, counts, &columns.narrow[ACCOUNT][before..])?;
        let coded = CODED.into_iter().map(|(_, column)| column).chain([Column::StopReason]);
        for (at, column) in coded.enumerate() {
            debug_assert!(FIRST_CODE + at <= STOP_REASON);
            let into = &mut columns.narrow[FIRST_CODE + at];
            match source.coded(column)? {
                Some(coded) => coders.of[at].code(&self.dictionaries[at], coded, false, counts, into),
                None => into.resize(into.len() + batch.rows, NONE),
            }
        }
        for (at, column) in COUNTS.into_iter().enumerate() {
            source.counts(column, &mut columns.narrow[FIRST_COUNT + at])?;
        }
        for (at, column) in REALS.into_iter().enumerate() {
            source.reals(column, &mut columns.narrow[FIRST_REAL + at])?;
        }
        for (at, column) in FLAGS.into_iter().enumerate() {
            source.flags(column, &mut columns.narrow[FIRST_FLAG + at])?;
        }
        let times = source.whole(Column::Ts)?.ok_or_else(|| task.wrong(Column::Ts, None))?;
        columns.wide[TS].extend(times.values().iter().map(|&time| ordered(time)));
        for (at, column) in KEYS.into_iter().enumerate() {
            source.keys(column, self.names, &mut columns.wide[FIRST_KEY + at])?;
        }
        Ok(())
    }

    /// Updates the earliest dates of the accounts of a batch; the result does not depend on the order of
    /// threads.
    fn note_dates(
        &self,
        source: &Source<'_>,
        counts: Option<&[bool]>,
        accounts: &[u32],
    ) -> Result<(), CacheError> {
        for (column, earliest) in DATES.into_iter().zip(&self.dates) {
            let Some(times) = source.whole(column)? else { continue };
            for (row, &account) in accounts.iter().enumerate() {
                if times.is_valid(row) && counts.is_none_or(|counts| counts[row]) {
                    let (known, time) = (&earliest[account as usize], times.value(row));
                    if time < known.load(Ordering::Relaxed) {
                        known.fetch_min(time, Ordering::Relaxed);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Rows that count, without those that have no account and therefore are not exchanges.
fn without_accounts(accounts: &[u32], counts: Option<&[bool]>) -> Option<Vec<bool>> {
    let counted = |(row, &account): (usize, &u32)| account != NONE && counts.is_none_or(|counts| counts[row]);
    accounts.contains(&NONE).then(|| accounts.iter().enumerate().map(counted).collect())
}

/// Accounts by the dictionary pages of one task.
#[derive(Default)]
struct AccountCoder {
    values: Option<ArrayRef>,
    codes: Vec<u32>,
}

impl AccountCoder {
    fn code(
        &mut self,
        (account_of, names): (&ByName, &Names),
        coded: &arrow_array::DictionaryArray<Int32Type>,
        into: &mut Vec<u32>,
    ) {
        if !self.values.as_ref().is_some_and(|known| known.to_data().ptr_eq(&coded.values().to_data())) {
            self.values = Some(coded.values().clone());
            let texts = coded.values().as_string_opt::<i32>();
            let known = |text: Option<&str>| {
                text.and_then(|text| account_of.get(&names.of(text.as_bytes()))).copied().unwrap_or(NONE)
            };
            self.codes = texts.map_or_else(Vec::new, |texts| texts.iter().map(known).collect());
        }
        let code_of = |key: i32| self.codes.get(key as usize).copied().unwrap_or(NONE);
        match coded.keys().nulls().filter(|nulls| nulls.null_count() > 0) {
            None => into.extend(coded.keys().values().iter().map(|&key| code_of(key))),
            Some(_) => into.extend(coded.keys().iter().map(|key| key.map_or(NONE, code_of))),
        }
    }
}

/// A batch, each column as the type it must have.
struct Source<'a> {
    task: &'a Task<'a>,
    batch: &'a Batch,
}

impl Source<'_> {
    fn array(&self, column: Column) -> Option<&ArrayRef> {
        let at = READ.iter().position(|read| *read == column)?;
        self.batch.columns.get(at)?.as_ref()
    }

    fn coded(&self, column: Column) -> Result<Option<&arrow_array::DictionaryArray<Int32Type>>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(None) };
        array.as_dictionary_opt().map(Some).ok_or_else(|| self.task.wrong(column, Some(array)))
    }

    fn whole(&self, column: Column) -> Result<Option<&arrow_array::Int64Array>, CacheError> {
        let Some(array) = self.array(column) else { return Ok(None) };
        array.as_primitive_opt::<Int64Type>().map(Some).ok_or_else(|| self.task.wrong(column, Some(array)))
    }

    fn none(&self, into: &mut Vec<u32>) {
        into.resize(into.len() + self.batch.rows, NONE);
    }

    /// Whole numbers from 0 to 2³² − 2, rounded where the column has fractions; others are missing.
    fn counts(&self, column: Column, into: &mut Vec<u32>) -> Result<(), CacheError> {
        let Some(array) = self.array(column) else {
            self.none(into);
            return Ok(());
        };
        let fit = |number: i64| u32::try_from(number).unwrap_or(NONE);
        if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
            into.extend(numbers.iter().map(|number| number.map_or(NONE, fit)));
            return Ok(());
        }
        let numbers =
            array.as_primitive_opt::<Float64Type>().ok_or_else(|| self.task.wrong(column, Some(array)))?;
        let fit = |number: f64| if number.is_finite() { fit(number.round() as i64) } else { NONE };
        into.extend(numbers.iter().map(|number| number.map_or(NONE, fit)));
        Ok(())
    }

    /// Bits of an `f32`; NaN is a missing value.
    fn reals(&self, column: Column, into: &mut Vec<u32>) -> Result<(), CacheError> {
        let Some(array) = self.array(column) else {
            self.none(into);
            return Ok(());
        };
        let numbers =
            array.as_primitive_opt::<Float64Type>().ok_or_else(|| self.task.wrong(column, Some(array)))?;
        let bits = |number: f64| if number.is_nan() { NONE } else { (number as f32).to_bits() };
        into.extend(numbers.iter().map(|number| number.map_or(NONE, bits)));
        Ok(())
    }

    fn flags(&self, column: Column, into: &mut Vec<u32>) -> Result<(), CacheError> {
        let Some(array) = self.array(column) else {
            self.none(into);
            return Ok(());
        };
        let flags = array.as_boolean_opt().ok_or_else(|| self.task.wrong(column, Some(array)))?;
        into.extend(flags.iter().map(|flag| flag.map_or(NONE, u32::from)));
        Ok(())
    }

    fn keys(&self, column: Column, names: &Names, into: &mut Vec<u64>) -> Result<(), CacheError> {
        let Some(array) = self.array(column) else {
            into.resize(into.len() + self.batch.rows, super::columns::NO_KEY);
            return Ok(());
        };
        let texts = array.as_string_opt::<i32>().ok_or_else(|| self.task.wrong(column, Some(array)))?;
        into.extend(texts.iter().map(|text| names.of_text(text)[0]));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_have_whole_accounts_and_about_as_many_rows() {
        let most = PARTITION_ROWS as u32;
        assert_eq!(partitions(&[most - 1, 1, 1, 2 * most, 5]), [0..2, 2..3, 3..4, 4..5]);
        assert_eq!(partitions(&[]), []);
    }
}
