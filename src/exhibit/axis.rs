//! Marks of an axis: positions and labels.

use crate::model::{Micros, TimeSpan, Zone};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Round numbers from 0 to at least `max`, about five of them. `[0, 1]` where `max` is not
/// positive.
pub(super) fn round_marks(max: f64) -> Vec<f64> {
    if !max.is_finite() || max <= 0.0 {
        return vec![0.0, 1.0];
    }
    let raw = max / 4.0;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= raw).unwrap_or(10.0) * power;
    let count = (max / step).ceil() as u32;
    (0..=count.max(1)).map(|i| f64::from(i) * step).collect()
}

/// Marks of counts: [`round_marks`] with whole steps.
pub(super) fn count_marks(max: u64) -> Vec<f64> {
    if max < 4 {
        return (0..=max.max(1)).map(|i| i as f64).collect();
    }
    round_marks(max as f64)
}

/// Moments on round hours or days of the zone inside a span, at most eleven, with their labels.
pub(super) fn time_marks(span: TimeSpan, zone: &Zone) -> Vec<(Micros, String)> {
    const STEPS: [i64; 12] = [
        HOUR,
        2 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        4 * DAY,
        7 * DAY,
        14 * DAY,
        28 * DAY,
        91 * DAY,
        365 * DAY,
    ];
    let length = span.length();
    let step = STEPS.into_iter().find(|step| length / step < 9).unwrap_or(length / 8);
    let format = if step < DAY { "%m-%d %H:%M" } else { "%Y-%m-%d" };
    let mut marks = Vec::new();
    let mut local = span.start.saturating_add(offset(zone, span.start)).div_euclid(step).saturating_mul(step);
    for _ in 0..11 {
        let t = local.saturating_sub(offset(zone, local));
        if t >= span.end {
            break;
        }
        if t >= span.start {
            marks.push((t, zone.strftime(t, format)));
        }
        local = local.saturating_add(step);
    }
    marks
}

fn offset(zone: &Zone, t: Micros) -> i64 {
    i64::from(zone.offset_seconds(t)) * 1_000_000
}

/// A count in at most four characters: `17`, `4.2k`, `398k`, `1.2M`.
pub(super) fn short_count(count: u64) -> String {
    match count {
        0..=999 => count.to_string(),
        1_000..=9_949 => format!("{:.1}k", count as f64 / 1e3),
        9_950..=999_499 => format!("{:.0}k", count as f64 / 1e3),
        999_500..=9_949_999 => format!("{:.1}M", count as f64 / 1e6),
        _ => format!("{:.0}M", count as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_the_top() {
        assert_eq!(round_marks(0.0), [0.0, 1.0]);
        assert_eq!(round_marks(97.0), [0.0, 50.0, 100.0]);
        assert_eq!(count_marks(3), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(count_marks(0), [0.0, 1.0]);
        for max in [0.3, 1.0, 7.0, 1234.0, 5e9] {
            let marks = round_marks(max);
            assert!((2..=7).contains(&marks.len()) && *marks.last().unwrap() >= max, "{max}: {marks:?}");
        }
    }

    #[test]
    fn days_begin_at_midnight_of_the_zone() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let start = 1_776_816_000_000_000; // 2026-04-22 00:00 UTC
        let marks = time_marks(TimeSpan { start, end: start + 5 * DAY }, &zone);
        assert_eq!(marks[0].1, "2026-04-23");
        assert_eq!(zone.format(marks[0].0), "2026-04-23 00:00:00");
        assert_eq!(marks.len(), 5);
    }

    #[test]
    fn absurd_spans_do_not_hang() {
        let span = TimeSpan { start: i64::MIN, end: i64::MAX };
        assert!(time_marks(span, &Zone::utc()).len() <= 11);
        assert!(time_marks(TimeSpan { start: 5, end: 5 }, &Zone::utc()).is_empty());
    }

    #[test]
    fn counts_are_short() {
        for (count, said) in
            [(0, "0"), (999, "999"), (1_000, "1.0k"), (9_950, "10k"), (999_499, "999k"), (28_800_000, "29M")]
        {
            assert_eq!(short_count(count), said);
        }
    }
}
