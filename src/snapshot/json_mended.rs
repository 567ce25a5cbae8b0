//! JSON as programs write it that put strings together, made JSON.

/// The text with what writers of JSON write and JSON does not have: null in place of NaN and infinities, as Python
/// writes them, and codes in place of control characters in strings, as programs do that put strings together;
/// `None` if it has none of these.
pub(super) fn mended(text: &str) -> Option<String> {
    const WORDS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];
    let mut mended = String::new();
    let (mut quoted, mut escaped, mut copied) = (false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        let (length, new) = match byte {
            _ if at < copied => continue,
            0..0x20 if quoted => (1, format!("{}u{byte:04x}", if escaped { "" } else { "\\" })),
            b'N' | b'I' | b'-' if !quoted => {
                let Some(word) = WORDS.iter().find(|word| text[at..].starts_with(**word)) else { continue };
                (word.len(), "null".to_owned())
            }
            _ => {
                quoted ^= byte == b'"' && !escaped;
                escaped = byte == b'\\' && quoted && !escaped;
                continue;
            }
        };
        escaped = false;
        mended.push_str(&text[copied..at]);
        mended.push_str(&new);
        copied = at + length;
    }
    if copied == 0 {
        return None;
    }
    mended.push_str(&text[copied..]);
    Some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_python_and_control_characters_become_json() {
        assert_eq!(
            mended("{\"a\":NaN,\"b\":\"NaN\\\"\",\"c\":[-Infinity]}").as_deref(),
            Some("{\"a\":null,\"b\":\"NaN\\\"\",\"c\":[null]}")
        );
        assert_eq!(
            mended("{\"a\":\"x\ty\\\t\\\\\u{c}\",\t\"b\":1}").as_deref(),
            Some("{\"a\":\"x\\u0009y\\u0009\\\\\\u000c\",\t\"b\":1}")
        );
        assert_eq!(mended("{\"a\":1,\t\"b\":\"\\\\\"}"), None);
    }
}
