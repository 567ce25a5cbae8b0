//! The campaigns put forward that have an account in the scope, one row a reason.

use std::collections::BTreeSet;

use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::{AccountIndex, Selection};
use crate::leads::{CampaignLead, Reason};
use crate::model::{Watcher, Zone};

const HEADER: [&str; 18] = [
    "rank",
    "campaign",
    "accounts",
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
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    _: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let table = table(&subject.leads.campaigns, &selection.accounts, subject.zone);
    let notes = vec![
        "A lead is put forward by measured behaviour. It names no operator, no intent and no use of the \
         answers, and a rank is not a probability."
            .to_owned(),
    ];
    Ok(Drawn { drawing: None, table, notes })
}

fn table(campaigns: &[CampaignLead], in_scope: &[AccountIndex], zone: &Zone) -> Table {
    let mut table = Table::new(HEADER);
    let in_scope: BTreeSet<_> = in_scope.iter().collect();
    for (at, campaign) in campaigns.iter().enumerate() {
        let members = campaign.accounts.iter().filter(|account| in_scope.contains(account)).count();
        if members == 0 {
            continue;
        }
        let lead = vec![
            (at + 1).to_string(),
            cell(&campaign.title),
            campaign.accounts.len().to_string(),
            members.to_string(),
            campaign.exchanges.to_string(),
            zone.format_exact(campaign.span.start),
            zone.format_exact(campaign.span.end),
            format!("{:.2}", campaign.common_control_bits),
            probability(campaign.extraction_p),
            probability(campaign.q_value),
            if campaign.ranked_only { "ranked only, no error-rate claim" } else { "q-value" }.to_owned(),
        ];
        let control = probability(campaign.common_control_p);
        let mut push = |reason: [String; 6]| {
            table.push(lead.iter().cloned().chain(reason).chain([control.clone()]).collect());
        };
        if campaign.reasons.is_empty() {
            push(Default::default());
        }
        campaign.reasons.iter().map(reason_cells).for_each(push);
    }
    table
}

fn reason_cells(reason: &Reason) -> [String; 6] {
    [
        cell(&format!("{} {}", reason.signal, reason.title)),
        cell(&reason.sentence),
        reason.percentile.map_or_else(String::new, |percentile| format!("{percentile:.1}")),
        probability(reason.p),
        cell(&reason.benign),
        cell(&reason.tells_apart),
    ]
}

/// A probability in four significant digits; empty where there is none.
pub(super) fn probability(p: Option<f64>) -> String {
    p.map_or_else(String::new, |p| format!("{p:.3e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TimeSpan;

    #[test]
    fn only_campaigns_of_the_scope_and_one_row_a_reason() {
        let reason = Reason {
            signal: "C2".into(),
            title: "coverage".into(),
            sentence: "19.1 topics of 20 draws".into(),
            value: Some(19.1),
            percentile: Some(99.5),
            p: Some(0.002),
            examples: vec![],
            benign: "evaluation harness".into(),
            tells_apart: "stated use".into(),
        };
        let campaign = |title: &str, accounts| CampaignLead {
            title: title.into(),
            accounts,
            exchanges: 9,
            span: TimeSpan { start: 0, end: 1 },
            common_control_bits: 21.0,
            common_control_p: Some(0.02),
            extraction_p: Some(0.001),
            q_value: None,
            ranked_only: true,
            reasons: vec![reason.clone(), reason.clone()],
        };
        let made =
            table(&[campaign("campaign 1", vec![4]), campaign("campaign 2", vec![1, 2])], &[2], &Zone::utc());
        assert_eq!(made.len(), 2);
        let csv = String::from_utf8(made.to_csv()).unwrap();
        assert!(csv.contains("2,campaign 2,2,1,9,") && csv.contains("1.000e-3,,\"ranked only"), "{csv}");
        assert!(csv.trim_end().ends_with(",2.000e-2"), "{csv}");
    }
}
