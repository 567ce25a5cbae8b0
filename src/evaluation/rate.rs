//! A count out of a count.

use crate::stats::proportion::wilson;

/// A count out of a count. `hits` is an expectation where ties are involved, so it need not be
/// whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many.
    pub hits: f64,
    /// Of how many.
    pub of: usize,
}

impl Rate {
    /// As a share; `None` of nothing.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.hits / self.of as f64)
    }

    /// Wilson's interval of the share at 95 %.
    pub fn interval(self) -> (f64, f64) {
        wilson(self.hits, self.of)
    }
}
