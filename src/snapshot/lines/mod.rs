//! Text files of one record a line: JSON Lines and CSV, plain or compressed with gzip or Zstandard.
//!
//! Values are delivered as text and made canonical by [`convert`](super::convert), so that lines may
//! differ in columns and types. Arrow's own readers of these formats end at the first line that does not
//! fit a schema; here such a line is set aside and the next one is read.

mod csv;
mod dialect;
mod format;
mod index;
mod kind;
mod layout;
mod read;
mod record;
mod shape;
mod signs;
mod split;
mod text;
mod unpack;
mod wrapper;

pub use dialect::{CsvQuotes, choose_csv_quotes};
pub(super) use format::sniff;
pub(super) use index::{LineColumn, Lines};
pub(super) use layout::{Dialect, Format, Layout, Rules};
pub(super) use read::{BLANK, FAULT, LINE, batches};
pub use record::is_line_record;
pub(super) use record::line_records;
pub(super) use shape::kept_path;
pub(super) use unpack::packing_of;
pub(super) use wrapper::{BESIDE, Lists, WRAPPERS};

#[cfg(test)]
mod tests;
