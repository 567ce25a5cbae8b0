//! Cells from values and back.

use crate::cache::Cell;

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A position or a count, all of which are far below 2⁶³.
pub(super) fn integer(value: impl TryInto<i64>) -> Cell {
    value.try_into().map_or(Cell::Null, Cell::Integer)
}

pub(super) fn real(value: Option<f64>) -> Cell {
    value.map_or(Cell::Null, Cell::Real)
}

pub(super) fn row_ids(rows: &[u32]) -> Cell {
    let rows: Vec<String> = rows.iter().map(u32::to_string).collect();
    Cell::Text(rows.join(" "))
}

pub(super) fn read_row_ids(row: &[Cell], at: usize) -> Option<Vec<u32>> {
    text(row, at)?.split_whitespace().map(|row| row.parse().ok()).collect()
}

pub(super) fn text(row: &[Cell], at: usize) -> Option<String> {
    match row.get(at)? {
        Cell::Text(text) => Some(text.clone()),
        _ => None,
    }
}

pub(super) fn number(row: &[Cell], at: usize) -> Option<f64> {
    match row.get(at)? {
        Cell::Real(value) => Some(*value),
        _ => None,
    }
}

pub(super) fn whole<T: TryFrom<i64>>(row: &[Cell], at: usize) -> Option<T> {
    match row.get(at)? {
        Cell::Integer(value) => T::try_from(*value).ok(),
        _ => None,
    }
}
