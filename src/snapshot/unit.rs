//! Units of numbers, the order of day and month, and the decimal mark.

use serde::{Deserialize, Serialize};

/// Unit of a source's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl Unit {
    /// The name in TOML and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
        }
    }

    /// A moment in this unit as microseconds, rounded down; `None` where it does not fit.
    pub(super) fn to_micros(self, value: i64) -> Option<i64> {
        match self {
            Self::S => value.checked_mul(1_000_000),
            Self::Ms => value.checked_mul(1_000),
            Self::Us => Some(value),
            Self::Ns => Some(value.div_euclid(1_000)),
        }
    }

    /// As [`to_micros`](Self::to_micros), for a moment with a fraction, rounded to the nearest microsecond.
    pub(super) fn float_to_micros(self, value: f64) -> Option<i64> {
        let micros = self.to_millis(value) * 1e3;
        (micros.is_finite() && micros.abs() < 9e18).then(|| micros.round() as i64)
    }

    /// Duration in this unit as milliseconds.
    pub(super) fn to_millis(self, value: f64) -> f64 {
        match self {
            Self::S => value * 1e3,
            Self::Ms => value,
            Self::Us => value / 1e3,
            Self::Ns => value / 1e6,
        }
    }
}

/// Order of day and month in text times such as `4/22/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    /// Month before day, as in the United States.
    Mdy,
    /// Day before month.
    Dmy,
}

impl DayOrder {
    /// The name in TOML and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mdy => "mdy",
            Self::Dmy => "dmy",
        }
    }
}
/// Mark before the fraction of a number written as text; the other one groups its digits by thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecimalMark {
    /// `1,234.5`
    #[serde(rename = ".")]
    Point,
    /// `1.234,5`
    #[serde(rename = ",")]
    Comma,
}

impl DecimalMark {
    /// The mark itself, as in TOML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => ".",
            Self::Comma => ",",
        }
    }
}
