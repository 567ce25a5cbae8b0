//! Packed rows between reading and sorting: each column as the narrowest whole numbers that hold it.
//!
//! A block is a byte string, in memory or on disk. A column is stored as its least value, a divisor
//! (times are mostly whole seconds or milliseconds), a width in bytes, and `(value − least) / divisor`
//! of each row in this width. The largest number of a width marks a missing value; a column of one
//! value has width 0.

use std::ops::Range;

use super::columns::{Columns, NARROW, NONE, WIDE};

/// Appends a block of some consecutive rows.
pub(super) fn pack(columns: &Columns, rows: Range<usize>, block: &mut Vec<u8>) {
    block.extend((rows.len() as u64).to_le_bytes());
    columns.narrow.iter().for_each(|column| pack_narrow(&column[rows.clone()], block));
    columns.wide.iter().for_each(|column| pack_wide(&column[rows.clone()], block));
}

/// Appends the rows of a block to columns.
pub(super) fn unpack(block: &[u8], into: &mut Columns) {
    let (rows, mut rest) = number(block);
    for at in 0..NARROW {
        rest = unpack_narrow(rest, rows, &mut into.narrow[at]);
    }
    for at in 0..WIDE {
        rest = unpack_wide(rest, rows, &mut into.wide[at]);
    }
}

fn pack_narrow(values: &[u32], block: &mut Vec<u8>) {
    let least = values.iter().copied().min().unwrap_or(NONE);
    // A missing value is `u32::MAX`; plus one it wraps to 0 and does not affect the maximum.
    let most = values.iter().map(|value| value.wrapping_add(1)).max().unwrap_or(0).wrapping_sub(1);
    let same = least == NONE || values.iter().all(|&value| value == least);
    let width = match most.wrapping_sub(least) {
        _ if same => 0,
        0..0xff => 1,
        0xff..0xffff => 2,
        0xffff..0xff_ffff => 3,
        _ => 4,
    };
    head(least.into(), 1, width, block);
    let small = values.iter().map(|&value| if value == NONE { NONE } else { value - least });
    match width {
        0 => {}
        1 => block.extend(small.map(|value| value as u8)),
        2 => append(small.map(|value| (value as u16).to_le_bytes()), block),
        3 => append(small.map(three_bytes), block),
        _ => append(small.map(u32::to_le_bytes), block),
    }
}

fn three_bytes(number: u32) -> [u8; 3] {
    let [a, b, c, _] = number.to_le_bytes();
    [a, b, c]
}

/// Appends numbers of one width, as whole arrays: byte by byte it would take as long as decoding.
fn append<const WIDTH: usize>(numbers: impl ExactSizeIterator<Item = [u8; WIDTH]>, block: &mut Vec<u8>) {
    let start = block.len();
    block.resize(start + numbers.len() * WIDTH, 0);
    let (places, _) = block[start..].as_chunks_mut();
    places.iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
}

/// Appends a wide column, which has no missing values: `NO_KEY` is packed like any number.
fn pack_wide(values: &[u64], block: &mut Vec<u8>) {
    let least = values.iter().copied().min().unwrap_or(0);
    let most = values.iter().copied().max().unwrap_or(0);
    // Division by a constant is quicker.
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
        (2, _) => append(past.map(|past| ((past / divisor) as u16).to_le_bytes()), block),
        (4, 1_000) => append(past.map(|past| ((past / 1_000) as u32).to_le_bytes()), block),
        (4, _) => append(past.map(|past| ((past / divisor) as u32).to_le_bytes()), block),
        (_, 1) => append(past.map(u64::to_le_bytes), block),
        _ => append(past.map(|past| (past / divisor).to_le_bytes()), block),
    }
}

fn head(least: u64, divisor: u64, width: u8, block: &mut Vec<u8>) {
    block.extend(least.to_le_bytes());
    block.extend(divisor.to_le_bytes());
    block.push(width);
}

/// Unpacks a narrow column into `into` and returns the bytes after it.
fn unpack_narrow<'a>(column: &'a [u8], rows: u64, into: &mut Vec<u32>) -> &'a [u8] {
    let (least, _, width, rest) = read_head(column);
    let least = least as u32;
    let (packed, rest) = rest.split_at(width * rows as usize);
    let value = |small: u32, none: u32| if small == none { NONE } else { least + small };
    match width {
        0 => into.resize(into.len() + rows as usize, least),
        1 => into.extend(packed.iter().map(|&small| value(small.into(), 0xff))),
        2 => {
            into.extend(packed.as_chunks().0.iter().map(|&n| value(u16::from_le_bytes(n).into(), 0xffff)));
        }
        3 => {
            let number = |&[a, b, c]: &[u8; 3]| value(u32::from_le_bytes([a, b, c, 0]), 0xff_ffff);
            into.extend(packed.as_chunks().0.iter().map(number));
        }
        _ => into.extend(packed.as_chunks().0.iter().map(|&n| value(u32::from_le_bytes(n), NONE))),
    }
    rest
}

/// Unpacks a wide column into `into` and returns the bytes after it.
fn unpack_wide<'a>(column: &'a [u8], rows: u64, into: &mut Vec<u64>) -> &'a [u8] {
    let (least, divisor, width, rest) = read_head(column);
    let (packed, rest) = rest.split_at(width * rows as usize);
    let value = |small: u64| least + small * divisor;
    match width {
        0 => into.resize(into.len() + rows as usize, least),
        1 => into.extend(packed.iter().map(|&small| value(small.into()))),
        2 => into.extend(packed.as_chunks().0.iter().map(|&n| value(u16::from_le_bytes(n).into()))),
        4 => into.extend(packed.as_chunks().0.iter().map(|&n| value(u32::from_le_bytes(n).into()))),
        _ => into.extend(packed.as_chunks().0.iter().map(|&n| value(u64::from_le_bytes(n)))),
    }
    rest
}

/// Least value, divisor, width in bytes, and the bytes after the head.
fn read_head(column: &[u8]) -> (u64, u64, usize, &[u8]) {
    let (least, rest) = number(column);
    let (divisor, rest) = number(rest);
    (least, divisor, usize::from(rest[0]), &rest[1..])
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
            (vec![NONE, 9, 0xffff + 9], 9),
            (vec![NONE, 9, 0xff_fffe + 9], 9),
            (vec![NONE, 9, 0xff_ffff + 9], 12),
            (vec![0, NONE - 1], 8),
            (vec![5, NONE - 1, NONE], 12),
        ] {
            let (mut block, mut back) = (Vec::new(), Vec::new());
            pack_narrow(&values, &mut block);
            let rest = unpack_narrow(&block, values.len() as u64, &mut back);
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
            let rest = unpack_wide(&block, values.len() as u64, &mut back);
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
            let (order, half): (Vec<u32>, _) = ((0..rows.len() as u32).rev().collect(), rows.len() / 2);
            let mut expected = Columns::default();
            columns.pick(&order, &mut expected);
            let mut back = Columns::default();
            for part in [0..half, half..rows.len()] {
                let mut block = Vec::new();
                pack(&expected, part, &mut block);
                unpack(&block, &mut back);
            }
            prop_assert_eq!(back.narrow, expected.narrow);
            prop_assert_eq!(back.wide, expected.wide);
        }
    }
}
