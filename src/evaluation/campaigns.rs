//! True campaigns, each with its best matching lead.

use std::collections::BTreeMap;

use super::{Rate, Truth};
use crate::leads::Leads;

/// Minimum share of a campaign's accounts that one lead must hold for the campaign to have surfaced (recall).
const MIN_RECALL: f64 = 0.8;
/// Minimum share of that lead's accounts that must be the campaign's own (purity).
const MIN_PURITY: f64 = 0.9;

/// One true campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignMatch {
    /// Its name in the truth.
    pub campaign: String,
    /// Its accounts in the case.
    pub accounts: usize,
    /// Best matching lead (largest harmonic mean of recall and purity; the higher rank on a tie); `None`
    /// where no lead holds any of its accounts.
    pub best: Option<LeadMatch>,
}

/// Match of a lead with a true campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadMatch {
    /// Its rank among the leads, from 1.
    pub rank: usize,
    /// Recall: the campaign's accounts in the lead, of all its accounts.
    pub held: Rate,
    /// Purity: the campaign's accounts, of the lead's accounts whose class is in the truth.
    pub purity: Rate,
    /// Accounts of any campaign, of the same total.
    pub any_campaign: Rate,
    /// q-value of the lead, if it has one.
    pub q_value: Option<f64>,
}

impl CampaignMatch {
    /// True if one lead holds 80 % of the campaign at 90 % purity.
    pub fn surfaced(&self) -> bool {
        self.best.as_ref().is_some_and(|best| {
            best.held.share().is_some_and(|held| held >= MIN_RECALL)
                && best.purity.share().is_some_and(|purity| purity >= MIN_PURITY)
        })
    }
}

/// The true campaigns, by name.
pub(super) fn found(leads: &Leads, truth: &Truth) -> Vec<CampaignMatch> {
    // Leads that hold accounts of each class, with their number.
    let mut held: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    let mut sizes = Vec::with_capacity(leads.groups.len());
    for (at, lead) in leads.groups.iter().enumerate() {
        let classes = lead.accounts.iter().filter_map(|&account| truth.class(account));
        let (mut all, mut any_campaign, mut counts) = (0, 0, BTreeMap::<&str, usize>::new());
        for class in classes {
            all += 1;
            if class.campaign {
                any_campaign += 1;
                *counts.entry(&class.name).or_default() += 1;
            }
        }
        sizes.push((all, any_campaign));
        for (name, count) in counts {
            held.entry(name).or_default().push((at, count));
        }
    }
    let best = |name: &str, size: usize| {
        let leads_of = held.get(name).map(Vec::as_slice).unwrap_or_default();
        let f1 = |&(at, count): &(usize, usize)| 2.0 * count as f64 / (sizes[at].0 + size) as f64;
        let &(at, count) = leads_of.iter().max_by(|a, b| f1(a).total_cmp(&f1(b)).then(b.0.cmp(&a.0)))?;
        let (all, any_campaign) = sizes[at];
        let rate = |hits: usize, of: usize| Rate { hits: hits as f64, of };
        Some(LeadMatch {
            rank: at + 1,
            held: rate(count, size),
            purity: rate(count, all),
            any_campaign: rate(any_campaign, all),
            q_value: leads.groups[at].q_value,
        })
    };
    truth
        .classes()
        .into_iter()
        .filter(|(class, _)| class.campaign)
        .map(|(class, accounts)| CampaignMatch {
            campaign: class.name.clone(),
            accounts: accounts.len(),
            best: best(&class.name, accounts.len()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{leads_of, truth_of};
    use super::*;

    #[test]
    fn the_lead_most_like_a_campaign_is_found() {
        // Ten accounts of campaign x: three lead first with an innocent, eight more come third.
        let truth = truth_of(&[("x", true, 0..10), ("y", true, 10..12), ("shop", false, 12..30)]);
        let leads = leads_of(30, &[&[0, 1, 12], &[13, 14], &[2, 3, 4, 5, 6, 7, 8, 9]]);
        let found = found(&leads, &truth);
        let best = found[0].best.as_ref().unwrap();
        assert_eq!((best.rank, best.held.hits, best.purity.of), (3, 8.0, 8));
        assert!(found[0].surfaced());
        assert_eq!(found[1], CampaignMatch { campaign: "y".into(), accounts: 2, best: None });
        assert!(!found[1].surfaced());
    }

    #[test]
    fn a_lead_full_of_innocents_is_no_surfacing() {
        let truth = truth_of(&[("x", true, 0..4), ("shop", false, 4..9)]);
        let leads = leads_of(9, &[&[0, 1, 2, 3, 4, 5, 6]]);
        let found = found(&leads, &truth);
        assert_eq!(found[0].best.as_ref().unwrap().purity, Rate { hits: 4.0, of: 7 });
        assert!(!found[0].surfaced());
    }
}
