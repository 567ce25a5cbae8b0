//! Distribution of the p-values of innocent accounts. Under a true null hypothesis it is uniform; an excess
//! of small values means false alarms, a deficit means conservative tests.

use super::{Rate, Truth};
use crate::cache::AccountIndex;
use crate::leads::Leads;
use crate::stats::uniformity::{Uniformity, uniformity};

/// Levels at which p-values are counted.
const LEVELS: [f64; 3] = [0.01, 0.05, 0.1];

/// Distribution of one set of p-values.
#[derive(Clone, Debug, PartialEq)]
pub struct Null {
    /// Set: `accounts`, `leads` or a signal's id.
    pub of: String,
    /// The Kolmogorov–Smirnov test; `None` without p-values.
    pub uniformity: Option<Uniformity>,
    /// Number of p-values up to each level.
    pub at_most: Vec<(f64, Rate)>,
    /// The smallest q-value, of leads.
    pub smallest_q: Option<f64>,
}

/// Accounts, leads that hold no campaign account, and accounts by signal.
pub(super) fn nulls(leads: &Leads, truth: &Truth) -> Vec<Null> {
    let innocent = |account| truth.is_campaign(account) == Some(false);
    let accounts = leads.accounts.iter().filter(|lead| innocent(lead.account));
    let mut nulls = vec![null("accounts", accounts.filter_map(|lead| lead.p_value).collect())];
    let groups: Vec<_> = leads
        .groups
        .iter()
        .filter(|lead| lead.accounts.iter().all(|&account| truth.is_campaign(account) != Some(true)))
        .collect();
    nulls.push(Null {
        smallest_q: groups.iter().filter_map(|lead| lead.q_value).reduce(f64::min),
        ..null("leads", groups.iter().filter_map(|lead| lead.extraction_p).collect())
    });
    for column in &leads.signals {
        let accounts = 0..leads.accounts.len() as AccountIndex;
        let p = accounts.filter(|&account| innocent(account)).filter_map(|account| column.p(account));
        nulls.push(null(column.about.id, p.collect()));
    }
    nulls
}

fn null(of: &str, p: Vec<f64>) -> Null {
    let at_most = |level: f64| Rate { hits: p.iter().filter(|&&p| p <= level).count() as f64, of: p.len() };
    Null {
        of: of.to_owned(),
        uniformity: uniformity(&p),
        at_most: LEVELS.map(|level| (level, at_most(level))).into(),
        smallest_q: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{leads_of, truth_of};
    use super::*;

    #[test]
    fn only_innocents_count() {
        let truth = truth_of(&[("x", true, 0..20), ("shop", false, 20..120)]);
        let mut leads = leads_of(120, &[&[0, 1], &[30, 31], &[40, 41]]);
        for lead in &mut leads.accounts {
            // The campaign's are tiny, the innocents' a perfect grid.
            let p = if lead.account < 20 { 1e-4 } else { (f64::from(lead.account) - 19.5) / 100.0 };
            lead.p_value = Some(p);
        }
        (leads.groups[0].q_value, leads.groups[2].q_value) = (Some(1e-3), Some(0.4));
        let nulls = nulls(&leads, &truth);
        assert!((nulls[0].uniformity.unwrap().distance - 0.005).abs() < 1e-9);
        assert_eq!(nulls[0].at_most[1], (0.05, Rate { hits: 5.0, of: 100 }));
        assert_eq!((nulls[1].at_most[0].1.of, nulls[1].smallest_q), (0, Some(0.4)));
        assert_eq!(null("none", vec![]).uniformity, None);
    }
}
