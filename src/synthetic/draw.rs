//! Random draws that depend on nothing but their key.
//!
//! Every account, day, conversation and turn has a ChaCha stream of its own, keyed by the seed
//! and by its purpose. So no draw depends on the order of the work or on the number of threads.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Purpose of a stream, so that streams with the same numbers differ.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The population as a whole.
    Population = 1,
    /// Attributes of an account.
    Account = 2,
    /// Attributes that the members of a group share.
    Group = 3,
    /// An account's total and its days.
    Volume = 4,
    /// An account's times within one day.
    Times = 5,
    /// A conversation: its subject, its address, its client.
    Conversation = 6,
    /// One turn: its text and its figures.
    Turn = 7,
}

/// A stream of draws.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream for `purpose`, `first` (an account, a group) and `second` (a day, a turn).
    pub fn keyed(seed: u64, purpose: Purpose, first: u64, second: u64) -> Self {
        let mut key = [0; 32];
        for (part, bytes) in [seed, purpose as u64, first, second].into_iter().zip(key.chunks_exact_mut(8)) {
            bytes.copy_from_slice(&part.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [`low`, `high`).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform among 0 … `n` − 1; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Log-normal with this median and this standard deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Geometric from 1, with this mean, at most `most`.
    pub fn geometric(&mut self, mean: f64, most: u32) -> u32 {
        let mut value = 1;
        while value < most && self.chance(1.0 - 1.0 / mean) {
            value += 1;
        }
        value
    }

    /// One of `items`, which must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Index of one of the `weights`, drawn in their proportion; the last when all are zero.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// `digits` lower-case hexadecimal digits, at most 16.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = format!("{:016x}", self.bits());
        text.truncate(digits);
        text
    }
}

/// A well-mixed number from two (the finaliser of SplitMix64; Steele and others, 2014).
pub fn mix(first: u64, second: u64) -> u64 {
    let mut z = first.wrapping_add(second.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_different_keys_differ_and_the_same_key_repeats() {
        let first = |purpose, a, b| Draw::keyed(7, purpose, a, b).bits();
        assert_eq!(first(Purpose::Turn, 1, 2), first(Purpose::Turn, 1, 2));
        assert_ne!(first(Purpose::Turn, 1, 2), first(Purpose::Turn, 2, 1));
        assert_ne!(first(Purpose::Turn, 1, 2), first(Purpose::Times, 1, 2));
    }

    #[test]
    fn moments_are_those_of_the_named_distributions() {
        let mut draw = Draw::keyed(1, Purpose::Population, 0, 0);
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        assert!(mean((0..20_000).map(|_| draw.normal()).collect()).abs() < 0.03);
        assert!((mean((0..20_000).map(|_| draw.exponential(3.0)).collect()) - 3.0).abs() < 0.1);
        assert!((mean((0..20_000).map(|_| f64::from(draw.geometric(2.5, 99))).collect()) - 2.5).abs() < 0.06);
        assert!((mean((0..20_000).map(|_| draw.weighted(&[1.0, 3.0]) as f64).collect()) - 0.75).abs() < 0.02);
    }
}
