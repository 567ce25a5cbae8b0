//! Snapshots of Parquet files and of text files with a record a line: finding, sealing, mapping to the
//! canonical columns, reading.
//!
//! Snapshots are never altered. This layer does not depend on the cache or on cases.

mod acceptance;
mod adopt;
mod annotation;
mod base64;
mod clock;
mod column;
mod conversation;
mod convert;
mod copied;
mod copies;
mod decimal;
mod encryption;
mod error;
mod extract;
mod fetch;
mod file;
mod file_kind;
mod file_path;
mod find;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
pub(crate) mod fixture_rows;
#[cfg(test)]
mod foreign_tests;
mod hash;
mod join;
mod json;
mod kept_texts;
mod latency;
mod latest;
mod lines;
mod look;
mod mapping;
mod mapping_toml;
mod missing;
mod opened;
mod origin_form;
mod other_format;
mod path;
mod plan;
pub mod preset;
mod preview;
mod probe;
mod propose;
mod raw;
mod read;
pub mod record_hash;
mod remarks;
mod report;
mod row_layout;
mod row_rule;
mod salvage;
mod seal;
mod sealed;
mod shared;
mod source;
mod source_array;
mod source_row;
mod spans;
mod streamed;
mod table;
mod tally;
mod typed_json;
mod unit;
mod unmapped;

pub use acceptance::{AcceptanceColumns, AcceptanceRecord, AcceptanceRecords, read_acceptance};
pub use adopt::adopt;
pub use column::{Column, ColumnType};
pub use copied::files_of_copy;
pub use copies::{discard, remove_unfinished, sealed_copies, settle};
pub use error::SnapshotError;
pub use fetch::fetch;
pub use file::File;
pub use file_kind::usual_extensions;
pub use find::{FoundFiles, LeftOut, find, find_all};
pub use latest::latest;
pub use lines::{CsvQuotes, Encoding, choose_csv_quotes, choose_encoding, choose_rows_at, is_line_record};
pub use mapping::{Join, Mapping, Origin, RowRule, Without};
pub use missing::is_no_time;
pub use opened::{OpenedFiles, UnreadableFile};
pub use plan::CONTINUES;
pub use preview::{ColumnPreview, Preview};
pub use propose::{Fit, MappingProposal, problems, propose, taken};
pub use read::{Batch, Reader, present, read, row_groups};
pub use report::{ColumnReport, FileReport, ImportReport, NotTaken, report};
pub use row_layout::RowLayout;
pub use salvage::{Piece, Pieces, Unreadable, pieces};
pub use seal::seal;
pub use sealed::{IdenticalFile, Sealing, Snapshot, SourceFile, Sources, identical_files};
pub use source_row::{SourceReader, from_source_row, source_rows, to_source_row};
pub use tally::{ColumnTally, Counted, Spot, Tally};
pub use unit::{DayOrder, DecimalMark, Repeated, Unit};
