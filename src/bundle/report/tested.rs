//! Signals on the accounts of an item relied on: value, number of accounts measured, and why one is not tested.

use std::collections::BTreeMap;

use super::contents::Report;
use crate::bundle::relied::Relied;
use crate::cache::AccountIndex;
use crate::leads::{Reason, SignalColumn};
use crate::signals::context::{CONTEXT, ContextAbout};
use crate::signals::{self, About, Axis, Outcome};

/// Why a context figure is not tested.
pub(in crate::bundle) const CONTEXT_ONLY: &str = "context: changes no score and no rank";

/// Why a signal of single accounts is not tested on a group.
pub(in crate::bundle) const OF_ACCOUNTS: &str =
    "describes single accounts; measures of the group test common control";

/// Why a measure of groups has no value on an item that is no lead.
pub(in crate::bundle) const OF_LEADS: &str = "measured on leads only";

/// One signal on the accounts of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tested {
    /// `C2 coverage`.
    pub signal: String,
    /// Accounts on which it could be measured, and the number of accounts tested: the core members of a lead,
    /// else all. `None` for a measure of the group as a whole.
    pub measured: Option<[usize; 2]>,
    /// Median over the accounts measured, or the value of the group, as printed; empty without one.
    pub value: String,
    /// Median of the percentiles over the accounts measured.
    pub percentile: Option<f64>,
    /// p-value on the accounts; `None` if it was not tested on them.
    pub p: Option<f64>,
    /// Why it was not tested; empty if it was.
    pub why: String,
}

impl Tested {
    /// True if it was tested on the accounts.
    pub fn is_tested(&self) -> bool {
        self.p.is_some()
    }
}

/// Accounts of an item that are tested: the core members of its lead, else all.
pub(super) fn tested_accounts(report: &Report<'_>, item: &Relied) -> Vec<AccountIndex> {
    let lead = item.lead_in(report.leads);
    lead.map_or_else(|| item.accounts.clone(), |lead| lead.core.clone())
}

/// Every signal of accounts on the axis of extraction-likeness, on the accounts of an item.
pub(super) fn extraction(report: &Report<'_>, item: &Relied) -> Vec<Tested> {
    let accounts = tested_accounts(report, item);
    let signals = report.leads.signals.iter().filter(|signal| signal.about.axis == Axis::Extraction);
    signals.map(|signal| of_accounts(signal, &accounts, item)).collect()
}

/// Every signal of the list and every context figure, in display order.
pub(super) fn all(report: &Report<'_>, item: &Relied) -> Vec<Tested> {
    let accounts = tested_accounts(report, item);
    let columns = report.leads.signals.iter().map(|signal| of_accounts(signal, &accounts, item));
    let groups = signals::ALL_OF_GROUPS.iter().map(|signal| of_group(signal.about(), item));
    let context = CONTEXT.iter().enumerate().map(|(at, context)| {
        let words = |value| context.in_words(report.cache, value);
        let column = report.leads.context.get(at);
        let values: Vec<f64> =
            accounts.iter().filter_map(|&account| column.and_then(|column| column.of(account))).collect();
        of_context(context.about(), values, accounts.len(), &words)
    });
    columns.chain(groups).chain(context).collect()
}

/// The reason of an item that tests a signal, or states why it was not tested.
fn reason<'a>(item: &'a Relied, id: &str) -> Option<&'a Reason> {
    let own = || item.reasons.iter().filter(|reason| reason.signal == id);
    own().find(|reason| reason.p.is_some()).or_else(|| own().find(|reason| reason.not_testable().is_some()))
}

fn of_accounts(signal: &SignalColumn, accounts: &[AccountIndex], item: &Relied) -> Tested {
    let about = signal.about;
    let p = reason(item, about.id).and_then(|reason| reason.p);
    let values = signal.measured(accounts);
    let why = match p {
        Some(_) => String::new(),
        None => untested(signal, accounts, reason(item, about.id)),
    };
    Tested {
        signal: format!("{} {}", about.id, about.title),
        measured: Some([values.len(), accounts.len()]),
        value: signal.median(accounts).map_or_else(String::new, number),
        percentile: percentile(signal, accounts),
        p,
        why,
    }
}

/// Why a signal was not tested: the words of the reason, and the most frequent one of the accounts not measured.
fn untested(signal: &SignalColumn, accounts: &[AccountIndex], reason: Option<&Reason>) -> String {
    // The number of accounts measured has columns of its own.
    let without_count =
        |why: &str| why.split("; measured on").next().unwrap_or(why).trim_end_matches('.').to_owned();
    let group = reason.and_then(Reason::not_testable).map(without_count);
    let group = group.unwrap_or_else(|| OF_ACCOUNTS.to_owned());
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for &account in accounts {
        if let Some(Outcome::NotApplicable(why)) = signal.outcomes.get(account as usize) {
            *reasons.entry(why.as_ref()).or_default() += 1;
        }
    }
    let most = reasons.into_iter().max_by_key(|&(why, count)| (count, std::cmp::Reverse(why)));
    match most {
        Some((why, _)) if !group.contains(why) => format!("{group}. Most often: {why}"),
        _ => group,
    }
}

fn of_group(about: &'static About, item: &Relied) -> Tested {
    let reason = reason(item, about.id);
    let why = reason.and_then(Reason::not_testable).unwrap_or(OF_LEADS).trim_end_matches('.');
    let p = reason.and_then(|reason| reason.p);
    let value = reason.and_then(|reason| reason.value);
    Tested {
        signal: format!("{} {}", about.id, about.title),
        value: value.map_or_else(String::new, number),
        p,
        why: if p.is_some() { String::new() } else { why.to_owned() },
        ..Tested::default()
    }
}

/// A value with at most four decimals: `0.132`, `33339`.
pub(in crate::bundle) fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A context figure: the median, or the most frequent value of one that stands for a name.
fn of_context(
    about: &ContextAbout,
    mut values: Vec<f64>,
    of: usize,
    words: &dyn Fn(f64) -> String,
) -> Tested {
    let measured = values.len();
    let value = match about.unit.is_empty() {
        true => most_frequent(&mut values).map(words),
        false => median(&mut values).map(number),
    };
    let why = match measured {
        0 => format!("{CONTEXT_ONLY}. It needs {}", about.needs.join(", ")),
        _ => CONTEXT_ONLY.to_owned(),
    };
    Tested {
        signal: format!("context: {}", about.title),
        measured: Some([measured, of]),
        value: value.unwrap_or_default(),
        why,
        ..Tested::default()
    }
}

fn most_frequent(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    runs.max_by(|a, b| a.len().cmp(&b.len()).then(b[0].total_cmp(&a[0]))).map(|run| run[0])
}

/// Median percentile of a signal over the accounts that have one.
pub(super) fn percentile(signal: &SignalColumn, accounts: &[AccountIndex]) -> Option<f64> {
    let of = |&account: &AccountIndex| signal.percentile(account);
    let mut percentiles: Vec<f64> = accounts.iter().filter_map(of).map(f64::from).collect();
    median(&mut percentiles)
}

/// The lower median; `None` for an empty slice.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::ConformalRank;
    use crate::signals::Examples;

    fn column(outcomes: Vec<Outcome>) -> SignalColumn {
        let about = signals::abouts().find(|about| about.id == "C2").unwrap();
        let ranks = vec![Some(ConformalRank { p: 0.02, percentile: 98.0 }); outcomes.len()];
        SignalColumn::new(about, outcomes, ranks)
    }

    fn item(sentence: &str, p: Option<f64>) -> Relied {
        let reason = Reason {
            signal: "C2".into(),
            title: "coverage".into(),
            sentence: sentence.into(),
            value: None,
            percentile: None,
            p,
            examples: Examples::default(),
            benign: "".into(),
            tells_apart: "".into(),
        };
        Relied {
            evidence: 1,
            name: String::new(),
            lead: None,
            accounts: vec![0, 1],
            figures: None,
            reasons: vec![reason],
            alternatives: vec![],
        }
    }

    #[test]
    fn the_reason_of_a_signal_is_the_one_of_the_finding() {
        let measured = |value| Outcome::Measured { value, examples: signals::Examples::default() };
        let column = column(vec![measured(3.0), measured(9.0)]);
        let sentence = "Coverage: not tested, because it measures content and similar prompts formed the group; measured on 2 of 2 core accounts.";
        let made = of_accounts(&column, &[0, 1], &item(sentence, None));
        assert!(
            !made.is_tested() && made.why.starts_with("it measures content and similar prompts"),
            "{made:?}"
        );
        assert_eq!((made.measured, made.value.as_str()), (Some([2, 2]), "3"));
        assert!(of_accounts(&column, &[0, 1], &item("Coverage: 3.0", Some(0.2))).is_tested());
    }

    #[test]
    fn the_most_frequent_reason_of_accounts_is_added() {
        let none = || Outcome::not_applicable("3 exchanges; 20 are needed");
        let sentence =
            "Coverage: not testable: measured on 0 of 2 core accounts, and half of them are needed.";
        let made = of_accounts(&column(vec![none(), none()]), &[0, 1], &item(sentence, None));
        assert_eq!(
            made.why,
            "measured on 0 of 2 core accounts, and half of them are needed. Most often: 3 exchanges; 20 are needed"
        );
    }

    #[test]
    fn the_most_frequent_value_of_a_name_is_printed() {
        assert_eq!(most_frequent(&mut [2.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(most_frequent(&mut [2.0, 1.0]), Some(1.0));
        assert_eq!(most_frequent(&mut []), None);
        assert_eq!([33_339.0, 0.13249, 0.0, -0.00001].map(number), ["33339", "0.1325", "0", "0"]);
    }
}
