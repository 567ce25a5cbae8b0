//! Facts of accounts from which events and cells of behaviour are computed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::prompts::Prompts;
use super::units::units;
use crate::cache::{AccountIndex, Cache, CacheError, ValueIndex};
use crate::model::{AttributeKind, Micros, TimeSpan};

/// Number of client families that are distinguished; accounts of rarer ones form one class.
pub(super) const CLIENTS: usize = 6;

/// Number of models that are distinguished.
pub(super) const MODELS: usize = 7;

/// Share of its exchanges above which an account keeps to one model.
const ONE_MODEL: f64 = 0.6;

/// Facts of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// Exchanges.
    pub exchanges: u32,
    /// Time it was made, UTC; `None` where the log does not have it.
    pub created: Option<Micros>,
    /// First exchange, UTC.
    pub first: Micros,
    /// Last exchange, UTC.
    pub last: Micros,
    /// Family of the client it uses most: 1 for the most common, 0 for a rare one or none.
    pub client: u8,
    /// Twice the rank of the model it uses most, plus 1 if it keeps to it.
    pub model: u8,
    /// Different networks it calls from; `None` where the log has none.
    pub networks: Option<u32>,
    /// First exchange of a client that came with new networks, after ordinary use of another one.
    pub new_client_and_networks: Option<Micros>,
    /// Share of its different prompts that another account sends too, 0 to 1.
    pub shared: f32,
    /// Autonomous system that it calls from most, or /24 where the log has no systems; `None` without both.
    pub main_network: Option<ValueIndex>,
    /// Unit it counts as.
    pub unit: u32,
}

/// Facts of all accounts, and the time of the whole case.
#[derive(Clone)]
pub(super) struct CaseFacts {
    /// One entry an account.
    pub of: Vec<Facts>,
    /// First to last exchange of the case.
    pub span: TimeSpan,
    /// True if the log has a client or a network to change.
    pub has_clients_and_networks: bool,
}

impl CaseFacts {
    /// Facts of every `step`-th account.
    pub fn every(&self, step: usize) -> Self {
        Self { of: self.of.iter().step_by(step).cloned().collect(), ..*self }
    }

    /// Gathers the facts of a case; `None` for one without exchanges.
    ///
    /// # Errors
    /// If the cache cannot be read.
    pub fn gather(cache: &Cache, prompts: &Prompts) -> Result<Option<Self>, CacheError> {
        let Some(span) = cache.hot().span() else { return Ok(None) };
        let unit = units(cache);
        let clients = client_families(cache);
        let models = models(cache);
        let network = network_kind(cache);
        let changes = changes(cache, network)?;
        let main_networks = main_networks(cache);
        let networks = network.map(|kind| cache.values_of_kind(kind));
        let of = cache.accounts().iter().enumerate().map(|(at, account)| {
            let own = cache.values_of(at as AccountIndex);
            let count = |range: &std::ops::Range<usize>| {
                own.iter().filter(|(value, _)| range.contains(&(*value as usize))).count() as u32
            };
            Facts {
                exchanges: account.exchanges,
                created: account.created,
                first: account.first,
                last: account.last,
                client: clients[at],
                model: models[at],
                networks: networks.as_ref().map(count),
                new_client_and_networks: changes[at],
                shared: prompts.shared.get(at).copied().unwrap_or(0.0),
                main_network: main_networks[at],
                unit: unit[at],
            }
        });
        let has_clients_and_networks = network.is_some() && client_kind(cache).is_some();
        Ok(Some(Self { of: of.collect(), span, has_clients_and_networks }))
    }
}

/// Attribute that names networks: /24, else the autonomous system.
fn network_kind(cache: &Cache) -> Option<AttributeKind> {
    [AttributeKind::Ip24, AttributeKind::Asn].into_iter().find(|&kind| !cache.values_of_kind(kind).is_empty())
}

/// Network that each account calls from most, as [`Facts::main_network`].
fn main_networks(cache: &Cache) -> Vec<Option<ValueIndex>> {
    let kinds = [AttributeKind::Asn, AttributeKind::Ip24];
    let kind = kinds.into_iter().find(|&kind| !cache.values_of_kind(kind).is_empty());
    let main = kind.map_or_else(|| vec![None; cache.accounts().len()], |kind| main_values(cache, kind));
    main.into_iter().map(|main| main.map(|(value, _)| value)).collect()
}

/// Attribute that names clients.
fn client_kind(cache: &Cache) -> Option<AttributeKind> {
    let kinds = [AttributeKind::UserAgent, AttributeKind::TlsFingerprint];
    kinds.into_iter().find(|&kind| !cache.values_of_kind(kind).is_empty())
}

/// Value of a kind that most exchanges of each account carry.
fn main_values(cache: &Cache, kind: AttributeKind) -> Vec<Option<(ValueIndex, u32)>> {
    let range = cache.values_of_kind(kind);
    let of = |account: AccountIndex| {
        let own = cache.values_of(account).iter().filter(|(value, _)| range.contains(&(*value as usize)));
        own.copied().max_by_key(|&(value, with)| (with, Reverse(value)))
    };
    (0..cache.accounts().len() as AccountIndex).map(of).collect()
}

/// Client family of each account: its user agent up to the first slash or space; the most common are 1 to
/// [`CLIENTS`], others 0.
fn client_families(cache: &Cache) -> Vec<u8> {
    let family = |value: ValueIndex| {
        let text = cache.values()[value as usize].value.as_str();
        text.split(['/', ' ']).next().unwrap_or(text)
    };
    let main = client_kind(cache).map_or_else(Vec::new, |kind| main_values(cache, kind));
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    main.iter().flatten().for_each(|&(value, _)| *sizes.entry(family(value)).or_default() += 1);
    let mut order: Vec<(&str, usize)> = sizes.into_iter().collect();
    order.sort_by_key(|&(name, size)| (Reverse(size), name));
    order.truncate(CLIENTS);
    let of = |main: &Option<(ValueIndex, u32)>| {
        let family = main.map(|(value, _)| family(value));
        order.iter().position(|&(name, _)| Some(name) == family).map_or(0, |at| at as u8 + 1)
    };
    if main.is_empty() { vec![0; cache.accounts().len()] } else { main.iter().map(of).collect() }
}

/// Model cell of each account, as [`Facts::model`]; the [`MODELS`] most used come first, all others last.
fn models(cache: &Cache) -> Vec<u8> {
    let range = cache.values_of_kind(AttributeKind::Model);
    let mut order: Vec<ValueIndex> = range.map(|value| value as ValueIndex).collect();
    order.sort_by_key(|&value| (Reverse(cache.values()[value as usize].exchanges), value));
    let main = main_values(cache, AttributeKind::Model);
    let cell = |(account, main): (usize, &Option<(ValueIndex, u32)>)| {
        let Some((value, with)) = *main else { return 2 * MODELS as u8 };
        let rank = order.iter().position(|&other| other == value).unwrap_or(MODELS).min(MODELS);
        let share = f64::from(with) / f64::from(cache.accounts()[account].exchanges.max(1));
        2 * rank as u8 + u8::from(share > ONE_MODEL)
    };
    main.iter().enumerate().map(cell).collect()
}

/// Minimum number of exchanges before a change, and with the new client.
const BEFORE: usize = 5;
const AFTER: u32 = 8;

/// Share of the new client's exchanges that come from networks not seen before it.
const FROM_NEW_NETWORKS: f64 = 0.8;

/// Longest time by which a new network may precede the new client.
const EARLIER: Micros = 3_600_000_000;

/// Time at which each account began to use a client it had not used before, from networks it had not used
/// before; `None` without such a change.
fn changes(cache: &Cache, network: Option<AttributeKind>) -> Result<Vec<Option<Micros>>, CacheError> {
    let accounts = cache.accounts().len();
    let (Some(client), Some(network)) = (client_kind(cache), network) else {
        return Ok(vec![None; accounts]);
    };
    let clients = cache.first_use(client)?;
    let networks = cache.first_use(network)?;
    let with = |account: AccountIndex, value: ValueIndex| {
        let own = cache.values_of(account);
        own.iter().find(|(other, _)| *other == value).map_or(0, |&(_, with)| with)
    };
    let mut changed = vec![None; accounts];
    for &(account, value, since) in &clients {
        let exchanges = with(account, value);
        let times = &cache.hot().ts[cache.hot().rows_of(account)];
        if exchanges < AFTER || times.partition_point(|&ts| ts < since) < BEFORE {
            continue;
        }
        let from = networks.partition_point(|&(other, _, _)| other < account);
        let own = networks[from..].iter().take_while(|&&(other, _, _)| other == account);
        let new = own.filter(|&&(_, _, first)| first >= since.saturating_sub(EARLIER));
        let from_new: u32 = new.map(|&(_, value, _)| with(account, value)).sum();
        if f64::from(from_new) >= FROM_NEW_NETWORKS * f64::from(exchanges) {
            let change: &mut Option<Micros> = &mut changed[account as usize];
            *change = Some(change.map_or(since, |earlier: Micros| earlier.min(since)));
        }
    }
    Ok(changed)
}
