//! Text files of one record a line: JSON Lines and CSV, plain or compressed with gzip or Zstandard.
//!
//! Values are delivered as text and made canonical by [`convert`](super::convert), so that lines may
//! differ in columns and types. Arrow's own readers of these formats end at the first line that does not
//! fit a schema; here such a line is set aside and the next one is read.

mod around;
mod blocks;
mod csv;
mod declared;
mod delimiter;
mod dialect;
mod encoding;
mod format;
mod head;
mod index;
mod kind;
mod layout;
mod read;
mod record;
mod rows_at;
mod shape;
mod sibling;
mod signs;
mod split;
mod table;
mod text;
mod total;
mod unpack;
mod utf16;
mod wrapper;

pub(super) use declared::{choose_delimiter, choose_encoding};
pub(super) use delimiter::delimiter_of;
pub use dialect::{CsvQuotes, choose_csv_quotes};
pub(super) use encoding::Encoding;
pub(super) use format::sniff;
pub(super) use index::{LineColumn, Lines};
pub(super) use layout::{Dialect, Format, Head, Layout, Rules};
pub(super) use read::{FAULT, LINE, batches, is_no_record};
pub use record::is_line_record;
pub(super) use record::line_records;
pub(super) use rows_at::choose_rows_at;
pub(super) use shape::kept_wrapper;
pub(super) use sibling::kept;
#[cfg(test)]
pub(super) use unpack::Packing;
pub(super) use unpack::{first_bytes, packing_of};
pub(super) use wrapper::{BESIDE, Lists, WRAPPERS, Wrapper};

#[cfg(test)]
mod around_tests;
#[cfg(test)]
mod odd_tests;
#[cfg(test)]
mod tests;
