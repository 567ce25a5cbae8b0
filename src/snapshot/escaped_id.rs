//! Identifiers as the reader of a log gives them, for whoever compares them with the log.

use super::convert::escaped;

/// An identifier with `\x5C` for a backslash before what looks like the code of a byte, such as `\xFF`: identifiers
/// whose bytes are not UTF-8 are read with such codes, so that no text is that of other bytes.
pub fn escaped_id(text: &str) -> String {
    escaped(text)
}
