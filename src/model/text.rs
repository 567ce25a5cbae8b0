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
        | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
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

/// The text as [`visible`], of a single word or name also the white space at its ends as codes: `amy ` looks like `amy`.
pub fn visible_id(text: &str) -> Cow<'_, str> {
    let inner = text.trim();
    if inner.len() == text.len() {
        return visible(text);
    }
    let start = text.len() - text.trim_start().len();
    let coded = |space: &str| space.chars().map(|c| format!("⟨U+{:04X}⟩", u32::from(c))).collect::<String>();
    let (before, after) = (coded(&text[..start]), coded(&text[start + inner.len()..]));
    Cow::Owned(format!("{before}{}{after}", visible(inner)))
}

/// Reason for which a name is refused that looks like another one.
pub const DECEPTIVE: &str = "it has invisible characters, or Latin letters beside Greek or Cyrillic ones in one word: such a name \
    looks like another";

/// True for a name that can look like another one: with a [hostile](is_hostile) character, or with letters of Latin and
/// of Greek, Cyrillic or Armenian script in one word.
pub fn is_deceptive(name: &str) -> bool {
    let is_latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}');
    let is_alike = |c: char| matches!(c, '\u{370}'..='\u{58f}' | '\u{1f00}'..='\u{1fff}');
    let mut words = name.split(|c: char| !c.is_alphabetic());
    name.chars().any(is_hostile) || words.any(|word| word.chars().any(is_latin) && word.chars().any(is_alike))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversed_file_name_is_seen_through() {
        assert_eq!(visible("gpj\u{202e}exe"), "gpj⟨U+202E⟩exe");
        assert_eq!(visible("a\u{ffff}"), "a⟨U+FFFF⟩");
    }

    #[test]
    fn white_space_at_the_ends_of_an_id_is_seen() {
        assert_eq!(visible_id(" amy\u{a0}\n"), "⟨U+0020⟩amy⟨U+00A0⟩⟨U+000A⟩");
        assert_eq!(visible_id("a b"), "a b");
        assert_eq!(visible_id("\u{202e}a"), "⟨U+202E⟩a");
        assert_eq!(visible_id("  "), "⟨U+0020⟩⟨U+0020⟩");
    }

    #[test]
    fn names_that_look_like_others_are_told() {
        for name in ["rel\u{456}ed-on", "2026-01\u{200b}", "\u{202e}x", "te\u{3bf}x"] {
            assert!(is_deceptive(name), "{name}");
        }
        for name in ["relied-on", "2026-01", "вторая группа", "naïve", "group Ω", "第一 lead", "α-β test", ""]
        {
            assert!(!is_deceptive(name), "{name}");
        }
    }

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        for text in ["a\tb\nc", "naïve 漢字 عربى", "emoji 🙂"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
