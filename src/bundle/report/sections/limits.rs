//! Anomalies of the log, limits, and error rates.

use super::first_page;
use crate::bundle::report::document::{Block, Document, Kind, Sentence};
use crate::bundle::report::draft::Draft;
use crate::bundle::report::tables;

const RATES: &str = "05_methods/error_rates.csv";
const POWER: &str = "05_methods/power.csv";

pub(super) fn write(document: &mut Document, made: &Draft<'_>) {
    let own = &made.own;
    document.heading(2, "Anomalies");
    document.say([
        "Anomalies of the log are counted whether they help or hurt the case.",
        "The last column says what each does to the claims.",
    ]);
    document.say([Sentence::fixed(format!("{}: anomalies of the log.", own.anomalies))]);
    if let Some(sheet) = made.sheet(&own.anomalies) {
        let columns = ["anomaly", "where", "count", "of", "effect on what is claimed"];
        document.blocks.push(Block::Table(sheet.printed(&columns, 300)));
    }
    document.heading(2, "Limits and error rates");
    document.heading(3, "Error rates");
    rates(document, made);
    document.heading(3, "Weaknesses, gravest kind first");
    document.say([
        "The order of kinds is fixed: exculpatory evidence, weak tests, explanations not ruled out, common control, data, controls.",
    ]);
    let weak = first_page::weakest(made);
    if weak.is_empty() {
        document.say(["None of these weaknesses applies."]);
    }
    weak.into_iter().for_each(|sentence| document.paragraph(Kind::Item, [sentence]));
    document.heading(3, "Limits of the method");
    for limit in [
        "Accounts of agencies, universities and network carriers share values and use too. Shared values are no offence.",
        "A rank orders review. It is not a probability.",
        "Ordinary figures do not show that there was no campaign.",
        "Topics and templates are found in a sample of prompts. Another sample gives slightly other shares.",
        "Membership probabilities order accounts. Their calibration has not been measured on this log.",
        "Tests of common control reach small p-values for agencies, classes and small teams as well.",
    ] {
        document.paragraph(Kind::Item, [limit]);
    }
    if tables::count_rows(made, &own.signals) > 0 {
        document.heading(3, format!("{}: signals on the accounts relied on", own.signals));
        document.say(["A signal needs data of at least half of the accounts. A signal that is not tested supports nothing."]);
        if let Some(sheet) = made.sheet(&own.signals) {
            let columns = [
                "evidence",
                "signal",
                "measured",
                "of",
                "tested",
                "median value",
                "median percentile",
                "why not",
            ];
            document.blocks.push(Block::Table(sheet.printed(&columns, 200)));
        }
    }
}

/// Planted campaigns that would have been found.
fn power(document: &mut Document, made: &Draft<'_>) {
    let Some(sheet) = made.sheet(POWER) else { return };
    let planted = sheet.header.iter().position(|name| name == "planted");
    let is_measured =
        |row: &Vec<String>| planted.and_then(|at| row.get(at)).is_some_and(|cell| !cell.is_empty());
    if !sheet.rows.iter().any(is_measured) {
        document.paragraph(
            Kind::Note,
            ["No campaign was planted into a copy of this case, so nothing is claimed about campaigns that were missed."],
        );
        return;
    }
    document.say([Sentence::fixed(
        "Campaigns planted into a copy of this case, and how many of them were found:",
    )
    .cite_all(POWER)]);
    let columns = ["accounts", "care", "planted", "found", "found_low_95", "found_high_95"];
    document.blocks.push(Block::Table(sheet.printed(&columns, 100)));
}

/// Error rates on accounts known to be benign.
fn rates(document: &mut Document, made: &Draft<'_>) {
    document.say([
        "Error rates are measured on accounts that the investigator has named as known to be benign.",
        "An interval is Wilson's, at 95 percent.",
    ]);
    let Some(sheet) = made.sheet(RATES) else { return };
    let cell = |row: &Vec<String>, column: &str| {
        let at = sheet.header.iter().position(|name| name == column);
        at.and_then(|at| row.get(at)).cloned().unwrap_or_default()
    };
    let mut measured = Vec::new();
    for (at, row) in sheet.rows.iter().enumerate() {
        if cell(row, "of").is_empty() {
            document.paragraph(Kind::Note, [Sentence::fixed("No error rate is claimed: no control account is named, or no ranked account is relied on.")]);
            continue;
        }
        measured.push(vec![
            Sentence::new(cell(row, "controls")),
            Sentence::new(cell(row, "measured")),
            Sentence::new(format!("{} of {}", cell(row, "hits"), cell(row, "of"))),
            Sentence::new(format!("{} to {}", cell(row, "low_95"), cell(row, "high_95"))),
            Sentence::new(cell(row, "statement")).cite(RATES, at + 1),
        ]);
    }
    power(document, made);
    if !measured.is_empty() {
        document.table(&["controls", "measured", "hits", "share, 95 % interval", "statement"], measured);
    }
}
