//! Example exchanges of a measured value, held in place.

use std::ops::Deref;

use crate::cache::RowId;

/// Up to three exchanges that show a value, in order. They are held without an allocation of their own: a
/// million accounts have thirteen signals each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Examples([RowId; Self::MAX]);

/// Place without an exchange; no snapshot has as many rows.
const NONE: RowId = RowId::MAX;

impl Examples {
    /// Maximum number of examples; further ones are left out.
    pub const MAX: usize = 3;
}

impl Default for Examples {
    fn default() -> Self {
        Self([NONE; Self::MAX])
    }
}

impl Deref for Examples {
    type Target = [RowId];

    fn deref(&self) -> &[RowId] {
        let filled = self.0.iter().position(|&row| row == NONE).unwrap_or(Self::MAX);
        &self.0[..filled]
    }
}

impl FromIterator<RowId> for Examples {
    fn from_iter<I: IntoIterator<Item = RowId>>(rows: I) -> Self {
        let mut examples = Self::default();
        examples.0.iter_mut().zip(rows).for_each(|(place, row)| *place = row);
        examples
    }
}

impl std::fmt::Debug for Examples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::Outcome;

    #[test]
    fn examples_keep_their_order_and_the_first_three() {
        let of = |rows: &[RowId]| Examples::from_iter(rows.iter().copied());
        assert!(of(&[]).is_empty());
        assert_eq!(*of(&[7, 0]), [7, 0]);
        assert_eq!(*of(&[3, 2, 1, 0]), [3, 2, 1]);
        assert_eq!(format!("{:?}", of(&[7, 0])), "[7, 0]");
    }

    #[test]
    fn an_outcome_takes_24_bytes() {
        assert_eq!(size_of::<Outcome>(), 24);
    }
}
