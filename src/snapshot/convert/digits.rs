//! Numbers as people and programs write them: digits grouped by thousands, either decimal mark, a unit behind.

use std::borrow::Cow;

use crate::snapshot::unit::{DecimalMark, Unit};

/// Fault of text that is one number with a decimal point and another with a decimal comma.
const UNCLEAR: &str = "one number with a decimal point and another with a decimal comma; name the mark, as in \
                       decimal = \",\"";
/// Fault of text that is no number with the decimal mark of its column.
const OTHER_MARK: &str = "no number with the decimal mark of this column";

/// Text of a number in the form that Rust parses: digits ungrouped, a decimal point. Text of another form, and
/// with an exponent, is returned as it is.
///
/// # Errors
/// No mark is given, and the text is two different numbers; a mark is given, and it is none.
pub(super) fn plain(
    text: &str,
    decimal: Option<DecimalMark>,
    is_whole: bool,
) -> Result<Cow<'_, str>, &'static str> {
    let marks = text.bytes().filter(|byte| !byte.is_ascii_digit() && !b"+-".contains(byte)).count();
    let is_other = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    if marks == 0 || is_other {
        return Ok(Cow::Borrowed(text));
    }
    let [point, comma] = readings(text);
    match (decimal, point, comma) {
        (Some(DecimalMark::Point), Some(number), _) | (Some(DecimalMark::Comma), _, Some(number)) => {
            Ok(Cow::Owned(number))
        }
        (Some(_), ..) => Err(OTHER_MARK),
        (None, None, None) => Ok(Cow::Borrowed(text)),
        (None, Some(number), None) | (None, None, Some(number)) => Ok(Cow::Owned(number)),
        (None, Some(point), Some(comma)) if point == comma => Ok(Cow::Owned(point)),
        // A fraction of three digits is usual where fractions are.
        (None, Some(point), Some(_)) if !is_whole && !text.contains(',') => Ok(Cow::Owned(point)),
        (None, Some(_), Some(_)) => Err(UNCLEAR),
    }
}

/// Number that a text is with a decimal point, and with a decimal comma, each with its digits ungrouped and a
/// decimal point; `None` where it is none.
pub(in crate::snapshot) fn readings(text: &str) -> [Option<String>; 2] {
    [('.', ','), (',', '.')].map(|(decimal, group)| ungrouped(text, decimal, group))
}

fn ungrouped(text: &str, decimal: char, group: char) -> Option<String> {
    let body = text.trim_start_matches(['+', '-']);
    let sign = &text[..text.len() - body.len()];
    let (whole, fraction) = match body.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mark = whole.chars().find(|c| !c.is_ascii_digit());
    let is_mark = |c: char| c == group || [' ', '\'', '’', '_', '\u{a0}', '\u{202f}'].contains(&c);
    if mark.is_some_and(|mark| !is_mark(mark))
        || fraction.is_some_and(|part| !is_digits(part))
        || sign.len() > 1
    {
        return None;
    }
    let mut groups = mark.map_or_else(|| vec![whole], |mark| whole.split(mark).collect()).into_iter();
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_first = if rest.is_empty() { is_digits(first) } else { is_digits(first) && first.len() <= 3 };
    if !is_first || rest.iter().any(|part| part.len() != 3 || !is_digits(part)) {
        return None;
    }
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    let sign = if sign == "-" { "-" } else { "" };
    Some(format!("{sign}{first}{}{fraction}", rest.concat()))
}

/// Text of a number without what spreadsheets and people put around it: `="12"`, `'12`, `$12`, `12 tokens`.
pub(super) fn bare(text: &str) -> &str {
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let text = quoted.unwrap_or(text).trim_start_matches(['\'', '$']);
    ["tokens", "token", "tok"].iter().find_map(|word| text.strip_suffix(word)).map_or(text, str::trim_end)
}

/// Number and unit of a duration such as `434ms` or `3.26 s`; the whole text where no unit follows.
pub(super) fn with_unit(text: &str) -> (&str, Option<Unit>) {
    const UNITS: [(&str, Unit); 7] = [
        ("ms", Unit::Ms),
        ("µs", Unit::Us),
        ("μs", Unit::Us),
        ("us", Unit::Us),
        ("ns", Unit::Ns),
        ("sec", Unit::S),
        ("s", Unit::S),
    ];
    let found = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit)));
    match found {
        Some((number, unit)) if number.ends_with(|c: char| c.is_ascii_digit()) => (number, Some(unit)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_digits_and_either_mark() {
        let read = |text: &str, decimal, is_whole| plain(text, decimal, is_whole).map(Cow::into_owned);
        let is = |text: &str| Ok::<_, &str>(text.to_owned());
        let (point, comma) = (Some(DecimalMark::Point), Some(DecimalMark::Comma));
        for (text, number) in [
            ("12", "12"),
            ("0.25", "0.25"),
            ("2.0", "2.0"),
            ("1,234.5", "1234.5"),
            ("1.234,5", "1234.5"),
            ("12,5", "12.5"),
            ("1.234.567", "1234567"),
            ("1 234", "1234"),
            ("1'234'567.25", "1234567.25"),
            ("-1\u{a0}234,5", "-1234.5"),
            ("1e3", "1e3"),
            ("n/a", "n/a"),
            ("1,2,3", "1,2,3"),
            ("12.34.56", "12.34.56"),
        ] {
            assert_eq!(read(text, None, false), is(number), "{text}");
            assert_eq!(read(text, None, true), is(number), "{text}");
        }
        assert_eq!(read("1.234", None, false), is("1.234"));
        for text in ["1.057", "2.000", "1,057"] {
            assert_eq!(read(text, None, true), Err(UNCLEAR), "{text}");
        }
        assert_eq!(read("1,057", None, false), Err(UNCLEAR));
        assert_eq!([read("2.000", point, true), read("2.000", comma, true)], [is("2.000"), is("2000")]);
        assert_eq!([read("1,057", point, true), read("1,057", comma, true)], [is("1057"), is("1.057")]);
        assert_eq!(read("1,234.5", comma, false), Err(OTHER_MARK));
    }

    #[test]
    fn numbers_are_freed_of_what_stands_around_them() {
        for text in ["12", "=\"12\"", "'12", "$12", "12 tokens", "12tok"] {
            assert_eq!(bare(text), "12", "{text}");
        }
        assert_eq!(bare("n/a"), "n/a");
    }

    #[test]
    fn units_behind_a_number() {
        assert_eq!(with_unit("434ms"), ("434", Some(Unit::Ms)));
        assert_eq!(with_unit("3.26 s"), ("3.26", Some(Unit::S)));
        assert_eq!(with_unit("17µs"), ("17", Some(Unit::Us)));
        assert_eq!(with_unit("12"), ("12", None));
        assert_eq!(with_unit("tokens"), ("tokens", None));
    }
}
