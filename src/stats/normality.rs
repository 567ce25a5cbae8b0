//! Shapiro–Wilk statistic of normality.

use super::normal::quantile;

/// Smallest and largest sample for which Royston's coefficients were fitted.
const MIN_VALUES: usize = 3;
const MAX_VALUES: usize = 5_000;

/// Shapiro and Wilk's W (1965) with Royston's coefficients (1995, algorithm AS R94): 1 for a
/// sample as normal as can be, smaller the less normal. `None` for fewer than 3 or more than 5,000
/// values, or where all are the same.
pub fn shapiro_wilk(values: &[f64]) -> Option<f64> {
    let n = values.len();
    if !(MIN_VALUES..=MAX_VALUES).contains(&n) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mean = sorted.iter().sum::<f64>() / n as f64;
    let spread: f64 = sorted.iter().map(|x| (x - mean).powi(2)).sum();
    if spread <= 0.0 {
        return None;
    }
    let slope: f64 = coefficients(n).iter().zip(&sorted).map(|(a, x)| a * (x - mean)).sum();
    Some((slope * slope / spread).min(1.0))
}

/// The weights of the order statistics, ascending.
fn coefficients(n: usize) -> Vec<f64> {
    if n == 3 {
        let a = 0.5_f64.sqrt();
        return vec![-a, 0.0, a];
    }
    let scores: Vec<f64> = (1..=n).map(|i| quantile((i as f64 - 0.375) / (n as f64 + 0.25))).collect();
    let sum: f64 = scores.iter().map(|m| m * m).sum();
    let u = 1.0 / (n as f64).sqrt();
    let polynomial = |c: [f64; 5]| u * (c[0] + u * (c[1] + u * (c[2] + u * (c[3] + u * c[4]))));
    let last = polynomial([0.221_157, -0.147_981, -2.071_190, 4.434_685, -2.706_056]);
    let before = polynomial([0.042_981, -0.293_762, -1.752_461, 5.682_633, -3.582_633]);
    let (m, m_before) = (scores[n - 1], scores[n - 2]);
    let a = last + m / sum.sqrt();
    let b = before + m_before / sum.sqrt();
    // From six values on the two outermost pairs are corrected, below only the outermost.
    let (rest, outer) = if n > 5 {
        (sum - 2.0 * m * m - 2.0 * m_before * m_before, 1.0 - 2.0 * a * a - 2.0 * b * b)
    } else {
        (sum - 2.0 * m * m, 1.0 - 2.0 * a * a)
    };
    let scale = (rest / outer).sqrt();
    let mut weights: Vec<f64> = scores.iter().map(|m| m / scale).collect();
    (weights[0], weights[n - 1]) = (-a, a);
    if n > 5 {
        (weights[1], weights[n - 2]) = (-b, b);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats.shapiro; the first sample is that of Shapiro and Wilk's paper.
    #[test]
    fn agrees_with_scipy() {
        let men = [148.0, 154.0, 158.0, 160.0, 161.0, 162.0, 166.0, 170.0, 182.0, 195.0, 236.0];
        let skewed: Vec<f64> = (1..101).map(|i| f64::from(i * 37 % 101).powi(2) / 100.0).collect();
        for (values, w) in [
            (&men[..], 0.788_814_694_863),
            (&skewed, 0.896_180_054_412),
            (&[1.0, 2.0, 4.0], 0.964_285_714_286),
            (&[1.0, 2.0, 4.0, 5.0, 9.0], 0.940_619_233_133),
        ] {
            let found = shapiro_wilk(values).unwrap();
            assert!((found - w).abs() < 1e-6, "{found} for {w}");
        }
        assert_eq!(shapiro_wilk(&[1.0, 2.0]), None);
        assert_eq!(shapiro_wilk(&[3.0; 9]), None);
    }
}
