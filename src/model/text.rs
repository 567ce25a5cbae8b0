//! Safe display of text that an adversary may have written.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line for the screen that says how hostile characters are shown.
pub const HOSTILE_LEGEND: &str = "⟨U+202E⟩: a control or invisible character, shown by its code";

/// True if a character steers the display or cannot be seen: controls other than tab and line
/// feed, bidirectional controls, zero-width and other default-ignorable characters, tags,
/// variation selectors, private use, and the line and paragraph separators.
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

/// The text with every [hostile](is_hostile) character written as its code, `⟨U+202E⟩`.
/// Borrows when there is none.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversed_file_name_is_seen_through() {
        assert_eq!(visible("gpj\u{202e}exe"), "gpj⟨U+202E⟩exe");
    }

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        for text in ["a\tb\nc", "naïve 漢字 عربى", "emoji 🙂"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
