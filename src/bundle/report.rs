//! `report.xhtml`: the report for lawyers and courts. No script and no reference outside the file.

use super::CheckItem;
use super::custody::setting;
use super::records::{MarkedRecord, RECORDS};
use super::relied::Relied;
use super::summaries::Summary;
use super::terms::TERMS;
use crate::case::{
    CLOCK_STATEMENT, Checkpoint, Evidence, EvidenceSource, PlacedDecision, SOURCES_KEPT, State,
};
use crate::exhibit::xml::Xml;
use crate::exhibit::{Exhibit, versions};
use crate::model::{HOSTILE_LEGEND, Tag, Zone, format_count, name_now};
use crate::signals;
use crate::signals::context::CONTEXT;

/// An exhibit with its number.
pub(super) struct NumberedExhibit {
    /// `EX-0002`.
    pub number: String,
    /// The evidence it was made from.
    pub evidence: u64,
    /// The exhibit.
    pub exhibit: Exhibit,
}

/// Contents of the report.
pub(super) struct Report<'a> {
    pub state: &'a State,
    pub zone: &'a Zone,
    pub checklist: &'a [CheckItem],
    pub records: &'a [MarkedRecord],
    pub relied: &'a [Relied],
    /// Decisions whose lead is another or none in the present list.
    pub changed: &'a [PlacedDecision],
    pub exhibits: &'a [NumberedExhibit],
    pub summaries: &'a [Summary],
    pub checkpoint: Option<&'a Checkpoint>,
    pub fingerprint: &'a str,
    pub include_text: bool,
    pub withheld_entries: usize,
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<meta charset="UTF-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
"#;

const STYLE: &str = "
body { font: 11pt/1.45 serif; color: #1a1a1a; background: #fff; max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1, h2, h3 { font-family: sans-serif; line-height: 1.2; } h2 { border-bottom: 1px solid #999; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; margin: 0.8em 0; font-size: 9.5pt; }
th, td { border: 1px solid #bbb; padding: 0.25em 0.5em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th, td:first-child { overflow-wrap: normal; } td { min-width: 3.5em; }
th { background: #eee; } code { font-size: 9pt; overflow-wrap: anywhere; }
.note { border-left: 3px solid #777; padding-left: 0.8em; } .opinion { background: #f4f4f4; padding: 0.4em 0.8em; }
svg { max-width: 100%; height: auto; border: 1px solid #ddd; }
@media print { body { max-width: none; margin: 0; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
";

/// The report as XHTML.
pub(super) fn report(report: &Report<'_>) -> Vec<u8> {
    let mut page = Xml::new();
    page.raw(HEAD.as_bytes()).leaf("title", &[], &format!("Case {}", report.state.name)).line();
    // The style sheet is fixed text without markup characters.
    page.open("style", &[]).raw(STYLE.as_bytes()).close().raw(b"\n</head>\n<body>\n");
    front(&mut page, report);
    evidence(&mut page, report, "Evidence relied on", |tag| *tag == Tag::ReliedOn);
    evidence(&mut page, report, "Exculpatory evidence", |tag| *tag == Tag::Exculpatory);
    evidence(&mut page, report, "Context, controls and other marks", |tag| {
        !matches!(tag, Tag::ReliedOn | Tag::Exculpatory)
    });
    leads(&mut page, report);
    exhibits(&mut page, report);
    methods(&mut page);
    custody(&mut page, report);
    page.raw(b"</body>\n</html>\n");
    page.finish()
}

fn front(page: &mut Xml, report: &Report<'_>) {
    page.leaf("h1", &[], &format!("Case {}", report.state.name)).line();
    paragraph(
        page,
        "This report accompanies a bundle of evidence from the logs of a model API. It names the accounts \
         that were put forward for review, the figures measured on them, and innocent explanations of these \
         figures. Items of evidence are numbered E1, E2 and so on; exhibits are numbered EX-0001, EX-0002 and \
         so on. The tables of evidence name the exhibits of each item.",
    );
    let files: usize = report.state.snapshots.iter().map(|snapshot| snapshot.files.len()).sum();
    paragraph(
        page,
        &format!(
            "Sources: {}, {}; the section Custody lists their SHA-256. Times are in {}. The bundle is signed \
             with key {}. Versions: {}",
            counted(report.state.snapshots.len(), "snapshot", "snapshots"),
            counted(files, "file", "files"),
            report.zone.name(),
            report.fingerprint,
            versions()
        ),
    );
    page.leaf("h2", &[], "What is not claimed").line();
    page.open("p", &[("class", "note")]).text(
        "This report does not say who operates an account, of which nation an operator is, or what anyone \
         intended. It does not say that a model was trained on the answers. It gives no probability of guilt. \
         A lead is not a finding; its rank is an order of review. Shared attributes are not an offence: \
         accounts of agencies, universities and network carriers share them too. Ordinary figures do not show \
         that there was no campaign.",
    );
    page.close().line();
    page.leaf("h2", &[], "Terms").line();
    let rows = TERMS.iter().map(|(term, meaning)| vec![(*term).to_owned(), (*meaning).to_owned()]);
    table(page, &["term", "meaning"], rows);
    page.leaf("h2", &[], "Checklist").line();
    let rows = report
        .checklist
        .iter()
        .map(|item| vec![item.title.clone(), item.state.to_string(), item.detail.clone()]);
    table(page, &["requirement", "state", "finding"], rows);
}

fn evidence(page: &mut Xml, report: &Report<'_>, title: &str, wanted: impl Fn(&Tag) -> bool) {
    page.leaf("h2", &[], title).line();
    let marked: Vec<&Evidence> =
        report.state.evidence.values().filter(|evidence| wanted(&evidence.tag)).collect();
    if marked.is_empty() {
        paragraph(page, "There is no such evidence.");
        return;
    }
    let rows = marked.into_iter().map(|evidence| {
        vec![
            format!("E{}", evidence.id),
            evidence.tag.to_string(),
            item(evidence, report),
            cited(evidence, report),
        ]
    });
    table(page, &["no.", "tag", "item", "exhibit"], rows);
}

/// Description of a piece of evidence.
fn item(evidence: &Evidence, report: &Report<'_>) -> String {
    let zone = report.zone;
    let earlier = report.state.earlier_mapping(evidence).map_or_else(String::new, |mapping| {
        format!("; read with {}, which was replaced later", mapping.describe())
    });
    let item = match &evidence.source {
        EvidenceSource::Exchange { exchange, account, ts, record, .. } => format!(
            "exchange {exchange} of account {account}, {} {}; record SHA-256 {record}",
            zone.format(*ts),
            zone.name()
        ),
        EvidenceSource::Account { account } => format!("account {account}"),
        EvidenceSource::Scope { scope, title } => format!("{}: {}", name_now(title), scope.describe(zone)),
    };
    item + &earlier
}

/// Exhibits of a piece of evidence; for an exchange, its row.
fn cited(evidence: &Evidence, report: &Report<'_>) -> String {
    if let Some(row) = report.records.iter().position(|record| record.evidence.contains(&evidence.id)) {
        return format!("{RECORDS}.parquet, row {}", row + 1);
    }
    let numbers: Vec<_> = report
        .exhibits
        .iter()
        .filter(|placed| placed.evidence == evidence.id)
        .map(|placed| placed.number.as_str())
        .collect();
    numbers.join(", ")
}

fn leads(page: &mut Xml, report: &Report<'_>) {
    page.leaf("h2", &[], "Leads relied on").line();
    if report.relied.is_empty() {
        paragraph(page, "No account and no group of accounts is relied on as a lead.");
    }
    for lead in report.relied {
        page.leaf("h3", &[], &format!("E{}: {}", lead.evidence, lead.name)).line();
        paragraph(page, &format!("{}.", counted(lead.accounts.len(), "account", "accounts")));
        if let Some(marked_for) = &lead.lead {
            paragraph(page, &format!("Marked as evidence for lead {marked_for}."));
        }
        if let Some(figures) = &lead.figures {
            paragraph(page, &figures.in_words());
        }
        if lead.reasons.is_empty() {
            paragraph(page, "The program gives no reasons for these accounts.");
        } else {
            let rows = lead.reasons.iter().map(|reason| {
                vec![
                    format!("{} {}", reason.signal, reason.title),
                    reason.sentence.clone(),
                    reason.benign.clone(),
                    reason.tells_apart.clone(),
                ]
            });
            table(
                page,
                &[
                    "signal",
                    "measured",
                    "innocent behaviour with the same figures",
                    "columns that tell them apart",
                ],
                rows,
            );
        }
        paragraph(page, "Benign explanations: figures from the records.");
        let rows = lead
            .alternatives
            .iter()
            .map(|weighed| vec![weighed.explanation.to_owned(), weighed.measured.clone()]);
        table(page, &["explanation", "measured on these accounts"], rows);
        page.open("div", &[("class", "opinion")]);
        paragraph(page, "Benign explanations: assessment by the investigator (opinion).");
        let rows = lead.alternatives.iter().map(|weighed| match &weighed.stated {
            None => vec![
                weighed.explanation.to_owned(),
                "not weighed by the investigator".to_owned(),
                String::new(),
                String::new(),
            ],
            Some(alternative) => vec![
                weighed.explanation.to_owned(),
                alternative.verdict.in_words().to_owned(),
                alternative.evidence_for.clone(),
                alternative.evidence_against.clone(),
            ],
        });
        table(page, &["explanation", "verdict", "for", "against"], rows);
        for weighed in &lead.alternatives {
            if let Some(weighed_for) = &weighed.weighed_for {
                paragraph(
                    page,
                    &format!("The explanation “{}” was weighed for lead {weighed_for}.", weighed.explanation),
                );
            }
            for other in &weighed.beside {
                paragraph(
                    page,
                    &format!("Another verdict on “{}” does not count: {other}.", weighed.explanation),
                );
            }
        }
        page.close().line();
    }
    changed(page, report.changed);
}

/// The decisions whose lead is another or none in the present list.
fn changed(page: &mut Xml, changed: &[PlacedDecision]) {
    if changed.is_empty() {
        return;
    }
    page.leaf("h3", &[], "Decisions made on leads of an earlier list").line();
    paragraph(
        page,
        "When leads are computed again, a decision follows the lead that shares the most core members with its \
         own: at least half of both. Without such a lead the table says: no lead any more.",
    );
    let state = |placed: &PlacedDecision| if placed.found { "follows a lead" } else { "no lead any more" };
    let rows = changed
        .iter()
        .map(|placed| vec![placed.decision.clone(), placed.lead_now.clone(), state(placed).to_owned()]);
    table(page, &["decision", "lead", "state"], rows);
}

fn exhibits(page: &mut Xml, report: &Report<'_>) {
    page.leaf("h2", &[], "Exhibits").line();
    if !report.records.is_empty() {
        let text = if report.include_text { "with" } else { "without" };
        let rows = counted(report.records.len(), "record", "records");
        paragraph(page, &format!("{RECORDS}: {rows} marked as evidence, {text} prompts and responses."));
    }
    for placed in report.exhibits {
        let exhibit = &placed.exhibit;
        page.leaf("h3", &[], &format!("{}: {} (E{})", placed.number, exhibit.title, placed.evidence)).line();
        page.open("figure", &[]).line();
        match &exhibit.figure {
            Some(figure) => {
                // Made by this program with every text escaped.
                page.raw(figure);
            }
            None => exhibit.caption.lines.iter().for_each(|line| paragraph(page, line)),
        }
        let caption =
            format!("Table: 03_exhibits/{}.csv, {}.", placed.number, counted(exhibit.rows, "row", "rows"));
        page.leaf("figcaption", &[], &caption).close().line();
    }
    page.leaf("h2", &[], "Summaries").line();
    if report.summaries.is_empty() {
        paragraph(page, "No exchange is marked as evidence, so there are no counts of records.");
        return;
    }
    let rows = report.summaries.iter().map(|summary| vec![summary.name.clone(), summary.title.to_owned()]);
    table(page, &["summary", "figures"], rows);
    paragraph(
        page,
        "04_summaries has each summary as CSV. The SQL file beside it gives the same figures in DuckDB.",
    );
}

fn methods(page: &mut Xml) {
    page.leaf("h2", &[], "Methods").line();
    paragraph(
        page,
        "05_methods has the error rates, the control accounts and the versions of program and signals.",
    );
    let rows = signals::abouts().map(|about| {
        vec![
            format!("{} {} v{}", about.id, about.title, about.version),
            format!("{} Unit: {}.", about.definition, about.unit),
            about.source.to_owned(),
            about.look_alikes.join("; "),
        ]
    });
    table(page, &["signal", "definition", "source", "benign look-alikes"], rows);
    paragraph(page, "Context figures of accounts. They are part of no score and of no rank.");
    let rows = CONTEXT.iter().map(|context| {
        let about = context.about();
        vec![
            about.title.to_owned(),
            format!("{} Unit: {}.", about.definition, about.unit),
            about.caution.to_owned(),
        ]
    });
    table(page, &["context", "definition", "caution"], rows);
}

fn custody(page: &mut Xml, report: &Report<'_>) {
    page.leaf("h2", &[], "Custody").line();
    let rows = report.state.every_snapshot().flat_map(|snapshot| {
        snapshot.files.iter().map(|file| {
            vec![
                file.name.clone(),
                format_count(file.bytes),
                file.sha256.to_string(),
                file.recorded_zone.clone().unwrap_or_else(|| "none recorded; taken as UTC".to_owned()),
            ]
        })
    });
    table(page, &["file", "bytes", "SHA-256", "time zone recorded in the file"], rows);
    for retired in &report.state.retired {
        let text = format!("Snapshot {} was retired: {}.", retired.snapshot.sha256, retired.reason);
        paragraph(page, &text);
    }
    paragraph(
        page,
        &format!("Statement on the clocks of the sources: {}.", setting(report.state, CLOCK_STATEMENT)),
    );
    paragraph(
        page,
        &format!("Statement on how the logs came to be kept: {}.", setting(report.state, SOURCES_KEPT)),
    );
    if let Some(point) = report.checkpoint {
        paragraph(
            page,
            &format!(
                "The journal before this export: {}. The last is of {} UTC; its SHA-256 is {}. The contents of {} are \
                 withheld. The journal has their hashes, so its chain can be checked without them.",
                counted(point.count as usize, "entry", "entries"),
                Zone::utc().format(point.ts),
                point.head,
                counted(report.withheld_entries, "entry", "entries")
            ),
        );
    }
    paragraph(page, HOSTILE_LEGEND);
}

/// A count with its noun: `1 file`, `1,204 files`.
fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", format_count(n as u64), if n == 1 { one } else { many })
}

fn paragraph(page: &mut Xml, text: &str) {
    page.leaf("p", &[], text).line();
}

fn table(page: &mut Xml, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    page.open("table", &[]).open("thead", &[]).open("tr", &[]);
    for name in header {
        page.leaf("th", &[], name);
    }
    page.close().close().open("tbody", &[]).line();
    for row in rows {
        page.open("tr", &[]);
        for cell in row {
            page.leaf("td", &[], &cell);
        }
        page.close().line();
    }
    page.close().close().line();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Alternative;
    use crate::case::Verdict;
    use crate::exhibit::xml::text_of;
    use crate::model::Scope;

    #[test]
    fn hostile_words_stay_words_everywhere() {
        let hostile = "</td><script>alert(1)</script>&\u{202e}";
        let mut state = State { name: hostile.into(), ..State::default() };
        for (id, tag) in [(1, Tag::ReliedOn), (2, Tag::Exculpatory), (3, Tag::Own(hostile.into()))] {
            let source = EvidenceSource::Scope {
                scope: Scope::default().with_account(hostile.into()),
                title: hostile.into(),
            };
            state
                .evidence
                .insert(id, Evidence { id, source, tag, note: hostile.into(), marked: 0, read_with: None });
        }
        let alternative = Alternative {
            lead: hostile.into(),
            subject: None,
            explanation: "reseller".into(),
            evidence_for: hostile.into(),
            evidence_against: hostile.into(),
            verdict: Verdict::Open,
        };
        let weighed = |stated| super::super::relied::Weighed {
            explanation: "reseller",
            measured: hostile.into(),
            stated,
            weighed_for: Some(hostile.into()),
            beside: vec![hostile.into()],
        };
        let relied = [Relied {
            evidence: 1,
            name: hostile.into(),
            lead: Some(hostile.into()),
            accounts: vec![],
            figures: None,
            reasons: vec![],
            alternatives: vec![weighed(Some(alternative)), weighed(None)],
        }];
        let bytes = report(&Report {
            state: &state,
            zone: &Zone::utc(),
            checklist: &[],
            records: &[],
            relied: &relied,
            changed: &[PlacedDecision { decision: hostile.into(), lead_now: hostile.into(), found: false }],
            exhibits: &[],
            summaries: &[],
            checkpoint: None,
            fingerprint: "SHA256:x",
            include_text: false,
            withheld_entries: 0,
        });
        let text = text_of(&bytes);
        assert!(text.contains("</td><script>alert(1)</script>&⟨U+202E⟩"));
        assert!(!String::from_utf8(bytes).unwrap().contains("<script"));
        assert!(text.find("Exculpatory evidence") > text.find("Evidence relied on"));
        assert!(text.contains("not weighed by the investigator"));
    }
}
