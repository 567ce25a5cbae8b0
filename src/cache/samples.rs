//! Sampled exchanges of a cache: their storage, and their reading once the text pass has ended.

use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt8Type, UInt32Type};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt8Array, UInt32Array};
use arrow_schema::ArrowError;
use rayon::prelude::*;
use rusqlite::params;

use super::file::CacheFile;
use super::hot::Hot;
use super::segment::{decode, encode};
use super::store::change;
use super::{AccountIndex, CacheError, RowId};
use crate::model::Watcher;
use crate::stats::minhash::{HASHES, Signature};

/// Dimensions of a stored direction.
pub const LENGTH: usize = 64;
/// Field with the row of each sampled exchange.
const ROW: &str = "row";
/// Field with the direction of each exchange, null for none.
const VECTOR: &str = "vector";
/// Field with the MinHash signature of each exchange's shingles.
const SIGNATURE: &str = "signature";
/// Field with 32 bits of the key of each exchange's text, 0 for none.
const CONTENT: &str = "content";
/// Field with 32 bits of the key of each exchange's prompt template, 0 for none.
const OPENING: &str = "opening";
/// Field with the classes of each exchange's prompt, as bits.
const CLASSES: &str = "classes";

/// Approximate number of sampled exchanges of one blob, which is 560 KB.
const BLOB: usize = 4_096;
/// Blobs written in one transaction, during which readers wait.
const BLOBS: usize = 64;

/// Features of one sampled exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptSample {
    /// The exchange.
    pub row: RowId,
    /// Direction in topic space: its first 64 dimensions, scaled so that the largest is ±127.
    pub vector: Option<[i8; LENGTH]>,
    /// MinHash signature of the shingles of its text; [`Signature::EMPTY`] without words.
    pub signature: Signature,
    /// Key of the text, equal for equal texts; 0 without text.
    pub content: u32,
    /// Key of the prompt template; 0 without one.
    pub opening: u32,
    /// Classes of its prompt, as bits.
    pub classes: u8,
}

impl Default for PromptSample {
    /// Row 0 without any feature.
    fn default() -> Self {
        Self { row: 0, vector: None, signature: Signature::EMPTY, content: 0, opening: 0, classes: 0 }
    }
}

/// Samples of some whole accounts, stored together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SampleBlob {
    first_account: AccountIndex,
    last_account: AccountIndex,
    exchanges: usize,
}

impl SampleBlob {
    /// Accounts whose samples it holds.
    pub(crate) fn accounts(self) -> RangeInclusive<AccountIndex> {
        self.first_account..=self.last_account
    }
}

/// Reader of the sampled exchanges of an open cache.
#[derive(Clone, Copy)]
pub(crate) struct Samples<'a> {
    file: &'a CacheFile,
    hot: &'a Hot,
    /// True if the text pass has ended. Samples stored before that are incomplete and not read.
    has_ended: bool,
}

impl<'a> Samples<'a> {
    pub(super) fn new(file: &'a CacheFile, hot: &'a Hot, has_ended: bool) -> Self {
        Self { file, hot, has_ended }
    }

    /// Sampled exchanges of accounts that have a direction in topic space, by row, with that
    /// direction; see [`Cache::prompt_vectors`](super::Cache::prompt_vectors).
    ///
    /// # Errors
    /// The cache cannot be read or is damaged.
    pub(super) fn prompt_vectors(
        &self,
        accounts: Range<AccountIndex>,
    ) -> Result<Vec<(RowId, [i8; LENGTH])>, CacheError> {
        self.of_accounts(accounts, |blob| self.vectors(blob), |(row, _)| *row)
    }

    /// Sampled exchanges of accounts, by row: those of [`prompt_vectors`](Self::prompt_vectors) and
    /// those without a direction.
    ///
    /// # Errors
    /// The cache cannot be read or is damaged.
    pub(super) fn prompt_samples(
        &self,
        accounts: Range<AccountIndex>,
    ) -> Result<Vec<PromptSample>, CacheError> {
        self.of_accounts(accounts, |blob| self.samples(blob), |sample| sample.row)
    }

    /// Items that `read` gives for the blobs of some accounts, restricted to the accounts' rows.
    fn of_accounts<T: Send>(
        self,
        accounts: Range<AccountIndex>,
        read: impl Fn(SampleBlob) -> Result<Vec<T>, CacheError> + Sync,
        row_of: impl Fn(&T) -> RowId + Sync,
    ) -> Result<Vec<T>, CacheError> {
        let offsets = &self.hot.offsets;
        let start = |account: AccountIndex| offsets.get(account as usize).or(offsets.last()).copied();
        let rows = start(accounts.start).unwrap_or(0)..start(accounts.end).unwrap_or(0);
        let parts = self
            .blobs(accounts)?
            .into_par_iter()
            .map(|blob| {
                let mut own = read(blob)?;
                own.retain(|one| rows.contains(&row_of(one)));
                Ok(own)
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// Samples of a blob.
    ///
    /// # Errors
    /// The cache cannot be read or is damaged.
    pub(crate) fn samples(&self, blob: SampleBlob) -> Result<Vec<PromptSample>, CacheError> {
        let columns = self.sample_columns(blob, &[ROW, VECTOR, SIGNATURE, CONTENT, OPENING, CLASSES])?;
        let bad = || self.bad_sample(blob);
        let [rows, vectors, signatures, contents, openings, classes] = columns.as_slice() else {
            return Err(bad());
        };
        let rows = rows.as_primitive_opt::<UInt32Type>().ok_or_else(bad)?;
        let vectors = vectors.as_fixed_size_binary_opt().ok_or_else(bad)?;
        let signatures = signatures.as_fixed_size_binary_opt().ok_or_else(bad)?;
        let contents = contents.as_primitive_opt::<UInt32Type>().ok_or_else(bad)?;
        let openings = openings.as_primitive_opt::<UInt32Type>().ok_or_else(bad)?;
        let classes = classes.as_primitive_opt::<UInt8Type>().ok_or_else(bad)?;
        let sample = |at: usize| {
            let vector = || <[u8; LENGTH]>::try_from(vectors.value(at)).ok().map(|v| v.map(u8::cast_signed));
            Some(PromptSample {
                row: rows.value(at),
                vector: if vectors.is_valid(at) { vector() } else { None },
                signature: Signature(signatures.value(at).try_into().ok()?),
                content: contents.value(at),
                opening: openings.value(at),
                classes: classes.value(at),
            })
        };
        (0..blob.exchanges).map(|at| sample(at).ok_or_else(bad)).collect()
    }

    /// Blobs that hold the samples of some accounts, ascending.
    pub(crate) fn blobs(&self, accounts: Range<AccountIndex>) -> Result<Vec<SampleBlob>, CacheError> {
        const QUERY: &str = "SELECT first_account, last_account, exchanges FROM prompt_samples
            WHERE first_account < ?2 AND last_account >= ?1 ORDER BY first_account";
        if !self.has_ended {
            return Ok(Vec::new());
        }
        let connection = self.file.connection()?;
        let read = || -> rusqlite::Result<_> {
            let blob = |row: &rusqlite::Row<'_>| {
                let (first_account, last_account) = (row.get(0)?, row.get(1)?);
                Ok(SampleBlob { first_account, last_account, exchanges: row.get::<_, i64>(2)? as usize })
            };
            connection
                .prepare_cached(QUERY)?
                .query_map([accounts.start, accounts.end], blob)?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(self.file.failed())
    }

    /// Sampled rows of a blob, ascending.
    pub(crate) fn rows(&self, blob: SampleBlob) -> Result<Vec<RowId>, CacheError> {
        let rows = self.sample_column(blob, ROW)?;
        let rows = rows.as_primitive_opt::<UInt32Type>().ok_or_else(|| self.bad_sample(blob))?;
        Ok(rows.values().to_vec())
    }

    /// Sampled rows of a blob that have a direction, ascending, with the direction.
    pub(crate) fn vectors(&self, blob: SampleBlob) -> Result<Vec<(RowId, [i8; LENGTH])>, CacheError> {
        let vectors = self.sample_column(blob, VECTOR)?;
        let vectors = vectors.as_fixed_size_binary_opt().ok_or_else(|| self.bad_sample(blob))?;
        let vector = |at: usize| -> Option<[u8; LENGTH]> {
            vectors.is_valid(at).then(|| vectors.value(at).try_into().ok()).flatten()
        };
        let rows = self.rows(blob)?.into_iter().enumerate();
        Ok(rows.filter_map(|(at, row)| Some((row, vector(at)?.map(u8::cast_signed)))).collect())
    }

    /// Sampled rows of a blob, ascending, with the classes of their prompts as bits.
    pub(crate) fn classes(&self, blob: SampleBlob) -> Result<Vec<(RowId, u8)>, CacheError> {
        let classes = self.sample_column(blob, CLASSES)?;
        let classes = classes.as_primitive_opt::<UInt8Type>().ok_or_else(|| self.bad_sample(blob))?;
        Ok(self.rows(blob)?.into_iter().zip(classes.values().iter().copied()).collect())
    }

    fn sample_column(&self, blob: SampleBlob, column: &str) -> Result<ArrayRef, CacheError> {
        self.sample_columns(blob, &[column])?.pop().ok_or_else(|| self.bad_sample(blob))
    }

    /// Columns of a blob; an error if one is absent or has another number of rows.
    fn sample_columns(&self, blob: SampleBlob, columns: &[&str]) -> Result<Vec<ArrayRef>, CacheError> {
        let connection = self.file.connection()?;
        let decoded = connection
            .prepare_cached("SELECT data FROM prompt_samples WHERE first_account = ?1")
            .and_then(|mut query| {
                query.query_row([blob.first_account], |row| {
                    Ok(decode(row.get_ref(0)?.as_blob()?, columns, blob.exchanges))
                })
            })
            .map_err(self.file.failed())?;
        let columns = decoded.ok().and_then(|columns| columns.into_iter().collect());
        columns.ok_or_else(|| self.bad_sample(blob))
    }

    fn bad_sample(&self, blob: SampleBlob) -> CacheError {
        self.file.damaged(format!("the sample from account {} on is inconsistent", blob.first_account))
    }
}

/// Writes the samples of rows, which ascend, in blobs of whole accounts. They are not read before
/// the text pass has ended.
///
/// # Errors
/// The cache cannot be written, or the work was cancelled.
pub(super) fn write(
    path: &Path,
    hot: &Hot,
    rows: &[RowId],
    sample: &(impl Fn(usize) -> PromptSample + Sync),
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let mut blobs: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        let full = (start + BLOB).min(rows.len()) - 1;
        // The account that fills the blob is not split.
        let end = hot.offsets[hot.account_of(rows[full]) as usize + 1];
        let next = start + rows[start..].partition_point(|&row| row < end);
        blobs.push(start..next);
        start = next;
    }
    change(path, |transaction| transaction.execute_batch("DELETE FROM prompt_samples"))?;
    for (done, wave) in blobs.chunks(BLOBS).enumerate() {
        watcher.check()?;
        watcher.step("writing the sample", (done * BLOBS) as u64, blobs.len() as u64, "blobs");
        let encoded: Vec<Vec<u8>> = wave
            .par_iter()
            .map(|range| encode(&batch(&range.clone().map(sample).collect::<Vec<_>>())?))
            .collect::<Result<_, ArrowError>>()
            .map_err(|source| CacheError::Segment { path: path.to_owned(), source })?;
        change(path, |transaction| {
            let mut insert = transaction.prepare("INSERT INTO prompt_samples VALUES (?1, ?2, ?3, ?4)")?;
            for (range, data) in wave.iter().zip(&encoded) {
                let accounts = [range.start, range.end - 1].map(|at| hot.account_of(rows[at]));
                insert.execute(params![accounts[0], accounts[1], range.len() as i64, data])?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Record batch of one blob.
fn batch(samples: &[PromptSample]) -> Result<RecordBatch, ArrowError> {
    let mut vectors = FixedSizeBinaryBuilder::with_capacity(samples.len(), LENGTH as i32);
    for sample in samples {
        match sample.vector {
            Some(vector) => vectors.append_value(vector.map(i8::cast_unsigned))?,
            None => vectors.append_null(),
        }
    }
    let mut signatures = FixedSizeBinaryBuilder::with_capacity(samples.len(), (HASHES / 2) as i32);
    samples.iter().try_for_each(|sample| signatures.append_value(sample.signature.0))?;
    let number = |of: fn(&PromptSample) -> u32| -> ArrayRef {
        Arc::new(samples.iter().map(|sample| Some(of(sample))).collect::<UInt32Array>())
    };
    let rows: Vec<RowId> = samples.iter().map(|sample| sample.row).collect();
    let classes: UInt8Array = samples.iter().map(|sample| Some(sample.classes)).collect();
    let columns: [(&str, ArrayRef, bool); 6] = [
        (ROW, Arc::new(UInt32Array::from(rows)), false),
        (VECTOR, Arc::new(vectors.finish()), true),
        (SIGNATURE, Arc::new(signatures.finish()), false),
        (CONTENT, number(|sample| sample.content), false),
        (OPENING, number(|sample| sample.opening), false),
        (CLASSES, Arc::new(classes), false),
    ];
    RecordBatch::try_from_iter_with_nullable(columns)
}
