//! Set of rows of the cache, one bit per row.

use std::ops::Range;

use crate::cache::RowId;

/// Set of rows of the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    /// Empty set for a number of rows.
    pub(super) fn none_of(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    /// Inserts a row, which must be less than the number of rows of the set.
    pub(super) fn insert(&mut self, row: RowId) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    /// True if a row is in the set.
    pub(super) fn contains(&self, row: RowId) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Number of rows in the set.
    pub(super) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Number of rows of the set before each word of 64 rows; input of [`rank`](Self::rank).
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut before = 0;
        let mut ranks = Vec::with_capacity(self.words.len());
        for word in &self.words {
            ranks.push(before);
            before += word.count_ones();
        }
        ranks
    }

    /// Position of a row among those of the set; `None` if it is not in the set.
    pub(super) fn rank(&self, ranks: &[u32], row: RowId) -> Option<usize> {
        let (at, below) = (row as usize / 64, (1u64 << (row % 64)) - 1);
        self.contains(row).then(|| (ranks[at] + (self.words[at] & below).count_ones()) as usize)
    }

    /// Rows of the set within a range, ascending.
    pub(super) fn within(&self, range: Range<RowId>) -> impl Iterator<Item = RowId> + '_ {
        range.filter(|&row| self.contains(row))
    }

    /// Rows of the set, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = RowId> + '_ {
        self.words.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(|(at, &word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at as RowId * 64 + bit)
        })
    }

    /// Bytes, little-endian.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Inverse of [`to_bytes`](Self::to_bytes); `None` if the length does not fit the number of rows.
    pub(super) fn from_bytes(bytes: &[u8], rows: usize) -> Option<Self> {
        let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        (bytes.len() == rows.div_ceil(64) * 8).then_some(Self { words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_went_in_and_survives_its_bytes() {
        let mut set = RowSet::none_of(130);
        [129, 0, 64, 63].into_iter().for_each(|row| set.insert(row));
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert_eq!(set.within(1..129).collect::<Vec<_>>(), [63, 64]);
        let ranks = set.ranks();
        assert_eq!(
            [0, 62, 63, 64, 129].map(|row| set.rank(&ranks, row)),
            [Some(0), None, Some(1), Some(2), Some(3)]
        );
        assert_eq!((set.len(), set.contains(1), set.contains(5_000)), (4, false, false));
        assert_eq!(RowSet::from_bytes(&set.to_bytes(), 130).as_ref(), Some(&set));
        assert_eq!(RowSet::from_bytes(&set.to_bytes(), 129 + 64), None);
    }
}
