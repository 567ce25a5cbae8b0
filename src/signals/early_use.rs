//! R7, early use: active hours per day of account age.

use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::cache::RowId;
use crate::model::{Micros, format_duration};

const HOUR: Micros = 3_600_000_000;

const DAY: f64 = 24.0 * HOUR as f64;

/// Days added to every age, so that one busy first day is not the highest possible value.
const GRACE_DAYS: f64 = 7.0;

const ABOUT: About = About {
    id: "R7",
    title: "early use",
    version: 1,
    unit: "active hours per day of account age",
    definition: "Calendar hours with an exchange, over the account's age in days at its last exchange plus 7. \
                 Accounts registered for bulk use are active from their first days; personal accounts rarely are. \
                 The age counts from account_created_at, or from the first exchange where that is earlier. \
                 Compared with accounts of any volume, since the value rises with volume.",
    source: "Thomas et al. 2013 (accounts registered for bulk abuse)",
    needs: &["account_created_at"],
    look_alikes: &["a new customer with a finished product", "a new power user", "a hackathon"],
    tells_apart: "org_id and payment_fingerprint: one named new customer; prompt_text: its own product's work",
    axis: Axis::Extraction,
    family: SignalFamily::Rhythm,
    tests_upper_tail: true,
    rises_with_volume: true,
    weight: 1.0,
};

pub(super) struct EarlyUse;

impl Signal for EarlyUse {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        of_times(created(input), input.ts, input.first_row)
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let (created, first) = (created(input)?, *input.ts.first()?);
        Some(if first < created {
            "First exchange before the logged time of creation.".to_owned()
        } else {
            format!(
                "{} from creation to first exchange; {} active hours since.",
                format_duration(first.saturating_sub(created)),
                active_hours(input.ts)
            )
        })
    }
}

fn created(input: &Input<'_>) -> Option<Micros> {
    input.cache.accounts()[input.account as usize].created
}

fn of_times(created: Option<Micros>, ts: &[Micros], first_row: RowId) -> Outcome {
    let Some(created) = created else {
        return Outcome::not_applicable("the log has no creation time of the account");
    };
    let (Some(&first), Some(&last)) = (ts.first(), ts.last()) else {
        return Outcome::not_applicable("no exchanges");
    };
    let age = last.saturating_sub(created.min(first)) as f64 / DAY;
    Outcome::Measured {
        value: active_hours(ts) as f64 / (age + GRACE_DAYS),
        examples: [first_row].into_iter().collect(),
    }
}

/// Calendar hours with an exchange; times ascend.
fn active_hours(ts: &[Micros]) -> usize {
    ts.chunk_by(|a, b| a.div_euclid(HOUR) == b.div_euclid(HOUR)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(created: Micros, ts: &[Micros]) -> f64 {
        match of_times(Some(created), ts, 0) {
            Outcome::Measured { value, .. } => value,
            Outcome::NotApplicable(why) => panic!("{why}"),
        }
    }

    #[test]
    fn hours_over_age() {
        // Twice an hour for five hours, three days after it was made: 5 / (3 + 4/24 + 7).
        let ts: Vec<Micros> = (0..10).map(|i| 72 * HOUR + i * HOUR / 2).collect();
        assert!((value(0, &ts) - 5.0 / (3.0 + 4.5 / 24.0 + 7.0)).abs() < 1e-12);
        assert!(value(-200 * 24 * HOUR, &ts) < 0.03);
        // A creation time in the future gives no negative age.
        assert!((value(i64::MAX, &[0]) - 1.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn without_a_date_it_is_not_testable() {
        assert!(matches!(of_times(None, &[0], 0), Outcome::NotApplicable(_)));
        assert!(matches!(of_times(Some(0), &[], 0), Outcome::NotApplicable(_)));
    }
}
