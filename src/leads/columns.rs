//! One signal over all accounts, with each account's conformal rank among its peers.

use crate::cache::AccountIndex;
use crate::signals::{self, About, Outcome, Signal};

/// Values, p-values and percentiles of one signal, one entry an account.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalColumn {
    /// Description of the signal.
    pub about: &'static About,
    /// One outcome an account.
    pub outcomes: Vec<Outcome>,
    /// Conformal p-value within the cohort; `None` where not testable.
    pub p: Vec<Option<f64>>,
    /// Percentile within the cohort, 0 to 100, counted in the direction in which the signal is tested; `None`
    /// where not testable.
    pub percentile: Vec<Option<f32>>,
}

impl SignalColumn {
    /// The signal it holds; `None` for one that is not in [`ALL`](signals::ALL).
    pub(super) fn signal(&self) -> Option<&'static dyn Signal> {
        signals::ALL.iter().copied().find(|signal| signal.about() == self.about)
    }

    /// Measured values of some accounts, ascending.
    pub fn measured(&self, accounts: &[AccountIndex]) -> Vec<f64> {
        let value = |&account: &AccountIndex| match self.outcomes.get(account as usize) {
            Some(Outcome::Measured { value, .. }) => Some(*value),
            Some(Outcome::NotApplicable(_)) | None => None,
        };
        let mut values: Vec<f64> = accounts.iter().filter_map(value).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    /// Lower median of the measured values of some accounts, so that an account has it; `None` without one.
    pub fn median(&self, accounts: &[AccountIndex]) -> Option<f64> {
        let values = self.measured(accounts);
        values.get(values.len().checked_sub(1)? / 2).copied()
    }
}
