//! The first pass: which prompts are the same, which are looked at closely, which templates recur.

use std::collections::BTreeMap;

use super::prompts::{Content, Prompts, collect, key};
use super::template::{USES, template};
use crate::cache::{AccountIndex, CacheError, RowId};
use crate::model::Watcher;
use crate::stats::splitmix;

/// The prompt of a row that has none.
pub(super) const NO_PROMPT: u32 = u32::MAX;

/// What the first pass learns. 8 bytes a row while it lasts, 4 afterwards.
pub(super) struct Census {
    /// The distinct prompt of each row, or [`NO_PROMPT`].
    pub prompt: Vec<u32>,
    /// The first row of each distinct prompt, ascending.
    pub first: Vec<RowId>,
    /// The key of each distinct prompt: the same for the same content in any case.
    pub keys: Vec<u64>,
    /// Templates by key: a row that has it, and the accounts that use it often, with how often.
    pub templates: BTreeMap<u64, TemplateUse>,
}

/// One template that recurs.
pub(super) struct TemplateUse {
    /// The first row that has it.
    pub row: RowId,
    /// Account and the rows of it that begin with it: how many, the first and the last.
    pub accounts: Vec<(AccountIndex, u32, RowId, RowId)>,
}

/// Goes through all prompts once. `offsets` says where each account's rows begin.
pub(super) fn take(
    prompts: &dyn Prompts,
    offsets: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Census, CacheError> {
    let by_vector = prompts.has_vectors();
    let mut content = vec![0u64; prompts.rows()];
    let mut begins = vec![0u64; prompts.rows()];
    collect(
        prompts,
        "reading prompts",
        watcher,
        |_, asked| {
            let begins = asked.text.and_then(template).map_or(0, |template| key(template.bytes()));
            Some((content_key(asked, by_vector), begins))
        },
        |row, keys| (content[row as usize], begins[row as usize]) = keys,
    )?;
    watcher.check()?;
    let templates = recurring(&begins, offsets);
    drop(begins);
    Ok(distinct(&content, templates))
}

/// The key of what is compared: the embedding where the case has embeddings, else the text. 0 for
/// nothing: no text or white space only, no vector or one of zeros or not finite.
fn content_key(content: Content<'_>, by_vector: bool) -> u64 {
    if by_vector {
        let vector =
            content.vector.filter(|v| v.iter().all(|x| x.is_finite()) && v.iter().any(|&x| x != 0.0));
        return vector.map_or(0, |v| key(v.iter().flat_map(|x| x.to_le_bytes())));
    }
    content.text.filter(|text| !text.trim().is_empty()).map_or(0, |text| key(text.bytes()))
}

fn distinct(content: &[u64], templates: BTreeMap<u64, TemplateUse>) -> Census {
    let mut order: Vec<(u64, RowId)> = content
        .iter()
        .enumerate()
        .filter(|(_, key)| **key != 0)
        .map(|(row, &key)| (key, row as RowId))
        .collect();
    order.sort_unstable();
    // Distinct prompts are numbered by their first rows.
    let mut groups: Vec<(RowId, u64)> =
        order.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].1, same[0].0)).collect();
    groups.sort_unstable();
    let mut prompt = vec![NO_PROMPT; content.len()];
    for (number, &(row, _)) in groups.iter().enumerate() {
        prompt[row as usize] = number as u32;
    }
    for same in order.chunk_by(|a, b| a.0 == b.0) {
        let number = prompt[same[0].1 as usize];
        same.iter().for_each(|&(_, row)| prompt[row as usize] = number);
    }
    let (first, keys) = groups.into_iter().unzip();
    Census { prompt, first, keys, templates }
}

fn recurring(begins: &[u64], offsets: &[RowId]) -> BTreeMap<u64, TemplateUse> {
    let mut found: BTreeMap<u64, TemplateUse> = BTreeMap::new();
    for (account, bounds) in offsets.windows(2).enumerate() {
        let mut own: Vec<(u64, RowId)> = (bounds[0]..bounds[1])
            .map(|row| (begins[row as usize], row))
            .filter(|(key, _)| *key != 0)
            .collect();
        own.sort_unstable();
        for same in own.chunk_by(|a, b| a.0 == b.0) {
            let (first, last) = (same[0].1, same[same.len() - 1].1);
            if same.len() >= USES as usize {
                let known = found
                    .entry(same[0].0)
                    .or_insert_with(|| TemplateUse { row: first, accounts: Vec::new() });
                known.accounts.push((account as AccountIndex, same.len() as u32, first, last));
            }
        }
    }
    found
}

/// At most `size` distinct prompts (by number, ascending), stratified: each account gives as many
/// as any other, as far as it has them, drawn by their keys. A prompt counts for the account of
/// its first row. So no heavy account owns the model.
pub(super) fn sample(census: &Census, offsets: &[RowId], size: usize, seed: u64) -> Vec<u32> {
    let mut own: Vec<Vec<u32>> = Vec::new();
    let mut number = 0;
    for bounds in offsets.windows(2) {
        let end = number + census.first[number..].partition_point(|&row| row < bounds[1]);
        own.push((number as u32..end as u32).collect());
        number = end;
    }
    let given = |cap: usize| own.iter().map(|prompts| prompts.len().min(cap)).sum::<usize>();
    let (mut cap, mut over) = (0, census.first.len() + 1);
    while over - cap > 1 {
        let middle = cap.midpoint(over);
        if given(middle) <= size { cap = middle } else { over = middle }
    }
    let drawn = |&prompt: &u32| (splitmix::number(seed, census.keys[prompt as usize]), prompt);
    let mut rest = Vec::new();
    let mut sample = Vec::new();
    for mut prompts in own {
        prompts.sort_by_key(drawn);
        // The next of each account compete for what the equal shares leave over.
        rest.extend(prompts.get(cap).copied());
        sample.extend(prompts.into_iter().take(cap));
    }
    rest.sort_by_key(drawn);
    rest.truncate(size.saturating_sub(sample.len()));
    sample.extend(rest);
    sample.sort_unstable();
    sample
}

#[cfg(test)]
mod tests {
    use super::super::prompts::memory::InMemory;
    use super::*;
    use crate::model::Silent;

    fn census(texts: &[&str], offsets: &[RowId]) -> Census {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        take(&InMemory { texts, vectors: vec![] }, offsets, &Silent).unwrap()
    }

    #[test]
    fn the_same_prompt_is_one_and_nothing_is_none() {
        let found = census(&["b", "a", " \n", "b", ""], &[0, 3, 5]);
        assert_eq!(found.prompt, [0, 1, NO_PROMPT, 0, NO_PROMPT]);
        assert_eq!(found.first, [0, 1]);
    }

    #[test]
    fn a_template_recurs_within_an_account_or_not_at_all() {
        let ask = "tell me in one short sentence what number 5 is";
        let found = census(&[ask, ask, ask, ask, ask], &[0, 3, 5]);
        let uses: Vec<_> =
            found.templates.values().map(|found| (found.row, found.accounts.clone())).collect();
        assert_eq!(uses, [(0, vec![(0, 3, 0, 2)])]);
    }

    #[test]
    fn a_heavy_account_gives_no_more_than_the_others() {
        let texts: Vec<String> = (0..1_000).map(|n| format!("prompt {n}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = census(&texts, &[0, 970, 980, 1_000]);
        let drawn = sample(&found, &[0, 970, 980, 1_000], 31, 1);
        assert_eq!(drawn.len(), 31);
        assert!(drawn.iter().filter(|&&prompt| prompt < 970).count() <= 11);
        assert_eq!(sample(&found, &[0, 970, 980, 1_000], 5_000, 1).len(), 1_000);
    }
}
