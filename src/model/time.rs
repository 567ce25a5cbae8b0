//! Time: microseconds since 1970 in UTC, displayed in a named zone.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00 UTC.
pub type Micros = i64;

/// The first moment an exchange may have, 0001-01-01T00:00:00 UTC: the value that some programs write for
/// “never”. Snapshots with times outside [`EARLIEST`] to [`LATEST`] are refused, so that the
/// difference of two times always fits.
pub const EARLIEST: Micros = -62_135_596_800_000_000;

/// The last, 9999-12-31T23:59:59.999999 UTC.
pub const LATEST: Micros = 253_402_300_799_999_999;

/// A half-open span of time, `start ≤ t < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeSpan {
    /// First moment inside, in microseconds UTC.
    pub start: Micros,
    /// First moment after, in microseconds UTC.
    pub end: Micros,
}

impl TimeSpan {
    /// The span between two moments in either order.
    pub fn between(a: Micros, b: Micros) -> Self {
        Self { start: a.min(b), end: a.max(b) }
    }

    /// True if `t` is inside.
    pub fn contains(&self, t: Micros) -> bool {
        self.start <= t && t < self.end
    }

    /// Length in microseconds; 0 for an empty or inverted span.
    pub fn length(&self) -> i64 {
        self.end.saturating_sub(self.start).max(0)
    }

    /// Intersection of both spans; `None` where they do not meet.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start < both.end).then_some(both)
    }
}

/// Error of a name that is no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called “{0}”; use an IANA name such as UTC or Europe/Berlin")]
pub struct UnknownZone(String);

/// The zone times are shown in, by IANA name. UTC unless the investigator picks another.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { name: "UTC".into(), zone: TimeZone::UTC }
    }

    /// A zone by its IANA name, from the database bundled with the program.
    ///
    /// # Errors
    /// [`UnknownZone`] where the database has no such name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        if name == "UTC" {
            return Ok(Self::utc());
        }
        TimeZone::get(name)
            .map(|zone| Self { name: name.to_owned(), zone })
            .map_err(|_| UnknownZone(name.to_owned()))
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seconds east of UTC at a moment; 0 for a moment outside jiff's years −9999 to 9999.
    pub fn offset_seconds(&self, t: Micros) -> i32 {
        jiff::Timestamp::from_microsecond(t).map_or(0, |t| self.zone.to_offset(t).seconds())
    }

    /// `2026-04-22 13:05:09`, without the zone, which stands beside or above.
    pub fn format(&self, t: Micros) -> String {
        self.strftime(t, "%Y-%m-%d %H:%M:%S")
    }

    /// `2026-04-22`.
    pub fn format_date(&self, t: Micros) -> String {
        self.strftime(t, "%Y-%m-%d")
    }

    /// `2026-04-22T13:05:09.000123+00:00`: to the microsecond and with its offset, for files.
    pub fn format_exact(&self, t: Micros) -> String {
        self.strftime(t, "%Y-%m-%dT%H:%M:%S%.6f%:z")
    }

    /// Any jiff `strftime` format; the bare number where the moment is no calendar date.
    pub fn strftime(&self, t: Micros, format: &str) -> String {
        jiff::Timestamp::from_microsecond(t).map_or_else(
            |_| format!("{t} µs"),
            |t| t.to_zoned(self.zone.clone()).strftime(format).to_string(),
        )
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A length of time in its largest unit and the next smaller one: `3 d 4 h`, `12 min 5 s`,
/// `480 ms`.
pub fn format_duration(micros: i64) -> String {
    const UNITS: [(i64, &str); 5] =
        [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1_000, "ms")];
    let sign = if micros < 0 { "−" } else { "" };
    let micros = micros.saturating_abs();
    for (i, (size, unit)) in UNITS.into_iter().enumerate() {
        if micros >= size {
            let whole = micros / size;
            let next =
                UNITS.get(i + 1).filter(|_| i < 3).map(|(size, unit)| (micros % UNITS[i].0 / size, unit));
            return match next {
                Some((part, small)) if part > 0 => format!("{sign}{whole} {unit} {part} {small}"),
                _ => format!("{sign}{whole} {unit}"),
            };
        }
    }
    format!("{sign}{micros} µs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_its_summer_time() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let (winter, summer) = (1_767_225_600_000_000, 1_782_864_000_000_000);
        assert_eq!(berlin.offset_seconds(winter), 3600);
        assert_eq!(berlin.offset_seconds(summer), 7200);
        assert_eq!(Zone::utc().format(winter), "2026-01-01 00:00:00");
        assert!(Zone::named("Mars/Olympus").is_err());
    }

    #[test]
    fn durations_are_said_in_two_units() {
        for (micros, said) in [
            (0, "0 µs"),
            (480_000, "480 ms"),
            (725_000_000, "12 min 5 s"),
            (273_600_000_000, "3 d 4 h"),
            (3_600_000_000, "1 h"),
            (-1_000_000, "−1 s"),
        ] {
            assert_eq!(format_duration(micros), said);
        }
    }
}
