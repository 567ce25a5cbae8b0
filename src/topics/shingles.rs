//! Shingles of five words, with numbers and quotations masked, by which prompts of one template
//! resemble each other (Broder 1997).

use super::prompts::key;
use super::words::for_each_word;
use crate::model::is_hostile;

/// Number of words of a shingle.
const WORDS: usize = 5;

/// Number of shingles kept from the beginning of a prompt, and from its end, where the fixed words of a
/// template stand.
const MAX_SHINGLES: usize = 64;

/// Longest masked quotation, in characters. An opening mark without a closing one within this length
/// is kept as text.
const QUOTED: usize = 600;

/// Replacement of a quotation.
const MASK: &str = " quotation ";

/// Hashes of the shingles of a prompt, each once, ascending. A prompt of fewer than five words is
/// one shingle; one without words has none. In scripts without spaces a word is a pair of
/// neighbouring characters.
pub(super) fn shingles(text: &str) -> Vec<u32> {
    let mut words: Vec<u64> = Vec::new();
    for_each_word(&masked(text), |word| words.push(key(word.as_bytes())));
    let mut shingles: Vec<u32> = if words.is_empty() {
        Vec::new()
    } else {
        let width = WORDS.min(words.len());
        let hash = |words: &[u64]| words.iter().fold(0, |hash: u64, &word| splitmix(hash ^ word));
        words.windows(width).map(|words| (hash(words) >> 32) as u32).collect()
    };
    if shingles.len() > 2 * MAX_SHINGLES {
        let end = shingles.len() - MAX_SHINGLES;
        shingles.drain(MAX_SHINGLES..end);
    }
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

fn splitmix(hash: u64) -> u64 {
    crate::stats::splitmix::number(hash, 0)
}

/// Text with its quotations masked.
fn masked(text: &str) -> String {
    const QUOTES: [(char, char); 6] =
        [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“'), ('「', '」'), ('『', '』')];
    let mut masked = String::with_capacity(text.len());
    let mut rest = text.chars().filter(|&c| !is_hostile(c));
    while let Some(c) = rest.next() {
        let closing = QUOTES.iter().find(|&&(opening, _)| opening == c).map(|&(_, closing)| closing);
        let ahead = closing.and_then(|closing| rest.clone().take(QUOTED).position(|c| c == closing));
        match ahead {
            Some(ahead) => {
                masked.push_str(MASK);
                rest.nth(ahead);
            }
            None => masked.push(c),
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::minhash::Signature;
    use crate::stats::oracle;

    fn jaccard(a: &str, b: &str) -> f64 {
        let (a, b) = (shingles(a), shingles(b));
        let both = a.iter().filter(|one| b.contains(one)).count();
        both as f64 / (a.len() + b.len() - both) as f64
    }

    #[test]
    fn numbers_and_quotations_are_slots() {
        let form = |n: u32, what: &str| {
            format!("Rate the answer “{what}” on a scale from 1 to {n} and say in one line what it lacks")
        };
        assert_eq!(jaccard(&form(5, "bread"), &form(100, "how do I, say, bake?\nLike this")), 1.0);
        assert_eq!(jaccard("请把「早上好」翻译成法语并解释", "请把「再见」翻译成法语并解释"), 1.0);
        assert!(jaccard(&form(5, "bread"), "Write a poem about bread and the sea at night") < 0.1);
    }

    #[test]
    fn a_mark_that_nothing_closes_masks_nothing() {
        assert_eq!(masked("a 5\" pipe"), "a 5\" pipe");
        assert_eq!(masked("say \"x\" now"), format!("say {MASK} now"));
        let long = format!("“{}” end", "x".repeat(700));
        assert_eq!(masked(&long), long);
    }

    #[test]
    fn few_or_no_words_and_very_many() {
        assert_eq!(shingles("hello there").len(), 1);
        assert!(shingles(" \u{200b} … ").is_empty());
        let long: String = (0..2_000).map(|n| format!("w{} ", char::from(b'a' + (n % 26) as u8))).collect();
        assert!(shingles(&long).len() <= 2 * MAX_SHINGLES);
    }

    // Exact Jaccard of five-word shingles by Python sets, datasketch's LSH beside: see
    // tests/oracles/make.py
    #[test]
    fn likeness_agrees_with_python_and_datasketch() {
        for case in oracle::cases("shingles") {
            let (a, b) = (case["a"].as_str().unwrap(), case["b"].as_str().unwrap());
            let known = oracle::number(&case["jaccard"]);
            assert!((jaccard(a, b) - known).abs() < 1e-12, "{} {known}", jaccard(a, b));
            let estimate = Signature::of(&shingles(a)).similarity(&Signature::of(&shingles(b)));
            assert!((estimate - known).abs() < 0.14, "{estimate} {known}");
        }
    }
}
