//! A cache that is open for reading: small tables in memory, segments on disk.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{
    Account, AccountIndex, AttributeValue, CacheError, CachedFile, Counts, Hot, LinkRow, StoredTable, Topic,
    TopicModel, ValueIndex,
};
use crate::model::{AccountId, AttributeKind, Watcher};

/// An open cache. Shared between threads behind an `Arc`; never changes while it is open.
pub struct Cache {
    path: PathBuf,
    connection: Mutex<rusqlite::Connection>,
    pub(super) accounts: Vec<Account>,
    pub(super) values: Vec<AttributeValue>,
    pub(super) topics: Vec<Topic>,
    pub(super) topic_model: TopicModel,
    pub(super) files: Vec<CachedFile>,
    pub(super) hot: Hot,
}

impl Cache {
    /// Opens a cache and reads what views need into memory.
    ///
    /// # Errors
    /// Where there is no cache, it is of another version, unfinished or damaged: rebuild it then.
    pub fn open(path: &Path, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        todo!()
    }

    /// All accounts, sorted by id.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Where an account stands in [`accounts`](Self::accounts).
    pub fn account_index(&self, id: &AccountId) -> Option<AccountIndex> {
        self.accounts.binary_search_by(|account| account.id.cmp(id)).ok().map(|at| at as AccountIndex)
    }

    /// All attribute values, sorted by kind, then value.
    pub fn values(&self) -> &[AttributeValue] {
        &self.values
    }

    /// Where a value stands in [`values`](Self::values).
    pub fn value_index(&self, kind: AttributeKind, value: &str) -> Option<ValueIndex> {
        self.values
            .binary_search_by(|known| (known.kind, known.value.as_str()).cmp(&(kind, value)))
            .ok()
            .map(|at| at as ValueIndex)
    }

    /// The values an account has, ascending, with how many of its exchanges carry each.
    pub fn values_of(&self, account: AccountIndex) -> &[(ValueIndex, u32)] {
        todo!()
    }

    /// The accounts that have a value, ascending.
    pub fn accounts_with(&self, value: ValueIndex) -> &[AccountIndex] {
        todo!()
    }

    /// Whether some file of the case had this canonical column.
    pub fn has_column(&self, name: &str) -> bool {
        todo!()
    }

    /// The topics, largest first; empty while there are none.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// How the topics were made.
    pub fn topic_model(&self) -> &TopicModel {
        &self.topic_model
    }

    /// The files the cache was built from, sorted by snapshot, then name.
    pub fn files(&self) -> &[CachedFile] {
        &self.files
    }

    /// Account, time, topic and place of every exchange.
    pub fn hot(&self) -> &Hot {
        &self.hot
    }

    /// How many exchanges, raw and distinct.
    pub fn counts(&self) -> Counts {
        todo!()
    }

    /// Links between accounts, sorted by (a, b); empty until leads have been computed.
    pub fn links(&self) -> &[LinkRow] {
        todo!()
    }

    /// A table that a module above stored, or `None`: see [`StoredTable`].
    pub fn stored(&self, name: &str) -> Result<Option<StoredTable>, CacheError> {
        todo!()
    }
}
