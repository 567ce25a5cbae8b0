//! Cohorts: the accounts that an account is compared with.

use crate::cache::AccountIndex;

/// Cohort of each account and members of each cohort.
#[derive(Clone, Copy, Debug)]
pub struct Peers<'a> {
    /// The cohort of each account.
    pub of: &'a [u32],
    /// The accounts of each cohort, ascending.
    pub members: &'a [Vec<AccountIndex>],
}
