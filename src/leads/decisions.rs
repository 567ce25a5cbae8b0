//! The decisions of a case, placed on leads.

use std::sync::Arc;

use crate::cache::Cache;
use crate::case::{Decisions, State};
use crate::model::LeadList;

/// The decisions of a state on the leads of a list, whose accounts are those of the cache.
pub fn decisions(state: Arc<State>, list: Arc<LeadList>, cache: &Cache) -> Decisions {
    Decisions::new(state, list, &|account| cache.account_index(account).is_some())
}
