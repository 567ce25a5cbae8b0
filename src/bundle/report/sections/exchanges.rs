//! Exchanges marked as evidence: what the report says of them, and the annex that prints them in order, with hostile
//! characters visible.

use crate::bundle::load_file::record_number;
use crate::bundle::records::{
    CONFIRMING, MarkedRecord, RECORDS, TEXT_COLUMNS, evidence_numbers, proof_column, tag_words,
};
use crate::bundle::report::contents::Report;
use crate::bundle::report::document::{Block, Document, Sentence, Table, anchor_of, row_anchor};
use crate::bundle::report::draft::{Draft, counted};
use crate::bundle::report::sheets::Sheet;
use crate::case::{Evidence, EvidenceSource};
use crate::model::{HOSTILE_LEGEND, Zone, format_count, name_now};
use crate::snapshot::{Column, ColumnType};
use serde_json::Value;

/// Maximum number of characters of a value that is printed beside another one.
const BESIDE: usize = 40;
/// Maximum number of printed characters of a prompt or response; the records have the whole text.
pub(in crate::bundle) const PRINTED: usize = 20_000;

/// Description of a piece of evidence, with the exhibits made of it.
pub(super) fn item(draft: &Draft<'_>, evidence: &Evidence) -> Sentence {
    let report = draft.report;
    let zone = report.zone;
    let earlier = report.state.earlier_mapping(evidence).map_or_else(String::new, |mapping| {
        format!("; read with {}, which was replaced later", mapping.describe())
    });
    let text = match &evidence.source {
        // The record that it cites has the time in UTC.
        EvidenceSource::Exchange { exchange, account, ts, .. } => {
            format!("exchange {exchange} of account {}, {} UTC", account.as_str(), Zone::utc().format(*ts))
        }
        EvidenceSource::Account { account } => format!("account {}", account.as_str()),
        EvidenceSource::Scope { scope, title } => {
            let (name, words) = (name_now(title), scope.describe(zone));
            // The words of a scope may begin with its name.
            if words.starts_with(&name) { words } else { format!("{name}: {words}") }
        }
    };
    let sentence = Sentence::new(text + &earlier);
    if let Some(row) = report.records.iter().position(|record| record.evidence.contains(&evidence.id)) {
        return sentence.cite(RECORDS, row + 1);
    }
    let made_of_it = report.exhibits.iter().filter(|placed| placed.evidence == evidence.id);
    made_of_it.fold(sentence, |sentence, placed| sentence.cite_all(&placed.number))
}

/// The records as a table that can be cited; `None` without records.
pub(in super::super) fn records_sheet(report: &Report<'_>) -> Option<Sheet> {
    if report.records.is_empty() {
        return None;
    }
    let columns = columns(report.records.iter().any(|record| record.commitment.is_some()));
    let header = ["exchange", proof_column(report.records)]
        .into_iter()
        .chain(columns.iter().map(|column| column.name()));
    let row = |record: &MarkedRecord| {
        let own = [record.record.exchange.to_string(), record.proof()];
        own.into_iter().chain(columns.iter().map(|column| value(record, *column))).collect()
    };
    Some(Sheet {
        name: RECORDS.to_owned(),
        path: format!("02_records/{RECORDS}.parquet"),
        title: "Records of the exchanges marked as evidence".to_owned(),
        header: header.map(str::to_owned).collect(),
        rows: report.records.iter().map(row).collect(),
        ..Sheet::default()
    })
}

/// Printed columns. With pseudonyms, columns that would confirm a guess of a prompt are left out.
fn columns(is_private: bool) -> Vec<Column> {
    let printed =
        |column: &Column| !(TEXT_COLUMNS.contains(column) || is_private && CONFIRMING.contains(column));
    Column::ALL.into_iter().filter(printed).collect()
}

/// Value of a column as text; empty if it is missing.
fn value(record: &MarkedRecord, column: Column) -> String {
    match record.record.columns.get(column.name()) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(number) if column.kind() == ColumnType::Time => {
            number.as_i64().map_or_else(String::new, |t| short_time(&Zone::utc().format_exact(t)))
        }
        Some(other) => other.to_string(),
    }
}

/// A time in UTC without an empty fraction, which has to fit into a narrow column: `2026-05-04T20:51:26Z`.
fn short_time(exact: &str) -> String {
    let Some(time) = exact.strip_suffix("+00:00") else { return exact.to_owned() };
    format!("{}Z", time.strip_suffix(".000000").unwrap_or(time))
}

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let report = draft.report;
    document.heading(2, "Exchanges marked as evidence");
    if report.records.is_empty() {
        document.say(["0 single exchanges are marked as evidence."]);
        return;
    }
    let count = counted(report.records.len() as u64, "record", "records");
    let text = if report.include_text { "with" } else { "without" };
    document.say([
        Sentence::fixed(format!("{RECORDS}: {count} marked as evidence, {text} prompts and responses."))
            .cite_all(RECORDS),
        "The investigator chose each of these exchanges; they are no random sample of a lead, and no share is computed from them.".into(),
        "01_report/records.pdf prints them; it has the designation of the records, which may be more restrictive than that of this report.".into(),
    ]);
}

/// The annex: the records, one after another.
pub(in super::super) fn annex(document: &mut Document, draft: &Draft<'_>) {
    let report = draft.report;
    document.heading(1, format!("Records of case {}", report.state.name));
    document.say(["This annex belongs to the report in 01_report/report.pdf and prints the exchanges marked as evidence."]);
    let path = format!("02_records/{RECORDS}.parquet");
    let row = [RECORDS.to_owned(), report.records.len().to_string(), path].map(Sentence::fixed).to_vec();
    let header = ["exhibit", "records", "file"].map(str::to_owned).to_vec();
    let anchors = vec![anchor_of(RECORDS)];
    document.blocks.push(Block::Table(Table { exhibit: None, header, rows: vec![row], anchors }));
    document.say([
        "The text of an exchange was written by its sender or by the model.".into(),
        Sentence::fixed(format!("{HOSTILE_LEGEND}.")),
        "In the PDF, a code in white brackets replaces a character that the bundled fonts lack.".into(),
    ]);
    if report.records.iter().any(MarkedRecord::is_redacted) {
        document.say([
            "Words such as [REDACTED: e-mail address, R3] stand in place of words that are left out.",
            "08_legal/redaction_log.csv has a row for each, with rule or person and reason.",
        ]);
    }
    for (at, record) in report.records.iter().enumerate() {
        exchange(document, draft, at, record);
    }
}

fn exchange(document: &mut Document, draft: &Draft<'_>, at: usize, record: &MarkedRecord) {
    let row = at + 1;
    document.heading(3, format!("{RECORDS} row {row}: {}", evidence_numbers(&record.evidence)));
    let cite = |text: String| Sentence::new(text).cite(RECORDS, row);
    let is_private = record.commitment.is_some();
    let proof = if is_private { "commitment to the record" } else { "record SHA-256" };
    let mut rows = vec![
        vec![Sentence::fixed("Bates number"), Sentence::fixed(record_number(&draft.report.stem(), row))],
        vec![Sentence::fixed("tags"), Sentence::fixed(tag_words(&record.tags))],
        vec![Sentence::fixed("exchange"), cite(record.record.exchange.to_string())],
        vec![Sentence::fixed(proof), cite(record.proof())],
    ];
    let values: Vec<(Column, String)> = columns(is_private)
        .into_iter()
        .map(|column| (column, value(record, column)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let texts = [(Column::PromptText, "prompt"), (Column::ResponseText, "response")];
    for (column, title) in texts.into_iter().filter(|_| !draft.report.include_text) {
        if record.record.text(column.name()).is_some() {
            let withheld = Sentence::fixed("withheld; see 08_legal/redaction_log.csv");
            rows.push(vec![Sentence::fixed(title), withheld]);
        }
    }
    let is_long = |value: &str| value.chars().count() > BESIDE;
    let long = values.iter().filter(|(_, value)| is_long(value));
    rows.extend(long.map(|(column, value)| vec![Sentence::fixed(column.name()), cite(value.clone())]));
    let header = ["field", "value"].map(str::to_owned).to_vec();
    let anchors = vec![row_anchor(RECORDS, row)];
    document.blocks.push(Block::Table(Table { exhibit: None, header, rows, anchors }));
    let short: Vec<_> = values.iter().filter(|(_, value)| !is_long(value)).collect();
    let pairs = short.chunks(2).map(|pair| {
        let mut cells = Vec::new();
        for (at, (column, value)) in pair.iter().enumerate() {
            let value = if at == 0 { cite(value.clone()) } else { Sentence::new(value.clone()) };
            cells.extend([Sentence::fixed(column.name()), value]);
        }
        cells.resize_with(4, || Sentence::fixed(""));
        cells
    });
    if !short.is_empty() {
        document.table(&["field", "value", "field", "value"], pairs);
    }
    for (column, title) in [(Column::PromptText, "Prompt:"), (Column::ResponseText, "Response:")] {
        let Some(text) = record.record.text(column.name()).filter(|_| draft.report.include_text) else {
            continue;
        };
        document.say([title]);
        let shown: String = text.chars().take(PRINTED).collect();
        let more = text.chars().count().saturating_sub(PRINTED) as u64;
        document.blocks.push(Block::Verbatim(shown));
        if more > 0 {
            let sentence = format!("{} further characters are in {RECORDS}.parquet.", format_count(more));
            document.say([Sentence::fixed(sentence)]);
        }
    }
}
