//! Continuation rows: one long exchange in several rows, joined in the order of a number.
//!
//! Their texts are kept in an unnamed temporary file once they are large: only the places are in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, RecordBatch, StringArray};
use serde_json::value::RawValue;

use super::clock::{Clock, parse_time};
use super::convert::as_text;
use super::file::{File, guarded};
use super::kept_texts::KeptTexts;
use super::mapping::Join;
use super::missing::is_placeholder;
use super::raw::{Raw, Wanted};
use super::source::{Found, Place, locate};
use super::{SnapshotError, extract, json};

/// Number of rows decoded at a time.
const BATCH_ROWS: usize = 1_024;

/// Joined rows of a file.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// First row of an exchange in several rows, with its continuation rows in order.
    others: BTreeMap<u64, Vec<u64>>,
    /// Continuation row, with the first row of its exchange.
    first: BTreeMap<u64, u64>,
}

/// Row of an exchange in several rows.
struct Numbered {
    number: f64,
    row: u64,
    account: Option<String>,
    /// True for a row with a prompt where rows are ordered by time: a key that a caller sends with all his calls would
    /// make one exchange of them, since no time repeats.
    begins: bool,
}

/// Number of a text by which rows are ordered: itself, or microseconds of a time.
pub(super) fn number_of(text: &str) -> Option<f64> {
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.or_else(|| parse_time(text, &Clock::utc(), None).ok().map(|moment| moment as f64))
}

/// Rows of one key, parted into exchanges: by account where there are several, and where a number occurs again
/// or falls back although numbers repeat, since then the key names more than one exchange.
fn exchanges(rows: Vec<Numbered>) -> Vec<Vec<Numbered>> {
    let accounts: BTreeSet<&String> = rows.iter().filter_map(|row| row.account.as_ref()).collect();
    let are_several = accounts.len() > 1;
    let mut by_account: BTreeMap<Option<String>, Vec<Numbered>> = BTreeMap::new();
    for row in rows {
        let account = row.account.clone().filter(|_| are_several);
        by_account.entry(account).or_default().push(row);
    }
    let goes_on = |open: &[Numbered], row: &Numbered| {
        open.last()
            .is_some_and(|last| last.number < row.number && (!are_several || last.account == row.account))
    };
    let mut parted: Vec<Vec<Numbered>> = Vec::new();
    for mut rows in by_account.into_values() {
        let mut numbers: Vec<f64> = rows.iter().map(|row| row.number).collect();
        numbers.sort_by(f64::total_cmp);
        if numbers.windows(2).all(|pair| pair[0] < pair[1]) {
            rows.sort_by(|a, b| a.number.total_cmp(&b.number));
            let begin = parted.len();
            for row in rows {
                match parted.get_mut(begin..).and_then(<[_]>::last_mut) {
                    Some(open) if !row.begins => open.push(row),
                    _ => parted.push(vec![row]),
                }
            }
            continue;
        }
        for row in rows {
            match parted.last_mut() {
                Some(open) if goes_on(open, &row) => {
                    open.push(row);
                }
                _ => parted.push(vec![row]),
            }
        }
    }
    parted
}

/// The parts of a message as one text: messages of one list if each part is JSON by itself, else the parts one
/// after another.
fn whole_of(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    let parsed: Option<Vec<&RawValue>> = parts
        .iter()
        .map(|part| serde_json::from_str(part).ok().filter(|raw: &&RawValue| json::is_container(raw.get())))
        .collect();
    let Some(parsed) = parsed.filter(|parsed| parsed.len() > 1) else { return parts.concat() };
    let inner =
        |raw: &&RawValue| match raw.get().trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(items) => items.trim().to_owned(),
            None => raw.get().to_owned(),
        };
    let items: Vec<String> = parsed.iter().map(inner).filter(|items| !items.is_empty()).collect();
    format!("[{}]", items.join(","))
}

impl Joined {
    /// Joined rows of a file, computed once and kept with it. `accounts` are the sources of the account: rows
    /// of two accounts are never joined. `prompt` is the source of the prompt where rows are ordered by time. `None` if the
    /// file lacks a column of the join.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(
        file: &File,
        join: &Join,
        accounts: &[String],
        prompt: Option<&str>,
    ) -> Result<Option<Arc<Self>>, SnapshotError> {
        let (Some(by), Some(order)) = (locate(file, &join.by)?, locate(file, &join.order)?) else {
            return Ok(None);
        };
        let mut found = vec![by, order];
        let prompt = prompt.map(|name| locate(file, name)).transpose()?.flatten();
        let has_prompt = prompt.is_some();
        found.extend(prompt);
        for account in accounts {
            found.extend(locate(file, account)?.filter(|found| matches!(found.place, Place::Rows(_))));
        }
        let key = format!("join {} {} {}", join.by, join.order, accounts.join(" "));
        file.keep(key, || Self::read(file, &found, has_prompt)).map(Some)
    }

    fn read(file: &File, found: &[Found], has_prompt: bool) -> Result<Self, SnapshotError> {
        let accounts = 2 + usize::from(has_prompt);
        let mut rows: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
        each_batch(file, &found.iter().collect::<Vec<_>>(), |first_row, batch| {
            let columns = found.iter().map(|found| texts(batch, found)).collect::<Result<Vec<_>, _>>()?;
            let text = |column: usize, i: usize| {
                columns.get(column).filter(|texts| texts.is_valid(i)).map(|texts| texts.value(i))
            };
            for i in 0..batch.num_rows() {
                let number = text(1, i).and_then(number_of);
                if let (Some(key), Some(number)) = (text(0, i).filter(|key| !is_placeholder(key)), number) {
                    let account =
                        (accounts..columns.len()).find_map(|at| text(at, i).filter(|id| !is_placeholder(id)));
                    let row = first_row + i as u64;
                    rows.entry(key.to_owned()).or_default().push(Numbered {
                        number,
                        row,
                        account: account.map(str::to_owned),
                        begins: has_prompt && text(2, i).is_some_and(|prompt| !is_placeholder(prompt)),
                    });
                }
            }
            Ok(())
        })?;
        let mut joined = Self::default();
        for rows in rows.into_values().filter(|rows| rows.len() > 1).flat_map(exchanges) {
            let (Some(first), others) = (rows.first(), rows.iter().skip(1).map(|row| row.row)) else {
                continue;
            };
            let others: Vec<u64> = others.collect();
            joined.first.extend(others.iter().map(|&row| (row, first.row)));
            if !others.is_empty() {
                joined.others.insert(first.row, others);
            }
        }
        Ok(joined)
    }

    /// True for a continuation row.
    pub fn goes_on(&self, row: u64) -> bool {
        self.first.contains_key(&row)
    }

    /// Texts of a column, each with the texts of its continuation rows appended. `row` maps an index of
    /// the array to the row in the file.
    ///
    /// # Errors
    /// Arrow cannot read the column as text.
    pub fn texts(
        &self,
        file: &File,
        found: &Found,
        array: &ArrayRef,
        row: impl Fn(usize) -> u64,
    ) -> Result<ArrayRef, String> {
        if self.others.is_empty() {
            return Ok(Arc::clone(array));
        }
        let key = format!("text {}", found.name);
        let more = file.keep(key, || self.continuations(file, found)).map_err(|e| e.to_string())?;
        let own = as_text(array)?;
        let whole = own.iter().enumerate().map(|(i, text)| {
            let others = self.others.get(&row(i)).into_iter().flatten();
            let others: Vec<String> =
                others.filter_map(|row| more.get(*row).transpose()).collect::<Result<_, _>>()?;
            let others: Vec<&str> = others.iter().map(String::as_str).collect();
            Ok(match (text, others.is_empty()) {
                (None, true) => None,
                (text, true) => text.map(str::to_owned),
                (text, false) => Some(whole_of(&[&[text.unwrap_or_default()], &others[..]].concat())),
            })
        });
        Ok(Arc::new(whole.collect::<Result<StringArray, String>>()?))
    }

    /// Values of a column for rows of an array that have none: the first of their continuation rows, as text. `None`
    /// if no such row has one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn later(
        &self,
        file: &File,
        found: &Found,
        own: &ArrayRef,
        row: impl Fn(usize) -> u64,
    ) -> Result<Option<StringArray>, String> {
        let lacks = |i: usize| own.is_null(i) && self.others.contains_key(&row(i));
        if !(0..own.len()).any(lacks) {
            return Ok(None);
        }
        let key = format!("text {}", found.name);
        let more = file.keep(key, || self.continuations(file, found)).map_err(|e| e.to_string())?;
        let value = |i: usize| {
            let others = self.others.get(&row(i)).into_iter().flatten().filter(|_| own.is_null(i));
            let mut texts = others.filter_map(|row| more.get(*row).transpose());
            texts.find(|text| text.as_ref().map_or(true, |text| !is_placeholder(text))).transpose()
        };
        let texts = (0..own.len()).map(value).collect::<Result<StringArray, String>>()?;
        Ok(Some(texts).filter(|texts| texts.null_count() < texts.len()))
    }

    /// Texts of the continuation rows.
    fn continuations(&self, file: &File, found: &Found) -> Result<KeptTexts, SnapshotError> {
        let mut more = KeptTexts::default();
        each_batch(file, &[found], |first_row, batch| {
            let texts = texts(batch, found)?;
            for (i, text) in texts.iter().enumerate().filter(|(i, _)| self.goes_on(first_row + *i as u64)) {
                if let Some(text) = text {
                    more.add(first_row + i as u64, text)?;
                }
            }
            Ok(())
        })?;
        Ok(more)
    }
}

fn texts(batch: &RecordBatch, found: &Found) -> Result<StringArray, String> {
    let Place::Rows(path) = &found.place else { return Ok(StringArray::new_null(batch.num_rows())) };
    as_text(
        &extract::array(batch, path, extract::Rendered::Never)
            .ok_or("a column is not where the footer says")?,
    )
}

/// Calls `visit` with each batch of some columns and the row in the file of its first row. Text is
/// read as bytes.
fn each_batch(
    file: &File,
    found: &[&Found],
    mut visit: impl FnMut(u64, &RecordBatch) -> Result<(), String>,
) -> Result<(), SnapshotError> {
    let raw = Raw::of(file, found.iter().copied(), Clone::clone);
    let groups = (0..file.row_groups().len()).collect();
    let reader =
        raw.open(file, Wanted { groups, selection: None, batch_rows: BATCH_ROWS, as_bytes: true })?;
    guarded(file.name(), None, || {
        let mut row = 0;
        for batch in reader {
            let batch = batch?;
            visit(row, &batch)?;
            row += batch.num_rows() as u64;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{canonical, ints, texts, times, write_groups};
    use crate::snapshot::{Column, read};

    /// Continuation rows by first row.
    fn joined(keys: &[&str], numbers: &[i64], accounts: &[&str]) -> Vec<(u64, Vec<u64>)> {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![("k", texts(keys)), ("n", ints(numbers)), ("a", texts(accounts))];
        let path = write_groups(&dir.path().join("f"), columns, 3);
        let join = Join { by: "k".into(), order: "n".into() };
        let joined =
            Joined::of(&File::open(&path, "f").unwrap(), &join, &["a".into()], None).unwrap().unwrap();
        joined.others.clone().into_iter().collect()
    }

    #[test]
    fn rows_of_a_key_are_one_exchange_only_if_they_can_be() {
        assert_eq!(joined(&["c"; 3], &[2, 0, 1], &["a"; 3]), [(1, vec![2, 0])], "in any order");
        assert_eq!(joined(&["c"; 4], &[0, 1, 0, 1], &["a"; 4]), [(0, vec![1]), (2, vec![3])]);
        assert_eq!(joined(&["c"; 4], &[0, 1, 0, 1], &["a", "b", "b", "a"]), [(0, vec![3]), (2, vec![1])]);
        assert_eq!(joined(&["c"; 3], &[0, 1, 2], &["a", "", ""]), [(0, vec![1, 2])]);
        let none = "00000000-0000-0000-0000-000000000000";
        assert_eq!(joined(&[none, none, "-", "-"], &[0, 1, 0, 1], &["a"; 4]), []);
    }

    #[test]
    fn a_key_that_a_caller_sends_with_all_calls_hides_none() {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![
            ("ts", times(4)),
            ("account_id", texts(&["a"; 4])),
            ("k", texts(&["mine"; 4])),
            ("prompt_text", texts(&["p", "", "q", ""])),
            ("response_text", texts(&["", "r", "", "s"])),
        ];
        let path = write_groups(&dir.path().join("f"), columns, 4);
        let mut mapping = canonical();
        mapping.join = Some(Join { by: "k".into(), order: "ts".into() });
        let columns = [Column::AccountId, Column::ResponseText];
        let batch = read(&path, "f", &mapping, &columns, None).unwrap().next().unwrap().unwrap();
        let text = |at: usize| as_text(batch.columns[at].as_ref().unwrap()).unwrap();
        let (accounts, responses) = (text(0), text(1));
        let found: Vec<&str> = (0..4).filter(|&i| accounts.is_valid(i)).map(|i| responses.value(i)).collect();
        assert_eq!(found, ["r", "s"]);
    }

    #[test]
    fn values_of_the_response_s_row_are_those_of_the_exchange() {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![
            ("ts", times(4)),
            ("account_id", texts(&["a", "a", "b", "b"])),
            ("k", texts(&["1", "1", "2", "2"])),
            ("n", ints(&[0, 1, 0, 1])),
            ("model", texts(&["", "m", "own", "other"])),
            ("output_tokens", texts(&["", "34", "", "56"])),
        ];
        let path = write_groups(&dir.path().join("f"), columns, 3);
        let mut mapping = canonical();
        mapping.join = Some(Join { by: "k".into(), order: "n".into() });
        let columns = [Column::AccountId, Column::Model, Column::OutputTokens];
        let mut reader = read(&path, "f", &mapping, &columns, None).unwrap();
        let mut found = Vec::new();
        for batch in reader.by_ref() {
            let batch = batch.unwrap();
            let text = |at: usize| as_text(batch.columns[at].as_ref().unwrap()).unwrap();
            let (accounts, models, tokens) = (text(0), text(1), text(2));
            for i in (0..batch.rows).filter(|&i| accounts.is_valid(i)) {
                found.push(format!("{} {} {}", accounts.value(i), models.value(i), tokens.value(i)));
            }
        }
        assert_eq!(found, ["a m 34", "b own 56"]);
        let own = &reader.tally().columns[&Column::OutputTokens];
        assert_eq!((own.continued, own.completed), (90, 90));
    }

    #[test]
    fn parts_that_are_json_by_themselves_are_one_list() {
        assert_eq!(whole_of(&["[{\"a\":1}", ",2]"]), "[{\"a\":1},2]");
        assert_eq!(whole_of(&["[1]", "", "[]", "[{\"a\":2}]"]), "[1,{\"a\":2}]");
        assert_eq!(whole_of(&["{\"a\":1}", "{\"b\":2}"]), "[{\"a\":1},{\"b\":2}]");
        assert_eq!(whole_of(&["1", "2"]), "12");
        assert_eq!(whole_of(&["[1]"]), "[1]");
    }
}
