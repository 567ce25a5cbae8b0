//! R2, rest: longest daily quiet period of the account.

use std::f64::consts::TAU;

use super::{About, Axis, Examples, Input, Outcome, Signal, SignalFamily, sessions};
use crate::cache::RowId;
use crate::model::{Micros, counted};
use crate::stats::{circular, entropy};

/// Minimum number of calendar hours with an exchange: 5 % of twenty is one, so one stray hour is tolerated
/// and two are not.
const MIN_HOURS: usize = 20;

/// Minimum number of days with an exchange: one or two days say nothing about habits.
const MIN_DAYS: usize = 4;

/// Largest share of active hours within a quiet block, so that one night of work does not hide a habit. An
/// account that is flat over the day has 1/24 = 4.2 % in each hour: its block is 1 h.
const QUIET_SHARE: f64 = 0.05;

/// Minimum number of hours of rest that count as a night.
const MIN_NIGHT_HOURS: usize = 5;

const HOUR: Micros = 3_600_000_000;

const ABOUT: About = About {
    id: "R2",
    title: "rest",
    version: 1,
    unit: "hours of rest",
    definition: "Longest run of hours of the day that together hold at most 5 % of the account's active hours. \
                 Each calendar hour counts once, however many calls it has; the run may pass midnight. The lower \
                 tail is tested: people rest, programs need not. The value is the same in every time zone of whole \
                 hours. Needs 20 active hours on 4 days. Also reported for session starts: \
                 Rayleigh's test on the time of day, and the entropy over the 168 hours of the week. Also reported: \
                 the UTC offsets at which the quiet hours are at night. A session starts after 30 minutes without \
                 an exchange.",
    source: "Mardia & Jupp 2000",
    needs: &[],
    look_alikes: &["a server that answers users around the clock", "a team that follows the sun"],
    tells_apart: "end_user_id and country: users or colleagues in many zones; api_key_id: one key a person",
    axis: Axis::Extraction,
    family: SignalFamily::Rhythm,
    tests_upper_tail: false,
    rises_with_volume: false,
    // Weight 0: products are in use around the clock as much as a campaign, or more.
    weight: 0.0,
};

pub(super) struct Rest;

impl Signal for Rest {
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
    let profile = match profile(ts) {
        Ok(profile) => profile,
        Err(why) => return Outcome::not_applicable(why),
    };
    let (start, length) = quiet_block(&profile);
    Outcome::Measured { value: length as f64, examples: inside(ts, first_row, start, length) }
}

/// Active calendar hours by hour of the day, UTC; `Err` with the reason where there are too few.
fn profile(ts: &[Micros]) -> Result<[u32; 24], String> {
    let mut hours: Vec<Micros> = ts.iter().map(|t| t.div_euclid(HOUR)).collect();
    hours.dedup();
    let mut days: Vec<Micros> = hours.iter().map(|hour| hour.div_euclid(24)).collect();
    days.dedup();
    if hours.len() < MIN_HOURS || days.len() < MIN_DAYS {
        return Err(format!(
            "active in {} hours on {} days; {MIN_HOURS} hours on {MIN_DAYS} days are needed",
            hours.len(),
            days.len()
        ));
    }
    let mut profile = [0_u32; 24];
    for hour in &hours {
        profile[hour.rem_euclid(24) as usize] += 1;
    }
    Ok(profile)
}

fn detail(ts: &[Micros]) -> Option<String> {
    let starts: Vec<Micros> = sessions::starts(ts).map(|at| ts[at]).collect();
    let angles: Vec<f64> =
        starts.iter().map(|t| t.rem_euclid(24 * HOUR) as f64 / (24 * HOUR) as f64 * TAU).collect();
    let mean = circular::mean_direction(&angles)?;
    let mut week = [0_u64; 168];
    for start in &starts {
        week[start.div_euclid(HOUR).rem_euclid(168) as usize] += 1;
    }
    let offsets = offsets(ts).map_or_else(String::new, |(first, last)| {
        format!(
            " The quiet hours are at night in UTC{first:+} to UTC{last:+}; a schedule can imitate any zone."
        )
    });
    Some(format!(
        "{}; mean start at {:02.0}:00 UTC; resultant length {:.2} (Rayleigh p {:.2}). Entropy over the week {:.2} of at most {:.2} nats.{offsets}",
        counted(starts.len() as u64, "session", "sessions"),
        (mean.angle / TAU * 24.0).floor(),
        mean.length,
        circular::rayleigh_p(starts.len(), mean.length),
        entropy::shannon(&week),
        (starts.len().min(168) as f64).ln()
    ))
}

/// Range of UTC offsets, first and last of consecutive hours from −11 to +12, at which the middle of the
/// account's quiet block lies between 1 and 5 in the morning. `None` where it rests less than
/// [`MIN_NIGHT_HOURS`] or has too few active hours.
fn offsets(ts: &[Micros]) -> Option<(i32, i32)> {
    let (start, length) = quiet_block(&profile(ts).ok()?);
    let middle = (start as f64 + length as f64 / 2.0).rem_euclid(24.0);
    let first = (1.0 - middle).ceil() as i32;
    let last = (5.0 - middle).floor() as i32;
    let from_minus_11_to_12 = |offset: i32| (offset + 11).rem_euclid(24) - 11;
    (length >= MIN_NIGHT_HOURS).then_some((from_minus_11_to_12(first), from_minus_11_to_12(last)))
}

/// First hour and length of the longest run of hours that together hold at most [`QUIET_SHARE`] of the
/// profile; of several, the one that holds least, then the earliest.
fn quiet_block(profile: &[u32; 24]) -> (usize, usize) {
    let allowed = (QUIET_SHARE * f64::from(profile.iter().sum::<u32>())).floor() as u32;
    let held = |start: usize, length: usize| (0..length).map(|i| profile[(start + i) % 24]).sum::<u32>();
    for length in (1..24).rev() {
        let best = (0..24).map(|start| (held(start, length), start)).min();
        if let Some((_, start)) = best.filter(|&(least, _)| least <= allowed) {
            return (start, length);
        }
    }
    (0, 0)
}

/// Up to three exchanges within the quiet block.
fn inside(ts: &[Micros], first_row: RowId, start: usize, length: usize) -> Examples {
    let quiet = |t: Micros| {
        let hour = t.div_euclid(HOUR).rem_euclid(24) as usize;
        (hour + 24 - start) % 24 < length.max(1)
    };
    (0..ts.len()).filter(|&at| quiet(ts[at])).map(|at| first_row + at as RowId).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(ts: &[Micros]) -> Option<f64> {
        match of_times(ts, 0) {
            Outcome::Measured { value, .. } => Some(value),
            Outcome::NotApplicable(_) => None,
        }
    }

    /// A call at each of these hours of ten days, several a time.
    fn days(hours: std::ops::Range<i64>) -> Vec<Micros> {
        (0..10)
            .flat_map(|day| hours.clone().map(move |hour| (day * 24 + hour) * HOUR))
            .flat_map(|t| (0..5).map(move |i| t + i * 1_000_000))
            .collect()
    }

    #[test]
    fn a_sleeper_rests_and_a_server_does_not() {
        assert_eq!(value(&days(8..24)), Some(8.0));
        assert_eq!(value(&days(0..24)), Some(1.0));
    }

    #[test]
    fn one_sleepless_night_does_not_erase_a_habit() {
        let mut ts = days(8..24);
        ts.push(3 * HOUR);
        ts.sort_unstable();
        assert_eq!(value(&ts), Some(8.0));
    }

    #[test]
    fn the_block_goes_around_midnight_and_does_not_mind_the_zone() {
        for shift in 0..24 {
            let ts: Vec<Micros> = days(8..24).iter().map(|t| t + shift * HOUR).collect();
            assert_eq!(value(&ts), Some(8.0), "{shift}");
        }
    }

    #[test]
    fn the_offset_is_a_set_that_holds_the_true_one() {
        // Asleep from 23 to 7 by its own clock.
        for offset in -11..=12_i64 {
            let ts: Vec<Micros> = days(7..23).iter().map(|t| t - offset * HOUR).collect();
            let (first, last) = offsets(&ts).unwrap();
            assert_eq!((last - first).rem_euclid(24), 4);
            assert!((offset - i64::from(first)).rem_euclid(24) <= 4, "{offset}: {first} to {last}");
        }
        assert_eq!(offsets(&days(0..24)), None);
        assert_eq!(offsets(&days(8..9)), None);
    }

    #[test]
    fn few_hours_are_not_testable() {
        assert_eq!(value(&days(8..9)), None);
        assert_eq!(value(&[]), None);
        let one_day: Vec<Micros> = (0..24).map(|hour| hour * HOUR).collect();
        assert_eq!(value(&one_day), None);
    }

    #[test]
    fn the_detail_has_rayleigh_on_session_starts() {
        let detail = detail(&days(8..9)).unwrap();
        assert!(
            detail.starts_with("10 sessions; mean start at 08:00 UTC; resultant length 1.00"),
            "{detail}"
        );
    }
}
