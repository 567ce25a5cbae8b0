//! Signs of the ways of writing quotation marks, from one pass over a CSV file.

use std::io;
use std::path::Path;

use super::encoding::Encoding;
use super::layout::Dialect;
use super::unpack::open;

/// Codes that a writer that escapes puts after a backslash; never a line break or a delimiter.
const CODES: &[u8] = b"bfnrtv0'\\N";

/// Signs of the ways in a file. A writer never breaks its own way, whatever its callers write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// True for a way of quoting that the file breaks, doubled marks first: something else than a delimiter or
    /// a line break follows a closing mark, or a mark stands in a field that does not begin with one.
    pub breaks: [bool; 2],
    /// Number of records in each way of quoting, the header included.
    pub records: [u64; 2],
    /// Number of lines that are not blank, the header included.
    pub lines: u64,
    /// Number of lines with another number of fields than the first, if marks are text.
    pub misfits: u64,
    /// True if a mark follows a backslash inside a field.
    pub escapes: bool,
    /// True if there is any quotation mark.
    pub has_marks: bool,
    /// True if a name of a column is quoted.
    pub has_quoted_header: bool,
    tabs: bool,
    backslashes: Backslashes,
}

/// Backslashes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Backslashes {
    /// Number of those that a code follows.
    codes: u64,
    /// True if something else than a code follows one.
    others: bool,
    /// True directly after one.
    open: bool,
}

/// Place in a file that is read in one way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    Bare,
    Quoted,
    /// After a backslash that takes the meaning from the next byte.
    Escape,
    /// After a quotation mark inside a field.
    Mark,
}

/// Counts of the present line, and of the present record in each way.
#[derive(Default)]
struct Present {
    fields: u64,
    width: Option<u64>,
    line: bool,
    record: [bool; 2],
}

impl Signs {
    /// Signs of a file in an encoding with the delimiter of a dialect, below some lines.
    ///
    /// # Errors
    /// The file cannot be opened. Damage ends the pass; the reading itself reports it.
    pub fn of((path, encoding): (&Path, Option<Encoding>), dialect: Dialect, above: u32) -> io::Result<Self> {
        let Dialect { delimiter, padded, .. } = dialect;
        let (_, mut input) = open(path, encoding)?;
        for _ in 0..above {
            input.skip_until(b'\n')?;
        }
        let mut signs = Self { tabs: delimiter == b'\t', ..Self::default() };
        let (mut places, mut before, mut present) = ([At::Begin; 2], 0, Present::default());
        loop {
            let chunk = match input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() != io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            for &byte in chunk {
                signs.escapes |= byte == b'"' && before == b'\\' && places != [At::Bare; 2];
                for (way, at) in places.iter_mut().enumerate() {
                    *at = signs.after(way, *at, byte, (delimiter, padded));
                    present.record[way] |= !byte.is_ascii_whitespace();
                    if byte == b'\n' && *at == At::Begin {
                        signs.records[way] += u64::from(std::mem::take(&mut present.record[way]));
                    }
                }
                signs.line(&mut present, byte, delimiter);
                signs.backslashes.next(byte);
                before = byte;
            }
            let length = chunk.len();
            input.consume(length);
        }
        signs.lines += u64::from(present.line);
        for (records, is_open) in signs.records.iter_mut().zip(present.record) {
            *records += u64::from(is_open);
        }
        Ok(signs)
    }

    /// True if backslashes escape in text whose marks are text: of the fields between tabs, every one is
    /// followed by a code.
    pub fn is_escaped(&self) -> bool {
        let Backslashes { codes, others, open } = self.backslashes;
        self.tabs && codes > 0 && !others && !open
    }

    fn line(&mut self, present: &mut Present, byte: u8, delimiter: u8) {
        if byte == b'"' {
            self.has_marks = true;
            self.has_quoted_header |= self.lines == 0;
        }
        present.line |= !byte.is_ascii_whitespace();
        if byte == delimiter {
            present.fields += 1;
        } else if byte == b'\n' {
            if present.line {
                self.lines += 1;
                self.misfits += u64::from(*present.width.get_or_insert(present.fields) != present.fields);
            }
            (present.line, present.fields) = (false, 0);
        }
    }

    fn after(&mut self, way: usize, at: At, byte: u8, (delimiter, padded): (u8, bool)) -> At {
        let is_backslash = way == 1;
        let is_end = byte == delimiter || byte == b'\n' || byte == b'\r';
        match at {
            At::Begin if byte == b'"' => At::Quoted,
            At::Begin if byte == b' ' && padded => At::Begin,
            At::Begin | At::Bare | At::Mark if is_end => At::Begin,
            At::Begin | At::Bare => {
                self.breaks[way] |= byte == b'"';
                At::Bare
            }
            At::Quoted if byte == b'"' => At::Mark,
            At::Quoted if byte == b'\\' && is_backslash => At::Escape,
            At::Quoted | At::Escape => At::Quoted,
            At::Mark if byte == b'"' && !is_backslash => At::Quoted,
            At::Mark if byte == b' ' && padded => At::Mark,
            At::Mark => {
                self.breaks[way] = true;
                At::Quoted
            }
        }
    }
}

impl Backslashes {
    fn next(&mut self, byte: u8) {
        if self.open {
            let is_code = CODES.contains(&byte);
            (self.codes, self.others, self.open) =
                (self.codes + u64::from(is_code), self.others | !is_code, false);
        } else {
            self.open = byte == b'\\';
        }
    }
}
