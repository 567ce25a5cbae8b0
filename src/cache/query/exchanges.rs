//! The records of a scope, a page at a time, without their text.

use crate::cache::{AccountIndex, Cache, CacheError, RowId, Selection};
use crate::model::{ExchangeRef, Micros};

/// One exchange without its text. A column the snapshot lacks is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeRow {
    /// Its position in this build of the cache.
    pub row: RowId,
    /// Its lasting name.
    pub exchange: ExchangeRef,
    /// Whose it is.
    pub account: AccountIndex,
    /// When.
    pub ts: Micros,
    /// Its topic, where there are topics.
    pub topic: Option<u16>,
    /// The model called.
    pub model: Option<String>,
    /// Address of the caller.
    pub ip: Option<String>,
    /// Tokens of the prompt.
    pub input_tokens: Option<u32>,
    /// Tokens of the response.
    pub output_tokens: Option<u32>,
    /// Milliseconds to the end of the response.
    pub latency_ms: Option<u32>,
    /// Why the response ended.
    pub stop_reason: Option<String>,
    /// Key of the conversation; equal for exchanges of one conversation.
    pub conversation: Option<u64>,
}

/// In which order exchanges are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangeOrder {
    /// By account, then time: the order of the cache.
    #[default]
    Account,
    /// Oldest first, whoever sent it.
    Time,
}

/// The rows of a selection in an order, as row ids. All of them, so that a table can scroll.
pub fn order(cache: &Cache, selection: &Selection, order: ExchangeOrder) -> Vec<RowId> {
    todo!()
}

/// The named rows, in the order asked.
///
/// # Errors
/// Where the cache cannot be read or has no such row.
pub fn rows(cache: &Cache, rows: &[RowId]) -> Result<Vec<ExchangeRow>, CacheError> {
    todo!()
}

/// All exchanges of the conversation that a row belongs to, oldest first; the row alone where
/// the snapshot has no conversations.
///
/// # Errors
/// Where the cache cannot be read or has no such row.
pub fn conversation(cache: &Cache, row: RowId) -> Result<Vec<RowId>, CacheError> {
    todo!()
}
