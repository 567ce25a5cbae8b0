//! Directions on a circle: mean direction and Rayleigh's test of uniformity.

use std::f64::consts::TAU;

/// Mean direction of angles and their concentration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDirection {
    /// In radians, 0..2π; 0 where the angles cancel out exactly.
    pub angle: f64,
    /// Mean resultant length, 0 (no agreement) to 1 (all the same).
    pub length: f64,
}

/// Mean direction and mean resultant length of angles in radians (Mardia & Jupp 2000, §2.2).
/// `None` without angles.
pub fn mean_direction(angles: &[f64]) -> Option<MeanDirection> {
    if angles.is_empty() {
        return None;
    }
    let n = angles.len() as f64;
    let (sin, cos) = angles.iter().fold((0.0, 0.0), |(s, c), a| (s + a.sin(), c + a.cos()));
    let (sin, cos) = (sin / n, cos / n);
    Some(MeanDirection { angle: sin.atan2(cos).rem_euclid(TAU), length: sin.hypot(cos).min(1.0) })
}

/// p-value of Rayleigh's test that `n` independent angles with this mean resultant length come
/// from the uniform distribution (Mardia & Jupp 2000, eq. 6.3.6, with its correction for n < 50).
/// 1 without angles. Clustered events (the calls of one session) are not independent: count
/// sessions.
pub fn rayleigh_p(n: usize, length: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    let count = n as f64;
    let z = count * length * length;
    let correction = if n < 50 {
        1.0 + (2.0 * z - z * z) / (4.0 * count)
            - (24.0 * z - 132.0 * z.powi(2) + 76.0 * z.powi(3) - 9.0 * z.powi(4)) / (288.0 * count * count)
    } else {
        1.0
    };
    ((-z).exp() * correction).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_directions_cancel_out() {
        let mean = mean_direction(&[0.0, std::f64::consts::PI]).unwrap();
        assert!(mean.length < 1e-12);
        assert!(mean_direction(&[]).is_none());
    }

    // astropy.stats: a = np.deg2rad([52, 68, 75, 80, 90, 5, 354, 20, 40, 60]);
    // circmean(a) % 2π, vector strength, rayleightest(a)
    #[test]
    fn agrees_with_astropy() {
        let degrees = [52.0, 68.0, 75.0, 80.0, 90.0, 5.0, 354.0, 20.0, 40.0, 60.0];
        let angles: Vec<f64> = degrees.iter().map(|d: &f64| d.to_radians()).collect();
        let mean = mean_direction(&angles).unwrap();
        assert!((mean.angle - 0.857_903_103_472_456_8).abs() < 1e-9, "{}", mean.angle);
        assert!((mean.length - 0.859_170_163_155_814_7).abs() < 1e-9, "{}", mean.length);
        assert!((rayleigh_p(angles.len(), mean.length) - 7.274_254_271_448_184e-5).abs() < 1e-9);
    }

    #[test]
    fn uniform_angles_are_not_rejected_and_equal_ones_are() {
        assert_eq!(rayleigh_p(100, 0.0), 1.0);
        assert!(rayleigh_p(100, 1.0) < 1e-40);
        assert_eq!(rayleigh_p(0, 0.5), 1.0);
    }
}
