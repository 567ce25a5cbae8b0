//! Words of the report that are the program's own: sentences without a figure of the case.
//!
//! The build lists the texts of the sections and of the captions of exhibits ([`super::literals`]), with `{}` for what
//! a case puts in. A sentence of a page that is none of them was written by somebody else.

use crate::case::legal::SECRET_CAUTION;
use crate::exhibit::versions;
use crate::exhibit::xml::visible_xml;
use crate::model::HOSTILE_LEGEND;

/// Sentences, one to a line.
pub(in crate::bundle) const LISTED: &str = include_str!(concat!(env!("OUT_DIR"), "/sentences.txt"));
/// Cautions that every report has.
pub(super) const CAUTIONS: [&str; 5] = [
    "This report does not state who operates an account, the nation of an operator, or any intention.",
    "It does not state that a model was trained on the responses, and it gives no probability of guilt.",
    "A lead is a group of accounts put forward for review; its rank is an order of review.",
    "A rank is an order of review, not a probability.",
    "The program does not say that an element is met.",
];
/// Maximum number of bytes of a text put into a sentence.
const PUT_IN: usize = 2_000;

/// Sentences of the program, and texts that a case puts into them.
pub(super) struct Words {
    /// Sentences by their parts between what is put in.
    patterns: Vec<Vec<String>>,
    /// Texts of tables and journal with a full stop of their own, longest first.
    stated: Vec<String>,
}

impl Words {
    /// All sentences of this version of the program. `stated` are the texts of tables and journal.
    pub(super) fn new<'a>(stated: impl IntoIterator<Item = &'a str>) -> Self {
        let others = [format!("{HOSTILE_LEGEND}."), SECRET_CAUTION.to_owned(), versions()];
        let all = LISTED.lines().chain(others.iter().map(String::as_str));
        let patterns = all.map(|text| text.split("{}").map(str::to_owned).collect()).collect();
        let has_stop = |text: &&str| text.contains(". ") || text.ends_with('.');
        let stated = stated.into_iter().map(|text| text.trim_start_matches('\'')).filter(has_stop);
        let mut stated: Vec<String> = stated.map(|text| visible_xml(text).into_owned()).collect();
        stated.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        stated.dedup();
        Self { patterns, stated }
    }

    /// True if a text consists of sentences of the program alone, each after a space.
    pub(super) fn are_known(&self, text: &str) -> bool {
        let stated: Vec<&str> =
            self.stated.iter().map(String::as_str).filter(|own| text.contains(own)).collect();
        let mut is_end = vec![false; text.len() + 1];
        let mut starts = vec![0];
        while let Some(start) = starts.pop() {
            for end in self.patterns.iter().flat_map(|own| ends(own, text, start, &stated)) {
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

/// Places at which a sentence of these parts can end if it begins at `start`.
fn ends(parts: &[String], text: &str, start: usize, stated: &[&str]) -> Vec<usize> {
    let Some((first, rest)) = parts.split_first() else { return Vec::new() };
    if !text[start..].starts_with(first.as_str()) {
        return Vec::new();
    }
    let mut ends = vec![start + first.len()];
    for part in rest {
        let mut next: Vec<usize> = ends.iter().flat_map(|&from| after(text, from, part, stated)).collect();
        next.sort_unstable();
        next.dedup();
        ends = next;
    }
    ends
}

/// Ends of `part` behind a text that is put in at `from`.
fn after(text: &str, from: usize, part: &str, stated: &[&str]) -> Vec<usize> {
    let rest = &text[from..];
    if part.is_empty() {
        return if can_be_put_in(rest, stated) { vec![text.len()] } else { Vec::new() };
    }
    let places = rest.match_indices(part).take_while(|(at, _)| *at <= PUT_IN);
    let places = places.filter(|(at, _)| can_be_put_in(&rest[..*at], stated));
    places.map(|(at, _)| from + at + part.len()).collect()
}

/// True for a text that a case can put in: full stops followed by more text are those of tables and journal.
fn can_be_put_in(text: &str, stated: &[&str]) -> bool {
    let without = |text: String, own: &&str| text.replace(*own, "_");
    text.len() <= PUT_IN
        && (!text.contains(". ") || !stated.iter().fold(text.to_owned(), without).contains(". "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caution_is_a_sentence_of_the_sections() {
        assert!(CAUTIONS.iter().all(|caution| LISTED.lines().any(|own| own == *caution)));
        assert!(LISTED.lines().count() > 100);
    }

    #[test]
    fn other_sentences_are_found() {
        let words = Words::new(["by NTP. Since May", "'-Smith & Co. (Dr. Jones)", "Acme Inc."]);
        for known in [
            "None of these figures is a finding.",
            "None of these figures is a finding. Each dot is one lead.",
            "The first 60 of 1,204 rows are printed.",
            "Times are in Europe/Berlin, except where a column or a sentence names UTC. A rank is an order of review, not a probability.",
            "Statement on the clocks of the sources: by NTP. Since May. Statement on how the logs were kept: routine.",
            "E1 covers “-Smith & Co. (Dr. Jones)”: 1 account. None of these figures is a finding.",
            "Event noted by the investigator: 2026-05-01 Acme Inc. and -Smith & Co. (Dr. Jones), the log.",
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
            // A full stop in what is put in has to be that of a table or of the journal.
            "Statement on the clocks of the sources: by NTP. The operator has admitted it.",
            "E1 covers “-Smith & Co. He confessed”: 1 account.",
        ] {
            assert!(!words.are_known(other), "{other}");
        }
    }
}
