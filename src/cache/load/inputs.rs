//! Files of a case in the order in which rows are numbered, and tasks for reading them in parallel.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{Array as _, ArrayRef};

use crate::cache::CacheError;
use crate::model::{Digest, Watcher};
use crate::snapshot::{Batch, Column, File, Mapping, Piece, Sources, Tally, Unreadable, latest, pieces};

/// Number of rows up to which row groups are read together, so that files of many small groups are read as
/// fast as others.
const TASK_ROWS: u64 = 200_000;

/// Columns that are read: all except texts and embeddings, which the text pass reads.
pub(super) const READ: [Column; Column::ALL.len() - 3] = {
    let mut read = [Column::Ts; Column::ALL.len() - 3];
    let (mut from, mut to) = (0, 0);
    while from < Column::ALL.len() {
        let column = Column::ALL[from];
        if !matches!(column, Column::PromptText | Column::ResponseText | Column::PromptEmbedding) {
            read[to] = column;
            to += 1;
        }
        from += 1;
    }
    read
};

/// Columns of the content of an exchange, read only if rows have to be compared.
pub(super) const CONTENT: [Column; 3] = [Column::PromptText, Column::ResponseText, Column::PromptEmbedding];

/// One file, in the order in which rows are numbered: by snapshot, then name.
pub(super) struct Input<'a> {
    /// Its position among all files.
    pub position: usize,
    pub snapshot: Digest,
    pub name: &'a str,
    pub sha256: Digest,
    /// The file, its footer read once.
    pub file: File,
    pub mapping: &'a Mapping,
    /// Its rows, counted over all files.
    pub rows: Range<u32>,
    /// Position of the first file of the same content, if that is another one; this file is then not read,
    /// and its rows are those of the first.
    pub same_as: Option<usize>,
    groups: Vec<u64>,
}

/// Consecutive row groups of one file, read by one thread.
#[derive(Clone)]
pub(super) struct Task<'a> {
    pub input: &'a Input<'a>,
    groups: Range<usize>,
    /// Its rows, counted over all files.
    pub rows: Range<u32>,
}

/// The files of all snapshots in order, with the row numbers by their footers. A snapshot that is
/// named twice is taken once.
pub(super) fn inputs(sources: &Sources) -> Result<Vec<Input<'_>>, CacheError> {
    let mut snapshots: Vec<_> = sources.snapshots.iter().collect();
    snapshots.sort_by_key(|snapshot| snapshot.sha256);
    snapshots.dedup_by_key(|snapshot| snapshot.sha256);
    let mut inputs: Vec<Input<'_>> = Vec::new();
    let mut first_of = BTreeMap::new();
    let mut total = 0_u64;
    for snapshot in snapshots {
        let mut files: Vec<_> = snapshot.files.iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        for file in files {
            let opened = sources.open(snapshot, file)?;
            let groups = opened.row_groups();
            let start = total;
            total += groups.iter().sum::<u64>();
            if total >= u64::from(u32::MAX) {
                return Err(CacheError::TooManyRows { rows: total });
            }
            let same_as = first_of.get(&file.content()).copied();
            first_of.entry(file.content()).or_insert(inputs.len());
            inputs.push(Input {
                position: inputs.len(),
                same_as,
                snapshot: snapshot.sha256,
                name: &file.name,
                sha256: file.sha256,
                file: opened,
                mapping: &snapshot.mapping,
                rows: start as u32..total as u32,
                groups,
            });
        }
    }
    Ok(inputs)
}

/// The canonical columns that some file has. From the footers, because texts and embeddings are
/// present without being read here.
pub(super) fn present(inputs: &[Input<'_>]) -> Result<BTreeSet<Column>, CacheError> {
    let mut present = BTreeSet::new();
    for input in inputs {
        present.extend(input.file.present(input.mapping)?);
    }
    Ok(present)
}

/// The rows of each snapshot, counted over all files.
pub(super) fn snapshot_rows(inputs: &[Input<'_>]) -> Vec<Range<u32>> {
    inputs
        .chunk_by(|a, b| a.snapshot == b.snapshot)
        .map(|files| files[0].rows.start..files[files.len() - 1].rows.end)
        .collect()
}

/// Reading tasks, in the order of their rows.
pub(super) fn tasks<'a>(inputs: &'a [Input<'a>]) -> Vec<Task<'a>> {
    let mut tasks: Vec<Task<'a>> = Vec::new();
    for input in inputs.iter().filter(|input| input.same_as.is_none()) {
        let mut start = input.rows.start;
        let mut fresh = true;
        for (at, &rows) in input.groups.iter().enumerate() {
            let end = start + rows as u32;
            match tasks.last_mut() {
                Some(task) if !fresh && u64::from(end - task.rows.start) <= TASK_ROWS => {
                    task.groups.end = at + 1;
                    task.rows.end = end;
                }
                _ => tasks.push(Task { input, groups: at..at + 1, rows: start..end }),
            }
            (start, fresh) = (end, false);
        }
    }
    tasks
}

impl Task<'_> {
    /// Reads columns of the task's rows and passes each batch to `take`. Values that cannot be read are null;
    /// rows without a readable account or time are left out. Returns the places of both.
    ///
    /// # Errors
    /// A file that cannot be opened or has other rows than its footer says, or what `take` returns.
    pub(super) fn read(
        &self,
        columns: &[Column],
        steps: &Steps<'_>,
        mut take: impl FnMut(&Batch) -> Result<(), CacheError>,
    ) -> Result<(Vec<Unreadable>, Tally), CacheError> {
        let Input { file, name, mapping, .. } = self.input;
        let (mut found, mut unreadable) = (0, Vec::new());
        let mut pieces = pieces(file, mapping, columns, Some(self.groups.clone()))?;
        for piece in pieces.by_ref() {
            steps.watcher.check()?;
            let rows = match piece? {
                Piece::Whole(batch) => {
                    take(&batch)?;
                    batch.rows as u64
                }
                Piece::Patched(batch, places) => {
                    take(&batch)?;
                    unreadable.extend(places);
                    batch.rows as u64
                }
                Piece::LeftOut(places) => {
                    let rows = places.first().map_or(0, |place| place.rows.end - place.rows.start);
                    unreadable.extend(places);
                    rows
                }
            };
            found += rows;
            steps.done(rows);
        }
        let expected = self.rows.len() as u64;
        if found == expected {
            return Ok((unreadable, pieces.into_tally()));
        }
        Err(CacheError::RowCount { name: (*name).to_owned(), expected, found })
    }
}

impl Task<'_> {
    /// The first row of a batch, counted over all files.
    pub(super) fn row_of(&self, batch: &Batch) -> u32 {
        self.input.rows.start + batch.first_row as u32
    }

    /// Order keys of the task's rows by the column that the mapping names for it; `None` where it
    /// names none. Values that cannot be read are missing.
    pub(super) fn latest(&self) -> Option<Vec<Option<i64>>> {
        let Input { file, mapping, .. } = self.input;
        let column = mapping.latest.as_deref()?;
        latest(file, column, self.groups.clone()).ok()
    }

    /// Error for a column that is absent or not of its type.
    pub(super) fn wrong(&self, column: Column, array: Option<&ArrayRef>) -> CacheError {
        let what = match array {
            Some(array) => format!("values of type {} were not expected", array.data_type()),
            None => "the file lacks it".to_owned(),
        };
        CacheError::ColumnType { name: self.input.name.to_owned(), column: column.name(), what }
    }
}

/// Progress over several threads.
pub(super) struct Steps<'a> {
    phase: &'a str,
    done: AtomicU64,
    total: u64,
    pub watcher: &'a dyn Watcher,
}

impl<'a> Steps<'a> {
    pub(super) fn new(phase: &'a str, total: u64, watcher: &'a dyn Watcher) -> Self {
        Self { phase, done: AtomicU64::new(0), total, watcher }
    }

    /// Adds rows that are done.
    pub(super) fn done(&self, rows: u64) {
        let done = self.done.fetch_add(rows, Ordering::Relaxed) + rows;
        self.watcher.step(self.phase, done, self.total, "rows");
    }
}
