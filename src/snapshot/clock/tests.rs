use super::*;

fn utc(text: &str) -> Result<Micros, NoTime> {
    parse_time(text, &Clock::utc(), None)
}

#[test]
fn forms_that_mean_one_moment_only() {
    let moment = 1_776_863_109_123_000;
    for text in [
        "2026-04-22T13:05:09.123Z",
        "2026-04-22 13:05:09.123",
        "2026-04-22T13:05:09,123Z",
        "2026-04-22 13:05:09.123 UTC",
        "2026-04-22 13:05:09.123 +0000",
        "2026-04-22 13:05:09.123+00",
        "2026-04-22T08:05:09.123-05:00",
        "2026-04-22T08:05:09.123-0500",
        "2026-04-22 13:05:09.123456789Z",
        "20260422T130509.123Z",
        "2026/04/22 13:05:09.123",
        "22/Apr/2026:13:05:09.123 +0000",
        "[22/Apr/2026:15:05:09.123 +0200]",
        "Wed, 22 Apr 2026 13:05:09.123 GMT",
        "22-Apr-2026 13:05:09.123",
        "Apr 22, 2026, 1:05:09.123 PM",
        "Apr 22, 2026 @ 13:05:09.123",
        "Wed Apr 22 13:05:09.123 2026",
        "Wed Apr 22 2026 15:05:09.123 GMT+0200 (Central European Summer Time)",
        " 2026-04-22t13:05:09.123z ",
        "2026-04-22T13:05:09.123Z[UTC]",
        "2026-04-22T15:05:09.123+02:00[Europe/Berlin]",
        "Wed Apr 22 13:05:09.123 UTC 2026",
        "20260422130509123",
        "1776863109.123",
        "1776863109123",
        "1776863109123000",
        "1776863109123000999",
    ] {
        let want = if text.contains("123456789") { moment + 456 } else { moment };
        assert_eq!(utc(text), Ok(want), "{text}");
    }
    assert_eq!(utc("20260422130509"), Ok(moment - 123_000));
    assert_eq!(utc("2026-04-22 13:05\u{e9}[é]"), Err(NoTime::NotATime));
    assert_eq!(utc("2026-04-22T13:05Z"), Ok(moment - 9_123_000));
    assert_eq!(utc("2016-12-31T23:59:60Z"), utc("2016-12-31T23:59:59Z"));
}

#[test]
fn what_could_be_two_days_needs_an_order() {
    let text = "4/22/2026, 1:05:09 PM";
    assert_eq!(utc(text), Err(NoTime::Ambiguous));
    let moment = Ok(1_776_863_109_000_000);
    assert_eq!(parse_time(text, &Clock::utc(), Some(DayOrder::Mdy)), moment);
    assert_eq!(parse_time("22.04.2026 13:05:09", &Clock::utc(), Some(DayOrder::Dmy)), moment);
}

#[test]
fn a_year_of_two_digits_needs_an_order() {
    let moment = Ok(1_776_863_109_000_000);
    let (mdy, dmy, ymd) = (DayOrder::Mdy, DayOrder::Dmy, DayOrder::Ymd);
    for (text, order) in [
        ("22.04.26 13:05:09", dmy),
        ("4/22/26 1:05:09 PM", mdy),
        ("26-04-22 13:05:09", ymd),
        ("26/04/22T13:05:09Z", ymd),
        ("22-APR-26 01.05.09 PM", dmy),
        ("22-APR-26 03.05.09.000000 PM +02:00", dmy),
        ("Apr 22, 26 13:05:09", mdy),
    ] {
        assert_eq!(utc(text), Err(NoTime::ShortYear), "{text}");
        assert_eq!(parse_time(text, &Clock::utc(), Some(order)), moment, "{text}");
    }
    for without in ["4/22 13:05:09", "22 Apr 13:05:09", "Apr 22, 13:05:09", "04-22 13.05.09"] {
        for order in [None, Some(mdy), Some(dmy), Some(ymd)] {
            assert_eq!(parse_time(without, &Clock::utc(), order), Err(NoTime::NotATime), "{without}");
        }
    }
    assert_eq!(utc("22-Apr-2026 13.05.09.000"), moment);
    assert_eq!(parse_time("22.04.2026 13:05", &Clock::utc(), Some(ymd)), Err(NoTime::NotATime));
}

#[test]
fn what_is_no_time_is_none() {
    for text in
        ["", "yesterday", "2026", "12:00", "2026-13-01T00:00:00Z", "2026-04-22T25:00:00Z", "é2026-04-22"]
    {
        assert_eq!(utc(text), Err(NoTime::NotATime), "{text}");
    }
    assert_eq!(utc("2026-04-22"), Err(NoTime::DateOnly));
    assert_eq!(parse_date("2026-04-22", &Clock::utc(), None), Ok(1_776_816_000_000_000));
}

#[test]
fn clocks_of_other_zones_are_read_as_stated() {
    let shanghai = Clock::parse("Asia/Shanghai").unwrap();
    assert_eq!(parse_time("2026-04-22 21:05:09", &shanghai, None), utc("2026-04-22 13:05:09"));
    assert_eq!(Clock::parse("+08:00").unwrap().moment(8 * 3_600_000_000), Some(0));
    assert_eq!(parse_time("2026-04-22T13:05:09Z", &shanghai, None), utc("2026-04-22 13:05:09"));
    assert_eq!(
        parse_date("2026-03-29 02:30", &Clock::parse("Europe/Berlin").unwrap(), None),
        utc("2026-03-29 01:30")
    );
    assert!(Clock::parse("Mars/Olympus").is_none() && Clock::parse("").is_none());
    assert_eq!(parse_time_of_day("1:05:09.5 pm"), Some((13 * 3_600 + 309) * 1_000_000 + 500_000));
}

#[test]
fn a_local_time_that_a_zone_repeats_or_skips_is_not_guessed() {
    let berlin = Clock::parse("Europe/Berlin").unwrap();
    let text = "2025-10-26 02:30:00";
    assert_eq!(parse_time(text, &berlin, None), Err(NoTime::Repeated));
    let chosen = |repeated| parse_time(text, &berlin.clone().with_repeated(Some(repeated)), None);
    assert_eq!(chosen(Repeated::Earlier), utc("2025-10-26 00:30:00"));
    assert_eq!(chosen(Repeated::Later), utc("2025-10-26 01:30:00"));
    assert_eq!(parse_time("2025-10-26 02:30:00+02:00", &berlin, None), utc("2025-10-26 00:30:00"));
    assert_eq!(parse_time("2025-10-26 03:00:00", &berlin, None), utc("2025-10-26 02:00:00"));
    let later = berlin.with_repeated(Some(Repeated::Later));
    assert_eq!(parse_time("2025-03-30 02:30:00", &later, None), Err(NoTime::Skipped));
    assert_eq!(parse_time("2025-10-26 04:30:00", &later, None), utc("2025-10-26 03:30:00"));
}
