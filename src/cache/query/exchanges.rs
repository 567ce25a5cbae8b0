//! The records of a scope, a page at a time, without their text.

use rayon::slice::ParallelSliceMut;

use crate::cache::{
    AccountIndex, AttributeValue, Cache, CacheError, NO_TOPIC, RowId, SegmentColumn, Selection,
};
use crate::model::{AttributeKind, ExchangeRef, Micros};

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
    let mut rows: Vec<RowId> = selection.rows().collect();
    if order == ExchangeOrder::Time {
        let ts = &cache.hot().ts;
        let mut timed: Vec<(Micros, RowId)> = rows.iter().map(|&row| (ts[row as usize], row)).collect();
        timed.par_sort_unstable();
        rows = timed.into_iter().map(|(_, row)| row).collect();
    }
    rows
}

/// The named rows, in the order asked.
///
/// # Errors
/// Where the cache cannot be read or has no such row.
pub fn rows(cache: &Cache, rows: &[RowId]) -> Result<Vec<ExchangeRow>, CacheError> {
    const MODEL: SegmentColumn = SegmentColumn::Code(AttributeKind::Model);
    const IP: SegmentColumn = SegmentColumn::Code(AttributeKind::Ip);
    let models = &cache.values()[cache.values_of_kind(AttributeKind::Model)];
    let addresses = &cache.values()[cache.values_of_kind(AttributeKind::Ip)];
    let name = |values: &[AttributeValue], code: Option<u32>| Some(values.get(code? as usize)?.value.clone());
    let columns = [
        SegmentColumn::File,
        SegmentColumn::Row,
        MODEL,
        IP,
        SegmentColumn::InputTokens,
        SegmentColumn::OutputTokens,
        SegmentColumn::LatencyMs,
        SegmentColumn::StopReason,
        SegmentColumn::Conversation,
    ];
    cache.per_segment(rows, &columns, |columns, row, at| {
        let number = |column| columns.u32_at(column, at);
        let (file, place) = number(SegmentColumn::File)
            .filter(|file| (*file as usize) < cache.files().len())
            .zip(number(SegmentColumn::Row))
            .ok_or_else(|| CacheError::damaged(cache.path(), "a row without a file"))?;
        let topic = cache.hot().topic.get(row as usize).copied();
        let reason = number(SegmentColumn::StopReason);
        Ok(ExchangeRow {
            row,
            exchange: cache.name_of(file, place),
            account: cache.hot().account_of(row),
            ts: cache.hot().ts[row as usize],
            topic: topic.filter(|topic| *topic != NO_TOPIC),
            model: name(models, number(MODEL)),
            ip: name(addresses, number(IP)),
            input_tokens: number(SegmentColumn::InputTokens),
            output_tokens: number(SegmentColumn::OutputTokens),
            latency_ms: number(SegmentColumn::LatencyMs),
            stop_reason: reason.and_then(|code| cache.stop_reasons.get(code as usize)).cloned(),
            conversation: columns.u64_at(SegmentColumn::Conversation, at),
        })
    })
}

/// All exchanges of the conversation that a row belongs to, oldest first; the row alone where
/// the snapshot has no conversations. A conversation is looked for within its account: another
/// account's conversation of the same name is another conversation.
///
/// # Errors
/// Where the cache cannot be read or has no such row.
pub fn conversation(cache: &Cache, row: RowId) -> Result<Vec<RowId>, CacheError> {
    const KEY: SegmentColumn = SegmentColumn::Conversation;
    let key_of = |rows: &[RowId]| cache.per_segment(rows, &[KEY], |columns, _, at| Ok(columns.u64_at(KEY, at)));
    let Some(key) = key_of(&[row])?[0] else { return Ok(vec![row]) };
    let account = cache.hot().rows_of(cache.hot().account_of(row));
    let rows: Vec<RowId> = (account.start as RowId..account.end as RowId).collect();
    let keys = key_of(&rows)?;
    // The rows of an account ascend in time.
    Ok(rows.into_iter().zip(keys).filter(|(_, other)| *other == Some(key)).map(|(row, _)| row).collect())
}
