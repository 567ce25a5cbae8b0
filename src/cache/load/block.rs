//! Rows packed small while they wait: each column as the narrowest whole numbers that hold it.
//!
//! A block is bytes and can lie in memory or on disk. A column is stored as its least value, a
//! divisor (times are mostly whole seconds or milliseconds), the width in bytes of what remains, and
//! `(value − least) / divisor` of each row. The largest number of a width stands for a missing
//! value; a column of one value has width 0.

use super::columns::{Columns, NARROW, NONE, WIDE};

/// Appends a block of some of the rows, in the order named.
pub(super) fn pack(columns: &Columns, rows: &[u32], block: &mut Vec<u8>) {
    block.extend((rows.len() as u64).to_le_bytes());
    let mut narrow: Vec<u32> = Vec::with_capacity(rows.len());
    for column in &columns.narrow {
        narrow.clear();
        narrow.extend(rows.iter().map(|&row| column[row as usize]));
        pack_narrow(&narrow, block);
    }
    let mut wide: Vec<u64> = Vec::with_capacity(rows.len());
    for column in &columns.wide {
        wide.clear();
        wide.extend(rows.iter().map(|&row| column[row as usize]));
        pack_wide(&wide, block);
    }
}

/// Appends the rows of a block to columns.
pub(super) fn unpack(block: &[u8], into: &mut Columns) {
    let (rows, mut rest) = number(block);
    for at in 0..NARROW {
        rest = unpack_column(rest, rows, u64::from(NONE), |value| into.narrow[at].push(value as u32));
    }
    for at in 0..WIDE {
        rest = unpack_column(rest, rows, u64::MAX, |value| into.wide[at].push(value));
    }
}

fn pack_narrow(values: &[u32], block: &mut Vec<u8>) {
    let least = values.iter().copied().min().unwrap_or(NONE);
    // A missing value is the largest of all; one more is 0, and so it is out of the way.
    let most = values.iter().map(|value| value.wrapping_add(1)).max().unwrap_or(0).wrapping_sub(1);
    let same = least == NONE || values.iter().all(|&value| value == least);
    let width = match most.wrapping_sub(least) {
        _ if same => 0,
        0..0xff => 1,
        0xff..0xffff => 2,
        _ => 4,
    };
    head(least.into(), 1, width, block);
    let small = values.iter().map(|&value| if value == NONE { NONE } else { value - least });
    match width {
        0 => {}
        1 => block.extend(small.map(|value| value as u8)),
        2 => block.extend(small.flat_map(|value| (value as u16).to_le_bytes())),
        _ => block.extend(small.flat_map(u32::to_le_bytes)),
    }
}

/// No value is missing here: no key is a number like any other.
fn pack_wide(values: &[u64], block: &mut Vec<u8>) {
    let least = values.iter().copied().min().unwrap_or(0);
    let most = values.iter().copied().max().unwrap_or(0);
    // Constants divide quicker than variables.
    let divisor = match values {
        _ if least == most => 1,
        all if all.iter().all(|value| (value - least) % 1_000_000 == 0) => 1_000_000,
        all if all.iter().all(|value| (value - least) % 1_000 == 0) => 1_000,
        _ => 1,
    };
    let width = match (most - least) / divisor {
        0 => 0,
        1..0xff => 1,
        0xff..0xffff => 2,
        0xffff..0xffff_ffff => 4,
        _ => 8,
    };
    head(least, divisor, width, block);
    let past = values.iter().map(|value| value - least);
    match (width, divisor) {
        (0, _) => {}
        (1, _) => block.extend(past.map(|past| (past / divisor) as u8)),
        (2, _) => block.extend(past.flat_map(|past| ((past / divisor) as u16).to_le_bytes())),
        (4, 1_000) => block.extend(past.flat_map(|past| ((past / 1_000) as u32).to_le_bytes())),
        (4, _) => block.extend(past.flat_map(|past| ((past / divisor) as u32).to_le_bytes())),
        _ => block.extend(past.flat_map(|past| (past / divisor).to_le_bytes())),
    }
}

fn head(least: u64, divisor: u64, width: u8, block: &mut Vec<u8>) {
    block.extend(least.to_le_bytes());
    block.extend(divisor.to_le_bytes());
    block.push(width);
}

/// Gives each value to `push` and returns what follows the column.
fn unpack_column(column: &[u8], rows: u64, missing: u64, mut push: impl FnMut(u64)) -> &[u8] {
    let (least, rest) = number(column);
    let (divisor, rest) = number(rest);
    let (width, rest) = (usize::from(rest[0]), &rest[1..]);
    let (packed, rest) = rest.split_at(width * rows as usize);
    let mut value = |small: u64, none: u64| {
        push(if small == none { missing } else { least + small * divisor });
    };
    match width {
        0 => (0..rows).for_each(|_| value(0, u64::MAX)),
        1 => packed.iter().for_each(|&small| value(u64::from(small), 0xff)),
        2 => packed.as_chunks().0.iter().for_each(|&n| value(u64::from(u16::from_le_bytes(n)), 0xffff)),
        4 => packed.as_chunks().0.iter().for_each(|&n| value(u64::from(u32::from_le_bytes(n)), 0xffff_ffff)),
        _ => packed.as_chunks().0.iter().for_each(|&n| value(u64::from_le_bytes(n), u64::MAX)),
    }
    rest
}

fn number(bytes: &[u8]) -> (u64, &[u8]) {
    let (number, rest) = bytes.split_at(8);
    (number.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)), rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn widths_are_the_narrowest_that_leave_room_for_none() {
        for (values, bytes) in [
            (vec![], 0),
            (vec![NONE, NONE], 0),
            (vec![7, 7, 7], 0),
            (vec![7, NONE], 2),
            (vec![0, 254], 2),
            (vec![0, 255], 4),
            (vec![NONE, 9, 0xfffe + 9], 6),
            (vec![NONE, 9, 0xffff + 9], 12),
            (vec![0, NONE - 1], 8),
            (vec![5, NONE - 1, NONE], 12),
        ] {
            let (mut block, mut back) = (Vec::new(), Vec::new());
            pack_narrow(&values, &mut block);
            let rest =
                unpack_column(&block, values.len() as u64, NONE.into(), |value| back.push(value as u32));
            assert_eq!((rest.len(), block.len() - 17), (0, bytes), "{values:?}");
            assert_eq!(back, values);
        }
    }

    #[test]
    fn times_are_counted_in_what_they_were_written_in() {
        let start = 1_776_816_001_598_000;
        for (values, bytes) in [
            (vec![], 0),
            (vec![3, 3], 0),
            (vec![start, start + 86_399_000_000], 8),
            (vec![start, start + 86_399_000_001], 16),
            (vec![start, start + 200_000_000], 2),
            (vec![0, u64::MAX, u64::MAX - 1], 24),
        ] {
            let (mut block, mut back) = (Vec::new(), Vec::new());
            pack_wide(&values, &mut block);
            let rest = unpack_column(&block, values.len() as u64, u64::MAX, |value| back.push(value));
            assert_eq!((rest.len(), block.len() - 17), (0, bytes), "{values:?}");
            assert_eq!(back, values);
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            rows in proptest::collection::vec((any::<u32>(), 0_u32..300, any::<u64>()), 0..50),
        ) {
            let mut columns = Columns::default();
            for &(any, small, wide) in &rows {
                for (at, column) in columns.narrow.iter_mut().enumerate() {
                    column.push([any, small, NONE, 5][at % 4]);
                }
                columns.wide.iter_mut().for_each(|column| column.push(wide));
            }
            let order: Vec<u32> = (0..rows.len() as u32).rev().collect();
            let mut block = Vec::new();
            pack(&columns, &order, &mut block);
            let mut back = Columns::default();
            unpack(&block, &mut back);
            let expected = columns.picked(&order);
            prop_assert_eq!(back.narrow, expected.narrow);
            prop_assert_eq!(back.wide, expected.wide);
        }
    }
}
