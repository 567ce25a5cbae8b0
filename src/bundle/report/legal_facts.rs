//! Facts of the legal frame that the report states, each with the row of the figures that has it.

use std::collections::BTreeMap;

use super::contents::Report;
use super::count::Count;
use super::sheets::Figures;
use crate::bundle::legal::tables::{AFTER, GAPS};
use crate::bundle::legal::{AfterRow, Gap, Relation, of_version};
use crate::case::legal::NoticeKind;
use crate::exhibit::cell;
use crate::model::AccountId;

/// Exchanges after one notice.
#[derive(Clone, Debug, Default)]
pub(super) struct NoticeFacts {
    /// Kind of the notice.
    pub kind: Option<NoticeKind>,
    /// Accounts that it went to.
    pub addressed: Count,
    /// Accounts relied on that it went to, though they were made after it.
    pub made_later: Count,
    /// Of the addressed accounts that are relied on, those with exchanges after it, and these exchanges.
    pub after: [Count; 2],
    /// Linked accounts with exchanges after it, these exchanges, and the accounts made after it.
    pub linked: [Count; 3],
}

/// Facts of the legal frame.
#[derive(Clone, Debug, Default)]
pub(super) struct LegalFacts {
    /// By number, of notices that warn of or end access.
    pub notices: BTreeMap<u64, NoticeFacts>,
    /// Accounts relied on, evidence that is a single exchange included.
    pub relied: Count,
    /// Accounts relied on without a record of acceptance, those used before it, and those used on its day where
    /// the time of day is not recorded; `None` where no file of acceptance is recorded.
    pub gaps: Option<[Count; 3]>,
    /// By number, of breaches: version and clause, and accounts relied on with a record of that version, and with records
    /// of other versions alone. Empty where no file of acceptance is recorded.
    pub breaches: Vec<(u64, String, String, [Count; 2])>,
}

/// Names of the figures of a breach.
pub(in crate::bundle) const OF_VERSION: &str = "accounts relied on with a record of its version";
pub(in crate::bundle) const OF_OTHERS: &str = "accounts relied on with records of other versions alone";

/// Gathers the facts and adds their figures.
pub(super) fn gather(report: &Report<'_>, figures: &mut Figures) -> LegalFacts {
    let legal = report.legal;
    let mut put = |about: &str, name: &str, n: usize, of: Option<usize>, source: &str| Count {
        n: n as u64,
        row: figures.count(about, name, n as u64, of.map(|of| of as u64), source),
    };
    let mut facts = LegalFacts::default();
    if report.state.legal.is_empty() {
        return facts;
    }
    let all = legal.relied.len();
    facts.relied = put("the case", "accounts relied on, of single exchanges too", all, None, "the journal");
    if !legal.gaps.is_empty() {
        let of = |gap: Gap| legal.gaps.iter().filter(|row| row.gap == gap).count();
        facts.gaps = Some([
            put("acceptance", "accounts relied on without a record", of(Gap::NoRecord), Some(all), GAPS),
            put("acceptance", "accounts relied on with use before it", of(Gap::UsedBefore), Some(all), GAPS),
            put("acceptance", "accounts relied on with use on its day", of(Gap::SameDay), Some(all), GAPS),
        ]);
    }
    if !legal.gaps.is_empty() {
        let rows: Vec<(String, String)> =
            legal.gaps.iter().map(|row| (cell(&row.versions.join("; ")), row.records.to_string())).collect();
        for (number, breach) in report.state.legal.breaches() {
            let accounts = rows.iter().map(|(versions, records)| (versions.as_str(), records.as_str()));
            let [own, others] = of_version(&breach.version, accounts);
            let about = format!("breach {number}");
            let counts = [
                put(&about, OF_VERSION, own, Some(all), GAPS),
                put(&about, OF_OTHERS, others, Some(all), GAPS),
            ];
            facts.breaches.push((number, breach.version.clone(), breach.clause.clone(), counts));
        }
    }
    for (number, notice) in report.state.legal.notices() {
        if !notice.kind.counts_after() {
            continue;
        }
        let rows = |relation: Relation| {
            legal.after.iter().filter(move |row| row.notice == number && row.relation == relation)
        };
        let about = format!("notice N{number}");
        let exchanges = |relation: Relation| rows(relation).map(exchanges).sum::<u64>() as usize;
        let size = notice.accounts.len();
        let is_later = |id: &&AccountId| {
            let at = report.cache.account_index(id).filter(|at| legal.relied.contains(at));
            let created = at.and_then(|at| report.cache.accounts()[at as usize].created);
            created.is_some_and(|created| created > notice.at)
        };
        let later = notice.accounts.iter().filter(is_later).count();
        let (own, linked) = (rows(Relation::Addressed).count(), rows(Relation::Linked).count());
        let made_after = rows(Relation::Linked).filter(|row| row.made_after == Some(true)).count();
        let of = NoticeFacts {
            kind: Some(notice.kind),
            addressed: put(&about, "accounts that it went to", size, None, "the journal"),
            made_later: put(&about, "accounts relied on, made after it", later, Some(size), "the log"),
            after: [
                put(&about, "accounts addressed with exchanges after it", own, Some(size), AFTER),
                put(&about, "their exchanges after it", exchanges(Relation::Addressed), None, AFTER),
            ],
            linked: [
                put(&about, "linked accounts with exchanges after it", linked, None, AFTER),
                put(&about, "their exchanges after it, linked", exchanges(Relation::Linked), None, AFTER),
                put(&about, "linked accounts made after it", made_after, Some(linked), AFTER),
            ],
        };
        facts.notices.insert(number, of);
    }
    facts
}

fn exchanges(row: &AfterRow) -> u64 {
    row.usage.exchanges
}
