//! The first pass: which prompts are the same, which are looked at closely, which templates recur.

use rayon::prelude::*;

use super::prompts::{Content, Prompts, collect, key, vector_key};
use super::rows::RowSet;
use super::template::{USES, template};
use crate::cache::{AccountIndex, CacheError, RowId};
use crate::model::Watcher;
use crate::stats::splitmix;

/// Exchanges an account that are sampled at most.
pub(super) const SAMPLED: usize = 64;
/// Exchanges in all that are sampled at most; where there are very many accounts, each gives less.
const SAMPLED_IN_ALL: usize = 6_000_000;
/// Templates that are kept at most, those of most accounts first.
const TEMPLATES: usize = 1_000_000;

/// What the first pass learns. 16 bytes a row while it is taken, 8 afterwards.
pub(super) struct Census {
    /// The key of what each row asks: the same for the same content; 0 for nothing.
    keys: Vec<u64>,
    /// Rows that are the first to ask what they ask.
    first: RowSet,
    /// Templates that recur, ascending by row.
    pub templates: Vec<TemplateUse>,
}

/// One template that recurs.
#[derive(Clone, Debug, PartialEq)]
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

/// The key of what is compared: the embedding where the case has embeddings, else the text. 0 for
/// nothing: no text or white space only, no vector or one of zeros or not finite.
fn content_key(content: Content<'_>, by_vector: bool) -> u64 {
    if by_vector {
        let vector =
            content.vector.filter(|v| v.iter().all(|x| x.is_finite()) && v.iter().any(|&x| x != 0.0));
        return vector.map_or(0, vector_key);
    }
    content.text.filter(|text| !text.trim().is_empty()).map_or(0, |text| key(text.as_bytes()))
}

/// The first row of each key. Sorted part by part, so that pairs of key and row need not stand in
/// memory all at once.
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

/// The key of a beginning, an account that uses it often, how often, its first and last row with it.
type Beginning = (u64, AccountIndex, u32, RowId, RowId);

/// What some account begins often with, and who does.
fn recurring(begins: &[u64], offsets: &[RowId]) -> Vec<TemplateUse> {
    let by_account: Vec<Vec<Beginning>> = offsets
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
    // The first row of a template is in its first account.
    same.sort_by_key(|uses| (std::cmp::Reverse(uses.len()), uses[0].3));
    same.truncate(TEMPLATES);
    same.sort_by_key(|uses| uses[0].3);
    let accounts = |uses: &[Beginning]| {
        uses.iter().map(|&(_, account, count, first, last)| (account, count, first, last)).collect()
    };
    same.into_iter().map(|uses| TemplateUse { row: uses[0].3, accounts: accounts(uses) }).collect()
}

impl Census {
    /// How many different prompts there are.
    pub(super) fn distinct(&self) -> usize {
        self.first.len()
    }

    /// At most `size` distinct prompts (by their first rows, ascending), stratified: each account
    /// gives as many as any other, as far as it has them, drawn by their keys. A prompt counts for
    /// the account of its first row. So no heavy account owns the model.
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
                // The next of each account compete for what the equal shares leave over.
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

    /// The sampled exchanges: at most [`SAMPLED`] of each account, drawn by seed and row; what it
    /// has asked already comes after what it has not.
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

/// The largest share, `most` at the most, that all can give (those who have less give all they
/// have) without their sum exceeding `size`.
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
