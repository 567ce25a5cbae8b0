//! Parquet in: find files, hash them, map their columns to the canonical ones, read them.
//!
//! Snapshots are only ever read. Nothing here knows of the cache or of a case.

mod column;
mod convert;
mod error;
mod fetch;
mod find;
#[cfg(test)]
pub(crate) mod fixture;
mod mapping;
pub mod preset;
mod propose;
mod read;
mod seal;
mod source;

pub use column::{Column, ColumnType};
pub use error::SnapshotError;
pub use fetch::fetch;
pub use find::find;
pub use mapping::{Mapping, Unit};
pub use propose::{MappingProposal, problems, propose};
pub use read::{Batch, Reader, present, read, row_groups};
pub use seal::{Sealing, Snapshot, SourceFile, Sources, seal};
