//! FirstReading reading: the accounts, and the duplicates.
//!
//! Reads two columns only, so that the second reading can assign rows to partitions. Rows that agree in
//! both are read further by [`duplicates`].

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use rayon::prelude::*;

use super::columns::{NONE, ordered};
use super::dictionary::{Coder, Dictionary};
use super::duplicates::{self, Alike, Candidate};
use super::inputs::{Input, Steps, Task};
use super::names::Names;
use super::repeated::repeated;
use crate::cache::CacheError;
use crate::model::Watcher;
use crate::snapshot::Column;

/// Result of the first reading.
pub(super) struct FirstReading {
    /// All account ids, sorted; their positions are the codes of the accounts.
    pub accounts: Vec<Box<str>>,
    /// Number of rows of each account, duplicates included.
    pub rows: Vec<u32>,
    /// Duplicate rows, each with the row that counts for it, ascending.
    pub aliases: Vec<(u32, u32)>,
    /// Rows that may be duplicates of another file and are counted.
    pub alike: Alike,
}

/// Reads accounts and times. Uses up to `memory` bytes to find rows that agree in both; if all rows
/// need more, several rounds handle a share each.
///
/// # Errors
/// A file cannot be read, or the work was cancelled.
pub(super) fn read(
    inputs: &[Input<'_>],
    tasks: &[Task<'_>],
    names: &Names,
    memory: u64,
    watcher: &dyn Watcher,
) -> Result<FirstReading, CacheError> {
    let dictionary = Dictionary::new(names);
    let total: u64 = tasks.iter().map(|task| task.rows.len() as u64).sum();
    let rounds = (total * size_of::<Candidate>() as u64).div_ceil(memory.max(1)).max(1);
    let (mut counted, mut aliases, mut alike) = (Vec::new(), Vec::new(), Alike::new());
    for round in 0..rounds {
        let steps = Steps::new("counting exchanges", total, watcher);
        let reading = Reading { dictionary: &dictionary, share: Share { round, rounds } };
        let read = tasks.par_iter().map(|task| reading.of_task(task, &steps));
        let (counts, candidates): (Vec<_>, Vec<_>) =
            read.collect::<Result<Vec<_>, CacheError>>()?.into_iter().unzip();
        if round == 0 {
            counted = counts;
        }
        let candidates = repeated(candidates, |candidate| candidate.key);
        let store = (memory, &mut alike);
        aliases.extend(duplicates::aliases(candidates, inputs, tasks, names, store, watcher)?);
    }
    aliases.par_sort_unstable();
    of_identical_files(inputs, &mut aliases);
    let (accounts, ranks) = dictionary.ranked();
    let mut rows = vec![0; accounts.len()];
    for (code, count) in counted.into_iter().flatten().filter(|(code, _)| *code != NONE) {
        rows[ranks[code as usize] as usize] += count;
    }
    Ok(FirstReading { accounts, rows, aliases, alike })
}

/// Share of the keys that a round handles.
#[derive(Clone, Copy)]
struct Share {
    round: u64,
    rounds: u64,
}

/// One round through accounts and times.
struct Reading<'a> {
    dictionary: &'a Dictionary<'a>,
    share: Share,
}

/// Rows of each account code of a task.
type Counts = Vec<(u32, u32)>;

impl Reading<'_> {
    fn of_task(&self, task: &Task<'_>, steps: &Steps<'_>) -> Result<(Counts, Vec<Candidate>), CacheError> {
        let (mut coder, mut codes, mut candidates) = (Coder::default(), Vec::new(), Vec::new());
        task.read(&[Column::AccountId, Column::Ts], steps, |batch| {
            let before = codes.len();
            let array = batch.columns[0].as_ref();
            let coded = array.and_then(|array| array.as_dictionary_opt::<Int32Type>());
            let coded = coded.ok_or_else(|| task.wrong(Column::AccountId, array))?;
            coder.code(self.dictionary, coded, true, None, &mut codes);
            let array = batch.columns[1].as_ref();
            let times = array.and_then(|array| array.as_primitive_opt::<Int64Type>());
            let times = times.ok_or_else(|| task.wrong(Column::Ts, array))?;
            let rows = codes[before..].iter().zip(times.values()).zip(task.row_of(batch)..);
            // A row without an account is no exchange.
            let keyed =
                rows.filter(|((code, _), _)| **code != NONE).map(|((&code, &ts), row)| (key(code, ts), row));
            let Share { round, rounds } = self.share;
            candidates.extend(
                keyed.filter(|(key, _)| key % rounds == round).map(|(key, row)| Candidate { key, row }),
            );
            Ok(())
        })?;
        codes.sort_unstable();
        let counts = codes.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32));
        Ok((counts.collect(), candidates))
    }
}

/// Key of account and time. [`duplicates`] distinguishes rows whose keys are equal by chance.
fn key(code: u32, ts: i64) -> u64 {
    // The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
    let mut key = ordered(ts) ^ u64::from(code).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

/// Adds the rows of files with the same bytes as another. `aliases` ascends before and after.
fn of_identical_files(inputs: &[Input<'_>], aliases: &mut Vec<(u32, u32)>) {
    let counted = |row: u32| match aliases.binary_search_by_key(&row, |alias| alias.0) {
        Ok(at) => aliases[at].1,
        Err(_) => row,
    };
    let mut own: Vec<(u32, u32)> = Vec::new();
    for input in inputs {
        let Some(same) = input.same_as else { continue };
        own.extend(input.rows.clone().zip(inputs[same].rows.clone().map(counted)));
    }
    aliases.extend(own);
    aliases.par_sort_unstable();
}
