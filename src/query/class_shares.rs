//! Class of prompts that a group of accounts sends far more than others do, by sampled prompts.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::Watcher;
use crate::topics::classes::ALL;

/// Most blobs of samples that are read, evenly spread over the accounts; about 4,000 exchanges each.
const MAX_BLOBS: usize = 512;
/// Fewest sampled prompts of a group.
const MIN_SAMPLED: u32 = 20;
/// Least share of a group's sampled prompts.
const MIN_SHARE: f64 = 0.2;
/// Least ratio of this share to that of other accounts.
const MIN_RATIO: f64 = 3.0;

/// Sampled prompts of each class, and all.
type Counts = ([u32; ALL.len()], u32);

/// Class of prompts of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassShare {
    /// Name of the class: `reasoning elicitation`.
    pub class: &'static str,
    /// Share of the group's sampled prompts, 0 to 1.
    pub share: f64,
    /// Share of the sampled prompts of all other accounts, 0 to 1.
    pub elsewhere: f64,
}

/// Class that each group sends far more than others, in the order of the groups; `None` for none, or before the text
/// pass.
///
/// # Errors
/// The cache cannot be read, or the work was cancelled.
pub fn class_shares(
    cache: &Cache,
    groups: &[&[AccountIndex]],
    watcher: &dyn Watcher,
) -> Result<Vec<Option<ClassShare>>, CacheError> {
    let reader = cache.samples();
    let mut groups_of: Vec<(AccountIndex, usize)> = groups
        .iter()
        .enumerate()
        .flat_map(|(at, group)| group.iter().map(move |&account| (account, at)))
        .collect();
    groups_of.sort_unstable();
    let blobs = reader.blobs(0..AccountIndex::MAX)?;
    let every = blobs.len().div_ceil(MAX_BLOBS).max(1);
    let read = blobs.into_par_iter().step_by(every).map(|blob| {
        watcher.check()?;
        // A blob has accounts of few of the groups.
        let mut counts: BTreeMap<usize, Counts> = BTreeMap::new();
        for (row, classes) in reader.classes(blob)? {
            let account = cache.hot().account_of(row);
            let first = groups_of.partition_point(|(own, _)| *own < account);
            let own = groups_of[first..].iter().take_while(|(own, _)| *own == account);
            own.map(|(_, at)| *at)
                .chain([groups.len()])
                .for_each(|at| add(counts.entry(at).or_default(), classes));
        }
        Ok(counts)
    });
    let read = read.collect::<Result<Vec<BTreeMap<usize, Counts>>, CacheError>>()?;
    let mut sums = vec![Counts::default(); groups.len() + 1];
    for (at, (counts, all)) in read.into_iter().flatten() {
        sums[at].0.iter_mut().zip(counts).for_each(|(sum, own)| *sum += own);
        sums[at].1 += all;
    }
    let all = sums.pop().unwrap_or_default();
    Ok(sums.into_iter().map(|own| most_telling(own, all)).collect())
}

fn add((counts, all): &mut Counts, classes: u8) {
    *all += 1;
    for (count, (bit, _)) in counts.iter_mut().zip(ALL) {
        *count += u32::from(classes & bit != 0);
    }
}

/// Class with the largest difference of shares that is common in the group and rare elsewhere.
fn most_telling((own, sampled): Counts, (all, everywhere): Counts) -> Option<ClassShare> {
    if sampled < MIN_SAMPLED {
        return None;
    }
    let of = |(at, (_, class)): (usize, (u8, &'static str))| ClassShare {
        class,
        share: f64::from(own[at]) / f64::from(sampled),
        elsewhere: f64::from(all[at] - own[at]) / f64::from((everywhere - sampled).max(1)),
    };
    let difference = |one: &ClassShare| one.share - one.elsewhere;
    ALL.into_iter()
        .enumerate()
        .map(of)
        .filter(|one| one.share >= MIN_SHARE && one.share >= MIN_RATIO * one.elsewhere)
        // The first of equals.
        .reduce(|best, one| if difference(&one) > difference(&best) { one } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_telling_if_common_in_the_group_and_rare_elsewhere() {
        let all = ([130, 110, 500, 0, 0], 1_000);
        let found = most_telling(([80, 90, 60, 0, 0], 100), all).unwrap();
        assert_eq!((found.class, found.share), ("rubric grading", 0.9));
        assert!((found.elsewhere - 20.0 / 900.0).abs() < 1e-12);
        assert_eq!(most_telling(([0, 0, 60, 0, 0], 100), all), None, "as common elsewhere");
        assert_eq!(most_telling(([15, 15, 0, 0, 0], 100), all), None, "not common in the group");
        assert_eq!(most_telling(([19, 19, 0, 0, 0], 19), all), None, "too few");
    }
}
