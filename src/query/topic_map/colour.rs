//! Classes of exchanges, which are the colours of the map.

use crate::cache::{AccountIndex, Hot, NO_TOPIC, RowId};

/// Class of points outside every group.
pub(super) const NO_CLASS: u16 = u16::MAX;
/// Number of bins of an account's value.
const BINS: f32 = 10.0;

/// Meaning of the colour on the map.
#[derive(Clone, Debug, PartialEq)]
pub enum ColourBy {
    /// The class of a point is its topic.
    Topic,
    /// The class of a point is the position of its account's group in the list, or `u16::MAX` for none.
    /// Accounts are sorted.
    Groups(Vec<Vec<AccountIndex>>),
    /// The class of a point is its slice of the case's time, which has this many equal slices.
    Time(u16),
    /// The class of a point is the bin of its account's value, of 10 equal bins, 0 the lowest;
    /// `u16::MAX` for `NaN`. One value per account.
    AccountValue(std::sync::Arc<Vec<f32>>),
}

/// Classifier of rows.
pub(super) enum Classify {
    Topic,
    /// One class per account.
    Account(Vec<u16>),
    /// Start of the case, length of a slice, number of slices.
    Time(i64, i64, u16),
}

impl Classify {
    pub(super) fn new(hot: &Hot, colour: &ColourBy) -> Self {
        let accounts = hot.offsets.len().saturating_sub(1);
        match colour {
            ColourBy::Topic => Self::Topic,
            ColourBy::Groups(groups) => {
                let mut class = vec![NO_CLASS; accounts];
                // An account of several groups has the class of the first.
                for (at, group) in groups.iter().enumerate().rev() {
                    for &account in group {
                        if let Some(class) = class.get_mut(account as usize) {
                            *class = at as u16;
                        }
                    }
                }
                Self::Account(class)
            }
            ColourBy::Time(slices) => {
                let span = hot.span();
                let length = span.map_or(1, |span| span.length()) / i64::from((*slices).max(1));
                Self::Time(span.map_or(0, |span| span.start), length.max(1), (*slices).max(1))
            }
            ColourBy::AccountValue(values) => {
                let finite = values.iter().filter(|x| x.is_finite());
                let (low, high) = finite
                    .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
                let width = (high - low) / BINS;
                let bin =
                    |x: f32| if width > 0.0 { ((x - low) / width).clamp(0.0, BINS - 1.0) as u16 } else { 0 };
                let class = |&x: &f32| if x.is_nan() { NO_CLASS } else { bin(x) };
                Self::Account(values.iter().map(class).collect())
            }
        }
    }

    pub(super) fn of(&self, hot: &Hot, row: RowId) -> u16 {
        match self {
            Self::Topic => hot.topic.get(row as usize).copied().unwrap_or(NO_TOPIC),
            Self::Account(classes) => classes.get(hot.account_of(row) as usize).copied().unwrap_or(NO_CLASS),
            Self::Time(start, length, slices) => {
                let slice = hot.ts[row as usize].saturating_sub(*start) / length;
                slice.clamp(0, i64::from(*slices) - 1) as u16
            }
        }
    }
}
