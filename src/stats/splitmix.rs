//! Counter-based random numbers: the n-th number of a seed, independent of the order of calls and of threads.

/// The `n`-th 64-bit number of `seed` (SplitMix64; Steele, Lea & Flood 2014).
pub fn number(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The `n`-th number of `seed`, uniform in `0.0..1.0`.
pub fn uniform(seed: u64, n: u64) -> f64 {
    (number(seed, n) >> 11) as f64 / (1u64 << 53) as f64
}

/// The `n`-th number of `seed`, standard normal (Box & Muller 1958).
pub fn normal(seed: u64, n: u64) -> f64 {
    let (u, v) = (1.0 - uniform(seed, 2 * n), uniform(seed, 2 * n + 1));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence_of_seed_1234567() {
        // The reference implementation's first numbers (prng.di.unimi.it/splitmix64.c).
        let first: Vec<u64> = (0..3).map(|n| number(1_234_567, n)).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let drawn: Vec<f64> = (0..20_000).map(|n| normal(7, n)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
