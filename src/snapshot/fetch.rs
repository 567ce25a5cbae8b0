//! Whole records by row.

/// Fetches records.
pub fn fetch() {}
