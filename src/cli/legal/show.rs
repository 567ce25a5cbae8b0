//! `stillhunt legal CASE show`: elements, items, and what is computed of them.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::bundle::{LegalSheet, legal_figures, legal_sheets};
use crate::cli::progress::Terminal;
use crate::cli::{Outcome, output};
use crate::jobs;
use crate::model::visible;

/// Show the elements with what supports each, the items, and what is computed of them
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt legal acme.stillhunt show --json")]
pub(super) struct ShowArgs {
    /// Write all of it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn show(case: &Path, args: &ShowArgs) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let session = jobs::open_to_read(case, &watcher)?;
    let state = session.case.state();
    let figures = legal_figures(state, &session.cache, &session.leads, &watcher)?;
    let sheets = legal_sheets(state, &session.cache, &figures);
    drop(watcher);
    if args.json {
        let all: Map<String, Value> =
            sheets.iter().map(|sheet| (sheet.name.clone(), as_json(sheet))).collect();
        output::print_json(&Value::Object(all))?;
        return Ok(Outcome::Done);
    }
    let text: String = sheets.iter().map(in_words).collect();
    output::print_text(&text)?;
    Ok(Outcome::Done)
}

fn as_json(sheet: &LegalSheet) -> Value {
    let row = |row: &Vec<String>| -> Value {
        sheet.header.iter().cloned().zip(row.iter().map(|cell| json!(cell))).collect::<Map<_, _>>().into()
    };
    sheet.rows.iter().map(row).collect()
}

/// The table as text: title, then one line a row with the cells that have a value.
fn in_words(sheet: &LegalSheet) -> String {
    let mut text = format!("{} ({})\n", sheet.title, sheet.rows.len());
    for row in &sheet.rows {
        let cells = sheet.header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let cells: Vec<String> =
            cells.map(|(name, cell)| format!("{}: {cell}", name.replace('_', " "))).collect();
        text.push_str(&format!("  {}\n", visible(&cells.join("; ")).replace(['\n', '\t'], " ")));
    }
    text.push('\n');
    text
}
