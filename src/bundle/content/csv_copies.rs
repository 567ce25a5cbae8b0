//! CSV beside Parquet: the same rows, made of the Parquet file again and compared.

use std::fs::File;
use std::io::BufReader;

use super::super::contents::Contents;
use super::super::{BundleError, Fault, batch_csv, parquet_check};
use crate::model::Watcher;

/// Faults of every CSV file that has a Parquet file of its name beside it, and of Parquet files without one.
///
/// # Errors
/// Cancelled.
pub(super) fn check(contents: &Contents, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let mut faults = Vec::new();
    for parquet in contents.names().filter(|name| name.ends_with(".parquet")) {
        let Some(stem) = parquet.strip_suffix(".parquet") else { continue };
        let csv = format!("{stem}.csv");
        let Some(file) = contents.open(&csv) else { continue };
        watcher.check()?;
        if let Err(what) = compare(contents, parquet, csv::Reader::from_reader(file), watcher) {
            faults.push(Fault::new(&csv, what));
        }
        watcher.check()?;
    }
    let records = format!("data/02_records/{}", super::super::records::RECORDS);
    if contents.has(&format!("{records}.parquet")) && !contents.has(&format!("{records}.csv")) {
        faults.push(Fault::new(&format!("{records}.csv"), "is missing; its Parquet file is there"));
    }
    Ok(faults)
}

fn compare(
    contents: &Contents,
    parquet: &str,
    mut csv: csv::Reader<BufReader<File>>,
    watcher: &dyn Watcher,
) -> Result<(), String> {
    let header: Vec<String> =
        csv.headers().map_err(|error| format!("is no table: {error}"))?.iter().map(str::to_owned).collect();
    let mut row = csv::StringRecord::new();
    parquet_check::each_batch(&contents.path(parquet), watcher, &mut |batch, first| {
        if first == 0 && batch_csv::header(batch) != header {
            return Err("has other columns than its Parquet file".to_owned());
        }
        for at in 0..batch.num_rows() {
            let more = csv.read_record(&mut row).map_err(|error| format!("is no table: {error}"))?;
            if !more || !batch_csv::cells(batch, at).iter().map(String::as_str).eq(row.iter()) {
                return Err(format!("row {} is not that of its Parquet file", first + at + 1));
            }
        }
        Ok(())
    })?;
    match csv.read_record(&mut row) {
        Ok(false) => Ok(()),
        _ => Err("has more rows than its Parquet file".to_owned()),
    }
}
