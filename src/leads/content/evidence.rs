//! Evidence of a community: events that happened to more of its units than to units that ask similar things.
//!
//! The expected share is that of the nearest accounts outside, of the same client family; accounts with similar
//! prompts differ from kind to kind by more than chance, so counts are beta-binomial. Events of one cause count
//! as the strongest of them (Bonferroni); causes are combined by the smaller of Bonferroni's p-value for four
//! causes and twice Fisher's (1932). That p-value and the one of the union of all events are combined by e times
//! their geometric mean, which holds under any dependence (Vovk & Wang 2020).

use super::burst::units;
use super::events::{Event, EventFamily};
use super::facts::CLIENTS;
use super::tier::Tier;
use crate::stats::beta_binomial::log10_upper_tail;
use crate::stats::linalg::dot;

/// Minimum number of accounts outside that give the expected share.
pub(super) const MIN_OUTSIDE: usize = 200;

/// Minimum number of units that a community is tested on.
pub(super) const MIN_UNITS: usize = 5;

/// Causes that are looked for in accounts of any volume, for which every p-value is corrected.
const CAUSES: f64 = 4.0;

/// Number of client families, the class of rare ones included.
pub const FAMILIES: usize = CLIENTS + 1;

/// One event in one community.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Excess {
    /// Position in the list of events.
    pub event: usize,
    /// Its figures.
    pub figures: EventFigures,
    /// Thresholds of the event in this case, in sentences.
    pub thresholds: String,
}

/// Evidence of one community.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Evidence {
    /// log₁₀ of its p-value, before correction for the number of communities; 0 where nothing was testable, and
    /// above 0 by up to log₁₀ e where two weak p-values were combined.
    pub log10_p: f64,
    /// Its testable events.
    pub events: Vec<Excess>,
}

/// Sum of weights, and of weights where an event happened.
pub type Weighed = (f64, f64);

/// Counts behind an event: of the community and of the accounts outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventCounts {
    /// Unit, client family and outcome of each account of the community of which the log says it.
    pub community: Vec<(u32, u8, bool)>,
    /// Nearest accounts outside, by client family.
    pub nearest: [Weighed; FAMILIES],
    /// All accounts outside, by client family.
    pub outside: [Weighed; FAMILIES],
}

/// Figures of one event in one community.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EventFigures {
    /// Units of which the log says whether it happened.
    pub units: usize,
    /// Their accounts.
    pub accounts: usize,
    /// Units to which it happened; a unit of several accounts counts by their share.
    pub happened: f64,
    /// Expected share, 0 to 1.
    pub expected: f64,
    /// Share of the nearest accounts outside, by their weights, before it is adjusted for client families; 0 to 1.
    pub observed_outside: f64,
    /// log₁₀ of the p-value.
    pub log10_p: f64,
    /// log₁₀ of the p-value if the share of the nearest accounts outside were the expected one.
    pub log10_p_outside: f64,
}

impl EventCounts {
    /// Intraclass correlation of an event among accounts of one kind. With 0.02 the strongest innocent community
    /// of three logs without a campaign had a p-value of 0.002 before correction.
    pub const CORRELATION: f64 = 0.02;
    /// Weight, in units, by which the share of the neighbours is shrunk towards that of all accounts of the client
    /// family.
    pub const CLIENT_PRIOR_UNITS: f64 = 10.0;
    /// Weight, in units, by which the share of a client family is shrunk towards that of all accounts.
    pub const OVERALL_PRIOR_UNITS: f64 = 3.0;
    /// Minimum expected share, in shares of the client family.
    pub const MIN_EXPECTED: f64 = 0.5;
    /// Minimum number of units to which an event must have happened to count: two may coincide by chance.
    pub const MIN_HITS: u64 = 3;
    /// Smallest log₁₀ of a p-value.
    pub const MIN_LOG10_P: f64 = -40.0;
    /// Minimum number of units that a community is tested on.
    pub const MIN_UNITS: usize = MIN_UNITS;
    /// Smallest and largest expected share.
    pub const SHARES: [f64; 2] = [1e-4, 0.999];

    /// Figures of the event; `None` where fewer than [`MIN_UNITS`] units are testable.
    pub fn figures(&self) -> Option<EventFigures> {
        let expected = self.expected();
        // Units are gathered by name.
        let mut units = self.community.clone();
        units.sort_by_key(|&(unit, ..)| unit);
        let (mut count, mut happened, mut share) = (0_usize, 0.0, 0.0);
        for unit in units.chunk_by(|a, b| a.0 == b.0) {
            let accounts = unit.len() as f64;
            count += 1;
            happened += unit.iter().map(|unit| f64::from(u8::from(unit.2))).sum::<f64>() / accounts;
            share += unit.iter().filter_map(|unit| expected.get(usize::from(unit.1))).sum::<f64>() / accounts;
        }
        if count < MIN_UNITS {
            return None;
        }
        let expected = (share / count as f64).clamp(EventCounts::SHARES[0], EventCounts::SHARES[1]);
        let hits = (happened + 1e-9) as u64;
        let tail = |share: f64| {
            if hits < EventCounts::MIN_HITS {
                return 0.0;
            }
            let share = share.clamp(EventCounts::SHARES[0], EventCounts::SHARES[1]);
            log10_upper_tail(hits, count as u64, share, EventCounts::CORRELATION)
                .max(EventCounts::MIN_LOG10_P)
        };
        let (accounts, log10_p) = (units.len(), tail(expected));
        let (weight, of_it) = self.nearest.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        let observed_outside = if weight > 0.0 { of_it / weight } else { 0.0 };
        let log10_p_outside = tail(observed_outside);
        Some(EventFigures {
            units: count,
            accounts,
            happened,
            expected,
            observed_outside,
            log10_p,
            log10_p_outside,
        })
    }

    /// Expected share of each client family: that of the accounts outside with similar prompts, shrunk
    /// towards that of the family, which is shrunk towards that of all accounts outside.
    fn expected(&self) -> [f64; FAMILIES] {
        let (all, all_happened) =
            self.outside.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        let everywhere = all_happened / f64::max(all, 1.0);
        std::array::from_fn(|client| {
            let (weight, happened) = self.outside[client];
            let of_client = (happened + EventCounts::OVERALL_PRIOR_UNITS * everywhere)
                / (weight.max(0.0) + EventCounts::OVERALL_PRIOR_UNITS);
            let (weight, happened) = self.nearest[client];
            let of_neighbours = (happened + EventCounts::CLIENT_PRIOR_UNITS * of_client)
                / (weight + EventCounts::CLIENT_PRIOR_UNITS);
            of_neighbours.max(EventCounts::MIN_EXPECTED * of_client)
        })
    }
}

/// Events of a tier, measured once.
pub(super) struct Columns {
    families: Vec<EventFamily>,
    thresholds: Vec<String>,
    columns: Vec<Vec<Option<bool>>>,
    /// Sum of weights and of weights where it happened, of each event by client family.
    totals: Vec<[Weighed; FAMILIES]>,
}

impl Columns {
    /// Measures events on a tier.
    pub fn new(tier: &Tier<'_>, events: &[&dyn Event]) -> Self {
        let columns: Vec<Vec<Option<bool>>> = events.iter().map(|event| event.column(tier)).collect();
        let total = |column: &Vec<Option<bool>>| {
            let mut totals = [(0.0, 0.0); FAMILIES];
            for (at, happened) in column.iter().enumerate() {
                let total = &mut totals[usize::from(tier.facts(at).client)];
                add(total, *happened, tier.weight[at]);
            }
            totals
        };
        let totals = columns.iter().map(total).collect();
        let families = events.iter().map(|event| event.about().family).collect();
        let thresholds = events.iter().map(|event| event.thresholds(tier)).collect();
        Self { families, thresholds, columns, totals }
    }

    /// True where an event happened to an account.
    pub fn happened(&self, event: usize, at: usize) -> bool {
        self.columns[event][at] == Some(true)
    }

    /// Outcome of each event for an account; `None` where the log cannot say.
    pub(super) fn outcomes(&self, at: usize) -> Vec<Option<bool>> {
        self.columns.iter().map(|column| column[at]).collect()
    }

    /// Evidence of a community, given as ascending positions in the tier.
    pub fn evidence(&self, tier: &Tier<'_>, members: &[u32]) -> Evidence {
        let outside = nearest_outside(tier, members);
        let events: Vec<Excess> =
            (0..self.columns.len()).filter_map(|event| self.excess(tier, event, members, &outside)).collect();
        Evidence { log10_p: self.combined(&events), events }
    }

    /// Excess of one event; `None` where fewer than [`MIN_UNITS`] units are testable.
    fn excess(&self, tier: &Tier<'_>, event: usize, members: &[u32], outside: &[u32]) -> Option<Excess> {
        let figures = self.counts(tier, event, members, outside).figures()?;
        Some(Excess { event, figures, thresholds: self.thresholds[event].clone() })
    }

    /// Counts of one event in a community and in the nearest accounts outside.
    pub(super) fn counts(
        &self,
        tier: &Tier<'_>,
        event: usize,
        members: &[u32],
        outside: &[u32],
    ) -> EventCounts {
        let column = &self.columns[event];
        let client = |at: u32| usize::from(tier.facts(at as usize).client);
        let mut counts = EventCounts { outside: self.totals[event], ..EventCounts::default() };
        for (&at, unit) in members.iter().zip(units(tier, members)) {
            let happened = column[at as usize];
            add(&mut counts.outside[client(at)], happened, -tier.weight[at as usize]);
            let client = tier.facts(at as usize).client;
            counts.community.extend(happened.map(|happened| (unit, client, happened)));
        }
        for &at in outside {
            add(&mut counts.nearest[client(at)], column[at as usize], tier.weight[at as usize]);
        }
        counts
    }

    /// log₁₀ of the combined p-value of all events.
    fn combined(&self, events: &[Excess]) -> f64 {
        let is_union = |excess: &&Excess| self.families[excess.event] == EventFamily::Any;
        let causes = self.of_causes(events);
        let union = events.iter().find(is_union).map(|excess| excess.figures.log10_p);
        union.map_or(causes, |union| geometric_mean(causes, union)).max(EventCounts::MIN_LOG10_P)
    }

    /// log₁₀ of the combined p-value of the single events.
    fn of_causes(&self, events: &[Excess]) -> f64 {
        let mut causes: Vec<(EventFamily, f64, usize)> = Vec::new();
        for excess in events {
            let family = self.families[excess.event];
            match causes.iter_mut().find(|cause| cause.0 == family) {
                Some(cause) => (cause.1, cause.2) = (cause.1.min(excess.figures.log10_p), cause.2 + 1),
                None if family == EventFamily::Any => {}
                None => causes.push((family, excess.figures.log10_p, 1)),
            }
        }
        let p: Vec<f64> =
            causes.iter().map(|&(_, p, tested)| (p + (tested as f64).log10()).min(0.0)).collect();
        let Some(smallest) = p.iter().copied().reduce(f64::min) else { return 0.0 };
        let bonferroni = smallest + CAUSES.log10();
        let combined = if p.len() > 1 { fisher(&p) + 2.0_f64.log10() } else { bonferroni };
        bonferroni.min(combined).clamp(EventCounts::MIN_LOG10_P, 0.0)
    }
}

/// log₁₀ of e times the geometric mean of two p-values, which is a p-value under any dependence (Vovk & Wang
/// 2020).
fn geometric_mean(log10_a: f64, log10_b: f64) -> f64 {
    (log10_a + log10_b) / 2.0 + std::f64::consts::LOG10_E
}

/// Adds an outcome to a sum of weights and of weights where the event happened.
pub(super) fn add(sum: &mut Weighed, happened: Option<bool>, weight: f64) {
    if let Some(happened) = happened {
        sum.0 += weight;
        sum.1 += if happened { weight } else { 0.0 };
    }
}

/// log₁₀ of Fisher's combined p-value: the tail of χ² with 2k degrees of freedom, which for even degrees is a
/// Poisson sum.
fn fisher(log10_p: &[f64]) -> f64 {
    let x = -log10_p.iter().sum::<f64>() * std::f64::consts::LN_10;
    let (mut term, mut sum) = (1.0, 1.0);
    for i in 1..log10_p.len() {
        term *= x / i as f64;
        sum += term;
    }
    (-x + sum.ln()) / std::f64::consts::LN_10
}

/// Accounts outside a community and its units with the most similar prompts: at least [`MIN_OUTSIDE`], and
/// three times as many as the members. Above 20,000 accounts they are sought among eight times as many.
pub(super) fn nearest_outside(tier: &Tier<'_>, members: &[u32]) -> Vec<u32> {
    let mut centre = vec![0.0_f32; tier.points.columns];
    for &at in members {
        centre.iter_mut().zip(tier.points.row(at as usize)).for_each(|(sum, x)| *sum += x);
    }
    let mut units: Vec<u32> = members.iter().map(|&at| tier.facts(at as usize).unit).collect();
    units.sort_unstable();
    let wanted = MIN_OUTSIDE.max(3 * members.len());
    let mut outside: Vec<(f32, u32)> = tier
        .cells
        .around(&tier.points, &centre, members.len() + wanted)
        .into_iter()
        .filter(|&at| units.binary_search(&tier.facts(at as usize).unit).is_err())
        .map(|at| (dot(tier.points.row(at as usize), &centre), at))
        .collect();
    let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if outside.len() > wanted {
        outside.select_nth_unstable_by(wanted, order);
        outside.truncate(wanted);
    }
    outside.sort_unstable_by(order);
    outside.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::splitmix::uniform;

    // scipy.stats.combine_pvalues(p, "fisher").
    #[test]
    fn fishers_p_is_scipys() {
        for (p, expected) in
            [(vec![0.01_f64, 0.2, 1.0], 0.053_050_570_0), (vec![0.05, 0.05], 0.017_478_661_4)]
        {
            let log: Vec<f64> = p.iter().map(|p| p.log10()).collect();
            assert!(
                (10.0_f64.powf(fisher(&log)) - expected).abs() < 1e-8,
                "{p:?}: {}",
                10.0_f64.powf(fisher(&log))
            );
        }
    }

    fn columns(families: &[EventFamily]) -> Columns {
        Columns {
            families: families.to_vec(),
            thresholds: Vec::new(),
            columns: Vec::new(),
            totals: Vec::new(),
        }
    }

    fn excess(event: usize, log10_p: f64) -> Excess {
        Excess {
            event,
            figures: EventFigures { log10_p, ..EventFigures::default() },
            thresholds: String::new(),
        }
    }

    #[test]
    fn one_cause_counts_once_and_causes_add_up() {
        let columns = columns(&[EventFamily::New, EventFamily::New, EventFamily::Networks]);
        let of = |p: &[f64]| {
            columns.combined(&p.iter().enumerate().map(|(at, &p)| excess(at, p)).collect::<Vec<_>>())
        };
        assert_eq!(columns.combined(&[]), 0.0);
        assert_eq!(of(&[0.0, 0.0, 0.0]), 0.0);
        assert!((columns.combined(&[excess(2, -4.0)]) + 4.0 - 4.0_f64.log10()).abs() < 1e-12);
        // The second event of a cause costs a factor of two and brings nothing.
        assert_eq!(of(&[-4.0, -4.0, 0.0]), of(&[-4.0, 0.0, 0.0]));
        assert!(of(&[-4.0, 0.0, -4.0]) < of(&[-4.0, -4.0, 0.0]) - 1.0);
    }

    #[test]
    fn the_union_counts_half_and_one_that_is_no_rarer_takes_back() {
        let columns = columns(&[EventFamily::New, EventFamily::Any]);
        let of = |one: f64, any: f64| columns.combined(&[excess(0, one), excess(1, any)]);
        let alone = columns.combined(&[excess(0, -4.0)]);
        assert!((of(-4.0, -6.0) - (alone - 6.0) / 2.0 - std::f64::consts::LOG10_E).abs() < 1e-12);
        assert!(of(-4.0, -6.0) < alone && of(-4.0, 0.0) > alone + 1.0);
        assert_eq!(of(0.0, 0.0), std::f64::consts::LOG10_E);
    }

    /// 4,000 draws of two p-values that are equal in half of the draws: at most the stated share is as small.
    #[test]
    fn the_geometric_mean_holds_under_dependence() {
        let draws = 4_000_u64;
        let p = |draw: u64| {
            let (a, b) = (uniform(1, 2 * draw), uniform(1, 2 * draw + 1));
            geometric_mean(a.log10(), if draw.is_multiple_of(2) { a } else { b }.log10())
        };
        for level in [0.2_f64, 0.05, 0.01] {
            let passed = (0..draws).filter(|&draw| p(draw) <= level.log10()).count() as f64;
            assert!(passed > 0.0 && passed <= level * draws as f64, "{passed} at {level}");
        }
    }
}
