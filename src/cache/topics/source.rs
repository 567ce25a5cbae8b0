//! The prompts of a case as its snapshots have them, by the cache's row numbers.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Float32Type;
use rayon::prelude::*;

use super::prompts::{Content, Prompts, Visit};
use crate::cache::segment::SegmentColumn;
use crate::cache::{Cache, CacheError, RowId};
use crate::model::Watcher;
use crate::snapshot::{self, Column, Mapping, Sources};

/// A place in a file that the cache does not count: a duplicate.
const NOT_COUNTED: RowId = RowId::MAX;
/// Rows between two reports.
const REPORT: u64 = 16_384;

/// What a thread reads at once.
struct Task {
    path: PathBuf,
    name: String,
    mapping: Mapping,
    group: usize,
    file: usize,
}

/// The prompts of a case.
pub(super) struct Files {
    tasks: Vec<Task>,
    /// The row at each place of each file, or [`NOT_COUNTED`].
    rows_at: Vec<Vec<RowId>>,
    rows: usize,
    columns: Vec<Column>,
}

impl Files {
    /// Finds out where each row stands.
    ///
    /// # Errors
    /// Where the cache or a file cannot be read, or the case has no longer a file of the cache.
    pub(super) fn new(cache: &Cache, sources: &Sources, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let mut rows_at: Vec<Vec<RowId>> =
            cache.files().iter().map(|file| vec![NOT_COUNTED; file.rows as usize]).collect();
        for segment in cache.segments() {
            watcher.check()?;
            let columns = cache.read_segment_columns(segment, &[SegmentColumn::File, SegmentColumn::Row])?;
            let damaged =
                || CacheError::damaged(cache.path(), format!("segment {} names no place", segment.id));
            let files = columns.u32s(SegmentColumn::File).ok_or_else(damaged)?;
            let rows = columns.u32s(SegmentColumn::Row).ok_or_else(damaged)?;
            for (row_id, (&file, &row)) in (segment.first_row..).zip(files.iter().zip(rows)) {
                let place = rows_at.get_mut(file as usize).and_then(|rows| rows.get_mut(row as usize));
                *place.ok_or_else(damaged)? = row_id;
            }
        }
        let columns = [Column::PromptText, Column::PromptEmbedding];
        let columns = columns.into_iter().filter(|column| cache.has_column(column.name())).collect();
        Ok(Self { tasks: tasks(cache, sources)?, rows_at, rows: cache.hot().len(), columns })
    }

    fn read(
        &self,
        task: &Task,
        watcher: &dyn Watcher,
        each: &dyn Fn(usize),
        visit: &Visit<'_>,
    ) -> Result<(), CacheError> {
        let groups = Some(task.group..task.group + 1);
        for batch in snapshot::read(&task.path, &task.name, &task.mapping, &self.columns, groups)? {
            watcher.check()?;
            let batch = batch?;
            let column = |wanted| {
                let at = self.columns.iter().position(|&column| column == wanted)?;
                batch.columns.get(at)?.as_ref()
            };
            let texts = column(Column::PromptText).and_then(|array| array.as_string_opt::<i32>());
            let vectors = column(Column::PromptEmbedding).and_then(Vectors::of);
            let chunk: Vec<(RowId, Content<'_>)> = (0..batch.rows)
                .filter_map(|at| {
                    let place = usize::try_from(batch.first_row).ok()? + at;
                    let row = *self.rows_at[task.file].get(place)?;
                    let text = texts.filter(|texts| texts.is_valid(at)).map(|texts| texts.value(at));
                    let vector = vectors.as_ref().and_then(|vectors| vectors.at(at));
                    (row != NOT_COUNTED).then_some((row, Content { text, vector }))
                })
                .collect();
            visit(&chunk)?;
            each(batch.rows);
        }
        Ok(())
    }
}

fn tasks(cache: &Cache, sources: &Sources) -> Result<Vec<Task>, CacheError> {
    let mut tasks = Vec::new();
    for (at, known) in cache.files().iter().enumerate() {
        let found = sources.snapshots.iter().filter(|snapshot| snapshot.sha256 == known.snapshot).find_map(
            |snapshot| Some((snapshot, snapshot.files.iter().find(|file| file.name == known.name)?)),
        );
        let Some((snapshot, file)) = found else {
            return Err(CacheError::NoSuchFile { name: known.name.clone() });
        };
        let path = sources.path_of(snapshot, file);
        for group in 0..snapshot::row_groups(&path, &file.name)?.len() {
            let (name, mapping) = (file.name.clone(), snapshot.mapping.clone());
            tasks.push(Task { path: path.clone(), name, mapping, group, file: at });
        }
    }
    Ok(tasks)
}

/// A column of embeddings.
struct Vectors<'a> {
    array: &'a arrow::array::FixedSizeListArray,
    values: &'a [f32],
    length: usize,
}

impl<'a> Vectors<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        let array = array.as_fixed_size_list_opt()?;
        let values = array.values().as_primitive_opt::<Float32Type>()?.values();
        Some(Self { array, values, length: usize::try_from(array.value_length()).ok()? })
    }

    fn at(&self, row: usize) -> Option<&'a [f32]> {
        let start = row * self.length;
        self.array.is_valid(row).then(|| self.values.get(start..start + self.length)).flatten()
    }
}

impl Prompts for Files {
    fn rows(&self) -> usize {
        self.rows
    }

    fn has_text(&self) -> bool {
        self.columns.contains(&Column::PromptText)
    }

    fn has_vectors(&self) -> bool {
        self.columns.contains(&Column::PromptEmbedding)
    }

    fn visit(&self, phase: &str, watcher: &dyn Watcher, visit: &Visit<'_>) -> Result<(), CacheError> {
        let total = self.rows_at.iter().map(|rows| rows.len() as u64).sum();
        let done = AtomicU64::new(0);
        let each = |rows: usize| {
            let before = done.fetch_add(rows as u64, Ordering::Relaxed);
            let now = before + rows as u64;
            if before / REPORT != now / REPORT {
                watcher.step(phase, now, total, "rows");
            }
        };
        self.tasks.par_iter().try_for_each(|task| self.read(task, watcher, &each, visit))
    }
}
