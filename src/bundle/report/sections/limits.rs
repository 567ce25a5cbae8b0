//! Anomalies of the log, limits, and error rates.

use super::first_page;
use crate::bundle::report::document::{Block, Document, Kind, Sentence};
use crate::bundle::report::draft::Draft;
use crate::bundle::report::tables;

const RATES: &str = "05_methods/error_rates.csv";
const POWER: &str = "05_methods/power.csv";

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let own = &draft.own;
    document.heading(2, "Anomalies");
    document.say([
        "Anomalies of the log are counted, both those that support the case and those that weaken it.",
        "The last column states their effect on the claims.",
    ]);
    document.say([Sentence::fixed(format!("{}: anomalies of the log.", own.anomalies))]);
    if let Some(sheet) = draft.sheet(&own.anomalies) {
        let columns = ["anomaly", "where", "count", "of", "effect on what is claimed"];
        document.blocks.push(Block::Table(sheet.printed(&columns, 300)));
    }
    document.heading(2, "Limits and error rates");
    document.heading(3, "Error rates");
    rates(document, draft);
    document.heading(3, "Weaknesses, in a fixed order of kinds");
    document.say([
        "The order of kinds is fixed: weak tests, exculpatory evidence, explanations, uncertain members, accounts that events are counted on, ages, controls, common control, data.",
    ]);
    let weak = first_page::weakest(draft);
    if weak.is_empty() {
        document.say(["0 of these weaknesses apply."]);
    }
    weak.into_iter().for_each(|(_, sentence)| document.paragraph(Kind::Item, [sentence]));
    document.heading(3, "Limits of the method");
    for limit in [
        "Accounts of agencies, universities and network carriers also share values and use. Shared values are not an offence.",
        "A rank is an order of review, not a probability.",
        "Ordinary figures do not show that there was no campaign.",
        "Topics and templates are found in a sample of prompts. Another sample gives slightly different shares.",
        "Membership probabilities order accounts. Their calibration has not been measured on this log.",
        "Tests of common control reach small p-values for agencies, classes and small teams as well.",
    ] {
        document.paragraph(Kind::Item, [limit]);
    }
    if tables::count_rows(draft, &own.signals) > 0 {
        document.heading(3, format!("{}: signals on the accounts relied on", own.signals));
        document.say([
            "The value of a signal of accounts is its median over the accounts measured, core members of a lead.",
            "A median is the lower of the two middle values where their number is even.",
            "A reason states the value of the account with the median p-value, which may be another one.",
            "The value of a measure of the group is that of the group as a whole; it has no count of accounts.",
            "Units stand in the section Method. An untested signal supports no claim.",
        ]);
        if let Some(sheet) = draft.sheet(&own.signals) {
            document.blocks.push(Block::Table(sheet.printed(&tables::SIGNALS, 200)));
        }
    }
}

/// Planted campaigns that would have been found.
fn power(document: &mut Document, draft: &Draft<'_>) {
    let Some(sheet) = draft.sheet(POWER) else { return };
    let planted = sheet.header.iter().position(|name| name == "planted");
    let is_measured =
        |row: &Vec<String>| planted.and_then(|at| row.get(at)).is_some_and(|cell| !cell.is_empty());
    if !sheet.rows.iter().any(is_measured) {
        document.paragraph(
            Kind::Note,
            ["No campaign was planted into a copy of this case, so nothing is claimed about missed campaigns."],
        );
        return;
    }
    document
        .say([Sentence::fixed("Number of campaigns planted into a copy of this case, and of those found:")
            .cite_all(POWER)]);
    let columns = ["accounts", "care", "planted", "found", "found_low_95", "found_high_95"];
    document.blocks.push(Block::Table(sheet.printed(&columns, 100)));
}

/// Error rates on accounts known to be benign.
fn rates(document: &mut Document, draft: &Draft<'_>) {
    let Some(sheet) = draft.sheet(RATES) else { return };
    let cell = |row: &Vec<String>, column: &str| {
        let at = sheet.header.iter().position(|name| name == column);
        at.and_then(|at| row.get(at)).cloned().unwrap_or_default()
    };
    let (mut measured, mut single) = (Vec::new(), 0);
    for (at, row) in sheet.rows.iter().enumerate() {
        if cell(row, "of").is_empty() {
            let statement = Sentence::new(cell(row, "statement")).cite(RATES, at + 1);
            document.paragraph(Kind::Note, [statement]);
            continue;
        }
        // An account alone has an interval that says little; the table has it.
        if cell(row, "of") == "1" {
            single += 1;
            continue;
        }
        measured.push(vec![
            Sentence::new(cell(row, "controls")),
            Sentence::new(cell(row, "measured")),
            Sentence::new(format!("{} of {}", cell(row, "hits"), cell(row, "of"))),
            Sentence::new(cell(row, "units")),
            Sentence::new(format!("{} to {}", cell(row, "low_95"), cell(row, "high_95"))),
            Sentence::new(cell(row, "statement")).cite(RATES, at + 1),
        ]);
    }
    power(document, draft);
    if single > 0 {
        let text = "Rates of single control accounts are not printed; the table has them.";
        document.say([Sentence::fixed(text).cite_all(RATES)]);
    }
    if !measured.is_empty() {
        document.say([
            "Error rates are measured on accounts that the investigator named as known to be benign.",
            "They were named when the leads were known, and which accounts are named decides the rate.",
            "Intervals are 95 % intervals by Wilson's method; control accounts of one lead count as one unit.",
        ]);
        document
            .table(&["controls", "measured", "hits", "units", "share, 95 % interval", "statement"], measured);
    }
}
