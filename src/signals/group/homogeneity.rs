//! R6, over-homogeneity: Pearson's X² per degree of freedom between accounts (Pearson 1900); near 1 their
//! sessions come from one distribution.

use super::null::{p_value, random_group};
use super::signal::{GroupInput, GroupOutcome, GroupSignal, spread};
use crate::cache::{AccountIndex, NO_TOPIC};
use crate::signals::habits::{Habits, NO_LENGTH, Session};
use crate::signals::{About, Axis, SignalFamily};
use crate::stats::contingency::pearson;

/// Maximum number of members measured; a larger group is sampled at even steps.
const MAX_MEMBERS: usize = 100;

/// Minimum number of sessions of a measured account.
const MIN_SESSIONS: usize = 10;

const ABOUT: About = About {
    id: "R6",
    title: "over-homogeneity",
    version: 1,
    unit: "X² per degree of freedom (1 for one common pool)",
    definition: "Pearson's X² over its degrees of freedom: the geometric mean over up to three tables. The tables \
                 are accounts × topics, accounts × hours of the day, and accounts × lengths (input tokens, by \
                 doublings). Each holds up to 30 sessions an account, evenly spread. A session has the most \
                 frequent topic of its exchanges, and the hour and length of its first. 1 where all accounts draw \
                 from one pool, higher where each has its own habits. p is the share of 999 random groups of the \
                 same cohorts and size that are as low; drawing stops at the twentieth. Needs two accounts of 10 \
                 sessions.",
    source: "Pearson 1900; Besag & Clifford 1991",
    needs: &[],
    look_alikes: &["the keys of one company", "a class with one exercise sheet"],
    tells_apart: "org_id: a declared organisation; payment_fingerprint: one bill for all of them",
    axis: Axis::CommonControl,
    family: SignalFamily::Content,
    tests_upper_tail: false,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct Homogeneity;

impl GroupSignal for Homogeneity {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let habits = &input.reference.habits;
        let members = spread(input.members, MAX_MEMBERS);
        let measured_sessions = measured_sessions(habits, &members);
        let Some(found) = dispersion(&measured_sessions) else {
            return GroupOutcome::NotApplicable(format!(
                "{} accounts have {MIN_SESSIONS} sessions; two with differing sessions are needed",
                measured_sessions.len()
            ));
        };
        let drawn =
            |n| Some(dispersion(&self::measured_sessions(habits, &random_group(input, &members, n)))?.mean);
        let Some(test) = p_value(found.mean, drawn) else {
            return GroupOutcome::NotApplicable("no random group could be measured".to_owned());
        };
        GroupOutcome::Measured { value: found.mean, test, sentence: found.sentence(measured_sessions.len()) }
    }
}

/// The sessions of those accounts that have enough of them.
fn measured_sessions<'a>(habits: &'a Habits, accounts: &[AccountIndex]) -> Vec<&'a [Session]> {
    accounts.iter().map(|&account| habits.row(account)).filter(|own| own.len() >= MIN_SESSIONS).collect()
}

/// X² per degree of freedom of each table that could be made, and their geometric mean.
struct Dispersion {
    tables: Vec<(&'static str, f64)>,
    mean: f64,
}

impl Dispersion {
    fn sentence(&self, accounts: usize) -> String {
        let tables: Vec<String> =
            self.tables.iter().map(|(name, ratio)| format!("{name} {ratio:.2}")).collect();
        format!(
            "X² per degree of freedom between the sessions of the {accounts} accounts with 10 or more: {} (1: as alike as one account; higher: less alike). Random groups of \
             their peers are as extreme",
            tables.join(", ")
        )
    }
}

/// Dispersion of the sessions of some accounts; `None` where no table could be made.
fn dispersion(accounts: &[&[Session]]) -> Option<Dispersion> {
    type Of = fn(&Session) -> Option<u16>;
    let tables: [(&'static str, Of); 3] = [
        ("topics", |session| Some(session.topic).filter(|&topic| topic != NO_TOPIC)),
        ("hours", |session| Some(u16::from(session.hour))),
        ("lengths", |session| Some(session.length).filter(|&length| length != NO_LENGTH).map(u16::from)),
    ];
    let ratio = |(name, of): (&'static str, Of)| {
        let found = pearson(&table(accounts, of))?;
        // An X² of 0 has no logarithm; values below 0.01 are already as even as counts can be.
        Some((name, (found.x2 / found.df as f64).max(0.01)))
    };
    let tables: Vec<(&'static str, f64)> = tables.into_iter().filter_map(ratio).collect();
    let mean = (tables.iter().map(|(_, ratio)| ratio.ln()).sum::<f64>() / tables.len() as f64).exp();
    (!tables.is_empty()).then_some(Dispersion { tables, mean })
}

/// Contingency table of accounts × occurring values.
fn table(accounts: &[&[Session]], of: fn(&Session) -> Option<u16>) -> Vec<Vec<u64>> {
    let mut occurring: Vec<u16> =
        accounts.iter().flat_map(|sessions| sessions.iter().filter_map(of)).collect();
    occurring.sort_unstable();
    occurring.dedup();
    let row = |sessions: &&[Session]| {
        let mut counts = vec![0; occurring.len()];
        for value in sessions.iter().filter_map(of) {
            counts[occurring.partition_point(|&other| other < value)] += 1;
        }
        counts
    };
    accounts.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{oracle, splitmix};

    fn session(topic: u16, hour: u8, length: u8) -> Session {
        Session { topic, hour, length }
    }

    // scipy.stats.chi2_contingency on pandas.crosstab: see tests/oracles/make.py
    #[test]
    fn agrees_with_scipy() {
        for case in oracle::cases("homogeneity") {
            let accounts: Vec<Vec<Session>> = case["accounts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|sessions| {
                    let of = |session: &serde_json::Value| {
                        let n = oracle::numbers(session);
                        self::session(n[0] as u16, n[1] as u8, n[2] as u8)
                    };
                    sessions.as_array().unwrap().iter().map(of).collect()
                })
                .collect();
            let accounts: Vec<&[Session]> = accounts.iter().map(Vec::as_slice).collect();
            let found = dispersion(&accounts).unwrap();
            for (name, ratio) in &found.tables {
                assert!((ratio - oracle::number(&case[*name])).abs() < 1e-9, "{name} {ratio}");
            }
            assert!((found.mean - oracle::number(&case["mean"])).abs() < 1e-9, "{}", found.mean);
        }
    }

    #[test]
    fn one_pool_is_one_and_own_habits_are_more() {
        let draw = |account: u64, n: u64, pool: u64| {
            let topic = splitmix::number(account, n) % 12 + pool;
            session(topic as u16, (splitmix::number(account, n + 99) % 24) as u8, NO_LENGTH)
        };
        let of = |own: bool| -> f64 {
            let accounts: Vec<Vec<Session>> = (0..20)
                .map(|account| (0..30).map(|n| draw(account, n, if own { account * 5 } else { 0 })).collect())
                .collect();
            dispersion(&accounts.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap().mean
        };
        let (pool, own) = (of(false), of(true));
        assert!((pool - 1.0).abs() < 0.15 && own > 1.3, "{pool} {own}");
    }

    #[test]
    fn nothing_that_differs_is_not_testable() {
        let same = vec![session(NO_TOPIC, 3, NO_LENGTH); 30];
        assert!(dispersion(&[&same, &same]).is_none());
        assert!(dispersion(&[&same]).is_none());
        assert!(dispersion(&[]).is_none());
    }
}
