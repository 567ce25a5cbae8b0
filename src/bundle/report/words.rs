//! Words of the report that are the program's own: sentences without a figure of the case.
//!
//! `sentences.txt` lists the texts of the sections and of the captions of exhibits, with `{}` for what a case puts in.
//! A sentence of a page that is none of them was written by somebody else.

use crate::case::legal::SECRET_CAUTION;
use crate::model::HOSTILE_LEGEND;

/// Sentences, one to a line.
pub(in crate::bundle) const LISTED: &str = include_str!("sentences.txt");
/// Sentences whose text in the sources is a name of a constant, or too short to tell.
const MORE: [&str; 12] = [
    "Scope: {}.",
    "Topics: {}.",
    "Prompt:",
    "Response:",
    "stillhunt {}; signals {}.",
    "Versions: stillhunt {}; signals {}.",
    "E{} is “{}”: {}.",
    "It has {} and {}.",
    "Its SHA-256 is {}.",
    "{}: rank {} of the present list of {}.",
    "{} of {} accounts in the log.",
    SECRET_CAUTION,
];
/// Cautions that every report has.
pub(super) const CAUTIONS: [&str; 5] = [
    "This report does not state who operates an account, the nation of an operator, or any intention.",
    "It does not state that a model was trained on the responses, and it gives no probability of guilt.",
    "A lead is a group of accounts put forward for review; its rank is an order of review.",
    "A rank is an order of review, not a probability.",
    "The program does not say that an element is met.",
];
/// Beginnings of sentences in which a person's words stand, full stops included.
const FREE: [&str; 10] = [
    "No proceeding is named, so the elements of ",
    "This bundle has the elements of ",
    "Event noted by the investigator: ",
    "Scope: ",
    "Statement on ",
    "Snapshot ",
    "Another verdict on ",
    "The explanation ",
    "Topics: ",
    "There ",
];
/// Maximum number of bytes of a text put into a sentence.
const PUT_IN: usize = 2_000;

/// Sentences of the program.
pub(super) struct Words {
    patterns: Vec<Pattern>,
}

/// A sentence by its parts between what is put in.
struct Pattern {
    parts: Vec<String>,
    /// True if what is put in may hold full stops.
    is_free: bool,
}

impl Words {
    /// All sentences of this version of the program.
    pub(super) fn new() -> Self {
        let legend = format!("{HOSTILE_LEGEND}.");
        let all = LISTED.lines().chain(MORE).chain([legend.as_str()]);
        let patterns = all.map(|text| Pattern {
            parts: text.split("{}").map(str::to_owned).collect(),
            is_free: FREE.iter().any(|start| text.starts_with(start)),
        });
        Self { patterns: patterns.collect() }
    }

    /// True if a text consists of sentences of the program alone, each after a space.
    pub(super) fn are_known(&self, text: &str) -> bool {
        let mut is_end = vec![false; text.len() + 1];
        let mut starts = vec![0];
        while let Some(start) = starts.pop() {
            for end in self.patterns.iter().flat_map(|own| own.ends(text, start)) {
                if end == text.len() {
                    return true;
                }
                if !is_end[end] && text[end..].starts_with(' ') {
                    is_end[end] = true;
                    starts.push(end + 1);
                }
            }
        }
        text.is_empty()
    }
}

impl Pattern {
    /// Places at which the sentence can end if it begins at `start`.
    fn ends(&self, text: &str, start: usize) -> Vec<usize> {
        let Some((first, rest)) = self.parts.split_first() else { return Vec::new() };
        if !text[start..].starts_with(first.as_str()) {
            return Vec::new();
        }
        let mut ends = vec![start + first.len()];
        for part in rest {
            let mut next: Vec<usize> = ends.iter().flat_map(|&from| self.after(text, from, part)).collect();
            next.sort_unstable();
            next.dedup();
            ends = next;
        }
        ends
    }

    /// Ends of `part` behind a text that is put in at `from`.
    fn after(&self, text: &str, from: usize, part: &str) -> Vec<usize> {
        let rest = &text[from..];
        if part.is_empty() {
            return if self.can_be_put_in(rest) { vec![text.len()] } else { Vec::new() };
        }
        let places = rest.match_indices(part).take_while(|(at, _)| *at <= PUT_IN);
        let places = places.filter(|(at, _)| self.can_be_put_in(&rest[..*at]));
        places.map(|(at, _)| from + at + part.len()).collect()
    }

    fn can_be_put_in(&self, text: &str) -> bool {
        text.len() <= PUT_IN && (self.is_free || !text.contains(". "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Text literals of a Rust source before its tests, with `{}` for what a format puts in.
    fn literals(source: &str) -> Vec<String> {
        let source = source.split("#[cfg(test)]").next().unwrap();
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

    /// True for a text that can be a sentence: it begins as one and has enough words of its own.
    fn is_sentence(text: &str) -> bool {
        let own = text.replace("{}", "");
        let letters = own.chars().filter(|c| c.is_alphabetic()).count();
        let starts =
            text.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || "{p".contains(c));
        starts
            && text.contains(' ')
            && letters >= 10
            && text.ends_with(['.', ':', '}'])
            && !text.contains('\n')
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|kind| kind == "rs"));
        files.sort();
        files
    }

    #[test]
    fn the_list_has_the_sentences_of_the_sections_and_exhibits() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let folders = ["bundle/report/sections", "exhibit"].map(|folder| source.join(folder));
        let files = folders.iter().flat_map(|folder| sources(folder));
        let texts = files.flat_map(|file| literals(&std::fs::read_to_string(file).unwrap()));
        let sentences: BTreeSet<String> = texts.filter(|text| is_sentence(text)).collect();
        let list: String = sentences.iter().map(|text| format!("{text}\n")).collect();
        if std::env::var_os("STILLHUNT_WRITE_SENTENCES").is_some() {
            std::fs::write(source.join("bundle/report/sentences.txt"), &list).unwrap();
        }
        let next = "run this test with STILLHUNT_WRITE_SENTENCES=1 after a change of the report's sentences";
        assert!(list == LISTED, "{next}");
        assert!(sentences.len() > 100);
        assert!(CAUTIONS.iter().all(|caution| sentences.contains(*caution)));
    }

    #[test]
    fn other_sentences_are_found() {
        let words = Words::new();
        for known in [
            "None of these figures is a finding.",
            "None of these figures is a finding. Each dot is one lead.",
            "The first 60 of 1,204 rows are printed.",
            "All times are in Europe/Berlin. A rank is an order of review, not a probability.",
            "Statement on the clocks of the sources: by NTP. Since May. Statement on how the logs were kept: routine.",
            "Prompt:",
        ] {
            assert!(words.are_known(known), "{known}");
        }
        for other in [
            "Each of these figures is a finding.",
            "None of these figures is a finding. The operator has admitted it.",
            "The operator has admitted it. None of these figures is a finding.",
            "The first 60 of 1,204 rows are printed. He confessed",
            "None of these figures is a finding.None of these figures is a finding.",
        ] {
            assert!(!words.are_known(other), "{other}");
        }
    }
}
