//! `cache.sqlite`: all data derived from the snapshots, in the form that views read.
//!
//! Built from sealed snapshots by [`load`](load::load) (accounts, attributes, segments); topics, map,
//! prompt templates, links, signals and leads are computed above and stored here. Can be deleted at
//! any moment. Holds no decision of a person, and no prompt or response text except the words that
//! label a topic or a template. All SQL that concerns the cache stands in this folder.
//!
//! An open [`Cache`] is made of an opened file (connections, fingerprint), small tables, segments and
//! hot columns, each with a type and a file of its own.

mod columns;
mod derived;
mod error;
mod facts;
pub(crate) mod fail_point;
mod file;
mod finished;
mod first_use;
pub(crate) mod hot;
pub mod load;
mod open;
mod packed;
pub(crate) mod pass_file;
mod places;
pub(crate) mod samples;
mod schema;
pub(crate) mod segment;
mod segments;
pub(crate) mod store;
mod tables;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub(crate) mod topic_tables;
mod unchanged;

pub use columns::{PackedColumn, pack_columns, unpack_columns};
pub use error::CacheError;
pub use facts::{LoadFacts, UnreadablePlace, unreadable_in_words};
pub use finished::put_in_place;
pub use hot::{Hot, NO_TOPIC};
pub use load::{fingerprint_of, load};
pub use open::Cache;
pub(crate) use places::Places;
pub use samples::{LENGTH as SAMPLE_DIMENSIONS, PromptSample};
pub(crate) use segment::SegmentColumn;
pub use store::{Cell, LinkRow, StoredTable, roll_back, write_links, write_rows, write_table};
pub use tables::Renaming;

use crate::model::{AccountId, AttributeKind, Digest, Micros};

/// Position of an exchange in this build of the cache: exchanges are numbered from 0, sorted by
/// account, then time. Valid until the cache is rebuilt; the permanent reference is an
/// [`ExchangeRef`](crate::model::ExchangeRef).
pub type RowId = u32;

/// Position of an account in [`Cache::accounts`], which is sorted by account id.
pub type AccountIndex = u32;

/// Position of an attribute value in [`Cache::values`], which is sorted by kind, then value.
pub type ValueIndex = u32;

/// One account, as the cache's `accounts` table has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Account id as logged.
    pub id: AccountId,
    /// Number of distinct exchanges.
    pub exchanges: u32,
    /// Time of its first exchange.
    pub first: Micros,
    /// Time of its last exchange.
    pub last: Micros,
    /// Time of its creation, the earliest of several; `None` if the log has none.
    pub created: Option<Micros>,
    /// Time of its verification, the earliest of several; `None` if the log has none.
    pub verified: Option<Micros>,
}

/// Value of an attribute, with the numbers of accounts and exchanges that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeValue {
    /// Attribute of the value.
    pub kind: AttributeKind,
    /// Value as logged; hostile.
    pub value: String,
    /// Number of accounts that have it.
    pub accounts: u32,
    /// Number of exchanges that carry it.
    pub exchanges: u64,
}

/// One topic of the topic model.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its number; also its position in [`Cache::topics`]. Largest topic first.
    pub id: u16,
    /// Its most distinctive words, at most three joined with ` · `; hostile.
    pub label: String,
    /// Its words, most distinctive first.
    pub words: Vec<String>,
    /// Number of exchanges in it.
    pub exchanges: u64,
    /// Its centre on the map, both coordinates in 0..=1; `NaN` without a map.
    pub centre: [f32; 2],
    /// Three exchanges nearest its centroid (fewer in a tiny topic), nearest first.
    pub medoids: Vec<RowId>,
}

/// Description of the topic model and recall of its map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicModel {
    /// `embedding` or `text`; empty while there are no topics.
    pub path: String,
    /// Method in words, for the screen: “lexical: hashed words and character 3–5-grams, …”.
    pub description: String,
    /// Share of each point's 10 nearest neighbours in topic space that are among its 10 nearest
    /// on the map, averaged over a sample; `None` without a map.
    pub map_recall: Option<f32>,
    /// Reason for which there are no topics; `None` if there are topics.
    pub absent: Option<String>,
}

/// One file of a snapshot, as the cache was built from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedFile {
    /// SHA-256 of its snapshot.
    pub snapshot: Digest,
    /// Its path inside the snapshot.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Number of rows.
    pub rows: u64,
}

/// Numbers of exchanges in the snapshots, raw and distinct.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of all files.
    pub raw: u64,
    /// Rows after duplicates within and across snapshots are counted once.
    pub distinct: u64,
}
