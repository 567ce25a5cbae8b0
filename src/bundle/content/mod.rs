//! Content of a bundle, compared with itself: what one file says against what the others say.
//!
//! These checks run on bundles whose bytes are as their manifests and signatures have them. They find what
//! somebody has changed who could sign the bundle again.

mod custody;
mod evidence;
mod figures;
mod journal;
mod markup;
mod places;
mod records;
mod redactions;
mod summaries;

use super::contents::Contents;
use super::{Audience, BundleError, Fault};
use crate::model::Watcher;

/// Faults of all checks of the content.
///
/// # Errors
/// Cancelled.
pub(super) fn check(
    contents: &Contents,
    audience: Audience,
    signer: &str,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let mut faults = places::check(contents, audience, signer);
    faults.extend(markup::check(contents, watcher)?);
    if !audience.has_records() {
        return Ok(faults);
    }
    let (facts, of_journal) = journal::read(contents, audience, watcher)?;
    faults.extend(of_journal);
    watcher.check()?;
    faults.extend(custody::check(contents, &facts));
    let (records, of_records) = records::read(contents, audience, watcher)?;
    faults.extend(of_records);
    faults.extend(evidence::check(contents, &facts, &records));
    faults.extend(redactions::check(contents, &records, audience));
    faults.extend(summaries::check(contents, &records));
    watcher.check()?;
    faults.extend(figures::check(contents, watcher)?);
    Ok(faults)
}

/// Rows of a CSV file of a bundle by column name; a fault where it is no table with these columns.
pub(super) fn table(contents: &Contents, name: &str, columns: &[&str]) -> Result<Vec<Vec<String>>, Fault> {
    let fault = |what: String| Fault::new(name, what);
    let text = contents
        .text_within(name, TABLE)
        .ok_or_else(|| fault(format!("is missing, is no UTF-8, or has more than {} MiB", TABLE >> 20)))?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| fault(format!("is no table: {error}")))?.clone();
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
            let row = row.map_err(|error| fault(format!("is no table: {error}")))?;
            Ok(places.iter().map(|&at| row.get(at).unwrap_or("").to_owned()).collect())
        })
        .collect()
}

/// Most bytes of a table that is compared.
pub(super) const TABLE: u64 = 32 << 20;
