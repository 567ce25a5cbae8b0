//! Lexical features of a prompt: hashed words and character 3–5-grams, weighted by TF-IDF. They
//! measure spelling, not meaning.
//!
//! Term frequency is dampened per word, so that the features of a prompt are a sum over its distinct
//! words; [`vocabulary`](super::vocabulary) relies on that.

use super::words::for_each_word;
use crate::stats::csr::Csr;
use crate::stats::svd::SparseRows;

/// Hash buckets of each block: first the words, then the n-grams.
const BUCKETS: u32 = 1 << 17;
/// Minimum number of prompts of the sample in which a kept bucket occurs.
const MIN_PROMPTS: u32 = 3;
/// Maximum share of the prompts in which a kept bucket occurs.
const MAX_SHARE: f64 = 0.5;
/// Marks a bucket that is not kept.
const DROPPED: u32 = u32::MAX;

/// Term frequencies of a prompt by bucket, ascending: dampened counts, summed over its words.
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

/// Dampened term frequency 1 + ln n of a word that occurs n times.
pub(super) fn dampened(times: usize) -> f32 {
    // Most words occur once; this saves a logarithm.
    if times > 1 { 1.0 + (times as f32).ln() } else { 1.0 }
}

/// Calls `each` with the buckets of one word: its own, then those of its n-grams.
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
    /// Column of each bucket, or [`DROPPED`].
    pub column: Vec<u32>,
    /// Inverse document frequency of each column. Those of n-grams have a common factor, by which
    /// n-grams and words have the same sum of squares over the sample.
    pub idf: Vec<f32>,
}

impl TfIdf {
    /// Fits on the counts of a sample.
    pub(super) fn fit(counts: &[Vec<(u32, f32)>]) -> Self {
        let mut frequency = vec![0u32; 2 * BUCKETS as usize];
        for (bucket, _) in counts.iter().flatten() {
            frequency[*bucket as usize] += 1;
        }
        // In a small sample hardly any bucket occurs three times.
        let rarest = if counts.len() < 1_000 { 1 } else { MIN_PROMPTS };
        let commonest = (counts.len() as f64 * MAX_SHARE).max(f64::from(rarest));
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

    /// True if the columns of the buckets are consistent; false for damaged data.
    pub(super) fn is_sound(&self) -> bool {
        let fits = |&column: &u32| column == DROPPED || (column as usize) < self.idf.len();
        self.column.len() == 2 * BUCKETS as usize && self.column.iter().all(fits)
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.idf.len()
    }

    /// Calls `each` with the columns of one word and their weights.
    pub(super) fn for_each_of_word(&self, word: &str, mut each: impl FnMut(usize, f32)) {
        for_each_bucket(word, |bucket| {
            let column = self.column[bucket as usize];
            if column != DROPPED {
                each(column as usize, self.idf[column as usize]);
            }
        });
    }

    /// Weights of one prompt by column; empty for a prompt without a kept bucket.
    fn weigh(&self, counts: &[(u32, f32)]) -> impl Iterator<Item = (u32, f32)> {
        let columns = counts.iter().map(|&(bucket, weight)| (self.column[bucket as usize], weight));
        columns
            .filter(|&(column, _)| column != DROPPED)
            .map(|(column, weight)| (column, weight * self.idf[column as usize]))
    }

    /// Matrix of the sample, one prompt per row, each of unit length.
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
