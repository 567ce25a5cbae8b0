//! Ranking of accounts evaluated against a truth.

use super::statistic::{Name, Statistic, Value};
use super::{Rate, Truth};
use crate::cache::AccountIndex;
use crate::leads::Leads;
use crate::stats::ranking::{Ranking, average_precision, positives_among_first};

/// Cuts of precision, beside the number of true campaign accounts: about one investigator's day and week of
/// work.
const CUTS: [usize; 2] = [50, 200];

/// Quality of a score over the accounts in the truth. Equal scores count as drawn by lot.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Prevalence: campaign accounts among the accounts in the truth, which is the precision of chance.
    pub prevalence: Rate,
    /// Area under the precision–recall curve; `None` without a campaign.
    pub average_precision: Option<f64>,
    /// Precision at 50, 200 and the number of campaign accounts; cuts beyond the number of accounts are left
    /// out.
    pub precision: Vec<Rate>,
    /// Recall of each campaign at the same cuts.
    pub recall: Vec<Recall>,
}

/// Recall of one campaign at one cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Recall {
    /// The campaign.
    pub campaign: String,
    /// Cut: number of first accounts.
    pub first: usize,
    /// Its accounts within the cut, of all its accounts.
    pub rate: Rate,
}

/// The score of each account.
pub(super) fn scores_of(leads: &Leads) -> Vec<f64> {
    let mut scores = vec![0.0; leads.accounts.len()];
    for lead in &leads.accounts {
        scores[lead.account as usize] = lead.score;
    }
    scores
}

/// Evaluates a score, one value an account.
pub(super) fn ranked(scores: &[f64], truth: &Truth) -> Ranked {
    let labelled: Vec<(AccountIndex, bool)> = (0..scores.len() as AccountIndex)
        .filter_map(|account| Some((account, truth.is_campaign(account)?)))
        .collect();
    let labelled_scores: Vec<f64> = labelled.iter().map(|&(account, _)| scores[account as usize]).collect();
    let campaign: Vec<bool> = labelled.iter().map(|&(_, campaign)| campaign).collect();
    let size = campaign.iter().filter(|&&campaign| campaign).count();
    let mut cuts: Vec<usize> =
        CUTS.into_iter().chain([size]).filter(|&cut| cut > 0 && cut <= labelled.len()).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let precision = cuts
        .iter()
        .map(|&cut| Rate { hits: positives_among_first(&labelled_scores, &campaign, cut), of: cut })
        .collect();
    let mut recall = Vec::new();
    for (class, members) in truth.classes().into_iter().filter(|(class, _)| class.campaign) {
        let its: Vec<bool> =
            labelled.iter().map(|(account, _)| members.binary_search(account).is_ok()).collect();
        recall.extend(cuts.iter().map(|&first| Recall {
            campaign: class.name.clone(),
            first,
            rate: Rate { hits: positives_among_first(&labelled_scores, &its, first), of: members.len() },
        }));
    }
    Ranked {
        prevalence: Rate { hits: size as f64, of: labelled.len() },
        average_precision: average_precision(&labelled_scores, &campaign),
        precision,
        recall,
    }
}

/// Area under the precision–recall curve of the account list.
pub(super) struct ListArea {
    ranking: Ranking,
    accounts: Vec<AccountIndex>,
    campaign: Vec<bool>,
}

impl ListArea {
    pub fn new(leads: &Leads, truth: &Truth) -> Self {
        let scores = scores_of(leads);
        let labelled = (0..scores.len() as AccountIndex)
            .filter_map(|account| Some((account, truth.is_campaign(account)?)));
        let (accounts, campaign): (Vec<AccountIndex>, Vec<bool>) = labelled.unzip();
        let own: Vec<f64> = accounts.iter().map(|&account| scores[account as usize]).collect();
        Self { ranking: Ranking::new(&own), accounts, campaign }
    }
}

impl Statistic for ListArea {
    fn names(&self) -> Vec<Name> {
        vec![Name { section: "accounts", subject: "all".to_owned(), figure: "PR-AUC".to_owned() }]
    }

    fn values(&self, weights: &[f64]) -> Vec<Value> {
        let own: Vec<f64> = self.accounts.iter().map(|&account| weights[account as usize]).collect();
        vec![Value::Number(self.ranking.average_precision(&self.campaign, &own))]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::*;

    #[test]
    fn only_known_accounts_count() {
        let class = |name: &str, campaign| Class { name: name.into(), campaign };
        // Accounts 0 and 1 are a campaign, 2 and 3 innocent, 4 unknown and first of all.
        let truth = Truth::new(
            5,
            [
                (0, class("c", true)),
                (1, class("c", true)),
                (2, class("shop", false)),
                (3, class("shop", false)),
            ],
        );
        let ranked = ranked(&[3.0, 1.0, 2.0, 0.0, 9.0], &truth);
        assert_eq!(ranked.prevalence, Rate { hits: 2.0, of: 4 });
        // Precision 1 at the first, 2/3 at the third place.
        assert!((ranked.average_precision.unwrap() - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        assert_eq!(ranked.precision, [Rate { hits: 1.0, of: 2 }]);
        assert_eq!(ranked.recall[0].rate, Rate { hits: 1.0, of: 2 });
        assert_eq!(super::ranked(&[], &Truth::default()).average_precision, None);
    }
}
