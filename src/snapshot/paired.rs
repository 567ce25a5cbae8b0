//! Exchanges that stand in several rows, as where a gateway logs a request and its response apart: the column that is
//! equal in both, and one that numbers them.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;

use super::join::number_of;
use super::look::FileColumns;
use super::mapping::Join;
use super::missing::is_placeholder;
use super::source::{Found, Place};
use super::{Column, Mapping, probe};
use crate::model::visible;

/// Number of the first rows of a file that are looked at.
const ROWS: usize = 512;
/// Minimum number of values in several rows that shows a column to be that of an exchange.
const MIN_PAIRS: usize = 5;
/// Maximum number of columns that are looked at: a caller may send any number of them.
const COLUMNS: usize = 64;
/// Words in names of columns that tell one exchange from others.
const OF_CALLS: [&str; 10] =
    ["id", "key", "call", "trace", "span", "request", "correlation", "ref", "hash", "session"];

/// Column whose values stand in several rows each, of which one has the prompt and others have the response.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Paired {
    by: String,
    /// Column that numbers the rows of a value, the row with the prompt first; `None` if there is none.
    order: Option<String>,
    /// Number of values in several rows that are so, and of all values in the first rows.
    pairs: usize,
    values: usize,
}

impl Paired {
    /// Column of the files by which rows are to be joined; `None` if there is none, and for a mapping that joins rows or
    /// refuses to.
    pub fn of(seen: &[&FileColumns], mapping: &Mapping) -> Option<Self> {
        if mapping.join.is_some() || mapping.without.join {
            return None;
        }
        let file = seen.iter().find(|file| file.rows > 0)?;
        let [prompts, responses] = texts_of(file, mapping)?;
        // Nearly all logs have both in each row.
        if (0..prompts.len()).all(|row| prompts[row]) || (0..prompts.len()).all(|row| responses[row]) {
            return None;
        }
        let parts: Vec<Part> =
            prompts.iter().zip(responses).map(|(&own, other)| Part::of(own, other)).collect();
        let columns =
            file.columns.iter().filter(|(name, found)| is_of_calls(name) && is_plain(found)).take(COLUMNS);
        let mut found: Vec<Self> =
            columns.filter_map(|(by, found)| of_column(file, by, found, &parts)).collect();
        found.sort_by_key(|own| std::cmp::Reverse(own.pairs));
        let best = found.into_iter().next()?;
        Some(Self { order: order_of(file, mapping, &best.by, &parts), ..best })
    }

    /// Rule that joins the rows.
    pub fn join(&self) -> Option<Join> {
        Some(Join { by: self.by.clone(), order: self.order.clone()? })
    }

    /// Sentence on rows that are joined.
    pub fn joined_note(&self) -> String {
        format!("{}; such rows are one exchange (join = false counts each row).", self.in_words())
    }

    /// Sentence on rows that are not joined.
    pub fn open_note(&self) -> String {
        let order = self.order.as_deref().unwrap_or("a column of numbers");
        format!(
            "{} and each row counts; join = {{ by = \"{}\", order = \"{}\" }} makes one exchange of them.",
            self.in_words(),
            visible(&self.by),
            visible(order)
        )
    }

    fn in_words(&self) -> String {
        format!(
            "{} of {} values of “{}” stand in a row with a prompt and in others with the response",
            self.pairs,
            self.values,
            visible(&self.by)
        )
    }
}

/// Part of an exchange that a row has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Prompt,
    Response,
    Neither,
}

impl Part {
    fn of(prompt: bool, response: bool) -> Self {
        match (prompt, response) {
            (true, _) => Self::Prompt,
            (false, true) => Self::Response,
            (false, false) => Self::Neither,
        }
    }
}

/// Which of the first rows have a prompt, and which a response.
fn texts_of(file: &FileColumns, mapping: &Mapping) -> Option<[Vec<bool>; 2]> {
    let columns = [Column::PromptText, Column::ResponseText];
    if columns.iter().any(|column| mapping.origin(*column).is_none()) {
        return None;
    }
    let group = file.opened.row_groups().iter().position(|&rows| rows > 0)?;
    let every_row = Mapping { rows: Vec::new(), ..mapping.clone() };
    let batch = file.opened.sample(&every_row, &columns, (group, ROWS), false).ok()?.next()?.ok()?;
    let has = |at: usize| {
        let texts = batch.columns.get(at)?.as_ref()?.as_string_opt::<i32>()?;
        Some(texts.iter().map(|text| text.is_some_and(|text| !is_placeholder(text))).collect::<Vec<bool>>())
    };
    Some([has(0)?, has(1)?])
}

/// True for the name of a column that may have the same value in all rows of an exchange.
fn is_of_calls(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    OF_CALLS.iter().any(|word| name.contains(word))
}

fn is_plain(found: &Found) -> bool {
    matches!(&found.place, Place::Rows(_)) && !found.data_type.is_nested()
}

/// Rows of each value of a column among the first rows, without those that have neither text.
fn rows_by_value(file: &FileColumns, found: &Found, parts: &[Part]) -> Option<BTreeMap<String, Vec<usize>>> {
    let texts = probe::first_texts(&file.opened, found, ROWS)?;
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in (0..texts.len().min(parts.len())).filter(|&row| parts[row] != Part::Neither) {
        let value = texts.is_valid(row).then(|| texts.value(row)).filter(|value| !is_placeholder(value));
        rows.entry(value?.to_owned()).or_default().push(row);
    }
    Some(rows)
}

fn of_column(file: &FileColumns, by: &str, found: &Found, parts: &[Part]) -> Option<Paired> {
    let rows = rows_by_value(file, found, parts)?;
    let prompts = |rows: &[usize]| rows.iter().filter(|&&row| parts[row] == Part::Prompt).count();
    let pairs = rows.values().filter(|rows| rows.len() > 1 && prompts(rows) == 1).count();
    // Some responses are missing, and the first rows end somewhere.
    let is_one = pairs >= MIN_PAIRS && 10 * pairs >= 8 * rows.len();
    is_one.then(|| Paired { by: by.to_owned(), order: None, pairs, values: rows.len() })
}

/// Column that numbers the rows of each value, the row with the prompt first: the time if it does, else one of numbers.
fn order_of(file: &FileColumns, mapping: &Mapping, by: &str, parts: &[Part]) -> Option<String> {
    let pairs: Vec<Vec<usize>> = rows_by_value(file, file.columns.get(by)?, parts)?.into_values().collect();
    let numbers = |name: &str| {
        let texts = probe::first_texts(&file.opened, &file.get(name)?, ROWS)?;
        Some(texts.iter().map(|text| number_of(text?)).collect::<Vec<Option<f64>>>())
    };
    let fitting = |name: &str| {
        let numbers = numbers(name).unwrap_or_default();
        let number = |row: usize| numbers.get(row).copied().flatten();
        let is_in_order = |rows: &&Vec<usize>| {
            let own: Option<Vec<f64>> = rows.iter().map(|&row| number(row)).collect();
            let Some(own) = own else { return false };
            let first = rows.iter().find(|&&row| parts[row] == Part::Prompt).and_then(|&row| number(row));
            let different: BTreeSet<u64> = own.iter().map(|number| number.to_bits()).collect();
            different.len() == own.len() && first.is_some_and(|first| own.iter().all(|&other| first <= other))
        };
        pairs.iter().filter(|rows| rows.len() > 1).filter(is_in_order).count()
    };
    let is_most = |fits: usize| 100 * fits >= 95 * pairs.iter().filter(|rows| rows.len() > 1).count();
    let time = mapping.source(Column::Ts).filter(|name| is_most(fitting(name)));
    let other = || {
        let names = file.columns.iter().filter(|(name, found)| name.as_str() != by && is_plain(found));
        let of_numbers =
            names.filter(|(_, found)| found.data_type.is_numeric()).map(|(name, _)| name).take(COLUMNS);
        of_numbers
            .map(|name| (fitting(name), name))
            .filter(|(fits, _)| is_most(*fits))
            .max_by_key(|(fits, _)| *fits)
    };
    time.map(str::to_owned).or_else(|| other().map(|(_, name)| name.clone()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::{Value, json};

    use super::*;
    use crate::snapshot::propose;

    fn proposed(rows: impl Iterator<Item = Value>) -> (Option<Join>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.jsonl");
        let mut file = std::fs::File::create(&path).unwrap();
        rows.for_each(|row| writeln!(file, "{row}").unwrap());
        let proposal = propose(&[("f.jsonl".to_owned(), path)], None).unwrap();
        (proposal.mapping.join, proposal.notes)
    }

    fn request(n: usize) -> Value {
        json!({"ts": format!("2026-04-22T13:{n:02}:01Z"), "account_id": format!("a{}", n % 3), "call": format!("c{n}"),
            "prompt_text": format!("what is {n}"), "seq": 0})
    }

    fn response(n: usize, at: usize) -> Value {
        json!({"ts": format!("2026-04-22T13:{n:02}:{:02}Z", 1 + at), "account_id": format!("a{}", n % 3),
            "call": format!("c{n}"), "response_text": format!("part {at} "), "seq": at})
    }

    #[test]
    fn a_request_and_its_response_are_one_exchange() {
        let rows = (0..20).flat_map(|n| [request(n), response(n, 1)]);
        let (join, notes) = proposed(rows);
        assert_eq!(join, Some(Join { by: "call".into(), order: "ts".into() }));
        assert!(notes.iter().any(|note| note.starts_with("20 of 20 values of “call” stand in")), "{notes:?}");
        // A stream has a row for each piece, in one second.
        let rows = (0..20).flat_map(|n| {
            let pieces = (1..4).map(move |at| {
                let mut piece = response(n, at);
                piece["ts"] = request(n)["ts"].clone();
                piece
            });
            std::iter::once(request(n)).chain(pieces)
        });
        assert_eq!(proposed(rows).0, Some(Join { by: "call".into(), order: "seq".into() }));
    }

    #[test]
    fn rows_that_have_both_or_belong_to_several_exchanges_are_not_joined() {
        let whole = |n: usize| {
            let mut row = request(n);
            row["response_text"] = json!("an answer");
            row
        };
        assert_eq!(proposed((0..20).map(whole)).0, None);
        // One id for all calls, as a caller may send it.
        let fixed = (0..20).flat_map(|n| [request(n), response(n, 1)]).map(|mut row| {
            row["call"] = json!("mine");
            row
        });
        assert_eq!(proposed(fixed).0, None);
    }
}
