//! `09_loadfile`: a Concordance load file (DAT) with a line for the report, for the annex with its records and for each
//! record, and the text of each record in a file named by its Bates number.
//!
//! UTF-8 with a byte order mark. Every value stands between þ (U+00FE); U+0014, which Concordance shows as ¶, stands
//! between values; lines end with CR LF. In a value ® (U+00AE) stands for a line end. These four characters, when they
//! are part of a value, and invisible ones are written as codes, such as ⟨U+00FE⟩.

use super::BundleError;
use super::bag::Bag;
use super::custody::NOT_STATED;
use super::records::{MarkedRecord, RECORDS, evidence_numbers, tag_words};
use crate::exhibit::Table;
use crate::model::{Digest, Micros, Zone, visible};

/// The load file.
pub(super) const LOAD_FILE: &str = "09_loadfile/VOL001.dat";
/// Description of its fields.
pub(super) const FIELDS_FILE: &str = "09_loadfile/FIELDS.csv";
/// Folder of the texts.
pub(super) const TEXTS: &str = "09_loadfile/TEXT";

/// Fields in order, with their meanings.
pub(super) const FIELDS: [(&str, &str); 22] = [
    ("BEGBATES", "first Bates number: of the first page of report or annex; of a record its only one"),
    ("ENDBATES", "last Bates number"),
    ("DOCTYPE", "report, annex (the printed records) or record"),
    ("CUSTODIAN", "organisation whose logs these are, as the person who exports stated it"),
    ("CONFIDENTIALITY", "designation of the document, 08_legal/designations.csv"),
    ("EXHIBIT", "number of the exhibit; empty for report and annex"),
    ("ROW", "row of the exhibit, from 1"),
    ("EVIDENCE", "numbers of the evidence that marks the record"),
    ("TAGS", "tags of that evidence"),
    ("EXCHANGE", "source: snapshot SHA-256, file, row counted from 0"),
    ("DATE", "day of the request, YYYY-MM-DD"),
    ("TIME", "time of the request, HH:MM:SS and microseconds"),
    ("TIMEZONE", "zone of DATE and TIME"),
    ("ACCOUNT", "account, or its pseudonym"),
    ("MODEL", "model"),
    ("INPUT_TOKENS", "input tokens"),
    ("OUTPUT_TOKENS", "output tokens"),
    ("PROOF", "SHA-256 of the record, or the salted commitment to it"),
    ("REDACTED", "Yes if words of the record's text were left out; see 08_legal/redaction_log.csv"),
    ("NATIVE", "file that has the document, seen from this folder"),
    ("TEXTPATH", "file with the text, seen from this folder; empty for report and annex"),
    ("TEXT_SHA256", "SHA-256 of that file"),
];

/// A record in the load file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Item {
    pub exchange: String,
    pub evidence: String,
    pub tags: String,
    pub proof: String,
    pub ts: Option<Micros>,
    pub account: String,
    pub model: String,
    pub input: Option<i64>,
    pub output: Option<i64>,
    pub is_redacted: bool,
    /// SHA-256 of the file with its text.
    pub text: String,
}

/// Values that are the same on all lines.
#[derive(Clone, Debug)]
pub(super) struct Volume<'a> {
    /// Beginning of all Bates numbers: `CASE-3F0A_PRODUCTION`.
    pub stem: &'a str,
    pub custodian: &'a str,
    pub report_designation: &'a str,
    pub records_designation: &'a str,
    /// Pages of the report.
    pub pages: usize,
    /// Pages of the annex; `None` without records.
    pub annex: Option<usize>,
}

/// Bates number of a page of the report.
pub(super) fn page_number(stem: &str, page: usize) -> String {
    format!("{stem}-{page:06}")
}

/// Beginning of the Bates numbers of the annex.
pub(super) fn annex_stem(stem: &str) -> String {
    format!("{stem}-A")
}

/// Bates number of a record, by its row of the exhibit from 1.
pub(super) fn record_number(stem: &str, row: usize) -> String {
    format!("{stem}-R{row:06}")
}

/// The load file.
pub(super) fn dat(volume: &Volume<'_>, items: &[Item]) -> Vec<u8> {
    let mut out = "\u{feff}".to_owned();
    line(&mut out, FIELDS.map(|(name, _)| name.to_owned()));
    let mut document = |stem: &str, pages: usize, [kind, designation, file]: [&str; 3]| {
        let [first, last] = [1, pages].map(|page| page_number(stem, page));
        let named = [&first, &last, kind, volume.custodian, designation].map(str::to_owned);
        let named = named.into_iter().chain(std::iter::repeat_n(String::new(), 14));
        line(&mut out, named.chain([format!("..\\01_report\\{file}"), String::new(), String::new()]));
    };
    document(volume.stem, volume.pages, ["report", volume.report_designation, "report.pdf"]);
    if let Some(pages) = volume.annex {
        document(&annex_stem(volume.stem), pages, ["annex", volume.records_designation, "records.pdf"]);
    }
    for (item, row) in items.iter().zip(1..) {
        line(&mut out, values(volume, item, row));
    }
    out.into_bytes()
}

fn values(volume: &Volume<'_>, item: &Item, row: usize) -> [String; 22] {
    let number = record_number(volume.stem, row);
    let stamp = item.ts.map(|ts| Zone::utc().format_exact(ts)).unwrap_or_default();
    let part = |from: usize, to: usize| stamp.get(from..to).unwrap_or_default().to_owned();
    let count = |count: Option<i64>| count.map_or_else(String::new, |count| count.to_string());
    [
        number.clone(),
        number.clone(),
        "record".to_owned(),
        volume.custodian.to_owned(),
        volume.records_designation.to_owned(),
        RECORDS.to_owned(),
        row.to_string(),
        item.evidence.clone(),
        item.tags.clone(),
        item.exchange.clone(),
        part(0, 10),
        part(11, 26),
        if stamp.is_empty() { String::new() } else { "UTC".to_owned() },
        item.account.clone(),
        item.model.clone(),
        count(item.input),
        count(item.output),
        item.proof.clone(),
        if item.is_redacted { "Yes" } else { "No" }.to_owned(),
        format!("..\\02_records\\{RECORDS}.parquet"),
        format!("TEXT\\{number}.txt"),
        item.text.clone(),
    ]
}

fn line(out: &mut String, values: impl IntoIterator<Item = String>) {
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            out.push('\u{14}');
        }
        out.push('\u{fe}');
        for c in visible(&value).chars() {
            match c {
                '\u{fe}' | '\u{ae}' => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
                '\n' => out.push('\u{ae}'),
                c => out.push(c),
            }
        }
        out.push('\u{fe}');
    }
    out.push_str("\r\n");
}

/// Description of the fields.
pub(super) fn fields() -> Table {
    let mut table = Table::new(["field", "meaning"]);
    for (name, meaning) in FIELDS {
        table.push(vec![name.to_owned(), meaning.to_owned()]);
    }
    table
}

/// Text of a record: prompt and response, hostile characters visible; a statement where they are withheld.
pub(super) fn text(record: &MarkedRecord, number: &str, include_text: bool) -> String {
    let mut out = format!("{number}\n");
    for (column, title) in [("prompt_text", "PROMPT"), ("response_text", "RESPONSE")] {
        let Some(text) = record.record.text(column) else { continue };
        out.push_str(&match include_text {
            true => format!("\n{title}\n{}\n", visible(text)),
            false => format!("\n{title}\n[withheld; see 08_legal/redaction_log.csv]\n"),
        });
    }
    out
}

/// The records as items, and their texts with the paths under `data/`.
fn items(rows: &[MarkedRecord], stem: &str, include_text: bool) -> (Vec<Item>, Vec<(String, String)>) {
    let (mut items, mut texts) = (Vec::new(), Vec::new());
    for (row, record) in (1..).zip(rows) {
        let number = record_number(stem, row);
        let text = text(record, &number, include_text);
        let of = |column: &str| record.record.text(column).unwrap_or_default().to_owned();
        let count = |column: &str| record.record.columns.get(column).and_then(serde_json::Value::as_i64);
        items.push(Item {
            exchange: record.record.exchange.to_string(),
            evidence: evidence_numbers(&record.evidence),
            tags: tag_words(&record.tags),
            proof: record.proof(),
            ts: count("ts"),
            account: of("account_id"),
            model: of("model"),
            input: count("input_tokens"),
            output: count("output_tokens"),
            is_redacted: record.is_redacted(),
            text: Digest::of(text.as_bytes()).to_string(),
        });
        texts.push((format!("{TEXTS}/{number}.txt"), text));
    }
    (items, texts)
}

/// Writes the folder. `rows` are those of the bundle.
pub(super) fn put(
    bag: &mut Bag<'_>,
    volume: &Volume<'_>,
    rows: &[MarkedRecord],
    include_text: bool,
) -> Result<(), BundleError> {
    let (items, texts) = items(rows, volume.stem, include_text);
    bag.put(LOAD_FILE, &dat(volume, &items))?;
    bag.put(FIELDS_FILE, &fields().to_csv())?;
    for (path, text) in texts {
        bag.put(&path, text.as_bytes())?;
    }
    Ok(())
}

/// Custodian by the organisation that a person stated, on one line.
pub(super) fn custodian(organisation: &str) -> String {
    let organisation = visible(organisation.trim()).replace(['\n', '\t'], " ");
    if organisation.is_empty() { NOT_STATED.to_owned() } else { organisation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_to_their_lines_and_places() {
        let item = Item { account: "a\u{fe}b\u{14}c\nd\u{ae}\r".into(), ts: Some(1), ..Item::default() };
        let volume = Volume {
            stem: "CASE-1_P",
            custodian: "Org",
            report_designation: "C",
            records_designation: "A",
            pages: 3,
            annex: Some(2),
        };
        let text = String::from_utf8(dat(&volume, &[item])).unwrap();
        let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap().split("\r\n").collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[4].is_empty());
        for line in &lines[..4] {
            assert_eq!(line.split('\u{14}').count(), FIELDS.len(), "{line}");
        }
        assert!(lines[1].starts_with("þCASE-1_P-000001þ\u{14}þCASE-1_P-000003þ\u{14}þreportþ"));
        assert!(lines[2].starts_with("þCASE-1_P-A-000001þ\u{14}þCASE-1_P-A-000002þ\u{14}þannexþ"));
        assert!(lines[2].contains("þOrgþ\u{14}þAþ"), "the annex has the designation of the records");
        assert!(lines[3].contains("þa⟨U+00FE⟩b⟨U+0014⟩c®d⟨U+00AE⟩⟨U+000D⟩þ"), "{}", lines[3]);
        assert!(lines[3].contains("þ1970-01-01þ\u{14}þ00:00:00.000001þ\u{14}þUTCþ"), "{}", lines[3]);
    }
}
