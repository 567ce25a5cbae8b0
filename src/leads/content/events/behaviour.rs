//! Cells of behaviour: classes by which members of a community are compared. They contain no content.

use super::super::facts::{CLIENTS, MODELS};
use super::super::tier::Tier;
use super::event::{Event, has_gone, has_own_prompts, is_new_or_false};
use super::many_networks::ManyNetworks;

/// Classes of accounts by exchanges.
const VOLUMES: usize = 4;

/// One division of all accounts.
pub(in super::super) struct Cells {
    /// Cell of each account, by position in the tier.
    pub of: Vec<u8>,
    /// Number of cells.
    pub number: usize,
}

/// Divisions of all accounts, taken as independent given membership.
pub(in super::super) struct Behaviour {
    /// Age × volume, age × end of use, model, client, own prompts, networks × change.
    pub cells: Vec<Cells>,
}

impl Behaviour {
    /// Divisions of the accounts of a tier.
    pub fn new(tier: &Tier<'_>) -> Self {
        let volume = volumes(tier);
        let networks = ManyNetworks.column(tier);
        let cells = |number: usize, of: &dyn Fn(usize) -> usize| Cells {
            of: (0..tier.len()).map(|at| of(at) as u8).collect(),
            number,
        };
        let new = |at: usize| usize::from(is_new_or_false(tier, at));
        Self {
            cells: vec![
                cells(2 * VOLUMES, &|at| new(at) * VOLUMES + volume[at]),
                cells(4, &|at| 2 * new(at) + usize::from(has_gone(tier, at))),
                cells(2 * MODELS + 2, &|at| tier.facts(at).model.into()),
                cells(CLIENTS + 1, &|at| tier.facts(at).client.into()),
                cells(2, &|at| usize::from(has_own_prompts(tier, at))),
                cells(4, &|at| {
                    let changed = tier.facts(at).new_client_and_networks.is_some();
                    2 * usize::from(networks[at] == Some(true)) + usize::from(changed)
                }),
            ],
        }
    }
}

/// Quartile of each account by exchanges.
fn volumes(tier: &Tier<'_>) -> Vec<usize> {
    let mut exchanges: Vec<u32> = (0..tier.len()).map(|at| tier.facts(at).exchanges).collect();
    exchanges.sort_unstable();
    let quartiles: Vec<u32> =
        (1..VOLUMES).filter_map(|at| exchanges.get(at * exchanges.len() / VOLUMES).copied()).collect();
    let of = |at: usize| quartiles.iter().filter(|&&quartile| tier.facts(at).exchanges >= quartile).count();
    (0..tier.len()).map(of).collect()
}
