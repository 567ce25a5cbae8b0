//! The report: its page against the tables of the bundle and the journal, and its PDF against the page; the README
//! against that of every bundle.

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use serde_json::Value;

use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::load_file::{LOAD_FILE, annex_stem, page_number, record_number};
use super::super::readme::readme;
use super::super::records::RECORDS;
use super::super::report::{
    Annex, Expected, PRINTED_CHARACTERS, Sheet, Story, StoryExhibit, annex_differences, certifications,
    differences, pdf_of,
};
use super::super::{Audience, Fault, parquet_check};
use super::records::Records;
use super::tables::TABLE;
use crate::case::legal::Profile;
use crate::exhibit::xml::visible_xml;
use crate::model::{Digest, Silent};
use crate::snapshot::Column;

const PAGE: &str = "data/01_report/report.xhtml";
const README: &str = "data/00_README.txt";
const PDF: &str = "data/01_report/report.pdf";
const ANNEX: &str = "data/01_report/records.xhtml";
const ANNEX_PDF: &str = "data/01_report/records.pdf";
/// Maximum number of bytes of a figure.
const FIGURE: u64 = 8 << 20;

/// True if this version of the program wrote the report: another one writes other pages of the same case.
pub(super) fn is_own_version(contents: &Contents) -> bool {
    let environment = contents.text("data/05_methods/environment.json").unwrap_or_default();
    let environment: Value = serde_json::from_str(&environment).unwrap_or_default();
    environment["version"].as_str() == Some(env!("CARGO_PKG_VERSION"))
}

/// Faults of the report.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    records: &Records,
    (audience, profile): (Audience, Profile),
    signer: &str,
) -> Vec<Fault> {
    if !is_own_version(contents) {
        return Vec::new();
    }
    let mut faults: Vec<Fault> = readme_fault(contents, audience, signer).into_iter().collect();
    let Some(text) = contents.text_within(PAGE, TABLE) else {
        return vec![Fault::new(PAGE, "is not UTF-8 text, or is too large")];
    };
    let has_story = !facts.story.is_empty() && (audience == Audience::Internal || facts.is_story_produced);
    let story = has_story.then(|| Story {
        parts: &facts.story,
        records: rows_of(records),
        repeats: facts.repeats(),
        exhibits: exhibits(contents, facts),
    });
    let (sheets, case) = (sheets(contents), case(contents));
    faults.extend(certifications_faults(contents, &case, profile, &sheets));
    let expected = Expected { sheets, story, case, profile, stated: stated(contents) };
    let found = differences(&text, &expected);
    faults.extend(found.into_iter().map(|what| Fault::new(PAGE, what)));
    faults.extend(exhibits_faults(contents, facts));
    let annex = contents.text_within(ANNEX, TABLE);
    faults.extend(annex_faults(contents, &expected, (&text, annex.as_deref()), records.rows.len()));
    if faults.is_empty() {
        let bates = bates(&text);
        faults.extend(pdf_fault(contents, &text, [PAGE, PDF], &bates));
        let annex = annex.and_then(|own| pdf_fault(contents, &own, [ANNEX, ANNEX_PDF], &annex_stem(&bates)));
        faults.extend(annex);
    }
    faults
}

/// Beginning of the Bates numbers, as every page has it.
fn bates(page: &str) -> String {
    let furniture =
        page.split_once("</span>. <span>").and_then(|(_, rest)| rest.split_once("</span>. <span>"));
    furniture
        .and_then(|(_, rest)| rest.split_once("</span>"))
        .map_or_else(String::new, |(own, _)| own.to_owned())
}

/// Fault of a PDF that is not what its page gives, or has another number of pages than the load file says.
fn pdf_fault(contents: &Contents, text: &str, [page, pdf]: [&str; 2], bates: &str) -> Option<Fault> {
    // The layout may panic on a crafted page, which is a fault of the page.
    let made = std::panic::catch_unwind(|| pdf_of(text).map_err(|error| error.to_string()));
    let load_file = contents.text_within(&format!("data/{LOAD_FILE}"), TABLE).unwrap_or_default();
    match made.unwrap_or_else(|_| Err("the layout panicked on it".to_owned())) {
        Ok((made, _)) if contents.digest(pdf) != Some(Digest::of(&made)) => {
            let page = page.rsplit('/').next().unwrap_or(page);
            Some(Fault::new(pdf, format!("is not what {page} gives")))
        }
        Ok((_, pages)) if !load_file.contains(&format!("\u{fe}{}\u{fe}", page_number(bates, pages))) => {
            Some(Fault::new(pdf, "has another number of pages than the load file says"))
        }
        Ok(_) => None,
        Err(why) => Some(Fault::new(page, format!("cannot be printed: {why}"))),
    }
}

/// Faults of the annex, which is there where there are records.
fn annex_faults(
    contents: &Contents,
    expected: &Expected<'_>,
    (report, annex): (&str, Option<&str>),
    records: usize,
) -> Vec<Fault> {
    let Some(text) = annex else {
        let missing = records > 0 || contents.has(ANNEX) || contents.has(ANNEX_PDF);
        return missing
            .then(|| Fault::new(ANNEX, "is missing, is too large or is no UTF-8"))
            .into_iter()
            .collect();
    };
    if records == 0 {
        return vec![Fault::new(ANNEX, "is there without records")];
    }
    let [_, designation] = super::load_file::designations(contents);
    let stem = bates(report);
    let annex = Annex {
        report,
        designation: &designation,
        texts: texts(contents).unwrap_or_default(),
        numbers: (1..=records).map(|row| record_number(&stem, row)).collect(),
    };
    let found = annex_differences(text, expected, &annex);
    found.into_iter().map(|what| Fault::new(ANNEX, what)).collect()
}

/// Texts of the journal.
fn stated(contents: &Contents) -> Vec<String> {
    let lines = contents.text("data/06_custody/journal.jsonl").unwrap_or_default();
    let mut open: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut texts = Vec::new();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(parts) => open.extend(parts),
            Value::Object(parts) => open.extend(parts.into_iter().map(|(_, part)| part)),
            _ => {}
        }
    }
    texts
}

/// Drafts of certifications that are missing or have another text than the report's section.
fn certifications_faults(contents: &Contents, case: &str, profile: Profile, sheets: &[Sheet]) -> Vec<Fault> {
    let fault = |(path, text): (&str, String)| {
        let name = format!("data/{path}");
        let is_as_written = contents.text(&name).as_deref() == Some(text.as_str());
        (!is_as_written).then(|| Fault::new(&name, "is not the draft of this version of the program"))
    };
    certifications(case, profile, sheets).into_iter().filter_map(fault).collect()
}

/// SHA-256 of the texts of the records as the report prints them.
fn texts(contents: &Contents) -> Result<Vec<Digest>, String> {
    let name = format!("data/02_records/{RECORDS}.parquet");
    let mut found = Vec::new();
    if !contents.has(&name) {
        return Ok(found);
    }
    parquet_check::each_batch(&contents.path(&name), &Silent, &mut |batch, _| {
        let columns = [Column::PromptText, Column::ResponseText]
            .map(|column| batch.column_by_name(column.name()).and_then(|own| own.as_string_opt::<i32>()));
        for row in 0..batch.num_rows() {
            for column in columns.iter().flatten().filter(|column| column.is_valid(row)) {
                let printed: String = column.value(row).chars().take(PRINTED_CHARACTERS).collect();
                found.push(Digest::of(visible_xml(&printed).as_bytes()));
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// Fault of a README that is not that of every bundle for this reader.
pub(super) fn readme_fault(contents: &Contents, audience: Audience, signer: &str) -> Option<Fault> {
    let schema = contents.text(&format!("data/02_records/{RECORDS}.schema.json")).unwrap_or_default();
    let schema: Value = serde_json::from_str(&schema).unwrap_or_default();
    let withheld = schema["withheld_columns"].as_array();
    let has_text = withheld.map(|columns| !columns.iter().any(|own| own == Column::PromptText.name()));
    let text = contents.text(README).unwrap_or_default();
    // Without records nothing tells whether text was to be included.
    let is_as_written = [true, false].into_iter().filter(|with| has_text.is_none_or(|has| has == *with));
    let mut is_as_written = is_as_written.map(|with| readme(&case(contents), signer, with, audience) == text);
    (!is_as_written.any(|is_same| is_same))
        .then(|| Fault::new(README, "is not what every bundle for this reader says"))
}

/// Name of the case, which the README begins with.
fn case(contents: &Contents) -> String {
    let text = contents.text(README).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    first.split_once(": ").map_or_else(String::new, |(_, case)| case.to_owned())
}

/// Row of the record of each piece of evidence that is an exchange.
fn rows_of(records: &Records) -> std::collections::BTreeMap<u64, usize> {
    let rows = records.rows.iter().zip(1..);
    rows.flat_map(|(record, row)| {
        let numbers = record.evidence.split(' ').filter_map(|own| own.strip_prefix('E')?.parse().ok());
        numbers.map(move |number: u64| (number, row)).collect::<Vec<_>>()
    })
    .collect()
}

/// Exhibits of the evidence: their numbers follow from what the journal marks.
fn exhibits(contents: &Contents, facts: &Facts) -> Vec<StoryExhibit> {
    let made = facts.exhibits().map(|placed| {
        let figure = contents.text_within(&format!("data/03_exhibits/{}.svg", placed.number), FIGURE);
        StoryExhibit {
            kind: placed.kind.to_owned(),
            title: placed.title().to_owned(),
            number: placed.number,
            evidence: placed.evidence,
            figure: figure.map(String::into_bytes),
        }
    });
    made.collect()
}

/// Exhibits of the evidence that are missing.
fn exhibits_faults(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let names = facts.exhibits().map(|placed| format!("data/03_exhibits/{}.csv", placed.number));
    names
        .filter(|name| !contents.has(name))
        .take(20)
        .map(|name| Fault::new(&name, "is missing; the journal marks the evidence that it is made of"))
        .collect()
}

/// Tables that the report can cite, by exhibit number or path.
fn sheets(contents: &Contents) -> Vec<Sheet> {
    let tables = contents.names().filter_map(|name| {
        let path = name.strip_prefix("data/").filter(|path| path.ends_with(".csv"))?;
        let (folder, leaf) = path.rsplit_once('/')?;
        let stem = leaf.strip_suffix(".csv")?;
        let cited = match folder {
            "02_records" | "03_exhibits" | "04_summaries" => stem,
            "05_methods" | "06_custody" | "08_legal" | "08_legal/tos" => path,
            "04_summaries/underlying" if leaf.ends_with(".events.csv") => path,
            _ => return None,
        };
        let text = contents.text_within(name, TABLE)?;
        Some(Sheet::of_csv(cited, path, "", text.as_bytes()))
    });
    tables.collect()
}
