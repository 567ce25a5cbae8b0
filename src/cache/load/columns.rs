//! The snapshots' columns while a cache is built: whole numbers, one entry a row.
//!
//! A column is `narrow` (`u32`: codes, counts, bits of an `f32`, truth values, row numbers) or
//! `wide` (`u64`: times, keys of long texts). Knows nothing of where rows come from or go to.

use crate::model::AttributeKind;
use crate::snapshot::Column;

/// The attributes that are columns of their own. The others are derived from these.
pub(super) const CODED: [(AttributeKind, Column); 13] = [
    (AttributeKind::PaymentFingerprint, Column::PaymentFingerprint),
    (AttributeKind::Ip, Column::Ip),
    (AttributeKind::Asn, Column::Asn),
    (AttributeKind::Country, Column::Country),
    (AttributeKind::UserAgent, Column::UserAgent),
    (AttributeKind::TlsFingerprint, Column::TlsFingerprint),
    (AttributeKind::EmailDomain, Column::EmailDomain),
    (AttributeKind::OrgId, Column::OrgId),
    (AttributeKind::ApiKeyId, Column::ApiKeyId),
    (AttributeKind::EndUserId, Column::EndUserId),
    (AttributeKind::StatedUseCase, Column::StatedUseCase),
    (AttributeKind::AccessTier, Column::AccessTier),
    (AttributeKind::Model, Column::Model),
];

/// Whole numbers kept as `u32`.
pub(super) const COUNTS: [Column; 3] = [Column::InputTokens, Column::OutputTokens, Column::LatencyMs];
/// Real numbers kept as the bits of an `f32`.
pub(super) const REALS: [Column; 2] = [Column::MeanTokenEntropy, Column::WatermarkScore];
/// Truth values: 0 is false, 1 true.
pub(super) const FLAGS: [Column; 2] = [Column::IsStream, Column::LogprobsRequested];
/// Long texts of which 64 bits of a hash are kept.
pub(super) const KEYS: [Column; 2] = [Column::ConversationId, Column::PromptHash];
/// Times of the account's life, of which the earliest is kept.
pub(super) const LIFE: [Column; 2] = [Column::AccountCreatedAt, Column::VerifiedAt];

/// Narrow: the row, counted over all files.
pub(super) const ROW: usize = 0;
/// Narrow: the account, by its place among all account ids in order.
pub(super) const ACCOUNT: usize = 1;
/// Narrow: the first of [`CODED`].
pub(super) const FIRST_CODE: usize = 2;
/// Narrow: the code of `stop_reason`, after those of the attributes.
pub(super) const STOP_REASON: usize = FIRST_CODE + CODED.len();
/// Narrow: the first of [`COUNTS`].
pub(super) const FIRST_COUNT: usize = STOP_REASON + 1;
/// Narrow: the first of [`REALS`].
pub(super) const FIRST_REAL: usize = FIRST_COUNT + COUNTS.len();
/// Narrow: the first of [`FLAGS`].
pub(super) const FIRST_FLAG: usize = FIRST_REAL + REALS.len();
/// How many columns are narrow.
pub(super) const NARROW: usize = FIRST_FLAG + FLAGS.len();
/// Wide: the time; see [`ordered`].
pub(super) const TS: usize = 0;
/// Wide: the first of [`KEYS`].
pub(super) const FIRST_KEY: usize = 1;
/// How many columns are wide.
pub(super) const WIDE: usize = FIRST_KEY + KEYS.len();

/// How many narrow columns are codes of a dictionary: [`CODED`], then `stop_reason`.
pub(super) const DICTIONARIES: usize = CODED.len() + 1;

/// No value in a narrow column.
pub(super) const NONE: u32 = u32::MAX;
/// No key in a wide column.
pub(super) const NO_KEY: u64 = 0;

/// Columns of some rows; all are equally long.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub narrow: [Vec<u32>; NARROW],
    pub wide: [Vec<u64>; WIDE],
}

impl Columns {
    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.narrow[ROW].len()
    }

    /// Puts the same rows in another order into `into`, in place of what is there.
    pub(super) fn pick(&self, rows: &[u32], into: &mut Self) {
        for (values, into) in self.narrow.iter().zip(&mut into.narrow) {
            pick(values, rows, into);
        }
        for (values, into) in self.wide.iter().zip(&mut into.wide) {
            pick(values, rows, into);
        }
    }

    /// No rows; what memory they had is kept for the next. A fresh page of memory costs more than
    /// what is written to it.
    pub(super) fn clear(&mut self) {
        self.narrow.iter_mut().for_each(Vec::clear);
        self.wide.iter_mut().for_each(Vec::clear);
    }
}

fn pick<T: Copy>(values: &[T], rows: &[u32], into: &mut Vec<T>) {
    into.clear();
    into.extend(rows.iter().map(|&row| values[row as usize]));
}

/// A time as an unsigned number of the same order.
pub(super) fn ordered(time: i64) -> u64 {
    time.cast_unsigned() ^ (1 << 63)
}

/// The time again.
pub(super) fn time(ordered: u64) -> i64 {
    (ordered ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_order() {
        let times = [i64::MIN, -5, 0, 7, i64::MAX];
        assert!(times.windows(2).all(|pair| ordered(pair[0]) < ordered(pair[1])));
        assert!(times.iter().all(|&t| time(ordered(t)) == t));
    }
}
