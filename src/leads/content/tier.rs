//! Tier: the accounts with enough exchanges for a question, their content and their facts.

use super::facts::{CaseFacts, Facts};
use super::prompts::Prompts;
use crate::cache::AccountIndex;
use crate::model::{Cancelled, TimeSpan, Watcher};
use crate::stats::linalg::Matrix;
use crate::stats::neighbours::{Cells, Neighbours, approximate_by_cosine};

/// Number of neighbours of an account in the graph of content.
const NEIGHBOURS: usize = 20;

/// Accounts with a minimum number of exchanges. Positions in a tier are `u32`.
pub(super) struct Tier<'a> {
    /// Accounts, ascending.
    pub accounts: Vec<AccountIndex>,
    /// Direction of each account, of length 1.
    pub points: Matrix,
    /// Nearest other accounts of each by content.
    pub neighbours: Neighbours,
    /// Cells of the points.
    pub cells: Cells,
    /// Weight of each account: 1 over the accounts of its unit in the tier.
    pub weight: Vec<f64>,
    case: &'a CaseFacts,
}

impl<'a> Tier<'a> {
    /// Accounts of at least `fewest` exchanges that have prompts.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn new(
        case: &'a CaseFacts,
        prompts: &Prompts,
        fewest: u32,
        watcher: &dyn Watcher,
    ) -> Result<Self, Cancelled> {
        let accounts: Vec<AccountIndex> = (0..case.of.len() as AccountIndex)
            .filter(|&account| case.of[account as usize].exchanges >= fewest && prompts.has(account))
            .collect();
        let points = prompts.centred(&accounts);
        let (neighbours, cells) = approximate_by_cosine(&points, NEIGHBOURS, watcher)?;
        let mut size = vec![0_u32; case.of.len()];
        let unit = |&account: &AccountIndex| case.of[account as usize].unit as usize;
        accounts.iter().for_each(|account| size[unit(account)] += 1);
        let weight = accounts.iter().map(|account| 1.0 / f64::from(size[unit(account)])).collect();
        Ok(Self { accounts, points, neighbours, cells, weight, case })
    }

    /// Ascending positions of those of some ascending accounts that are in the tier.
    pub fn positions(&self, accounts: &[AccountIndex]) -> Vec<u32> {
        accounts
            .iter()
            .filter_map(|account| self.accounts.binary_search(account).ok())
            .map(|at| at as u32)
            .collect()
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Facts of the account at a position.
    pub fn facts(&self, at: usize) -> &'a Facts {
        &self.case.of[self.accounts[at] as usize]
    }

    /// First to last exchange of the case.
    pub fn span(&self) -> TimeSpan {
        self.case.span
    }

    /// True if the log has a client and a network to change.
    pub fn has_clients_and_networks(&self) -> bool {
        self.case.has_clients_and_networks
    }
}
