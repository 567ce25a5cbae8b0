//! Placeholders that systems write for missing values.
//!
//! Taken as a value, such a placeholder would put all exchanges without one into a single account.

use crate::model::Micros;

/// 1 January 1990: no account of an API is older. Zero times of Go and .NET (year 1), Unix (1970),
/// SQL (1753, 1900), wrapped nanoseconds (1677, 1754) and wrapped INT96 (1816) lie before it.
const OLDEST: Micros = 631_152_000_000_000;
/// 1 January 2200. The ends of 64-bit nanoseconds (2262) and of four-digit years (9999) lie after it.
const NEWEST: Micros = 7_258_118_400_000_000;

/// Length of the longest placeholder in bytes, a UUID of zeros.
const MAX_PLACEHOLDER_BYTES: usize = 36;

/// True for a placeholder in an identifier or attribute: empty, blank, a dash, a word for null in any
/// case, or a UUID of zeros.
pub(super) fn is_placeholder(text: &str) -> bool {
    let Some(&first) = text.as_bytes().first() else { return true };
    // Fast path: nearly all values return here.
    if !(first.is_ascii_whitespace() || b"-nNuU<(\\0".contains(&first) || !(0x20..0x80).contains(&first)) {
        return false;
    }
    let trimmed = trimmed(text);
    if trimmed.is_empty() {
        return true;
    }
    const WORDS: [&str; 11] =
        ["-", "--", "none", "null", "nil", "nan", "n/a", "undefined", "<null>", "(null)", "\\n"];
    trimmed.len() <= MAX_PLACEHOLDER_BYTES
        && (WORDS.iter().any(|word| trimmed.eq_ignore_ascii_case(word)) || is_zero_uuid(trimmed))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// True for a placeholder that no system gives out as an id: all but words of letters such as `None`.
pub(super) fn is_never_an_id(text: &str) -> bool {
    is_placeholder(text) && !is_one_of(text, &["none", "null", "nil", "nan", "undefined"])
}

/// True for a word for null that an account may be called.
pub(super) fn is_word_for_null(text: &str) -> bool {
    is_one_of(text, &["none", "null", "nil"])
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| trimmed(text).eq_ignore_ascii_case(word))
}

fn is_zero_uuid(text: &str) -> bool {
    let is_uuid = text.len() == 32 || text.len() == 36 && text.matches('-').count() == 4;
    is_uuid && text.bytes().all(|byte| byte == b'0' || byte == b'-')
}

/// True for a value that the system gives to every caller without one of its own. It counts only if no
/// other source has a value.
pub(super) fn is_stand_in(text: &str) -> bool {
    const SHARED: [&str; 9] = [
        "default_user_id",
        "default_user",
        "anonymous",
        "redacted",
        "[redacted]",
        "<redacted>",
        "(redacted)",
        "bearer redacted",
        "[filtered]",
    ];
    let text = text.trim();
    let is_masked = text.len() >= 3 && text.bytes().all(|byte| b"*xX".contains(&byte)) && text.contains('*');
    is_masked || SHARED.iter().any(|shared| text.eq_ignore_ascii_case(shared))
}

/// True for a word for a missing value of an attribute that accounts are linked by: two accounts without the
/// attribute do not share it. An id, a model or a text may be called so.
pub(super) fn is_no_attribute(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "unknown",
        "unspecified",
        "masked",
        "hidden",
        "missing",
        "empty",
        "not set",
        "(not set)",
        "not available",
        "not provided",
        "na",
        "#n/a",
        "<nil>",
        "?",
        ".",
        "0",
    ];
    is_placeholder(text) || is_stand_in(text) || is_one_of(text, &WORDS)
}

/// True for a placeholder in the times of an account: before 1990, or 2200 and later.
pub fn is_no_time(moment: Micros) -> bool {
    !(OLDEST..NEWEST).contains(&moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_told_from_values() {
        let zero = "00000000-0000-0000-0000-000000000000";
        for placeholder in
            ["", " ", "\t", "\0\0", "\u{a0}", "-", "None", "NULL", "null", "nan", "N/A", "\\N", zero]
        {
            assert!(is_placeholder(placeholder), "{placeholder:?}");
        }
        assert!(is_placeholder(&zero.replace('-', "")));
        for value in ["0", "00", "no", "nobody", "u", "-1", "--x", "n", "Nonesuch", "\u{200b}", "é", "0000"]
        {
            assert!(!is_placeholder(value), "{value:?}");
        }
        for never in ["", " ", "-", "--", "\\N", "<null>", "(null)", "n/a", zero] {
            assert!(is_never_an_id(never) && !is_word_for_null(never), "{never:?}");
        }
        for word in ["None", "null", "NIL"] {
            assert!(!is_never_an_id(word) && is_word_for_null(word), "{word:?}");
        }
        assert!(!is_never_an_id("a") && !is_word_for_null("nan"));
        for word in ["Unknown", "[REDACTED]", "(not set)", "#N/A", "***", "None", "?"] {
            assert!(is_no_attribute(word), "{word:?}");
        }
        assert!(!is_no_attribute("pm_1") && !is_no_attribute("curl/8.1"));
        assert!(is_stand_in("default_user_id") && !is_placeholder("default_user_id"));
        assert!(
            ["REDACTED", "[Redacted]", "***", "****"].iter().all(|mask| is_stand_in(mask))
                && !is_stand_in("xxx")
        );
    }

    #[test]
    fn zero_times_of_all_systems_are_no_times() {
        let micros = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
        for zero in [
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "1970-01-01T08:00:00Z",
            "1754-08-30T22:43:41Z",
            "1816-03-30T05:56:08Z",
            "1900-01-01T00:00:00Z",
            "2262-04-11T23:47:16Z",
            "9999-12-30T21:59:59Z",
        ] {
            assert!(is_no_time(micros(zero)), "{zero}");
        }
        assert!(!is_no_time(micros("2019-05-01T00:00:00Z")));
    }
}
