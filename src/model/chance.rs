//! Probabilities in words.

use super::format_count;

/// An upper bound of a p-value in words: `in at most 23 of 100 cases`, `in at most 1 of 200 cases`; above ½
/// `in more than half of all cases`. Rounded towards the weaker claim.
pub fn format_chance(p: f64) -> String {
    if p > 0.5 {
        "in more than half of all cases".to_owned()
    } else if p >= 0.01 {
        format!("in at most {:.0} of 100 cases", (100.0 * p).ceil())
    } else {
        let times = 1.0 / p.max(f64::MIN_POSITIVE);
        let digit = 10_f64.powf(times.log10().floor());
        format!("in at most 1 of {} cases", format_count(((times / digit).floor() * digit) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_never_understated() {
        let said: Vec<String> = [1.0, 0.23, 0.01, 0.0035, 1e-4].into_iter().map(format_chance).collect();
        assert_eq!(
            said,
            [
                "in more than half of all cases",
                "in at most 23 of 100 cases",
                "in at most 1 of 100 cases",
                "in at most 1 of 200 cases",
                "in at most 1 of 10,000 cases"
            ]
        );
    }
}
