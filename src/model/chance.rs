//! How often something happens by chance, in words.

/// How often at most, in words that need no notation: `more often than not`, `in at most 23 of 100
/// cases`, `in at most 1 of 200 cases`. Rounded so that the claim is never the stronger one.
pub fn format_chance(p: f64) -> String {
    chance(p, "at most")
}

/// [`format_chance`] of a p-value that was estimated by draws, which is known about: `in about 23 of 100
/// cases`.
pub fn format_chance_of_draws(p: f64) -> String {
    chance(p, "about")
}

fn chance(p: f64, bound: &str) -> String {
    if p > 0.5 {
        "more often than not".to_owned()
    } else if p >= 0.01 {
        format!("in {bound} {:.0} of 100 cases", (100.0 * p).ceil())
    } else {
        let times = 1.0 / p.max(f64::MIN_POSITIVE);
        let digit = 10_f64.powf(times.log10().floor());
        format!("in {bound} 1 of {:.0} cases", (times / digit).floor() * digit)
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
                "more often than not",
                "in at most 23 of 100 cases",
                "in at most 1 of 100 cases",
                "in at most 1 of 200 cases",
                "in at most 1 of 10000 cases"
            ]
        );
        assert_eq!(format_chance_of_draws(0.001), "in about 1 of 1000 cases");
    }
}
