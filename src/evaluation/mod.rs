//! Evaluation of leads against a truth: ranking of campaigns and false positives. Also limits tried on the
//! past ([`limit`]), and campaigns planted into a copy of the case ([`power()`]).
//!
//! A truth assigns accounts to a campaign or to a class of innocent accounts. Accounts that it does not name
//! are not counted. Nothing here changes a lead, and the figures of one case do not carry over to another.

mod baselines;
mod bootstrap;
mod campaigns;
mod figures;
mod innocents;
pub mod limit;
mod membership;
mod null;
mod power;
mod ranked;
mod rate;
mod reading;
mod statistic;
mod stored_power;
mod truth;
mod without;

pub use bootstrap::{Estimate, Interval, IntervalMethod};
pub use campaigns::{CampaignMatch, LeadMatch};
pub use figures::Figure;
pub use innocents::{InnocentClass, Innocents, LastRead, above};
pub use null::Null;
pub use power::{CARE_LEVELS, Care, Power, power};
pub use ranked::{Ranked, Recall};
pub use rate::Rate;
pub use statistic::{Name, Value};
pub use stored_power::StoredPower;
pub use truth::{Class, Truth, TruthError};
pub use without::Without;

use statistic::Statistic;

use crate::cache::{Cache, CacheError};
use crate::leads::Leads;
use crate::model::Watcher;

/// All figures of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Ranking of accounts.
    pub accounts: Ranked,
    /// True campaigns with their best matching leads, by name.
    pub campaigns: Vec<CampaignMatch>,
    /// Innocent accounts in leads, the class with the largest share first.
    pub innocents: Innocents,
    /// Distribution of p-values of innocent accounts: accounts, groups, each signal.
    pub null: Vec<Null>,
    /// Leads without each signal; empty unless requested.
    pub without: Vec<Without>,
    /// Figures with intervals from resamples: PR-AUC, reading effort, innocents in leads read, calibration of
    /// membership probabilities.
    pub estimates: Vec<Estimate>,
    /// Baseline rankings of the same accounts, by name.
    pub baselines: Vec<(String, Ranked)>,
}

/// Evaluates the leads of a case against a truth. With `leave_out`, leads are computed again without each
/// signal in turn.
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
    watcher.step("resampling", 0, 1, "sets of figures");
    let statistics: [Box<dyn Statistic>; 4] = [
        Box::new(ranked::ListArea::new(leads, truth)),
        Box::new(reading::Reading::new(leads, truth)),
        Box::new(innocents::InnocentsRead::new(leads, truth, &campaigns)),
        Box::new(membership::Membership::new(leads, truth)),
    ];
    Ok(Evaluation {
        estimates: bootstrap::estimates(&statistics, truth, leads.accounts.len(), watcher)?,
        accounts: ranked::ranked(&ranked::scores_of(leads), truth),
        innocents: innocents::innocents(leads, truth, &campaigns),
        null: null::nulls(leads, truth),
        without: if leave_out { without::without(cache, leads, truth, watcher)? } else { Vec::new() },
        baselines: baselines::all(cache, leads, truth, watcher)?,
        campaigns,
    })
}

/// Innocent accounts in leads down to the last lead of a campaign.
pub fn innocents(leads: &Leads, truth: &Truth) -> Innocents {
    innocents::innocents(leads, truth, &campaigns::found(leads, truth))
}

#[cfg(test)]
mod testing;
