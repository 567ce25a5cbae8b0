//! Parquet in: find files, hash them, map their columns to the canonical ones, read them.
//!
//! Snapshots are only ever read. Nothing here knows of the cache or of a case.

mod adopt;
mod column;
mod convert;
mod copied;
mod copies;
mod error;
mod fetch;
mod find;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
pub(crate) mod fixture_rows;
mod hash;
mod latest;
mod mapping;
pub mod preset;
mod propose;
mod read;
pub mod record_hash;
mod salvage;
mod seal;
mod sealed;
mod source;
mod source_row;

pub use adopt::adopt;
pub use column::{Column, ColumnType};
pub use copied::files_of_copy;
pub use copies::{discard, remove_unfinished, sealed_copies, settle};
pub use error::SnapshotError;
pub use fetch::fetch;
pub use find::find;
pub use latest::latest;
pub use mapping::{Mapping, Unit};
pub use propose::{MappingProposal, problems, propose};
pub use read::{Batch, Reader, present, read, row_groups};
pub use salvage::{Piece, Pieces, Unreadable, pieces};
pub use seal::seal;
pub use sealed::{IdenticalFile, Sealing, Snapshot, SourceFile, Sources, identical_files};
pub use source_row::{SourceReader, from_source_row, source_rows, to_source_row};
