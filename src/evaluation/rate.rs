//! Shares as counts.

use crate::stats::proportion::wilson;

/// Share as numerator and denominator. `hits` is an expectation where scores tie, so it need not be whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Numerator.
    pub hits: f64,
    /// Denominator.
    pub of: usize,
}

impl Rate {
    /// The share, 0 to 1; `None` for a denominator of 0.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.hits / self.of as f64)
    }

    /// Wilson's 95 % interval (Wilson 1927).
    pub fn interval(self) -> (f64, f64) {
        wilson(self.hits, self.of)
    }

    /// Wilson's 95 % interval of the same share over fewer units: accounts that are tied to each other are not
    /// independent, so those of one unit count once.
    pub fn interval_over(self, units: usize) -> (f64, f64) {
        wilson(self.share().unwrap_or(0.0) * units as f64, units)
    }
}
