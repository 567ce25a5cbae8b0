//! Files opened once for many questions, as while a mapping is edited.
//!
//! A file that cannot be opened is named with the reason; the others remain usable.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::look::{FileColumns, look_each};
use super::mapping::CUSTOM;
use super::propose::{MappingProposal, has_folder, problems_of, propose_for};
use super::{Column, Mapping, Origin, SnapshotError};

/// Files with their source columns.
pub struct OpenedFiles {
    pub(super) seen: Vec<FileColumns>,
    unreadable: Vec<UnreadableFile>,
}

/// File that cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableFile {
    /// Its name inside the snapshot.
    pub name: String,
    /// Reason and next step, in words.
    pub reason: String,
}

impl OpenedFiles {
    /// Opens the files and lists their columns. Reads footers and a few rows.
    pub fn open(files: &[(String, PathBuf)]) -> Self {
        let (seen, failed) = look_each(files);
        let unreadable =
            failed.into_iter().map(|(name, error)| UnreadableFile { name, reason: error.to_string() });
        Self { seen, unreadable: unreadable.collect() }
    }

    /// Files that cannot be opened.
    pub fn unreadable(&self) -> &[UnreadableFile] {
        &self.unreadable
    }

    /// Number of files that were opened.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// True if no file was opened.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Rows of all files.
    pub fn rows(&self) -> u64 {
        self.seen.iter().map(|file| file.rows).sum()
    }

    /// Proposed mapping, as [`propose`](super::propose()).
    pub fn proposal(&self) -> MappingProposal {
        propose_for(&self.seen)
    }

    /// Problems that prevent an import under a mapping, as [`problems`](super::problems).
    ///
    /// # Errors
    /// A name in the mapping that is not canonical, or an option that its column does not take.
    pub fn problems(&self, mapping: &Mapping) -> Result<Vec<String>, SnapshotError> {
        problems_of(&self.seen, mapping)
    }
}

impl Mapping {
    /// Mapping of a file of a few lines: canonical columns that it does not name are taken under
    /// their own names, or as the best preset has them, and so are rules for rows. `false` leaves a
    /// column out, and `rows = []` the rules.
    #[must_use]
    pub fn completed(self, proposal: &MappingProposal) -> Self {
        let named: BTreeSet<String> = self.columns.keys().cloned().collect();
        let mut mapping = self.with_own_names(&proposal.source_columns).or(&proposal.mapping);
        // Columns that are filled by their names have the options that the proposal gives them.
        for (name, origin) in mapping.columns.iter_mut().filter(|(name, _)| !named.contains(*name)) {
            match proposal.mapping.columns.get(name) {
                Some(proposed) if proposed.columns == origin.columns => *origin = proposed.clone(),
                _ => {}
            }
        }
        // A preset that knows no time of the files knows nothing of their rows.
        if proposal.mapping.source(Column::Ts).is_some() {
            mapping = mapping.or_rules(&proposal.mapping);
            if mapping.preset == CUSTOM && has_folder(&proposal.mapping.preset) {
                mapping.preset.clone_from(&proposal.mapping.preset);
            }
        }
        match mapping.unit.clone() {
            Some(unit) => mapping.with_unit(&unit),
            None => mapping,
        }
    }

    /// Mapping that [`completed`](Self::completed) does not add to: columns that it would fill are
    /// left out by name. For a file that is to mean the same wherever it is read.
    #[must_use]
    pub fn explicit(mut self, proposal: &MappingProposal) -> Self {
        let filled = self.clone().completed(proposal);
        for name in filled.columns.keys().cloned() {
            self.columns.entry(name).or_insert_with(Origin::left_out);
        }
        self.without.rows |= self.rows.is_empty() && !filled.rows.is_empty();
        self.without.join |= self.join.is_none() && filled.join.is_some();
        self.without.latest |= self.latest.is_none() && filled.latest.is_some();
        self
    }
}
