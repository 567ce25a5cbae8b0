//! Tokenisation of prompts, in any script: case-folded words without invisible characters, with
//! numbers as 0.

use crate::model::is_hostile;

/// Number of characters at the beginning of a prompt that are tokenised.
pub(super) const TOKENISED_CHARS: usize = 2_000;
/// Maximum number of characters of a word.
const MAX_WORD_CHARS: usize = 24;

/// Role of a character in words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Between words.
    Gap,
    /// Part of a word of a script that puts spaces between words.
    Spaced,
    /// Part of a script without spaces, whose words are pairs of neighbouring characters.
    Unspaced,
}

fn kind(c: char) -> Kind {
    match c {
        // Most text is ASCII and needs no table.
        '\0'..='\u{7f}' => {
            if c.is_ascii_alphanumeric() {
                Kind::Spaced
            } else {
                Kind::Gap
            }
        }
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Kind::Unspaced,
        '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Kind::Unspaced,
        '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Kind::Unspaced,
        // Signs inside Indic words, which Unicode does not call alphabetic.
        '\u{900}'..='\u{963}' | '\u{966}'..='\u{dff}' => Kind::Spaced,
        c if c.is_alphanumeric() => Kind::Spaced,
        _ => Kind::Gap,
    }
}

/// Calls `each` with every word of the first [`TOKENISED_CHARS`] characters, in order.
pub(super) fn for_each_word(text: &str, mut each: impl FnMut(&str)) {
    let mut word = String::new();
    let mut length = 0;
    let mut before = Kind::Gap;
    let is_visible = |c: &char| ('\u{20}'..'\u{7f}').contains(c) || !is_hostile(*c);
    let mut chars = text.chars().filter(is_visible).take(TOKENISED_CHARS).peekable();
    while let Some(c) = chars.next() {
        let now = kind(c);
        if now != Kind::Spaced && !word.is_empty() {
            each(&word);
            word.clear();
            length = 0;
        }
        if now == Kind::Spaced {
            push_folded(&mut word, &mut length, c);
        } else if now == Kind::Unspaced {
            let next = chars.peek().filter(|&&next| kind(next) == Kind::Unspaced);
            if next.is_some() || before != Kind::Unspaced {
                each(&[c].into_iter().chain(next.copied()).collect::<String>());
            }
        }
        before = now;
    }
    if !word.is_empty() {
        each(&word);
    }
}

fn push_folded(word: &mut String, length: &mut usize, c: char) {
    if *length >= MAX_WORD_CHARS {
        return;
    }
    *length += 1;
    if c.is_ascii_alphabetic() {
        word.push(c.to_ascii_lowercase());
    } else if c.is_numeric() {
        if !word.ends_with('0') {
            word.push('0');
        }
    } else {
        word.extend(c.to_lowercase());
    }
}

/// True for a character of a script without spaces.
pub(super) fn is_unspaced(c: char) -> bool {
    kind(c) == Kind::Unspaced
}

/// True if a word of a spaced script may stand in a label: at least three letters, not a number, not a function
/// word. Scripts without spaces have words of their own (`labels_unspaced`).
pub(super) fn can_label(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 3 && !word.contains(|c| c == '0' || is_unspaced(c)) && !is_common(word)
}

/// True for a function word of a major language. Document frequency does not identify them: if one
/// prompt in fifty is German, “und” is rare and would label every German topic.
fn is_common(word: &str) -> bool {
    COMMON.iter().any(|(_, words)| words.split(' ').any(|common| common == word))
}

/// Function words of three letters and more, by language.
const COMMON: [(&str, &str); 9] = [
    (
        "en",
        "the and for are but not you your all any can had has have was were one our out his her him its who \
         whom how what when where which why that this these those with from they them their there then than \
         will would should could shall may might must been being did does doing into about over under after \
         before between during each few more most other some such only own same very just also because while \
         both here she too use using used make made get give want need like please write following don isn \
         doesn let know don't i'm it's am way many much without per via two",
    ),
    (
        "de",
        "der die das und ist ein eine einen einem einer eines nicht mit von für auf den dem des sich auch als \
         wie was wer ich sie wir ihr mir dir mich dich uns bei nach aus wenn oder aber kann sind war hat haben \
         wird werden zum zur über dass nur noch bitte im es",
    ),
    (
        "fr",
        "les des une est que qui dans pour pas sur avec par plus sont vous nous ils elle elles mais cette ces \
         son ses mon mes ton tes aux comme être fait tout tous peut quoi quel quelle leur leurs sans où donc",
    ),
    (
        "es",
        "los las una uno que del con por para está como más pero sus son fue muy sin sobre este esta esto ese \
         eso cuando donde qué cómo cuál hay ser tiene puede desde entre también nos ella ellos porque",
    ),
    (
        "pt",
        "uma que com não para por mais como dos das foi são mas seu sua nos nas ele ela isso esse essa este \
         esta quando muito você pelo pela até sem ser tem entre sobre",
    ),
    (
        "it",
        "gli una che con per non del della dei delle nel nella come più sono alla dal dalla questo questa \
         cosa anche essere sua suo loro chi quando dove perché",
    ),
    (
        "nl",
        "het een van dat die met voor zijn niet aan ook als maar door naar hij zij wat hoe kan worden heeft",
    ),
    (
        "ru",
        "что как это для или при его она они мне меня тебя нас вас был была было быть если так все вот \
         где когда который которые чтобы только может над под без",
    ),
    ("tr pl vi", "bir için ile gibi daha olan ama nie jest się jak dla czy tak một các của cho không được"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        for_each_word(text, |word| all.push(word.to_owned()));
        all
    }

    #[test]
    fn words_of_several_scripts() {
        for (text, expected) in [
            ("Naïve  CODE, in Python3.11!", "naïve code in python0 0"),
            ("机器学习 is 学", "机器 器学 学习 is 学"),
            ("使用python代码", "使用 python 代码"),
            ("pass\u{200b}word", "password"),
            ("हिन्दी में", "हिन्दी में"),
            (" \n\t…", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn only_the_beginning_is_looked_at() {
        assert_eq!(words(&"ab ".repeat(5_000)).len(), TOKENISED_CHARS.div_ceil(3));
    }

    #[test]
    fn labels_take_no_numbers_and_no_function_words() {
        for (word, may) in [("python", true), ("the", false), ("und", false), ("000", false), ("学习", false)]
        {
            assert_eq!(can_label(word), may, "{word}");
        }
    }
}
