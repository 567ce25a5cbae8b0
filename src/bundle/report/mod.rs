//! `01_report`: the report for lawyers and courts, and its annex with the printed records, each as XHTML and as PDF from
//! one document. The annex has the designation of the records.

mod anomalies;
mod checks;
mod compared;
mod contents;
mod count;
mod document;
mod draft;
mod facts;
mod legal_facts;
#[cfg(test)]
mod literals;
mod page;
mod pdf;
mod sections;
mod sheets;
mod tables;
mod tested;
#[cfg(test)]
mod tests;
mod words;
mod xhtml;

pub(super) use anomalies::{Anomalies, EARLIER, EARLY, Import, LEGAL, SHARED_IDS, gap_hours, odd_dates};
pub(super) use compared::{Annex, Expected, annex_differences, differences};
pub(super) use contents::{NumberedExhibit, Report};
pub use document::Paper;
use document::{Document, Furniture};
use draft::{Draft, FIGURES, OwnExhibits};
pub(super) use facts::{AT_MOST_HALF, UNCERTAIN, UNCOUNTED};
pub(super) use legal_facts::{OF_OTHERS, OF_VERSION};
pub(super) use page::reference;
pub(super) use sections::{PRINTED_CHARACTERS, Story, StoryExhibit, certifications};
pub(super) use sheets::Sheet;
pub(super) use tables::{AFTER_NOTICE, NOT_AGAIN, in_events, probable};
pub(super) use tested::{CONTEXT_ONLY, OF_ACCOUNTS, OF_LEADS, number};
pub(super) use words::LISTED as SENTENCES;

use super::{BundleError, CheckItem, event_tables};
use crate::exhibit::{self, Subject, Table};
use crate::model::{Scope, Silent, Zone};

/// A document in both forms.
pub(super) struct Printed {
    pub xhtml: Vec<u8>,
    pub pdf: Vec<u8>,
    /// Pages of the PDF.
    pub pages: usize,
}

/// Report and annex, with the exhibits made for the report.
pub(super) struct Composed {
    pub report: Printed,
    /// The records; `None` where no exchange is marked.
    pub annex: Option<Printed>,
    /// Exhibits made for the report and drafts of certifications: paths inside `data/` with their bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// The report in both forms.
///
/// # Errors
/// The cache cannot be read, or the PDF cannot be written.
pub(super) fn compose(report: &Report<'_>) -> Result<Composed, BundleError> {
    let (document, draft) = document(report)?;
    let annex = annex(&document, &draft).map(|annex| print(&annex)).transpose()?;
    let printed = print(&document)?;
    let mut files = draft.files;
    let certifications = certifications(&report.state.name, report.profile, &draft.sheets);
    files.extend(certifications.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())));
    Ok(Composed { report: printed, annex, files })
}

fn print(document: &Document) -> Result<Printed, BundleError> {
    let xhtml = xhtml::write(document);
    let (pdf, pages) = pdf_of(&String::from_utf8_lossy(&xhtml))?;
    Ok(Printed { xhtml, pdf, pages })
}

/// PDF of a page, and its number of pages.
///
/// # Errors
/// The page is not one of this program, or the PDF cannot be written.
pub(super) fn pdf_of(page: &str) -> Result<(Vec<u8>, usize), BundleError> {
    pdf::write(&page::read(page).map_err(BundleError::encode("the report as PDF"))?)
}

/// The document, and the tables that it cites.
fn document<'a>(report: &'a Report<'a>) -> Result<(Document, Draft<'a>), BundleError> {
    let draft = Draft::of(report)?;
    let furniture = Furniture {
        title: format!("Report on case {}", report.state.name),
        designation: report.designation.to_owned(),
        author: report.author.to_owned(),
        date: Zone::utc().format_date(report.exported),
        head: report.checkpoint.map_or_else(String::new, |point| point.head.to_string()),
        bates: report.stem(),
    };
    let mut document = Document { furniture, paper: report.paper, blocks: Vec::new() };
    sections::write(&mut document, &draft);
    Ok((document, draft))
}

/// The annex of a document: the records; `None` without records.
fn annex(document: &Document, draft: &Draft<'_>) -> Option<Document> {
    let report = draft.report;
    if report.records.is_empty() {
        return None;
    }
    let furniture = document.furniture.of_annex(&report.state.name, report.records_designation);
    let mut annex = Document { furniture, paper: document.paper, blocks: Vec::new() };
    sections::annex(&mut annex, draft);
    Some(annex)
}

impl<'a> Draft<'a> {
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
        for item in report.relied {
            let of_lead = item.lead_in(report.leads).and_then(event_tables::of_lead);
            let path = event_tables::path(item.evidence, event_tables::EVENTS);
            let title = "Events of the lead";
            sheets.extend(of_lead.map(|table| Sheet {
                evidence: Some(item.evidence),
                ..Sheet::of_file(&path, title, &table)
            }));
        }
        let mut draft =
            Self { report, facts, sheets, own: OwnExhibits::default(), leads: None, files: Vec::new() };
        let accounts = tables::accounts(report, &draft.facts);
        let anomalies = Anomalies::of(report, &draft.facts)?.table();
        let contested = tables::contested(report, &draft.facts);
        draft.own = OwnExhibits {
            figures: draft.add(FIGURES, &figures),
            accounts: draft.add("Accounts relied on", &accounts),
            times: draft.add("Times of the case", &tables::timeline(report)),
            anomalies: draft.add("Anomalies of the log", &anomalies),
            contested: draft.add("Figures with and without contested accounts", &contested),
            signals: draft.add("Signals on the accounts relied on", &tables::signals(report)),
            checklist: draft.add("Checklist of this export", &checklist(report.checklist)),
            leads: draft.add_leads()?,
        };
        Ok(draft)
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
        let mut exhibit = exhibit::make("lead_tests", &subject, &Silent)?;
        if report.leads.groups.is_empty() {
            // Without leads the figure would have no dots, so it is left out.
            exhibit.figure = None;
        }
        let number = self.next();
        let path = format!("03_exhibits/{number}");
        self.sheets.push(Sheet::of_csv(&number, &format!("{path}.csv"), exhibit.title, &exhibit.table));
        self.files.push((format!("{path}.csv"), exhibit.table.clone()));
        if let Some(figure) = &exhibit.figure {
            self.files.push((format!("{path}.svg"), figure.clone()));
        }
        self.leads = Some(exhibit);
        Ok(number)
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
