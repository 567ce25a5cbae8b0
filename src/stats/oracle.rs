//! Figures that independent programs computed, for tests: `tests/oracles/figures.json`, made by the
//! script beside it.

use serde_json::Value;

/// The cases of one section; there is at least one.
pub(crate) fn cases(section: &str) -> Vec<Value> {
    let figures: Value = serde_json::from_str(include_str!("../../tests/oracles/figures.json")).unwrap();
    let cases = figures[section].as_array().unwrap().clone();
    assert!(!cases.is_empty(), "{section}");
    cases
}

/// A number.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// A list of numbers.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}
