//! A signal over all accounts, with the standing of each among its peers.

use crate::signals::{self, About, Outcome, Signal};

/// One signal over all accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalColumn {
    /// Which signal.
    pub about: &'static About,
    /// One outcome an account.
    pub outcomes: Vec<Outcome>,
    /// Conformal p-value within the cohort; `None` where not testable.
    pub p: Vec<Option<f64>>,
    /// Percentile among the cohort, 0 to 100, in the telling direction; `None` where not testable.
    pub percentile: Vec<Option<f32>>,
}

impl SignalColumn {
    /// The signal it holds; `None` for one that is not in [`ALL`](signals::ALL).
    pub(super) fn signal(&self) -> Option<&'static dyn Signal> {
        signals::ALL.iter().copied().find(|signal| signal.about() == self.about)
    }
}
