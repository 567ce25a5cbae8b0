//! `01_report`: the report for lawyers and courts, as XHTML and as PDF from one document.

#[cfg(test)]
mod checks;
mod document;
mod facts;
mod pdf;
mod sections;
mod sheets;
mod tables;
#[cfg(test)]
mod tests;
mod xhtml;

pub use document::Paper;
use document::{Document, Furniture, Sentence};
use facts::Facts;
pub(super) use sheets::Sheet;

use super::records::MarkedRecord;
use super::relied::Relied;
use super::summaries::Summary;
use super::{BundleError, CheckItem};
use crate::cache::Cache;
use crate::case::{Checkpoint, PlacedDecision, State};
use crate::exhibit::{self, Exhibit, Subject, Table};
use crate::leads::Leads;
use crate::model::{Micros, Scope, Silent, Zone, format_count};

/// Table of gaps in the bundle.
const GAPS: &str = "06_custody/gaps.csv";
/// Title of the exhibit with the figures of the report.
const FIGURES: &str = "Figures that the report states";

/// An exhibit with its number.
pub(super) struct NumberedExhibit {
    /// `EX-0002`.
    pub number: String,
    /// The evidence it was made from.
    pub evidence: u64,
    /// The exhibit.
    pub exhibit: Exhibit,
}

/// Contents of the report. State, cache, leads and records have the names that the reader may see.
pub(super) struct Report<'a> {
    pub state: &'a State,
    pub cache: &'a Cache,
    pub leads: &'a Leads,
    pub zone: &'a Zone,
    pub checklist: &'a [CheckItem],
    pub records: &'a [MarkedRecord],
    pub relied: &'a [Relied],
    /// Decisions whose lead is another or none in the present list.
    pub changed: &'a [PlacedDecision],
    pub exhibits: &'a [NumberedExhibit],
    pub summaries: &'a [Summary],
    /// Tables of methods and custody, which sentences cite by their path.
    pub sheets: &'a [Sheet],
    pub checkpoint: Option<&'a Checkpoint>,
    pub fingerprint: &'a str,
    /// Word of the audience: `production`.
    pub audience: &'a str,
    /// Designation on every page: `CONFIDENTIAL`.
    pub designation: &'a str,
    /// Name of the person who exports.
    pub author: &'a str,
    /// Time of the export; its day, UTC, is the date of the report.
    pub exported: Micros,
    pub paper: Paper,
    pub include_text: bool,
    pub withheld_entries: usize,
}

/// The report in both forms, with the exhibits that were made for it.
pub(super) struct Composed {
    /// `report.xhtml`.
    pub xhtml: Vec<u8>,
    /// `report.pdf`.
    pub pdf: Vec<u8>,
    /// Exhibits made for the report: paths inside `data/` with their bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Document with the tables that its sentences cite.
struct Made<'a> {
    report: &'a Report<'a>,
    facts: Facts,
    /// All tables that can be cited.
    sheets: Vec<Sheet>,
    /// Numbers of the exhibits made for the report.
    own: Own,
    /// Exhibit of all leads; `None` where there are no leads.
    leads: Option<Exhibit>,
    files: Vec<(String, Vec<u8>)>,
}

/// Numbers of the exhibits made for the report.
#[derive(Default)]
struct Own {
    figures: String,
    accounts: String,
    times: String,
    anomalies: String,
    contested: String,
    signals: String,
    checklist: String,
    leads: String,
}

/// The report in both forms.
///
/// # Errors
/// The cache cannot be read, or the PDF cannot be written.
pub(super) fn compose(report: &Report<'_>) -> Result<Composed, BundleError> {
    let (document, made) = document(report)?;
    Ok(Composed { xhtml: xhtml::write(&document), pdf: pdf::write(&document)?, files: made.files })
}

/// The document, and what it cites.
fn document<'a>(report: &'a Report<'a>) -> Result<(Document, Made<'a>), BundleError> {
    let made = Made::of(report)?;
    let furniture = Furniture {
        title: format!("Report on case {}", report.state.name),
        designation: report.designation.to_owned(),
        author: report.author.to_owned(),
        date: Zone::utc().format_date(report.exported),
        head: report.checkpoint.map_or_else(String::new, |point| point.head.to_string()),
        bates: super::bag::stem(&report.state.name, report.audience),
    };
    let mut document = Document { furniture, paper: report.paper, blocks: Vec::new() };
    sections::write(&mut document, &made);
    Ok((document, made))
}

impl<'a> Made<'a> {
    fn of(report: &'a Report<'a>) -> Result<Self, BundleError> {
        let (facts, figures) = facts::gather(report)?;
        let mut sheets: Vec<Sheet> = report.sheets.to_vec();
        sheets.extend(sections::records_sheet(report));
        for placed in report.exhibits {
            let path = format!("03_exhibits/{}.csv", placed.number);
            let title = placed.exhibit.title;
            let mut sheet = Sheet::of_csv(&placed.number, &path, title, &placed.exhibit.table);
            sheet.evidence = Some(placed.evidence);
            sheet.caption.clone_from(&placed.exhibit.caption.lines);
            sheets.push(sheet);
        }
        for summary in report.summaries {
            let path = format!("04_summaries/{}.csv", summary.name);
            sheets.push(Sheet::of_csv(&summary.name, &path, summary.title, &summary.csv));
        }
        let mut made = Self { report, facts, sheets, own: Own::default(), leads: None, files: Vec::new() };
        let accounts = tables::accounts(report, &made.facts);
        let anomalies = tables::anomalies(report, &made.facts)?;
        let contested = tables::contested(report, &made.facts);
        made.own = Own {
            figures: made.add(FIGURES, &figures),
            accounts: made.add("Accounts relied on", &accounts),
            times: made.add("Times of the case", &tables::timeline(report)),
            anomalies: made.add("Anomalies of the log", &anomalies),
            contested: made.add("Figures with and without contested accounts", &contested),
            signals: made.add("Signals on the accounts relied on", &tables::signals(report)),
            checklist: made.add("Checklist of this export", &checklist(report.checklist)),
            leads: made.add_leads()?,
        };
        Ok(made)
    }

    /// Number of the next exhibit. The records are the first, those of evidence follow.
    fn next(&self) -> String {
        let own = self.files.iter().filter(|(path, _)| path.ends_with(".csv")).count();
        format!("EX-{:04}", self.report.exhibits.len() + own + 2)
    }

    /// Adds an exhibit made for the report and gives its number.
    fn add(&mut self, title: &str, table: &Table) -> String {
        let number = self.next();
        let path = format!("03_exhibits/{number}.csv");
        self.sheets.push(Sheet::new(&number, &path, title, table));
        self.files.push((path, table.to_csv()));
        number
    }

    /// Adds the exhibit of all leads.
    fn add_leads(&mut self) -> Result<String, BundleError> {
        let report = self.report;
        let relied = report.relied.iter().flat_map(|item| &item.accounts);
        let ids = relied.map(|&account| report.cache.accounts()[account as usize].id.clone()).collect();
        let scope = Scope::default().with_accounts("accounts relied on", ids);
        let subject = Subject {
            cache: report.cache,
            leads: report.leads,
            scope: &scope,
            zone: report.zone,
            events: &report.state.events,
        };
        let made = exhibit::make("lead_tests", &subject, &Silent)?;
        let number = self.next();
        let path = format!("03_exhibits/{number}");
        self.sheets.push(Sheet::of_csv(&number, &format!("{path}.csv"), made.title, &made.table));
        self.files.push((format!("{path}.csv"), made.table.clone()));
        if let Some(figure) = &made.figure {
            self.files.push((format!("{path}.svg"), figure.clone()));
        }
        self.leads = Some(made);
        Ok(number)
    }

    fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name == name)
    }

    /// A sentence that cites rows of the figures.
    fn figures(&self, text: impl Into<String>, rows: impl IntoIterator<Item = usize>) -> Sentence {
        rows.into_iter().fold(Sentence::new(text), |sentence, row| sentence.cite(&self.own.figures, row))
    }
}

/// The checklist as a table.
fn checklist(items: &[CheckItem]) -> Table {
    let mut table = Table::new(["requirement", "state", "finding"]);
    for item in items {
        let row = [item.title.clone(), item.state.to_string(), item.detail.clone()];
        table.push(row.map(|text| exhibit::cell(&text)).to_vec());
    }
    table
}

/// A count with its noun: `1 file`, `1,204 files`.
fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", format_count(n), if n == 1 { one } else { many })
}
