//! Anomalies of the log with their effect on what is claimed. `verify` makes the table again.

use std::collections::BTreeSet;

use super::contents::Report;
use super::draft::GAPS;
use super::facts::{Facts, is_early};
use crate::bundle::BundleError;
use crate::cache::AccountIndex;
use crate::case::CaseReport;
use crate::case::legal::Legal;
use crate::exhibit::{Table, cell};
use crate::model::{Digest, Micros};
use crate::signals;

/// Columns of the table.
pub(in crate::bundle) const COLUMNS: [&str; 5] =
    ["anomaly", "where", "count", "of", "effect on what is claimed"];
/// Anomaly of accounts that were used before they were made.
pub(in crate::bundle) const EARLY: &str = "accounts with an exchange before their creation";
/// Anomaly that only the log shows.
pub(in crate::bundle) const SHARED_IDS: &str = "request ids that several exchanges share";

/// Anomalies of dates that people stated, and their place.
pub(in crate::bundle) const LATER: &str = "notices and events dated after the last entry of the journal";
pub(in crate::bundle) const EARLIER: &str = "notices dated before the first exchange of the log";
pub(in crate::bundle) const LEGAL: &str = "legal frame and events";

/// Import of a snapshot.
pub(in crate::bundle) struct Import {
    /// The snapshot.
    pub snapshot: Digest,
    /// Number of its files.
    pub files: u64,
    /// Its report; `None` where the journal has none.
    pub report: Option<CaseReport>,
}

/// Counts of the anomalies of a case.
pub(in crate::bundle) struct Anomalies {
    /// Accounts used before they were made: where, their number, and of how many.
    pub early: Vec<(String, [u64; 2])>,
    /// Exchanges before and after duplicates are counted once; rows left out or set aside are none.
    pub exchanges: [u64; 2],
    /// Snapshots in use.
    pub imports: Vec<Import>,
    /// Ids of the signals that a missing column makes impossible.
    pub lost: Vec<String>,
    /// Hours of each gap.
    pub gaps: Vec<u64>,
    /// Request ids that several exchanges share.
    pub shared_ids: u64,
    /// Prompts with bytes that are not UTF-8; `None` before the text pass.
    pub prompts_not_utf8: Option<u64>,
    /// Dates of [`odd_dates`].
    pub dates: [u64; 2],
}

/// Notices and events dated after the last entry of the journal, and notices dated before the first exchange of the log.
pub(in crate::bundle) fn odd_dates(
    legal: &Legal,
    events: &BTreeSet<(Micros, String)>,
    last_entry: Micros,
    first_exchange: Option<Micros>,
) -> [u64; 2] {
    let notices: Vec<Micros> = legal.notices().into_iter().map(|(_, notice)| notice.at).collect();
    let to_come = |time: &Micros| *time > last_entry;
    let later = notices.iter().filter(|time| to_come(time)).count()
        + events.iter().filter(|(time, _)| to_come(time)).count();
    let earlier = notices.iter().filter(|time| first_exchange.is_some_and(|first| **time < first)).count();
    [later as u64, earlier as u64]
}

impl Anomalies {
    /// Of the case of a report.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub(super) fn of(report: &Report<'_>, facts: &Facts) -> Result<Self, BundleError> {
        let cache = report.cache;
        let all = cache.accounts().len();
        let count = (0..all).filter(|&at| is_early(report, at as AccountIndex)).count();
        let mut early = vec![("all accounts".to_owned(), [count as u64, all as u64])];
        let of_items = facts.of.iter();
        early.extend(
            of_items.map(|(id, item)| (format!("accounts of E{id}"), [item.early.n, item.accounts.n])),
        );
        let import = |snapshot: &crate::snapshot::Snapshot| Import {
            snapshot: snapshot.sha256,
            files: snapshot.files.len() as u64,
            report: report.state.reports.get(&snapshot.sha256).map(|stored| CaseReport::clone(stored)),
        };
        // As of this export: the import may have preceded the reading of the prompts.
        let lost = signals::abouts().filter(|about| signals::missing(about, cache).is_some());
        let gaps = report.sheets.iter().find(|sheet| sheet.name == GAPS).map(|sheet| sheet.rows.as_slice());
        let facts = cache.load_facts()?;
        Ok(Self {
            early,
            exchanges: [facts.tallies.values().map(|tally| tally.exchanges).sum(), cache.counts().distinct],
            imports: report.state.snapshots.iter().map(import).collect(),
            lost: lost.map(|about| about.id.to_owned()).collect(),
            gaps: gap_hours(gaps.unwrap_or_default()),
            shared_ids: facts.shared_ids,
            prompts_not_utf8: facts.prompts_not_utf8.map(|prompts| prompts.values().sum()),
            dates: {
                let state = report.state;
                let events = state.events.iter().map(|event| (event.ts, event.label.clone())).collect();
                let used = cache.accounts().iter().filter(|account| account.exchanges > 0);
                let last = state.journal.last().map_or(Micros::MAX, |entry| entry.ts);
                odd_dates(&state.legal, &events, last, used.map(|account| account.first).min())
            },
        })
    }

    /// The table.
    pub(in crate::bundle) fn table(&self) -> Table {
        let mut table = Table::new(COLUMNS);
        let mut push = |anomaly: &str, place: &str, count: u64, of: Option<u64>, effect: &str| {
            let of = of.map_or_else(String::new, |of| of.to_string());
            let effect = if count == 0 { "None was found." } else { effect };
            table.push(vec![anomaly.to_owned(), cell(place), count.to_string(), of, effect.to_owned()]);
        };
        for (place, [count, of]) in &self.early {
            const EFFECT: &str = "Ages of these accounts are wrong or their creation was logged late. Early use and \
                                  events that count from the creation are less certain.";
            push(EARLY, place, *count, Some(*of), EFFECT);
        }
        let [raw, distinct] = self.exchanges;
        push(
            "duplicate rows, counted once",
            "all snapshots",
            raw.saturating_sub(distinct),
            Some(raw),
            "None: equal rows are one exchange.",
        );
        self.imports.iter().for_each(|import| of_import(import, &mut push));
        let what = match self.lost.is_empty() {
            true => "signals that a missing column makes impossible".to_owned(),
            false => format!("signals that a missing column makes impossible: {}", self.lost.join(", ")),
        };
        push(
            &what,
            "all snapshots",
            self.lost.len() as u64,
            Some(signals::abouts().count() as u64),
            "These signals are not measured in this case and support no claim.",
        );
        push(
            "gaps: runs of whole hours without an exchange",
            GAPS,
            self.gaps.len() as u64,
            None,
            "Use within a gap is unknown. A night without use and a lost file look the same.",
        );
        let longest = self.gaps.iter().copied().max().unwrap_or(0);
        push("hours of the longest gap", GAPS, longest, None, "As above.");
        push(
            SHARED_IDS,
            "all snapshots",
            self.shared_ids,
            None,
            "None: a shared request id alone does not merge rows.",
        );
        let [later, earlier] = self.dates;
        push(
            LATER,
            LEGAL,
            later,
            None,
            "Such a date is wrong or lies ahead. No use after it can be counted.",
        );
        push(
            EARLIER,
            LEGAL,
            earlier,
            None,
            "The log shows no use before such a notice, so it does not show whether use changed.",
        );
        if let Some(count) = self.prompts_not_utf8 {
            push(
                "prompts with bytes that are not UTF-8",
                "all snapshots",
                count,
                None,
                "Invalid bytes are printed as a replacement character.",
            );
        }
        table
    }
}

/// Hours of each gap by the table of gaps.
pub(in crate::bundle) fn gap_hours(rows: &[Vec<String>]) -> Vec<u64> {
    rows.iter().filter_map(|row| row.get(4)?.parse().ok()).collect()
}

/// Rows of an anomaly: what, where, number, of how many, effect.
type Push<'a> = &'a mut dyn FnMut(&str, &str, u64, Option<u64>, &str);

fn of_import(import: &Import, push: Push<'_>) {
    let place = format!("snapshot {}", import.snapshot.short());
    let Some(stored) = &import.report else {
        let effect = "The number of rows set aside is unknown for this snapshot.";
        push("import without a report", &place, 1, None, effect);
        return;
    };
    let rows = Some(stored.import.rows);
    for (rule, &count) in &stored.import.filtered {
        let what = format!("rows left out by a rule of the mapping: {rule}");
        push(&what, &place, count, rows, "These rows are not exchanges by that rule. No figure counts them.");
    }
    for (why, counted) in &stored.import.set_aside {
        let what = format!("rows set aside: {why}");
        push(&what, &place, counted.rows, rows, "These rows could not be read. No figure counts them.");
    }
    push(
        "exchanges at times far from all others",
        &place,
        stored.outliers.before + stored.outliers.after,
        Some(stored.import.exchanges),
        "A clock was probably not set. Hours and dates of these exchanges are not reliable.",
    );
    push(
        "files whose times have no zone",
        &place,
        stored.import.files_without_zone,
        Some(import.files),
        "Their times were read in the zone of the mapping. Another zone shifts all hours.",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::legal::{LegalDecision, LegalItem, Notice, NoticeKind};

    #[test]
    fn dates_that_cannot_be_right_are_counted() {
        let mut legal = Legal::default();
        for (number, at) in [(1, 5), (2, 50), (3, 500)] {
            let notice = Notice {
                kind: NoticeKind::Revocation,
                at,
                accounts: Default::default(),
                lead: None,
                text: String::new(),
                document: None,
            };
            legal.apply(&LegalDecision::Recorded { number, item: LegalItem::Notice(notice) });
        }
        let events = [(20, "launch".to_owned()), (900, "planned".to_owned())].into();
        assert_eq!(odd_dates(&legal, &events, 100, Some(10)), [2, 1]);
        assert_eq!(odd_dates(&legal, &events, 1_000, None), [0, 0]);
    }
}
