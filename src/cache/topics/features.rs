//! A prompt as numbers: hashed words and character 3–5-grams, weighted by TF-IDF. Lexical: it
//! knows spelling, not meaning.

use super::words::for_each_word;
use crate::stats::svd::Csr;

/// Buckets of each block: first the words', then the n-grams'.
const BUCKETS: u32 = 1 << 17;
/// A bucket must occur in so many prompts of the sample to be kept.
const RAREST: u32 = 3;
/// A bucket that occurs in a larger share of the prompts tells nothing.
const COMMONEST: f64 = 0.5;
/// A bucket that is not kept.
const DROPPED: u32 = u32::MAX;

/// How often each bucket occurs in a prompt, ascending by bucket.
pub(super) fn count(text: &str) -> Vec<(u32, f32)> {
    let mut buckets: Vec<u32> = Vec::with_capacity(512);
    let mut padded: Vec<char> = Vec::with_capacity(32);
    for_each_word(text, |word| {
        buckets.push((word.chars().fold(SEED, mix) >> SHIFT) as u32);
        padded.clear();
        padded.push(' ');
        padded.extend(word.chars());
        padded.push(' ');
        for start in 0..padded.len() {
            let mut hash = SEED;
            for (n, &c) in padded[start..].iter().take(5).enumerate() {
                hash = mix(hash, c);
                if n >= 2 {
                    buckets.push(BUCKETS + (hash >> SHIFT) as u32);
                }
            }
        }
    });
    buckets.sort_unstable();
    buckets.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f32)).collect()
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
    /// Inverse document frequency of each column.
    pub idf: Vec<f32>,
    /// The first column of the n-grams' block.
    pub ngrams: u32,
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
        let mut fitted = Self { column: vec![DROPPED; frequency.len()], idf: Vec::new(), ngrams: 0 };
        for (bucket, &df) in frequency.iter().enumerate() {
            if bucket == BUCKETS as usize {
                fitted.ngrams = fitted.idf.len() as u32;
            }
            if df >= rarest && f64::from(df) <= commonest {
                fitted.column[bucket] = fitted.idf.len() as u32;
                fitted.idf.push(((1.0 + counts.len() as f32) / (1.0 + df as f32)).ln() + 1.0);
            }
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

    /// The weights of one prompt: (1 + ln tf) · idf, words and n-grams each of length √½. Empty
    /// for a prompt that has nothing in common with the sample.
    pub(super) fn weigh(&self, counts: &[(u32, f32)]) -> Vec<(u32, f32)> {
        let mut weights: Vec<(u32, f32)> = counts
            .iter()
            .map(|&(bucket, tf)| (self.column[bucket as usize], tf))
            .filter(|&(column, _)| column != DROPPED)
            .map(|(column, tf)| {
                // Most buckets occur once, and the logarithm of 1 is 0.
                let times = if tf > 1.0 { 1.0 + tf.ln() } else { 1.0 };
                (column, times * self.idf[column as usize])
            })
            .collect();
        let split = weights.partition_point(|&(column, _)| column < self.ngrams);
        let (words, ngrams) = weights.split_at_mut(split);
        for block in [words, ngrams] {
            let length = block.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
            block.iter_mut().for_each(|(_, x)| *x *= std::f32::consts::FRAC_1_SQRT_2 / length);
        }
        weights
    }

    /// The sample as a matrix, one prompt a row.
    pub(super) fn matrix(&self, counts: &[Vec<(u32, f32)>]) -> Csr {
        let mut csr = Csr { columns: self.columns(), offsets: vec![0], entries: Vec::new() };
        for counts in counts {
            csr.entries.extend(self.weigh(counts));
            csr.offsets.push(csr.entries.len());
        }
        csr
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_once_as_a_word_and_by_its_ngrams() {
        // " code ": 4 of three, 3 of four, 2 of five characters, and the word.
        assert_eq!(count("Code").iter().map(|(_, n)| n).sum::<f32>(), 10.0);
        assert_eq!(count("code CODE").iter().map(|(_, n)| n).sum::<f32>(), 20.0);
        assert!(count(" \u{200b} ").is_empty());
    }

    #[test]
    fn the_ubiquitous_is_dropped_and_lengths_are_1() {
        let counts: Vec<_> =
            ["sort the list", "bake the cake", "paint the wall", "fix the roof"].map(count).to_vec();
        let fitted = TfIdf::fit(&counts);
        let the = count("the");
        assert!(fitted.weigh(&the).is_empty());
        let length: f32 = fitted.weigh(&counts[1]).iter().map(|(_, x)| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        assert_eq!(fitted.matrix(&counts).rows(), 4);
    }
}
