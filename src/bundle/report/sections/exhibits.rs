//! Figures of the exhibits, figures stated by the report, and the index.

use crate::bundle::report::document::{Block, Document, Sentence, Table, anchor_of};
use crate::bundle::report::draft::{Draft, FIGURES, counted};

/// Maximum number of printed rows of the tables of figures and leads.
const PRINTED: usize = 200;

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let report = draft.report;
    document.heading(2, "Exhibits");
    document.say(["Each exhibit states its scope, its counts, its time zone and the hashes of its sources."]);
    // Figures have pages of their own; exhibits that are tables alone stand together behind them.
    let (figures, tables): (Vec<_>, Vec<_>) =
        report.exhibits.iter().partition(|placed| placed.exhibit.figure.is_some());
    for placed in figures.into_iter().chain(tables) {
        let exhibit = &placed.exhibit;
        let title = format!("{}: {} (E{})", placed.number, exhibit.title, placed.evidence);
        let mut caption: Vec<Sentence> = vec![Sentence::fixed(format!(
            "Table: 03_exhibits/{}.csv, {}.",
            placed.number,
            counted(exhibit.rows as u64, "row", "rows")
        ))];
        let lines = exhibit.caption.lines.iter();
        caption.extend(lines.map(|line| Sentence::new(line.clone()).cite_all(&placed.number)));
        // The reference of a caption is the exhibit itself.
        caption.iter_mut().for_each(|sentence| {
            sentence.fixed = true;
            sentence.cites.clear();
        });
        let anchor = format!("{}-figure", anchor_of(&placed.number));
        match &exhibit.figure {
            Some(svg) => document.blocks.push(Block::Figure { title, anchor, svg: svg.clone(), caption }),
            None => {
                document.blocks.push(Block::Heading { level: 3, text: title, anchor });
                document.say(caption);
            }
        }
    }
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
    index(document, draft);
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
