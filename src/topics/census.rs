//! First pass: equal prompts, stratified samples, recurring templates.

use rayon::prelude::*;

use super::prompts::{Content, Prompts, collect, key, vector_key};
use super::rows::RowSet;
use super::template::{USES, template};
use crate::cache::{AccountIndex, CacheError, RowId};
use crate::model::Watcher;
use crate::stats::splitmix;

/// Maximum number of sampled exchanges per account.
pub(super) const SAMPLED: usize = 64;
/// Maximum number of sampled exchanges in all; with very many accounts, each contributes fewer.
const SAMPLED_IN_ALL: usize = 6_000_000;
/// Maximum number of templates, those of most accounts first.
const TEMPLATES: usize = 1_000_000;

/// Result of the first pass. 16 bytes per row during the pass, 8 afterwards.
pub(super) struct Census {
    /// Key of each row's prompt, equal for equal content; 0 for none.
    keys: Vec<u64>,
    /// First row of each distinct prompt.
    first: RowSet,
    /// Recurring templates, ascending by row.
    pub templates: Vec<TemplateUse>,
}

/// Uses of one recurring template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TemplateUse {
    /// First row that has it.
    pub row: RowId,
    /// Accounts with their rows that have it: account, number, first row, last row.
    pub accounts: Vec<(AccountIndex, u32, RowId, RowId)>,
}

/// Reads all prompts once. `offsets` are the first rows of the accounts.
pub(super) fn take(
    prompts: &dyn Prompts,
    offsets: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Census, CacheError> {
    let by_vector = prompts.has_vectors();
    let mut keys = vec![0u64; prompts.rows()];
    let mut begins = vec![0u64; prompts.rows()];
    collect(
        prompts,
        "reading prompts",
        watcher,
        |_, asked| {
            let begins = asked.text.and_then(template).map_or(0, |template| key(template.as_bytes()));
            Some((content_key(asked, by_vector), begins))
        },
        |row, found| (keys[row as usize], begins[row as usize]) = found,
    )?;
    watcher.check()?;
    watcher.step("comparing prompts", 0, 0, "rows");
    let templates = recurring(&begins, offsets);
    drop(begins);
    watcher.check()?;
    Ok(Census { first: firsts(&keys), keys, templates })
}

/// Key of the compared content: of the embedding if the case has embeddings, else of the text. 0 for
/// no text or white space only, and for no vector or one of zeros or not finite.
fn content_key(content: Content<'_>, by_vector: bool) -> u64 {
    if by_vector {
        let vector =
            content.vector.filter(|v| v.iter().all(|x| x.is_finite()) && v.iter().any(|&x| x != 0.0));
        return vector.map_or(0, vector_key);
    }
    content.text.filter(|text| !text.trim().is_empty()).map_or(0, |text| key(text.as_bytes()))
}

/// First row of each key. Sorted in parts, so that the pairs of key and row are not all in memory at
/// once.
fn firsts(keys: &[u64]) -> RowSet {
    const PARTS: usize = 64;
    let found: Vec<Vec<RowId>> = (0..PARTS)
        .into_par_iter()
        .map(|part| {
            let mut own = Vec::with_capacity(keys.len() / PARTS);
            let of_part = keys.iter().enumerate().filter(|(_, key)| **key as usize % PARTS == part);
            own.extend(of_part.filter(|(_, key)| **key != 0).map(|(row, &key)| (key, row as RowId)));
            own.sort_unstable();
            own.chunk_by(|a, b| a.0 == b.0).map(|same| same[0].1).collect()
        })
        .collect();
    let mut first = RowSet::none_of(keys.len());
    found.into_iter().flatten().for_each(|row| first.insert(row));
    first
}

/// Template key, an account that uses it often, number of uses, first and last row with it.
type TemplateUses = (u64, AccountIndex, u32, RowId, RowId);

/// Templates that an account uses at least [`USES`] times, with those accounts.
fn recurring(begins: &[u64], offsets: &[RowId]) -> Vec<TemplateUse> {
    let by_account: Vec<Vec<TemplateUses>> = offsets
        .par_windows(2)
        .enumerate()
        .map(|(account, bounds)| {
            let mut own: Vec<(u64, RowId)> = (bounds[0]..bounds[1])
                .map(|row| (begins[row as usize], row))
                .filter(|(key, _)| *key != 0)
                .collect();
            own.sort_unstable();
            own.chunk_by(|a, b| a.0 == b.0)
                .filter(|same| same.len() >= USES as usize)
                .map(|same| {
                    let (first, last) = (same[0].1, same[same.len() - 1].1);
                    (same[0].0, account as AccountIndex, same.len() as u32, first, last)
                })
                .collect()
        })
        .collect();
    let mut uses: Vec<_> = by_account.into_iter().flatten().collect();
    uses.par_sort_unstable();
    let mut same: Vec<_> = uses.chunk_by(|a, b| a.0 == b.0).collect();
    // Accounts are in the order of their rows, so the first account has the first row.
    same.sort_by_key(|uses| (std::cmp::Reverse(uses.len()), uses[0].3));
    same.truncate(TEMPLATES);
    same.sort_by_key(|uses| uses[0].3);
    let accounts = |uses: &[TemplateUses]| {
        uses.iter().map(|&(_, account, count, first, last)| (account, count, first, last)).collect()
    };
    same.into_iter().map(|uses| TemplateUse { row: uses[0].3, accounts: accounts(uses) }).collect()
}

impl Census {
    /// Number of distinct prompts.
    pub(super) fn distinct(&self) -> usize {
        self.first.len()
    }

    /// Stratified sample of at most `size` distinct prompts, by their first rows, ascending. Each
    /// account contributes the same number, or all that it has, drawn by their keys, so that heavy
    /// accounts do not dominate the model. A prompt belongs to the account of its first row.
    pub(super) fn sample(&self, offsets: &[RowId], size: usize, seed: u64) -> Vec<RowId> {
        let own: Vec<usize> =
            offsets.par_windows(2).map(|bounds| self.first.within(bounds[0]..bounds[1]).count()).collect();
        let cap = equal_share(&own, self.distinct(), size);
        let drawn = |&row: &RowId| (splitmix::number(seed, self.keys[row as usize]), row);
        let mut rest = Vec::new();
        let mut sample = Vec::new();
        for bounds in offsets.windows(2) {
            let mut prompts: Vec<RowId> = self.first.within(bounds[0]..bounds[1]).collect();
            if prompts.len() > cap {
                prompts.select_nth_unstable_by_key(cap, drawn);
                // One more prompt of each account may fill the rest of the sample.
                rest.push(prompts[cap]);
                prompts.truncate(cap);
            }
            sample.extend(prompts);
        }
        rest.sort_by_key(drawn);
        rest.truncate(size.saturating_sub(sample.len()));
        sample.extend(rest);
        sample.sort_unstable();
        sample
    }

    /// Sampled exchanges: at most [`SAMPLED`] of each account, drawn by seed and row, distinct prompts
    /// before repeated ones.
    pub(super) fn exchanges(&self, offsets: &[RowId], seed: u64) -> RowSet {
        let asked = |bounds: &[RowId]| {
            (bounds[0]..bounds[1]).filter(|&row| self.keys[row as usize] != 0).count().min(SAMPLED)
        };
        let own: Vec<usize> = offsets.par_windows(2).map(asked).collect();
        let cap = equal_share(&own, SAMPLED, SAMPLED_IN_ALL);
        let drawn: Vec<Vec<RowId>> =
            offsets.par_windows(2).map(|bounds| self.drawn(bounds[0], bounds[1], cap, seed)).collect();
        let mut sampled = RowSet::none_of(self.keys.len());
        drawn.into_iter().flatten().for_each(|row| sampled.insert(row));
        sampled
    }

    fn drawn(&self, start: RowId, end: RowId, cap: usize, seed: u64) -> Vec<RowId> {
        let mut own: Vec<(u64, u64, RowId)> = (start..end)
            .map(|row| (self.keys[row as usize], splitmix::number(seed, u64::from(row)), row))
            .filter(|(key, ..)| *key != 0)
            .collect();
        own.sort_unstable();
        let mut order: Vec<(bool, u64, RowId)> = own
            .chunk_by(|a, b| a.0 == b.0)
            .flat_map(|same| same.iter().enumerate().map(|(at, &(_, drawn, row))| (at > 0, drawn, row)))
            .collect();
        if order.len() > cap {
            order.select_nth_unstable(cap);
            order.truncate(cap);
        }
        order.into_iter().map(|(.., row)| row).collect()
    }
}

/// Largest cap, at most `most`, for which the sum of min(own, cap) does not exceed `size`.
fn equal_share(own: &[usize], most: usize, size: usize) -> usize {
    let given = |cap: usize| own.iter().map(|&own| own.min(cap)).sum::<usize>();
    let (mut cap, mut over) = (0, most + 1);
    while over - cap > 1 {
        let middle = cap.midpoint(over);
        if given(middle) <= size { cap = middle } else { over = middle }
    }
    cap
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
        assert_eq!(found.first.iter().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(found.distinct(), 2);
        assert_eq!(found.exchanges(&[0, 3, 5], 1).iter().collect::<Vec<_>>(), [0, 1, 3]);
    }

    #[test]
    fn a_template_recurs_within_an_account_or_not_at_all() {
        let ask = "tell me in one short sentence what number 5 is";
        let found = census(&[ask, ask, ask, ask, ask], &[0, 3, 5]);
        assert_eq!(found.templates, [TemplateUse { row: 0, accounts: vec![(0, 3, 0, 2)] }]);
    }

    #[test]
    fn a_heavy_account_gives_no_more_than_the_others() {
        let texts: Vec<String> = (0..1_000).map(|n| format!("prompt {n}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = census(&texts, &[0, 970, 980, 1_000]);
        let drawn = found.sample(&[0, 970, 980, 1_000], 31, 1);
        assert_eq!(drawn.len(), 31);
        assert!(drawn.iter().filter(|&&prompt| prompt < 970).count() <= 11);
        assert_eq!(found.sample(&[0, 970, 980, 1_000], 5_000, 1).len(), 1_000);
        let sampled = found.exchanges(&[0, 970, 980, 1_000], 1);
        assert_eq!((sampled.within(0..970).count(), sampled.len()), (SAMPLED, SAMPLED + 30));
    }

    #[test]
    fn what_was_not_asked_yet_is_sampled_first() {
        let texts: Vec<String> = (0..500).map(|n| format!("prompt {}", n.min(40))).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let sampled = census(&texts, &[0, 500]).exchanges(&[0, 500], 1);
        assert_eq!((sampled.within(0..40).count(), sampled.len()), (40, SAMPLED));
    }

    #[test]
    fn shares_are_equal_and_fit() {
        assert_eq!(equal_share(&[100, 3, 100], 64, 1_000), 64);
        assert_eq!(equal_share(&[100, 3, 100], 64, 23), 10);
        assert_eq!(equal_share(&[1, 1], 64, 1), 0);
        assert_eq!(equal_share(&[], 64, 1), 64);
    }
}
