//! A small map for tests.

use std::ops::Range;

use crate::cache::{Hot, NO_TOPIC, RowId};

/// Two accounts of three rows each; topics 0 and 1; the last row has no place.
pub fn hot() -> Hot {
    Hot {
        offsets: vec![0, 3, 6],
        ts: vec![0, 10, 20, 5, 15, 99],
        topic: vec![0, 0, 1, 0, 1, NO_TOPIC],
        place: vec![[0.1, 0.1], [0.1, 0.1], [0.9, 0.9], [0.1, 0.9], [1.0, 1.0], [f32::NAN; 2]],
    }
}

/// The rows of the first account.
#[expect(clippy::single_range_in_vec_init, reason = "a list of one run")]
pub fn first() -> [Range<RowId>; 1] {
    [0..3]
}
