//! Which account has which values, and the attributes that follow from others.

use std::net::IpAddr;

use rayon::prelude::*;

use super::columns::{CODED, Columns, NO_CODE, NO_TIME};
use super::order::Order;
use super::signup;
use crate::cache::AccountIndex;
use crate::model::{AttributeKind, Micros};

/// An account has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    pub account: AccountIndex,
    pub kind: AttributeKind,
    /// Rank of the value among those of its kind.
    pub rank: u32,
    pub exchanges: u32,
    pub first: Micros,
    pub last: Micros,
}

/// All values by kind, in order, and who has them.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// The values of each kind that has any, sorted.
    pub values: Vec<(AttributeKind, Vec<String>)>,
    /// Sorted by account, kind, rank.
    pub holdings: Vec<Holding>,
}

/// What is known of an account besides its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub created: Option<Micros>,
    pub verified: Option<Micros>,
}

/// The earliest times each account's exchanges give for its life.
pub(super) fn lives(columns: &Columns, order: &Order) -> Vec<Life> {
    let earliest = |times: &[i64], rows: &[u32]| {
        rows.iter().filter_map(|&row| times.get(row as usize)).copied().filter(|&time| time != NO_TIME).min()
    };
    order
        .offsets
        .windows(2)
        .map(|pair| {
            let rows = &order.rows[pair[0] as usize..pair[1] as usize];
            Life { created: earliest(&columns.life[0], rows), verified: earliest(&columns.life[1], rows) }
        })
        .collect()
}

/// Collects the attributes. `names` are the sorted values of each of [`CODED`], of which the
/// columns hold the ranks.
pub(super) fn attributes(
    columns: &Columns,
    names: Vec<Vec<String>>,
    order: &Order,
    lives: &[Life],
) -> Attributes {
    let created: Vec<_> = lives.iter().map(|life| life.created).collect();
    let batches = signup::batches(&created);
    let ip = names.iter().zip(CODED).find(|(_, (kind, _))| *kind == AttributeKind::Ip);
    let (networks, network_of) = networks(ip.map_or(&[], |(addresses, _)| addresses));
    let mut batch_of = vec![NO_CODE; lives.len()];
    for (rank, (_, members)) in batches.iter().enumerate() {
        for &account in members {
            batch_of[account as usize] = rank as u32;
        }
    }
    let holdings = (0..lives.len())
        .into_par_iter()
        .flat_map_iter(|account| {
            let range = order.offsets[account] as usize..order.offsets[account + 1] as usize;
            holdings_of(account as u32, columns, &order.rows[range], &network_of, batch_of[account])
        })
        .collect();
    let mut values: Vec<_> = CODED.iter().map(|(kind, _)| *kind).zip(names).collect();
    values.push((AttributeKind::Ip24, networks));
    values.push((AttributeKind::SignupBatch, batches.into_iter().map(|(name, _)| name).collect()));
    values.retain(|(_, values)| !values.is_empty());
    values.sort_by_key(|(kind, _)| *kind);
    Attributes { values, holdings }
}

/// What one account has, by kind and rank. `rows` are its exchanges by time.
fn holdings_of(
    account: AccountIndex,
    columns: &Columns,
    rows: &[u32],
    network_of: &[u32],
    batch: u32,
) -> Vec<Holding> {
    let mut found = Vec::new();
    for (at, (kind, _)) in CODED.into_iter().enumerate() {
        let codes = &columns.codes[at];
        if codes.is_empty() {
            continue;
        }
        gather(account, kind, rows, &columns.ts, |row| codes[row as usize], &mut found);
        if kind == AttributeKind::Ip {
            let network = |row: u32| network_of.get(codes[row as usize] as usize).copied().unwrap_or(NO_CODE);
            gather(account, AttributeKind::Ip24, rows, &columns.ts, network, &mut found);
        }
    }
    if batch != NO_CODE {
        gather(account, AttributeKind::SignupBatch, rows, &columns.ts, |_| batch, &mut found);
    }
    found.sort_unstable_by_key(|holding| (holding.kind, holding.rank));
    found
}

/// Counts the values of one kind. Equal neighbours are counted before anything is sorted, as an
/// account mostly keeps its values from one exchange to the next.
fn gather(
    account: AccountIndex,
    kind: AttributeKind,
    rows: &[u32],
    ts: &[i64],
    code: impl Fn(u32) -> u32,
    found: &mut Vec<Holding>,
) {
    let mut stretches: Vec<Holding> = rows
        .chunk_by(|a, b| code(*a) == code(*b))
        .filter(|rows| code(rows[0]) != NO_CODE)
        .map(|rows| Holding {
            account,
            kind,
            rank: code(rows[0]),
            exchanges: rows.len() as u32,
            first: ts[rows[0] as usize],
            last: ts[rows[rows.len() - 1] as usize],
        })
        .collect();
    stretches.sort_unstable_by_key(|stretch| (stretch.rank, stretch.first));
    found.extend(stretches.chunk_by(|a, b| a.rank == b.rank).map(|same| Holding {
        exchanges: same.iter().map(|stretch| stretch.exchanges).sum(),
        last: same.iter().map(|stretch| stretch.last).max().unwrap_or(same[0].last),
        ..same[0]
    }));
}

/// The networks of sorted addresses, sorted, and the rank of each address's own; an address that
/// cannot be read has none.
fn networks(addresses: &[String]) -> (Vec<String>, Vec<u32>) {
    let of_each: Vec<Option<String>> = addresses.iter().map(|address| network(address)).collect();
    let mut networks: Vec<String> = of_each.iter().flatten().cloned().collect();
    networks.sort_unstable();
    networks.dedup();
    let rank = |name: &String| networks.binary_search(name).map_or(NO_CODE, |at| at as u32);
    let ranks = of_each.iter().map(|name| name.as_ref().map_or(NO_CODE, rank)).collect();
    (networks, ranks)
}

/// The /24 of an IPv4 address (also of one written as IPv6), the /48 of an IPv6 address.
pub(in crate::cache) fn network(address: &str) -> Option<String> {
    match address.trim().parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_addresses() {
        assert_eq!(network("10.1.2.3").as_deref(), Some("10.1.2.0/24"));
        assert_eq!(network("::ffff:10.1.2.3").as_deref(), Some("10.1.2.0/24"));
        assert_eq!(network("2001:db8:1:2::5").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(network("unknown"), None);
    }

    #[test]
    fn a_value_left_and_taken_up_again_is_one() {
        let mut found = Vec::new();
        let codes = [1, 1, 0, NO_CODE, 1];
        let ts = [10, 20, 30, 40, 50];
        gather(3, AttributeKind::Ip, &[0, 1, 2, 3, 4], &ts, |row| codes[row as usize], &mut found);
        let told: Vec<_> = found.iter().map(|h| (h.rank, h.exchanges, h.first, h.last)).collect();
        assert_eq!(told, [(0, 1, 30, 30), (1, 3, 10, 50)]);
    }
}
