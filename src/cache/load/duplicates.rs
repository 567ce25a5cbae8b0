//! Duplicates among rows that agree in account and time.
//!
//! Tasks with such rows are read twice more: `request_id` first, which mostly decides, then whole
//! rows, prompt, response and embedding included. A `request_id` may be set by the caller of the API,
//! so it never makes two rows one exchange by itself.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef};
use rayon::prelude::*;

use super::inputs::{CONTENT, Input, READ, Steps, Task, snapshot_rows};
use super::names::{NO_NAME, Name, Names};
use super::one_exchange::{Row, one_exchange};
use super::request_id::usable;
use crate::cache::CacheError;
use crate::model::{Digest, Watcher};
use crate::snapshot::{Batch, Column};

/// Row whose key of account and time another row has too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Key of account and time.
    pub key: u64,
    /// The row, counted over all files.
    pub row: u32,
}

/// Length of a response that two calls do not have by chance; shorter ones are answers such as a grade, or a word
/// that stands in place of every response.
const TELLING_BYTES: usize = 64;

/// Rows without a `request_id` that agree in account and time with a row of another file, by snapshot.
pub(super) type Alike = BTreeMap<Digest, u64>;

/// Duplicate rows among the candidates, each with the row that counts for it; adds to `alike`. `candidates` ascend
/// by key, then row. Uses up to `memory` bytes at a time.
pub(super) fn aliases(
    candidates: Vec<Candidate>,
    inputs: &[Input<'_>],
    tasks: &[Task<'_>],
    names: &Names,
    (memory, alike): (u64, &mut Alike),
    watcher: &dyn Watcher,
) -> Result<Vec<(u32, u32)>, CacheError> {
    let snapshots = snapshot_rows(inputs);
    let snapshot_of = |row: u32| snapshots.partition_point(|rows| rows.end <= row);
    let file_of = |row: u32| inputs.partition_point(|input| input.rows.end <= row);
    let reading = Reading { tasks, names, watcher };
    let requested = reading.requested(candidates)?;
    let mut candidates = with_alike_ids(&requested, snapshot_of);
    candidates.extend(reading.equal_across_files(&requested, file_of)?);
    candidates.sort_unstable();
    candidates.dedup();
    let rounds =
        (candidates.len() * size_of::<Row>()).div_ceil(usize::try_from(memory).unwrap_or(usize::MAX).max(1));
    let mut aliases = Vec::new();
    for round in 0..rounds as u64 {
        let of_round = |candidate: &&Candidate| candidate.key % rounds as u64 == round;
        let mut rows: Vec<u32> = candidates.iter().filter(of_round).map(|candidate| candidate.row).collect();
        rows.sort_unstable();
        let mut rows = reading.rows(&rows, snapshot_of, file_of)?;
        reading.add_latest(&mut rows);
        join_versions(&mut rows);
        rows.par_sort_unstable_by_key(|row| (row.name, row.row));
        reading.drop_shared_ids(&mut rows)?;
        for same in rows.chunk_by(|a, b| a.name == b.name).filter(|same| same.len() > 1) {
            one_exchange(same, &mut aliases);
        }
    }
    count_alike(&requested, inputs, &aliases, alike);
    Ok(aliases)
}

/// Candidates that may be one exchange with another of the same key: of the same `request_id`, or in
/// another snapshot if one of the two has no id. `requested` ascends.
fn with_alike_ids(requested: &[Requested], snapshot_of: impl Fn(u32) -> usize) -> Vec<Candidate> {
    let alike = requested.chunk_by(|a, b| a.key == b.key).filter(|same| {
        let has_pair = same.windows(2).any(|pair| pair[0].id != 0 && pair[0].id == pair[1].id);
        let first = snapshot_of(same[0].row);
        has_pair || same[0].id == 0 && same.iter().any(|other| snapshot_of(other.row) != first)
    });
    alike.flatten().map(|&Requested { key, row, .. }| Candidate { key, row }).collect()
}

/// Gives a row without a response the name of the one row with a response that has its account, time, prompt and
/// `request_id`: a log that is written before an answer and after it has two versions of one exchange.
fn join_versions(rows: &mut [Row]) {
    let is_version = |row: &&Row| row.id != NO_NAME && row.asked != NO_NAME;
    let mut answered: BTreeMap<(Name, Name), Option<Name>> = BTreeMap::new();
    for row in rows.iter().filter(is_version).filter(|row| row.is_answered) {
        let own = answered.entry((row.asked, row.id)).or_insert(Some(row.name));
        *own = own.filter(|name| *name == row.name);
    }
    for row in rows.iter_mut().filter(|row| row.id != NO_NAME && !row.is_answered) {
        if let Some(Some(name)) = answered.get(&(row.asked, row.id)) {
            row.name = *name;
        }
    }
}

/// Adds the rows without an id whose key a row of an earlier file of their snapshot has too, and that count by
/// themselves.
fn count_alike(requested: &[Requested], inputs: &[Input<'_>], aliases: &[(u32, u32)], alike: &mut Alike) {
    let file_of = |row: u32| inputs.partition_point(|input| input.rows.end <= row);
    let merged: BTreeSet<u32> = aliases.iter().flat_map(|&(row, kept)| [row, kept]).collect();
    for same in requested.chunk_by(|a, b| a.key == b.key && a.id == b.id).filter(|same| same[0].id == 0) {
        let first = file_of(same[0].row);
        let counted = same.iter().filter(|other| !merged.contains(&other.row));
        for other in counted.map(|other| file_of(other.row)).filter(|other| *other != first) {
            if inputs[other].snapshot == inputs[first].snapshot {
                *alike.entry(inputs[other].snapshot).or_default() += 1;
            }
        }
    }
}

/// True if no two calls of one account are likely to agree in all columns of the row: it has a time below a
/// millisecond, a response of some length, or a latency and a time below a second. Otherwise a caller who sends two
/// equal calls at once to two servers, each with a log file of its own, could have them counted as one.
fn is_telling(batch: &Batch, columns: &[Column], at: usize) -> bool {
    let of = |column: Column| {
        let own = columns.iter().position(|own| *own == column)?;
        batch.columns[own].as_ref().filter(|array| array.is_valid(at))
    };
    let time =
        of(Column::Ts).and_then(|array| array.as_primitive_opt::<Int64Type>()).map(|times| times.value(at));
    let response = of(Column::ResponseText).and_then(|array| array.as_string_opt::<i32>());
    let is_below = |unit: i64| time.is_some_and(|time| time % unit != 0);
    is_below(1_000)
        || response.is_some_and(|texts| texts.value(at).len() >= TELLING_BYTES)
        || is_below(1_000_000) && of(Column::LatencyMs).is_some()
}

/// The columns of a batch with their numbers.
fn columns_of(batch: &Batch) -> impl Iterator<Item = (u8, Option<&ArrayRef>)> {
    batch.columns.iter().enumerate().map(|(at, array)| (at as u8, array.as_ref()))
}

struct Reading<'a> {
    tasks: &'a [Task<'a>],
    names: &'a Names,
    watcher: &'a dyn Watcher,
}

/// Candidate with the first word of its request's name, 0 without one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Requested {
    key: u64,
    id: u64,
    row: u32,
}

impl Reading<'_> {
    /// Maps rows, which ascend, through `make`, reading columns of the tasks that hold them. `make`
    /// receives the batch, the position in it and the row.
    fn read<T: Send>(
        &self,
        phase: &str,
        rows: &[u32],
        columns: &[Column],
        make: impl Fn(&Task<'_>, &Batch, usize, u32) -> Result<T, CacheError> + Sync,
    ) -> Result<Vec<T>, CacheError> {
        let of_task = |task: &Task<'_>| {
            let start = rows.partition_point(|&row| row < task.rows.start);
            start..rows.partition_point(|&row| row < task.rows.end)
        };
        let touched: Vec<_> =
            self.tasks.iter().map(|task| (task, of_task(task))).filter(|(_, own)| !own.is_empty()).collect();
        let total = touched.iter().map(|(task, _)| task.rows.len() as u64).sum();
        let steps = Steps::new(phase, total, self.watcher);
        let made = touched.into_par_iter().map(|(task, own)| {
            let mut own = &rows[own];
            let mut made = Vec::with_capacity(own.len());
            let (unreadable, _) = task.read(columns, &steps, |batch| {
                let first = task.row_of(batch);
                let (here, later) = own.split_at(own.partition_point(|&row| row < first + batch.rows as u32));
                // Rows before the batch are unreadable.
                for &row in here.iter().filter(|&&row| row >= first) {
                    made.push((row, make(task, batch, (row - first) as usize, row)?));
                }
                own = later;
                Ok(())
            })?;
            // An unreadable value equals no other.
            let start = u64::from(task.input.rows.start);
            let is_read = |row: u32| !unreadable.iter().any(|u| u.rows.contains(&(u64::from(row) - start)));
            made.retain(|(row, _)| is_read(*row));
            Ok(made)
        });
        let made = made.collect::<Result<Vec<Vec<(u32, T)>>, CacheError>>()?;
        Ok(made.into_iter().flatten().map(|(_, made)| made).collect())
    }

    /// Candidates with their ids, by key, id and row.
    fn requested(&self, candidates: Vec<Candidate>) -> Result<Vec<Requested>, CacheError> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let mut by_row = candidates;
        by_row.par_sort_unstable_by_key(|candidate| candidate.row);
        let rows: Vec<u32> = by_row.iter().map(|candidate| candidate.row).collect();
        let phase = "comparing request ids";
        let ids = self.read(phase, &rows, &[Column::RequestId], |task, batch, at, row| {
            Ok((row, self.request(task, batch.columns[0].as_ref(), at)?[0]))
        })?;
        let mut requested = Vec::with_capacity(ids.len());
        let mut ids = ids.into_iter().peekable();
        for Candidate { key, row } in by_row {
            if let Some((_, id)) = ids.next_if(|(own, _)| *own == row) {
                requested.push(Requested { key, id, row });
            }
        }
        requested.par_sort_unstable();
        Ok(requested)
    }

    /// Candidates without an id that agree with one of another file in all columns but texts and embedding.
    /// `requested` ascends.
    fn equal_across_files(
        &self,
        requested: &[Requested],
        file_of: impl Fn(u32) -> usize,
    ) -> Result<Vec<Candidate>, CacheError> {
        let is_across = |same: &&[Requested]| {
            let first = file_of(same[0].row);
            same.iter().any(|other| file_of(other.row) != first)
        };
        let without =
            requested.chunk_by(|a, b| a.key == b.key && a.id == b.id).filter(|same| same[0].id == 0);
        let across = without.filter(is_across);
        let mut own: Vec<(u32, u64)> = across.flatten().map(|own| (own.row, own.key)).collect();
        own.sort_unstable();
        let rows: Vec<u32> = own.iter().map(|(row, _)| *row).collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let records = self.read("comparing rows of several files", &rows, &READ, |_, batch, at, row| {
            Ok((row, self.names.of_cells(columns_of(batch), at)[0]))
        })?;
        let mut keys = own.into_iter();
        let mut equal: Vec<(u64, u64, u32)> = Vec::with_capacity(records.len());
        for (row, record) in records {
            if let Some((_, key)) = keys.find(|(own, _)| *own == row) {
                equal.push((key, record, row));
            }
        }
        equal.par_sort_unstable();
        let several = equal.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|same| {
            let first = file_of(same[0].2);
            same.iter().any(|other| file_of(other.2) != first)
        });
        Ok(several.flatten().map(|&(key, _, row)| Candidate { key, row }).collect())
    }

    /// Reads some rows whole, in order.
    fn rows(
        &self,
        rows: &[u32],
        snapshot_of: impl Fn(u32) -> usize + Sync,
        file_of: impl Fn(u32) -> usize + Sync,
    ) -> Result<Vec<Row>, CacheError> {
        let columns: Vec<Column> = READ.into_iter().chain(CONTENT).collect();
        let at_of = |column: Column| columns.iter().position(|own| *own == column).unwrap_or(0);
        let (account, ts, request) = (at_of(Column::AccountId), at_of(Column::Ts), at_of(Column::RequestId));
        let (content, hash) = (READ.len()..columns.len(), at_of(Column::PromptHash));
        let (prompt, response) = (at_of(Column::PromptText), at_of(Column::ResponseText));
        let answer =
            [Column::OutputTokens, Column::LatencyMs, Column::StopReason, Column::InputTokens].map(at_of);
        self.read("comparing exchanges", rows, &columns, |task, batch, at, row| {
            let cell = |column: usize| (column as u8, batch.columns[column].as_ref());
            let is_there =
                |column: usize| batch.columns[column].as_ref().is_some_and(|array| array.is_valid(at));
            let others = || (0..READ.len()).filter(|&own| own != request).map(cell);
            let mut own: Vec<(u8, Option<&ArrayRef>)> = [account, ts].map(cell).into();
            if content.clone().any(is_there) {
                own.extend(content.clone().map(cell));
            } else if is_there(hash) {
                own.push(cell(hash));
            } else {
                // Without prompt, response and embedding all other columns have to agree.
                own.extend(others());
            }
            let asked = [account, ts, prompt].map(cell);
            Ok(Row {
                name: self.names.of_cells(own, at),
                asked: if is_there(prompt) { self.names.of_cells(asked, at) } else { NO_NAME },
                is_answered: is_there(response),
                id: self.request(task, batch.columns[request].as_ref(), at)?,
                record: self.names.of_cells(others(), at)[0],
                complete: (0..columns.len()).filter(|&own| is_there(own)).count() as u32,
                latest: None,
                snapshot: snapshot_of(row) as u32,
                file: file_of(row) as u32,
                copy: match is_telling(batch, columns.as_slice(), at) {
                    true => self.names.of_cells((0..READ.len()).map(cell), at)[0],
                    false => 0,
                },
                row,
                answer: answer.map(|own| match is_there(own) && !is_there(response) {
                    true => self.names.of_cells([cell(own)], at)[0],
                    false => 0,
                }),
            })
        })
    }

    /// Adds the order keys of rows, which ascend, if a mapping names a column for them.
    fn add_latest(&self, rows: &mut [Row]) {
        for task in self.tasks {
            let start = rows.partition_point(|row| row.row < task.rows.start);
            let end = rows.partition_point(|row| row.row < task.rows.end);
            let own = &mut rows[start..end];
            let Some(keys) = (!own.is_empty()).then(|| task.latest()).flatten() else { continue };
            for row in own {
                row.latest = keys.get((row.row - task.rows.start) as usize).copied().flatten();
            }
        }
    }

    /// Name of a row's `request_id`; none for a placeholder.
    fn request(&self, task: &Task<'_>, array: Option<&ArrayRef>, at: usize) -> Result<Name, CacheError> {
        let Some(array) = array else { return Ok(NO_NAME) };
        let texts = array.as_string_opt::<i32>().ok_or_else(|| task.wrong(Column::RequestId, Some(array)))?;
        Ok(self.names.of_text(texts.is_valid(at).then(|| texts.value(at)).and_then(usable)))
    }

    /// Ignores ids that rows of different content share, so that two equal calls sent with one such id
    /// are not counted as one exchange. Only ids that would merge rows of one snapshot are checked.
    /// `rows` ascend by name.
    fn drop_shared_ids(&self, rows: &mut [Row]) -> Result<(), CacheError> {
        let mut expected: BTreeMap<Name, u32> = BTreeMap::new();
        for same in rows.chunk_by(|a, b| a.name == b.name) {
            let mut ids: Vec<(Name, u32)> =
                same.iter().filter(|row| row.id != NO_NAME).map(|row| (row.id, row.snapshot)).collect();
            ids.sort_unstable();
            for pair in ids.chunk_by(|a, b| a.0 == b.0) {
                if pair.windows(2).any(|pair| pair[0].1 == pair[1].1) {
                    // An id of several groups is shared: no number of rows is the right one.
                    let count = if expected.contains_key(&pair[0].0) { 0 } else { pair.len() as u32 };
                    expected.insert(pair[0].0, count);
                }
            }
        }
        if expected.is_empty() {
            return Ok(());
        }
        let found = self.count_ids(&expected)?;
        let is_shared = |id: &Name| expected.get(id).is_some_and(|count| found.get(id) != Some(count));
        for row in rows.iter_mut().filter(|row| is_shared(&row.id)) {
            row.id = NO_NAME;
        }
        Ok(())
    }

    /// Number of rows of the whole case that have each of some ids.
    fn count_ids(&self, wanted: &BTreeMap<Name, u32>) -> Result<BTreeMap<Name, u32>, CacheError> {
        let total = self.tasks.iter().map(|task| task.rows.len() as u64).sum();
        let steps = Steps::new("counting request ids", total, self.watcher);
        let counted = self.tasks.par_iter().map(|task| {
            let mut counts: BTreeMap<Name, u32> = BTreeMap::new();
            task.read(&[Column::RequestId], &steps, |batch| {
                for at in 0..batch.rows {
                    let id = self.request(task, batch.columns[0].as_ref(), at)?;
                    if wanted.contains_key(&id) {
                        *counts.entry(id).or_default() += 1;
                    }
                }
                Ok(())
            })?;
            Ok(counts)
        });
        let mut sums: BTreeMap<Name, u32> = BTreeMap::new();
        for (id, count) in counted.collect::<Result<Vec<_>, CacheError>>()?.into_iter().flatten() {
            *sums.entry(id).or_default() += count;
        }
        Ok(sums)
    }
}
