//! Reading effort: number of leads to read, first rank first, until a campaign is held.

use super::Truth;
use super::statistic::{Name, Statistic, Value};
use crate::cache::AccountIndex;
use crate::leads::Leads;

/// Shares of a campaign's accounts at which the leads read so far are counted.
const SHARES: [(f64, &str); 2] = [(0.5, "half"), (0.8, "80 %")];

/// Number of first leads among which the best is looked for.
const FIRST: usize = 5;

/// Leads read until each campaign is held, and the best of the first five leads.
pub(super) struct Reading {
    /// Campaigns by name with their accounts.
    campaigns: Vec<(String, Vec<AccountIndex>)>,
    /// Position of the first lead that holds each account.
    first_lead: Vec<Option<u32>>,
    /// Accounts in leads that the truth names, in order of their first leads; true for a campaign's.
    read: Vec<(u32, AccountIndex, bool)>,
    /// Accounts of the first leads that the truth names.
    first: Vec<Vec<AccountIndex>>,
}

impl Reading {
    pub fn new(leads: &Leads, truth: &Truth) -> Self {
        let mut first_lead = vec![None; leads.accounts.len()];
        let mut read = Vec::new();
        for (at, lead) in (0..).zip(&leads.groups) {
            for &account in &lead.accounts {
                let Some(campaign) = truth.is_campaign(account) else { continue };
                if first_lead[account as usize].is_none() {
                    first_lead[account as usize] = Some(at);
                    read.push((at, account, campaign));
                }
            }
        }
        let named = |&account: &AccountIndex| truth.class(account).is_some();
        let first = leads.groups.iter().take(FIRST);
        let campaigns = truth.classes().into_iter().filter(|(class, _)| class.campaign);
        Self {
            campaigns: campaigns.map(|(class, accounts)| (class.name.clone(), accounts)).collect(),
            first_lead,
            read,
            first: first.map(|lead| lead.accounts.iter().copied().filter(named).collect()).collect(),
        }
    }

    /// Number of leads to read until they hold a share of the accounts' weight, with the share of any
    /// campaign's accounts among those read by then. Infinite where all leads hold less.
    fn until(&self, accounts: &[AccountIndex], share: f64, weights: &[f64]) -> [Value; 2] {
        let all: f64 = accounts.iter().map(|&account| weights[account as usize]).sum();
        let mut held: Vec<(u32, f64)> = accounts
            .iter()
            .filter_map(|&account| Some((self.first_lead[account as usize]?, weights[account as usize])))
            .collect();
        held.sort_by_key(|&(lead, _)| lead);
        let mut so_far = 0.0;
        let last = held.iter().find(|(_, weight)| {
            so_far += weight;
            so_far >= share * all && all > 0.0
        });
        let Some(&(last, _)) = last else {
            return [Value::Number(Some(f64::INFINITY)), Value::Share { hits: 0.0, of: 0.0 }];
        };
        let (mut hits, mut of) = (0.0, 0.0);
        for &(_, account, campaign) in self.read.iter().take_while(|(lead, _, _)| *lead <= last) {
            of += weights[account as usize];
            if campaign {
                hits += weights[account as usize];
            }
        }
        [Value::Number(Some(f64::from(last + 1))), Value::Share { hits, of }]
    }

    /// Rank, share held and purity of the one of the first leads with the largest harmonic mean of both.
    fn best_of_first(&self, accounts: &[AccountIndex], weights: &[f64]) -> [Value; 3] {
        let sum = |of: &[AccountIndex]| of.iter().map(|&account| weights[account as usize]).sum::<f64>();
        let all = sum(accounts);
        let mut best: Option<(f64, usize, f64, f64)> = None;
        for (at, lead) in self.first.iter().enumerate() {
            let its = lead.iter().filter(|account| accounts.binary_search(account).is_ok());
            let hits: f64 = its.map(|&account| weights[account as usize]).sum();
            let of = sum(lead);
            let f1 = if hits > 0.0 { 2.0 * hits / (of + all) } else { 0.0 };
            if f1 > best.map_or(0.0, |best| best.0) {
                best = Some((f1, at, hits, of));
            }
        }
        match best {
            Some((_, at, hits, of)) => [
                Value::Number(Some(at as f64 + 1.0)),
                Value::Share { hits, of: all },
                Value::Share { hits, of },
            ],
            None => [
                Value::Number(None),
                Value::Share { hits: 0.0, of: all },
                Value::Share { hits: 0.0, of: 0.0 },
            ],
        }
    }
}

impl Statistic for Reading {
    fn names(&self) -> Vec<Name> {
        let until = SHARES.iter().flat_map(|(_, share)| {
            [
                format!("leads to read until {share} is held"),
                format!("campaign accounts among those read until {share} is held"),
            ]
        });
        let best =
            ["rank", "share held", "purity"].map(|what| format!("best of the first {FIRST} leads: {what}"));
        let figures: Vec<String> = until.chain(best).collect();
        let of_campaign = |(campaign, _): &(String, Vec<AccountIndex>)| {
            figures
                .iter()
                .map(|figure| Name { section: "reading", subject: campaign.clone(), figure: figure.clone() })
                .collect::<Vec<_>>()
        };
        self.campaigns.iter().flat_map(of_campaign).collect()
    }

    fn values(&self, weights: &[f64]) -> Vec<Value> {
        let of_campaign = |(_, accounts): &(String, Vec<AccountIndex>)| {
            let until = SHARES.iter().flat_map(|&(share, _)| self.until(accounts, share, weights));
            until.chain(self.best_of_first(accounts, weights)).collect::<Vec<_>>()
        };
        self.campaigns.iter().flat_map(of_campaign).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{leads_of, truth_of};
    use super::*;

    fn values(truth: &Truth, leads: &Leads) -> Vec<Option<f64>> {
        let weights = vec![1.0; leads.accounts.len()];
        Reading::new(leads, truth).values(&weights).into_iter().map(Value::get).collect()
    }

    #[test]
    fn leads_are_read_in_order_until_enough_is_held() {
        // Ten accounts of a campaign: four in lead 2, five in lead 4; lead 1 and 3 are of shops.
        let truth = truth_of(&[("shop", false, 0..20), ("x", true, 20..30)]);
        let leads =
            leads_of(30, &[&[0, 1], &[20, 21, 22, 23], &[2, 3, 4], &[24, 25, 26, 27, 28, 5], &[6, 7], &[29]]);
        // Half needs lead 4: nine of fifteen read are a campaign's. 80 % too.
        let share = Some(9.0 / 15.0);
        assert_eq!(
            values(&truth, &leads),
            [Some(4.0), share, Some(4.0), share, Some(4.0), Some(0.5), Some(5.0 / 6.0)]
        );
        // Ten times the weight on the accounts of lead 2.
        let mut weights = vec![1.0; 30];
        weights[20..24].fill(10.0);
        let weighted = Reading::new(&leads, &truth).values(&weights);
        assert_eq!(weighted[0].get(), Some(2.0));
        assert_eq!(weighted[1].get(), Some(40.0 / 42.0));
    }

    #[test]
    fn what_no_lead_holds_is_never_read() {
        let truth = truth_of(&[("shop", false, 0..4), ("x", true, 4..8)]);
        let found = values(&truth, &leads_of(8, &[&[0, 1]]));
        let never = Some(f64::INFINITY);
        assert_eq!(found, [never, None, never, None, None, Some(0.0), None]);
        // No lead at all.
        assert_eq!(values(&truth, &leads_of(8, &[]))[0], never);
        // A lead that holds an account twice over counts it once.
        let twice = values(&truth, &leads_of(8, &[&[4, 5], &[4, 5, 6, 7]]));
        assert_eq!(twice[..2], [Some(1.0), Some(1.0)]);
        assert_eq!(twice[4..], [Some(2.0), Some(1.0), Some(1.0)]);
    }
}
