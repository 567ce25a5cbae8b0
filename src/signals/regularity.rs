//! R1, regularity: burstiness of the intervals between exchanges; low for machines, high for people.

use super::{About, Axis, Examples, Input, Outcome, Signal, SignalFamily};
use crate::cache::RowId;
use crate::model::{Micros, format_duration};
use crate::stats::{burstiness, quantile};

/// Minimum number of exchanges: below thirty, the standard deviation of a Poisson process's burstiness is as
/// large as the difference between people and programs.
const MIN_EXCHANGES: usize = 30;

const ABOUT: About = About {
    id: "R1",
    title: "regularity",
    version: 1,
    unit: "burstiness (−1 to 1)",
    definition: "Finite-size burstiness of the n intervals between consecutive exchanges, A = (√(n+1) r − √(n−1)) \
                 / ((√(n+1) − 2) r + √(n−1)) with r = σ/μ. −1 for a clock, 0 for independent arrivals, towards 1 \
                 for people, who come in bursts. The lower tail is tested. Needs 30 exchanges. Also reported: the \
                 memory coefficient; median, median absolute deviation and Bowley skew of the intervals.",
    source: "Kim & Jo 2016; Goh & Barabási 2008",
    needs: &[],
    look_alikes: &["a scheduled job", "a batch pipeline"],
    tells_apart: "prompt_text: a scheduled job repeats one template over its own data; api_key_id: one key of a production service",
    axis: Axis::Extraction,
    family: SignalFamily::Rhythm,
    tests_upper_tail: false,
    rises_with_volume: false,
    // Weight 0: products show intervals as regular as a campaign's, or more so.
    weight: 0.0,
};

pub(super) struct Regularity;

impl Signal for Regularity {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        of_times(input.ts, input.first_row)
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        detail(input.ts)
    }
}

fn of_times(ts: &[Micros], first_row: RowId) -> Outcome {
    if ts.len() < MIN_EXCHANGES {
        return Outcome::not_applicable(format!("{} exchanges; {MIN_EXCHANGES} are needed", ts.len()));
    }
    match burstiness::burstiness(&intervals(ts)) {
        Some(value) => Outcome::Measured { value, examples: middle_run(ts, first_row) },
        None => Outcome::not_applicable("all exchanges have the same time"),
    }
}

fn detail(ts: &[Micros]) -> Option<String> {
    let seconds = intervals(ts);
    let memory = burstiness::memory(&seconds);
    let mut sorted = seconds;
    sorted.sort_by(f64::total_cmp);
    let length = |seconds: f64| format_duration((seconds * 1e6) as i64);
    let mut sentence = format!(
        "Median interval {}; median absolute deviation {}",
        length(quantile::median(&sorted)?),
        length(quantile::median_absolute_deviation(&sorted)?)
    );
    if let Some(skew) = quantile::bowley_skew(&sorted) {
        sentence += &format!("; Bowley skew {skew:.2}");
    }
    if let Some(memory) = memory {
        sentence += &format!("; memory {memory:.2}");
    }
    Some(sentence + ".")
}

/// Intervals in seconds.
fn intervals(ts: &[Micros]) -> Vec<f64> {
    ts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64 / 1e6).collect()
}

/// Three consecutive exchanges around the median interval.
fn middle_run(ts: &[Micros], first_row: RowId) -> Examples {
    let gap = |at: usize| ts[at + 1].saturating_sub(ts[at]);
    let mut order: Vec<usize> = (0..ts.len() - 2).collect();
    order.sort_by_key(|&at| (gap(at), at));
    let first = first_row + order[order.len() / 2] as RowId;
    (first..first + 3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(ts: &[Micros]) -> f64 {
        match of_times(ts, 0) {
            Outcome::Measured { value, examples } => {
                assert_eq!(examples.len(), 3);
                value
            }
            Outcome::NotApplicable(why) => panic!("{why}"),
        }
    }

    #[test]
    fn a_clock_is_minus_one_and_a_burst_is_not() {
        let clock: Vec<Micros> = (0..40).map(|i| i * 60_000_000).collect();
        assert_eq!(value(&clock), -1.0);
        let bursts: Vec<Micros> = (0..40).map(|i| i * 1_000_000 + i / 10 * 36_000_000_000).collect();
        assert!(value(&bursts) > 0.3);
        let detail = detail(&clock).unwrap();
        assert!(detail.starts_with("Median interval 1 min"), "{detail}");
    }

    #[test]
    fn too_few_or_all_at_once_is_not_testable() {
        for ts in [&[0; 29][..], &[7; 50]] {
            assert!(matches!(of_times(ts, 0), Outcome::NotApplicable(_)));
        }
    }
}
