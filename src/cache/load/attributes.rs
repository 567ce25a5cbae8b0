//! Attribute values of accounts, and the attributes that are derived from others.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::{CODED, Columns, FIRST_CODE, NONE};
use super::read::AccountDates;
use super::signup;
use crate::cache::AccountIndex;
use crate::model::{AttributeKind, Micros, network};

/// Attribute value of an account, with the exchanges that carry it.
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

/// Attributes derived from all accounts and addresses: networks and sign-up batches.
pub(super) struct Derived {
    /// Networks, sorted.
    pub networks: Vec<String>,
    /// Rank of the network of each address, by the address's rank.
    network_of: Vec<u32>,
    /// Names of the sign-up batches.
    pub batches: Vec<String>,
    /// Batch of each account, by the account's rank among all ids.
    batch_of: Vec<u32>,
}

impl Derived {
    /// Derives them from the sorted values of each of [`CODED`] and the accounts' dates.
    pub(super) fn new(names: &[Vec<Box<str>>], dates: &[AccountDates]) -> Self {
        let created: Vec<_> = dates.iter().map(|dates| dates.created).collect();
        let (mut batches, mut batch_of) = (Vec::new(), vec![NONE; dates.len()]);
        for (rank, (name, members)) in signup::batches(&created).into_iter().enumerate() {
            batches.push(name);
            members.iter().for_each(|&account| batch_of[account as usize] = rank as u32);
        }
        let ip = names.iter().zip(CODED).find(|(_, (kind, _))| *kind == AttributeKind::Ip);
        let (networks, network_of) = networks(ip.map_or(&[], |(addresses, _)| addresses));
        Self { networks, network_of, batches, batch_of }
    }
}

/// Appends the values of one account, by kind and rank. `rows` are its exchanges by time, `code` its
/// rank among all account ids.
pub(super) fn holdings_of(
    account: AccountIndex,
    code: u32,
    columns: &Columns,
    rows: Range<usize>,
    times: &[Micros],
    derived: &Derived,
    found: &mut Vec<Holding>,
) {
    let start = found.len();
    for (at, (kind, _)) in CODED.into_iter().enumerate() {
        let codes = &columns.narrow[FIRST_CODE + at];
        gather(account, kind, rows.clone(), times, |row| codes[row], found);
        if kind == AttributeKind::Ip {
            let network = |row: usize| derived.network_of.get(codes[row] as usize).copied().unwrap_or(NONE);
            gather(account, AttributeKind::Ip24, rows.clone(), times, network, found);
        }
    }
    let batch = derived.batch_of[code as usize];
    gather(account, AttributeKind::SignupBatch, rows, times, |_| batch, found);
    found[start..].sort_unstable_by_key(|holding| (holding.kind, holding.rank));
}

/// Counts the values of one kind. Runs of equal values are counted before sorting, as an account
/// mostly keeps its values from one exchange to the next.
fn gather(
    account: AccountIndex,
    kind: AttributeKind,
    rows: Range<usize>,
    times: &[Micros],
    code: impl Fn(usize) -> u32,
    found: &mut Vec<Holding>,
) {
    let mut stretches: Vec<Holding> = Vec::new();
    for row in rows {
        let (rank, time) = (code(row), times[row]);
        match stretches.last_mut().filter(|stretch| stretch.rank == rank) {
            Some(stretch) => {
                stretch.exchanges += 1;
                stretch.last = time;
            }
            None => stretches.push(Holding { account, kind, rank, exchanges: 1, first: time, last: time }),
        }
    }
    stretches.retain(|stretch| stretch.rank != NONE);
    stretches.sort_unstable_by_key(|stretch| (stretch.rank, stretch.first));
    found.extend(stretches.chunk_by(|a, b| a.rank == b.rank).map(|same| Holding {
        exchanges: same.iter().map(|stretch| stretch.exchanges).sum(),
        last: same.iter().map(|stretch| stretch.last).max().unwrap_or(same[0].last),
        ..same[0]
    }));
}

/// Networks of sorted addresses, sorted, and the rank of each address's network; an invalid address
/// has none.
fn networks(addresses: &[Box<str>]) -> (Vec<String>, Vec<u32>) {
    let of_each: Vec<Option<String>> = addresses.par_iter().map(|address| network(address)).collect();
    let mut networks: Vec<String> = of_each.iter().flatten().cloned().collect();
    networks.par_sort_unstable();
    networks.dedup();
    let rank = |name: &String| networks.binary_search(name).map_or(NONE, |at| at as u32);
    let ranks = of_each.par_iter().map(|name| name.as_ref().map_or(NONE, rank)).collect();
    (networks, ranks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_left_and_taken_up_again_is_one() {
        let mut found = Vec::new();
        let codes = [1, 1, 0, NONE, 1];
        let ts = [10, 20, 30, 40, 50];
        gather(3, AttributeKind::Ip, 0..5, &ts, |row| codes[row], &mut found);
        let counted: Vec<_> = found.iter().map(|h| (h.rank, h.exchanges, h.first, h.last)).collect();
        assert_eq!(counted, [(0, 1, 30, 30), (1, 3, 10, 50)]);
    }
}
