//! The load file against the records: the same lines are made of the records again and compared; each text has the
//! hash of its line, and there is no text besides.

use std::collections::BTreeSet;

use super::super::bag::BAG_INFO;
use super::super::contents::Contents;
use super::super::load_file::{
    Item, LOAD_FILE, TEXTS, Volume, annex_stem, custodian, dat, page_number, record_number,
};
use super::super::{Audience, Fault};
use super::records::{Records, Row};

/// Faults of the folder `09_loadfile`.
pub(super) fn check(contents: &Contents, records: &Records, audience: Audience) -> Vec<Fault> {
    let name = format!("data/{LOAD_FILE}");
    let Some(text) = contents.text_within(&name, super::tables::TABLE) else {
        return vec![Fault::new(&name, "is missing, too large or no UTF-8")];
    };
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let value = |name: &str| {
        info.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default()
            .to_owned()
    };
    let stem = stem(&text);
    let report = "data/01_report/report.xhtml";
    let mut faults = Vec::new();
    if stem.is_empty()
        || !contents.text_within(report, super::tables::TABLE).is_some_and(|own| own.contains(stem))
    {
        faults.push(Fault::new(&name, "has other Bates numbers than the report"));
    }
    let file_of = |row: usize| format!("data/{TEXTS}/{}.txt", record_number(stem, row));
    let items: Vec<Item> = records
        .rows
        .iter()
        .zip(1..)
        .map(|(row, at)| item(row, contents.digest(&file_of(at)).map(|digest| digest.to_string())))
        .collect();
    let custodian = custodian(&value("Source-Organization"));
    let [report_designation, records_designation] = designations(contents);
    let (report_designation, records_designation) = (&report_designation, &records_designation);
    let annex = (!items.is_empty()).then(|| pages(&text, 2, &annex_stem(stem)));
    let pages = pages(&text, 1, stem);
    let volume =
        Volume { stem, custodian: &custodian, report_designation, records_designation, pages, annex };
    let made = String::from_utf8_lossy(&dat(&volume, &items)).into_owned();
    if made != text {
        let lines = || made.split("\r\n").zip(text.split("\r\n"));
        let odd = lines().position(|(made, found)| made != found);
        let what = match odd {
            Some(at) => format!("line {} is not what the {audience} bundle's records say", at + 1),
            None => "has other lines than the records".to_owned(),
        };
        faults.push(Fault::new(&name, what));
    }
    let expected: BTreeSet<String> = (1..=items.len()).map(file_of).collect();
    let folder = format!("data/{TEXTS}/");
    for file in contents.names().filter(|name| name.starts_with(&folder) && !expected.contains(*name)) {
        faults.push(Fault::new(file, "is the text of no record"));
    }
    for file in expected.iter().filter(|name| !contents.has(name)).take(20) {
        faults.push(Fault::new(file, "is missing; the load file names it"));
    }
    faults
}

fn item(row: &Row, text: Option<String>) -> Item {
    Item {
        exchange: row.exchange.clone(),
        evidence: row.evidence.clone(),
        tags: row.tags.clone(),
        proof: row.proof.clone(),
        ts: row.counted.ts,
        account: row.counted.account.clone(),
        model: row.counted.model.clone(),
        input: row.counted.input,
        output: row.counted.output,
        is_redacted: row.is_redacted,
        text: text.unwrap_or_default(),
    }
}

/// Beginning of the Bates numbers: that of the report's first page without its end.
fn stem(text: &str) -> &str {
    let first = text.split("\r\n").nth(1).and_then(|line| line.split('\u{14}').next());
    first
        .map(|value| value.trim_matches('\u{fe}'))
        .and_then(|first| first.strip_suffix("-000001"))
        .unwrap_or_default()
}

/// Pages of report or annex by the last Bates number of its line; the check of the report compares it with the PDF.
fn pages(text: &str, line: usize, stem: &str) -> usize {
    let last = text.split("\r\n").nth(line).and_then(|line| line.split('\u{14}').nth(1));
    let last = last.map(|value| value.trim_matches('\u{fe}')).unwrap_or_default();
    let digits = last.strip_prefix(stem).and_then(|rest| rest.strip_prefix('-'));
    let pages = digits.and_then(|digits| digits.parse().ok()).unwrap_or(1);
    if page_number(stem, pages) == last { pages } else { 1 }
}

/// Designations of report and records.
pub(super) fn designations(contents: &Contents) -> [String; 2] {
    let rows =
        super::tables::table(contents, "data/08_legal/designations.csv", &["files", "column", "designation"]);
    let rows = rows.unwrap_or_default();
    ["01_report/report.pdf", "01_report/records.pdf"].map(|file| {
        let own = rows.iter().find(|row| row[1].is_empty() && row[0] == file);
        own.map(|row| row[2].clone()).unwrap_or_default()
    })
}
