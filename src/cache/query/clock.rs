//! Hours of the week in a zone, for many moments at once.

use crate::model::{Micros, TimeSpan, Zone};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Hours of all zones begin on quarters of an hour nowadays.
const QUARTER: i64 = HOUR / 4;
/// Quarters of a table at most: almost two years.
const MOST_QUARTERS: i64 = 1 << 16;
/// Days of a table at most; a longer span (a broken clock in the log) is answered moment by moment.
const LONGEST: i64 = 100_000;

/// A zone with its offset from UTC at hand for each day of a span.
pub(super) struct Clock<'a> {
    zone: &'a Zone,
    first_day: i64,
    /// Offset in microseconds of each UTC day that has one offset, `None` for a day on which it
    /// changes. A change and its opposite within one day would be missed; no zone has that.
    days: Vec<Option<i64>>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(zone: &'a Zone, span: Option<TimeSpan>) -> Self {
        let Some(span) = span else { return Self { zone, first_day: 0, days: Vec::new() } };
        let (first_day, last_day) = (span.start.div_euclid(DAY), (span.end - 1).div_euclid(DAY));
        if last_day - first_day >= LONGEST {
            return Self { zone, first_day: 0, days: Vec::new() };
        }
        let at = |day: i64| i64::from(zone.offset_seconds(day.saturating_mul(DAY))) * 1_000_000;
        let mut start = at(first_day);
        let days = (first_day..=last_day)
            .map(|day| {
                let end = at(day + 1);
                let whole = (start == end).then_some(start);
                start = end;
                whole
            })
            .collect();
        Self { zone, first_day, days }
    }

    /// 0 is Monday 00:00 to 01:00, 167 Sunday 23:00 to 24:00.
    pub(super) fn hour_of_week(&self, t: Micros) -> usize {
        // 1970 began on a Thursday.
        (t.saturating_add(self.offset(t)).div_euclid(HOUR) + 3 * 24).rem_euclid(168) as usize
    }

    /// Microseconds to add to UTC.
    fn offset(&self, t: Micros) -> i64 {
        let day = t.div_euclid(DAY) - self.first_day;
        let known = usize::try_from(day).ok().and_then(|day| self.days.get(day).copied().flatten());
        known.unwrap_or_else(|| i64::from(self.zone.offset_seconds(t)) * 1_000_000)
    }

    /// The span in quarters of an hour, each within one hour of the week; `None` where the span
    /// is too long for a table, or an hour of the zone begins elsewhere (local mean times).
    pub(super) fn quarters(&self, span: TimeSpan) -> Option<Quarters> {
        let (first, last) = (span.start.div_euclid(QUARTER), span.end.div_euclid(QUARTER));
        if last - first >= MOST_QUARTERS {
            return None;
        }
        let hour_of = |quarter: i64| {
            let start = quarter.saturating_mul(QUARTER);
            let (begins, ends) = (self.offset(start), self.offset(start.saturating_add(QUARTER - 1)));
            (begins == ends && begins % QUARTER == 0).then(|| self.hour_of_week(start) as u8)
        };
        let start = first.saturating_mul(QUARTER);
        Some(Quarters { start, hour_of: (first..=last).map(hour_of).collect::<Option<_>>()? })
    }
}

/// Quarters of an hour of a span, for counting many moments without a calendar.
pub(super) struct Quarters {
    start: Micros,
    hour_of: Vec<u8>,
}

impl Quarters {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.hour_of.len()
    }

    /// The quarter of a moment of the span.
    pub(super) fn of(&self, t: Micros) -> usize {
        // A division by a constant is a multiplication and a shift.
        (t.wrapping_sub(self.start) as u64 / QUARTER as u64) as usize
    }

    /// Counts by quarter as counts by hour of the week.
    pub(super) fn by_hour_of_week(&self, counts: &[u64]) -> Vec<u64> {
        let mut hours = vec![0; 168];
        for (&hour, count) in self.hour_of.iter().zip(counts) {
            hours[usize::from(hour)] += count;
        }
        hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// jiff's own calendar.
    fn naive(zone: &str, t: Micros) -> usize {
        let zoned = jiff::Timestamp::from_microsecond(t).unwrap().in_tz(zone).unwrap();
        zoned.weekday().to_monday_zero_offset() as usize * 24 + zoned.hour() as usize
    }

    #[test]
    fn hours_agree_with_the_calendar_through_summer_time() {
        let start = 1_767_225_600_000_000; // 2026-01-01
        let span = TimeSpan { start, end: start + 366 * DAY };
        for name in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"] {
            let zone = Zone::named(name).unwrap();
            let (clock, none) = (Clock::new(&zone, Some(span)), Clock::new(&zone, None));
            let quarters = clock.quarters(span).unwrap();
            for step in 0..366 * 24 * 4 {
                let t = start + step * (HOUR / 4) + 1;
                assert_eq!(clock.hour_of_week(t), naive(name, t), "{name} {t}");
                assert_eq!(none.hour_of_week(t), clock.hour_of_week(t));
                assert_eq!(usize::from(quarters.hour_of[quarters.of(t)]), naive(name, t), "{name} {t}");
            }
        }
    }

    #[test]
    fn moments_beyond_the_calendar_are_no_panic() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let span = TimeSpan { start: i64::MIN, end: i64::MAX };
        let clock = Clock::new(&zone, Some(span));
        assert!(clock.hour_of_week(i64::MIN) < 168 && clock.hour_of_week(i64::MAX) < 168);
        assert!(clock.quarters(span).is_none(), "too long a span for a table");
    }

    #[test]
    fn local_mean_time_has_no_quarters() {
        // Monrovia kept 44 minutes 30 seconds behind Greenwich until 1972.
        let zone = Zone::named("Africa/Monrovia").unwrap();
        let start = 365 * DAY;
        let clock = Clock::new(&zone, Some(TimeSpan { start, end: start + DAY }));
        assert!(clock.quarters(TimeSpan { start, end: start + DAY }).is_none());
    }
}
