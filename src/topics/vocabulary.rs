//! Cache of word vectors: the contribution of each word to a prompt's direction, as the words of a
//! log repeat.
//!
//! A direction is a sum over the distinct words of the prompt, and the contribution of a word depends
//! on the word and the model alone. The cache therefore does not change the result.

use super::features::{TfIdf, dampened};
use super::prompts::key;
use super::words::for_each_word;
use crate::stats::linalg::{Matrix, add_scaled};

/// Maximum number of cached words before the words of one more prompt; above it the cache is cleared.
/// At 100 dimensions 13 MB per thread.
const MAX_WORDS: usize = 1 << 15;
/// Number of slots of the hash table: four times the words, so that one or two probes find a word. No
/// prompt has as many words as there are free slots.
const PLACES: usize = 4 * MAX_WORDS;
/// Marks a free slot.
const FREE: u32 = u32::MAX;

/// Word vectors of one model, cached.
pub(super) struct Vocabulary {
    /// Key and number of the word in each slot.
    places: Vec<(u64, u32)>,
    /// Number of occurrences of each word in the current prompt.
    times: Vec<u32>,
    /// Vectors of the words, one after another.
    vectors: Vec<f32>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self { places: vec![(0, FREE); PLACES], times: Vec::new(), vectors: Vec::new() }
    }
}

impl Vocabulary {
    /// Sum of the vectors of the prompt's distinct words, each weighted by its dampened frequency, in
    /// the order of first occurrence.
    pub(super) fn sum(&mut self, weights: &TfIdf, right: &Matrix, text: &str) -> Vec<f32> {
        if self.times.len() > MAX_WORDS {
            *self = Self::default();
        }
        let mut met: Vec<u32> = Vec::with_capacity(128);
        for_each_word(text, |word| {
            let number = self.number(weights, right, word);
            let times = &mut self.times[number as usize];
            if *times == 0 {
                met.push(number);
            }
            *times += 1;
        });
        let mut sum = vec![0.0; right.columns];
        for number in met {
            let times = std::mem::take(&mut self.times[number as usize]);
            let vector = &self.vectors[number as usize * right.columns..][..right.columns];
            add_scaled(&mut sum, dampened(times as usize), vector);
        }
        sum
    }

    /// Number of a word, which is added to the cache if it is new.
    fn number(&mut self, weights: &TfIdf, right: &Matrix, word: &str) -> u32 {
        let key = key(word.as_bytes());
        let mut place = key as usize % PLACES;
        while self.places[place].1 != FREE {
            if self.places[place].0 == key {
                return self.places[place].1;
            }
            place = (place + 1) % PLACES;
        }
        let number = self.times.len() as u32;
        self.places[place] = (key, number);
        self.times.push(0);
        let start = self.vectors.len();
        self.vectors.resize(start + right.columns, 0.0);
        let vector = &mut self.vectors[start..];
        weights.for_each_of_word(word, |column, weight| add_scaled(vector, weight, right.row(column)));
        number
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::count;
    use super::*;
    use crate::stats::splitmix;

    #[test]
    fn a_sum_is_the_product_with_the_weights_whether_remembered_or_not() {
        let texts =
            ["sort the list of lists", "bake the cake, bake it", "paint the wall", "fix a roof 12 34"];
        let counts: Vec<_> = texts.map(count).to_vec();
        let weights = TfIdf::fit(&counts);
        let mut right = Matrix::zeros(weights.columns(), 7);
        right.data.iter_mut().enumerate().for_each(|(n, x)| *x = splitmix::normal(5, n as u64) as f32);
        let exact = weights.matrix(&counts);
        let mut vocabulary = Vocabulary::default();
        for (at, text) in texts.iter().enumerate() {
            let mut product = vec![0.0; 7];
            for &(column, x) in exact.entries.row(at as u32) {
                add_scaled(&mut product, x, right.row(column as usize));
            }
            let sum = vocabulary.sum(&weights, &right, text);
            let scale = sum[0] / product[0];
            for (x, y) in sum.iter().zip(&product) {
                assert!((x - scale * y).abs() < 1e-3 * scale, "{sum:?} {product:?}");
            }
            assert_eq!(vocabulary.sum(&weights, &right, text), sum);
            assert_eq!(Vocabulary::default().sum(&weights, &right, text), sum);
        }
    }

    #[test]
    fn what_is_too_much_is_forgotten() {
        let weights = TfIdf::fit(&[count("one two three")]);
        let right = Matrix { rows: weights.columns(), columns: 1, data: vec![1.0; weights.columns()] };
        let mut vocabulary = Vocabulary::default();
        let first = vocabulary.sum(&weights, &right, "one two");
        for n in 0..40 {
            let letters = |n: usize| ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][n % 10];
            let word =
                |at: usize| format!("{}{}{}{}q ", letters(at), letters(at / 10), letters(at / 100), n_of(n));
            let text: String = (0..1_000).map(word).collect();
            vocabulary.sum(&weights, &right, &text);
            assert!(vocabulary.times.len() <= MAX_WORDS + 1_000);
        }
        assert_eq!(vocabulary.sum(&weights, &right, "one two"), first);
    }

    fn n_of(n: usize) -> String {
        format!("{}{}", ["k", "l", "m", "n", "o", "p"][n % 6], ["r", "s", "t", "u", "v", "w", "x"][n / 6])
    }
}
