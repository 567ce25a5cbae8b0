//! JSON in Base64 (RFC 4648), as proxies and queues write the bodies that they carry, and in lists of bytes, as
//! `journalctl -o json` writes texts with characters that cannot be printed.

/// Longest text that is decoded, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// JSON object or list that a text has in Base64, in either alphabet, or as the claims of a JSON Web Token (RFC 7519)
/// with or without the word Bearer; `None` for any other text.
pub(super) fn json_in(text: &str) -> Option<String> {
    let text = text.trim();
    let token = text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer ")).unwrap_or(text).trim();
    let mut parts = token.split('.').filter(|_| token.starts_with("ey"));
    let text = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(claims), Some(_), None) => claims,
        _ => text,
    };
    // A brace and a bracket begin so.
    if !text.starts_with(['e', 'W']) || text.len() < 8 || text.len() > MAX_BYTES {
        return None;
    }
    let decoded = String::from_utf8(decoded(text.trim_end_matches('='))?).ok()?;
    decoded.starts_with(['{', '[']).then_some(decoded)
}

/// JSON object or list whose bytes a list of numbers has, other bytes than UTF-8 replaced; `None` for any other text.
pub(super) fn json_of_bytes(text: &str) -> Option<String> {
    let list = text.trim();
    let second = list.strip_prefix('[').map(str::trim_start).filter(|_| list.len() <= MAX_BYTES)?;
    if !second.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let bytes: Vec<u8> = serde_json::from_str(list).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.starts_with(['{', '[']).then_some(text)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_bytes_that_are_json_are_decoded() {
        let of = |text: &[u8]| json_of_bytes(&serde_json::to_string(text).unwrap());
        assert_eq!(of(b"{\"a\":\"\x7f\xff\"}").as_deref(), Some("{\"a\":\"\u{7f}\u{fffd}\"}"));
        assert_eq!(of(b"plain"), None);
        assert_eq!(["[1,2,300]", "[]", "{}", "[\"a\"]"].map(json_of_bytes), [const { None }; 4]);
    }

    #[test]
    fn only_json_is_decoded() {
        assert_eq!(json_in("eyJ1c2VyIjoidTcifQ==").as_deref(), Some("{\"user\":\"u7\"}"));
        assert_eq!(json_in("W3siYSI6Ij8_PyJ9XQ").as_deref(), Some("[{\"a\":\"???\"}]"));
        for token in ["eyJhIjoxfQ.eyJzdWIiOiJ1NyJ9.c2ln", "Bearer eyJhIjoxfQ.eyJzdWIiOiJ1NyJ9."] {
            assert_eq!(json_in(token).as_deref(), Some("{\"sub\":\"u7\"}"), "{token}");
        }
        for other in [
            "eyJhIjoxfQ.eyJz.x.y",
            "Bearer everything.else.x",
            "everything",
            "Weather today",
            "ey",
            "eyJ 1",
            "SGVsbG8gd29ybGQ=",
        ] {
            assert_eq!(json_in(other), None, "{other}");
        }
    }
}
