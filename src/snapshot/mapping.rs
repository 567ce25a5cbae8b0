//! Which source column is which canonical one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::SnapshotError;

/// Canonical column name to source column name, with the preset it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// `canonical`, `opentelemetry`, `litellm`, `langfuse`, `helicone`, or `custom`.
    pub preset: String,
    /// Canonical name to source name; canonical columns that are absent are not mapped.
    pub columns: std::collections::BTreeMap<String, String>,
}

/// What the presets make of some files, for the import dialog to show and change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingProposal {
    /// The best preset's mapping.
    pub mapping: Mapping,
    /// Every source column of the files, with its type in words, sorted by name.
    pub source_columns: Vec<(String, String)>,
    /// What stops an import under this mapping: “no time column …”. Empty when it can go ahead.
    pub problems: Vec<String>,
}

/// Reads the files' footers and proposes a mapping; `preset` names one to be used and no other.
///
/// # Errors
/// A file that cannot be read or is no Parquet, an unknown preset.
pub fn propose(files: &[(String, PathBuf)], preset: Option<&str>) -> Result<MappingProposal, SnapshotError> {
    todo!()
}
