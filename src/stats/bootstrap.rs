//! Percentile bootstrap (Efron 1979): the interval of a figure from its values in resamples.

use super::splitmix;

/// Share of the resamples on each side of a 95 % interval.
const TAIL: f64 = 0.025;

/// The 95 % percentile interval of the values of a figure in resamples: the smallest values below or at
/// which 2.5 % and 97.5 % of them are (the inverse of their distribution function, without
/// interpolation, so that values may be infinite). `None` without a value.
pub fn percentile_interval(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * values.len() as f64).ceil() as usize;
        values.get(rank.saturating_sub(1)).copied()
    };
    Some((at(TAIL)?, at(1.0 - TAIL)?))
}

/// Number of times that each of `size` items is drawn by `size` draws with replacement. The `draw`-th
/// resample of `seed` does not depend on earlier draws; `first` is the number of draws of the same
/// resample made for other items.
pub fn counts(size: usize, seed: u64, draw: u64, first: u64) -> Vec<u32> {
    let seed = splitmix::number(seed, draw);
    let mut counts = vec![0; size];
    for at in 0..size as u64 {
        let number = u128::from(splitmix::number(seed, first + at));
        counts[((number * size as u128) >> 64) as usize] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // numpy.quantile(values, [.025, .975], method="inverted_cdf"): see tests/oracles/make.py
    #[test]
    fn agrees_with_numpy() {
        for case in oracle::cases("percentile_interval") {
            let (low, high) = percentile_interval(oracle::numbers(&case["values"])).unwrap();
            assert_eq!([low, high].to_vec(), oracle::numbers(&case["interval"]));
        }
        assert_eq!(percentile_interval(vec![]), None);
        assert_eq!(percentile_interval(vec![1.0, f64::INFINITY]), Some((1.0, f64::INFINITY)));
    }

    #[test]
    fn every_item_is_drawn_once_on_average() {
        let size = 50;
        let mut sums = vec![0; size];
        for draw in 0..2_000 {
            let counts = counts(size, 1, draw, 7);
            assert_eq!(counts.iter().sum::<u32>(), size as u32);
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        // The number of times in all has a standard deviation of √(2000 · 0.98) = 44.
        assert!(sums.iter().all(|sum| sum.abs_diff(2_000) < 5 * 44), "{sums:?}");
        assert_eq!(counts(9, 4, 2, 0), counts(9, 4, 2, 0));
        assert_ne!(counts(9, 4, 2, 0), counts(9, 4, 3, 0));
        assert!(counts(0, 1, 0, 0).is_empty());
    }
}
