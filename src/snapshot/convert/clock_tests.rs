//! Local times of a zone, and numbers of times in units.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, TimestampMicrosecondArray};

use super::tests::{numbers, read_under};
use crate::snapshot::fixture::{START, canonical, ints, texts};
use crate::snapshot::{Column, DayOrder, Origin, Repeated, Unit};

#[test]
fn local_times_that_a_zone_repeats_or_skips_are_named() {
    // 02:30 on the day on which Berlin's clocks are set back, in April, and 02:30 where they are set forward.
    let (repeated, plain, skipped) = (1_761_445_800_000_000, START, 1_774_751_400_000_000);
    let array: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![repeated, plain, skipped]));
    let days = [20_387, 20_565, 20_541];
    let dates: ArrayRef = Arc::new(Date32Array::from(days.to_vec()));
    let clocks = texts(&["02:30:00", "13:05:09", "02:30"]);
    let text = texts(&["2025-10-26 02:30", "2026-04-22 13:05:09", "2026-03-29 02:30:00"]);
    let berlin = |column: &str| Origin { zone: Some("Europe/Berlin".into()), ..Origin::of(column) };
    for (name, origin) in [
        ("at", berlin("at")),
        ("day", Origin { time: Some("clock".into()), ..berlin("day") }),
        ("text", berlin("text")),
    ] {
        let mut mapping = canonical();
        let mut read = |origin: Origin| {
            mapping.columns.insert("ts".into(), origin);
            let columns = vec![
                ("at", Arc::clone(&array)),
                ("day", Arc::clone(&dates)),
                ("clock", Arc::clone(&clocks)),
                ("text", Arc::clone(&text)),
            ];
            read_under(&mapping, Column::Ts, columns).unwrap()
        };
        let (times, tally) = read(origin.clone());
        assert_eq!(numbers(&times), [None, Some(START - 7_200_000_000), None], "{name}");
        let reasons: Vec<&str> = tally.unread.keys().map(String::as_str).collect();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].contains("twice") && reasons[1].contains("skips"), "{reasons:?}");
        assert!(tally.unread[reasons[0]].first[0].value.starts_with("2025-10-26"), "{name} {tally:?}");
        let later = Origin { repeated: Some(Repeated::Later), ..origin };
        assert_eq!(numbers(&read(later).0)[0], Some(repeated - 3_600_000_000), "{name}");
    }
}

#[test]
fn numbers_in_two_units_are_not_read_in_one() {
    let (seconds, millis) = (START / 1_000_000, START / 1_000);
    let whole: ArrayRef = ints(&[seconds, millis, 0]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![seconds as f64, millis as f64, 0.0]));
    let text = texts(&[&seconds.to_string(), &millis.to_string(), "0"]);
    for array in [whole, floats, text] {
        for (unit, kept) in [(Unit::S, 0), (Unit::Ms, 1)] {
            let mut mapping = canonical();
            mapping.columns.insert("ts".into(), Origin { unit: Some(unit), ..Origin::of("ts") });
            let (times, tally) = read_under(&mapping, Column::Ts, vec![("ts", Arc::clone(&array))]).unwrap();
            let second = START / 1_000_000 * 1_000_000;
            let expected: Vec<Option<i64>> = (0..2)
                .map(|at| (at == kept).then_some(if kept == 0 { second } else { START }))
                .chain([Some(0)])
                .collect();
            assert_eq!(numbers(&times), expected, "{unit:?} {array:?}");
            let (reason, counted) = tally.unread.iter().next().unwrap();
            let other = if unit == Unit::S { "ms" } else { "s" };
            assert!(reason.starts_with(&format!("a time in {other},")), "{reason}");
            assert_eq!(counted.rows, 1);
        }
    }
}

#[test]
fn serial_dates_of_a_spreadsheet_are_local_times() {
    let array: ArrayRef =
        Arc::new(Float64Array::from(vec![46_134.545_243_055_6, 46_134.0, 0.5, 1_776_863_109.0]));
    let text = texts(&["46134.5452430556", "46134,0", "0.5", "1776863109"]);
    let midnight = START - 47_109_000_000;
    for array in [array, text] {
        for (zone, offset) in [(None, 0), (Some("+02:00"), 7_200_000_000)] {
            let mut mapping = canonical();
            let zone = zone.map(str::to_owned);
            mapping.columns.insert("ts".into(), Origin { unit: Some(Unit::Excel), zone, ..Origin::of("ts") });
            let (times, tally) = read_under(&mapping, Column::Ts, vec![("ts", Arc::clone(&array))]).unwrap();
            assert_eq!(numbers(&times), [Some(START - offset), Some(midnight - offset), None, None]);
            assert_eq!(tally.unread.values().map(|counted| counted.rows).sum::<u64>(), 2, "{tally:?}");
        }
        // In another unit such a number is no time.
        let mut mapping = canonical();
        mapping.columns.insert("ts".into(), Origin { unit: Some(Unit::S), ..Origin::of("ts") });
        let (_, tally) = read_under(&mapping, Column::Ts, vec![("ts", array)]).unwrap();
        assert!(tally.unread.keys().any(|reason| reason.starts_with("a serial date")), "{tally:?}");
    }
    let mut mapping = canonical();
    let parts = Origin { unit: Some(Unit::Excel), time: Some("clock".into()), ..Origin::of("day") };
    mapping.columns.insert("ts".into(), parts);
    let columns = vec![("day", ints(&[46_134])), ("clock", texts(&["0.545243055556"]))];
    assert_eq!(numbers(&read_under(&mapping, Column::Ts, columns).unwrap().0), [Some(START)]);
}

#[test]
fn years_of_two_digits_are_read_in_a_stated_order() {
    let array = texts(&["22.04.26 13:05:09", "23.04.26 13:05:09"]);
    let mut mapping = canonical();
    let mut read = |order| {
        mapping.columns.insert("ts".into(), Origin { order, ..Origin::of("ts") });
        read_under(&mapping, Column::Ts, vec![("ts", Arc::clone(&array))]).unwrap()
    };
    let (times, tally) = read(None);
    assert_eq!(numbers(&times), [None, None]);
    assert!(tally.unread.keys().all(|reason| reason.contains("two digits")), "{tally:?}");
    assert_eq!(numbers(&read(Some(DayOrder::Dmy)).0)[0], Some(START));
}

#[test]
fn numbers_of_several_units_are_read_each_in_its_own() {
    let second = START / 1_000_000;
    let whole = ints(&[second, START / 1_000, START, START * 1_000, 5]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![second as f64 + 0.5, START as f64 / 1e3]));
    let text = texts(&[&second.to_string(), &(START / 1_000).to_string(), "2026-04-22T13:05:09Z"]);
    let mut mapping = canonical();
    mapping.columns.insert("ts".into(), Origin { unit: Some(Unit::Epoch), ..Origin::of("ts") });
    let read = |array| numbers(&read_under(&mapping, Column::Ts, vec![("ts", array)]).unwrap().0);
    let whole_second = second * 1_000_000;
    assert_eq!(
        read(whole),
        [Some(whole_second), Some(START / 1_000 * 1_000), Some(START), Some(START), None]
    );
    assert_eq!(read(floats), [Some(whole_second + 500_000), Some(START)]);
    assert_eq!(read(text)[..2], [Some(whole_second), Some(START / 1_000 * 1_000)]);
    mapping.columns.insert("latency_ms".into(), Origin { unit: Some(Unit::Epoch), ..Origin::of("l") });
    assert!(mapping.check().is_err(), "a length has no such unit");
}
