//! The redactions of a case, applied to text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::folded::Folded;
use super::rules;
use crate::bundle::BundleError;
use crate::case::{Redacted, Redaction, RedactionRule};
use crate::model::{Digest, ExchangeRef};
use crate::snapshot::Column;

/// Name of what a person redacted at its place.
pub(in crate::bundle) const BY_HAND: &str = "by hand";
/// Beginning of what stands in place of redacted words.
pub(in crate::bundle) const BEGIN: &str = "[REDACTED: ";

/// Words that are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bundle) struct Hit {
    /// Their bytes in the text.
    pub range: Range<usize>,
    /// Numbers of the redactions, ascending.
    pub redactions: Vec<u64>,
    /// Name of what was found: `e-mail address`.
    pub what: &'static str,
}

impl Hit {
    /// The words in their place: `[REDACTED: e-mail address, R3]`.
    pub(in crate::bundle) fn instead(&self) -> String {
        let numbers: Vec<String> = self.redactions.iter().map(|id| format!("R{id}")).collect();
        format!("{BEGIN}{}, {}]", self.what, numbers.join(" "))
    }
}

/// Place of a redaction by hand in a text; `None` for all of it.
#[derive(Clone, Debug)]
struct ByHand {
    id: u64,
    /// Characters, and the SHA-256 of the text that they are counted in.
    span: Option<(Range<u64>, Digest)>,
}

/// The redactions of a case.
#[derive(Default)]
pub(in crate::bundle) struct Redactor {
    rules: Vec<(u64, RedactionRule)>,
    /// Listed words, folded and in lower case, with the numbers of their redactions.
    words: Option<(AhoCorasick, Vec<u64>)>,
    by_hand: BTreeMap<(ExchangeRef, Column), Vec<ByHand>>,
}

impl Redactor {
    /// The redactions of a case.
    ///
    /// # Errors
    /// The listed words take too much memory to be looked for.
    pub(in crate::bundle) fn of(redactions: &[Redaction]) -> Result<Self, BundleError> {
        let mut made = Self::default();
        let (mut patterns, mut ids) = (Vec::new(), Vec::new());
        for redaction in redactions {
            match &redaction.what {
                Redacted::Rule { rule } => made.rules.push((redaction.id, *rule)),
                Redacted::Words { words } => {
                    let folded = Folded::lower(words).text.trim().to_owned();
                    if !folded.is_empty() {
                        patterns.push(folded);
                        ids.push(redaction.id);
                    }
                }
                Redacted::Span { exchange, column, start, end, text_sha256 } => {
                    let by_hand = ByHand { id: redaction.id, span: Some((*start..*end, *text_sha256)) };
                    made.by_hand.entry((exchange.clone(), *column)).or_default().push(by_hand);
                }
                Redacted::Field { exchange, column } => {
                    let by_hand = ByHand { id: redaction.id, span: None };
                    made.by_hand.entry((exchange.clone(), *column)).or_default().push(by_hand);
                }
            }
        }
        if !patterns.is_empty() {
            let found = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .match_kind(MatchKind::Standard)
                .build(&patterns)
                .map_err(BundleError::encode("the search for words to redact"))?;
            made.words = Some((found, ids));
        }
        Ok(made)
    }

    /// Hits of rules and listed words in a text, in order, none overlapping.
    pub(in crate::bundle) fn hits(&self, text: &str) -> Vec<Hit> {
        merged(self.found(text))
    }

    /// Hits in the prompt or response of an exchange, those by hand included.
    pub(in crate::bundle) fn hits_in(&self, exchange: &ExchangeRef, column: Column, text: &str) -> Vec<Hit> {
        let mut found = self.found(text);
        let place = (exchange.clone(), column);
        for by_hand in self.by_hand.get(&place).into_iter().flatten() {
            let span = by_hand.span.as_ref().filter(|(_, sha256)| *sha256 == Digest::of(text.as_bytes()));
            // Characters of another text than the one that was read would leave words in it.
            let range = span.and_then(|(span, _)| bytes_of(text, span)).unwrap_or(0..text.len());
            found.push(Hit { range, redactions: vec![by_hand.id], what: BY_HAND });
        }
        merged(found)
    }

    /// Text without what rules and listed words find.
    pub(in crate::bundle) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.rules.is_empty() && self.words.is_none() {
            return Cow::Borrowed(text);
        }
        let hits = self.hits(text);
        if hits.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(replaced(text, &hits)) }
    }

    /// Numbers of the redactions whose listed words stand in a text.
    pub(in crate::bundle) fn words_in(&self, text: &str) -> Vec<u64> {
        let mut found: Vec<u64> = self.words_of(text).into_iter().flat_map(|hit| hit.redactions).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn found(&self, text: &str) -> Vec<Hit> {
        let mut found = self.words_of(text);
        if !self.rules.is_empty() {
            let folded = Folded::of(text);
            for (id, rule) in &self.rules {
                found.extend(rules::find(*rule, &folded.text).into_iter().map(|range| Hit {
                    range: folded.original(range),
                    redactions: vec![*id],
                    what: rule.hit(),
                }));
            }
        }
        found
    }

    fn words_of(&self, text: &str) -> Vec<Hit> {
        let Some((words, ids)) = &self.words else { return Vec::new() };
        let folded = Folded::lower(text);
        let hit = |range: Range<usize>, at: usize| Hit {
            range: folded.original(range),
            redactions: vec![ids[at]],
            what: "listed words",
        };
        words
            .find_overlapping_iter(&folded.text)
            .filter(|found| is_whole(&folded.text, &found.range()))
            .map(|found| hit(found.range(), found.pattern().as_usize()))
            .collect()
    }
}

/// True if words do not begin or end inside of a longer word. Writing without spaces has no such ends.
fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let joins = |a: Option<char>, b: Option<char>| {
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && u32::from(c) < 0x2e80);
        is_letter(a) && is_letter(b)
    };
    let (before, own, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    !joins(before.chars().next_back(), own.chars().next())
        && !joins(own.chars().next_back(), after.chars().next())
}

/// Bytes of some characters of a text; `None` where it has not so many.
fn bytes_of(text: &str, span: &Range<u64>) -> Option<Range<usize>> {
    let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let start = starts.by_ref().nth(usize::try_from(span.start).ok()?)?;
    let more = usize::try_from(span.end.checked_sub(span.start)?.checked_sub(1)?).ok()?;
    Some(start..starts.nth(more)?)
}

/// Hits in order, overlapping ones as one under the name of the first.
fn merged(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.retain(|hit| !hit.range.is_empty());
    hits.sort_by_key(|hit| (hit.range.start, std::cmp::Reverse(hit.range.end), hit.redactions.clone()));
    let mut out: Vec<Hit> = Vec::new();
    for hit in hits {
        match out.last_mut() {
            Some(last) if hit.range.start < last.range.end => {
                last.range.end = last.range.end.max(hit.range.end);
                last.redactions.extend(hit.redactions);
                last.redactions.sort_unstable();
                last.redactions.dedup();
            }
            _ => out.push(hit),
        }
    }
    out
}

/// A text with its hits replaced.
pub(in crate::bundle) fn replaced(text: &str, hits: &[Hit]) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for hit in hits {
        out.push_str(&text[done..hit.range.start]);
        out.push_str(&hit.instead());
        done = hit.range.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Numbers of the redactions (`R3 R7`) that stand in place of words in a text.
pub(in crate::bundle) fn placeholders(text: &str) -> Vec<&str> {
    let after = text.match_indices(BEGIN).filter_map(|(at, begin)| text.get(at + begin.len()..));
    let inside = after.filter_map(|rest| rest.split(']').next()?.rsplit_once(", "));
    inside.map(|(_, numbers)| numbers).filter(|numbers| numbers.starts_with('R')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction(id: u64, what: Redacted) -> Redaction {
        Redaction { id, what, reason: "why".into(), person: "ada".into(), ts: 0 }
    }

    fn exchange() -> ExchangeRef {
        ExchangeRef { snapshot: Digest::of(b"s"), file: "a.parquet".into(), row: 1 }
    }

    #[test]
    fn listed_words_are_found_in_any_case_and_with_any_spaces() {
        let words = |id, words: &str| redaction(id, Redacted::Words { words: words.into() });
        let made = Redactor::of(&[words(1, "Jane Roe"), words(2, " 王小明 "), words(3, "Ann")]).unwrap();
        for (text, wanted) in [
            ("to JANE\n  roe.", "to [REDACTED: listed words, R1]."),
            ("Ja\u{200b}ne Roe", "[REDACTED: listed words, R1]"),
            ("我是王小明吗", "我是[REDACTED: listed words, R2]吗"),
            ("planning, Ann's plan", "planning, [REDACTED: listed words, R3]'s plan"),
            ("Jane Roes", "Jane Roes"),
        ] {
            assert_eq!(made.text(text), wanted);
        }
        let all = made.text("Ann and Jane Roe").into_owned();
        assert_eq!(placeholders(&all), ["R3", "R1"]);
        assert_eq!(made.words_in("ann and JANE ROE"), [1, 3]);
    }

    #[test]
    fn rules_and_spans_by_hand_are_joined_where_they_overlap() {
        let text = "é mail a@b.example now";
        let span = |start, end, of: &str| Redacted::Span {
            exchange: exchange(),
            column: Column::PromptText,
            start,
            end,
            text_sha256: Digest::of(of.as_bytes()),
        };
        let email = redaction(3, Redacted::Rule { rule: RedactionRule::Email });
        let made = Redactor::of(&[email, redaction(7, span(2, 8, text))]).unwrap();
        let hits = made.hits_in(&exchange(), Column::PromptText, text);
        assert_eq!(replaced(text, &hits), "é [REDACTED: by hand, R3 R7] now");
        assert_eq!(replaced(text, &made.hits(text)), "é mail [REDACTED: e-mail address, R3] now");
        // Another column, and another text under the same name.
        assert_eq!(made.hits_in(&exchange(), Column::ResponseText, text).len(), 1);
        let other = "another text";
        let hits = made.hits_in(&exchange(), Column::PromptText, other);
        assert_eq!(replaced(other, &hits), "[REDACTED: by hand, R7]");
        let beyond = Redactor::of(&[redaction(1, span(3, 99, text))]).unwrap();
        assert_eq!(beyond.hits_in(&exchange(), Column::PromptText, text)[0].range, 0..text.len());
        assert_eq!(Redactor::of(&[]).unwrap().hits_in(&exchange(), Column::PromptText, text), []);
    }
}
