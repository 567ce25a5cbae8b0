//! Calibration of membership probabilities against the groups of the truth: Brier score and reliability
//! curve.
//!
//! A lead stands for the group of the truth to which more than half of its core members belong: a campaign, or
//! innocent accounts that belong together, such as an agency. An account belongs to the lead if it is of that
//! group. No account belongs to a lead without such a group, so every probability stated of it is wrong.

use std::collections::BTreeMap;

use super::Truth;
use super::statistic::{Name, Statistic, Value};
use crate::cache::AccountIndex;
use crate::leads::Leads;
use crate::stats::calibration::{Forecast, brier, reliability};

/// Edges of the bins of stated probabilities. Accounts join a lead from 0.95 on.
const EDGES: [f64; 6] = [0.0, 0.1, 0.5, 0.8, 0.95, 1.0];

/// Account, its stated probability, and true if it belongs.
type Stated = (AccountIndex, f64, bool);

/// Membership probabilities of accounts with the outcome.
pub(super) struct Membership {
    /// Subject, then accounts with their stated probabilities, and true for those that belong.
    stated: [(&'static str, Vec<Stated>); 2],
}

impl Membership {
    pub fn new(leads: &Leads, truth: &Truth) -> Self {
        let group_of_lead: Vec<Option<u32>> =
            leads.groups.iter().map(|lead| majority(&lead.core, truth)).collect();
        let (mut core, mut others) = (Vec::new(), Vec::new());
        for account in &leads.accounts {
            if truth.class(account.account).is_none() {
                continue;
            }
            let own = account.group.zip(account.membership);
            let nearest = account.nearest.map(|nearest| (nearest.group, nearest.probability));
            let of_core = own.filter(|&(lead, _)| leads.groups[lead as usize].is_core(account.account));
            let Some((lead, probability)) = of_core.or(own).or(nearest) else { continue };
            let group = truth.group(account.account);
            let belongs = group.is_some() && group == group_of_lead[lead as usize];
            let to = if of_core.is_some() { &mut core } else { &mut others };
            to.push((account.account, f64::from(probability), belongs));
        }
        // Sums of the weights in an order that does not depend on the ranks.
        core.sort_by_key(|&(account, _, _)| account);
        others.sort_by_key(|&(account, _, _)| account);
        Self { stated: [("core members", core), ("joined members and accounts outside", others)] }
    }
}

/// Group of the truth that more than half of the accounts belong to, of those that the truth names.
fn majority(accounts: &[AccountIndex], truth: &Truth) -> Option<u32> {
    let named = accounts.iter().filter(|&&account| truth.class(account).is_some()).count();
    let mut counts = BTreeMap::<u32, usize>::new();
    for group in accounts.iter().filter_map(|&account| truth.group(account)) {
        *counts.entry(group).or_default() += 1;
    }
    counts.into_iter().find(|&(_, count)| 2 * count > named).map(|(group, _)| group)
}

impl Statistic for Membership {
    fn names(&self) -> Vec<Name> {
        let bins = EDGES.windows(2).flat_map(|ends| {
            let range = format!("{} to {}", ends[0], ends[1]);
            [format!("mean probability, {range}"), format!("share that belongs, {range}")]
        });
        let figures: Vec<String> = std::iter::once("Brier score".to_owned()).chain(bins).collect();
        let of_subject = |(subject, _): &(&'static str, Vec<_>)| {
            let name = |figure: &String| Name {
                section: "membership",
                subject: (*subject).to_owned(),
                figure: figure.clone(),
            };
            figures.iter().map(name).collect::<Vec<_>>()
        };
        self.stated.iter().flat_map(of_subject).collect()
    }

    fn values(&self, weights: &[f64]) -> Vec<Value> {
        let of_subject = |(_, stated): &(&'static str, Vec<(AccountIndex, f64, bool)>)| {
            let forecasts: Vec<Forecast> = stated
                .iter()
                .map(|&(account, probability, happened)| Forecast {
                    probability,
                    happened,
                    weight: weights[account as usize],
                })
                .collect();
            let bins = reliability(&forecasts, &EDGES).into_iter().flat_map(|bin| {
                let share = Value::Share { hits: bin.happened, of: bin.weight };
                [Value::Number(bin.mean_stated()), share]
            });
            std::iter::once(Value::Number(brier(&forecasts))).chain(bins).collect::<Vec<_>>()
        };
        self.stated.iter().flat_map(of_subject).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{leads_of, truth_of};
    use super::*;
    use crate::leads::NearestLead;

    #[test]
    fn a_probability_is_compared_with_the_group_of_the_lead() {
        // Lead 1 is the campaign's, lead 2 holds shops that have nothing to do with one another.
        let truth = truth_of(&[("shop", false, 0..10), ("x", true, 10..16)]);
        let mut leads = leads_of(16, &[&[10, 11, 12, 0], &[1, 2, 3]]);
        leads.groups[0].core = vec![10, 11, 12];
        for account in &mut leads.accounts {
            let lead = match account.account {
                0 | 10..=12 => Some(0),
                1..=3 => Some(1),
                _ => None,
            };
            (account.group, account.membership) = (lead, lead.map(|_| 0.96));
            let probability = if account.account >= 10 { 0.9 } else { 0.05 };
            account.nearest = Some(NearestLead { group: lead.unwrap_or(0), probability });
        }
        let found = Membership::new(&leads, &truth);
        let weights = [1.0; 16];
        let values: Vec<Option<f64>> = found.values(&weights).into_iter().map(Value::get).collect();
        let of = |subject: &str, figure: &str| {
            let names = found.names();
            let at = names.iter().position(|name| name.subject == subject && name.figure == figure);
            values[at.unwrap_or_else(|| panic!("{figure}"))]
        };
        let (core, others) = ("core members", "joined members and accounts outside");
        // Three of six core members are of a group; account 0 joined the campaign and is no part of it.
        assert_eq!(of(core, "share that belongs, 0.95 to 1"), Some(0.5));
        assert_eq!(of(others, "share that belongs, 0.95 to 1"), Some(0.0));
        assert_eq!(of(others, "share that belongs, 0.8 to 0.95"), Some(1.0));
        assert_eq!(of(others, "share that belongs, 0 to 0.1"), Some(0.0));
        assert!((of(others, "mean probability, 0.8 to 0.95").unwrap() - 0.9).abs() < 1e-6);
        let brier = of(core, "Brier score").unwrap();
        assert!((brier - (0.04_f64.powi(2) + 0.96_f64.powi(2)) / 2.0).abs() < 1e-6, "{brier}");
        assert_eq!(of(core, "share that belongs, 0.1 to 0.5"), None);
    }
}
