//! Entries that share a 64-bit word with another, out of many lists.

use rayon::prelude::*;

/// Entries whose word another entry has too, ascending by word, then by entry. Each thread handles
/// one range of words at a time, so that its data fits the processor's cache.
pub(super) fn repeated<T: Copy + Ord + Send + Sync>(
    mut lists: Vec<Vec<T>>,
    word: impl Fn(&T) -> u64 + Sync,
) -> Vec<T> {
    const RANGES: u64 = 256;
    const STEP: u64 = u64::MAX / RANGES + 1;
    lists.par_iter_mut().for_each(|list| list.sort_unstable_by_key(&word));
    let of_range = |range: u64| {
        let (from, to) = (range * STEP, range * STEP + (STEP - 1));
        let mut own: Vec<T> = Vec::new();
        for list in &lists {
            let start = list.partition_point(|entry| word(entry) < from);
            own.extend(list[start..].iter().take_while(|entry| word(entry) <= to));
        }
        own.sort_unstable_by_key(|entry| (word(entry), *entry));
        let several = own.chunk_by(|a, b| word(a) == word(b)).filter(|same| same.len() > 1);
        several.flatten().copied().collect::<Vec<T>>()
    };
    (0..RANGES).into_par_iter().map(of_range).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_meet_are_found_across_lists() {
        let lists = vec![vec![(5, 0), (1, 1), (3, 2)], vec![(3, 3), (u64::MAX, 4), (5, 5), (5, 6)], vec![]];
        assert_eq!(repeated(lists, |entry| entry.0), [(3, 2), (3, 3), (5, 0), (5, 5), (5, 6)]);
    }
}
