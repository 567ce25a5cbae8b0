//! How a column is to be read, what was noted meanwhile, and what is remembered.

use std::collections::BTreeMap;

use arrow::array::ArrayRef;

use crate::snapshot::clock::Clock;
use crate::snapshot::unit::{DayOrder, Unit};

/// Places of values that a note keeps of each kind.
const KEPT: usize = 3;
/// Characters of a value that a note keeps.
const CLIPPED: usize = 40;

/// How the values of a column are to be read, besides by their type.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::snapshot) struct Spec {
    pub unit: Option<Unit>,
    pub clock: Clock,
    pub order: Option<DayOrder>,
    /// Sixteen bytes that are annotated as a UUID.
    pub uuid: bool,
    /// Text that is annotated as JSON, or asked to be read as messages.
    pub conversation: bool,
}

impl Spec {
    pub fn plain() -> Self {
        Self { unit: None, clock: Clock::utc(), order: None, uuid: false, conversation: false }
    }
}

/// What was noted while a batch was read.
#[derive(Debug, Default)]
pub(in crate::snapshot) struct Notes {
    /// Values that cannot be read, by what is wrong with them.
    pub faults: BTreeMap<&'static str, Fault>,
    /// Values that stand for nothing.
    pub nothing: u64,
    /// Values whose bytes are not UTF-8.
    pub replaced: u64,
}

/// Values of one fault.
#[derive(Debug, Default)]
pub(in crate::snapshot) struct Fault {
    pub rows: u64,
    /// The first, by their place in the batch, with the values' beginnings.
    pub first: Vec<(usize, String)>,
}

impl Notes {
    /// Notes a value that cannot be read.
    pub fn fault(&mut self, kind: &'static str, i: usize, value: &str) {
        let fault = self.faults.entry(kind).or_default();
        fault.rows += 1;
        if fault.first.len() < KEPT {
            fault.first.push((i, value.chars().take(CLIPPED).collect()));
        }
    }
}

/// What a column's conversion remembers from batch to batch.
#[derive(Default)]
pub(in crate::snapshot) struct Memory {
    /// Length of the embeddings.
    pub dims: Option<i32>,
    /// The dictionary that was looked through last, and which of its values stand for nothing;
    /// empty where none do.
    pub nothing: Option<(ArrayRef, Vec<bool>)>,
}

impl Memory {
    /// A memory of a length of embeddings, where it is known.
    pub fn new(dims: Option<i32>) -> Self {
        Self { dims, nothing: None }
    }
}
