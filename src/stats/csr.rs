//! Lists of items by row in one piece of memory (compressed sparse rows).

use std::ops::Range;

/// Items by row: row `r` holds `items[offsets[r]..offsets[r + 1]]`. A row that does not exist has
/// no items, so a number from a damaged file reads nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Csr<T> {
    /// Start of each row; one more than there are rows, ascending from 0.
    offsets: Vec<usize>,
    items: Vec<T>,
}

impl<T> Default for Csr<T> {
    fn default() -> Self {
        Self { offsets: vec![0], items: Vec::new() }
    }
}

impl<T> Csr<T> {
    /// Appends a row.
    pub fn push(&mut self, items: impl IntoIterator<Item = T>) {
        self.items.extend(items);
        self.offsets.push(self.items.len());
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The items of all rows, in order.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The items of one row.
    pub fn row(&self, row: u32) -> &[T] {
        &self.items[self.range(row)]
    }

    /// The positions of a row's items among those of all rows.
    pub fn range(&self, row: u32) -> Range<usize> {
        match self.offsets.get(row as usize..row as usize + 2) {
            Some(ends) => ends[0]..ends[1],
            None => 0..0,
        }
    }

    /// Sorts the items of each row.
    pub fn sort_rows(&mut self)
    where
        T: Ord,
    {
        for ends in self.offsets.windows(2) {
            self.items[ends[0]..ends[1]].sort_unstable();
        }
    }
}

impl<T: Copy> Csr<T> {
    /// Every item with its row, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, T)> + Clone {
        (0..self.rows() as u32).flat_map(|row| self.row(row).iter().map(move |&item| (row, item)))
    }
}

impl<T: Copy + Default> Csr<T> {
    /// `rows` rows from pairs of row and item in any order of rows; within a row they keep their
    /// order. Goes through the pairs twice (counting sort).
    ///
    /// # Panics
    /// If a pair's row is `rows` or more.
    pub fn from_pairs(rows: usize, pairs: impl Iterator<Item = (u32, T)> + Clone) -> Self {
        let mut offsets = vec![0_usize; rows + 1];
        for (row, _) in pairs.clone() {
            offsets[row as usize + 1] += 1;
        }
        for at in 0..rows {
            offsets[at + 1] += offsets[at];
        }
        let mut next = offsets.clone();
        let mut items = vec![T::default(); offsets[rows]];
        for (row, item) in pairs {
            items[next[row as usize]] = item;
            next[row as usize] += 1;
        }
        Self { offsets, items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_pushed_one_by_one_and_may_be_empty() {
        let mut csr = Csr::default();
        assert_eq!((csr.rows(), csr.row(0)), (0, &[][..]));
        csr.push([3, 1]);
        csr.push([]);
        csr.push([2]);
        assert_eq!((csr.rows(), csr.items()), (3, &[3, 1, 2][..]));
        assert_eq!((csr.row(0), csr.row(1), csr.row(2)), (&[3, 1][..], &[][..], &[2][..]));
        assert_eq!((csr.range(2), csr.range(3), csr.row(u32::MAX).len()), (2..3, 0..0, 0));
        csr.sort_rows();
        assert_eq!(csr.items(), [1, 3, 2]);
        assert_eq!(csr.pairs().collect::<Vec<_>>(), [(0, 1), (0, 3), (2, 2)]);
    }

    proptest! {
        #[test]
        fn pairs_in_any_order_stand_in_the_rows_they_name(pairs in prop::collection::vec((0_u32..9, 0_u32..50), 0..60)) {
            let csr = Csr::from_pairs(9, pairs.iter().copied());
            prop_assert_eq!((csr.rows(), csr.items().len()), (9, pairs.len()));
            for row in 0..9 {
                let own: Vec<u32> = pairs.iter().filter(|pair| pair.0 == row).map(|pair| pair.1).collect();
                prop_assert_eq!(csr.row(row), &own[..]);
            }
            let mut sorted = pairs;
            sorted.sort_by_key(|pair| pair.0);
            prop_assert_eq!(csr.pairs().collect::<Vec<_>>(), sorted);
        }
    }
}
