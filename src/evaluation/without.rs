//! Ablation: leads computed again without each signal, from stored outcomes.

use super::{Ranked, Truth, campaigns, ranked};
use crate::cache::{Cache, CacheError};
use crate::leads::{Leads, SignalColumn, compute_with};
use crate::model::Watcher;
use crate::signals::{About, Input, Outcome, Signal};

/// Figures without one signal. The linkage stays: without L1 an account's bits are not measured, but groups
/// still form.
#[derive(Clone, Debug, PartialEq)]
pub struct Without {
    /// The signal left out.
    pub signal: &'static str,
    /// Ranking of accounts without it.
    pub accounts: Ranked,
    /// Campaigns surfaced without it.
    pub surfaced: usize,
}

/// Leaves out each signal in turn.
pub(super) fn without(
    cache: &Cache,
    leads: &Leads,
    truth: &Truth,
    watcher: &dyn Watcher,
) -> Result<Vec<Without>, CacheError> {
    let stored: Vec<StoredSignal<'_>> = leads.signals.iter().map(StoredSignal).collect();
    let mut all = Vec::with_capacity(stored.len());
    for left_out in leads.signals.iter().map(|column| column.about) {
        let rest: Vec<&dyn Signal> = stored
            .iter()
            .filter(|signal| signal.about() != left_out)
            .map(|signal| signal as &dyn Signal)
            .collect();
        let (leads, _) = compute_with(cache, &rest, watcher)?;
        all.push(Without {
            signal: left_out.id,
            accounts: ranked::ranked(&ranked::scores_of(&leads), truth),
            surfaced: campaigns::found(&leads, truth).iter().filter(|found| found.surfaced()).count(),
        });
    }
    Ok(all)
}

/// Signal with stored outcomes; measuring again would read whole snapshots.
struct StoredSignal<'a>(&'a SignalColumn);

impl Signal for StoredSignal<'_> {
    fn about(&self) -> &'static About {
        self.0.about
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        self.0.outcomes[input.account as usize].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cache_of, truth_of};
    use super::*;
    use crate::leads::compute;
    use crate::model::Silent;

    #[test]
    fn what_is_remembered_gives_the_same_leads() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache_of(folder.path(), &["a", "b", "c"]);
        let (leads, _) = compute(&cache, &Silent).unwrap();
        let stored: Vec<StoredSignal<'_>> = leads.signals.iter().map(StoredSignal).collect();
        let all: Vec<&dyn Signal> = stored.iter().map(|signal| signal as &dyn Signal).collect();
        assert_eq!(compute_with(&cache, &all, &Silent).unwrap().0, leads);
        let without = without(&cache, &leads, &truth_of(&[("shop", false, 0..3)]), &Silent).unwrap();
        assert_eq!(without.len(), leads.signals.len());
    }
}
