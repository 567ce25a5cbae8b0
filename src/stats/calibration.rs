//! Calibration of stated probabilities: Brier score and reliability curve.

/// A stated probability with the outcome and the weight of its case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Stated probability, 0 to 1.
    pub probability: f64,
    /// True if the event happened.
    pub happened: bool,
    /// Weight, at least 0; 1 for a case that counts once.
    pub weight: f64,
}

/// Brier score (Brier 1950): weighted mean of (probability − outcome)², 0 to 1, 0 is best. `None` where
/// the weights sum to 0.
pub fn brier(forecasts: &[Forecast]) -> Option<f64> {
    let weight: f64 = forecasts.iter().map(|one| one.weight).sum();
    let loss = |one: &Forecast| one.weight * (one.probability - f64::from(u8::from(one.happened))).powi(2);
    (weight > 0.0).then(|| forecasts.iter().map(loss).sum::<f64>() / weight)
}

/// One point of a reliability curve.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReliabilityBin {
    /// Sum of the weights.
    pub weight: f64,
    /// Weighted sum of the stated probabilities.
    pub stated: f64,
    /// Sum of the weights of the events that happened.
    pub happened: f64,
}

impl ReliabilityBin {
    /// Mean stated probability; `None` for an empty bin.
    pub fn mean_stated(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.stated / self.weight)
    }
}

/// Reliability curve (Murphy & Winkler 1977) over bins with these ascending edges. A bin holds the
/// probabilities above its lower edge up to its upper edge; the first bin holds its lower edge too.
pub fn reliability(forecasts: &[Forecast], edges: &[f64]) -> Vec<ReliabilityBin> {
    let mut bins = vec![ReliabilityBin::default(); edges.len().saturating_sub(1)];
    for one in forecasts {
        let above = edges.partition_point(|&edge| edge < one.probability);
        let Some(bin) = bins.get_mut(above.saturating_sub(1)) else { continue };
        bin.weight += one.weight;
        bin.stated += one.weight * one.probability;
        if one.happened {
            bin.happened += one.weight;
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // sklearn.metrics.brier_score_loss and sklearn.calibration.calibration_curve: see tests/oracles/make.py
    #[test]
    fn agrees_with_scikit_learn() {
        for case in oracle::cases("calibration") {
            let rows = oracle::numbers(&case["probabilities"]).into_iter();
            let rows = rows.zip(oracle::numbers(&case["happened"])).zip(oracle::numbers(&case["weights"]));
            let mut forecasts: Vec<Forecast> = rows
                .map(|((probability, happened), weight)| Forecast {
                    probability,
                    happened: happened == 1.0,
                    weight,
                })
                .collect();
            let score = brier(&forecasts).unwrap();
            assert!((score - oracle::number(&case["brier"])).abs() < 1e-12, "{score}");
            // calibration_curve takes no weights and leaves out empty bins.
            forecasts.iter_mut().for_each(|one| one.weight = 1.0);
            let bins = reliability(&forecasts, &oracle::numbers(&case["edges"]));
            let filled: Vec<&ReliabilityBin> = bins.iter().filter(|bin| bin.weight > 0.0).collect();
            let close = |own: Vec<f64>, other: &serde_json::Value| {
                let other = oracle::numbers(other);
                own.len() == other.len() && own.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-12)
            };
            let stated = filled.iter().filter_map(|bin| bin.mean_stated()).collect();
            assert!(close(stated, &case["stated"]), "{bins:?}");
            let shares = filled.iter().map(|bin| bin.happened / bin.weight).collect();
            assert!(close(shares, &case["shares"]), "{bins:?}");
        }
    }

    #[test]
    fn nothing_stated_has_no_score() {
        assert_eq!(brier(&[]), None);
        assert_eq!(reliability(&[], &[0.0, 1.0])[0].mean_stated(), None);
    }
}
