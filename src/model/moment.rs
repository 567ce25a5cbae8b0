//! Moments as an investigator types them.

use super::{Micros, Zone};

/// Reads `2026-04-22`, `2026-04-22 13:05` or `2026-04-22 13:05:09` in a zone; `None` for
/// anything else. A moment that summer time skips or repeats is taken at the offset before it.
pub fn read(text: &str, zone: &Zone) -> Option<Micros> {
    let text = text.trim().replace('T', " ");
    let (date, time) = text.split_once(' ').unwrap_or((&text, "00:00"));
    let date: jiff::civil::Date = date.parse().ok()?;
    let time: jiff::civil::Time = time.trim().parse().ok()?;
    let utc = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond();
    // The offset at the moment itself, found from that of the same clock time in UTC.
    let guess = utc - i64::from(zone.offset_seconds(utc)) * 1_000_000;
    Some(utc - i64::from(zone.offset_seconds(guess)) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_shown() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for zone in [Zone::utc(), berlin] {
            for typed in ["2026-04-22 13:05:09", "2026-12-01 00:00:00"] {
                assert_eq!(zone.format(read(typed, &zone).unwrap()), typed);
            }
        }
        assert_eq!(read("2026-04-22", &Zone::utc()), read("2026-04-22 00:00", &Zone::utc()));
        for wrong in ["", "yesterday", "2026-13-01", "2026-04-22 25:00"] {
            assert_eq!(read(wrong, &Zone::utc()), None, "{wrong}");
        }
    }
}
