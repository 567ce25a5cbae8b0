//! Unfinished text pass: the fitted model and the outputs so far, stored in a [`PassFile`].
//!
//! The cache itself is not written before the pass ends, so that readers of it do not wait.
//! Inconsistent content is treated as absent.

use std::collections::BTreeMap;
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

/// Version of the model and the outputs, so that a pass does not continue one of another version.
const VERSION: u32 = 5;

/// Name of the part with the sampled exchanges.
const SAMPLED: &str = "sampled";
/// Name of the part with the counts of prompts that are not UTF-8.
const NOT_UTF8: &str = "not_utf8";

/// Fitted model and samples, which determine the outputs.
#[derive(Default)]
pub(super) struct Fitted {
    /// The model; `None` if no prompt has usable content.
    pub fit: Option<Fit>,
    /// Sampled exchanges.
    pub sampled: RowSet,
    /// Recurring templates.
    pub templates: Vec<Template>,
    /// Prompts with bytes that are not UTF-8, by snapshot.
    pub not_utf8: BTreeMap<Digest, u64>,
}

/// Outputs of one row group: of all its rows in the order of reading, and of its sampled rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chunk {
    pub outputs: Vec<RowOutput>,
    pub samples: Vec<SampleOutput>,
}

/// Unfinished text pass.
pub(super) struct Pending(PassFile);

impl Pending {
    /// Opens the pass of a cache (by its fingerprint), or begins one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn open(cache_path: &Path, cache: Digest) -> Result<Self, CacheError> {
        PassFile::open(cache_path, cache, VERSION).map(Self)
    }

    /// Removes the file; succeeds if there is none.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) fn remove(cache_path: &Path) -> Result<(), CacheError> {
        PassFile::remove(cache_path)
    }

    /// Stores the fitted model and samples in one transaction.
    pub(super) fn keep(&self, fitted: &Fitted) -> Result<(), CacheError> {
        let mut parts: Vec<(&str, Vec<u8>)> = fitted.fit.iter().flat_map(model::parts).collect();
        parts.push((SAMPLED, fitted.sampled.to_bytes()));
        parts.push((NOT_UTF8, serde_json::to_vec(&fitted.not_utf8).unwrap_or_default()));
        let templates = fitted.templates.iter().map(|template| KeptTemplate {
            words: template.words.clone(),
            row: template.uses.row,
            accounts: template.uses.accounts.clone(),
        });
        self.0.keep(&parts, templates)
    }

    /// Stored model and samples; `None` if they are absent or inconsistent.
    pub(super) fn fitted(&self, rows: usize) -> Result<Option<Fitted>, CacheError> {
        if !self.0.is_fitted()? {
            return Ok(None);
        }
        let sampled = self.0.part(SAMPLED).and_then(|bytes| RowSet::from_bytes(&bytes, rows));
        let not_utf8 = self.0.part(NOT_UTF8).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let (Some(sampled), Some(not_utf8)) = (sampled, not_utf8) else { return Ok(None) };
        let has_model = self.0.part("centroids").is_some();
        let fit = model::from_parts(|name| self.0.part(name));
        let template = |kept: KeptTemplate| Template {
            words: kept.words,
            uses: TemplateUse { row: kept.row, accounts: kept.accounts },
        };
        let templates = self.0.templates()?.into_iter().map(template).collect();
        Ok((fit.is_some() == has_model).then_some(Fitted { fit, sampled, templates, not_utf8 }))
    }

    /// Stores the outputs of a row group.
    pub(super) fn keep_chunk(&self, group: usize, chunk: &Chunk) -> Result<(), CacheError> {
        let outputs: Vec<u8> = chunk.outputs.iter().flat_map(|output| output.to_bytes()).collect();
        let samples: Vec<u8> = chunk.samples.iter().flat_map(|sample| sample.to_bytes()).collect();
        self.0.keep_chunk(group, &outputs, &samples)
    }

    /// Row groups whose outputs are stored, ascending.
    pub(super) fn chunks(&self) -> Result<Vec<usize>, CacheError> {
        self.0.chunks()
    }

    /// Outputs of a row group of `rows` rows, of which `sampled` are sampled.
    ///
    /// # Errors
    /// The outputs are absent, or of another number.
    pub(super) fn chunk(&self, group: usize, rows: usize, sampled: usize) -> Result<Chunk, CacheError> {
        let (outputs, samples) = self.0.chunk(group)?;
        let chunk = Chunk {
            outputs: outputs.as_chunks().0.iter().map(RowOutput::from_bytes).collect(),
            samples: samples.as_chunks().0.iter().map(SampleOutput::from_bytes).collect(),
        };
        if chunk.outputs.len() == rows && chunk.samples.len() == sampled {
            Ok(chunk)
        } else {
            Err(self.0.damaged(format!("the outputs of row group {group} are inconsistent")))
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
        let chunk = Chunk { outputs: vec![RowOutput::NONE; 3], samples: vec![SampleOutput::NONE] };
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
