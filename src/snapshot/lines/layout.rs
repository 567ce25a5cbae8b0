//! Formats of text files.

use super::encoding::Encoding;
use super::unpack::Packing;
use super::wrapper::{Names, Wrapper};

/// Arrangement of records in a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) enum Layout {
    /// One JSON object a line.
    JsonLines,
    /// JSON objects over several lines, one after another or in a list.
    JsonValues,
    /// JSON objects in a list inside an object, below these names: `{"Records": [{…}, {…}]}`.
    JsonItems(Wrapper),
    /// Lists of values in a list inside an object, whose columns have these names.
    JsonTable(Wrapper, Names),
    /// Records of fields, of which the first record names the columns unless the head has the names.
    Csv(Dialect, Head),
}

/// Beginning of a CSV file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::snapshot) struct Head {
    /// Number of lines above the names of the columns, or above the first record.
    pub above: u32,
    /// Names of the columns, where they stand in another file.
    pub names: Option<&'static [&'static str]>,
}

impl Head {
    /// Text below the lines above the names; `None` if it has no more.
    pub fn below_title<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut rest = bytes;
        for _ in 0..self.above {
            rest = &rest[memchr::memchr(b'\n', rest)? + 1..];
        }
        Some(without_mark(rest))
    }
}

/// Format of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct Format {
    /// Compression of the whole file.
    pub packing: Packing,
    /// Encoding that is said of the text; `None` for UTF-8, and for UTF-16, which its first bytes show.
    pub encoding: Option<Encoding>,
    /// Arrangement of its records.
    pub layout: Layout,
    /// True where the objects around a list of rows are columns of these.
    pub around: bool,
}

/// Rules by which the layout of a text file is recognised. Rows are numbered by the layout, so a file whose
/// rows a case has numbered is opened by the same rules again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) enum Rules {
    /// Those of cases that do not keep the layout.
    First,
    /// Those of new imports.
    Present,
}

/// Marks that a writer of CSV uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct Dialect {
    /// Byte between fields.
    pub delimiter: u8,
    /// True where a quotation mark inside a field follows a backslash (Spark, MySQL), and not another
    /// quotation mark; of an unquoted dialect, where a backslash stands for a tab, a line break and others
    /// with the character after it (text format of PostgreSQL's COPY, ClickHouse's TabSeparated).
    pub backslash: bool,
    /// True where quotation marks are text and every line is a record.
    pub unquoted: bool,
    /// True where blanks around a field are not part of it: `a, b, "c, d"`.
    pub padded: bool,
}

impl Dialect {
    /// Dialect of RFC 4180 with another byte between fields.
    pub const fn of(delimiter: u8) -> Self {
        Self { delimiter, backslash: false, unquoted: false, padded: false }
    }
}

/// Bytes without the byte order mark of UTF-8.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
