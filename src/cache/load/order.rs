//! Exchanges by account, then time, then place in the snapshots.

use rayon::prelude::*;

/// The rows that count, sorted; and where each account's begin.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// The row, counted over all files, of each exchange.
    pub rows: Vec<u32>,
    /// Where each account's exchanges begin; one more than there are accounts.
    pub offsets: Vec<u32>,
}

/// Sorts `kept` (ascending rows) by account and time; ties stay in the order of the snapshots.
pub(super) fn order(kept: &[u32], account: &[u32], accounts: usize, ts: &[i64]) -> Order {
    let mut offsets = vec![0_u32; accounts + 1];
    for &row in kept {
        offsets[account[row as usize] as usize + 1] += 1;
    }
    for at in 0..accounts {
        offsets[at + 1] += offsets[at];
    }
    let mut next = offsets.clone();
    let mut rows = vec![0; kept.len()];
    for &row in kept {
        let place = &mut next[account[row as usize] as usize];
        rows[*place as usize] = row;
        *place += 1;
    }
    let mut slices = Vec::with_capacity(accounts);
    let mut rest = rows.as_mut_slice();
    for pair in offsets.windows(2) {
        let (own, others) = rest.split_at_mut((pair[1] - pair[0]) as usize);
        slices.push(own);
        rest = others;
    }
    // Rows ascend within an account, so a stable sort by time keeps ties in order.
    slices.into_par_iter().for_each(|own| own.sort_by_key(|&row| ts[row as usize]));
    Order { rows, offsets }
}
