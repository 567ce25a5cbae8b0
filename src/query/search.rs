//! Search for words in prompts and responses, by scanning the snapshots.
//!
//! Threads take row groups in file order. Hits are returned in that order, as soon as all row groups
//! before are finished, so that the order of hits does not depend on threads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow_array::StringArray;
use arrow_array::cast::AsArray;

use super::words::{Scratch, Words};
use crate::cache::Places;
use crate::cache::text::source;
use crate::cache::{Cache, CacheError, RowId, UnreadablePlace};
use crate::model::Watcher;
use crate::query::Selection;
use crate::snapshot::{Column, File, Mapping, Piece, Sources, pieces};

/// Rows between two reports.
const REPORT: u64 = 65_536;

/// Exchange that has the words.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The exchange.
    pub row: RowId,
    /// `prompt_text` or `response_text`.
    pub column: &'static str,
    /// About 80 characters around the first word found, as logged; hostile.
    pub excerpt: String,
}

/// Result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// True if there are more hits than the limit.
    pub more: bool,
    /// Texts that could not be read and were not searched, in the order of the files and their
    /// rows.
    pub unreadable: Vec<UnreadablePlace>,
}

/// Finds the exchanges of a selection whose prompt or response has every word: case-folded, anywhere
/// in the text, a phrase in double quotes as one word. Calls `found` with each hit in the order of the
/// files and their rows, independent of threads. One hit per exchange: that in its prompt if both have
/// the words. Stops after `limit` hits. Texts that cannot be read are skipped and returned. Row groups
/// without a selected row are not read.
///
/// # Errors
/// A snapshot's file has changed or cannot be opened, there are no words, or the work was cancelled.
/// Hits found before have been passed to `found`.
pub fn search(
    cache: &Cache,
    sources: &Sources,
    selection: &Selection,
    words: &str,
    limit: usize,
    found: &mut (dyn FnMut(Hit) + Send),
    watcher: &dyn Watcher,
) -> Result<Searched, CacheError> {
    let words = Words::parse(words).ok_or(CacheError::NoWords)?;
    if limit == 0 || selection.exchanges == 0 {
        return Ok(Searched { more: selection.exchanges > 0, unreadable: Vec::new() });
    }
    watcher.step("finding the rows of the scope", 0, 0, "rows");
    let own;
    let places = if selection.exchanges == cache.hot().len() as u64 {
        cache.places()?
    } else {
        own = cache.places_of(&selection.runs)?;
        &own
    };
    watcher.check()?;
    let tasks = tasks(cache, places, sources)?;
    let scan = Scan {
        cache,
        words,
        limit,
        places,
        next: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        done: AtomicU64::new(0),
        total: tasks.iter().map(|task| task.rows.end - task.rows.start).sum(),
        unchanged: cache.files().iter().map(|_| Mutex::new(false)).collect(),
        stream: Mutex::new(Stream { found, limit, given: 0, next: 0, more: false, waiting: BTreeMap::new() }),
        unreadable: Mutex::default(),
        watcher,
        tasks,
    };
    scan.report(0);
    // Own threads, so that views do not wait for the reading of a row group.
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(scan.tasks.len());
    let failure = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| scan.work())).collect();
        let failed = |worker: std::thread::ScopedJoinHandle<'_, Result<(), (usize, CacheError)>>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).err()
        };
        workers.into_iter().filter_map(failed).min_by_key(|(task, _)| *task)
    });
    let stream = scan.stream.into_inner().unwrap_or_else(PoisonError::into_inner);
    let unreadable = scan.unreadable.into_inner().unwrap_or_else(PoisonError::into_inner);
    let unreadable = unreadable.into_values().collect();
    match failure {
        // With `more`, all requested hits were found before the failure.
        Some((_, error)) if !stream.more => Err(error),
        _ => Ok(Searched { more: stream.more, unreadable }),
    }
}

/// One row group that holds selected exchanges.
struct Task<'a> {
    file: usize,
    path: PathBuf,
    /// The file, its footer read once for all of its row groups.
    opened: File,
    mapping: &'a Mapping,
    group: usize,
    /// Its rows in the file.
    rows: Range<u64>,
    /// First selected row.
    first: u64,
}

/// Row groups to search, by file, then row.
fn tasks<'s>(cache: &Cache, places: &Places, sources: &'s Sources) -> Result<Vec<Task<'s>>, CacheError> {
    let mut tasks = Vec::new();
    for (file, known) in cache.files().iter().enumerate() {
        let is_selected = |row: &u64| places.row_at(file, *row).is_some();
        if !(0..known.rows).any(|row| is_selected(&row)) {
            continue;
        }
        let (snapshot, of_case) = source(sources, cache, file as u32)?;
        let (path, mapping) = (sources.path_of(snapshot, of_case), &snapshot.mapping);
        let mut start = 0;
        let opened = sources.open(snapshot, of_case)?;
        for (group, count) in opened.row_groups().into_iter().enumerate() {
            let rows = start..start + count;
            start = rows.end;
            if let Some(first) = rows.clone().find(is_selected) {
                let (path, opened) = (path.clone(), opened.clone());
                tasks.push(Task { file, path, opened, mapping, group, rows, first });
            }
        }
    }
    Ok(tasks)
}

/// Search in progress.
struct Scan<'a> {
    cache: &'a Cache,
    words: Words,
    limit: usize,
    /// The selected rows, by place.
    places: &'a Places,
    tasks: Vec<Task<'a>>,
    /// Next row group that no thread has taken.
    next: AtomicUsize,
    /// True once no more hits are needed.
    stopped: AtomicBool,
    done: AtomicU64,
    total: u64,
    /// True for each file that was found unchanged since its import.
    unchanged: Vec<Mutex<bool>>,
    stream: Mutex<Stream<'a>>,
    /// Texts that could not be read, by file, row and column.
    unreadable: Mutex<BTreeMap<(usize, u64, &'static str), UnreadablePlace>>,
    watcher: &'a dyn Watcher,
}

impl Scan<'_> {
    /// Searches row groups until none is left. An error names its row group.
    fn work(&self) -> Result<(), (usize, CacheError)> {
        let mut scratch = Scratch::default();
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = self.tasks.get(at) else { return Ok(()) };
            let done = self.run(at, task, &mut scratch).inspect_err(|_| self.stop());
            done.map_err(|error| (at, error))?;
            if self.stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
    }

    fn run(&self, at: usize, task: &Task<'_>, scratch: &mut Scratch) -> Result<(), CacheError> {
        const COLUMNS: [Column; 2] = [Column::PromptText, Column::ResponseText];
        self.watcher.check()?;
        self.check_unchanged(task)?;
        let groups = Some(task.group..task.group + 1);
        let mut hits = 0;
        for piece in pieces(&task.opened, task.mapping, &COLUMNS, groups)? {
            self.watcher.check()?;
            if self.stopped.load(Ordering::Relaxed) || hits > self.limit {
                break;
            }
            let batch = match piece? {
                Piece::Whole(batch) => batch,
                Piece::Patched(batch, places) => {
                    let mut known = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
                    let keyed = places.iter().map(|place| {
                        (
                            (task.file, place.rows.start, place.column),
                            UnreadablePlace::of(&self.cache.files()[task.file], place),
                        )
                    });
                    known.extend(keyed);
                    batch
                }
                // No text is required, so no row is left out.
                Piece::LeftOut(_) => continue,
            };
            let texts: Vec<(&'static str, &StringArray)> = COLUMNS
                .iter()
                .zip(&batch.columns)
                .filter_map(|(column, array)| Some((column.name(), array.as_ref()?.as_string_opt::<i32>()?)))
                .collect();
            let found = self.of_batch(task.file, batch.first_row, &texts, scratch);
            hits += found.len();
            self.deliver(at, found, false);
            self.report(batch.rows as u64);
        }
        self.deliver(at, Vec::new(), true);
        Ok(())
    }

    /// The hits of one batch, in order, one an exchange.
    fn of_batch(
        &self,
        file: usize,
        first: u64,
        texts: &[(&'static str, &StringArray)],
        scratch: &mut Scratch,
    ) -> Vec<Hit> {
        let row_at = |at: usize| self.places.row_at(file, first + at as u64);
        let mut found: BTreeMap<usize, Hit> = BTreeMap::new();
        for &(column, texts) in texts {
            let mut hits = Vec::new();
            let wanted = |at: usize| row_at(at).is_some() && !found.contains_key(&at);
            self.words.find(texts, scratch, wanted, |at, excerpt| {
                hits.extend(row_at(at).map(|row| (at, Hit { row, column, excerpt })));
                // One hit above the limit shows that there are more.
                hits.len() <= self.limit
            });
            found.extend(hits);
        }
        found.into_values().collect()
    }

    /// Passes hits of a row group to the stream.
    fn deliver(&self, task: usize, hits: Vec<Hit>, done: bool) {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take(task, hits, done);
        if stream.more {
            self.stop();
        }
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Checks that the file is the sealed one, which a hit refers to. Other threads wait for the check.
    fn check_unchanged(&self, task: &Task<'_>) -> Result<(), CacheError> {
        let mut checked = self.unchanged[task.file].lock().unwrap_or_else(PoisonError::into_inner);
        if !*checked {
            self.cache.check_unchanged(task.file as u32, &task.path, task.first, self.watcher)?;
            *checked = true;
        }
        Ok(())
    }

    fn report(&self, rows: u64) {
        let before = self.done.fetch_add(rows, Ordering::Relaxed);
        let now = before + rows;
        if rows == 0 || before / REPORT != now / REPORT {
            self.watcher.step("searching", now, self.total, "rows");
        }
    }
}

/// Hits in the order of the row groups, independent of the order in which these end.
struct Stream<'a> {
    found: &'a mut (dyn FnMut(Hit) + Send),
    limit: usize,
    given: usize,
    /// First row group that has not ended.
    next: usize,
    more: bool,
    /// Hits of row groups that wait for an earlier one, with true for finished ones.
    waiting: BTreeMap<usize, (Vec<Hit>, bool)>,
}

impl Stream<'_> {
    fn take(&mut self, task: usize, hits: Vec<Hit>, done: bool) {
        let own = self.waiting.entry(task).or_default();
        own.0.extend(hits);
        own.1 |= done;
        while let Some((hits, done)) = self.waiting.get_mut(&self.next) {
            for hit in hits.drain(..) {
                if self.given == self.limit {
                    self.more = true;
                    return;
                }
                self.given += 1;
                (self.found)(hit);
            }
            if !*done {
                return;
            }
            self.waiting.remove(&self.next);
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::{Cancelled, Progress, Scope, Silent};
    use crate::query::select;

    /// Three files of 40 exchanges; every second one is about bread.
    fn bakery(folder: &std::path::Path) -> (Cache, Sources) {
        let files: Vec<(String, Vec<Row>)> = (0..3)
            .map(|file| {
                let rows = (0..40).map(|n| Row {
                    prompt: Some(format!("{} number {n}", if n % 2 == 0 { "Bread" } else { "stone" })),
                    ..row(["amy", "bob"][n % 4 / 2], 1_000 * file + n as i64)
                });
                (format!("{file}.parquet"), rows.collect())
            })
            .collect();
        let files: Vec<(&str, Vec<Row>)> =
            files.iter().map(|(name, rows)| (name.as_str(), rows.clone())).collect();
        cache(folder, vec![snapshot(folder, &files)])
    }

    fn found(bakery: &(Cache, Sources), scope: &Scope, words: &str, limit: usize) -> (Vec<RowId>, bool) {
        let selection = select(&bakery.0, scope, &Silent).unwrap();
        let mut hits = Vec::new();
        let mut take = |hit: Hit| hits.push(hit.row);
        let searched = search(&bakery.0, &bakery.1, &selection, words, limit, &mut take, &Silent).unwrap();
        assert_eq!(searched.unreadable, []);
        (hits, searched.more)
    }

    #[test]
    fn hits_come_in_file_order_and_a_limit_cuts_the_same_ones() {
        let folder = tempfile::tempdir().unwrap();
        let bakery = bakery(folder.path());
        let everything = Scope::default();
        let (all, more) = found(&bakery, &everything, "bread", 1_000);
        assert_eq!((all.len(), more), (60, false));
        let names: Vec<_> = all.iter().map(|&row| bakery.0.exchange_ref(row).unwrap()).collect();
        assert!(names.is_sorted_by_key(|name| (name.file.clone(), name.row)));
        for _ in 0..20 {
            assert_eq!(found(&bakery, &everything, "bread", 25), (all[..25].to_vec(), true));
        }
        assert_eq!(found(&bakery, &everything, "bread", 60), (all, false));
    }

    #[test]
    fn only_the_selection_is_searched() {
        let folder = tempfile::tempdir().unwrap();
        let bakery = bakery(folder.path());
        let amy = Scope::default().with_account("amy".into());
        let (hits, _) = found(&bakery, &amy, "bread number", 1_000);
        assert_eq!(hits.len(), 30);
        assert!(hits.iter().all(|&row| bakery.0.hot().account_of(row) == 0));
        assert_eq!(found(&bakery, &Scope::default().with_account("zoe".into()), "bread", 9), (vec![], false));
        let selection = select(&bakery.0, &amy, &Silent).unwrap();
        let none = search(&bakery.0, &bakery.1, &selection, " ", 9, &mut |_| (), &Silent);
        assert!(matches!(none, Err(CacheError::NoWords)));
    }

    /// Says stop when the first hit has come.
    struct Enough(AtomicBool);

    impl Watcher for Enough {
        fn report(&self, _: Progress) {}

        fn is_cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn cancelled_it_stops_and_what_was_found_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, sources) = bakery(folder.path());
        let selection = select(&cache, &Scope::default(), &Silent).unwrap();
        let (enough, mut hits) = (Enough(AtomicBool::new(false)), 0);
        let mut take = |_: Hit| {
            hits += 1;
            enough.0.store(true, Ordering::Relaxed);
        };
        let ended = search(&cache, &sources, &selection, "bread", 1_000, &mut take, &enough);
        assert!(matches!(ended, Err(CacheError::Cancelled(Cancelled))));
        assert!((1..60).contains(&hits), "{hits}");
    }
}
