//! Second scope, with which the scope is compared.

use std::convert::Infallible;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shared_scope;
use crate::cache::{Cache, CacheError};
use crate::jobs::{Jobs, Slot, SlotState};
use crate::model::{Scope, Watcher};
use crate::query::{Selection, complement, overlap, select};

/// Second scope of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    /// The second scope.
    #[serde(with = "shared_scope")]
    pub scope: Arc<Scope>,
    /// True to compare with all exchanges outside of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negated: bool,
}

impl Against {
    /// All exchanges of a scope.
    pub fn of(scope: Scope) -> Self {
        Self { scope: Arc::new(scope), negated: false }
    }

    /// The same side with another scope.
    #[must_use]
    pub fn with(&self, scope: Scope) -> Self {
        Self { negated: self.negated, ..Self::of(scope) }
    }

    /// Its exchanges.
    ///
    /// # Errors
    /// Those of [`select`].
    fn select(&self, cache: &Cache, watcher: &dyn Watcher) -> Result<Selection, CacheError> {
        let selection = select(cache, &self.scope, watcher)?;
        Ok(if self.negated { complement(cache.hot(), &selection) } else { selection })
    }
}

/// The second side of an open case, with its exchanges.
#[derive(Default)]
pub struct SecondSide {
    present: Option<Against>,
    /// Computed again for another scope or cache.
    rows: Slot<(Against, u64), Arc<Selection>>,
    /// Incremented with every new selection.
    version: u64,
    /// Accounts and exchanges in both scopes, by the numbers of both selections.
    overlap: Slot<(u64, u64), (u64, u64)>,
    /// The last exchange of both scopes, which “back” takes back as a whole.
    swap: Option<Swap>,
}

/// An exchange of both scopes.
struct Swap {
    /// Visits before and after.
    visits: [u64; 2],
    /// Second sides before and after.
    sides: [Against; 2],
}

impl SecondSide {
    /// The side; `None` for everything else.
    pub fn present(&self) -> Option<&Against> {
        self.present.as_ref()
    }

    /// Compares with another side.
    pub fn set(&mut self, against: Option<Against>) {
        self.present = against;
    }

    /// Notes that both scopes were exchanged: visits and second sides before and after.
    pub fn exchanged(&mut self, visits: [u64; 2], sides: [Against; 2]) {
        self.present = Some(sides[1].clone());
        self.swap = Some(Swap { visits, sides });
    }

    /// Follows a step of the history over the exchange, in either direction.
    pub fn follow(&mut self, from: u64, to: u64) {
        let Some(Swap { visits, sides }) = &self.swap else { return };
        for (before, after) in [(1, 0), (0, 1)] {
            let crosses = [from, to] == [visits[before], visits[after]];
            if crosses && self.present.as_ref() == Some(&sides[before]) {
                self.present = Some(sides[after].clone());
                return;
            }
        }
    }

    /// Requests its exchanges and takes over the answer.
    pub fn poll(&mut self, jobs: &Jobs, cache: &Arc<Cache>, data_version: u64) {
        if let Some(against) = &self.present {
            let (cache, asked) = (Arc::clone(cache), against.clone());
            self.rows.ask(jobs, None, (against.clone(), data_version), move |ticket| {
                asked.select(&cache, ticket).map(Arc::new)
            });
        }
        if self.rows.poll() {
            self.version += 1;
        }
    }

    /// Requests the overlap with the scope's exchanges, whose number is `version`.
    pub fn poll_overlap(&mut self, jobs: &Jobs, scope: Option<&Arc<Selection>>, version: u64) {
        if let (Some(a), Some(b)) = (scope.cloned(), self.selection().cloned()) {
            let question = (version, self.version);
            self.overlap.ask(jobs, None, question, move |_| Ok::<_, Infallible>(overlap(&a, &b)));
        }
        self.overlap.poll();
    }

    /// Accounts and exchanges in both scopes, once computed.
    pub fn overlap(&self) -> Option<(u64, u64)> {
        self.present.as_ref()?;
        self.overlap.answer().copied().filter(|_| self.overlap.state() == SlotState::Ready)
    }

    /// Its exchanges, once computed.
    pub fn selection(&self) -> Option<&Arc<Selection>> {
        self.present.as_ref()?;
        self.rows.answer().filter(|_| self.rows.state() == SlotState::Ready)
    }

    /// Error of the computation of its exchanges.
    pub fn failure(&self) -> Option<&str> {
        self.present.as_ref()?;
        self.rows.failure()
    }

    /// Number of its selection; 0 for everything else.
    pub fn version(&self) -> u64 {
        if self.present.is_some() { self.version } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::Silent;

    #[test]
    fn back_over_an_exchange_brings_the_second_side_back() {
        let of = |name: &str| Against::of(Scope::default().with_account(name.into()));
        let mut second = SecondSide::default();
        second.exchanged([4, 5], [of("b"), of("a")]);
        second.follow(5, 4);
        assert_eq!(second.present(), Some(&of("b")));
        second.follow(4, 5);
        assert_eq!(second.present(), Some(&of("a")));
        second.set(Some(of("c")));
        second.follow(5, 4);
        assert_eq!(second.present(), Some(&of("c")), "a side chosen since stays");
    }

    #[test]
    fn a_negated_side_has_all_other_exchanges() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("amy", 0), row("bob", 1), row("bob", 2)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let amy = Against::of(Scope::default().with_account("amy".into()));
        let not_amy = Against { negated: true, ..amy.clone() };
        let of = |side: &Against| side.select(&cache, &Silent).unwrap().exchanges;
        assert_eq!((of(&amy), of(&not_amy)), (1, 2));
        let json = serde_json::to_string(&not_amy).unwrap();
        assert_eq!(json, r#"{"scope":{"accounts":{"ids":["amy"]}},"negated":true}"#);
        assert_eq!(serde_json::from_str::<Against>(&json).unwrap(), not_amy);
    }
}
