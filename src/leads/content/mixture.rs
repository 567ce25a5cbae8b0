//! Mixture of a community: innocent accounts, which behave as all others do, and a surplus of accounts that
//! behave alike.

use super::events::Behaviour;
use super::tier::Tier;

/// Pseudo-accounts of the background by which the surplus's shares are shrunk towards it.
const SMOOTHING: f64 = 4.0;

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 40;

/// Bounds of the share of the surplus.
const SHARE: (f64, f64) = (0.02, 0.98);

/// Initial probability of accounts to which the community's event happened, and of the others.
const INITIAL: (f64, f64) = (0.9, 0.3);

/// Probability that each member in_surplus_p to the surplus, by expectation–maximisation (Dempster, Laird &
/// Rubin 1977) of a naive Bayes mixture over cells of behaviour. The background is fixed: all accounts for
/// which `is_background` holds. Members for which `starts_in_surplus` holds start with the higher
/// probability.
pub(super) fn surplus(
    tier: &Tier<'_>,
    behaviour: &Behaviour,
    members: &[u32],
    is_background: impl Fn(u32) -> bool,
    starts_in_surplus: impl Fn(u32) -> bool,
) -> Vec<f64> {
    let background: Vec<Vec<f64>> = behaviour
        .cells
        .iter()
        .map(|cells| {
            let mut sums = vec![1.0; cells.number];
            for at in (0..tier.len() as u32).filter(|&at| is_background(at)) {
                sums[usize::from(cells.of[at as usize])] += tier.weight[at as usize];
            }
            normalised(sums)
        })
        .collect();
    let log_sum = |shares: &[Vec<f64>], at: u32| -> f64 {
        let cells = behaviour.cells.iter().zip(shares);
        cells.map(|(cells, shares)| shares[usize::from(cells.of[at as usize])].ln()).sum()
    };
    let innocent: Vec<f64> = members.iter().map(|&at| log_sum(&background, at)).collect();
    let weight: Vec<f64> = members.iter().map(|&at| tier.weight[at as usize]).collect();
    let all: f64 = weight.iter().sum();
    let mut in_surplus_p: Vec<f64> =
        members.iter().map(|&at| if starts_in_surplus(at) { INITIAL.0 } else { INITIAL.1 }).collect();
    for _ in 0..ROUNDS {
        let shares: Vec<Vec<f64>> = behaviour
            .cells
            .iter()
            .zip(&background)
            .map(|(cells, background)| {
                let mut sums: Vec<f64> = background.iter().map(|share| SMOOTHING * share).collect();
                for ((&at, weight), in_surplus_p) in members.iter().zip(&weight).zip(&in_surplus_p) {
                    sums[usize::from(cells.of[at as usize])] += weight * in_surplus_p;
                }
                normalised(sums)
            })
            .collect();
        let surplus: f64 =
            weight.iter().zip(&in_surplus_p).map(|(weight, in_surplus_p)| weight * in_surplus_p).sum();
        let share = (surplus / all).clamp(SHARE.0, SHARE.1);
        let prior = (share / (1.0 - share)).ln();
        for ((in_surplus_p, &at), innocent) in in_surplus_p.iter_mut().zip(members).zip(&innocent) {
            let odds = log_sum(&shares, at) - innocent + prior;
            *in_surplus_p = 1.0 / (1.0 + (-odds).exp());
        }
    }
    in_surplus_p
}

/// Values scaled to a sum of 1.
pub(super) fn normalised(mut sums: Vec<f64>) -> Vec<f64> {
    let all: f64 = sums.iter().sum();
    sums.iter_mut().for_each(|sum| *sum /= all);
    sums
}
