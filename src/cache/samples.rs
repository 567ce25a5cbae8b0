//! Reading the sampled exchanges of a cache whose text pass has ended.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{UInt8Type, UInt32Type};
use rayon::prelude::*;

use super::segment::decode;
use super::{AccountIndex, Cache, CacheError, RowId};
use crate::stats::minhash::Signature;

/// Dimensions of a direction as it is kept.
pub const LENGTH: usize = 64;
/// The field of the sample with the row of each sampled exchange.
pub(crate) const ROW: &str = "row";
/// The field of the sample with each exchange's direction, null for none.
pub(crate) const VECTOR: &str = "vector";
/// The field of the sample with the signature of each exchange's shingles.
pub(crate) const SIGNATURE: &str = "signature";
/// The field of the sample with 32 bits of the key of each exchange's text, 0 for none.
pub(crate) const CONTENT: &str = "content";
/// The field of the sample with 32 bits of the key of how each exchange's prompt begins, 0 for none.
pub(crate) const OPENING: &str = "opening";
/// The field of the sample with the classes of each exchange's prompt.
pub(crate) const CLASSES: &str = "classes";

/// What is kept of one sampled exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptSample {
    /// Which exchange.
    pub row: RowId,
    /// Its direction in topic space: the first 64 dimensions, the largest of them ±127.
    pub vector: Option<[i8; LENGTH]>,
    /// Of the shingles of its text; [`Signature::EMPTY`] without words.
    pub signature: Signature,
    /// Equal for equal texts; 0 without text.
    pub content: u32,
    /// Equal for prompts that begin with the same template; 0 where it has none.
    pub opening: u32,
    /// The classes of its prompt, as bits.
    pub classes: u8,
}

impl Default for PromptSample {
    /// Row 0, of which nothing is known.
    fn default() -> Self {
        Self { row: 0, vector: None, signature: Signature::EMPTY, content: 0, opening: 0, classes: 0 }
    }
}

/// The samples of some whole accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SampleBlob {
    first_account: i64,
    exchanges: usize,
}

impl Cache {
    /// Whether the text pass has ended: there are topics, or it is known why there are none. Until
    /// then whatever needs topics is not testable *yet*.
    pub fn has_text_pass(&self) -> bool {
        let model = self.topic_model();
        model.absent.is_some() || !model.path.is_empty()
    }

    /// The sampled exchanges of some accounts that have a direction in topic space, by row, and
    /// that direction: the first 64 dimensions, the largest of them ±127. At most 64 an account,
    /// drawn by a fixed seed, different prompts before repeated ones. For one account ask for a
    /// range of one. Empty until the text pass has ended, and without text and embeddings.
    ///
    /// # Errors
    /// Where the cache cannot be read or is damaged.
    pub fn prompt_vectors(
        &self,
        accounts: Range<AccountIndex>,
    ) -> Result<Vec<(RowId, [i8; LENGTH])>, CacheError> {
        let offsets = &self.hot().offsets;
        let start = |account: AccountIndex| offsets.get(account as usize).or(offsets.last()).copied();
        let rows = start(accounts.start).unwrap_or(0)..start(accounts.end).unwrap_or(0);
        let parts = self
            .sample_blobs(accounts)?
            .into_par_iter()
            .map(|blob| {
                let mut own = self.sampled_vectors(blob)?;
                own.retain(|(row, _)| rows.contains(row));
                Ok(own)
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// What is kept of the sampled exchanges of some accounts, by row; the same exchanges as in
    /// [`prompt_vectors`](Self::prompt_vectors), and those without a direction.
    ///
    /// # Errors
    /// Where the cache cannot be read or is damaged.
    pub fn prompt_samples(&self, accounts: Range<AccountIndex>) -> Result<Vec<PromptSample>, CacheError> {
        let offsets = &self.hot().offsets;
        let start = |account: AccountIndex| offsets.get(account as usize).or(offsets.last()).copied();
        let rows = start(accounts.start).unwrap_or(0)..start(accounts.end).unwrap_or(0);
        let parts = self
            .sample_blobs(accounts)?
            .into_par_iter()
            .map(|blob| {
                let mut own = self.samples_of(blob)?;
                own.retain(|sample| rows.contains(&sample.row));
                Ok(own)
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn samples_of(&self, blob: SampleBlob) -> Result<Vec<PromptSample>, CacheError> {
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

    /// The blobs that hold the samples of some accounts, ascending.
    pub(crate) fn sample_blobs(&self, accounts: Range<AccountIndex>) -> Result<Vec<SampleBlob>, CacheError> {
        const QUERY: &str = "SELECT first_account, exchanges FROM prompt_samples
            WHERE first_account < ?2 AND last_account >= ?1 ORDER BY first_account";
        if !self.has_text_pass() {
            // What is there is of a pass that has not ended.
            return Ok(Vec::new());
        }
        let connection = self.connection()?;
        let read = || -> rusqlite::Result<_> {
            let blob = |row: &rusqlite::Row<'_>| {
                Ok(SampleBlob { first_account: row.get(0)?, exchanges: row.get::<_, i64>(1)? as usize })
            };
            connection
                .prepare_cached(QUERY)?
                .query_map([accounts.start, accounts.end], blob)?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(CacheError::sqlite(self.path()))
    }

    /// The sampled rows of a blob, ascending.
    pub(crate) fn sampled_rows(&self, blob: SampleBlob) -> Result<Vec<RowId>, CacheError> {
        let rows = self.sample_column(blob, ROW)?;
        let rows = rows.as_primitive_opt::<UInt32Type>().ok_or_else(|| self.bad_sample(blob))?;
        Ok(rows.values().to_vec())
    }

    /// The sampled rows of a blob that have a direction, ascending, and that.
    pub(crate) fn sampled_vectors(&self, blob: SampleBlob) -> Result<Vec<(RowId, [i8; LENGTH])>, CacheError> {
        let vectors = self.sample_column(blob, VECTOR)?;
        let vectors = vectors.as_fixed_size_binary_opt().ok_or_else(|| self.bad_sample(blob))?;
        let vector = |at: usize| -> Option<[u8; LENGTH]> {
            vectors.is_valid(at).then(|| vectors.value(at).try_into().ok()).flatten()
        };
        let rows = self.sampled_rows(blob)?.into_iter().enumerate();
        Ok(rows.filter_map(|(at, row)| Some((row, vector(at)?.map(u8::cast_signed)))).collect())
    }

    fn sample_column(&self, blob: SampleBlob, column: &str) -> Result<ArrayRef, CacheError> {
        self.sample_columns(blob, &[column])?.pop().ok_or_else(|| self.bad_sample(blob))
    }

    /// Columns of a blob, all of which are there and have as many rows as it.
    fn sample_columns(&self, blob: SampleBlob, columns: &[&str]) -> Result<Vec<ArrayRef>, CacheError> {
        let connection = self.connection()?;
        let decoded = connection
            .prepare_cached("SELECT data FROM prompt_samples WHERE first_account = ?1")
            .and_then(|mut query| {
                query.query_row([blob.first_account], |row| {
                    Ok(decode(row.get_ref(0)?.as_blob()?, columns, blob.exchanges))
                })
            })
            .map_err(CacheError::sqlite(self.path()))?;
        let columns = decoded.ok().and_then(|columns| columns.into_iter().collect());
        columns.ok_or_else(|| self.bad_sample(blob))
    }

    fn bad_sample(&self, blob: SampleBlob) -> CacheError {
        CacheError::damaged(self.path(), format!("the sample of account {} on", blob.first_account))
    }
}
