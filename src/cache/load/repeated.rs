//! Entries of which several have the same 64-bit word, out of many lists.

use rayon::prelude::*;

/// The entries whose word is that of another, ascending by word, then by themselves. Each thread
/// looks at words of one beginning at a time, so that what it sorts stays near it.
pub(super) fn repeated<T: Copy + Ord + Send + Sync>(
    mut lists: Vec<Vec<T>>,
    word: impl Fn(&T) -> u64 + Sync,
) -> Vec<T> {
    const BEGINNINGS: u64 = 256;
    const STEP: u64 = u64::MAX / BEGINNINGS + 1;
    lists.par_iter_mut().for_each(|list| list.sort_unstable_by_key(&word));
    let of_beginning = |beginning: u64| {
        let (from, to) = (beginning * STEP, beginning * STEP + (STEP - 1));
        let mut own: Vec<T> = Vec::new();
        for list in &lists {
            let start = list.partition_point(|entry| word(entry) < from);
            own.extend(list[start..].iter().take_while(|entry| word(entry) <= to));
        }
        own.sort_unstable_by_key(|entry| (word(entry), *entry));
        let several = own.chunk_by(|a, b| word(a) == word(b)).filter(|same| same.len() > 1);
        several.flatten().copied().collect::<Vec<T>>()
    };
    (0..BEGINNINGS).into_par_iter().map(of_beginning).collect::<Vec<_>>().concat()
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
