//! Text in a form in which words are looked for, with the places of its characters in the text itself.

use std::ops::Range;

use crate::model::is_hostile;

/// Folded text: without invisible characters, wide letters as ordinary ones, any run of spaces and line ends as
/// one space.
pub(super) struct Folded {
    /// The text.
    pub text: String,
    /// Of each of its characters: its byte, and the first and the last byte (exclusive) in the original. Empty where
    /// all stand where they stood.
    places: Vec<(usize, Range<usize>)>,
}

impl Folded {
    /// Folded form of a text.
    pub fn of(text: &str) -> Self {
        Self::with(text, |c, out| out.push(c))
    }

    /// As [`of`](Self::of), in lower case.
    pub fn lower(text: &str) -> Self {
        Self::with(text, |c, out| out.extend(c.to_lowercase()))
    }

    fn with(original: &str, push: impl Fn(char, &mut String)) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut places: Vec<(usize, Range<usize>)> = Vec::new();
        let mut is_same = true;
        for (at, c) in original.char_indices() {
            let end = at + c.len_utf8();
            if c.is_whitespace() {
                if text.ends_with(' ') {
                    is_same = false;
                    if let Some((_, place)) = places.last_mut() {
                        place.end = end;
                    }
                    continue;
                }
                is_same &= c.len_utf8() == 1;
                places.push((text.len(), at..end));
                text.push(' ');
            } else if is_hostile(c) {
                is_same = false;
            } else {
                let from = text.len();
                places.push((from, at..end));
                push(narrow(c), &mut text);
                is_same &= text.len() - from == c.len_utf8();
            }
        }
        if is_same {
            places = Vec::new();
        }
        Self { text, places }
    }

    /// Bytes of the original behind some bytes of the folded text. Invisible characters inside are part of them.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        if self.places.is_empty() {
            return range;
        }
        let first = self.places.partition_point(|(at, _)| *at <= range.start).saturating_sub(1);
        let last = self.places.partition_point(|(at, _)| *at < range.end).saturating_sub(1);
        self.places[first].1.start..self.places[last].1.end
    }
}

/// Ordinary form of a wide letter, digit or sign.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_the_original() {
        for text in ["plain words", "a\u{200b}b  \n c", "ＡＢ@ｃ．ｄ", "é漢\u{202e}x\r\n\r\ny", ""] {
            for folded in [Folded::of(text), Folded::lower(text)] {
                let all = folded.original(0..folded.text.len());
                assert!(text.get(all).is_some(), "{text:?}");
                for (at, c) in folded.text.char_indices() {
                    let place = folded.original(at..at + c.len_utf8());
                    let own = text.get(place).unwrap_or_else(|| panic!("{text:?} at {at}"));
                    assert!(!own.is_empty());
                }
            }
        }
        let folded = Folded::of("x a\u{200b}b");
        assert_eq!(folded.text, "x ab");
        assert_eq!(folded.original(2..4), 2..7);
        assert_eq!(Folded::of("Ａ　 Ｂ").text, "A B");
        assert_eq!(Folded::lower("ÄB").text, "äb");
    }
}
