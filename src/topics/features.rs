//! A prompt as numbers: hashed words and character 3–5-grams, weighted by TF-IDF. Lexical: it
//! knows spelling, not meaning.
//!
//! How often a word occurs is dampened word by word, so that what a prompt comes to is a sum over
//! its different words: [`vocabulary`](super::vocabulary) rests on that.

use super::words::for_each_word;
use crate::stats::csr::Csr;
use crate::stats::svd::SparseRows;

/// Buckets of each block: first the words', then the n-grams'.
const BUCKETS: u32 = 1 << 17;
/// A bucket must occur in so many prompts of the sample to be kept.
const RAREST: u32 = 3;
/// A bucket that occurs in a larger share of the prompts tells nothing.
const COMMONEST: f64 = 0.5;
/// A bucket that is not kept.
const DROPPED: u32 = u32::MAX;

/// What each bucket weighs in a prompt, ascending by bucket: the sum over its words.
pub(super) fn count(text: &str) -> Vec<(u32, f32)> {
    let mut words: Vec<String> = Vec::new();
    for_each_word(text, |word| words.push(word.to_owned()));
    words.sort_unstable();
    let mut found: Vec<(u32, f32)> = Vec::with_capacity(512);
    for same in words.chunk_by(|a, b| a == b) {
        for_each_bucket(&same[0], |bucket| found.push((bucket, dampened(same.len()))));
    }
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    found.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, n)| n).sum())).collect()
}

/// What a word weighs that occurs so many times: 1 + ln n.
pub(super) fn dampened(times: usize) -> f32 {
    // Most words occur once, and the logarithm of 1 is 0.
    if times > 1 { 1.0 + (times as f32).ln() } else { 1.0 }
}

/// The buckets of one word: its own, then those of its n-grams as they come.
fn for_each_bucket(word: &str, mut each: impl FnMut(u32)) {
    each((word.chars().fold(SEED, mix) >> SHIFT) as u32);
    let mut padded: Vec<char> = Vec::with_capacity(32);
    padded.push(' ');
    padded.extend(word.chars());
    padded.push(' ');
    for start in 0..padded.len() {
        let mut hash = SEED;
        for (n, &c) in padded[start..].iter().take(5).enumerate() {
            hash = mix(hash, c);
            if n >= 2 {
                each(BUCKETS + (hash >> SHIFT) as u32);
            }
        }
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const SHIFT: u32 = 64 - BUCKETS.trailing_zeros();

/// One step of a multiplicative hash whose upper bits are used.
fn mix(hash: u64, c: char) -> u64 {
    (hash.rotate_left(23) ^ u64::from(c)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// TF-IDF fitted on a sample of prompts.
#[derive(Clone, Debug)]
pub(super) struct TfIdf {
    /// The column of each bucket, or [`DROPPED`].
    pub column: Vec<u32>,
    /// Inverse document frequency of each column; those of n-grams all scaled by the same, so that
    /// in the whole sample n-grams weigh as much as words.
    pub idf: Vec<f32>,
}

impl TfIdf {
    /// Fits on the counts of a sample.
    pub(super) fn fit(counts: &[Vec<(u32, f32)>]) -> Self {
        let mut frequency = vec![0u32; 2 * BUCKETS as usize];
        for (bucket, _) in counts.iter().flatten() {
            frequency[*bucket as usize] += 1;
        }
        // A handful of prompts has no bucket that occurs thrice.
        let rarest = if counts.len() < 1_000 { 1 } else { RAREST };
        let commonest = (counts.len() as f64 * COMMONEST).max(f64::from(rarest));
        let mut fitted = Self { column: vec![DROPPED; frequency.len()], idf: Vec::new() };
        let mut ngrams = 0;
        for (bucket, &df) in frequency.iter().enumerate() {
            if bucket == BUCKETS as usize {
                ngrams = fitted.idf.len();
            }
            if df >= rarest && f64::from(df) <= commonest {
                fitted.column[bucket] = fitted.idf.len() as u32;
                fitted.idf.push(((1.0 + counts.len() as f32) / (1.0 + df as f32)).ln() + 1.0);
            }
        }
        let mut squares = [0.0_f64; 2];
        for (column, weight) in counts.iter().flat_map(|counts| fitted.weigh(counts)) {
            squares[usize::from(column as usize >= ngrams)] += f64::from(weight) * f64::from(weight);
        }
        if squares.iter().all(|&square| square > 0.0) {
            let scale = (squares[0] / squares[1]).sqrt() as f32;
            fitted.idf[ngrams..].iter_mut().for_each(|idf| *idf *= scale);
        }
        fitted
    }

    /// Whether its columns are those of its buckets: not so where it was read and is damaged.
    pub(super) fn is_sound(&self) -> bool {
        let fits = |&column: &u32| column == DROPPED || (column as usize) < self.idf.len();
        self.column.len() == 2 * BUCKETS as usize && self.column.iter().all(fits)
    }

    /// Columns in all.
    pub(super) fn columns(&self) -> usize {
        self.idf.len()
    }

    /// The columns of one word with their weights, as they come.
    pub(super) fn for_each_of_word(&self, word: &str, mut each: impl FnMut(usize, f32)) {
        for_each_bucket(word, |bucket| {
            let column = self.column[bucket as usize];
            if column != DROPPED {
                each(column as usize, self.idf[column as usize]);
            }
        });
    }

    /// The weights of one prompt. Empty for a prompt that has nothing in common with the sample.
    fn weigh(&self, counts: &[(u32, f32)]) -> impl Iterator<Item = (u32, f32)> {
        let columns = counts.iter().map(|&(bucket, weight)| (self.column[bucket as usize], weight));
        columns
            .filter(|&(column, _)| column != DROPPED)
            .map(|(column, weight)| (column, weight * self.idf[column as usize]))
    }

    /// The sample as a matrix, one prompt a row, each of length 1.
    pub(super) fn matrix(&self, counts: &[Vec<(u32, f32)>]) -> SparseRows {
        let mut entries = Csr::default();
        for counts in counts {
            let length = self.weigh(counts).map(|(_, x)| x * x).sum::<f32>().sqrt();
            entries.push(self.weigh(counts).map(|(column, x)| (column, x / length)));
        }
        SparseRows { columns: self.columns(), entries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_once_as_a_word_and_by_its_ngrams() {
        // " code ": 4 of three, 3 of four, 2 of five characters, and the word.
        let sum = |text: &str| count(text).iter().map(|(_, n)| n).sum::<f32>();
        assert_eq!(sum("Code"), 10.0);
        assert!((sum("code CODE") - 10.0 * (1.0 + 2.0_f32.ln())).abs() < 1e-4);
        // " cod" and its like are of both words.
        assert_eq!(sum("code codes"), 10.0 + 13.0);
        assert!(count(" \u{200b} ").is_empty());
    }

    #[test]
    fn the_ubiquitous_is_dropped_and_lengths_are_1() {
        let texts = ["sort the list", "bake the cake", "paint the wall", "fix the roof"];
        let counts: Vec<_> = texts.map(count).to_vec();
        let fitted = TfIdf::fit(&counts);
        assert_eq!(fitted.weigh(&count("the")).count(), 0);
        let matrix = fitted.matrix(&counts);
        assert_eq!(matrix.rows(), 4);
        for row in 0..4 {
            let length: f32 = matrix.entries.row(row).iter().map(|(_, x)| x * x).sum();
            assert!((length - 1.0).abs() < 1e-5, "{length}");
        }
    }

    #[test]
    fn words_and_ngrams_weigh_the_same_in_the_sample() {
        let counts: Vec<_> = ["sort a list", "bake a cake", "sort a cake"].map(count).to_vec();
        let fitted = TfIdf::fit(&counts);
        let first =
            fitted.column[BUCKETS as usize..].iter().copied().filter(|&column| column != DROPPED).min();
        let mut squares = [0.0; 2];
        for (column, x) in counts.iter().flat_map(|counts| fitted.weigh(counts)) {
            squares[usize::from(Some(column) >= first)] += x * x;
        }
        assert!((squares[0] / squares[1] - 1.0).abs() < 1e-4, "{squares:?}");
    }
}
