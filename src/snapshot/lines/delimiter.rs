//! Delimiters of CSV as a user writes them.

/// Delimiter of a text that is one character of ASCII, or `\t` or such as `\x01` for one that cannot be typed; `None`
/// for any other text, letters, digits, quotation marks and line breaks.
pub fn delimiter_of(text: &str) -> Option<u8> {
    let coded = text.strip_prefix("\\x").and_then(|code| u8::from_str_radix(code, 16).ok());
    let own = match (text.as_bytes(), coded) {
        (_, Some(code)) => code,
        (b"\\t", None) => b'\t',
        (&[own], None) => own,
        _ => return None,
    };
    (own.is_ascii() && !own.is_ascii_alphanumeric() && !b"\"\r\n\0".contains(&own)).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_single_characters() {
        assert_eq!(["~", "\u{1}", "\\x01", "\\t", "^"].map(delimiter_of), [b'~', 1, 1, 9, b'^'].map(Some));
        assert_eq!(["", "ab", "a", "1", "\"", "\n", "é", "\\x0a", "\\xff"].map(delimiter_of), [None; 9]);
    }
}
