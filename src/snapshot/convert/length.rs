//! Lengths of time in several parts: `0:00:12.345`, `PT1M2.5S` (ISO 8601), `1m2.5s` as Go prints them.

/// Seconds of such a text; `None` for any other text.
pub(super) fn seconds_of(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.contains(':') {
        return of_clock(text);
    }
    match text.strip_prefix("PT") {
        Some(rest) => of_parts(rest, &[("H", 3_600.0), ("M", 60.0), ("S", 1.0)], 1),
        None => of_parts(
            text,
            &[
                ("h", 3_600.0),
                ("ms", 1e-3),
                ("m", 60.0),
                ("s", 1.0),
                ("µs", 1e-6),
                ("us", 1e-6),
                ("ns", 1e-9),
            ],
            2,
        ),
    }
}

/// Hours, minutes and seconds.
fn of_clock(text: &str) -> Option<f64> {
    let parts: Vec<f64> = text.split(':').map(number).collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes, seconds] if minutes < 60.0 && seconds < 60.0 => {
            Some(hours * 3_600.0 + minutes * 60.0 + seconds)
        }
        _ => None,
    }
}

/// Sum of numbers with units, of which there are at least so many.
fn of_parts(text: &str, units: &[(&str, f64)], least: usize) -> Option<f64> {
    let (mut rest, mut sum, mut parts) = (text, 0.0, 0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (name, seconds) = units.iter().find(|(name, _)| rest[end..].starts_with(name))?;
        sum += number(&rest[..end])? * seconds;
        rest = &rest[end + name.len()..];
        parts += 1;
    }
    (parts >= least).then_some(sum)
}

fn number(text: &str) -> Option<f64> {
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|byte| byte != b'e');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_parts_are_seconds() {
        for (text, seconds) in [
            ("0:00:12.345", 12.345),
            ("1:02:03", 3_723.0),
            ("PT12.5S", 12.5),
            ("PT1M2S", 62.0),
            ("0m12.345s", 12.345),
            ("1h2m3s", 3_723.0),
            ("1s250ms", 1.25),
        ] {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for text in ["12:34", "0:61:00", "PT", "12m", "3.2s", "1m", "", "m", "-1:00:00", "1m2"] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }
}
