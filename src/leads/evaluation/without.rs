//! What each signal adds: the leads computed again without it.

use super::super::{Leads, compute};
use super::{Ranked, Truth, campaigns, ranked};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;
use crate::signals::{self, Signal};

/// The leads without one signal. The linkage stays: without L1 an account's bits are no longer
/// measured, but groups are still formed.
#[derive(Clone, Debug, PartialEq)]
pub struct Without {
    /// The signal left out.
    pub signal: &'static str,
    /// The accounts' ranking without it.
    pub accounts: Ranked,
    /// True campaigns that one lead holds nearly whole and clean without it.
    pub surfaced: usize,
}

/// Leaves out each signal in turn.
pub(super) fn without(
    cache: &Cache,
    leads: &Leads,
    truth: &Truth,
    watcher: &dyn Watcher,
) -> Result<Vec<Without>, CacheError> {
    let mut all = Vec::with_capacity(leads.signals.len());
    for id in leads.signals.iter().map(|column| column.about.id) {
        let rest: Vec<&dyn Signal> =
            signals::ALL.iter().copied().filter(|signal| signal.about().id != id).collect();
        let (leads, _) = compute::compute_with(cache, &rest, watcher)?;
        all.push(Without {
            signal: id,
            accounts: ranked::ranked(&ranked::scores_of(&leads), truth),
            surfaced: campaigns::found(&leads, truth).iter().filter(|found| found.surfaced()).count(),
        });
    }
    Ok(all)
}
