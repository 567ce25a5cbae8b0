//! Importing into a case and opening one: the same for the window and the commands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::Cache;
use crate::case::{Access, Case};
use crate::leads::Leads;
use crate::model::Watcher;
use crate::snapshot::{Mapping, Sealing, Sources};

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The case's folder; made where there is none.
    pub case_dir: PathBuf,
    /// Parquet files, or folders in which to look for them.
    pub paths: Vec<PathBuf>,
    /// The column mapping; `None` to let the presets decide.
    pub mapping: Option<Mapping>,
    /// Copy or reference.
    pub sealing: Sealing,
}

/// An open case with its cache and leads.
pub struct Session {
    /// The case.
    pub case: Case,
    /// Its cache.
    pub cache: Arc<Cache>,
    /// Its leads.
    pub leads: Arc<Leads>,
    /// Its snapshots and where they are.
    pub sources: Arc<Sources>,
}

/// Seals the files into the case and builds its cache anew. When it fails or is cancelled the
/// case is as it was before, or is not there if it was not.
///
/// # Errors
/// What was wrong with which file, and what to do.
pub fn import(request: &ImportRequest, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    todo!()
}

/// Opens a case, rebuilding its cache and leads where they are missing, unfinished or of another
/// version.
///
/// # Errors
/// Where the case or one of its snapshots cannot be opened.
pub fn open(case_dir: &Path, access: Access, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    todo!()
}
