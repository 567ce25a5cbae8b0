//! Times in text, and the time zones of times that carry none.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, AmbiguousTimestamp, Offset, TimeZone};

use super::unit::{DayOrder, Repeated};
use crate::model::{EARLIEST, LATEST, Micros};

/// Zone of times that carry none, and the choice between the two moments of a local time that it repeats.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clock {
    /// `None` for UTC.
    zone: Option<TimeZone>,
    repeated: Option<Repeated>,
}

impl Clock {
    /// Clock in UTC.
    pub(super) fn utc() -> Self {
        Self { zone: None, repeated: None }
    }

    /// Clock with an IANA zone name or an offset such as `+08:00`; `None` if there is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let of = |zone: TimeZone| Self { zone: Some(zone), repeated: None };
        if let Some(seconds) = offset(text) {
            return Some(of(TimeZone::fixed(Offset::from_seconds(seconds).ok()?)));
        }
        if text.is_empty() { None } else { TimeZone::get(text).ok().map(of) }
    }

    /// The clock with a choice between the moments of a repeated local time.
    #[must_use]
    pub(super) fn with_repeated(self, repeated: Option<Repeated>) -> Self {
        Self { repeated, ..self }
    }

    /// Moment of a local time, which is given as microseconds since 1970 as if it were UTC. A repeated
    /// local time gives the chosen moment, or the earlier one; a skipped one is moved forward by the length
    /// of the gap.
    pub(super) fn moment(&self, micros: Micros) -> Option<Micros> {
        let Some(zone) = &self.zone else { return Some(micros) };
        self.chosen(zone.to_ambiguous_timestamp(local(micros)?))
    }

    fn chosen(&self, shown: AmbiguousTimestamp) -> Option<Micros> {
        let moment = match self.repeated {
            Some(Repeated::Later) if matches!(shown.offset(), AmbiguousOffset::Fold { .. }) => shown.later(),
            _ => shown.compatible(),
        };
        Some(moment.ok()?.as_microsecond())
    }

    /// Moment of a local time that is only one, or is chosen by [`with_repeated`](Self::with_repeated).
    ///
    /// # Errors
    /// The zone repeats or skips the local time, or it is out of range.
    pub(super) fn only_moment(&self, micros: Micros) -> Result<Micros, NoTime> {
        let Some(zone) = &self.zone else { return Ok(micros) };
        let shown = zone.to_ambiguous_timestamp(local(micros).ok_or(NoTime::NotATime)?);
        match shown.offset() {
            AmbiguousOffset::Gap { .. } => Err(NoTime::Skipped),
            AmbiguousOffset::Fold { .. } if self.repeated.is_none() => Err(NoTime::Repeated),
            _ => self.chosen(shown).ok_or(NoTime::NotATime),
        }
    }
}

/// Date and time of day of a local time, which is given as microseconds since 1970 as if it were UTC.
pub(super) fn local(micros: Micros) -> Option<DateTime> {
    Some(Offset::UTC.to_datetime(jiff::Timestamp::from_microsecond(micros).ok()?))
}

impl Clock {
    /// Beginning of the day after the one that a moment is in.
    pub(super) fn next_day(&self, moment: Micros) -> Option<Micros> {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let day = zone.to_datetime(jiff::Timestamp::from_microsecond(moment).ok()?).date();
        let next = DateTime::from_parts(day.tomorrow().ok()?, Time::midnight());
        self.moment(TimeZone::UTC.to_timestamp(next).ok()?.as_microsecond())
    }
}

/// Reason why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoTime {
    /// The text has no supported form.
    NotATime,
    /// The order of day and month is unclear.
    Ambiguous,
    /// The year has two digits, and the order of the parts is not stated.
    ShortYear,
    /// The text is a date without a time of day.
    DateOnly,
    /// The zone has the local time twice.
    Repeated,
    /// The zone does not have the local time.
    Skipped,
}

/// Date, time of day and offset of a text.
struct Parts {
    date: Date,
    time: Option<Time>,
    /// Seconds east of UTC.
    offset: Option<i32>,
}

/// Moment of a text: ISO 8601 and RFC 3339 in all their forms, with ` UTC`, ` GMT` or
/// an offset of two or four digits; `2026/04/22 13:05`; Apache's `22/Apr/2026:13:05:09 +0000` and
/// other forms with the month's name; seconds, milliseconds, microseconds or nanoseconds since 1970
/// by their count of digits (10, 13, 16, 19). Fractions beyond microseconds are cut off. Without an
/// offset, the text is a local time of the clock.
///
/// # Errors
/// The text is not a time, is a bare date, has an unclear order of day and month and `order` is
/// `None`, or is a local time that the zone repeats or skips.
pub(super) fn parse_time(text: &str, clock: &Clock, order: Option<DayOrder>) -> Result<Micros, NoTime> {
    let parts = match epoch(text) {
        Some(micros) => return in_range(micros),
        None => parts(text, order)?,
    };
    moment(&parts, parts.time.ok_or(NoTime::DateOnly)?, |micros| clock.only_moment(micros))
}

/// As [`parse_time`], with a bare date as the first moment of its day, and an hour more or less where the
/// zone repeats or skips one.
pub(super) fn parse_date(text: &str, clock: &Clock, order: Option<DayOrder>) -> Result<Micros, NoTime> {
    let parts = match epoch(text) {
        Some(micros) => return in_range(micros),
        None => parts(text, order)?,
    };
    let lenient = |micros| clock.moment(micros).ok_or(NoTime::NotATime);
    moment(&parts, parts.time.unwrap_or(Time::midnight()), lenient)
}

/// True for a time as text that carries its zone, or is a number; false also for text that is no time.
pub(super) fn carries_zone(text: &str) -> bool {
    let has_offset = |order| parts(text, Some(order)).is_ok_and(|parts| parts.offset.is_some());
    let orders = [DayOrder::Mdy, DayOrder::Dmy, DayOrder::Ymd];
    text.trim().parse::<f64>().is_ok() || orders.into_iter().any(has_offset)
}

/// Microseconds since midnight of a text such as `13:05:09.5` or `1:05 PM`.
pub(super) fn parse_time_of_day(text: &str) -> Option<i64> {
    let time = time_of_day(text.trim())?;
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Some(seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000)
}

fn in_range(micros: Micros) -> Result<Micros, NoTime> {
    if (EARLIEST..=LATEST).contains(&micros) { Ok(micros) } else { Err(NoTime::NotATime) }
}

fn moment(
    parts: &Parts,
    time: Time,
    of_local: impl FnOnce(Micros) -> Result<Micros, NoTime>,
) -> Result<Micros, NoTime> {
    let shown = DateTime::from_parts(parts.date, time);
    let utc = TimeZone::UTC.to_timestamp(shown).map_err(|_| NoTime::NotATime)?;
    let micros = i64::try_from(utc.as_nanosecond().div_euclid(1_000)).map_err(|_| NoTime::NotATime)?;
    in_range(match parts.offset {
        Some(seconds) => micros - i64::from(seconds) * 1_000_000,
        None => of_local(micros)?,
    })
}

/// Moment of a number since 1970, whose unit follows from its count of digits before the point.
fn epoch(text: &str) -> Option<Micros> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Number of decimals of the unit in microseconds.
    let digits = match whole.len() {
        10 => 6,
        13 => 3,
        16 | 19 => 0,
        _ => return None,
    };
    let number: i64 = whole.parse().ok()?;
    if whole.len() == 19 {
        return Some(number / 1_000);
    }
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(digits).collect();
    let fraction: i64 = if digits == 0 { 0 } else { fraction.parse().ok()? };
    number.checked_mul(10_i64.pow(digits as u32))?.checked_add(fraction)
}

fn parts(text: &str, order: Option<DayOrder>) -> Result<Parts, NoTime> {
    let text = text.trim();
    // Java writes "…+02:00[Europe/Berlin]" and "Wed Apr 22 13:05:09 UTC 2026".
    let with_name = text.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
    let text = with_name
        .filter(|(time, _)| time.is_ascii() && split_offset(time).1.is_some())
        .map_or(text, |(time, _)| time);
    let in_java = text.rsplit_once(' ').and_then(|(rest, year)| Some((rest.strip_suffix(" UTC")?, year)));
    let in_java = in_java.map(|(rest, year)| format!("{rest} {year} UTC"));
    let text = in_java.as_deref().unwrap_or(text);
    let text = text.trim_start_matches('[').trim_end_matches(']').trim();
    // JavaScript writes "GMT+0000 (Coordinated Universal Time)".
    let text = text.rsplit_once(" (").filter(|(_, name)| name.ends_with(')')).map_or(text, |(time, _)| time);
    let with_gmt = text.rsplit_once(" GMT").filter(|(_, offset)| offset.starts_with(['+', '-']));
    let without_gmt = with_gmt.map(|(time, offset)| format!("{time} {offset}"));
    let text = without_gmt.as_deref().unwrap_or(text);
    // The day of the week in "Wed, 22 Apr" is ignored.
    let text = match text.split_once([',', ' ']) {
        Some((day, rest)) if is_week_day(day) => rest.trim_start(),
        _ => text,
    };
    if text.len() < 8 || !text.is_ascii() {
        return Err(NoTime::NotATime);
    }
    let (text, offset) = split_offset(text);
    let (date, rest) = split_date(text, order)?;
    // Kibana writes "Apr 22, 2026 @ 13:05:09.123".
    let rest = rest.trim_start_matches(['T', 't', ' ', ',', ':', '_', '@']);
    // "Apr 22 13:05:09 2026" of ctime has its year at the end, which `split_date` has taken.
    let time = if rest.is_empty() { None } else { Some(time_of_day(rest).ok_or(NoTime::NotATime)?) };
    Ok(Parts { date, time, offset })
}

fn is_week_day(word: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    word.get(..3).is_some_and(|three| DAYS.iter().any(|day| three.eq_ignore_ascii_case(day)))
}

/// The text without its offset or zone, and seconds east of UTC.
fn split_offset(text: &str) -> (&str, Option<i32>) {
    for utc in ["UTC", "GMT", "Z"] {
        let end = text.len() - utc.len().min(text.len());
        if text[end..].eq_ignore_ascii_case(utc) {
            let (rest, offset) = split_offset_number(text[..end].trim_end());
            return (rest, offset.or(Some(0)));
        }
    }
    split_offset_number(text)
}

fn split_offset_number(text: &str) -> (&str, Option<i32>) {
    // The sign of an offset follows a time of day, that is a colon or a T.
    let Some(at) = text.rfind(['+', '-']) else { return (text, None) };
    let before = &text[..at];
    let is_dotted = before.matches('.').count() >= 2 && text[at..].contains(':');
    let is_after_time = before.contains(':') || before.contains(['T', 't']) && before.len() > 8 || is_dotted;
    match offset(&text[at..]) {
        Some(seconds) if is_after_time => (before.trim_end(), Some(seconds)),
        _ => (text, None),
    }
}

/// Seconds of `+hh`, `+hhmm`, `+hh:mm` or `+hh:mm:ss`.
fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|&c| c != ':').collect();
    let is_sound = matches!(digits.len(), 2 | 4 | 6) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_sound {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| two.parse::<i32>().ok());
    let (hours, minutes, seconds) = (two(0)?, two(2)?, two(4)?);
    (hours <= 18 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3_600 + minutes * 60 + seconds))
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let three = word.get(..3)?;
    MONTHS.iter().position(|month| three.eq_ignore_ascii_case(month)).map(|at| at as i8 + 1)
}

/// The date at a text's beginning, and what follows it.
fn split_date(text: &str, order: Option<DayOrder>) -> Result<(Date, &str), NoTime> {
    let date = |year: i16, month: i8, day: i8| Date::new(year, month, day).map_err(|_| NoTime::NotATime);
    let mut rest = text;
    let first = take(&mut rest);
    if let Some(month) = month(first) {
        // "Apr 22, 2026" or ctime's "Apr 22 13:05:09 2026".
        let day = number(take_after(&mut rest, " "))?;
        if let Some((clock, year)) = rest.trim().rsplit_once(' ')
            && clock.contains(':')
            && year.len() == 4
            && let Ok(year) = year.parse()
        {
            return Ok((date(year, month, day)?, clock));
        }
        let year = take_after(&mut rest, ", ");
        let year = year_of(year, rest, order)?;
        return Ok((date(year, month, day)?, rest));
    }
    if !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoTime::NotATime);
    }
    match first.len() {
        4 => {
            let month = number(take_after(&mut rest, "-/."))?;
            let day = number(take_after(&mut rest, "-/."))?;
            Ok((date(year(first)?, month, day)?, rest))
        }
        8 | 14 | 17 => {
            let (ymd, clock) = (&text[..8], &text[8..]);
            Ok((date(year(&ymd[..4])?, number(&ymd[4..6])?, number(&ymd[6..])?)?, clock))
        }
        1 | 2 => {
            let second = take_after(&mut rest, "-/. ");
            let (second_month, third) = (month(second), take_after(&mut rest, "-/. "));
            let [day, month, year] = match (order, second_month) {
                (Some(DayOrder::Ymd), _) => [third, second, first],
                (Some(DayOrder::Mdy), None) => [second, first, third],
                (Some(DayOrder::Dmy), None) | (_, Some(_)) => [first, second, third],
                (None, None) if third.len() == 4 => return Err(NoTime::Ambiguous),
                (None, None) => [first, second, third],
            };
            let year = year_of(year, rest, order)?;
            let month = second_month.map_or_else(|| number(month), Ok)?;
            Ok((date(year, month, number(day)?)?, rest))
        }
        _ => Err(NoTime::NotATime),
    }
}

/// The digits or letters at the beginning.
fn take<'a>(rest: &mut &'a str) -> &'a str {
    let is_digit = rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let same = |byte: u8| if is_digit { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() };
    let end = rest.bytes().position(|byte| !same(byte)).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    word
}

/// As [`take`], after one of some separators; empty if none of them comes first.
fn take_after<'a>(rest: &mut &'a str, separators: &str) -> &'a str {
    let trimmed = rest.trim_start_matches(|c| separators.contains(c));
    if trimmed.len() == rest.len() {
        return "";
    }
    *rest = trimmed;
    take(rest)
}

fn number(text: &str) -> Result<i8, NoTime> {
    text.parse().map_err(|_| NoTime::NotATime)
}

fn year(text: &str) -> Result<i16, NoTime> {
    if text.len() == 4 { text.parse().map_err(|_| NoTime::NotATime) } else { Err(NoTime::NotATime) }
}

/// As [`year`], or a year of two digits from 1970 to 2069 where the order of the parts is stated. `rest` follows
/// the date: the hour of a date without a year is no year.
fn year_of(text: &str, rest: &str, order: Option<DayOrder>) -> Result<i16, NoTime> {
    let is_short = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_short || rest.starts_with([':', '.']) {
        return year(text);
    }
    order.ok_or(NoTime::ShortYear)?;
    let short: i16 = text.parse().map_err(|_| NoTime::NotATime)?;
    Ok(if short < 70 { 2_000 + short } else { 1_900 + short })
}

/// `13:05`, `13:05:09.123`, `13.05.09`, `130509`, `1:05:09 PM`.
fn time_of_day(text: &str) -> Option<Time> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    let (clock, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim(), Some(0)),
        (_, Some(clock)) => (clock.trim(), Some(12)),
        _ => (upper.as_str(), None),
    };
    // Oracle writes "01.05.09.123 PM".
    let dotted = !clock.contains(':') && clock.matches('.').count() >= 2;
    let colons = dotted.then(|| clock.replacen('.', ":", 2));
    let clock = colons.as_deref().unwrap_or(clock);
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    // Milliseconds may follow the seconds without a mark.
    let is_compact =
        fraction.is_empty() && whole.len() == 9 && whole.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = if is_compact { whole.split_at(6) } else { (whole, fraction) };
    let fields: Vec<&str> = if whole.contains(':') {
        whole.split(':').collect()
    } else if matches!(whole.len(), 4 | 6) && whole.is_ascii() {
        (0..whole.len()).step_by(2).map(|at| &whole[at..at + 2]).collect()
    } else {
        return None;
    };
    let [hour, minute, ref more @ ..] = fields[..] else { return None };
    let second = match more {
        [] => 0,
        [second] => second.parse().ok()?,
        _ => return None,
    };
    let mut hour: i8 = hour.parse().ok()?;
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    // A leap second is the last of its minute.
    let second: i8 = if second == 60 { 59 } else { second };
    Time::new(hour, minute.parse().ok()?, second, nanos.parse().ok()?).ok()
}

#[cfg(test)]
mod tests;
