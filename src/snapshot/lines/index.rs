//! Facts of a text file from one pass over it: rows, columns, and the places at which reading can begin.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::value::RawValue;

use super::around::Around;
use super::blocks::{is_remark, names_others};
use super::csv::{Fields, names};
use super::dialect::{chosen, decided};
use super::kind::Kinds;
use super::layout::{Dialect, Format, Head, Layout, without_mark};
use super::rows_at::{InnerList, chosen_path, inner_list};
use super::split::Splitter;
use super::table::with_record;
use super::total::{MAX_TOTALS, is_total};
use super::unpack::{Packing, first_bytes, open};
use super::wrapper::Outside;

/// Rows and bytes of a group of rows in a file that is not compressed.
const GROUP_ROWS: u64 = 16_384;
const GROUP_BYTES: u64 = 32 << 20;
/// Line at the end of a block of COPY.
const END_OF_COPY: &[u8] = b"\\.";
/// Maximum number of columns that are listed.
const COLUMNS: usize = 10_000;
/// Maximum number of files whose facts are kept.
const MAX_FILES: usize = 16_384;

/// Rows that can be read without those before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct Group {
    pub rows: u64,
    /// Offset and line of the first row.
    pub offset: u64,
    pub line: u64,
    /// Place of the first row in the nesting around the records.
    pub outside: Outside,
}

/// Column of a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct LineColumn {
    pub name: String,
    pub kinds: Kinds,
    /// Number of values other than null; 0 in CSV, where every row has every column.
    pub values: u64,
    /// Rows that have the name twice with different values, of which the last counts.
    pub twice: Twice,
}

/// Rows of an object that has a name twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::snapshot) struct Twice {
    /// Number of the rows.
    pub rows: u64,
    /// The first of them.
    pub first: u64,
}

impl LineColumn {
    fn of(name: String) -> Self {
        Self { name, kinds: Kinds::default(), values: 0, twice: Twice::default() }
    }
}

/// Facts of a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct Lines {
    pub format: Format,
    /// Groups of rows. A compressed file is one group, since it is read from its beginning.
    pub groups: Vec<Group>,
    /// Columns in the order in which they first occur.
    pub columns: Vec<LineColumn>,
    /// First record of a CSV file, which names the columns; `None` for other files, and where the names stand in
    /// another file.
    pub header: Option<Vec<u8>>,
    /// First of the rows at the end of a CSV file that sum it up; `None` if there are none.
    pub totals_from: Option<u64>,
    /// True where the first row begins with the file, so that it may be all of it.
    pub is_document: bool,
    /// List inside the first row that may be the rows themselves; `None` in CSV.
    pub inner: Option<InnerList>,
    /// Objects around the lists of rows, where these are columns.
    pub around: Around,
    /// Number of rows with bytes that are not UTF-8.
    pub not_utf8: u64,
    /// Reason why the file cannot be read to its end. Its last row then stands for all that is missing.
    pub damage: Option<String>,
}

/// Path, length and time of change of a file, and the format in which it is read.
type Key = (PathBuf, u64, Option<SystemTime>, String);

/// Facts of the files that were opened last, so that a file is passed over once.
static OPENED: Mutex<BTreeMap<Key, Arc<Lines>>> = Mutex::new(BTreeMap::new());

impl Lines {
    /// Facts of a file. Where `is_sniffed`, its format was recognised by its first bytes, and of CSV the whole
    /// file decides how it writes quotation marks.
    ///
    /// # Errors
    /// The file cannot be opened or read, or its dialect is not clear. Damage to compressed data is no error
    /// here.
    pub fn of(path: &Path, format: Format, is_sniffed: bool) -> io::Result<Arc<Self>> {
        let about = std::fs::metadata(path)?;
        let key = (
            std::path::absolute(path)?,
            about.len(),
            about.modified().ok(),
            format!("{format:?} {is_sniffed} {:?} {:?}", chosen(), chosen_path()),
        );
        let opened = || OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = opened().get(&key) {
            return Ok(Arc::clone(lines));
        }
        let layout = match format.layout {
            Layout::Csv(dialect, head) if is_sniffed && !dialect.unquoted => {
                Layout::Csv(decided((path, format.encoding), (dialect, head), chosen())?, head)
            }
            layout => layout,
        };
        let lines = Arc::new(Self::read(path, Format { layout, ..format })?);
        let mut opened = opened();
        if opened.len() >= MAX_FILES {
            opened.clear();
        }
        opened.insert(key, Arc::clone(&lines));
        Ok(lines)
    }

    fn read(path: &Path, format: Format) -> io::Result<Self> {
        let (_, input) = open(path, format.encoding)?;
        let mut splitter = Splitter::from_start(input, format.layout)?;
        if format.around {
            splitter = splitter.with_around();
        }
        let mut found = Columns::new(format.layout);
        let (groups, columns) = (Vec::new(), Vec::new());
        let mut lines = Self {
            format,
            groups,
            columns,
            header: None,
            totals_from: None,
            is_document: false,
            inner: None,
            around: Around::default(),
            not_utf8: 0,
            damage: None,
        };
        if let Layout::Csv(_, head) = format.layout {
            if head.names.is_none() {
                match splitter.next() {
                    Ok(record) => lines.header = record.map(|record| record.bytes.to_vec()),
                    Err(error) => lines.damage(format, &error)?,
                }
            }
            found.of_names(lines.csv_names());
        }
        let (mut totals, mut is_first, mut ended) = (0, true, None);
        let mut group = group_at(splitter.place(), splitter.outside());
        while lines.damage.is_none() {
            match splitter.next() {
                Ok(None) => break,
                Ok(Some(record)) if names_others(format.layout, record.bytes) => {
                    return Err(other_columns(record.line));
                }
                Ok(Some(record)) => {
                    let is_header = lines.header.as_deref() == Some(record.bytes);
                    if lines.is_copy() && record.bytes == END_OF_COPY {
                        ended.get_or_insert(lines.rows() + group.rows);
                    }
                    let is_none = is_header || ended.is_some() || is_remark(format.layout, record.bytes);
                    let is_total = !is_none && found.of_record(record.bytes);
                    totals = if is_total { totals + 1 } else { 0 };
                    if is_first && !matches!(format.layout, Layout::Csv(_, _)) {
                        lines.inner = inner_list(record.bytes);
                        lines.is_document = is_document(path, format)?;
                    }
                    is_first = false;
                    lines.not_utf8 += u64::from(std::str::from_utf8(record.bytes).is_err());
                    group.rows += 1;
                }
                Err(error) => {
                    lines.damage(format, &error)?;
                    group.rows += 1;
                }
            }
            let place = splitter.place();
            let is_full = group.rows >= GROUP_ROWS || place.0 - group.offset >= GROUP_BYTES;
            if is_full && format.packing == Packing::Plain {
                lines.groups.push(group);
                group = group_at(place, splitter.outside());
            }
        }
        lines.groups.extend((group.rows > 0).then_some(group));
        lines.around = splitter.around()?;
        found.of_around(&lines.around, lines.rows());
        lines.columns = found.columns;
        let has_totals = totals > 0 && lines.damage.is_none();
        lines.totals_from = ended.or(has_totals.then(|| lines.rows() - totals.min(MAX_TOTALS)));
        Ok(lines)
    }

    fn damage(&mut self, format: Format, error: &io::Error) -> io::Result<()> {
        if format.packing == Packing::Plain {
            return Err(io::Error::new(error.kind(), error.to_string()));
        }
        self.damage = Some(match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                "its compressed data end early, so its last rows are missing".to_owned()
            }
            _ => format!("its compressed data cannot be read further: {error}"),
        });
        Ok(())
    }

    /// Names of the columns of CSV; none for other files.
    pub fn csv_names(&self) -> Vec<String> {
        match self.format.layout {
            Layout::Csv(_, Head { names: Some(own), .. }) => {
                own.iter().map(|&name| name.to_owned()).collect()
            }
            Layout::Csv(dialect, _) => names(self.header.as_deref().unwrap_or_default(), dialect),
            _ => Vec::new(),
        }
    }

    /// True for a block of COPY, which may end before the file.
    pub fn is_copy(&self) -> bool {
        let Layout::Csv(Dialect { unquoted, .. }, Head { above, names }) = self.format.layout else {
            return false;
        };
        unquoted && above > 0 && names.is_some()
    }

    /// True for a row that sums the others up, or that lies behind the end of a block of COPY.
    pub fn is_total(&self, row: u64) -> bool {
        self.totals_from.is_some_and(|first| row >= first)
    }

    /// List that a row would hide: in a document that is the only row, or a list of lists in the items of a
    /// list that the user has named.
    pub fn hidden_list(&self) -> Option<InnerList> {
        let is_document = self.rows() == 1 && self.is_document;
        let list = self.inner.clone()?;
        match chosen_path().as_deref() {
            Some(".") => None,
            Some(above) => Some(list)
                .filter(|list| list.is_of_lists)
                .map(|list| InnerList { path: format!("{above}.{}", list.path), ..list }),
            None => Some(list).filter(|_| is_document),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.groups.iter().map(|group| group.rows).sum()
    }

    /// The row that stands for what cannot be read.
    pub fn damaged_row(&self) -> Option<u64> {
        self.damage.as_ref().map(|_| self.rows().saturating_sub(1))
    }
}

/// Error of a log in the extended format that changes its columns.
fn other_columns(line: u64) -> io::Error {
    let message = format!("line {line} names other columns than the beginning of the file; part it there");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// True for a file that begins with an object that is a row.
fn is_document(path: &Path, format: Format) -> io::Result<bool> {
    let is_plain = matches!(format.layout, Layout::JsonLines | Layout::JsonValues);
    Ok(is_plain && without_mark(&first_bytes(path, format.encoding)?.1).trim_ascii_start().starts_with(b"{"))
}

/// A group that begins at an offset and a line.
fn group_at((offset, line): (u64, u64), outside: Outside) -> Group {
    Group { rows: 0, offset, line, outside }
}

/// Columns found so far.
struct Columns {
    columns: Vec<LineColumn>,
    at: BTreeMap<String, usize>,
    /// Reader of the fields of CSV.
    fields: Option<Fields>,
    layout: Layout,
    /// Number of the present record, counted from 1, and of the last record that had each column.
    record: u64,
    had: Vec<u64>,
}

impl Columns {
    fn new(layout: Layout) -> Self {
        let fields = match layout {
            Layout::Csv(dialect, _) => Some(Fields::new(dialect)),
            _ => None,
        };
        Self { columns: Vec::new(), at: BTreeMap::new(), fields, layout, record: 0, had: Vec::new() }
    }

    fn of_names(&mut self, names: Vec<String>) {
        let names = names.into_iter();
        self.columns = names.map(LineColumn::of).collect();
    }

    /// Adds the values of a record. Returns true if it sums up those before it, as far as it shows.
    fn of_record(&mut self, record: &[u8]) -> bool {
        let Some(fields) = &mut self.fields else {
            self.record += 1;
            with_record(self.layout, record, |entries, _| {
                for (at, (name, value)) in entries.iter().enumerate() {
                    if self.entry(name, value.get()) {
                        self.again(name, value.get(), &entries[..at]);
                    }
                }
            });
            return false;
        };
        let count = fields.read(record);
        if is_total(fields, count, self.columns.len()) {
            return true;
        }
        if fields.fits(count, self.columns.len()) {
            let columns = self.columns.iter_mut().enumerate();
            columns.for_each(|(at, column)| column.kinds.add_field(fields.get(at)));
        }
        false
    }

    /// Adds the objects around the rows as columns.
    fn of_around(&mut self, around: &Around, rows: u64) {
        for name in around.names() {
            self.record += 1;
            self.entry(&name, "{}");
            if let Some(&at) = self.at.get(&name) {
                self.columns[at].values = rows;
            }
        }
    }

    /// Adds a value; true if the present record had its column already.
    fn entry(&mut self, name: &str, raw: &str) -> bool {
        let at = match self.at.get(name) {
            Some(&at) => at,
            None if self.columns.len() >= COLUMNS => return false,
            None => {
                self.at.insert(name.to_owned(), self.columns.len());
                self.columns.push(LineColumn::of(name.to_owned()));
                self.had.push(0);
                self.columns.len() - 1
            }
        };
        self.columns[at].kinds.add_json(raw);
        self.columns[at].values += u64::from(raw != "null");
        std::mem::replace(&mut self.had[at], self.record) == self.record
    }

    /// Counts a record with a name that it had before, if the value is another one.
    fn again(&mut self, name: &str, raw: &str, before: &[(Cow<'_, str>, &RawValue)]) {
        let is_other = before.iter().any(|(own, value)| own == name && value.get() != raw);
        if let Some(&at) = self.at.get(name).filter(|_| is_other) {
            let Twice { rows, first } = self.columns[at].twice;
            let first = if rows == 0 { self.record - 1 } else { first };
            self.columns[at].twice = Twice { rows: rows + 1, first };
        }
    }
}
