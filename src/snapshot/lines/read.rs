//! Reading of a text file in batches of text columns.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{ArrayRef, BinaryArray, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};

use super::blocks::is_remark;
use super::csv::Fields;
use super::index::Lines;
use super::layout::{Head, Layout};
use super::split::{MAX_RECORD_BYTES, Record, Splitter};
use super::table::with_record;
use super::text::bytes_of;
use super::unpack::{Packing, open, open_at};
use crate::snapshot::json::{self, Entries};

/// Column of a batch with the reason why a row has no values, such as a line that is not JSON.
pub(in crate::snapshot) const FAULT: &str = "\0fault";
/// Column of a batch with the line of each row, counted from 1.
pub(in crate::snapshot) const LINE: &str = "\0line";

/// A blank line; not an exchange, and no fault.
const BLANK: &str = "a blank line";
/// A line of the bulk format of Elasticsearch and OpenSearch that says where the record of the next line goes.
const ACTION: &str = "an action of the bulk format, which has no record";
/// A record that sums up those before it.
const TOTAL: &str = "a sum below the last record";
/// A line behind the end of a block of COPY.
const END: &str = "a line behind the end of the COPY block";
/// The header once more, where files with headers were put together.
const HEADER_AGAIN: &str = "the names of the columns once more";
/// A line of the extended format of the W3C that begins with `#`.
const REMARK: &str = "a line that begins with #, as servers write at their start";
/// Names of actions of the bulk format.
const ACTIONS: [&str; 4] = ["index", "create", "update", "delete"];

/// True for the reason of a row that was never meant to be a record.
pub(in crate::snapshot) fn is_no_record(fault: &str) -> bool {
    [BLANK, ACTION, TOTAL, END, HEADER_AGAIN, REMARK].contains(&fault)
}

/// True for the object of an action: `{"index": {"_index": "logs", "_id": "1"}}`.
fn is_action(entries: &Entries<'_>) -> bool {
    let [(name, value)] = &entries[..] else { return false };
    let Some(inner) = json::entries(value.get()).filter(|_| ACTIONS.contains(&name.as_ref())) else {
        return false;
    };
    inner.iter().all(|(name, _)| {
        name.starts_with('_') || ["routing", "pipeline", "require_alias"].contains(&name.as_ref())
    })
}
const NO_JSON: &str = "a line that is not a JSON object";
const TOO_LONG: &str = "a line longer than 64 MiB";
const OTHER_LENGTH: &str = "a record with another number of fields than the header";

const OTHER_WIDTH: &str = "a row with another number of values than columns";

/// Bytes of records after which a batch ends.
const BATCH_BYTES: usize = MAX_RECORD_BYTES;

/// Reader of some rows of a text file, in order.
pub(super) struct Rows {
    splitter: Splitter<Box<dyn io::BufRead + Send>>,
    /// Row of the next record.
    row: u64,
    damaged: Option<(u64, String)>,
}

impl Rows {
    /// Reader from the beginning of a group.
    pub fn of_group(path: &Path, lines: &Lines, group: usize) -> io::Result<Self> {
        let start = lines.groups.get(group).ok_or(io::ErrorKind::InvalidInput)?;
        let layout = lines.format.layout;
        let damaged = lines.damaged_row().zip(lines.damage.clone());
        let row = lines.groups[..group].iter().map(|group| group.rows).sum();
        if lines.format.packing == Packing::Plain {
            let splitter = Splitter::new(open_at(path, start.offset)?, layout, start.line, start.offset);
            return Ok(Self { splitter: splitter.within(start.outside), row, damaged });
        }
        let mut splitter = Splitter::from_start(open(path, lines.format.encoding)?.1, layout)?;
        if matches!(layout, Layout::Csv(_, Head { names: None, .. })) {
            splitter.next()?;
        }
        Ok(Self { splitter, row, damaged })
    }

    /// The record of a row that is not before the last one; `None` beyond the end of the file.
    ///
    /// # Errors
    /// The row is damaged, or the file cannot be read; in words.
    pub fn get(&mut self, row: u64) -> Result<Option<Record<'_>>, String> {
        if let Some((_, reason)) = self.damaged.as_ref().filter(|(damaged, _)| row >= *damaged) {
            return Err(reason.clone());
        }
        while self.row < row {
            self.row += 1;
            if self.splitter.next().map_err(|error| error.to_string())?.is_none() {
                return Ok(None);
            }
        }
        self.row += 1;
        self.splitter.next().map_err(|error| error.to_string())
    }
}

/// Batches of columns of a group: the rows given, numbered within the group. A column that the file does
/// not have is left out. Values are text, or bytes where a value is not UTF-8.
///
/// # Errors
/// The file cannot be opened.
pub(in crate::snapshot) fn batches(
    path: &Path,
    lines: &Arc<Lines>,
    group: usize,
    columns: &[String],
    rows: Vec<Range<u64>>,
    batch_rows: usize,
) -> io::Result<impl Iterator<Item = Result<RecordBatch, String>> + use<>> {
    let first: u64 = lines.groups.iter().take(group).map(|group| group.rows).sum();
    let has = |name: &&String| lines.columns.iter().any(|column| column.name == **name);
    let cells = Cells::new(lines, columns.iter().filter(has).cloned().collect());
    let rows = rows.into_iter().flat_map(move |range| first + range.start..first + range.end);
    let mut source = Batches {
        reader: Rows::of_group(path, lines, group)?,
        lines: Arc::clone(lines),
        rows: rows.peekable(),
        cells,
        batch_rows,
    };
    Ok(std::iter::from_fn(move || source.next().transpose()))
}

struct Batches<I: Iterator<Item = u64>> {
    reader: Rows,
    lines: Arc<Lines>,
    rows: std::iter::Peekable<I>,
    cells: Cells,
    batch_rows: usize,
}

impl<I: Iterator<Item = u64>> Batches<I> {
    /// Next batch. Damage is an error of its own, after the rows before it.
    fn next(&mut self) -> Result<Option<RecordBatch>, String> {
        let (mut count, mut bytes) = (0, 0);
        while count < self.batch_rows && bytes < BATCH_BYTES {
            let Some(&row) = self.rows.peek() else { break };
            match self.reader.get(row) {
                Ok(Some(record)) => {
                    bytes += record.bytes.len();
                    let is_header = self.lines.header.as_deref() == Some(record.bytes);
                    let is_remark = is_remark(self.lines.format.layout, record.bytes);
                    let fault = match (is_header, is_remark) {
                        (true, _) => Some(HEADER_AGAIN),
                        (_, true) => Some(REMARK),
                        _ => None,
                    };
                    let fault = fault.or_else(|| {
                        self.lines.is_total(row).then_some(if self.lines.is_copy() { END } else { TOTAL })
                    });
                    self.cells.push((row, &record), fault);
                    count += 1;
                }
                Ok(None) => break,
                Err(reason) if count == 0 => return Err(reason),
                Err(_) => break,
            }
            self.rows.next();
        }
        if count == 0 { Ok(None) } else { self.cells.finish().map(Some) }
    }
}

/// Columns of a batch while it is read.
struct Cells {
    names: Vec<String>,
    /// For CSV: position of each column among the fields, and the number of fields.
    positions: Vec<usize>,
    width: usize,
    fields: Option<Fields>,
    layout: Layout,
    /// The file, whose rows may have objects around them.
    of: Arc<Lines>,
    arrays: Vec<BinaryBuilder>,
    lines: Vec<u64>,
    faults: Vec<Option<&'static str>>,
}

impl Cells {
    fn new(lines: &Arc<Lines>, columns: Vec<String>) -> Self {
        let (mut positions, mut width, mut fields) = (Vec::new(), 0, None);
        if let Layout::Csv(dialect, _) = lines.format.layout {
            let header = lines.csv_names();
            width = header.len();
            let position = |name: &String| header.iter().position(|own| own == name).unwrap_or(usize::MAX);
            positions = columns.iter().map(position).collect();
            fields = Some(Fields::new(dialect));
        }
        Self {
            arrays: columns.iter().map(|_| BinaryBuilder::new()).collect(),
            names: columns,
            positions,
            width,
            fields,
            layout: lines.format.layout,
            of: Arc::clone(lines),
            lines: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn push(&mut self, (row, record): (u64, &Record<'_>), fault: Option<&'static str>) {
        self.lines.push(record.line);
        let fault = match () {
            () if fault.is_some() => fault,
            () if record.too_long => Some(TOO_LONG),
            () if self.fields.is_some() => self.push_fields(record.bytes),
            () => self.push_entries(row, record.bytes),
        };
        self.faults.push(fault);
        if fault.is_some() {
            self.arrays.iter_mut().for_each(BinaryBuilder::append_null);
        }
    }

    fn push_fields(&mut self, record: &[u8]) -> Option<&'static str> {
        let Some(fields) = &mut self.fields else { return Some(OTHER_LENGTH) };
        let count = fields.read(record);
        if !fields.fits(count, self.width) {
            return Some(OTHER_LENGTH);
        }
        for (array, &at) in self.arrays.iter_mut().zip(&self.positions) {
            // CSV has no null; an empty field is none.
            match if at < self.width { fields.get(at) } else { &[] } {
                [] => array.append_null(),
                field => array.append_value(field),
            }
        }
        None
    }

    fn push_entries(&mut self, row: u64, record: &[u8]) -> Option<&'static str> {
        let (names, arrays, around) = (&self.names, &mut self.arrays, &self.of.around);
        let found = with_record(self.layout, record, |entries, is_coded| {
            if is_action(entries) {
                return false;
            }
            for (name, array) in names.iter().zip(arrays) {
                if let Some(own) = around.get(name, row) {
                    array.append_value(own);
                    continue;
                }
                // Of equal names the last counts.
                let value = entries.iter().rev().find(|(own, _)| own == name);
                match value.and_then(|(_, raw)| json::cell(raw.get())) {
                    None => array.append_null(),
                    Some(cell) if is_coded => match std::str::from_utf8(&cell) {
                        Ok(text) => array.append_value(bytes_of(text)),
                        Err(_) => array.append_value(cell),
                    },
                    Some(cell) => array.append_value(cell),
                }
            }
            true
        });
        match found {
            Some(true) => None,
            Some(false) => Some(ACTION),
            None if record.iter().all(u8::is_ascii_whitespace) => Some(BLANK),
            None if matches!(self.layout, Layout::JsonTable(_, _)) => Some(OTHER_WIDTH),
            None => Some(NO_JSON),
        }
    }

    fn finish(&mut self) -> Result<RecordBatch, String> {
        let hidden: [(&str, ArrayRef); 2] = [
            (FAULT, Arc::new(StringArray::from(std::mem::take(&mut self.faults)))),
            (LINE, Arc::new(UInt64Array::from(std::mem::take(&mut self.lines)))),
        ];
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (name, array) in hidden {
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        for (name, builder) in self.names.iter().zip(&mut self.arrays) {
            let array = text_or_bytes(builder.finish());
            let data_type: DataType = array.data_type().clone();
            fields.push(Field::new(name, data_type, true));
            arrays.push(array);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| error.to_string())
    }
}

/// Text if all values are UTF-8, else the bytes.
pub(super) fn text_or_bytes(bytes: BinaryArray) -> ArrayRef {
    match StringArray::try_from_binary(bytes.clone()) {
        Ok(texts) => Arc::new(texts),
        Err(_) => Arc::new(bytes),
    }
}
