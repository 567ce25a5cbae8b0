//! `01_report/incident`: the page of an authority against its table.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::incident::CAUTION;
use super::tables::{TABLE, table};
use crate::exhibit::cell;

const PAGE: &str = "data/01_report/incident.xhtml";
const SHEET: &str = "data/01_report/incident.csv";

/// Fault of a page whose rows are not those of the table; none in a bundle without a page.
pub(super) fn check(contents: &Contents) -> Option<Fault> {
    if !contents.has(PAGE) || !contents.has(SHEET) {
        return None;
    }
    let rows = match table(contents, SHEET, &["item", "value", "source"]) {
        Ok(rows) => rows,
        Err(fault) => return Some(fault),
    };
    let text = contents.text_within(PAGE, TABLE).unwrap_or_default();
    let printed: Vec<String> = cells(&text).iter().map(|text| cell(text)).collect();
    if !text.contains(&format!("<p>{CAUTION}</p>")) {
        return Some(Fault::new(PAGE, "has another caution than every summary"));
    }
    let is_same = printed.iter().eq(rows.iter().flatten());
    (!is_same).then(|| Fault::new(PAGE, "has other rows than incident.csv"))
}

/// Texts of the cells of a page's tables.
fn cells(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    let (mut found, mut inside): (Vec<String>, bool) = (Vec::new(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if start.name().as_ref() == "td" => {
                inside = true;
                found.push(String::new());
            }
            Ok(Event::End(end)) if end.name().as_ref() == "td" => inside = false,
            Ok(Event::Text(text)) if inside => {
                found.last_mut().into_iter().for_each(|own| own.push_str(&text))
            }
            Ok(Event::GeneralRef(name)) if inside => {
                let c = super::super::report::reference(&name).unwrap_or(char::REPLACEMENT_CHARACTER);
                found.last_mut().into_iter().for_each(|own| own.push(c));
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}
