//! Hour of the week in a time zone, for many times.

use super::ticks::Ticks;
use crate::model::{Micros, TimeSpan, Zone};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Maximum number of days of the table; for a longer span (a broken clock in the log) each offset is
/// looked up.
const MAX_DAYS: i64 = 100_000;

/// Time zone with a table of its UTC offsets for each day of a span.
pub(super) struct Clock<'a> {
    zone: &'a Zone,
    first_day: i64,
    /// Offset of each UTC day in microseconds; `None` for a day on which it changes. A change and its
    /// reverse within one day would be missed; no zone has one.
    days: Vec<Option<i64>>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(zone: &'a Zone, span: Option<TimeSpan>) -> Self {
        let Some(span) = span else { return Self { zone, first_day: 0, days: Vec::new() } };
        let (first_day, last_day) = (span.start.div_euclid(DAY), (span.end - 1).div_euclid(DAY));
        if last_day - first_day >= MAX_DAYS {
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

    /// Hour of the week: 0 is Monday 00:00 to 01:00, 167 Sunday 23:00 to 24:00.
    pub(super) fn hour_of_week(&self, t: Micros) -> usize {
        // 1970 began on a Thursday.
        (t.saturating_add(self.offset(t)).div_euclid(HOUR) + 3 * 24).rem_euclid(168) as usize
    }

    /// Offset from UTC in microseconds.
    fn offset(&self, t: Micros) -> i64 {
        let day = t.div_euclid(DAY) - self.first_day;
        let known = usize::try_from(day).ok().and_then(|day| self.days.get(day).copied().flatten());
        known.unwrap_or_else(|| i64::from(self.zone.offset_seconds(t)) * 1_000_000)
    }

    /// Hour of the week of each quarter of an hour of the ticks; `None` if hours of the zone begin
    /// within a quarter (local mean times).
    pub(super) fn by_quarter(&self, ticks: &Ticks) -> Option<Vec<u8>> {
        let hour_of = |quarter: usize| {
            let [start, end] = ticks.ends_of_quarter(quarter);
            let (begins, ends) = (self.offset(start), self.offset(end - 1));
            (begins == ends && begins % (end - start) == 0).then(|| self.hour_of_week(start) as u8)
        };
        (0..=ticks.quarter(ticks.last())).map(hour_of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Hot;

    fn ticks(span: TimeSpan) -> Ticks {
        let ts = vec![span.start, span.end - 1];
        Ticks::new(&Hot { offsets: vec![0, 2], ts, ..Hot::default() }).unwrap()
    }

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
            let ticks = ticks(span);
            let by_quarter = clock.by_quarter(&ticks).unwrap();
            for step in 0..366 * 24 * 4 {
                let t = start + step * (HOUR / 4) + 1;
                assert_eq!(clock.hour_of_week(t), naive(name, t), "{name} {t}");
                assert_eq!(none.hour_of_week(t), clock.hour_of_week(t));
                let quarter = ((t - start) / (HOUR / 4)) as usize;
                assert_eq!(usize::from(by_quarter[quarter]), naive(name, t), "{name} {t}");
            }
        }
    }

    #[test]
    fn moments_beyond_the_calendar_are_no_panic() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let span = TimeSpan { start: i64::MIN, end: i64::MAX };
        let clock = Clock::new(&zone, Some(span));
        assert!(clock.hour_of_week(i64::MIN) < 168 && clock.hour_of_week(i64::MAX) < 168);
    }

    #[test]
    fn local_mean_time_has_no_quarters() {
        // Monrovia kept 44 minutes 30 seconds behind Greenwich until 1972.
        let zone = Zone::named("Africa/Monrovia").unwrap();
        let start = 365 * DAY;
        let clock = Clock::new(&zone, Some(TimeSpan { start, end: start + DAY }));
        assert!(clock.by_quarter(&ticks(TimeSpan { start, end: start + DAY })).is_none());
    }
}
