//! Third pass: the outputs of every exchange, one row group at a time, unless already stored.

use rayon::prelude::*;

use super::fit::Fit;
use super::outputs::Describer;
use super::pending::{Chunk, Pending};
use super::prompts::{Meter, Prompts};
use super::rows::RowSet;
use super::vocabulary::Vocabulary;
use crate::cache::CacheError;
use crate::model::Watcher;

/// Computes and stores the outputs of the row groups that have none.
///
/// # Errors
/// A snapshot cannot be read, the outputs cannot be stored, or the work was cancelled. Row groups
/// stored before remain.
pub(super) fn assign(
    prompts: &dyn Prompts,
    fit: &Fit,
    sampled: &RowSet,
    pending: &Pending,
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let there = pending.chunks()?;
    let (done, missing): (Vec<usize>, Vec<usize>) =
        (0..prompts.groups()).partition(|group| there.binary_search(group).is_ok());
    let before = done.iter().map(|&group| prompts.rows_of(group).len()).sum();
    let meter = Meter::new("assigning topics", before, prompts.rows(), watcher);
    let describer = Describer::new(fit);
    missing.into_par_iter().try_for_each_init(Vocabulary::default, |vocabulary, group| {
        let mut chunk = Chunk::default();
        let read = prompts.read(group, watcher, &mut |rows| {
            for &(row, content) in rows {
                let (output, sample) = describer.of(vocabulary, content);
                chunk.outputs.push(output);
                chunk.samples.extend(sampled.contains(row).then(|| sample.with_text(content)));
            }
            meter.add(rows.len());
            Ok(())
        });
        read.and_then(|()| pending.keep_chunk(group, &chunk))
    })
}
