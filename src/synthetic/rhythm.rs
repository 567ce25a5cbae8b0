//! Rhythm: distribution of an account's exchanges over days, and over the times of a day.

use super::account::Account;
use super::draw::{Draw, Purpose};
use super::kind::Rhythm;
use super::plan::{Plan, SECONDS_A_DAY};

const DAY_MS: i64 = SECONDS_A_DAY * 1_000;

/// One exchange, before it has content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Milliseconds since the day began (UTC).
    pub time: u32,
    /// Index of the account.
    pub account: u32,
    /// Number of the conversation among the account's of this day.
    pub conversation: u32,
    /// Turn of the conversation, from 0.
    pub turn: u16,
}

/// Number of exchanges of an account on each day of the plan; the sum is `total`.
pub fn days(plan: &Plan, account: &Account, total: u64) -> Vec<u32> {
    let mut draw = Draw::keyed(plan.seed, Purpose::Volume, account.number.into(), 1);
    let weights: Vec<f64> = (0..plan.days).map(|day| day_weight(plan, account, day, &mut draw)).collect();
    let sum: f64 = weights.iter().sum();
    let mut counts = vec![0; plan.days as usize];
    if sum <= 0.0 {
        counts[account.span.0 as usize] = total as u32;
        return counts;
    }
    // Systematic rounding: the counts follow the weights and add up exactly.
    let start = draw.unit();
    let (mut cumulative, mut given) = (0.0, 0_u64);
    let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
    for (day, weight) in weights.iter().enumerate().take(last + 1) {
        cumulative += weight;
        let upto =
            if day == last { total } else { ((cumulative / sum * total as f64 + start) as u64).min(total) };
        counts[day] = (upto - given) as u32;
        given = upto;
    }
    counts
}

fn day_weight(plan: &Plan, account: &Account, day: u32, draw: &mut Draw) -> f64 {
    let noise = draw.log_normal(1.0, 0.5);
    let luck = draw.unit();
    if day < account.span.0 || day > account.span.1 {
        return 0.0;
    }
    let weekend = (plan.first_weekday + day) % 7 >= 5;
    let age = f64::from(day - account.span.0);
    let active = |probability: f64, weight: f64| if luck < probability { weight * noise } else { 0.0 };
    match account.rhythm {
        Rhythm::Office | Rhythm::FollowTheSun => active(if weekend { 0.06 } else { 0.62 }, 1.0),
        Rhythm::Evening => active(if weekend { 0.5 } else { 0.36 }, if weekend { 1.4 } else { 1.0 }),
        Rhythm::Student => active(if weekend { 0.3 } else { 0.42 }, 1.0),
        Rhythm::Service => (if weekend { 0.75 } else { 1.0 }) * draw.log_normal(1.0, 0.12),
        Rhythm::Nightly => active(if weekend { 0.15 } else { 0.97 }, 1.0),
        Rhythm::Sweep => active(0.14, 1.0),
        Rhythm::Deadline => {
            // The class hands in at four fifths of the span and works the three days before.
            let due = plan.days * 4 / 5;
            match due.checked_sub(day) {
                Some(0) => 3.0 * noise,
                Some(1) => 5.0 * noise,
                Some(2) => active(0.6, 1.5),
                _ => active(0.04, 0.3),
            }
        }
        Rhythm::Event => match day.checked_sub(event_day(plan)) {
            Some(0 | 1) => 6.0 * noise,
            _ => active(0.05, 0.4),
        },
        // Two days on, one day off, crews displaced against each other; use ramps in a week.
        Rhythm::Shift => {
            let on = !(day + account.member).is_multiple_of(3);
            if on { (0.2 + age / 7.0).min(1.0) * draw.log_normal(1.0, 0.15) } else { 0.0 }
        }
        Rhythm::Poisson => -(1.0 - luck).ln(),
    }
}

/// The day on which events begin: the first Saturday after two fifths of the span, or the day after
/// two fifths where there is none.
pub fn event_day(plan: &Plan) -> u32 {
    let from = (plan.days * 2 / 5).min(plan.days - 1);
    (from..plan.days).find(|day| (plan.first_weekday + day) % 7 == 5).unwrap_or(from)
}

/// Adds the account's exchanges of one day to `out`.
pub fn times(plan: &Plan, account: &Account, day: u32, out: &mut Vec<Event>) {
    let count = account.days[day as usize];
    if count == 0 {
        return;
    }
    let mut draw = Draw::keyed(plan.seed, Purpose::Times, account.number.into(), day.into());
    let hours = hours(account, day, (plan.first_weekday + day) % 7 >= 5);
    let start_hour = 1.0 + 4.0 * ((account.binding >> 8) % 100) as f64 / 100.0;
    let mut left = count;
    let mut clock = (start_hour * 3_600_000.0 + draw.between(0.0, 240_000.0)) as i64;
    for conversation in 0.. {
        if left == 0 {
            break;
        }
        let turns = draw.geometric(account.kind.turns, 30).min(left);
        left -= turns;
        if matches!(account.rhythm, Rhythm::Nightly | Rhythm::Sweep) {
            clock += draw.log_normal(if account.rhythm == Rhythm::Nightly { 3_000.0 } else { 7_000.0 }, 0.35)
                as i64;
        } else {
            clock = ((draw.weighted(&hours) as f64 + draw.unit()) * 3_600_000.0) as i64;
        }
        // A program that does not imitate a person sends the next request at once.
        let think =
            if matches!(account.rhythm, Rhythm::Shift | Rhythm::Poisson) { 22_000.0 } else { 75_000.0 };
        let gaps: Vec<i64> = (1..turns).map(|_| 2_500 + draw.log_normal(think, 0.9) as i64).collect();
        // A conversation that would run over midnight begins earlier instead; one that is longer
        // than a day is squeezed.
        let length: i64 = gaps.iter().sum();
        let squeeze = if length >= DAY_MS { (DAY_MS - 1) as f64 / (length + 1) as f64 } else { 1.0 };
        let mut time = clock.rem_euclid(DAY_MS).min(DAY_MS - 1 - (length as f64 * squeeze) as i64).max(0);
        for turn in 0..turns {
            out.push(Event { time: time as u32, account: account.number, conversation, turn: turn as u16 });
            time += gaps.get(turn as usize).map_or(0, |gap| (*gap as f64 * squeeze) as i64);
        }
    }
}

/// Weight of each UTC hour for an account.
fn hours(account: &Account, day: u32, weekend: bool) -> [f64; 24] {
    std::array::from_fn(|hour| {
        let local = (hour as f64 + 0.5 + account.offset).rem_euclid(24.0);
        let bump = |centre: f64, width: f64| {
            let away = (local - centre + 12.0).rem_euclid(24.0) - 12.0;
            (-0.5 * (away / width).powi(2)).exp()
        };
        match account.rhythm {
            Rhythm::Office | Rhythm::FollowTheSun if !weekend => {
                bump(10.5, 1.6) + bump(15.0, 2.0) + 0.12 * bump(21.0, 1.4)
            }
            Rhythm::Office | Rhythm::FollowTheSun => 0.4 * bump(12.0, 3.0) + 0.4 * bump(20.0, 2.0),
            Rhythm::Evening => {
                bump(20.5, 2.2) + 0.25 * bump(13.0, 2.5) + if weekend { 0.7 * bump(15.0, 3.5) } else { 0.0 }
            }
            Rhythm::Student => 0.8 * bump(15.0, 2.5) + bump(21.5, 2.0) + 0.2 * bump(0.5, 1.5),
            Rhythm::Deadline => bump(16.0, 3.0) + 2.0 * bump(22.0, 2.2) + 0.6 * bump(1.0, 1.3),
            Rhythm::Event => 0.5 + bump(12.0, 3.0) + bump(21.0, 3.0),
            Rhythm::Service => 0.35 + bump(14.0, 4.5),
            // Six hours on duty, the next member after it; the start moves on from day to day.
            Rhythm::Shift => {
                let duty = (account.member * 6 + day * 2) % 24;
                if (hour as u32 + 24 - duty) % 24 < 6 { 1.0 } else { 0.06 }
            }
            Rhythm::Nightly | Rhythm::Sweep | Rhythm::Poisson => 1.0,
        }
    })
}
