//! A text pass under way: the fitted model and the outputs so far, kept in a [`PassFile`].
//!
//! The cache itself is not written to until the pass ends, so nobody who reads it waits for it.
//! What does not hold together is as good as not there.

use std::path::Path;

use super::census::TemplateUse;
use super::fit::Fit;
use super::model;
use super::outputs::{RowOutput, SampleOutput};
use super::rows::RowSet;
use super::templates::Template;
use crate::cache::CacheError;
use crate::cache::pass_file::{KeptTemplate, PassFile};
use crate::model::Digest;

/// Goes up when the model or the outputs change, so that no pass goes on with what another began.
const VERSION: u32 = 2;

/// The part under which the sampled exchanges are kept.
const SAMPLED: &str = "sampled";

/// What was fitted: all that the outputs follow from.
#[derive(Default)]
pub(super) struct Fitted {
    /// The model; `None` where there is nothing to make topics of.
    pub fit: Option<Fit>,
    /// The sampled exchanges.
    pub sampled: RowSet,
    /// Templates that recur.
    pub templates: Vec<Template>,
}

/// The outputs of one row group: of its rows in the order they are read, and of those that are
/// sampled.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chunk {
    pub outputs: Vec<RowOutput>,
    pub samples: Vec<SampleOutput>,
}

/// A text pass under way.
pub(super) struct Pending(PassFile);

impl Pending {
    /// Takes up the pass of a cache (by its fingerprint), or begins it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(super) fn open(cache_path: &Path, cache: Digest) -> Result<Self, CacheError> {
        PassFile::open(cache_path, cache, VERSION).map(Self)
    }

    /// Takes the file away, whatever is in it. There may be none.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub(super) fn remove(cache_path: &Path) -> Result<(), CacheError> {
        PassFile::remove(cache_path)
    }

    /// Keeps what was fitted, in one transaction.
    pub(super) fn keep(&self, fitted: &Fitted) -> Result<(), CacheError> {
        let mut parts: Vec<(&str, Vec<u8>)> = fitted.fit.iter().flat_map(model::parts).collect();
        parts.push((SAMPLED, fitted.sampled.to_bytes()));
        let templates = fitted.templates.iter().map(|template| KeptTemplate {
            words: template.words.clone(),
            row: template.uses.row,
            accounts: template.uses.accounts.clone(),
        });
        self.0.keep(&parts, templates)
    }

    /// What was fitted before; `None` where nothing was, or not as it should be.
    pub(super) fn fitted(&self, rows: usize) -> Result<Option<Fitted>, CacheError> {
        if !self.0.is_fitted()? {
            return Ok(None);
        }
        let sampled = self.0.part(SAMPLED).and_then(|bytes| RowSet::from_bytes(&bytes, rows));
        let Some(sampled) = sampled else { return Ok(None) };
        let has_model = self.0.part("centroids").is_some();
        let fit = model::from_parts(|name| self.0.part(name));
        let template = |kept: KeptTemplate| Template {
            words: kept.words,
            uses: TemplateUse { row: kept.row, accounts: kept.accounts },
        };
        let templates = self.0.templates()?.into_iter().map(template).collect();
        Ok((fit.is_some() == has_model).then_some(Fitted { fit, sampled, templates }))
    }

    /// Keeps the outputs of a row group.
    pub(super) fn keep_chunk(&self, group: usize, chunk: &Chunk) -> Result<(), CacheError> {
        let outputs: Vec<u8> = chunk.outputs.iter().flat_map(|output| output.to_bytes()).collect();
        let samples: Vec<u8> = chunk.samples.iter().flat_map(|sample| sample.to_bytes()).collect();
        self.0.keep_chunk(group, &outputs, &samples)
    }

    /// The row groups whose outputs are there, ascending.
    pub(super) fn chunks(&self) -> Result<Vec<usize>, CacheError> {
        self.0.chunks()
    }

    /// The outputs of a row group, which has so many rows and so many of them sampled.
    ///
    /// # Errors
    /// Where they are not there, or not so many.
    pub(super) fn chunk(&self, group: usize, rows: usize, sampled: usize) -> Result<Chunk, CacheError> {
        let (outputs, samples) = self.0.chunk(group)?;
        let chunk = Chunk {
            outputs: outputs.as_chunks().0.iter().map(RowOutput::from_bytes).collect(),
            samples: samples.as_chunks().0.iter().map(SampleOutput::from_bytes).collect(),
        };
        if chunk.outputs.len() == rows && chunk.samples.len() == sampled {
            Ok(chunk)
        } else {
            Err(self.0.damaged(format!("the outputs of row group {group}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_taken_up_only_by_its_own_cache() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache.sqlite");
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let chunk = Chunk { outputs: vec![RowOutput::NOTHING; 3], samples: vec![SampleOutput::NOTHING] };
        let pending = Pending::open(&cache, one).unwrap();
        pending.keep_chunk(4, &chunk).unwrap();
        drop(pending);
        let again = Pending::open(&cache, one).unwrap();
        assert_eq!(again.chunks().unwrap(), [4]);
        assert_eq!(again.chunk(4, 3, 1).unwrap(), chunk);
        assert!(again.chunk(4, 2, 1).is_err() && again.chunk(5, 3, 1).is_err());
        assert!(again.fitted(3).unwrap().is_none());
        drop(again);
        assert!(Pending::open(&cache, two).unwrap().chunks().unwrap().is_empty());
        std::fs::write(PassFile::path_of(&cache), b"no database, but long enough to be one").unwrap();
        assert!(Pending::open(&cache, two).unwrap().chunks().unwrap().is_empty());
        Pending::remove(&cache).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
