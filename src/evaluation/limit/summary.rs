//! Summary of a tried limit: one group, such as a lead, against all other accounts.

use super::trial::{DayOfTrial, GroupTrial, Trial};
use crate::cache::AccountIndex;
use crate::leads::Leads;
use crate::model::{Micros, Zone, format_count};

const DAY: Micros = 24 * 3_600_000_000;

/// A limit on a group of accounts and on all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSummary {
    /// Name of the group: `lead L-7f31ab`.
    pub name: String,
    /// The group.
    pub group: GroupTrial,
    /// All other accounts.
    pub others: GroupTrial,
    /// Other accounts caught that are in a lead.
    pub others_in_leads: usize,
    /// Accounts caught by the end of each day on which one was.
    pub days: Vec<DayOfTrial>,
}

impl LimitSummary {
    /// Summary for a group of accounts, which is ascending.
    pub fn new(name: &str, trial: &Trial, leads: &Leads, group: &[AccountIndex]) -> Self {
        let mut in_lead = vec![false; leads.accounts.len()];
        let members = leads.groups.iter().flat_map(|lead| &lead.accounts);
        members.for_each(|&account| in_lead[account as usize] = true);
        let others_in_leads = trial.others(group).filter(|&account| in_lead[account as usize]);
        Self {
            name: name.to_owned(),
            group: trial.of(group.iter().copied()),
            others: trial.of(trial.others(group)),
            others_in_leads: trial.of(others_in_leads).caught,
            days: trial.by_day(group),
        }
    }

    /// The summary in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut all = vec![self.of_group()];
        if self.group.caught > 0 {
            all.push(format!(
                "{} of {} exchanges of {} ({}) came after the day on which their account was caught.",
                format_count(self.group.exchanges_after),
                format_count(self.group.exchanges),
                self.name,
                percent(self.group.exchanges_after, self.group.exchanges)
            ));
        }
        all.push(format!(
            "{} of {} other accounts caught ({}); {} of them are in other leads.",
            count(self.others.caught),
            count(self.others.accounts),
            percent(self.others.caught as u64, self.others.accounts as u64),
            count(self.others_in_leads)
        ));
        all.push(format!(
            "{} accounts of {} and {} others not testable: too little data within the window.",
            count(self.group.not_testable),
            self.name,
            count(self.others.not_testable)
        ));
        all
    }

    fn of_group(&self) -> String {
        let group = &self.group;
        let when = match (group.first_day, group.half_day) {
            (Some(first), Some(half)) => {
                format!("; first on {}, half by {}", date(first), date(half))
            }
            (Some(first), None) => format!("; first on {}, half of them never", date(first)),
            (None, _) => String::new(),
        };
        format!(
            "{} of {} accounts of {} caught ({}){when}.",
            count(group.caught),
            count(group.accounts),
            self.name,
            percent(group.caught as u64, group.accounts as u64)
        )
    }
}

/// A day as a date, UTC: `2026-03-09`.
pub fn date(day: i64) -> String {
    Zone::utc().format_date(day.saturating_mul(DAY))
}

fn count(n: usize) -> String {
    format_count(n as u64)
}

/// `1.1 %`, or `–` of none.
fn percent(part: u64, of: u64) -> String {
    if of == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / of as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_come_first_and_an_empty_group_divides_nothing() {
        let group = GroupTrial {
            accounts: 46,
            caught: 23,
            not_testable: 3,
            first_day: Some(20_513),
            half_day: Some(20_520),
            exchanges: 17_617,
            exchanges_after: 12_004,
        };
        let others = GroupTrial { accounts: 3_781, caught: 41, not_testable: 2_100, ..GroupTrial::default() };
        let summary =
            LimitSummary { name: "lead L-7f31ab".into(), group, others, others_in_leads: 12, days: vec![] };
        assert_eq!(
            summary.sentences(),
            [
                "23 of 46 accounts of lead L-7f31ab caught (50.0 %); first on 2026-03-01, half by 2026-03-08.",
                "12,004 of 17,617 exchanges of lead L-7f31ab (68.1 %) came after the day on which their account was caught.",
                "41 of 3,781 other accounts caught (1.1 %); 12 of them are in other leads.",
                "3 accounts of lead L-7f31ab and 2,100 others not testable: too little data within the window.",
            ]
        );
        let nobody = LimitSummary { group: GroupTrial::default(), ..summary };
        assert_eq!(nobody.sentences()[0], "0 of 0 accounts of lead L-7f31ab caught (–).");
        assert!(nobody.sentences().iter().all(|sentence| sentence.split_whitespace().count() <= 25));
    }
}
