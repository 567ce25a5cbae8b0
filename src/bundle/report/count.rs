//! Numbers and times with the row of the figures that has each.

use crate::model::Micros;

/// A number with the row of the figures that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// The number.
    pub n: u64,
    /// Row of the figures, from 1.
    pub row: usize,
}

/// A time with the row of the figures that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// Microseconds UTC.
    pub t: Micros,
    /// Row of the figures, from 1.
    pub row: usize,
}
