//! The records of a scope, a page at a time, without their text.

use crate::cache::{AccountIndex, AttributeValue, Cache, CacheError, NO_TOPIC, RowId, SegmentColumn};
use crate::model::{AttributeKind, ExchangeRef, Micros};

/// One exchange without its text. A column the snapshot lacks is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeRow {
    /// Its position in this build of the cache.
    pub row: RowId,
    /// Its permanent reference.
    pub exchange: ExchangeRef,
    /// Account of the caller.
    pub account: AccountIndex,
    /// Time, microseconds UTC.
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
    /// Reason for the end of the response.
    pub stop_reason: Option<String>,
    /// Key of the conversation; equal for exchanges of one conversation.
    pub conversation: Option<u64>,
}

/// Exchanges of some rows, in the order given.
///
/// # Errors
/// The cache cannot be read or has no such row.
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
    cache.per_row(rows, &columns, |columns, row, at| {
        let number = |column| columns.u32_at(column, at);
        let (file, place) = number(SegmentColumn::File)
            .filter(|file| (*file as usize) < cache.files().len())
            .zip(number(SegmentColumn::Row))
            .ok_or_else(|| CacheError::damaged(cache.path(), "a row names no file"))?;
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
            stop_reason: reason.and_then(|code| cache.stop_reasons().get(code as usize)).cloned(),
            conversation: columns.u64_at(SegmentColumn::Conversation, at),
        })
    })
}

/// All exchanges of the conversation of a row, oldest first; the row alone if the snapshot has no
/// conversations. Conversations are those of one account: the same id under another account is
/// another conversation.
///
/// # Errors
/// The cache cannot be read or has no such row.
pub fn conversation(cache: &Cache, row: RowId) -> Result<Vec<RowId>, CacheError> {
    const KEY: SegmentColumn = SegmentColumn::Conversation;
    let key_of = |rows: &[RowId]| cache.per_row(rows, &[KEY], |columns, _, at| Ok(columns.u64_at(KEY, at)));
    let Some(key) = key_of(&[row])?[0] else { return Ok(vec![row]) };
    let account = cache.hot().rows_of(cache.hot().account_of(row));
    let rows: Vec<RowId> = (account.start as RowId..account.end as RowId).collect();
    let keys = key_of(&rows)?;
    // The rows of an account ascend in time.
    Ok(rows.into_iter().zip(keys).filter(|(_, other)| *other == Some(key)).map(|(row, _)| row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::cache::text::records;
    use crate::model::{Scope, Silent};
    use crate::query::Selection;
    use crate::query::accounts::{AccountInScope, accounts};
    use crate::query::search::search;
    use crate::query::select;

    #[test]
    fn exchanges_have_their_values_conversations_and_text() {
        let folder = tempfile::tempdir().unwrap();
        let said = |account, ts, conversation, prompt: &str| Row {
            conversation,
            prompt: Some(prompt.to_owned()),
            model: Some("large"),
            tokens: Some(ts - 2),
            ..row(account, ts)
        };
        let rows_of_file = vec![
            said("bob", 1, Some("c"), "Grade the ANSWER"),
            said("amy", 4, Some("c"), "again"),
            said("amy", 2, Some("c"), "grade this answer, please"),
            said("amy", 3, Some("d"), "answer"),
        ];
        let (cache, sources) =
            cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows_of_file)])]);
        let all = select(&cache, &Scope::default(), &Silent).unwrap();
        let listed = rows(&cache, &[3, 0]).unwrap();
        assert_eq!((listed[0].account, listed[0].ts, listed[0].exchange.row), (1, 1, 0));
        assert_eq!((listed[0].input_tokens, listed[1].input_tokens), (None, Some(0)));
        assert_eq!((listed[1].latency_ms, listed[1].model.as_deref()), (Some(0), Some("large")));
        assert_eq!((listed[1].ip.clone(), listed[1].topic), (None, None));
        assert_eq!(conversation(&cache, 2).unwrap(), [0, 2]);
        assert!(rows(&cache, &[4]).is_err());
        let counted =
            [AccountInScope { account: 0, exchanges: 3 }, AccountInScope { account: 1, exchanges: 1 }];
        assert_eq!(accounts(&cache, &all), counted);

        let read = records(&cache, &sources, &[3, 0], &Silent).unwrap().read;
        assert_eq!(read[0].1.text("prompt_text"), Some("Grade the ANSWER"));
        assert_eq!(read[1].1.text("account_id"), Some("amy"));

        let find = |selection: &Selection, words: &str, limit| {
            let mut found = Vec::new();
            let searched =
                search(&cache, &sources, selection, words, limit, &mut |hit| found.push(hit.row), &Silent);
            (found, searched.unwrap().more)
        };
        assert_eq!(find(&all, "answer grade", 9), (vec![3, 0], false));
        assert_eq!(find(&all, "\"grade the\"", 9), (vec![3], false));
        assert_eq!(find(&all, "answer", 2), (vec![3, 0], true));
        let amy = select(&cache, &Scope::default().with_account("amy".into()), &Silent).unwrap();
        assert_eq!(find(&amy, "grade", 9), (vec![0], false));

        // A file that changed after import is not shown.
        let (cache, sources) = (crate::cache::Cache::open(cache.path(), &Silent).unwrap(), sources);
        crate::cache::testing::write_file(&folder.path().join("a.parquet"), &[row("amy", 1)]);
        assert!(matches!(records(&cache, &sources, &[0], &Silent), Err(CacheError::Changed { .. })));
    }
}
