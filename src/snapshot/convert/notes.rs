//! Conversion of a column: its options, its counts, and its state between batches.

use std::collections::BTreeMap;

use arrow_array::ArrayRef;

use crate::snapshot::clock::Clock;
use crate::snapshot::unit::{DayOrder, DecimalMark, Unit};

/// Maximum number of places kept for each fault.
const MAX_PLACES: usize = 3;
/// Maximum number of characters kept of a value.
const MAX_VALUE_CHARS: usize = 40;

/// Options for reading a column's values, in addition to its type.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::snapshot) struct Spec {
    pub unit: Option<Unit>,
    pub clock: Clock,
    pub order: Option<DayOrder>,
    pub decimal: Option<DecimalMark>,
    /// True for 16 bytes annotated as a UUID.
    pub uuid: bool,
    /// True for text annotated as JSON, or mapped as a conversation.
    pub conversation: bool,
    /// True if words for null are values.
    pub verbatim: bool,
    /// True if the sources are parts of one value.
    pub together: bool,
    /// Pattern of a text of which the value is a part.
    pub pattern: Option<String>,
}

impl Spec {
    pub fn plain() -> Self {
        Self {
            unit: None,
            clock: Clock::utc(),
            order: None,
            decimal: None,
            uuid: false,
            conversation: false,
            verbatim: false,
            together: false,
            pattern: None,
        }
    }
}

/// Counts and faults of the values of a batch.
#[derive(Debug, Default)]
pub(in crate::snapshot) struct Notes {
    /// Values that cannot be read, by fault.
    pub faults: BTreeMap<&'static str, Fault>,
    /// Number of placeholders for a missing value.
    pub placeholders: u64,
    /// The first placeholders that differ, with the beginning of each.
    pub words: Vec<String>,
    /// Number of values whose bytes are not UTF-8.
    pub replaced: u64,
}

/// Values of one fault.
#[derive(Debug, Default)]
pub(in crate::snapshot) struct Fault {
    pub rows: u64,
    /// First values of the batch with this fault: index in the batch, and beginning of the value.
    pub first: Vec<(usize, String)>,
}

impl Notes {
    /// Records the text of a placeholder, without counting it.
    pub fn word(&mut self, text: &str) {
        if self.words.len() < MAX_PLACES && !text.trim().is_empty() {
            let word: String = text.chars().take(MAX_VALUE_CHARS).collect();
            if !self.words.contains(&word) {
                self.words.push(word);
            }
        }
    }

    /// Records a value that cannot be read.
    pub fn fault(&mut self, kind: &'static str, i: usize, value: &str) {
        let fault = self.faults.entry(kind).or_default();
        fault.rows += 1;
        if fault.first.len() < MAX_PLACES {
            fault.first.push((i, value.chars().take(MAX_VALUE_CHARS).collect()));
        }
    }
}

/// State of a column's conversion between batches.
#[derive(Default)]
pub(in crate::snapshot) struct Memory {
    /// Length of the embeddings; `None` before the first one.
    pub dims: Option<i32>,
    /// Last dictionary that was checked, with a flag for each value that is a placeholder; no flags if
    /// none is.
    pub placeholders: Option<(ArrayRef, Vec<bool>)>,
    /// Values of the last dictionary of addresses, and those in their usual form.
    pub addresses: Option<(ArrayRef, ArrayRef)>,
}

impl Memory {
    /// Initial state, with the length of embeddings if it is given.
    pub fn new(dims: Option<i32>) -> Self {
        Self { dims, placeholders: None, addresses: None }
    }
}
