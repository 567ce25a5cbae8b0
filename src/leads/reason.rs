//! A reason in words: what was measured, where it stands among peers, what else could explain it.

use crate::cache::RowId;

/// One reason line.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// `C2`.
    pub signal: String,
    /// `coverage`.
    pub title: String,
    /// The whole sentence: value, unit, percentile among which peers.
    pub sentence: String,
    /// The value; `None` where not testable.
    pub value: Option<f64>,
    /// Percentile among peers, 0 to 100, 100 being the most telling.
    pub percentile: Option<f32>,
    /// p-value among peers.
    pub p: Option<f64>,
    /// Exchanges that show it.
    pub examples: Vec<RowId>,
    /// What innocent behaviour looks the same.
    pub benign: String,
    /// What would tell them apart.
    pub tells_apart: String,
}
