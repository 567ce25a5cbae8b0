//! Leads that have an account in the scope, one row for each reason.

use std::collections::BTreeSet;

use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::AccountIndex;
use crate::leads::{GroupLead, Reason};
use crate::model::{Watcher, Zone};
use crate::query::Selection;

const HEADER: [&str; 22] = [
    "lead",
    "rank",
    "core",
    "joined",
    "accounts_in_scope",
    "exchanges",
    "first",
    "last",
    "common_control_bits",
    "extraction_p",
    "q_value",
    "error_rate",
    "signal",
    "reason",
    "percentile",
    "p_value",
    "benign_look_alike",
    "tells_apart",
    "common_control_p",
    "z_score",
    "tested",
    "shares",
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    _: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let table = table(&subject.leads.groups, &selection.accounts, subject.zone);
    let notes = vec![
        "A lead is a group put forward for review by measured behaviour. It is no statement about operator, \
         intent or use of the responses. A rank is not a probability."
            .to_owned(),
    ];
    Ok(Drawn { drawing: None, table, notes })
}

fn table(groups: &[GroupLead], in_scope: &[AccountIndex], zone: &Zone) -> Table {
    let mut table = Table::new(HEADER);
    let in_scope: BTreeSet<_> = in_scope.iter().collect();
    for (at, group) in groups.iter().enumerate() {
        let members = group.accounts.iter().filter(|account| in_scope.contains(account)).count();
        if members == 0 {
            continue;
        }
        let lead = vec![
            group.id.to_string(),
            (at + 1).to_string(),
            group.core.len().to_string(),
            group.joined().to_string(),
            members.to_string(),
            group.exchanges.to_string(),
            zone.format_exact(group.span.start),
            // The span ends one microsecond after the last exchange.
            zone.format_exact(group.span.end - 1),
            group.common_control_bits.to_string(),
            probability(group.extraction_p),
            probability(group.q_value),
            if group.ranked_only { "ranked only, no error-rate claim" } else { "q-value" }.to_owned(),
        ];
        let last = [
            probability(group.common_control_p),
            group.z_score.map_or_else(String::new, |z| z.to_string()),
            group.tested.to_string(),
            cell(&group.shares),
        ];
        let mut push = |reason: [String; 6]| {
            table.push(lead.iter().cloned().chain(reason).chain(last.iter().cloned()).collect());
        };
        if group.reasons.is_empty() {
            push(Default::default());
        }
        group.reasons.iter().map(reason_cells).for_each(push);
    }
    table
}

fn reason_cells(reason: &Reason) -> [String; 6] {
    [
        cell(&format!("{} {}", reason.signal, reason.title)),
        cell(&reason.sentence),
        reason.percentile.map_or_else(String::new, |percentile| percentile.to_string()),
        probability(reason.p),
        cell(&reason.benign),
        cell(&reason.tells_apart),
    ]
}

/// A probability in four significant digits; empty where there is none.
pub(crate) fn probability(p: Option<f64>) -> String {
    p.map_or_else(String::new, |p| format!("{p:.3e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TimeSpan;
    use crate::signals::Examples;

    #[test]
    fn only_leads_of_the_scope_and_one_row_a_reason() {
        let reason = Reason {
            signal: "C2".into(),
            title: "coverage".into(),
            sentence: "19.1 topics in 20 draws".into(),
            value: Some(19.1),
            percentile: Some(99.5),
            p: Some(0.002),
            examples: Examples::default(),
            benign: "evaluation harness".into(),
            tells_apart: "stated use".into(),
        };
        let lead = |id: &str, accounts: Vec<u32>| GroupLead {
            id: id.parse().unwrap(),
            core: accounts[..1].to_vec(),
            accounts,
            exchanges: 9,
            span: TimeSpan { start: 0, end: 1 },
            common_control_bits: 21.0,
            common_control_p: Some(0.02),
            z_score: Some(3.25),
            extraction_p: Some(0.001),
            tested: 7,
            q_value: None,
            ranked_only: true,
            events: Default::default(),
            shares: "payment pm_1".into(),
            reasons: vec![reason.clone(), reason.clone()],
        };
        let made = table(&[lead("L-7f31ab", vec![4]), lead("L-91c2d0", vec![1, 2])], &[2], &Zone::utc());
        assert_eq!(made.len(), 2);
        let csv = String::from_utf8(made.to_csv()).unwrap();
        assert!(csv.contains("L-91c2d0,2,1,1,1,9,") && csv.contains("1.000e-3,,\"ranked only"), "{csv}");
        assert!(csv.trim_end().ends_with(",2.000e-2,3.25,7,payment pm_1"), "{csv}");
    }
}
