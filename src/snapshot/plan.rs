//! Plan for reading canonical columns of a file: decoding, conversion, and the choice of rows that are
//! exchanges. Shared by reading in batches and by fetching single rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;
use arrow_select::interleave::interleave;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::file::statistics::Statistics;

use super::column_values::read;
use super::convert::{Memory, Notes, Spec, as_text, convert};
use super::file::{File, guarded};
use super::join::Joined;
use super::raw::{Batches, Raw, Wanted};
use super::row_rule::Rule;
use super::source::{Located, Place, find, tuned};
use super::source_array::raw;
use super::tally::{Spot, Tally};
use super::{Column, Mapping, SnapshotError, json, lines};
use crate::model::{EARLIEST, LATEST};

/// Column of systemd's journal with the text of a message, null in `journalctl -o json` where it is longer than 4 KiB.
const JOURNAL_TEXT: &str = "MESSAGE";
/// Rule by which the rows after the first of an exchange are left out.
pub const CONTINUES: &str = "continues another row";

/// Maximum number of characters quoted of a placeholder.
const MAX_WORD_CHARS: usize = 40;

/// Row numbers of a batch in the file.
pub(super) enum Rows<'a> {
    /// Consecutive rows from this one on.
    From(u64),
    /// Listed rows, ascending.
    Listed(&'a [u64]),
}

impl Rows<'_> {
    fn at(&self, i: usize) -> u64 {
        match self {
            Self::From(first) => first + i as u64,
            Self::Listed(rows) => rows.get(i).copied().unwrap_or(0),
        }
    }
}

/// Plan for reading some columns of a file.
pub(super) struct Plan {
    pub file: File,
    columns: Vec<Column>,
    located: Vec<Option<Located>>,
    /// Time column; set if it is not among the columns but needed to decide which rows are exchanges.
    time: Option<Located>,
    rules: Vec<Rule>,
    /// Continuation rows of the file.
    joined: Option<Arc<Joined>>,
    /// True if nulls in the account column mark rows that are not exchanges.
    decides: bool,
    raw: Raw,
}

/// State of a plan's conversions between batches, one for each column.
pub(super) struct Memories(Vec<Memory>);

impl Memories {
    pub fn new(plan: &Plan, dims: Option<i32>) -> Self {
        Self(plan.columns.iter().map(|_| Memory::new(dims)).collect())
    }
}

impl Plan {
    /// Plan for some columns. If `decides` is true and the account is among them, rows that are not
    /// exchanges have a null account.
    ///
    /// # Errors
    /// As [`find`].
    pub fn new(
        file: &File,
        mapping: &Mapping,
        columns: &[Column],
        decides: bool,
    ) -> Result<Self, SnapshotError> {
        let located = find(file, mapping, columns)?;
        let decides = decides && columns.contains(&Column::AccountId) && file.rows() > 0;
        let (mut time, mut rules) = (None, Vec::new());
        if decides {
            for rule in &mapping.rows {
                rules.push(Rule::new(file, rule)?);
            }
            if !columns.contains(&Column::Ts) {
                time = find(file, mapping, &[Column::Ts])?.pop().flatten();
                time = time.filter(|time| !is_sound_time(file, time));
            }
        }
        let joined = match &mapping.join {
            Some(join) if decides || columns.iter().any(|&column| is_joined(column)) => {
                let accounts =
                    mapping.origin(Column::AccountId).map_or(&[][..], |origin| &origin.columns[..]);
                let is_by_time = mapping.source(Column::Ts) == Some(join.order.as_str());
                Joined::of(file, join, accounts, mapping.source(Column::PromptText).filter(|_| is_by_time))?
            }
            _ => None,
        };
        let found = located.iter().flatten().chain(&time).flat_map(Located::found);
        let found = found.chain(rules.iter().flat_map(Rule::found));
        let raw = Raw::of(file, found, |footer| tuned(file, footer, columns, &located));
        Ok(Self { file: file.clone(), columns: columns.to_vec(), located, time, rules, joined, decides, raw })
    }

    /// Reader of one row group; with `bytes`, text is read as bytes.
    pub fn open(
        &self,
        group: usize,
        batch_rows: usize,
        selection: Option<RowSelection>,
        bytes: bool,
    ) -> Result<Batches, SnapshotError> {
        self.raw.open(&self.file, Wanted { groups: vec![group], selection, batch_rows, as_bytes: bytes })
    }

    /// Converted columns of a batch; counts are added to the tally, and panics become errors.
    pub fn convert(
        &self,
        batch: &RecordBatch,
        group: usize,
        rows: &Rows<'_>,
        memories: &mut Memories,
        tally: &mut Tally,
    ) -> Result<Vec<Option<ArrayRef>>, SnapshotError> {
        guarded(self.file.name(), Some(group), || self.convert_batch(batch, rows, memories, tally))
    }

    fn convert_batch(
        &self,
        batch: &RecordBatch,
        rows: &Rows<'_>,
        memories: &mut Memories,
        tally: &mut Tally,
    ) -> Result<Vec<Option<ArrayRef>>, String> {
        let mut arrays = Vec::with_capacity(self.columns.len());
        let mut noted = Vec::with_capacity(self.columns.len());
        for ((&column, located), memory) in self.columns.iter().zip(&self.located).zip(&mut memories.0) {
            let mut notes = Notes::default();
            arrays.push(match (located, &self.joined) {
                (Some(located), Some(joined)) if is_joined(column) => {
                    Some(self.read_joined(column, located, joined, batch, rows, memory, &mut notes)?)
                }
                (Some(located), joined) => {
                    let own = read(&self.file, column, located, batch, memory, &mut notes, tally)?;
                    Some(match joined.as_ref().filter(|_| is_completed(column)) {
                        Some(joined) => self.completed(column, located, joined, own, rows, tally)?,
                        None => own,
                    })
                }
                (None, _) => None,
            });
            noted.push(notes);
        }
        let taken = if self.decides { self.decide(batch, rows, &mut arrays, &noted, tally)? } else { None };
        self.count(batch, rows, &arrays, taken.as_ref(), noted, tally);
        self.count_continued(rows, &arrays, tally);
        Ok(arrays)
    }

    /// Adds the tokens of continuation rows, which no exchange has.
    fn count_continued(&self, rows: &Rows<'_>, arrays: &[Option<ArrayRef>], tally: &mut Tally) {
        let Some(joined) = self.joined.as_ref().filter(|_| self.decides) else { return };
        let tokens = |column: &Column| matches!(column, Column::InputTokens | Column::OutputTokens);
        for (column, array) in self.columns.iter().zip(arrays).filter(|(column, _)| tokens(column)) {
            let Some(numbers) = array.as_ref().and_then(|array| array.as_primitive_opt::<Int64Type>()) else {
                continue;
            };
            let own = (0..numbers.len()).filter(|&i| numbers.is_valid(i) && joined.goes_on(rows.at(i)));
            let sum: u64 = own.map(|i| numbers.value(i).unsigned_abs()).sum();
            tally.columns.entry(*column).or_default().continued += sum;
        }
    }

    /// Texts of a column, each with those of its continuation rows appended.
    #[expect(clippy::too_many_arguments, reason = "what a column is read from, with, and into")]
    fn read_joined(
        &self,
        column: Column,
        located: &Located,
        joined: &Joined,
        batch: &RecordBatch,
        rows: &Rows<'_>,
        memory: &mut Memory,
        notes: &mut Notes,
    ) -> Result<ArrayRef, String> {
        let found = located.sources.first().ok_or("a column without a source")?;
        let whole = joined.texts(&self.file, found, &raw(found, batch)?, |i| rows.at(i))?;
        convert(column, &located.spec_of(found), &whole, memory, notes)
    }

    /// Values of a column, with those of continuation rows where the first row of an exchange has none: one system
    /// logs a request and its response apart.
    fn completed(
        &self,
        column: Column,
        located: &Located,
        joined: &Joined,
        own: ArrayRef,
        rows: &Rows<'_>,
        tally: &mut Tally,
    ) -> Result<ArrayRef, String> {
        let Some(found) = located.sources.first().filter(|_| located.since.is_none() && own.null_count() > 0)
        else {
            return Ok(own);
        };
        let Some(texts) = joined.later(&self.file, found, &own, |i| rows.at(i))? else { return Ok(own) };
        let (mut memory, mut notes) = (Memory::default(), Notes::default());
        let texts: ArrayRef = Arc::new(texts);
        let later = convert(column, &located.spec_of(found), &texts, &mut memory, &mut notes)?;
        if let Some(numbers) = later.as_primitive_opt::<Int64Type>().filter(|_| self.decides) {
            let sum: u64 = numbers.iter().flatten().map(i64::unsigned_abs).sum();
            tally.columns.entry(column).or_default().completed += sum;
        }
        let places: Vec<(usize, usize)> = (0..own.len()).map(|i| (usize::from(own.is_null(i)), i)).collect();
        interleave(&[own.as_ref(), later.as_ref()], &places).map_err(|error| error.to_string())
    }

    fn position(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|&own| own == column)
    }

    /// Sets the account of rows that are not exchanges to null. Returns the mask of exchanges; `None` if
    /// all rows are exchanges.
    fn decide(
        &self,
        batch: &RecordBatch,
        rows: &Rows<'_>,
        arrays: &mut [Option<ArrayRef>],
        noted: &[Notes],
        tally: &mut Tally,
    ) -> Result<Option<NullBuffer>, String> {
        let len = batch.num_rows();
        let Some(at) = self.position(Column::AccountId) else { return Ok(None) };
        let Some(accounts) = arrays[at].clone() else { return Ok(None) };
        let hidden = match &self.time {
            Some(located) => {
                let mut notes = Notes::default();
                let mut memory = Memory::default();
                let times = read(&self.file, Column::Ts, located, batch, &mut memory, &mut notes, tally)?;
                Some((times, notes))
            }
            None => None,
        };
        let shown = self.position(Column::Ts).and_then(|at| Some((arrays[at].as_ref()?, &noted[at])));
        let time = hidden.as_ref().map(|(times, notes)| (times, notes)).or(shown);
        let mut rules = Vec::new();
        for rule in &self.rules {
            rules.push((rule, rule.holds(batch)?));
        }
        let goes_on = |i: usize| self.joined.as_ref().is_some_and(|joined| joined.goes_on(rows.at(i)));
        let some_go_on = self.joined.is_some() && (0..len).any(goes_on);
        let faults = batch.column_by_name(lines::FAULT).and_then(|faults| faults.as_string_opt::<i32>());
        let fault = |i: usize| faults.filter(|faults| faults.is_valid(i)).map(|faults| faults.value(i));
        let all_whole = !some_go_on
            && faults.is_none_or(|faults| faults.null_count() == len)
            && accounts.null_count() == 0
            && time.is_none_or(|(times, _)| times.null_count() == 0);
        if all_whole && rules.iter().all(|(_, holds)| holds.true_count() == len) {
            return Ok(None);
        }
        let mut taken = vec![true; len];
        let words = if accounts.null_count() > 0 { self.words(at, batch) } else { None };
        let cut = self.cut_texts(at, batch, &accounts);
        let has_pattern = self.located[at].as_ref().is_some_and(|located| located.spec.pattern.is_some());
        let word = |i: usize| {
            let words = words.as_ref().filter(|words| words.is_valid(i))?;
            Some(words.value(i))
                .filter(|word| !word.trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty())
        };
        for (i, taken) in taken.iter_mut().enumerate() {
            if let Some(fault) = fault(i) {
                if lines::is_no_record(fault) {
                    *tally.filtered.entry(fault.to_owned()).or_default() += 1;
                } else {
                    let spot = || self.spot(batch, rows, i, String::new());
                    tally.set_aside.entry(fault.to_owned()).or_default().add(spot);
                }
                *taken = false;
            } else if goes_on(i) {
                *tally.filtered.entry(CONTINUES.to_owned()).or_default() += 1;
                *taken = false;
            } else if let Some((rule, _)) = rules.iter().find(|(_, holds)| !holds.value(i)) {
                *tally.filtered.entry(rule.reason().to_owned()).or_default() += 1;
                *taken = false;
            } else if accounts.is_null(i) {
                let reason = match word(i) {
                    Some(_) if has_pattern => Tally::NO_PART,
                    Some(_) => Tally::WORD_FOR_NONE,
                    None if cut.contains(&i) => Tally::CUT_TEXT,
                    None => Tally::NO_ACCOUNT,
                };
                let quoted = || word(i).unwrap_or_default().chars().take(MAX_WORD_CHARS).collect();
                let spot = || self.spot(batch, rows, i, quoted());
                tally.set_aside.entry(reason.to_owned()).or_default().add(spot);
                *taken = false;
            } else if let Some((_, notes)) = time.filter(|(times, _)| times.is_null(i)) {
                let value = notes.faults.values().flat_map(|fault| &fault.first).find(|(at, _)| *at == i);
                let value = value.map_or_else(String::new, |(_, value)| value.clone());
                let mut faults = notes.faults.keys();
                let kind = match (faults.next(), faults.next()) {
                    (None, _) => "no time".to_owned(),
                    (Some(only), None) => format!("no time, {only}"),
                    _ => "no time that can be read".to_owned(),
                };
                let spot = || self.spot(batch, rows, i, value);
                tally.set_aside.entry(kind).or_default().add(spot);
                *taken = false;
            }
        }
        let taken = NullBuffer::from(taken);
        arrays[at] = Some(masked(&accounts, &taken)?);
        Ok(Some(taken))
    }

    /// Rows without an account where the JSON text that a source of it leads into cannot be read.
    fn cut_texts(&self, column: usize, batch: &RecordBatch, accounts: &ArrayRef) -> BTreeSet<usize> {
        let mut cut = BTreeSet::new();
        let sources = self.located[column].iter().flat_map(|located| &located.sources);
        for found in sources.filter(|found| accounts.null_count() > 0 && found.is_in_json()) {
            let Place::Rows(path) = &found.place else { continue };
            let text = batch.column_by_name(&path.root).and_then(|root| as_text(root).ok());
            let Some(text) = text else { continue };
            let is_lost = |i: usize| match text.is_valid(i) {
                true => json::is_cut(text.value(i)),
                false => path.root == JOURNAL_TEXT,
            };
            cut.extend((0..text.len()).filter(|&i| accounts.is_null(i) && is_lost(i)));
        }
        cut
    }

    /// Texts that a column has in its first source.
    fn words(&self, column: usize, batch: &RecordBatch) -> Option<StringArray> {
        let source = self.located.get(column)?.as_ref()?.sources.first()?;
        as_text(&raw(source, batch).ok()?).ok()
    }

    fn spot(&self, batch: &RecordBatch, rows: &Rows<'_>, i: usize, value: String) -> Spot {
        let lines =
            batch.column_by_name(lines::LINE).and_then(|lines| lines.as_primitive_opt::<UInt64Type>());
        let line = lines.map(|lines| lines.value(i));
        Spot { file: self.file.name().to_owned(), row: rows.at(i), line, value }
    }

    fn count(
        &self,
        batch: &RecordBatch,
        rows: &Rows<'_>,
        arrays: &[Option<ArrayRef>],
        taken: Option<&NullBuffer>,
        noted: Vec<Notes>,
        tally: &mut Tally,
    ) {
        let len = batch.num_rows();
        tally.rows += len as u64;
        tally.exchanges += taken.map_or(len, |taken| len - taken.null_count()) as u64;
        for ((&column, array), notes) in self.columns.iter().zip(arrays).zip(noted) {
            let own = tally.columns.entry(column).or_default();
            own.missing += missing(array.as_ref(), len, taken);
            own.placeholders += notes.placeholders;
            own.replaced += notes.replaced;
            own.add_words(notes.words);
            for (kind, fault) in notes.faults {
                let counted = own.unread.entry(kind.to_owned()).or_default();
                counted.rows += fault.rows - fault.first.len() as u64;
                for (i, value) in fault.first {
                    counted.add(|| self.spot(batch, rows, i, value));
                }
            }
        }
    }
}

/// True for a column whose text may continue in another row.
fn is_joined(column: Column) -> bool {
    matches!(column, Column::PromptText | Column::ResponseText)
}

/// True for a column whose value may stand in another row of the exchange.
fn is_completed(column: Column) -> bool {
    let is_of_row =
        matches!(column, Column::Ts | Column::AccountId | Column::RequestId | Column::PromptEmbedding);
    !is_of_row && !is_joined(column)
}

/// Number of rows that are exchanges and have no value.
fn missing(array: Option<&ArrayRef>, len: usize, taken: Option<&NullBuffer>) -> u64 {
    let of_taken = |taken: Option<&NullBuffer>| len - taken.map_or(0, NullBuffer::null_count);
    let Some(array) = array else { return of_taken(taken) as u64 };
    let valid = NullBuffer::union(array.nulls(), taken);
    let valid = valid.as_ref().map_or(len, |valid| len - valid.null_count());
    (of_taken(taken) - valid) as u64
}

/// Array of text with nulls in rows that are not exchanges.
fn masked(texts: &ArrayRef, taken: &NullBuffer) -> Result<ArrayRef, String> {
    let texts = texts.as_dictionary::<Int32Type>();
    let nulls = NullBuffer::union(texts.keys().nulls(), Some(taken));
    let keys = Int32Array::new(texts.keys().values().clone(), nulls);
    let masked = arrow_array::DictionaryArray::try_new(keys, texts.values().clone());
    masked.map(|masked| Arc::new(masked) as ArrayRef).map_err(|error| error.to_string())
}

/// True if the statistics in the footer prove all times present and in range, so that they need not be
/// read.
fn is_sound_time(file: &File, time: &Located) -> bool {
    use arrow_schema::{DataType, TimeUnit};
    let Some((found, path)) = time.plain() else { return false };
    let per_micro: i64 = match found.data_type {
        DataType::Timestamp(TimeUnit::Millisecond, Some(_)) => 1_000,
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => 1,
        DataType::Timestamp(TimeUnit::Millisecond, None) if time.spec == Spec::plain() => 1_000,
        DataType::Timestamp(TimeUnit::Microsecond, None) if time.spec == Spec::plain() => 1,
        _ => return false,
    };
    let [leaf] = file.leaves(&path.fields())[..] else { return false };
    let Some(footer) = file.footer() else { return false };
    footer.metadata().row_groups().iter().all(|group| match group.column(leaf).statistics() {
        Some(Statistics::Int64(known)) => {
            let fits = |moment: Option<&i64>| {
                moment
                    .and_then(|moment| moment.checked_mul(per_micro))
                    .is_some_and(|moment| (EARLIEST..=LATEST).contains(&moment))
            };
            known.null_count_opt() == Some(0) && fits(known.min_opt()) && fits(known.max_opt())
        }
        _ => group.num_rows() == 0,
    })
}
