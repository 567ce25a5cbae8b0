//! Many networks: more than 95 % of accounts with about as many exchanges.

use super::super::tier::Tier;
use super::event::{Event, EventAbout, EventFamily};

const ABOUT: EventAbout = EventAbout {
    id: "A4",
    title: "many networks",
    predicate: "call from more networks than 95 % of accounts with as many exchanges",
    brief: "call from unusually many networks",
    look_alike: "travellers, telephones, privacy relays and a company's proxy",
    tells_apart: "operators of the networks, and country changes within an hour",
    family: EventFamily::Networks,
};

/// Classes of accounts by exchanges.
const CLASSES: usize = 5;

/// Share of a class that has no more networks.
const QUANTILE: f64 = 0.95;

/// Networks that are never many: a home and a telephone.
const NEVER_MANY: u32 = 2;

pub(super) struct ManyNetworks;

impl Event for ManyNetworks {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, _: &Tier<'_>) -> String {
        "As many exchanges: the same fifth of accounts by their number.".to_owned()
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let mut order: Vec<usize> = (0..tier.len()).collect();
        order.sort_by_key(|&at| (tier.facts(at).exchanges, at));
        let mut column = vec![None; tier.len()];
        for class in order.chunks(tier.len().div_ceil(CLASSES).max(1)) {
            let mut networks: Vec<u32> = class.iter().filter_map(|&at| tier.facts(at).networks).collect();
            networks.sort_unstable();
            let most = networks.get((networks.len() as f64 * QUANTILE) as usize).copied().unwrap_or(0);
            for &at in class {
                column[at] = tier.facts(at).networks.map(|networks| networks > most.max(NEVER_MANY));
            }
        }
        column
    }
}
