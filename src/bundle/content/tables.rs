//! Reading of a bundle's CSV tables within bounds.

use super::super::Fault;
use super::super::contents::Contents;

/// Cells of the named columns of a CSV file, by row; a fault if it is not a table with these columns.
pub(super) fn table(contents: &Contents, name: &str, columns: &[&str]) -> Result<Vec<Vec<String>>, Fault> {
    let fault = |what: String| Fault::new(name, what);
    let text = contents
        .text_within(name, TABLE)
        .ok_or_else(|| fault(format!("is missing, is not UTF-8, or has more than {} MiB", TABLE >> 20)))?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| fault(format!("is not a table: {error}")))?.clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|column| {
            header
                .iter()
                .position(|own| own == *column)
                .ok_or_else(|| fault(format!("has no column {column}")))
        })
        .collect::<Result<_, _>>()?;
    reader
        .records()
        .map(|row| {
            let row = row.map_err(|error| fault(format!("is not a table: {error}")))?;
            Ok(places.iter().map(|&at| row.get(at).unwrap_or("").to_owned()).collect())
        })
        .collect()
}

/// Maximum number of bytes of a table that is compared.
pub(super) const TABLE: u64 = 32 << 20;
