//! Fourier transform of a series, and its periodogram.

use std::f64::consts::TAU;

/// Periodogram (Schuster 1898) as shares of the variance (Scargle 1982): value k − 1 is the share that a sine of
/// k / m cycles a step explains, for k from 1 to m / 2, where m is the least power of two that is not below four
/// times the length, so that no cycle falls between two frequencies. Between 0 and 1. Empty for a series that is shorter than 4 or constant.
pub fn periodogram(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n.max(1) as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if n < 4 || squares <= 0.0 {
        return Vec::new();
    }
    let size = (4 * n).next_power_of_two();
    let mut real: Vec<f64> = values.iter().map(|value| value - mean).collect();
    real.resize(size, 0.0);
    let mut imaginary = vec![0.0; size];
    transform(&mut real, &mut imaginary);
    // A sine at the highest frequency has one degree of freedom, any other two.
    let factor = |k: usize| if 2 * k == size { 1.0 } else { 2.0 };
    (1..=size / 2)
        .map(|k| (factor(k) * (real[k].powi(2) + imaginary[k].powi(2)) / (n as f64 * squares)).min(1.0))
        .collect()
}

/// Discrete Fourier transform in place, Σ x(t) exp(−2πi k t / n), by the algorithm of Cooley and Tukey (1965).
/// The length is a power of two.
fn transform(real: &mut [f64], imaginary: &mut [f64]) {
    let n = real.len();
    if n < 2 {
        return;
    }
    let bits = n.trailing_zeros();
    for at in 0..n {
        let other = at.reverse_bits() >> (usize::BITS - bits);
        if at < other {
            real.swap(at, other);
            imaginary.swap(at, other);
        }
    }
    let turns: Vec<(f64, f64)> = (0..n / 2).map(|k| (-TAU * k as f64 / n as f64).sin_cos()).collect();
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        for start in (0..n).step_by(2 * half) {
            for k in 0..half {
                let (sine, cosine) = turns[k * stride];
                let (low, high) = (start + k, start + k + half);
                let re = real[high] * cosine - imaginary[high] * sine;
                let im = real[high] * sine + imaginary[high] * cosine;
                (real[high], imaginary[high]) = (real[low] - re, imaginary[low] - im);
                real[low] += re;
                imaginary[low] += im;
            }
        }
        half *= 2;
    }
}

/// Share of the variance that white noise of `n` values reaches at any frequency with probability `p` or less
/// (Scargle 1982, for twice the n / 2 independent frequencies, since those between them are looked at as well).
pub fn noise_level(n: usize, p: f64) -> f64 {
    let frequencies = n.max(1) as f64;
    let degrees = (n.max(4) - 3) as f64 / 2.0;
    1.0 - (p / frequencies).powf(1.0 / degrees)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::splitmix;

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        (0..n).map(|at| splitmix::uniform(seed, at as u64)).collect()
    }

    #[test]
    fn agrees_with_the_definition() {
        let values = noise(50, 7);
        let mean = values.iter().sum::<f64>() / 50.0;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        let shares = periodogram(&values);
        assert_eq!(shares.len(), 128);
        for (at, share) in shares.iter().enumerate() {
            let angle = |t: usize| TAU * ((at + 1) * t) as f64 / 256.0;
            let sum = |part: fn(f64) -> f64| -> f64 {
                values.iter().enumerate().map(|(t, x)| (x - mean) * part(angle(t))).sum()
            };
            let factor = if at == 127 { 1.0 } else { 2.0 };
            let expected = factor * (sum(f64::cos).powi(2) + sum(f64::sin).powi(2)) / (50.0 * squares);
            assert!((share - expected).abs() < 1e-12, "{at}: {share} {expected}");
        }
    }

    #[test]
    fn a_sine_is_the_whole_variance_at_its_frequency() {
        let sine: Vec<f64> = (0..256).map(|t| 5.0 + (TAU * f64::from(t) * 8.0 / 256.0).sin()).collect();
        let shares = periodogram(&sine);
        assert!((shares[31] - 1.0).abs() < 1e-12);
        assert!(periodogram(&[3.0; 40]).is_empty() && periodogram(&[1.0, 2.0, 1.0]).is_empty());
    }

    #[test]
    fn noise_rarely_reaches_its_level() {
        let level = noise_level(256, 0.05);
        let reached = (0..200)
            .filter(|seed| periodogram(&noise(256, *seed)).iter().any(|share| *share > level))
            .count();
        // At most 10 are expected of 200; 22 or more have probability 0.0005.
        assert!((1..22).contains(&reached), "{reached}");
    }
}
