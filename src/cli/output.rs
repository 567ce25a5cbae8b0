//! Results on stdout: aligned tables for people, CSV and JSON for programs.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clap::ValueEnum;

use crate::files;
use crate::model::{format_count, visible_id};

/// Format of a table of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned columns, hostile characters made visible.
    Table,
    /// Comma-separated values (RFC 4180), text verbatim.
    Csv,
    /// A JSON array of objects.
    Json,
}

/// A table of results; a cell is a JSON value so that numbers stay numbers.
pub(super) struct Table {
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// Writes a table to stdout.
pub(super) fn print(table: &Table, format: Format) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    write(table, format, &mut out)?;
    Ok(out.flush()?)
}

/// Writes a table to a file, whole or not at all.
pub(super) fn save(table: &Table, format: Format, path: &Path) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    write(table, format, &mut bytes)?;
    write_file(path, &bytes)
}

fn write(table: &Table, format: Format, mut out: impl io::Write) -> anyhow::Result<()> {
    match format {
        Format::Table => out.write_all(aligned(table).as_bytes())?,
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(&mut out);
            writer.write_record(&table.columns)?;
            for row in &table.rows {
                writer.write_record(row.iter().map(plain))?;
            }
            writer.flush()?;
        }
        Format::Json => {
            let object = |row: &Vec<serde_json::Value>| {
                let named = table.columns.iter().map(|&name| name.to_owned()).zip(row.iter().cloned());
                serde_json::Value::Object(named.collect())
            };
            let rows: Vec<_> = table.rows.iter().map(object).collect();
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Writes one JSON value to stdout, indented.
pub(super) fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    Ok(writeln!(out)?)
}

/// Writes lines to stdout.
pub(super) fn print_text(text: &str) -> anyhow::Result<()> {
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

/// Writes a file whole or not at all: beside it, synced, renamed. A device such as `/dev/stdout`
/// is written to as it stands.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let is_device = std::fs::metadata(path).is_ok_and(|about| !about.is_file());
    let written = if is_device {
        std::fs::write(path, bytes)
    } else {
        files::write(path, bytes, files::Readers::Usual)
    };
    written.with_context(|| path.display().to_string())
}

/// True if the reader of stdout, such as `head`, has closed the pipe, which is no failure.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        let csv = cause.downcast_ref::<csv::Error>().and_then(|error| match error.kind() {
            csv::ErrorKind::Io(error) => Some(error.kind()),
            _ => None,
        });
        [io, json, csv].contains(&Some(io::ErrorKind::BrokenPipe))
    })
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Value for people: counts with thousands separators; fractions with three decimals, or with two digits below
/// 0.001.
pub(super) fn short(value: &serde_json::Value) -> String {
    match value.as_f64().filter(|number| value.is_f64() && number.fract() != 0.0) {
        Some(number) if number.abs() < 0.001 => format!("{number:.1e}"),
        Some(number) => format!("{number:.3}"),
        None => value.as_u64().map_or_else(|| plain(value), format_count),
    }
}

fn aligned(table: &Table) -> String {
    let header = table.columns.iter().map(|&name| name.to_owned()).collect();
    let cells_of = |row: &Vec<serde_json::Value>| {
        let cell = |value| visible_id(&short(value)).replace(['\n', '\t'], " ");
        row.iter().map(cell).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(table.rows.iter().map(cells_of)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_for_people_is_aligned_and_shows_what_hides() {
        let table = Table {
            columns: vec!["a", "n"],
            rows: vec![
                vec!["x\u{202e}y".into(), 1.into()],
                vec!["z".into(), serde_json::Value::Null],
                vec!["p".into(), 0.000_123_4.into()],
                vec!["bits".into(), 35.130_096.into()],
                vec!["rows".into(), 27_984.into()],
            ],
        };
        assert_eq!(
            aligned(&table),
            "a           n\nx⟨U+202E⟩y  1\nz\np           1.2e-4\nbits        35.130\nrows        27,984\n"
        );
    }
}
