//! Case-folded search for words in a column of texts, fast for texts without them.
//!
//! The texts of a column are contiguous in memory. The longest ASCII-foldable part of the words is
//! searched in all of them at once, in ASCII lower case; only texts with this part are folded whole.

use arrow_array::{Array, StringArray};
use memchr::memmem::Finder;

/// Non-ASCII characters whose lower case contains ASCII: the Kelvin sign, and I with a dot, whose
/// lower case is i and a combining dot. Texts with one of them are always folded whole.
const FOLDS_TO_ASCII: [&str; 2] = ["\u{212a}", "\u{130}"];

/// Words of a search.
pub(super) struct Words {
    words: Vec<String>,
    /// Part of a word that the ASCII lower case of every matching text contains; empty matches all.
    piece: Finder<'static>,
    folds_to_ascii: [Finder<'static>; 2],
}

/// Scratch memory, reused from column to column.
#[derive(Default)]
pub(super) struct Scratch {
    lower: Vec<u8>,
    folded: String,
}

impl Words {
    /// Parses the words of a search: case-folded, a phrase in double quotes as one word. `None` if there
    /// are none.
    pub(super) fn parse(words: &str) -> Option<Self> {
        let words = parse(words);
        let piece = words.iter().map(|word| piece(word)).max_by_key(|piece| piece.len())?;
        let piece = Finder::new(piece).into_owned();
        Some(Self { piece, words, folds_to_ascii: FOLDS_TO_ASCII.map(Finder::new) })
    }

    /// Calls `hit` with position and excerpt of each `wanted` text of a column that has every word,
    /// ascending, until it returns false.
    pub(super) fn find(
        &self,
        texts: &StringArray,
        scratch: &mut Scratch,
        wanted: impl Fn(usize) -> bool,
        mut hit: impl FnMut(usize, String) -> bool,
    ) {
        let Scratch { lower, folded } = scratch;
        let offsets = texts.value_offsets();
        // Offsets of a valid array are not negative.
        let offset = |at: usize| offsets[at] as usize;
        let (first, last) = (offset(0), offset(texts.len()));
        let Some(bytes) = texts.value_data().get(first..last) else { return };
        let all =
            self.piece.needle().is_empty() || self.folds_to_ascii.iter().any(|c| c.find(bytes).is_some());
        lower.clear();
        lower.extend_from_slice(bytes);
        lower.make_ascii_lowercase();
        let mut at = 0;
        while at < texts.len() {
            if !all {
                let Some(found) = self.piece.find(&lower[offset(at) - first..]) else { return };
                let place = (offset(at) + found) as i32;
                // The last text that begins at or before the position, as empty texts begin there too.
                at += offsets[at + 1..].partition_point(|&start| start <= place);
            }
            if at < texts.len()
                && texts.is_valid(at)
                && wanted(at)
                && let Some(excerpt) = self.excerpt(texts.value(at), folded)
                && !hit(at, excerpt)
            {
                return;
            }
            at += 1;
        }
    }

    /// About 80 characters around the first word; `None` if a word is missing. `folded` is scratch
    /// memory.
    fn excerpt(&self, text: &str, folded: &mut String) -> Option<String> {
        const BEFORE: usize = 30;
        const LENGTH: usize = 80;
        fold(text, folded);
        let place = folded.find(self.words.first()?.as_str())?;
        if !self.words[1..].iter().all(|word| folded.contains(word.as_str())) {
            return None;
        }
        let mut passed = 0;
        let before = text.chars().take_while(|c| {
            passed += c.to_lowercase().map(char::len_utf8).sum::<usize>();
            passed <= place
        });
        let start = before.count().saturating_sub(BEFORE);
        Some(text.chars().skip(start).take(LENGTH).collect())
    }
}

fn parse(words: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, part) in words.split('"').enumerate() {
        let mut folded = String::new();
        fold(part, &mut folded);
        if at % 2 == 1 {
            found.push(folded);
        } else {
            found.extend(folded.split_whitespace().map(str::to_owned));
        }
    }
    found.retain(|word| !word.trim().is_empty());
    found
}

/// Longest part of a folded word whose characters are ASCII or have no other case.
fn piece(word: &str) -> &str {
    let is_plain = |c: char| c.is_ascii() || c.to_uppercase().eq([c]);
    word.split(|c: char| !is_plain(c)).max_by_key(|part| part.len()).unwrap_or("")
}

/// Writes the text in lower case, character by character, so that positions can be mapped back.
fn fold(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(text.chars().flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(texts: &[Option<&str>], words: &str) -> Vec<usize> {
        let texts = StringArray::from(texts.to_vec());
        let mut hits = Vec::new();
        let words = Words::parse(words).unwrap();
        words.find(
            &texts,
            &mut Scratch::default(),
            |_| true,
            |at, _| {
                hits.push(at);
                true
            },
        );
        hits
    }

    #[test]
    fn a_phrase_is_one_word_and_case_is_folded() {
        assert_eq!(parse("Grade \"the Answer\" Äh"), ["grade", "the answer", "äh"]);
        assert!(parse(" \"\" ").is_empty());
    }

    #[test]
    fn an_excerpt_has_the_word_where_folding_changes_lengths() {
        let text = format!("{}needle{}", "İ".repeat(50), "x".repeat(200));
        let excerpt = |words: &str, text: &str| Words::parse(words)?.excerpt(text, &mut String::new());
        let found = excerpt("needle", &text).unwrap();
        assert!(found.starts_with(&"İ".repeat(30)) && found.contains("needle"));
        assert_eq!(found.chars().count(), 80);
        assert_eq!(excerpt("one three", "one two"), None);
    }

    #[test]
    fn pieces_are_what_cannot_be_folded_from_anything_else() {
        for (word, expected) in [("über", "ber"), ("机器 x", "机器 x"), ("я", ""), ("naïve", "ve")] {
            assert_eq!(piece(word), expected, "{word}");
        }
    }

    #[test]
    fn a_word_does_not_span_two_texts_and_empty_ones_are_passed_over() {
        let texts = [Some("need"), Some("le"), None, Some(""), Some("a needle"), Some(""), Some("NEEDLE")];
        assert_eq!(found(&texts, "needle"), [4, 6]);
        assert_eq!(found(&texts, "e"), [0, 1, 4, 6]);
        assert_eq!(found(&[Some(""), None], "e"), [0usize; 0]);
        assert_eq!(found(&[], "e"), [0usize; 0]);
    }

    proptest! {
        #[test]
        fn it_finds_what_folding_every_text_finds(
            texts in prop::collection::vec("[aAbBkK\u{212a}İiüÜßяЯ机 ]{0,6}", 0..12),
            words in "[aAbkKiüяß机]{1,3}( [abkiü机]{1,2})?",
            start in 0usize..3,
        ) {
            let words = Words::parse(&words).unwrap();
            let all = StringArray::from(texts.clone());
            // A slice of an array does not begin at the beginning of its memory.
            let start = start.min(all.len());
            let slice = all.slice(start, all.len() - start);
            let mut hits = Vec::new();
            words.find(&slice, &mut Scratch::default(), |_| true, |at, _| {
                hits.push(at + start);
                true
            });
            let slow = |text: &String| {
                let folded: String = text.chars().flat_map(char::to_lowercase).collect();
                words.words.iter().all(|word| folded.contains(word.as_str()))
            };
            let expected: Vec<usize> = (start..texts.len()).filter(|&at| slow(&texts[at])).collect();
            prop_assert_eq!(hits, expected);
        }
    }
}
