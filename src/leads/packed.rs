//! What the signals say of all accounts, packed by signal: what opening a case reads whole.
//!
//! The same stands in the ordinary table `account_signals`, for whoever looks with another tool;
//! but SQLite gives rows one by one, and a dozen an account would be most of the time it takes to
//! open a case. Both are written together and never apart.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float32Array, Float64Array, ListArray, RecordBatch,
};
use arrow::datatypes::{Float32Type, Float64Type, Int32Type, UInt32Type};
use arrow::error::ArrowError;

use super::SignalColumn;
use crate::cache::{decode, encode};
use crate::signals::{About, Outcome};

const FIELDS: [&str; 5] = ["value", "percentile", "p_value", "why_not", "examples"];

/// One row an account, as an Arrow IPC stream of one compressed record batch.
///
/// # Errors
/// Only what Arrow cannot encode, such as more than 2³¹ examples.
pub(super) fn pack(column: &SignalColumn) -> Result<Vec<u8>, ArrowError> {
    let outcomes = || column.outcomes.iter();
    let value = outcomes().map(|outcome| match outcome {
        Outcome::Measured { value, .. } => Some(*value),
        Outcome::NotApplicable(_) => None,
    });
    let why_not: DictionaryArray<Int32Type> = outcomes()
        .map(|outcome| match outcome {
            Outcome::Measured { .. } => None,
            Outcome::NotApplicable(why) => Some(why.as_str()),
        })
        .collect();
    let examples = outcomes().map(|outcome| match outcome {
        Outcome::Measured { examples, .. } => Some(examples.iter().copied().map(Some)),
        Outcome::NotApplicable(_) => None,
    });
    let arrays: [ArrayRef; FIELDS.len()] = [
        Arc::new(Float64Array::from_iter(value)),
        Arc::new(Float32Array::from_iter(column.percentile.iter().copied())),
        Arc::new(Float64Array::from_iter(column.p.iter().copied())),
        Arc::new(why_not),
        Arc::new(ListArray::from_iter_primitive::<UInt32Type, _, _>(examples)),
    ];
    encode(&RecordBatch::try_from_iter(FIELDS.into_iter().zip(arrays))?)
}

/// What was packed; `None` where it is something else or of another number of accounts.
pub(super) fn unpack(about: &'static About, packed: &[u8], accounts: usize) -> Option<SignalColumn> {
    let arrays = decode(packed, &FIELDS, accounts).ok()?;
    let [Some(value), Some(percentile), Some(p), Some(why_not), Some(examples)] = arrays.as_slice() else {
        return None;
    };
    let value = value.as_primitive_opt::<Float64Type>()?;
    let why_not = why_not.as_dictionary_opt::<Int32Type>()?.downcast_dict::<arrow::array::StringArray>()?;
    let examples = examples.as_list_opt::<i32>()?;
    let rows = examples.values().as_primitive_opt::<UInt32Type>()?.values();
    let outcome = |account: usize| {
        if value.is_null(account) {
            let at = why_not.is_valid(account).then(|| why_not.keys().value(account))?;
            let why = why_not.values();
            let at = usize::try_from(at).ok().filter(|&at| at < why.len())?;
            return Some(Outcome::NotApplicable(why.value(at).to_owned()));
        }
        let ends = examples.value_offsets().get(account..account + 2)?;
        let examples = rows.get(ends[0] as usize..ends[1] as usize)?.to_vec();
        Some(Outcome::Measured { value: value.value(account), examples })
    };
    Some(SignalColumn {
        about,
        outcomes: (0..accounts).map(outcome).collect::<Option<_>>()?,
        p: p.as_primitive_opt::<Float64Type>()?.iter().collect(),
        percentile: percentile.as_primitive_opt::<Float32Type>()?.iter().collect(),
    })
}
