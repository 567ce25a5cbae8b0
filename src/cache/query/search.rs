//! Words in prompts and responses, scanned in the snapshots themselves.

use std::ops::Range;
use std::path::PathBuf;

use arrow::array::{Array, AsArray, StringArray};
use rayon::prelude::*;

use crate::cache::text::{Places, source};
use crate::cache::{Cache, CacheError, RowId, Selection};
use crate::model::Watcher;
use crate::snapshot::{self, Column, Mapping, Sources};

/// One exchange that has the words.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which exchange.
    pub row: RowId,
    /// `prompt_text` or `response_text`.
    pub column: &'static str,
    /// Some 80 characters around the first word found, as the log has them; hostile.
    pub excerpt: String,
}

/// Finds the exchanges of a selection whose prompt or response has every word (case folded,
/// anywhere in the text; a phrase in double quotes is one word). Hits go to `found` as they come,
/// file by file; stops after `limit` hits and says whether it did.
///
/// # Errors
/// Where a snapshot's file has changed or cannot be read, or there are no words, or the work is
/// cancelled.
pub fn search(
    cache: &Cache,
    sources: &Sources,
    selection: &Selection,
    words: &str,
    limit: usize,
    found: &mut dyn FnMut(Hit),
    watcher: &dyn Watcher,
) -> Result<bool, CacheError> {
    let words = parse(words);
    if words.is_empty() {
        return Err(CacheError::NoWords);
    }
    if limit == 0 || selection.exchanges == 0 {
        return Ok(selection.exchanges > 0);
    }
    let mut selected = vec![false; cache.hot().len()];
    for run in &selection.runs {
        selected[run.start as usize..run.end as usize].fill(true);
    }
    let scan = Scan { cache, words, limit, selected, places: cache.places()?, watcher };
    let tasks = scan.tasks(sources)?;
    let total = tasks.iter().map(|task| task.rows.end - task.rows.start).sum();
    let (mut hits, mut done) = (0, 0);
    // A wave of row groups at a time, handed on in order: the same hits whatever the threads.
    for wave in tasks.chunks(rayon::current_num_threads().max(1)) {
        let of_wave = wave.par_iter().map(|task| scan.run(task)).collect::<Result<Vec<_>, CacheError>>()?;
        for hit in of_wave.into_iter().flatten() {
            if hits == limit {
                return Ok(true);
            }
            hits += 1;
            found(hit);
        }
        done += wave.iter().map(|task| task.rows.end - task.rows.start).sum::<u64>();
        watcher.step("searching", done, total, "rows");
    }
    Ok(false)
}

/// One row group that holds selected exchanges.
struct Task<'a> {
    file: usize,
    path: PathBuf,
    mapping: &'a Mapping,
    group: usize,
    rows: Range<u64>,
}

struct Scan<'a> {
    cache: &'a Cache,
    words: Vec<String>,
    limit: usize,
    selected: Vec<bool>,
    places: &'a Places,
    watcher: &'a dyn Watcher,
}

impl Scan<'_> {
    /// The selected row of the cache that stands at a row of a file.
    fn selected_at(&self, file: usize, row: u64) -> Option<RowId> {
        self.places.row_at(file, row).filter(|row| self.selected[*row as usize])
    }

    /// The row groups to look into, by file, then row.
    fn tasks<'s>(&self, sources: &'s Sources) -> Result<Vec<Task<'s>>, CacheError> {
        let mut tasks = Vec::new();
        for (file, known) in self.cache.files().iter().enumerate() {
            self.watcher.check()?;
            let Some(first) = (0..known.rows).find(|&row| self.selected_at(file, row).is_some()) else {
                continue;
            };
            let (path, mapping) = source(sources, self.cache, file as u32)?;
            // A hit names an exchange of the sealed file, so the text has to be that file's.
            self.cache.check_unchanged(file as u32, &path, first, self.watcher)?;
            let mut start = 0;
            for (group, count) in snapshot::row_groups(&path, &known.name)?.into_iter().enumerate() {
                let rows = start..start + count;
                start = rows.end;
                if rows.clone().any(|row| self.selected_at(file, row).is_some()) {
                    tasks.push(Task { file, path: path.clone(), mapping, group, rows });
                }
            }
        }
        Ok(tasks)
    }

    /// The hits of one row group in order; one more than the limit at most, which tells that
    /// there are more.
    fn run(&self, task: &Task<'_>) -> Result<Vec<Hit>, CacheError> {
        const COLUMNS: [Column; 2] = [Column::PromptText, Column::ResponseText];
        let name = &self.cache.files()[task.file].name;
        let groups = Some(task.group..task.group + 1);
        let (mut hits, mut folded) = (Vec::new(), String::new());
        for batch in snapshot::read(&task.path, name, task.mapping, &COLUMNS, groups)? {
            self.watcher.check()?;
            let batch = batch?;
            let texts: Vec<(&'static str, &StringArray)> = COLUMNS
                .iter()
                .zip(&batch.columns)
                .filter_map(|(column, array)| Some((column.name(), array.as_ref()?.as_string_opt::<i32>()?)))
                .collect();
            for at in 0..batch.rows {
                let Some(row) = self.selected_at(task.file, batch.first_row + at as u64) else { continue };
                let hit = texts.iter().find_map(|(column, texts)| {
                    let text = texts.is_valid(at).then(|| texts.value(at))?;
                    Some(Hit { row, column, excerpt: excerpt(text, &self.words, &mut folded)? })
                });
                hits.extend(hit);
                if hits.len() > self.limit {
                    return Ok(hits);
                }
            }
        }
        Ok(hits)
    }
}

/// The words of a search, case folded; what stands in double quotes is one word.
fn parse(words: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, part) in words.split('"').enumerate() {
        let mut folded = String::new();
        fold(part, &mut folded);
        if at % 2 == 1 {
            found.push(folded);
        } else {
            found.extend(folded.split_whitespace().map(str::to_owned));
        }
    }
    found.retain(|word| !word.trim().is_empty());
    found
}

/// Writes the text in lower case, character by character, so that places can be told again.
fn fold(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(text.chars().flat_map(char::to_lowercase));
    }
}

/// Some 80 characters around the first word, or `None` where a word is missing. `folded` is
/// room to work in.
fn excerpt(text: &str, words: &[String], folded: &mut String) -> Option<String> {
    const BEFORE: usize = 30;
    const LENGTH: usize = 80;
    fold(text, folded);
    let place = folded.find(words.first()?.as_str())?;
    if !words[1..].iter().all(|word| folded.contains(word.as_str())) {
        return None;
    }
    let mut passed = 0;
    let before = text.chars().take_while(|c| {
        passed += c.to_lowercase().map(char::len_utf8).sum::<usize>();
        passed <= place
    });
    let start = before.count().saturating_sub(BEFORE);
    Some(text.chars().skip(start).take(LENGTH).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_one_word_and_case_is_folded() {
        assert_eq!(parse("Grade \"the Answer\" Äh"), ["grade", "the answer", "äh"]);
        assert!(parse(" \"\" ").is_empty());
    }

    #[test]
    fn an_excerpt_has_the_word_where_folding_changes_lengths() {
        let text = format!("{}needle{}", "İ".repeat(50), "x".repeat(200));
        let found = excerpt(&text, &["needle".into()], &mut String::new()).unwrap();
        assert!(found.starts_with(&"İ".repeat(30)) && found.contains("needle"));
        assert_eq!(found.chars().count(), 80);
        assert_eq!(excerpt("one two", &["one".into(), "three".into()], &mut String::new()), None);
    }
}
