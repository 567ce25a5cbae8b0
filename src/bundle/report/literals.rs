//! Sentences in the sources of the report, for the build script.
//!
//! The build reads the texts that the sections of the report and the captions of exhibits write, so `verify` knows
//! the sentences of the program that it is part of.

use std::collections::BTreeSet;

/// Smallest number of letters in the words of a sentence itself, and in one that begins with a text put in.
const LETTERS: [usize; 2] = [5, 10];

/// Sentences of Rust sources, one to a line, with `{}` for what a format puts in.
pub(super) fn sentences(sources: &[String]) -> String {
    let texts = sources.iter().flat_map(|source| literals(source));
    let found: BTreeSet<String> = texts.filter(|text| is_sentence(text)).collect();
    found.into_iter().map(|text| text + "\n").collect()
}

/// Text literals of a source before its tests.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let (mut found, mut chars) = (Vec::new(), source.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next().is_some_and(|c| c != '\n') {},
            '\'' if chars.peek() == Some(&'"') => drop(chars.next()),
            '"' => found.push(literal(&mut chars)),
            _ => {}
        }
    }
    found
}

/// Text up to the closing quotation mark.
fn literal(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            '{' => {
                depth += 1;
                text.push('{');
            }
            '}' => {
                depth -= 1;
                text.push('}');
            }
            _ if depth > 0 => {}
            other => text.push(other),
        }
    }
    text
}

/// True for a text that can be a sentence: it begins and ends as one and has words of its own.
fn is_sentence(text: &str) -> bool {
    let letters = text.replace("{}", "").chars().filter(|c| c.is_alphabetic()).count();
    let starts =
        text.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || "{p".contains(c));
    starts
        && (text.contains(' ') || text.ends_with(':'))
        && letters >= LETTERS[usize::from(text.starts_with('{'))]
        && text.ends_with(['.', ':', '}'])
        && !text.contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_texts_that_a_source_writes() {
        let source = r#"
            // "Not of a comment."
            say(format!("{} of {all} have a \
                         record.", n));
            say("Prompt:"); say("no start."); say("No end"); say("{}: {}.");
            let quote = '"';
            say(format!("Scope: {scope}."));
            #[cfg(test)] say("Not of a test.");
        "#;
        let found = sentences(&[source.to_owned()]);
        assert_eq!(found, "Prompt:\nScope: {}.\n{} of {} have a record.\n");
    }
}
