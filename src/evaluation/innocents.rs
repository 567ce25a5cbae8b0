//! False positives: innocent accounts in leads that an investigator would read.

use super::statistic::{Name, Statistic, Value};
use super::{CampaignMatch, Rate, Truth};
use crate::cache::AccountIndex;
use crate::leads::Leads;

/// False discovery rate up to which leads count as read where no lead is of a campaign.
const DISCOVERY: f64 = 0.1;

/// Name of the figure of innocent accounts in the leads that count as read.
pub(super) const IN_LEADS_READ: &str = "in the leads read";

/// Last lead that counts as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastRead {
    /// Rank of the last lead of a true campaign: at least half of its accounts are some campaign's.
    LastCampaign(usize),
    /// No lead is of a campaign; leads with a q-value of at most 0.1 count.
    Discoveries,
}

/// Innocent accounts in the leads that count as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Innocents {
    /// Last lead that counts as read.
    pub last_read: LastRead,
    /// Classes, in descending order of the share in leads.
    pub classes: Vec<InnocentClass>,
}

/// One class of innocent accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct InnocentClass {
    /// Its name in the truth.
    pub name: String,
    /// Accounts in leads that count as read, of all accounts of the class.
    pub in_leads: Rate,
    /// Accounts among the first of the account list, as many as there are true campaign accounts; of all
    /// accounts of the class.
    pub among_first: Rate,
    /// Accounts on which anything was testable. A class with too little data cannot serve as a control.
    pub testable: usize,
}

/// False positives by class of innocent accounts.
pub(super) fn innocents(leads: &Leads, truth: &Truth, found: &[CampaignMatch]) -> Innocents {
    let (last_read, read) = read(leads, found);
    let size: usize = found.iter().map(|found| found.accounts).sum();
    let mut classes: Vec<InnocentClass> = truth
        .classes()
        .into_iter()
        .filter(|(class, _)| !class.campaign)
        .map(|(class, accounts)| InnocentClass {
            name: class.name.clone(),
            in_leads: Rate {
                hits: accounts.iter().filter(|&&account| read[account as usize]).count() as f64,
                of: accounts.len(),
            },
            among_first: above(leads, &accounts, size as u32 + 1),
            testable: accounts.iter().filter(|&&account| p_of(leads, account).is_some()).count(),
        })
        .collect();
    classes.sort_by(|a, b| {
        let share = |rate: Rate| rate.share().unwrap_or(0.0);
        (share(b.in_leads).total_cmp(&share(a.in_leads)))
            .then(share(b.among_first).total_cmp(&share(a.among_first)))
            .then(a.name.cmp(&b.name))
    });
    Innocents { last_read, classes }
}

/// Last lead that counts as read, and for each account whether one of the leads read holds it.
fn read(leads: &Leads, found: &[CampaignMatch]) -> (LastRead, Vec<bool>) {
    let any_campaign = found.iter().filter_map(|found| found.best.as_ref());
    let last = any_campaign
        .filter(|best| best.any_campaign.share().is_some_and(|share| share >= 0.5))
        .map(|best| best.rank)
        .max();
    let last_read = last.map_or(LastRead::Discoveries, LastRead::LastCampaign);
    let mut read = vec![false; leads.accounts.len()];
    for (at, lead) in leads.groups.iter().enumerate() {
        let is_read = match last_read {
            LastRead::LastCampaign(rank) => at < rank,
            LastRead::Discoveries => lead.q_value.is_some_and(|q| q <= DISCOVERY),
        };
        if is_read {
            lead.accounts.iter().for_each(|&account| read[account as usize] = true);
        }
    }
    (last_read, read)
}

/// Innocent accounts in the leads that count as read, by class. The leads that count as read are those of the
/// case as it is, in every resample.
pub(super) struct InnocentsRead {
    read: Vec<bool>,
    classes: Vec<(String, Vec<AccountIndex>)>,
}

impl InnocentsRead {
    pub fn new(leads: &Leads, truth: &Truth, found: &[CampaignMatch]) -> Self {
        let classes = truth.classes().into_iter().filter(|(class, _)| !class.campaign);
        Self {
            read: read(leads, found).1,
            classes: classes.map(|(class, accounts)| (class.name.clone(), accounts)).collect(),
        }
    }
}

impl Statistic for InnocentsRead {
    fn names(&self) -> Vec<Name> {
        let name = |(class, _): &(String, Vec<AccountIndex>)| Name {
            section: "innocents",
            subject: class.clone(),
            figure: IN_LEADS_READ.to_owned(),
        };
        self.classes.iter().map(name).collect()
    }

    fn values(&self, weights: &[f64]) -> Vec<Value> {
        let share = |(_, accounts): &(String, Vec<AccountIndex>)| {
            let sum = |of: &dyn Fn(AccountIndex) -> bool| -> f64 {
                accounts
                    .iter()
                    .filter(|&&account| of(account))
                    .map(|&account| weights[account as usize])
                    .sum()
            };
            Value::Share { hits: sum(&|account| self.read[account as usize]), of: sum(&|_| true) }
        };
        self.classes.iter().map(share).collect()
    }
}

/// Share of the given accounts that rank above a rank of the account list.
pub fn above(leads: &Leads, accounts: &[AccountIndex], rank: u32) -> Rate {
    let ranks = accounts.iter().filter_map(|&account| lead_of(leads, account)).map(|lead| lead.rank);
    Rate { hits: ranks.filter(|&its| its < rank).count() as f64, of: accounts.len() }
}

fn p_of(leads: &Leads, account: AccountIndex) -> Option<f64> {
    lead_of(leads, account)?.p_value
}

fn lead_of(leads: &Leads, account: AccountIndex) -> Option<&crate::leads::AccountLead> {
    leads.accounts.get(*leads.rank_of.get(account as usize)? as usize)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{leads_of, truth_of};
    use super::*;

    #[test]
    fn the_worst_class_down_to_the_last_campaign_comes_first() {
        let truth = truth_of(&[("x", true, 0..3), ("agency", false, 3..13), ("shop", false, 13..23)]);
        // A lead of agencies above the campaign's, one of shops below it.
        let leads = leads_of(23, &[&[3, 4], &[0, 1, 2, 5], &[13, 14, 15]]);
        let innocents = super::super::innocents(&leads, &truth);
        assert_eq!(innocents.last_read, LastRead::LastCampaign(2));
        assert_eq!(innocents.classes[0].name, "agency");
        assert_eq!(innocents.classes[0].in_leads, Rate { hits: 3.0, of: 10 });
        assert_eq!(innocents.classes[1].in_leads, Rate { hits: 0.0, of: 10 });
        // Accounts are ranked by number: the first three are the campaign's.
        assert_eq!(innocents.classes[0].among_first.hits, 0.0);
        assert_eq!(above(&leads, &[0, 4, 22], 6), Rate { hits: 2.0, of: 3 });
    }

    #[test]
    fn without_a_campaign_only_discoveries_are_read() {
        let truth = truth_of(&[("shop", false, 0..10)]);
        let mut leads = leads_of(10, &[&[0, 1], &[2, 3]]);
        leads.groups[1].q_value = Some(0.05);
        let innocents = super::super::innocents(&leads, &truth);
        assert_eq!(innocents.last_read, LastRead::Discoveries);
        assert_eq!(innocents.classes[0].in_leads, Rate { hits: 2.0, of: 10 });
    }
}
