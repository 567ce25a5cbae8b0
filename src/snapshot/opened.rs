//! Files opened once for many questions, as while a mapping is edited.
//!
//! A file that cannot be opened is named with the reason; the others remain usable.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::look::{FileColumns, look_each};
use super::mapping::CUSTOM;
use super::preset::{USUAL, by_name};
use super::preset_folder::has_folder;
use super::propose::{Fit, MappingProposal, problems_of, propose_for};
use super::{Column, Mapping, Origin, SnapshotError};

/// Number of columns beside those of a mapping by which a preset knows the rows of some files.
const MIN_KNOWN: usize = 4;

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

/// True for a source in the metadata of an exchange. One system's gateway writes them, with another they are its
/// caller's.
fn is_of_callers(source: &str) -> bool {
    source.split(['.', '[']).next().is_some_and(|root| root.eq_ignore_ascii_case("metadata"))
}

impl Mapping {
    /// Mapping of a file of a few lines: canonical columns that it does not name are taken under
    /// their own names, or as a preset has them, and so are rules for rows. The preset is the one that the
    /// mapping names, else the one that fills most of what the mapping does not. `false` leaves a column
    /// out, and `rows = []` the rules.
    #[must_use]
    pub fn completed(self, proposal: &MappingProposal) -> Self {
        let named: BTreeSet<String> = self.columns.keys().cloned().collect();
        let Some(fit) = self.beside(proposal) else {
            return proposal.times.fill(proposal.within.fill(self.with_own_names(&proposal.source_columns)));
        };
        let is_of_preset = [&self.preset, &proposal.mapping.preset].contains(&&fit.mapping.preset);
        let mut fit = fit.clone();
        if !is_of_preset {
            let columns = &mut fit.mapping.columns;
            columns.values_mut().for_each(|origin| origin.columns.retain(|name| !is_of_callers(name)));
            columns.retain(|_, origin| !origin.columns.is_empty());
        }
        let mut mapping = self.with_own_names(&proposal.source_columns).or(&fit.mapping);
        // Columns that are filled by their names have the options that the proposal gives them.
        for (name, origin) in mapping.columns.iter_mut().filter(|(name, _)| !named.contains(*name)) {
            match fit.mapping.columns.get(name) {
                Some(proposed)
                    if proposed.columns == origin.columns
                        || fit.mapping.preset == USUAL && proposed.columns.len() > 1 =>
                {
                    *origin = proposed.clone();
                }
                _ => {}
            }
        }
        // A preset that knows no time of the files and few of their columns knows nothing of their rows.
        let added = fit.mapping.columns.keys().filter(|name| !named.contains(*name)).count();
        if fit.mapping.source(Column::Ts).is_some() || added >= MIN_KNOWN {
            if fit.has_rare_rules && mapping.preset != fit.mapping.preset {
                fit.mapping.rows.clear();
            }
            mapping = mapping.or_rules(&fit.mapping);
            if mapping.preset == CUSTOM && has_folder(&fit.mapping.preset) {
                mapping.preset.clone_from(&fit.mapping.preset);
            }
        }
        mapping = proposal.times.fill(proposal.within.fill(mapping));
        if !mapping.without.join && mapping.join.is_none() {
            mapping.join.clone_from(&proposal.paired);
        }
        match mapping.unit.clone() {
            Some(unit) => mapping.with_unit(&unit),
            None => mapping,
        }
    }

    /// Fit of the preset that the mapping names, else of the one that reads most columns beside those of the
    /// mapping and those under canonical names; of equal ones the best.
    fn beside<'a>(&self, proposal: &'a MappingProposal) -> Option<&'a Fit> {
        let wanted: Vec<&str> = by_name(&self.preset).iter().map(|preset| preset.title).collect();
        let is_wanted = |fit: &&Fit| wanted.is_empty() || wanted.contains(&fit.title);
        let own = self.clone().with_own_names(&proposal.source_columns);
        let read: BTreeSet<&str> = own.columns.values().flat_map(Origin::names).collect();
        proposal.fits.iter().filter(is_wanted).min_by_key(|fit| {
            let lacking =
                fit.lacking.iter().filter(|column| !own.columns.contains_key(column.name())).count();
            let others = fit.mapping.columns.iter().filter(|(name, _)| !own.columns.contains_key(*name));
            let sources = others.filter_map(|(_, origin)| origin.first()).filter(|name| !read.contains(name));
            (lacking, std::cmp::Reverse(sources.collect::<BTreeSet<_>>().len()))
        })
    }

    /// Mapping that [`completed`](Self::completed) does not add to: columns that it would fill are
    /// left out by name. For a file that is to mean the same wherever it is read.
    #[must_use]
    pub fn explicit(mut self, proposal: &MappingProposal) -> Self {
        let mut filled = self.clone().completed(proposal);
        // Another preset may be the one to add columns once those of the first are named.
        while filled.columns.len() > self.columns.len() {
            for name in filled.columns.keys().cloned() {
                self.columns.entry(name).or_insert_with(Origin::left_out);
            }
            filled = self.clone().completed(proposal);
        }
        self.without.rows |= self.rows.is_empty() && !filled.rows.is_empty();
        self.without.join |= self.join.is_none() && filled.join.is_some();
        self.without.latest |= self.latest.is_none() && filled.latest.is_some();
        self
    }
}
