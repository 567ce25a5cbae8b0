//! Division of a stream of bytes into records, within a bound of memory.

use std::io::{self, BufRead};

use memchr::memchr;

use super::around::{Around, Gatherer};
use super::layout::{Dialect, Layout, without_mark};
use super::wrapper::Outside;

/// Longest record that is read, in bytes; longer ones are set aside without being kept in memory.
pub(super) const MAX_RECORD_BYTES: usize = 64 << 20;

/// Reason why a file is refused.
const TOO_MUCH: &str =
    "more than 256 MiB stand around its lists of rows; put what a row needs into it, as jq does";

/// One record of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Its bytes as they are in the file, without the line break at its end. Empty where it is too long.
    pub bytes: &'a [u8],
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// True if it is longer than [`MAX_RECORD_BYTES`].
    pub too_long: bool,
}

/// Records of a stream, in order. Blank lines are records of JSON Lines, so that a row is a line.
pub(super) struct Splitter<R> {
    input: R,
    layout: Layout,
    buffer: Vec<u8>,
    too_long: bool,
    state: State,
    /// Line of the next byte, counted from 1.
    line: u64,
    /// Offset of the next byte in the decompressed file.
    offset: u64,
    /// Gatherer of what stands around the records.
    gatherer: Option<Gatherer>,
}

/// Place inside a record.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// True after the first byte of the record.
    begun: bool,
    /// True inside quotation marks.
    quoted: bool,
    /// True directly after a backslash inside quotation marks.
    escaped: bool,
    /// True where a field begins (CSV).
    fresh: bool,
    /// Number of open braces and brackets (JSON).
    depth: u64,
    /// True for an element of a list that is a number, a flag or null (JSON).
    bare: bool,
    /// Place in the nesting around the records (JSON in a list inside an object).
    outside: Outside,
}

/// Part of a chunk of bytes: first what lies between records, then bytes of the record.
struct Part {
    skipped: usize,
    taken: usize,
    is_end: bool,
}

impl<R: BufRead> Splitter<R> {
    /// Splitter of a stream that begins at a line and an offset of the file.
    pub fn new(input: R, layout: Layout, line: u64, offset: u64) -> Self {
        let (buffer, state) = (Vec::new(), State::fresh());
        Self { input, layout, buffer, too_long: false, state, line, offset, gatherer: None }
    }

    /// Splitter that gathers what stands around the records.
    #[must_use]
    pub fn with_around(mut self) -> Self {
        self.gatherer = Gatherer::new(self.layout);
        self
    }

    /// Text around the records, as far as these were read.
    ///
    /// # Errors
    /// It is more than is kept.
    pub fn around(self) -> io::Result<Around> {
        match self.gatherer {
            Some(gatherer) if gatherer.is_too_much() => {
                Err(io::Error::new(io::ErrorKind::InvalidData, TOO_MUCH))
            }
            gatherer => Ok(gatherer.map(Gatherer::finish).unwrap_or_default()),
        }
    }

    /// Splitter of a file from its beginning, after the lines above the names of columns.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn from_start(mut input: R, layout: Layout) -> io::Result<Self> {
        let (mut line, mut offset) = (1, 0);
        if let Layout::Csv(_, head) = layout {
            for _ in 0..head.above {
                offset += input.skip_until(b'\n')? as u64;
                line += 1;
            }
        }
        Ok(Self::new(input, layout, line, offset))
    }

    /// Splitter whose stream begins at a place in the nesting around the records.
    #[must_use]
    pub fn within(mut self, outside: Outside) -> Self {
        self.state.outside = outside;
        self
    }

    /// Place of the next record in the nesting around the records.
    pub fn outside(&self) -> Outside {
        self.state.outside
    }

    /// Offset and line of the next record, between two records.
    pub fn place(&self) -> (u64, u64) {
        (self.offset, self.line)
    }

    /// Next record; `None` at the end of the file.
    ///
    /// # Errors
    /// The stream cannot be read further: an error of the disk, or damage to compressed data.
    pub fn next(&mut self) -> io::Result<Option<Record<'_>>> {
        loop {
            let (line, is_there) = self.advance()?;
            if !is_there {
                return Ok(None);
            }
            let is_blank = !self.too_long && self.buffer.iter().all(u8::is_ascii_whitespace);
            if is_blank && self.layout != Layout::JsonLines {
                continue;
            }
            if let Some(gatherer) = &mut self.gatherer {
                gatherer.row(&self.buffer);
            }
            let mut bytes = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
            bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if line == 1 {
                bytes = without_mark(bytes);
            }
            return Ok(Some(Record { bytes, line, too_long: self.too_long }));
        }
    }

    /// Reads one record into the buffer; its line, and false at the end of the file.
    fn advance(&mut self) -> io::Result<(u64, bool)> {
        self.buffer.clear();
        self.too_long = false;
        self.state = State { outside: self.state.outside, ..State::fresh() };
        let mut line = self.line;
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Ok((line, self.state.begun));
            }
            let Part { skipped, taken, is_end } = self.state.part(self.layout, chunk);
            if skipped > 0 {
                if let Some(gatherer) = &mut self.gatherer {
                    gatherer.outside(&chunk[..skipped]);
                }
                self.line += memchr::memchr_iter(b'\n', &chunk[..skipped]).count() as u64;
                line = self.line;
            }
            let own = &chunk[skipped..skipped + taken];
            if self.buffer.len() + own.len() > MAX_RECORD_BYTES {
                self.too_long = true;
                self.buffer = Vec::new();
            } else if !self.too_long {
                self.buffer.extend_from_slice(own);
            }
            self.line += memchr::memchr_iter(b'\n', own).count() as u64;
            self.offset += (skipped + taken) as u64;
            self.input.consume(skipped + taken);
            if is_end {
                return Ok((line, true));
            }
        }
    }
}

impl State {
    fn fresh() -> Self {
        Self { fresh: true, ..Self::default() }
    }

    fn part(&mut self, layout: Layout, chunk: &[u8]) -> Part {
        match layout {
            Layout::JsonLines | Layout::Csv(Dialect { unquoted: true, .. }, _) => {
                self.begun = true;
                let end = memchr(b'\n', chunk);
                Part { skipped: 0, taken: end.map_or(chunk.len(), |end| end + 1), is_end: end.is_some() }
            }
            Layout::JsonValues => {
                let first = memchr(b'{', chunk).unwrap_or(chunk.len());
                self.json(chunk, first)
            }
            Layout::JsonItems(path) | Layout::JsonTable(path, _) => {
                let first = if self.begun { 0 } else { self.outside.skip(path, chunk) };
                self.json(chunk, first)
            }
            Layout::Csv(dialect, _) => self.csv(dialect, chunk),
        }
    }

    /// Bytes up to the end of the value, which is the brace that closes an object; those before its first
    /// byte, which is at `first`, are skipped.
    fn json(&mut self, chunk: &[u8], first: usize) -> Part {
        let mut skipped = 0;
        if !self.begun {
            skipped = first;
            self.begun = skipped < chunk.len();
            self.bare = chunk.get(first).is_some_and(|byte| !b"{}[]\"".contains(byte));
        }
        for (at, &byte) in chunk.iter().enumerate().skip(skipped) {
            match byte {
                b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' if self.bare => {
                    return Part { skipped, taken: at - skipped, is_end: true };
                }
                _ if self.bare => continue,
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth == 0 && !self.quoted {
                return Part { skipped, taken: at + 1 - skipped, is_end: true };
            }
        }
        Part { skipped, taken: chunk.len() - skipped, is_end: false }
    }

    /// Bytes up to the line break outside of quotation marks. A quotation mark opens a field only at
    /// its beginning; doubled inside, it closes and opens again.
    fn csv(&mut self, dialect: Dialect, chunk: &[u8]) -> Part {
        self.begun = true;
        for (at, &byte) in chunk.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted && dialect.backslash => self.escaped = true,
                // A second mark directly after it opens the field again.
                b'"' if self.quoted => (self.quoted, self.fresh) = (false, true),
                _ if self.quoted => {}
                b'\n' => return Part { skipped: 0, taken: at + 1, is_end: true },
                b'"' if self.fresh => (self.quoted, self.fresh) = (true, false),
                b' ' if self.fresh && dialect.padded => {}
                other => self.fresh = other == dialect.delimiter,
            }
        }
        Part { skipped: 0, taken: chunk.len(), is_end: false }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::super::layout::Head;
    use super::super::wrapper::{Lists, Wrapper};
    use super::*;

    fn items(lists: Lists) -> Layout {
        Layout::JsonItems(Wrapper { through: &[], lists })
    }

    fn csv_of(dialect: Dialect) -> Layout {
        Layout::Csv(dialect, Head::default())
    }

    fn split(text: &[u8], layout: Layout, chunk: usize) -> Vec<(String, u64)> {
        let mut splitter = Splitter::new(BufReader::with_capacity(chunk, text), layout, 1, 0);
        let mut records = Vec::new();
        while let Some(record) = splitter.next().unwrap() {
            records.push((String::from_utf8_lossy(record.bytes).into_owned(), record.line));
        }
        assert_eq!(splitter.place().0, text.len() as u64);
        records
    }

    fn check(text: &str, layout: Layout, expected: &[(&str, u64)]) {
        for chunk in [1, 3, 4_096] {
            let found = split(text.as_bytes(), layout, chunk);
            let found: Vec<(&str, u64)> = found.iter().map(|(text, line)| (text.as_str(), *line)).collect();
            assert_eq!(found, expected, "{text:?} in chunks of {chunk}");
        }
    }

    #[test]
    fn records_of_each_layout_end_where_they_end() {
        let lines = Layout::JsonLines;
        check("\u{feff}{}\r\n\n{\"a\":\"\\n\"}", lines, &[("{}", 1), ("", 2), ("{\"a\":\"\\n\"}", 3)]);
        check("{}\n", lines, &[("{}", 1)]);
        let values = Layout::JsonValues;
        check(
            "[{\"a\":\"}\\\"{\"},\n {\"b\":[{}]\n}\n]\n",
            values,
            &[("{\"a\":\"}\\\"{\"}", 1), ("{\"b\":[{}]\n}", 2)],
        );
        let page = "{\"object\":\"data\",\n\"x\":[{}], \"data\": [ {\"a\":[{}]},\n{\"data\":[{}]}],\"y\":[{}]}\n{\"data\":[{\"b\":1}]}";
        let expected = [("{\"a\":[{}]}", 2), ("{\"data\":[{}]}", 3), ("{\"b\":1}", 4)];
        check(page, items(&[&["data"]]), &expected);
        let mixed = "{\"data\":[{\"a\":1}]}\n{\"a\":2}\n{\"data\":[]}\n{\"data\":[{\"a\":3}]}";
        let expected = [("{\"a\":1}", 1), ("}", 2), ("{\"a\":3}", 4)];
        check(mixed, items(&[&["data"]]), &expected);
        let spans = "{\"r\":[{\"attributes\":[{\"s\":[{}]}],\"s\":[{\"spans\":[{\"i\":1},{\"i\":2}]},{\"spans\":[]},{\"spans\":[{\"i\":3}]}]}]}\n";
        let expected = [("{\"i\":1}", 1), ("{\"i\":2}", 1), ("{\"i\":3}", 1)];
        check(spans, items(&[&["r"], &["s", "old"], &["spans"]]), &expected);
        let nested = items(&[&["r"], &["s", "old"], &["spans"]]);
        let lost = "{\"r\":[{\"resource\":{}},{\"old\":[{\"spans\":[{\"i\":1}]},{\"scope\":{}}]},{\"s\":[]},7,{\"s\":[\"x,]\"]}]}\n";
        check(lost, nested, &[("}", 1), ("{\"i\":1}", 1), ("}", 1), ("7", 1), ("\"x,]\"", 1)]);
        let odd = "{\"data\":[1, -2.5e3,null\n,\"a}\\\"]\",[{}],{\"b\":1},true]}{\"data\":[{\"c\":1}]}";
        let expected = [
            ("1", 1),
            ("-2.5e3", 1),
            ("null", 1),
            ("\"a}\\\"]\"", 2),
            ("[{}]", 2),
            ("{\"b\":1}", 2),
            ("true", 2),
            ("{\"c\":1}", 2),
        ];
        check(odd, items(&[&["data"]]), &expected);
        let search = Layout::JsonItems(Wrapper { through: &["a", "hits"], lists: &[&["hits"]] });
        let page = "{\"hits\":{\"hits\":[{\"no\":1}]},\"a\":{\"x\":[{\"hits\":[7]}],\"hits\":{\"total\":{\"hits\":[1]},\"hits\":[{\"i\":1},{\"i\":{\"hits\":[2]}}]}},\"hits\":[{}]}\n{\"error\":{}}{\"a\":{\"hits\":{\"hits\":[]}}}{\"a\":{\"hits\":{\"hits\":[{\"i\":3}]}}}";
        check(page, search, &[("{\"i\":1}", 1), ("{\"i\":{\"hits\":[2]}}", 1), ("}", 2), ("{\"i\":3}", 2)]);
        check("{}{}\n{", values, &[("{}", 1), ("{}", 1), ("{", 2)]);
        let csv = csv_of(Dialect::of(b','));
        check(
            "a,b\n\n\"x\n\"\"y\",5\" pipe\nlast",
            csv,
            &[("a,b", 1), ("\"x\n\"\"y\",5\" pipe", 3), ("last", 5)],
        );
        let csv = csv_of(Dialect { backslash: true, ..Dialect::of(b',') });
        check("a,\"x\\\"\ny\"\nlast", csv, &[("a,\"x\\\"\ny\"", 1), ("last", 3)]);
        let plain = csv_of(Dialect { backslash: true, unquoted: true, ..Dialect::of(b'\t') });
        check("a\tb\r\n\n1\t\"x\n2\ty\"", plain, &[("a\tb", 1), ("1\t\"x", 3), ("2\ty\"", 4)]);
    }

    #[test]
    fn reading_goes_on_from_any_record_as_from_the_beginning() {
        let text = "{\"data\":[{\"a\":1},2]}\n{\"error\":{}}\n{\"data\":[{\"a\":3},{\"a\":4}]}\n{\"x\":[]}{\"data\":[{\"a\":5}]}";
        let layout = items(&[&["data"]]);
        let all = split(text.as_bytes(), layout, 8);
        assert_eq!(all.len(), 7);
        for begin in 0..all.len() {
            let mut first = Splitter::new(text.as_bytes(), layout, 1, 0);
            for _ in 0..begin {
                first.next().unwrap();
            }
            let ((offset, line), outside) = (first.place(), first.outside());
            let rest = &text.as_bytes()[offset as usize..];
            let mut splitter = Splitter::new(rest, layout, line, offset).within(outside);
            let mut records = Vec::new();
            while let Some(record) = splitter.next().unwrap() {
                records.push((String::from_utf8_lossy(record.bytes).into_owned(), record.line));
            }
            assert_eq!(records, all[begin..], "from record {begin}");
        }
    }

    #[test]
    fn a_record_without_end_is_not_kept_in_memory() {
        let long = std::io::Read::take(std::io::repeat(b'x'), 3 * MAX_RECORD_BYTES as u64);
        let input = std::io::Read::chain(long, &b"\n{}\n"[..]);
        let mut splitter = Splitter::new(BufReader::with_capacity(1 << 16, input), Layout::JsonLines, 1, 0);
        let first = splitter.next().unwrap().unwrap();
        assert_eq!((first.too_long, first.bytes.len()), (true, 0));
        assert!(splitter.buffer.capacity() <= 2 * MAX_RECORD_BYTES);
        assert_eq!(splitter.next().unwrap().unwrap().bytes, b"{}");
    }
}
