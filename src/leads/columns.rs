//! One signal over all accounts, with each account's conformal rank among its peers.

use super::conformal::ConformalRank;
use crate::cache::AccountIndex;
use crate::signals::{self, About, Outcome, Signal};

/// Place of an account without a rank: below every p-value and percentile.
const NO_RANK: f64 = -1.0;

/// Values, p-values and percentiles of one signal, one entry an account.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalColumn {
    /// Description of the signal.
    pub about: &'static About,
    /// One outcome an account.
    pub outcomes: Vec<Outcome>,
    /// Conformal p-value within the cohort, or [`NO_RANK`].
    p: Vec<f64>,
    /// Percentile within the cohort, or [`NO_RANK`].
    percentile: Vec<f32>,
}

impl SignalColumn {
    /// Column of a signal with the rank of each account within its cohort; `None` where not testable.
    pub fn new(
        about: &'static About,
        outcomes: Vec<Outcome>,
        ranks: impl IntoIterator<Item = Option<ConformalRank>>,
    ) -> Self {
        let of = |rank: Option<ConformalRank>| {
            rank.map_or((NO_RANK, NO_RANK as f32), |rank| (rank.p, rank.percentile))
        };
        let (p, percentile) = ranks.into_iter().map(of).unzip();
        Self { about, outcomes, p, percentile }
    }

    /// Conformal p-value of an account within its cohort; `None` where not testable.
    pub fn p(&self, account: AccountIndex) -> Option<f64> {
        self.p.get(account as usize).copied().filter(|&p| p != NO_RANK)
    }

    /// Percentile of an account within its cohort, 0 to 100, counted in the direction in which the signal is
    /// tested; `None` where not testable.
    pub fn percentile(&self, account: AccountIndex) -> Option<f32> {
        self.percentile.get(account as usize).copied().filter(|&percentile| percentile != NO_RANK as f32)
    }

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
