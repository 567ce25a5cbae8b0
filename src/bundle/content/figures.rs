//! Figures against their tables and against the report.
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::{BundleError, Fault};
use crate::exhibit;
use crate::model::Watcher;

/// Maximum number of bytes of a figure.
const FIGURE: u64 = 8 << 20;

/// Faults of `03_exhibits`: malformed tables, and figures without a table, or different from their table or
/// from the report.
///
/// # Errors
/// Cancelled.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let mut faults = unexpected(contents, facts);
    let report =
        contents.text_within("data/01_report/report.xhtml", super::tables::TABLE).unwrap_or_default();
    let names: Vec<&str> = contents.names().filter(|name| name.starts_with("data/03_exhibits/")).collect();
    for name in names {
        watcher.check()?;
        let Some(stem) = name.strip_suffix(".svg") else {
            faults.extend(table(contents, name, &report));
            continue;
        };
        let csv = format!("{stem}.csv");
        let Some(figure) = contents.text_within(name, FIGURE) else {
            faults.push(Fault::new(name, "is not UTF-8 text, or is too large"));
            continue;
        };
        let Some(table) = contents.text_within(&csv, super::tables::TABLE) else {
            faults.push(Fault::new(name, format!("has no table {csv}")));
            continue;
        };
        if let Some(drawn) = exhibit::redrawn(table.as_bytes())
            && !figure.contains(&drawn)
        {
            faults.push(Fault::new(name, format!("is not what {csv} draws")));
        }
        if report.contains("<svg") && !report.contains(figure.trim_end()) {
            faults.push(Fault::new(name, "is not the figure that the report has"));
        }
    }
    Ok(faults)
}

/// Figures of exhibits that are tables only.
fn unexpected(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    const TABLES: [&str; 3] = ["accounts", "leads", "dossier"];
    let name = |number: &str| format!("data/03_exhibits/{number}.svg");
    let of_evidence = facts.exhibits().filter(|placed| TABLES.contains(&placed.kind));
    let of_evidence: Vec<String> = of_evidence.map(|placed| name(&placed.number)).collect();
    // Of the report's own exhibits the list of leads alone has a figure.
    let own = super::own_exhibits::OWN_TABLES.map(|place| super::own_exhibits::name(facts, place));
    let own = own.into_iter().map(|name| name.replace(".csv", ".svg"));
    let found = of_evidence.into_iter().chain(own).filter(|name| contents.has(name));
    found.map(|name| Fault::new(&name, "is a figure of an exhibit that has none")).collect()
}

fn table(contents: &Contents, name: &str, report: &str) -> Vec<Fault> {
    let Some(text) = contents.text_within(name, super::tables::TABLE) else {
        return vec![Fault::new(name, "is not UTF-8 text, or is too large")];
    };
    let mut rows = 0;
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        match row {
            Err(error) => return vec![Fault::new(name, format!("is not a table: {error}"))],
            Ok(row) => {
                rows += 1;
                let is_formula = |cell: &str| {
                    cell.starts_with(['=', '@', '\t', '\r'])
                        || (cell.starts_with(['+', '-']) && cell.parse::<f64>().is_err())
                };
                if row.iter().any(is_formula) {
                    return vec![Fault::new(name, format!("row {rows} has a formula for a spreadsheet"))];
                }
            }
        }
    }
    let number = name.rsplit('/').next().and_then(|leaf| leaf.strip_suffix(".csv")).unwrap_or_default();
    if report.contains(number) {
        Vec::new()
    } else {
        vec![Fault::new(name, "is named nowhere in the report")]
    }
}
