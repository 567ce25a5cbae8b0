//! Prompt templates: the first words of a prompt with its variable parts masked.

use std::borrow::Cow;

use super::words::TOKENISED_CHARS;
use crate::model::is_hostile;

/// Number of words of a template.
const WORDS: usize = 8;
/// Minimum number of its words that are not masked.
const LITERAL: usize = 4;
/// Minimum number of an account's exchanges for a template to recur.
pub(super) const USES: u32 = 3;

/// First eight words of a prompt, case-folded, with numbers, quotations, URLs and code masked as
/// `<number>`, `<quote>`, `<url>` and `<code>`. `None` for a shorter prompt, or if more than half of
/// the words are masked.
pub(super) fn template(text: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::with_capacity(WORDS);
    let mut closing: Option<char> = None;
    let text = without_hidden(text);
    for token in text.split_whitespace() {
        if let Some(mark) = closing {
            if token.contains(mark) {
                closing = None;
            }
            continue;
        }
        if words.len() == WORDS {
            break;
        }
        let (masked, open) = mask(token);
        closing = open;
        words.push(masked);
    }
    let literal = words.iter().filter(|word| !word.starts_with('<')).count();
    (words.len() == WORDS && literal >= LITERAL).then(|| words.join(" "))
}

/// Beginning of a prompt without invisible characters.
fn without_hidden(text: &str) -> Cow<'_, str> {
    let end = text.char_indices().nth(TOKENISED_CHARS).map_or(text.len(), |(end, _)| end);
    if text[..end].bytes().all(|c| matches!(c, b'\n' | b'\t' | 0x20..0x7f)) {
        return Cow::Borrowed(&text[..end]);
    }
    Cow::Owned(text.chars().filter(|&c| !is_hostile(c)).take(TOKENISED_CHARS).collect())
}

/// Masked form of a token, and the closing mark of a quotation that it opens.
fn mask(token: &str) -> (String, Option<char>) {
    let quotes = [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“'), ('`', '`'), ('「', '」')];
    let bare = token.trim_start_matches(['(', '[']);
    for (opening, closing) in quotes {
        if let Some(rest) = bare.strip_prefix(opening) {
            let name = if opening == '`' { "<code>" } else { "<quote>" };
            let rest = rest.trim_start_matches(opening);
            return (name.to_owned(), (!rest.contains(closing)).then_some(closing));
        }
    }
    let lower = bare.to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("www.") {
        return ("<url>".to_owned(), None);
    }
    if lower.contains("::")
        || lower.contains("()")
        || lower.contains("==")
        || lower.contains(['{', '}', '<', '>', ';', '\\'])
    {
        return ("<code>".to_owned(), None);
    }
    if lower.chars().any(char::is_numeric) {
        return ("<number>".to_owned(), None);
    }
    (token.to_lowercase(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_masked() {
        let a = template("Rate this answer to “How do\nI bake?” from 1 to 10 and explain why");
        let b = template("rate THIS answer to \"x\" from 3 to 25 and explain why not");
        assert_eq!(a.as_deref(), Some("rate this answer to <quote> from <number> to"));
        assert_eq!(a, b);
        assert_eq!(
            template("See https://a.example/b and run `ls -la` on the old host").as_deref(),
            Some("see <url> and run <code> on the old")
        );
    }

    #[test]
    fn short_or_shapeless_prompts_have_none() {
        assert_eq!(template("hello there"), None);
        assert_eq!(template("1 2 3 4 5 6 7 8 9"), None);
        assert_eq!(template(""), None);
    }
}
