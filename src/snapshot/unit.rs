//! Units of numbers, the order of day and month, the choice in a repeated hour, and the decimal mark.

use serde::{Deserialize, Serialize};

use crate::model::Micros;

/// Plausible times of a log of model calls: 2015 to 2049, as microseconds since 1970.
const SPAN: std::ops::Range<Micros> = 1_420_070_400_000_000..2_524_608_000_000_000;

/// Serial date of 1 January 1970 in a spreadsheet that counts from 1900.
const EXCEL_1970: f64 = 25_569.0;
/// 1 January 1970 as a tick of .NET and as a file time of Windows.
const TICKS_1970: i64 = 621_355_968_000_000_000;
const FILETIME_1970: i64 = 116_444_736_000_000_000;

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
    /// Ticks of .NET: tenths of a microsecond since the year 1.
    Ticks,
    /// File times of Windows: tenths of a microsecond since 1601.
    Filetime,
    /// Days as a spreadsheet counts them: 1 is 1 January 1900, in local time. Of a length, days.
    Excel,
    /// Seconds to nanoseconds since 1970, ticks and file times, each number in the unit in which it is a time from 2015
    /// to 2049. For columns with several of them.
    Epoch,
}

impl Unit {
    /// The name in TOML and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
            Self::Ticks => "ticks",
            Self::Filetime => "filetime",
            Self::Excel => "excel",
            Self::Epoch => "epoch",
        }
    }

    /// Unit in which a number is a plausible time, with that time.
    pub(super) fn plausible(value: f64) -> Option<(Self, Micros)> {
        let in_unit =
            |unit: Self| Some((unit, unit.float_to_micros(value).filter(|moment| SPAN.contains(moment))?));
        [Self::S, Self::Ms, Self::Us, Self::Ns, Self::Ticks, Self::Filetime].into_iter().find_map(in_unit)
    }

    /// Time of a number that is plausible as a serial date of a spreadsheet, with a time of day.
    pub(super) fn serial(value: f64) -> Option<Micros> {
        Self::Excel.float_to_micros(value).filter(|moment| SPAN.contains(moment) && value.fract() != 0.0)
    }

    /// True for a number that is a plausible time in this unit.
    pub(super) fn is_plausible(self, value: f64) -> bool {
        self.float_to_micros(value).is_some_and(|moment| SPAN.contains(&moment))
    }

    /// Unit in which a number is a plausible time, if it is none in this unit: rows of two clocks stand in
    /// one column.
    pub(super) fn other_than(self, value: f64) -> Option<Self> {
        let other = || {
            Self::plausible(value).map(|(unit, _)| unit).or_else(|| Self::serial(value).map(|_| Self::Excel))
        };
        if self.is_plausible(value) { None } else { other() }
    }

    /// A moment in this unit as microseconds, rounded down; `None` where it does not fit.
    pub(super) fn to_micros(self, value: i64) -> Option<i64> {
        match self {
            Self::S => value.checked_mul(1_000_000),
            Self::Ms => value.checked_mul(1_000),
            Self::Us => Some(value),
            Self::Ns => Some(value.div_euclid(1_000)),
            Self::Ticks => Some(value.checked_sub(TICKS_1970)?.div_euclid(10)),
            Self::Filetime => Some(value.checked_sub(FILETIME_1970)?.div_euclid(10)),
            Self::Excel => self.float_to_micros(value as f64),
            Self::Epoch => Self::plausible(value as f64)?.0.to_micros(value),
        }
    }

    /// As [`to_micros`](Self::to_micros), for a moment with a fraction, rounded to the nearest microsecond.
    pub(super) fn float_to_micros(self, value: f64) -> Option<i64> {
        let micros = match self {
            // Serial dates have some ten microseconds of noise.
            Self::Excel => self.to_millis(value - EXCEL_1970).round() * 1e3,
            Self::Epoch => Self::plausible(value)?.1 as f64,
            Self::Ticks => (value - TICKS_1970 as f64) / 10.0,
            Self::Filetime => (value - FILETIME_1970 as f64) / 10.0,
            _ => self.to_millis(value) * 1e3,
        };
        (micros.is_finite() && micros.abs() < 9e18).then(|| micros.round() as i64)
    }

    /// Duration in this unit as milliseconds.
    pub(super) fn to_millis(self, value: f64) -> f64 {
        match self {
            Self::S => value * 1e3,
            Self::Ms => value,
            Self::Us => value / 1e3,
            Self::Ns => value / 1e6,
            Self::Ticks | Self::Filetime => value / 1e4,
            Self::Excel => value * 86_400_000.0,
            Self::Epoch => Self::plausible(value).map_or(f64::NAN, |(_, moment)| moment as f64 / 1e3),
        }
    }
}

/// Order of day, month and year in text times such as `4/22/2026` and `22.04.26`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    /// Month before day, as in the United States.
    Mdy,
    /// Day before month.
    Dmy,
    /// Year of two digits before month and day.
    Ymd,
}

impl DayOrder {
    /// The name in TOML and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mdy => "mdy",
            Self::Dmy => "dmy",
            Self::Ymd => "ymd",
        }
    }
}

/// Moment that is meant by a local time which a zone has twice, when its clocks are set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// The one before the clocks are set back.
    Earlier,
    /// The one after that.
    Later,
}

impl Repeated {
    /// The name in TOML and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Earlier => "earlier",
            Self::Later => "later",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_plausible_time_in_one_unit_at_most() {
        let moment = 1_776_863_109_123_456;
        for (value, unit) in [
            (1_776_863_109, Unit::S),
            (1_776_863_109_123, Unit::Ms),
            (moment, Unit::Us),
            (moment * 1_000, Unit::Ns),
            (639_124_599_091_234_560, Unit::Ticks),
            (134_213_367_091_234_560, Unit::Filetime),
        ] {
            assert_eq!(Unit::plausible(value as f64).unwrap().0, unit, "{value}");
            assert_eq!(unit.to_micros(value).unwrap() / 1_000_000, 1_776_863_109, "{value}");
            assert_eq!(Unit::Epoch.to_micros(value), unit.to_micros(value));
        }
        assert_eq!(Unit::Ticks.to_micros(639_124_599_091_234_560), Some(moment));
        assert_eq!(Unit::plausible(776_863_109_123.0), None);
    }
}
