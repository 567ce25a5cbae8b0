//! Text of lines, whose bytes need not be UTF-8.

use std::borrow::Cow;

use crate::snapshot::json::{self, Entries};
use crate::snapshot::json_mended::mended;

/// Calls `visit` with the entries of a line that is one JSON object, and with true if a text in them may
/// have characters from [`text_of`] that stand for bytes. `None` for any other line.
pub(super) fn with_entries<T>(line: &[u8], visit: impl FnOnce(&Entries<'_>, bool) -> T) -> Option<T> {
    let text = text_of(without_time(line));
    let is_coded = matches!(text, Cow::Owned(_));
    if let Some(entries) = json::entries(&text) {
        return Some(visit(&entries, is_coded));
    }
    let unescaped = of_hex_escapes(&text);
    let is_coded = is_coded || unescaped.is_some();
    let text = unescaped.map_or(text, Cow::Owned);
    if let Some(entries) = json::entries(&text) {
        return Some(visit(&entries, is_coded));
    }
    let mended = mended(&text)?;
    json::entries(&mended).map(|entries| visit(&entries, is_coded))
}

/// JSON text whose writer escapes bytes as `\x22`, as the logs of nginx and Apache do and JSON does not; `None` for
/// any other text. Bytes beyond ASCII stand as in [`text_of`].
fn of_hex_escapes(text: &str) -> Option<String> {
    if !text.contains("\\x") || text.chars().any(is_code) {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.strip_prefix("\\x").and_then(|rest| rest.get(..2));
        let end = match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte @ 0x80..) => {
                plain.extend(char::from_u32(CODES + u32::from(byte)));
                4
            }
            Some(byte) => {
                plain.push_str(&format!("\\u{byte:04x}"));
                4
            }
            // The character after a backslash belongs to it.
            None => {
                let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
                plain.push_str(&escape[..end]);
                end
            }
        };
        rest = &escape[end..];
    }
    plain.push_str(rest);
    Some(plain)
}

/// Longest time that may stand before an object, in bytes.
const MAX_TIME_BYTES: usize = 40;

/// Line without a time before its object, as an export of CloudWatch Logs writes it:
/// `2026-04-22T13:05:09.123Z {…}`.
pub(super) fn without_time(line: &[u8]) -> &[u8] {
    if !line.first().is_some_and(u8::is_ascii_digit) {
        return line;
    }
    let at = line.iter().take(MAX_TIME_BYTES).position(|&byte| byte == b'{');
    let is_time = |byte: &u8| byte.is_ascii_digit() || b"-:.+TZ ".contains(byte);
    match at {
        Some(at) if line[..at].iter().all(is_time) && line[at - 1] == b' ' => &line[at..],
        _ => line,
    }
}

/// Text of a line whose bytes need not be UTF-8: every byte that is not part of UTF-8 stands as a
/// character of a range that the line does not use otherwise.
pub(super) fn text_of(line: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(line) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(line.len() + 16);
    for chunk in line.utf8_chunks() {
        if chunk.valid().chars().any(is_code) {
            return String::from_utf8_lossy(line);
        }
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|&byte| char::from_u32(CODES + u32::from(byte))));
    }
    Cow::Owned(text)
}

/// First of 256 private characters that stand for bytes.
const CODES: u32 = 0x10_fe00;

fn is_code(c: char) -> bool {
    (CODES..CODES + 256).contains(&u32::from(c))
}

/// The bytes for which a text from [`text_of`] stands.
pub(super) fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c).checked_sub(CODES).and_then(|code| u8::try_from(code).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_access_logs_are_read() {
        let line = br#"{"ua":"my \x22ua\x22 \xC3\xA9 \\x41 \n","n":1}"#;
        let found = with_entries(line, |entries, is_coded| {
            let cell = json::cell(entries[0].1.get()).unwrap();
            (bytes_of(std::str::from_utf8(&cell).unwrap()), is_coded, entries.len())
        });
        let (bytes, is_coded, count) = found.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "my \"ua\" é \\x41 \n");
        assert!(is_coded && count == 2);
        assert!(with_entries(b"{\"a\":\"\\xZZ\"}", |_, _| ()).is_none());
    }

    #[test]
    fn a_control_character_in_a_text_hides_no_line() {
        let line = b"{\"prompt\":\"a\tb\x0c\",\"account_id\":\"a\"}";
        let cells = with_entries(line, |entries, _| {
            entries.iter().map(|(_, raw)| json::cell(raw.get()).unwrap().into_owned()).collect::<Vec<_>>()
        });
        assert_eq!(cells.unwrap(), [&b"a\tb\x0c"[..], b"a"]);
    }

    #[test]
    fn bytes_that_are_no_text_survive() {
        for line in [&b"plain \xc3\xa9"[..], b"bad \xff\xfe byte", b"\xe2\x82"] {
            let text = text_of(line);
            let is_plain = std::str::from_utf8(line).is_ok();
            let back = if is_plain { text.as_bytes().to_vec() } else { bytes_of(&text) };
            assert_eq!(back, line);
        }
    }
}
