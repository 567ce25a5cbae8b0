//! Signal columns packed by signal, for opening a case.
//!
//! The ordinary table `account_signals` holds the same for other tools; reading its dozen rows an account
//! would take most of the time of opening a case. Both are always written together.

use std::path::Path;
use std::sync::Arc;

use super::{ConformalRank, SignalColumn};
use crate::cache::{AccountIndex, CacheError, PackedColumn, RowId, pack_columns, unpack_columns};
use crate::signals::{About, Examples, Outcome};

/// Packs one row an account, for the cache at this path.
///
/// # Errors
/// None that accounts and their examples could cause.
pub(super) fn pack(path: &Path, column: &SignalColumn) -> Result<Vec<u8>, CacheError> {
    let (mut value, mut why_not, mut examples) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in &column.outcomes {
        let (measured, why, rows) = match outcome {
            Outcome::Measured { value, examples } => (Some(*value), None, Some(examples.to_vec())),
            Outcome::NotApplicable(why) => (None, Some(Arc::clone(why)), None),
        };
        value.push(measured);
        why_not.push(why);
        examples.push(rows);
    }
    let accounts = 0..column.outcomes.len() as AccountIndex;
    let p = accounts.clone().map(|account| column.p(account)).collect();
    let percentile = accounts.map(|account| column.percentile(account).map(f64::from)).collect();
    let columns = [
        PackedColumn::Reals(value),
        PackedColumn::Reals(percentile),
        PackedColumn::Reals(p),
        PackedColumn::Texts(why_not),
        PackedColumn::Rows(examples),
    ];
    pack_columns(path, &columns)
}

/// Unpacks a column; `None` where the data is of another shape or number of accounts.
pub(super) fn unpack(about: &'static About, packed: &[u8], accounts: usize) -> Option<SignalColumn> {
    let columns: [PackedColumn; 5] = unpack_columns(packed, 5, accounts)?.try_into().ok()?;
    let [
        PackedColumn::Reals(value),
        PackedColumn::Reals(percentile),
        PackedColumn::Reals(p),
        PackedColumn::Texts(why_not),
        PackedColumn::Rows(examples),
    ] = columns
    else {
        return None;
    };
    let outcome = |(value, (why, examples)): (Option<f64>, (Option<Arc<str>>, Option<_>))| match value {
        Some(value) => {
            Some(Outcome::Measured { value, examples: Examples::from_iter::<Vec<RowId>>(examples?) })
        }
        None => why.map(Outcome::NotApplicable),
    };
    let rows = value.into_iter().zip(why_not.into_iter().zip(examples));
    let outcomes = rows.map(outcome).collect::<Option<_>>()?;
    let rank = |(p, percentile): (Option<f64>, Option<f64>)| {
        p.zip(percentile).map(|(p, percentile)| ConformalRank { p, percentile: percentile as f32 })
    };
    Some(SignalColumn::new(about, outcomes, p.into_iter().zip(percentile).map(rank)))
}
