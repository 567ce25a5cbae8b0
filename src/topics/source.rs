//! Prompts of a case, read from its snapshots by the row numbers of the cache.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::Float32Type;
use arrow_array::{Array, ArrayRef};

use super::prompts::{Content, Prompts, Visit};
use crate::cache::segment::SegmentColumn;
use crate::cache::{Cache, CacheError, CachedFile, RowId, UnreadablePlace};
use crate::model::{Digest, Watcher};
use crate::snapshot::{Column, File, Mapping, Piece, Sources, Unreadable, pieces};

/// Marks a place in a file that the cache does not count: a duplicate.
const NOT_COUNTED: RowId = RowId::MAX;

/// Row group, which one thread reads at a time.
struct Task {
    /// The file, its footer read once for all of its row groups.
    opened: File,
    mapping: Mapping,
    group: usize,
    file: usize,
    /// Its places in the file.
    places: Range<usize>,
}

/// Prompts of a case.
pub(super) struct Files {
    tasks: Vec<Task>,
    /// The row at each place of each file, or [`NOT_COUNTED`].
    rows_at: Vec<Vec<RowId>>,
    rows: usize,
    columns: Vec<Column>,
    /// Length of the embeddings; those of another length are missing.
    vector_length: Option<i32>,
    files: Vec<CachedFile>,
    /// Prompts that could not be read, by file, row and column.
    unreadable: Mutex<BTreeMap<(usize, u64, &'static str), UnreadablePlace>>,
    /// Prompts with bytes that are not UTF-8, by row group: each is read more than once.
    not_utf8: Mutex<BTreeMap<usize, u64>>,
}

impl Files {
    /// Finds the place of each row in the files.
    ///
    /// # Errors
    /// The cache or a file cannot be read, or the case has no longer a file of the cache.
    pub(super) fn new(cache: &Cache, sources: &Sources, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let mut rows_at: Vec<Vec<RowId>> =
            cache.files().iter().map(|file| vec![NOT_COUNTED; file.rows as usize]).collect();
        for segment in cache.segments() {
            watcher.check()?;
            let columns = cache.read_segment_columns(segment, &[SegmentColumn::File, SegmentColumn::Row])?;
            let damaged = || {
                CacheError::damaged(
                    cache.path(),
                    format!("segment {} has no places in the files", segment.id),
                )
            };
            let files = columns.u32s(SegmentColumn::File).ok_or_else(damaged)?;
            let rows = columns.u32s(SegmentColumn::Row).ok_or_else(damaged)?;
            for (row_id, (&file, &row)) in (segment.first_row..).zip(files.iter().zip(rows)) {
                let place = rows_at.get_mut(file as usize).and_then(|rows| rows.get_mut(row as usize));
                *place.ok_or_else(damaged)? = row_id;
            }
        }
        let tasks = tasks(cache, sources)?;
        let (unreadable, not_utf8) = (Mutex::default(), Mutex::default());
        let ((columns, vector_length), files) = (present(&tasks)?, cache.files().to_vec());
        Ok(Self {
            columns,
            vector_length,
            files,
            tasks,
            rows_at,
            rows: cache.hot().len(),
            unreadable,
            not_utf8,
        })
    }

    /// The prompts that could not be read so far, in the order of the files and their rows.
    pub(super) fn unreadable(self) -> Vec<UnreadablePlace> {
        self.unreadable.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
    }

    /// Records values that could not be read, each once; a row group is read more than once.
    fn note(&self, task: &Task, places: &[Unreadable]) {
        let mut known = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places {
            let key = (task.file, place.rows.start, place.column);
            known.entry(key).or_insert_with(|| UnreadablePlace::of(&self.files[task.file], place));
        }
    }
}

/// Columns of prompts that some file has, and the usual length of their embeddings: the most frequent
/// one, ties to the shorter. Reads the first rows of each file, since the cache does not store these
/// columns.
fn present(tasks: &[Task]) -> Result<(Vec<Column>, Option<i32>), CacheError> {
    const WANTED: [Column; 2] = [Column::PromptText, Column::PromptEmbedding];
    let mut has = [false; 2];
    let mut lengths: BTreeMap<i32, usize> = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.group == 0) {
        let first = pieces(&task.opened, &task.mapping, &WANTED, Some(0..1))?.next();
        let Some(Piece::Whole(batch) | Piece::Patched(batch, _)) = first.transpose()? else { continue };
        has.iter_mut().zip(&batch.columns).for_each(|(has, column)| *has |= column.is_some());
        if let Some(vectors) = batch.columns[1].as_ref().and_then(|array| array.as_fixed_size_list_opt()) {
            *lengths.entry(vectors.value_length()).or_default() += vectors.len() - vectors.null_count();
        }
    }
    let lengths = lengths.into_iter().filter(|&(length, _)| length > 0);
    let most = lengths.max_by_key(|&(length, count)| (count, -length));
    let columns = WANTED.into_iter().zip(has).filter(|(_, has)| *has).map(|(column, _)| column);
    Ok((columns.collect(), most.map(|(length, _)| length)))
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
        let opened = sources.open(snapshot, file)?;
        let mut start = 0;
        for (group, rows) in opened.row_groups().into_iter().enumerate() {
            let places = start..start + rows as usize;
            start = places.end;
            let (opened, mapping) = (opened.clone(), snapshot.mapping.clone());
            tasks.push(Task { opened, mapping, group, file: at, places });
        }
    }
    Ok(tasks)
}

/// A column of embeddings.
struct Vectors<'a> {
    array: &'a arrow_array::FixedSizeListArray,
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

    fn groups(&self) -> usize {
        self.tasks.len()
    }

    fn rows_of(&self, group: usize) -> Vec<RowId> {
        let Task { file, places, .. } = &self.tasks[group];
        let rows = self.rows_at[*file].get(places.clone()).unwrap_or_default();
        rows.iter().copied().filter(|&row| row != NOT_COUNTED).collect()
    }

    fn read(&self, group: usize, watcher: &dyn Watcher, visit: &mut Visit<'_>) -> Result<(), CacheError> {
        let task = &self.tasks[group];
        let groups = Some(task.group..task.group + 1);
        let pieces = pieces(&task.opened, &task.mapping, &self.columns, groups)?;
        let mut pieces = pieces.with_vector_length(self.vector_length);
        for piece in pieces.by_ref() {
            watcher.check()?;
            let batch = match piece? {
                Piece::Whole(batch) => batch,
                Piece::Patched(batch, places) => {
                    self.note(task, &places);
                    batch
                }
                // Neither text nor embedding is required, so no row is left out.
                Piece::LeftOut(_) => continue,
            };
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
        }
        let tally = pieces.into_tally();
        let replaced = tally.columns.get(&Column::PromptText).map_or(0, |prompts| prompts.replaced);
        self.not_utf8.lock().unwrap_or_else(PoisonError::into_inner).insert(group, replaced);
        Ok(())
    }

    fn not_utf8(&self) -> BTreeMap<Digest, u64> {
        let mut counts = BTreeMap::new();
        for (&group, &replaced) in self.not_utf8.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            *counts.entry(self.files[self.tasks[group].file].snapshot).or_default() += replaced;
        }
        counts
    }
}
