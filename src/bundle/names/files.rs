//! Log files, each with its name in a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::model::{Digest, ExchangeRef};

/// Names of log files as a bundle has them.
#[derive(Default)]
pub(super) struct FileNames {
    /// Names of files that have other names in the bundle.
    pub names: BTreeMap<String, String>,
    /// Names in them that have pseudonyms, each with the word of its kind.
    pub parts: BTreeSet<(&'static str, String)>,
    /// Snapshots with such files, each with its SHA-256 in the bundle.
    pub snapshots: BTreeMap<Digest, Renamed>,
    /// These names and hashes in prose, and what stands in their place.
    pub prose: Option<(AhoCorasick, Vec<String>)>,
}

/// A snapshot whose files have other names.
pub(super) struct Renamed {
    /// Its SHA-256 in the bundle.
    pub sha256: Digest,
    /// Positions of its files, in the order of their names in the bundle.
    pub order: Vec<usize>,
}

impl FileNames {
    /// Name of a file in the bundle.
    pub(super) fn name<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }

    /// SHA-256 of a snapshot in the bundle.
    pub(super) fn snapshot(&self, snapshot: Digest) -> Digest {
        self.snapshots.get(&snapshot).map_or(snapshot, |renamed| renamed.sha256)
    }

    /// Positions of the files of a snapshot in the order of their names in the bundle.
    pub(super) fn order(&self, snapshot: Digest) -> Option<&[usize]> {
        self.snapshots.get(&snapshot).map(|renamed| renamed.order.as_slice())
    }

    /// An exchange as the bundle names it.
    pub(super) fn exchange(&self, exchange: &ExchangeRef) -> ExchangeRef {
        ExchangeRef {
            snapshot: self.snapshot(exchange.snapshot),
            file: self.name(&exchange.file).to_owned(),
            row: exchange.row,
        }
    }

    /// Pairs of a file's own name and its name in the bundle.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(own, renamed)| (own.as_str(), renamed.as_str()))
    }

    /// Pairs of a snapshot's own SHA-256 and that in the bundle.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = (Digest, Digest)> {
        self.snapshots.iter().map(|(own, renamed)| (*own, renamed.sha256))
    }

    /// Places of such names and hashes in a text, with what takes their place.
    pub(super) fn hits(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let Some((found, with)) = &self.prose else { return Vec::new() };
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let hits = found.find_iter(text).filter(|hit| {
            !is_part(text[..hit.start()].chars().next_back()) && !is_part(text[hit.end()..].chars().next())
        });
        hits.map(|hit| (hit.range(), with[hit.pattern().as_usize()].as_str())).collect()
    }
}

/// Letters and digits of a name in lower case, with `_` for all marks between: file systems and exporters write other
/// marks than the log.
pub(in crate::bundle) fn key(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}
