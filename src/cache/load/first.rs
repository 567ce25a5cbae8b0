//! The first reading: which accounts there are, and which rows count.
//!
//! Reads two columns, which is quick, so that the second reading can sort as it goes.

use std::ops::Range;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int32Type;
use rayon::prelude::*;

use super::columns::{NO_KEY, NONE};
use super::dictionary::{Coder, Dictionary};
use super::inputs::{Input, READ, Steps, Task, snapshot_rows};
use super::names::{NO_NAME, Name, Names};
use crate::cache::CacheError;
use crate::model::Watcher;
use crate::snapshot::{Batch, Column};

/// What the first reading finds.
pub(super) struct First {
    /// All account ids, sorted; their places are the accounts' codes from here on.
    pub accounts: Vec<Box<str>>,
    /// The rows of each account, those that count in another place included.
    pub rows: Vec<u32>,
    /// Rows that do not count, with the row that counts for each, ascending.
    pub aliases: Vec<(u32, u32)>,
}

/// Reads accounts and names. Takes up to `memory` bytes for the names of the rows: where they are
/// more than fit, they are gone through in several rounds, a share of the names in each.
///
/// Rows of one `request_id` count once, wherever they stand. Rows without one are compared as
/// whole records and only across snapshots: the n-th of equal records in one snapshot is the
/// n-th in another. The first row in order is the one that counts.
pub(super) fn read(
    inputs: &[Input<'_>],
    tasks: &[Task<'_>],
    names: &Names,
    memory: u64,
    watcher: &dyn Watcher,
) -> Result<First, CacheError> {
    let snapshots = snapshot_rows(inputs);
    let total = snapshots.last().map_or(0, |rows| u64::from(rows.end));
    let steps = Steps::new("counting exchanges", total, watcher);
    let (accounts, rows) = accounts(tasks, names, &steps)?;
    let rounds = (total * size_of::<u64>() as u64).div_ceil(memory.max(1)).max(1);
    let mut aliases = Vec::new();
    for round in 0..rounds {
        let share = Share { round, rounds };
        let reading = Reading { tasks, names, several_snapshots: snapshots.len() > 1, share, watcher };
        // Half a name first, as it takes a third of the memory and mostly there is nothing to find.
        let twice = twice(reading.names_of(|known| Some(known.name[0]))?);
        if twice.is_empty() {
            continue;
        }
        let suspects =
            reading.names_of(|known| twice.binary_search(&known.name[0]).is_ok().then_some(known))?;
        alike(suspects.concat(), &snapshots, &mut aliases);
    }
    aliases.par_sort_unstable();
    Ok(First { accounts, rows, aliases })
}

fn accounts(
    tasks: &[Task<'_>],
    names: &Names,
    steps: &Steps<'_>,
) -> Result<(Vec<Box<str>>, Vec<u32>), CacheError> {
    let dictionary = Dictionary::new(names);
    let counted = tasks
        .par_iter()
        .map(|task| {
            let (mut coder, mut codes) = (Coder::default(), Vec::new());
            task.read(&[Column::AccountId], steps, |batch| {
                let array = batch.columns[0].as_ref();
                let coded = array.and_then(|array| array.as_dictionary_opt::<Int32Type>());
                let coded = coded.ok_or_else(|| task.wrong(Column::AccountId, array))?;
                coder.code(&dictionary, coded, true, None, &mut codes);
                Ok(())
            })?;
            codes.sort_unstable();
            let counts = codes.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32));
            Ok(counts.collect::<Vec<_>>())
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let (accounts, ranks) = dictionary.ranked();
    let mut rows = vec![0; accounts.len()];
    for (code, count) in counted.into_iter().flatten().filter(|(code, _)| *code != NONE) {
        rows[ranks[code as usize] as usize] += count;
    }
    Ok((accounts, rows))
}

/// Which names a round looks at.
#[derive(Clone, Copy)]
struct Share {
    round: u64,
    rounds: u64,
}

impl Share {
    fn has(self, name: Name) -> bool {
        name != NO_NAME && name[1] % self.rounds == self.round
    }
}

/// The name of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    name: Name,
    row: u32,
    /// Whether it is that of the whole record, for want of a `request_id`.
    of_record: bool,
}

/// One round through the names.
struct Reading<'a> {
    tasks: &'a [Task<'a>],
    names: &'a Names,
    several_snapshots: bool,
    share: Share,
    watcher: &'a dyn Watcher,
}

impl Reading<'_> {
    /// What `keep` makes of the names of this round, by task in order of rows.
    fn names_of<T: Send>(&self, keep: impl Fn(Known) -> Option<T> + Sync) -> Result<Vec<Vec<T>>, CacheError> {
        let total = self.tasks.last().map_or(0, |task| u64::from(task.rows.end));
        let steps = Steps::new("looking for duplicates", total, self.watcher);
        let of_task = |task| {
            let mut found = Vec::new();
            let nameless = self.requests(task, &steps, |known| found.extend(keep(known)))?;
            if nameless && self.several_snapshots {
                self.records(task, &steps, |known| found.extend(keep(known)))?;
            }
            Ok(found)
        };
        self.tasks.par_iter().map(of_task).collect()
    }

    /// The rows of a task that have a `request_id`; whether some have none.
    fn requests(
        &self,
        task: &Task<'_>,
        steps: &Steps<'_>,
        mut each: impl FnMut(Known),
    ) -> Result<bool, CacheError> {
        let (mut nameless, mut row) = (false, task.rows.start);
        task.read(&[Column::RequestId], steps, |batch| {
            for name in requests(task, batch, 0, self.names)? {
                nameless |= name == NO_NAME;
                if self.share.has(name) {
                    each(Known { name, row, of_record: false });
                }
                row += 1;
            }
            Ok(())
        })?;
        Ok(nameless)
    }

    /// The rows of a task that have none, by the whole record.
    fn records(
        &self,
        task: &Task<'_>,
        steps: &Steps<'_>,
        mut each: impl FnMut(Known),
    ) -> Result<(), CacheError> {
        let request = READ.iter().position(|column| *column == Column::RequestId).unwrap_or(0);
        let (mut row, mut scratch) = (task.rows.start, Vec::new());
        task.read(&READ, steps, |batch| {
            for (at, name) in requests(task, batch, request, self.names)?.enumerate() {
                if name == NO_NAME {
                    let name = self.names.of_record(&batch.columns, at, &mut scratch);
                    if self.share.has(name) {
                        each(Known { name, row, of_record: true });
                    }
                }
                row += 1;
            }
            Ok(())
        })
    }
}

/// The names that the `request_id`s of a batch give.
fn requests<'a>(
    task: &Task<'_>,
    batch: &'a Batch,
    column: usize,
    names: &'a Names,
) -> Result<impl Iterator<Item = Name> + 'a, CacheError> {
    let array = batch.columns[column].as_ref();
    let texts = array
        .map(|array| array.as_string_opt::<i32>().ok_or_else(|| task.wrong(Column::RequestId, Some(array))));
    let texts = texts.transpose()?;
    Ok((0..batch.rows).map(move |at| {
        let text = texts.filter(|texts| texts.is_valid(at)).map(|texts| texts.value(at));
        names.of_text(text)
    }))
}

/// The first words that several rows have, ascending. Each thread looks at words of one beginning
/// at a time, so that what it sorts stays near it.
fn twice(mut words: Vec<Vec<u64>>) -> Vec<u64> {
    const BEGINNINGS: u64 = 256;
    const STEP: u64 = u64::MAX / BEGINNINGS + 1;
    words.par_iter_mut().for_each(|words| words.sort_unstable());
    debug_assert!(words.iter().all(|words| words.first() != Some(&NO_KEY)));
    let of_beginning = |beginning: u64| {
        let (from, to) = (beginning * STEP, beginning * STEP + (STEP - 1));
        let mut own: Vec<u64> = Vec::new();
        for words in &words {
            let start = words.partition_point(|&word| word < from);
            own.extend(words[start..].iter().take_while(|&&word| word <= to));
        }
        own.sort_unstable();
        let pairs = own.windows(2).filter(|pair| pair[0] == pair[1]);
        let mut twice: Vec<u64> = pairs.map(|pair| pair[0]).collect();
        twice.dedup();
        twice
    };
    (0..BEGINNINGS).into_par_iter().map(of_beginning).collect::<Vec<_>>().concat()
}

/// Adds the aliases among rows of which some have the same name.
fn alike(mut known: Vec<Known>, snapshots: &[Range<u32>], aliases: &mut Vec<(u32, u32)>) {
    known.par_sort_unstable();
    let snapshot_of = |row: u32| snapshots.partition_point(|rows| rows.end <= row);
    for same in known.chunk_by(|a, b| a.name == b.name) {
        if !same[0].of_record {
            aliases.extend(same[1..].iter().map(|other| (other.row, same[0].row)));
            continue;
        }
        let mut firsts: Vec<u32> = Vec::new();
        for of_snapshot in same.chunk_by(|a, b| snapshot_of(a.row) == snapshot_of(b.row)) {
            for (n, known) in of_snapshot.iter().enumerate() {
                match firsts.get(n) {
                    Some(&first) => aliases.push((known.row, first)),
                    None => firsts.push(known.row),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aliases(names: &[u64], of_record: bool, snapshots: &[Range<u32>]) -> Vec<(u32, u32)> {
        let known = names.iter().zip(0..).map(|(&n, row)| Known { name: [n, 0], row, of_record }).collect();
        let mut aliases = Vec::new();
        alike(known, snapshots, &mut aliases);
        aliases.sort_unstable();
        aliases
    }

    #[test]
    fn one_request_counts_once_even_in_one_snapshot() {
        assert_eq!(aliases(&[7, 8, 7, 8, 7], false, &[0..3, 3..5]), [(2, 0), (3, 1), (4, 0)]);
    }

    #[test]
    fn equal_records_of_one_snapshot_are_several_exchanges() {
        assert_eq!(aliases(&[9; 5], true, &[0..2, 2..5]), [(2, 0), (3, 1)]);
    }

    #[test]
    fn words_that_meet_are_found_across_tasks() {
        assert_eq!(twice(vec![vec![5, 1, 3], vec![3, 5, 5], vec![]]), [3, 5]);
    }
}
