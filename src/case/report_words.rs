//! The import report as text, for the terminal and the window.

use super::report::{CaseReport, LostSignal};
use crate::model::{Micros, Zone, counted, format_count as count, visible};
use crate::snapshot::{CONTINUES, ColumnReport, Counted};

/// Source columns without a canonical column that are named.
const NAMED: usize = 10;

/// The report in lines: files, rows, columns, times, and lost signals. A line that ends with a colon
/// heads the lines behind it that begin with two spaces. Of a long list `most` items are written.
pub fn report_in_words(report: &CaseReport, most: usize) -> Vec<String> {
    let mut lines = Lines { lines: Vec::new(), most };
    files(report, &mut lines);
    rows(report, &mut lines);
    columns(report, &mut lines);
    times(report, &mut lines);
    lost(report, &mut lines);
    lines.lines
}

/// Lines of a report.
struct Lines {
    lines: Vec<String>,
    most: usize,
}

impl Lines {
    fn push(&mut self, line: String) {
        self.lines.push(line);
    }

    fn list<T>(&mut self, items: &[T], line: impl Fn(&T) -> String) {
        self.lines.extend(items.iter().take(self.most).map(|item| format!("  {}", line(item))));
        if items.len() > self.most {
            self.lines
                .push(format!("  and {} more (--json lists all)", count((items.len() - self.most) as u64)));
        }
    }
}

fn files(report: &CaseReport, lines: &mut Lines) {
    let left_out = &report.import.left_out;
    if !left_out.is_empty() {
        lines.push(format!("{} files or folders left out:", count(left_out.len() as u64)));
        lines.list(left_out, |left| format!("{}: {}", visible(&left.name), left.reason));
    }
}

fn rows(report: &CaseReport, lines: &mut Lines) {
    let import = &report.import;
    for (rule, rows) in &import.filtered {
        let done = if rule == CONTINUES { "joined to another" } else { "left out" };
        lines.push(format!("{} of {} rows {done}: {}", count(*rows), count(import.rows), visible(rule)));
    }
    for (reason, counted) in &import.set_aside {
        lines.push(format!(
            "{} of {} rows set aside: {reason} ({})",
            count(counted.rows),
            count(import.rows),
            first(counted)
        ));
    }
    if report.merged > 0 {
        lines.push(format!("{} rows are one exchange with another row of the case", count(report.merged)));
    }
    if let Some(prompts) = report.prompts_not_utf8.filter(|&prompts| prompts > 0) {
        lines.push(format!("{} prompts have bytes that are not UTF-8, read as �", count(prompts)));
    }
    if let Some(unit) = &import.unit {
        lines.push(format!("the account is {}", visible(unit)));
    }
}

fn first(counted: &Counted) -> String {
    let first: Vec<String> = counted.first.iter().map(ToString::to_string).collect();
    format!("first: {}", first.join("; "))
}

fn columns(report: &CaseReport, lines: &mut Lines) {
    lines.push("columns read:".to_owned());
    lines.lines.extend(report.import.columns.iter().map(|column| format!("  {}", column_in_words(column))));
    for column in &report.import.columns {
        for (kind, counted) in &column.tally.unread {
            let name = column.column.name();
            lines.push(format!("{name}: {} values are {kind} ({})", count(counted.rows), first(counted)));
        }
    }
    let (near, others): (Vec<_>, Vec<_>) =
        report.import.not_taken.iter().partition(|column| column.reason != "no canonical column for it");
    if !near.is_empty() {
        lines.push("columns found but not read:".to_owned());
        lines.list(&near, |column| format!("{} ({}): {}", visible(&column.name), column.kind, column.reason));
    }
    if !others.is_empty() {
        let named = others.iter().take(NAMED).map(|column| visible(&column.name));
        let named = named.collect::<Vec<_>>().join(", ");
        let more = if others.len() > NAMED { ", …" } else { "" };
        lines.push(format!(
            "{} of the files not read: {named}{more}",
            counted(others.len() as u64, "column", "columns")
        ));
    }
    let missing: Vec<&str> = report.import.missing_columns.iter().map(|column| column.name()).collect();
    if !missing.is_empty() {
        lines.push(format!("fields without a column in the files: {}", missing.join(", ")));
    }
    lines.lines.extend(report.import.remarks.iter().map(|remark| visible(remark).into_owned()));
}

fn column_in_words(column: &ColumnReport) -> String {
    let sources: Vec<String> = column.sources.iter().map(|source| visible(source).into_owned()).collect();
    let mut line = format!("{} from {} ({})", column.column.name(), sources.join(", else "), column.types);
    if let Some(unit) = column.unit {
        line += &format!(", read in {}", unit.name());
    }
    if let Some(share) = column.missing_share.filter(|&share| share > 0.0) {
        line += &format!(", missing in {} %", percent(share));
    }
    for (source, rows) in &column.tally.fallback {
        line += &format!(", {} from {}", count(*rows), visible(source));
    }
    if column.verbatim {
        line += ", words such as None and null count as values";
    }
    if column.tally.placeholders > 0 {
        let words: Vec<String> =
            column.tally.words.iter().map(|word| format!("“{}”", visible(word))).collect();
        let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
        line += &format!(
            ", {} values are placeholders and count as missing{words}",
            count(column.tally.placeholders)
        );
    }
    if column.tally.replaced > 0 {
        line += &format!(", {} values are not UTF-8", count(column.tally.replaced));
    }
    line
}

/// A share in percent, with a decimal where it is small.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 10.0 { format!("{percent:.1}") } else { format!("{percent:.0}") }
}

fn times(report: &CaseReport, lines: &mut Lines) {
    let zone = Zone::utc();
    let day = |time: Micros| zone.format_exact(time);
    if let Some((first, last)) = report.span {
        lines.push(format!("exchanges from {} to {} (UTC)", day(first), day(last)));
    }
    let outliers = &report.outliers;
    if let (Some((first, last)), true) = (outliers.rest, outliers.before + outliers.after > 0) {
        lines.push(format!(
            "{} exchanges are far from the rest in time: {} before {} and {} after {}; the clock may not have been set",
            count(outliers.before + outliers.after),
            count(outliers.before),
            day(first),
            count(outliers.after),
            day(last)
        ));
    }
    if outliers.rest.is_none() && outliers.before + outliers.after > 0 {
        lines.push(format!(
            "{} exchanges have the time of an unset clock, and {} one after the import; check unit, calendar and column of ts",
            count(outliers.before),
            count(outliers.after)
        ));
    }
    let import = &report.import;
    if import.files_without_zone > 0 {
        lines.push(format!(
            "{} of {} files have times without a zone, taken as {}: state another with zone = \"…\" for ts in the mapping",
            count(import.files_without_zone),
            count(import.files.len() as u64),
            import.assumed_zone
        ));
    }
}

fn lost(report: &CaseReport, lines: &mut Lines) {
    let (later, lost): (Vec<_>, Vec<_>) =
        report.lost_signals.iter().partition(|lost| lost.reason == LostSignal::AFTER_TEXT_PASS);
    if !lost.is_empty() {
        lines.push(format!("{} signals cannot be measured:", lost.len()));
        let own = lost.iter().map(|lost| format!("  {} {}: {}", lost.id, lost.title, lost.reason));
        lines.lines.extend(own);
    }
    if !later.is_empty() {
        let ids: Vec<&str> = later.iter().map(|later| later.id.as_str()).collect();
        lines.push(format!("{} signals are measured after the text pass: {}", later.len(), ids.join(", ")));
    }
}
