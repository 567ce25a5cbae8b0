//! A small case for tests of content.

use super::facts::{CaseFacts, Facts};
use super::prompts::Prompts;
use crate::cache::SAMPLE_DIMENSIONS;
use crate::model::TimeSpan;
use crate::stats::splitmix;

const DAY: i64 = 24 * 3_600_000_000;

/// Accounts of ten subjects, with a spread of their own. One in ten is new and heavy; of the first 30 of
/// subject 0 four of five, if `planted`.
pub(super) fn case(seed: u64, planted: bool) -> (Prompts, CaseFacts) {
    let accounts = 600_u64;
    let mean = |account: u64| {
        let subject = account % 10;
        let mut mean = [0.0; SAMPLE_DIMENSIONS];
        for (d, x) in mean.iter_mut().enumerate() {
            let centre = splitmix::normal(99, subject * 64 + d as u64);
            *x = (centre + 1.2 * splitmix::normal(seed, account * 64 + d as u64)) as f32;
        }
        Some(mean)
    };
    let facts = |account: u64| {
        let in_pool = planted && account.is_multiple_of(10) && account < 300;
        let draw = splitmix::uniform(seed ^ 7, account);
        let new = if in_pool { draw < 0.8 } else { draw < 0.1 };
        // Created in the week before the second day.
        let made = 7.0 * splitmix::uniform(seed ^ 11, account) - 6.0;
        Facts {
            exchanges: if new { 90 } else { 20 + (account % 40) as u32 },
            created: Some(if new { (made * DAY as f64) as i64 } else { -100 * DAY }),
            first: DAY,
            last: 20 * DAY,
            networks: Some(1),
            unit: account as u32,
            ..Facts::default()
        }
    };
    let span = TimeSpan { start: 0, end: 21 * DAY };
    let of = (0..accounts).map(facts).collect();
    (
        Prompts::for_test((0..accounts).map(mean).collect()),
        CaseFacts { of, span, has_clients_and_networks: false },
    )
}
