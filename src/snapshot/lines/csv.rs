//! Fields of a CSV record.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use super::layout::{Dialect, Head, Layout};
use super::split::Splitter;

/// Longest name of a column, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// Reader of the fields of one record after another.
pub(super) struct Fields {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// True where backslashes in the text of fields are escapes.
    escaped: bool,
    dialect: Dialect,
}

impl Fields {
    /// Reader of a dialect.
    pub fn new(dialect: Dialect) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(dialect.delimiter);
        if dialect.unquoted {
            builder.quoting(false).terminator(Terminator::Any(b'\n'));
        } else if dialect.backslash {
            builder.escape(Some(b'\\')).double_quote(false);
        }
        let escaped = dialect.unquoted && dialect.backslash;
        Self { reader: builder.build(), text: vec![0; 1_024], ends: vec![0; 64], escaped, dialect }
    }

    /// Reads a record without the line break at its end. Returns the number of its fields.
    pub fn read(&mut self, record: &[u8]) -> usize {
        self.reader.reset();
        let plain = self.dialect.padded.then(|| unpadded(record, self.dialect));
        let record = plain.as_deref().unwrap_or(record);
        let (mut input, mut written, mut ended) = (record, 0, 0);
        loop {
            let (result, used, more, fields) =
                self.reader.read_record(input, &mut self.text[written..], &mut self.ends[ended..]);
            input = &input[used..];
            written += more;
            ended += fields;
            match result {
                // An empty input ends the record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        if self.escaped {
            unescape(&mut self.text, &mut self.ends[..ended]);
        }
        self.ends.truncate(ended.max(1));
        let fields = ended;
        self.ends.resize(self.ends.len().max(64), 0);
        fields
    }

    /// True if the record that was read last, with so many fields, fits a header: as many, or one more that is
    /// empty, where a writer ends each record with a delimiter.
    pub fn fits(&self, count: usize, width: usize) -> bool {
        count == width || count == width + 1 && self.get(width).is_empty()
    }

    /// A field of the record that was read last.
    pub fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.text.get(start..self.ends[at]).unwrap_or_default()
    }
}

/// Record without the blanks around its fields, other than those inside quotation marks.
fn unpadded(record: &[u8], dialect: Dialect) -> Vec<u8> {
    let mut plain = Vec::with_capacity(record.len());
    let (mut fresh, mut quoted, mut escaped) = (true, false, false);
    let trim = |plain: &mut Vec<u8>| plain.truncate(plain.trim_ascii_end().len());
    for &byte in record {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted && dialect.backslash => escaped = true,
            b'"' if quoted => (quoted, fresh) = (false, true),
            _ if quoted => {}
            b' ' if fresh => continue,
            b'"' if fresh && !dialect.unquoted => (quoted, fresh) = (true, false),
            other => {
                fresh = other == dialect.delimiter;
                if fresh && dialect.delimiter != b'\t' {
                    trim(&mut plain);
                }
            }
        }
        plain.push(byte);
    }
    if !quoted {
        trim(&mut plain);
    }
    plain
}

/// True for a text whose first record has a blank before each name but the first, and so have most records
/// before each value: no caller of an API writes the names.
fn is_padded(bytes: &[u8], dialect: Dialect, is_whole: bool) -> bool {
    let records = first_records(bytes, dialect, is_whole, 1_000);
    let pads = |record: &Vec<u8>| {
        let (mut quoted, mut before, mut pads) = (false, 0, record.contains(&dialect.delimiter));
        for &byte in record {
            pads &= quoted || before != dialect.delimiter || byte == b' ' || byte == dialect.delimiter;
            quoted ^= byte == b'"';
            before = if quoted { b'"' } else { byte };
        }
        pads
    };
    let Some((header, records)) = records.split_first() else { return false };
    pads(header) && 2 * records.iter().filter(|record| pads(record)).count() >= records.len()
}

/// Replaces escapes in fields that end at `ends`, and moves the ends. A field of only `\N` is null, so empty.
fn unescape(text: &mut [u8], ends: &mut [usize]) {
    let (mut from, mut to) = (0, 0);
    for end in ends {
        if text.get(from..*end) == Some(b"\\N") {
            from = *end;
        }
        while from < *end {
            let plain = match (text[from], text.get(from + 1).filter(|_| from + 1 < *end)) {
                (b'\\', Some(&code)) => {
                    from += 1;
                    unescaped(code)
                }
                (byte, _) => byte,
            };
            text[to] = plain;
            (from, to) = (from + 1, to + 1);
        }
        *end = to;
    }
}

/// Character that a backslash and a code stand for; the code itself if it has no other meaning.
fn unescaped(code: u8) -> u8 {
    match code {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'0' => 0,
        other => other,
    }
}

/// Names of columns from the first record of a file; a column without a name is called by its number.
pub(super) fn names(header: &[u8], dialect: Dialect) -> Vec<String> {
    let mut fields = Fields::new(dialect);
    let count = fields.read(header);
    let name = |at: usize| match String::from_utf8_lossy(fields.get(at)).trim() {
        "" => format!("column {}", at + 1),
        name => name.to_owned(),
    };
    (0..count).map(name).collect()
}

/// Dialect of a text whose first record has the names of columns, with one of some delimiters; `None` for any
/// other text. `is_whole` is true where the text does not go on after these bytes, `may_pad` where blanks before
/// fields may be left out.
pub(super) fn dialect_of(bytes: &[u8], is_whole: bool, delimiters: &[u8], may_pad: bool) -> Option<Dialect> {
    let count = |delimiter: u8| {
        let dialect = Dialect::of(delimiter);
        let records = first_records(bytes, dialect, is_whole, 1);
        records.first().map_or(0, |header| Fields::new(dialect).read(header))
    };
    let delimiter = delimiters.iter().copied().rev().max_by_key(|&delimiter| count(delimiter))?;
    let own = Dialect { padded: true, ..Dialect::of(delimiter) };
    let own = Dialect { padded: may_pad && is_padded(bytes, own, is_whole), ..own };
    // Records after the header, and those of them that are as long.
    let fitting = |backslash: bool, unquoted: bool| {
        let dialect = Dialect { backslash, unquoted, ..own };
        let mut fields = Fields::new(dialect);
        let records = first_records(bytes, dialect, is_whole, 1_000);
        let Some((header, records)) = records.split_first() else { return (0, 0) };
        let width = fields.read(header);
        let mut fits = |record: &&Vec<u8>| {
            let count = fields.read(record);
            fields.fits(count, width)
        };
        (records.len(), records.iter().filter(|record| fits(record)).count())
    };
    let backslash = fitting(true, false).1 > fitting(false, false).1;
    let dialect = Dialect { backslash, ..own };
    let header = first_records(bytes, dialect, is_whole, 1);
    let fits = |(all, fits): (usize, usize)| fits * 2 >= all;
    (is_header(header.first()?, dialect) && (fits(fitting(backslash, false)) || fits(fitting(false, true))))
        .then_some(dialect)
}

/// The first whole records of a text.
pub(super) fn first_records(bytes: &[u8], dialect: Dialect, is_whole: bool, limit: usize) -> Vec<Vec<u8>> {
    let mut splitter = Splitter::new(bytes, Layout::Csv(dialect, Head::default()), 1, 0);
    let mut records = Vec::new();
    while records.len() < limit
        && let Ok(Some(record)) = splitter.next()
    {
        let record = record.bytes.to_vec();
        if !is_whole && splitter.place().0 == bytes.len() as u64 {
            break;
        }
        records.push(record);
    }
    records
}

/// True for a record that names columns: at least two fields, all of them short text that neither begins
/// like a number nor has control characters, quotation marks or braces, and at least one with a letter.
fn is_header(record: &[u8], dialect: Dialect) -> bool {
    let mut fields = Fields::new(dialect);
    let count = fields.read(record);
    let is_name = |field: &[u8]| {
        let Ok(text) = std::str::from_utf8(field) else { return false };
        text.len() <= MAX_NAME_BYTES
            && !text.chars().any(|c| c.is_control() || "\"{}".contains(c))
            && !text.trim().starts_with(|c: char| c.is_ascii_digit() || c == '-')
    };
    let begins = |field: &[u8]| field.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    count >= 2 && (0..count).all(|at| is_name(fields.get(at))) && (0..count).any(|at| begins(fields.get(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Dialect = Dialect::of(b',');

    #[test]
    fn fields_of_records_in_both_dialects() {
        let mut fields = Fields::new(PLAIN);
        let long = "x".repeat(5_000);
        let record = format!("a,\"b,\"\"c\nd\",,{long}");
        assert_eq!(fields.read(record.as_bytes()), 4);
        let texts = [b"a".as_slice(), b"b,\"c\nd", b"", long.as_bytes()];
        assert_eq!([0, 1, 2, 3].map(|at| fields.get(at)), texts);
        assert_eq!((fields.read(b"x"), fields.get(0)), (1, &b"x"[..]));
        assert_eq!(fields.read(",".repeat(299).as_bytes()), 300);
        assert_eq!(names(b"a, b ,,d", PLAIN), ["a", "b", "column 3", "d"]);
    }

    #[test]
    fn fields_of_unquoted_text_keep_marks_and_lose_escapes() {
        let mut fields = Fields::new(Dialect { backslash: true, unquoted: true, ..Dialect::of(b'\t') });
        assert_eq!(fields.read(b"\"a\tx\\ty\\\\n\t\\N\t\\Nope\t\t\\"), 6);
        let texts = [&b"\"a"[..], b"x\ty\\n", b"", b"Nope", b"", b"\\"];
        assert_eq!([0, 1, 2, 3, 4, 5].map(|at| fields.get(at)), texts);
        let mut plain = Fields::new(Dialect { unquoted: true, ..Dialect::of(b'\t') });
        assert_eq!(plain.read(b"C:\\new\t\"b\rc"), 2);
        assert_eq!([0, 1].map(|at| plain.get(at)), [&b"C:\\new"[..], b"\"b\rc"]);
    }

    #[test]
    fn the_dialect_is_that_in_which_records_are_as_long_as_the_header() {
        let of = |text: &[u8]| dialect_of(text, true, b",\t;|", true);
        let spark = b"ts,prompt,model\n1,\"[{\\\"role\\\":\\\"user\\\",\\\"n\\\":1}]\",m\n";
        let found = of(spark).unwrap();
        assert!(found.backslash);
        let mut fields = Fields::new(found);
        assert_eq!(fields.read(b"1,\"a\\\"b\",m"), 3);
        assert_eq!(fields.get(1), b"a\"b");
        assert_eq!(of(b"ts,prompt\n1,\"C:\\\\\"\n"), Some(PLAIN));
        let others = ["1,2\n3,4\n", "2026-04-22 13:05:09,123 INFO a, b\n", "Hello, world\nThis is\na text\n"];
        others.iter().for_each(|text| assert_eq!(of(text.as_bytes()), None, "{text}"));
        assert_eq!(of(b"a,b\n"), Some(PLAIN), "a part without rows");
    }

    #[test]
    fn blanks_before_fields_are_no_part_of_them() {
        let of = |text: &[u8]| dialect_of(text, true, b",\t;|", true);
        let padded = Dialect { padded: true, ..PLAIN };
        let text = b"ts, \"account id\", prompt\n1, a, \"hi, you\"\n2, b,\n3, c,no\n";
        assert_eq!(of(text), Some(padded));
        assert_eq!(dialect_of(text, true, b",", false), None, "a case from before");
        let mut fields = Fields::new(padded);
        assert_eq!(fields.read(b"1,  a,\"x, \"\"y\"\" , z\", \"b\" , c d"), 5);
        let texts = [&b"1"[..], b"a", b"x, \"y\" , z", b"b", b"c d"];
        assert_eq!([0, 1, 2, 3, 4].map(|at| fields.get(at)), texts);
        assert_eq!((fields.read(b" a  , b   "), fields.get(0), fields.get(1)), (2, &b"a"[..], &b"b"[..]));
        assert_eq!(of(b"ts, account, prompt\n1,a,hello\n2,b, no\n"), Some(PLAIN), "only the names");
        assert_eq!(of(b"ts,account,prompt\n1, a, x\n"), Some(PLAIN), "only the values");
    }
}
