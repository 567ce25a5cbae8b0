//! Leads against a truth: how well they put campaigns first and whom they wrong.
//!
//! A truth says of accounts to which campaign or to which kind of innocents they belong. Accounts
//! it does not name count nowhere. Nothing here changes a lead, and no figure of one case says how
//! the program does on another.

mod baselines;
mod campaigns;
mod figures;
mod innocents;
mod null;
mod ranked;
mod rate;
mod truth;
mod without;

pub use campaigns::{BestLead, Found};
pub use figures::Figure;
pub use innocents::{Bar, InnocentClass, Innocents, above};
pub use null::Null;
pub use ranked::{Ranked, Recall};
pub use rate::Rate;
pub use truth::{Class, Truth, TruthError};
pub use without::Without;

use crate::cache::{Cache, CacheError};
use crate::leads::Leads;
use crate::model::Watcher;

/// All that is measured against a truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The accounts' ranking.
    pub accounts: Ranked,
    /// Each true campaign and the lead that is most like it, by name.
    pub campaigns: Vec<Found>,
    /// Innocents in leads, the worst class first.
    pub innocents: Innocents,
    /// How p-values of innocents are spread: accounts, groups, each signal.
    pub null: Vec<Null>,
    /// The leads without each signal; empty where that was not asked for.
    pub without: Vec<Without>,
    /// Other rankings of the same accounts, by name.
    pub baselines: Vec<(String, Ranked)>,
}

/// Measures the leads of a case against a truth. For what each signal adds (`leave_out`) the leads
/// are computed anew once for each.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn evaluate(
    cache: &Cache,
    leads: &Leads,
    truth: &Truth,
    leave_out: bool,
    watcher: &dyn Watcher,
) -> Result<Evaluation, CacheError> {
    let campaigns = campaigns::found(leads, truth);
    Ok(Evaluation {
        accounts: ranked::ranked(&ranked::scores_of(leads), truth),
        innocents: innocents::innocents(leads, truth, &campaigns),
        null: null::nulls(leads, truth),
        without: if leave_out { without::without(cache, leads, truth, watcher)? } else { Vec::new() },
        baselines: baselines::all(cache, leads, truth, watcher)?,
        campaigns,
    })
}

/// Whom the leads wrong: innocents in leads down to the last that is a campaign's.
pub fn innocents(leads: &Leads, truth: &Truth) -> Innocents {
    innocents::innocents(leads, truth, &campaigns::found(leads, truth))
}

#[cfg(test)]
mod testing;
