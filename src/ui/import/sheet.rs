//! Input of the mapping editor in one frame: files, mapping, sample read with it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::edit::MappingEdit;
use crate::snapshot::{LeftOut, Mapping, MappingProposal, OpenedFiles, Preview};

/// Files that a job has opened.
pub struct Looked {
    /// The files.
    pub files: OpenedFiles,
    /// Names inside the snapshot, those that cannot be opened included.
    pub names: Vec<String>,
    /// Files and folders left out, with the rule.
    pub left_out: Vec<LeftOut>,
    /// The proposed mapping, and all source columns.
    pub proposal: MappingProposal,
}

impl Looked {
    /// Opens files as a mapping says and looks for the mapping that fits them best.
    pub fn open(files: &[(String, PathBuf)], left_out: Vec<LeftOut>, reading: &Mapping) -> Self {
        reading.choose_reading();
        let names = files.iter().map(|(name, _)| name.clone()).collect();
        let files = OpenedFiles::open(files);
        let proposal = files.proposal();
        Self { files, names, left_out, proposal }
    }
}

/// Input of a tab of the editor.
pub struct Sheet<'a> {
    /// The mapping.
    pub edit: &'a mut MappingEdit,
    /// The files.
    pub looked: &'a Looked,
    /// Sample under the mapping, or under the one before while a newer sample is on its way.
    pub preview: Option<&'a Preview>,
    /// First values of every source column.
    pub values: Option<&'a BTreeMap<String, Vec<String>>>,
}

impl Sheet<'_> {
    /// Type of a source column in words; empty where no file has it.
    pub fn kind_of(&self, name: &str) -> &str {
        let columns = &self.looked.proposal.source_columns;
        columns.iter().find(|(own, _)| own == name).map_or("", |(_, kind)| kind.as_str())
    }
}
