//! Continuation rows: one long exchange in several rows, joined in the order of a number.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::convert::as_text;
use super::file::{File, guarded};
use super::mapping::Join;
use super::raw::{Raw, Wanted};
use super::source::{Found, Place, locate};
use super::{SnapshotError, extract};

/// Number of rows decoded at a time.
const BATCH_ROWS: usize = 1_024;

/// Joined rows of a file.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// First row of an exchange in several rows, with its continuation rows in order.
    others: BTreeMap<u64, Vec<u64>>,
    /// Continuation row, with the first row of its exchange.
    first: BTreeMap<u64, u64>,
}

impl Joined {
    /// Joined rows of a file, computed once and kept with it. `None` if the file lacks a column of the
    /// join.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(file: &File, join: &Join) -> Result<Option<Arc<Self>>, SnapshotError> {
        let (Some(by), Some(order)) = (locate(file, &join.by)?, locate(file, &join.order)?) else {
            return Ok(None);
        };
        let key = format!("join {} {}", join.by, join.order);
        file.keep(key, || Self::read(file, &by, &order)).map(Some)
    }

    fn read(file: &File, by: &Found, order: &Found) -> Result<Self, SnapshotError> {
        let mut rows: BTreeMap<String, Vec<(f64, u64)>> = BTreeMap::new();
        each_batch(file, &[by, order], |first_row, batch| {
            let (keys, orders) = (texts(batch, by)?, texts(batch, order)?);
            for (i, (key, order)) in keys.iter().zip(&orders).enumerate() {
                let number = order.and_then(|order| order.trim().parse().ok());
                if let (Some(key), Some(number)) = (key.filter(|key| !key.is_empty()), number) {
                    rows.entry(key.to_owned()).or_default().push((number, first_row + i as u64));
                }
            }
            Ok(())
        })?;
        let mut joined = Self::default();
        for mut rows in rows.into_values().filter(|rows| rows.len() > 1) {
            rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let first = rows[0].1;
            let others: Vec<u64> = rows[1..].iter().map(|(_, row)| *row).collect();
            joined.first.extend(others.iter().map(|&row| (row, first)));
            joined.others.insert(first, others);
        }
        Ok(joined)
    }

    /// True for a continuation row.
    pub fn goes_on(&self, row: u64) -> bool {
        self.first.contains_key(&row)
    }

    /// Texts of a column, each with the texts of its continuation rows appended. `row` maps an index of
    /// the array to the row in the file.
    ///
    /// # Errors
    /// Arrow cannot read the column as text.
    pub fn texts(
        &self,
        file: &File,
        found: &Found,
        array: &ArrayRef,
        row: impl Fn(usize) -> u64,
    ) -> Result<ArrayRef, String> {
        if self.others.is_empty() {
            return Ok(Arc::clone(array));
        }
        let key = format!("text {}", found.name);
        let more = file.keep(key, || self.continuations(file, found)).map_err(|e| e.to_string())?;
        let own = as_text(array)?;
        let whole = own.iter().enumerate().map(|(i, text)| {
            let others = self.others.get(&row(i)).into_iter().flatten();
            let others: Vec<&str> = others.filter_map(|row| more.get(row).map(String::as_str)).collect();
            match (text, others.is_empty()) {
                (None, true) => None,
                (text, _) => Some(format!("{}{}", text.unwrap_or_default(), others.concat())),
            }
        });
        Ok(Arc::new(whole.collect::<StringArray>()))
    }

    /// Texts of the continuation rows.
    fn continuations(&self, file: &File, found: &Found) -> Result<BTreeMap<u64, String>, SnapshotError> {
        let mut more = BTreeMap::new();
        each_batch(file, &[found], |first_row, batch| {
            let texts = texts(batch, found)?;
            for (i, text) in texts.iter().enumerate().filter(|(i, _)| self.goes_on(first_row + *i as u64)) {
                more.extend(text.map(|text| (first_row + i as u64, text.to_owned())));
            }
            Ok(())
        })?;
        Ok(more)
    }
}

fn texts(batch: &RecordBatch, found: &Found) -> Result<StringArray, String> {
    let Place::Rows(path) = &found.place else { return Ok(StringArray::new_null(batch.num_rows())) };
    as_text(&extract::array(batch, path, false).ok_or("a column is not where the footer says")?)
}

/// Calls `visit` with each batch of some columns and the row in the file of its first row. Text is
/// read as bytes.
fn each_batch(
    file: &File,
    found: &[&Found],
    mut visit: impl FnMut(u64, &RecordBatch) -> Result<(), String>,
) -> Result<(), SnapshotError> {
    let raw = Raw::of(file, found.iter().copied(), Clone::clone);
    let groups = (0..file.row_groups().len()).collect();
    let reader =
        raw.open(file, Wanted { groups, selection: None, batch_rows: BATCH_ROWS, as_bytes: true })?;
    guarded(file.name(), None, || {
        let mut row = 0;
        for batch in reader {
            let batch = batch?;
            visit(row, &batch)?;
            row += batch.num_rows() as u64;
        }
        Ok(())
    })
}
