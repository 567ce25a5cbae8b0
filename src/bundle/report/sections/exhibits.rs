//! Figures of the exhibits, figures stated by the report, and the index.

use crate::bundle::report::contents::NumberedExhibit;
use crate::bundle::report::document::{Block, Document, Sentence, Table, anchor_of};
use crate::bundle::report::draft::{Draft, FIGURES, counted};
use crate::model::Tag;

/// Maximum number of printed rows of the tables of figures and leads.
const PRINTED: usize = 200;

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let report = draft.report;
    document.heading(2, "Exhibits");
    document.say(["Each exhibit states its scope, its counts, its time zone and the hashes of its sources."]);
    if report.state.evidence.values().any(|evidence| evidence.tag == Tag::Control) {
        document.say(["Control accounts have no exhibits: they are named to be counted, and their use is not disclosed."]);
    }
    // Figures have pages of their own; tables stand together before them.
    let (figures, tables): (Vec<_>, Vec<_>) =
        report.exhibits.iter().partition(|placed| placed.exhibit.figure.is_some());
    for (number, title, columns) in [
        (&draft.own.figures, FIGURES, &["about", "figure", "value", "of", "source"][..]),
        (
            &draft.own.leads,
            "all leads of the list",
            &[
                "lead",
                "rank",
                "core",
                "joined",
                "leads_tested",
                "p_value",
                "q_value",
                "common_control_p",
                "in_scope",
            ],
        ),
    ] {
        if let Some(sheet) = draft.sheet(number).filter(|sheet| !sheet.rows.is_empty()) {
            document.heading(3, format!("{number}: {title}"));
            document.blocks.push(Block::Table(sheet.printed(columns, PRINTED)));
        }
    }
    for placed in tables.into_iter().chain(figures) {
        exhibit(document, placed);
    }
    index(document, draft);
}

/// An exhibit with its caption and its figure.
fn exhibit(document: &mut Document, placed: &NumberedExhibit) {
    let exhibit = &placed.exhibit;
    let title = format!("{}: {} (E{})", placed.number, exhibit.title, placed.evidence);
    let rows = counted(exhibit.rows as u64, "row", "rows");
    let table = format!("Table: 03_exhibits/{}.csv, {rows}.", placed.number);
    // The reference of a caption is the exhibit itself.
    let lines = exhibit.caption.lines.iter().cloned();
    let caption: Vec<Sentence> = std::iter::once(table).chain(lines).map(Sentence::fixed).collect();
    let anchor = format!("{}-figure", anchor_of(&placed.number));
    match &exhibit.figure {
        Some(svg) => document.blocks.push(Block::Figure { title, anchor, svg: svg.clone(), caption }),
        None => {
            document.blocks.push(Block::Heading { level: 3, text: title, anchor });
            document.say(caption);
        }
    }
}

/// Index of all tables that the report cites, with an anchor for each.
fn index(document: &mut Document, draft: &Draft<'_>) {
    document.heading(2, "Index of exhibits");
    document.say([
        "Rows are counted from 1, without the header. Paths are inside the folder data of the bundle.",
    ]);
    let mut sheets: Vec<_> = draft.sheets.iter().collect();
    sheets.sort_by_key(|sheet| {
        (!sheet.name.starts_with("EX-"), !sheet.name.starts_with("S-"), sheet.name.clone())
    });
    let mut rows = Vec::new();
    let mut anchors = Vec::new();
    for sheet in sheets {
        let of = sheet.evidence.map_or_else(String::new, |evidence| format!("E{evidence}"));
        anchors.push(anchor_of(&sheet.name));
        rows.push(vec![
            Sentence::fixed(sheet.name.clone()),
            Sentence::fixed(sheet.title.clone()),
            Sentence::fixed(of),
            Sentence::fixed(sheet.rows.len().to_string()),
            Sentence::fixed(sheet.path.clone()),
        ]);
    }
    let header = ["exhibit", "title", "evidence", "rows", "file"].map(str::to_owned).to_vec();
    document.blocks.push(Block::Table(Table { exhibit: None, header, rows, anchors }));
}
