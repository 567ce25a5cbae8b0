//! Columns of the snapshots during the building of a cache: whole numbers, one entry per row.
//!
//! A column is `narrow` (`u32`: codes, counts, bits of an `f32`, booleans, row numbers) or `wide`
//! (`u64`: times, keys of long texts).

use crate::model::AttributeKind;
use crate::snapshot::Column;

/// Attributes with a column of their own. The others are derived from these.
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
/// Booleans: 0 is false, 1 true.
pub(super) const FLAGS: [Column; 2] = [Column::IsStream, Column::LogprobsRequested];
/// Long texts, kept as 64 bits of a hash.
pub(super) const KEYS: [Column; 2] = [Column::ConversationId, Column::PromptHash];
/// Dates of the account, of which the earliest is kept.
pub(super) const DATES: [Column; 2] = [Column::AccountCreatedAt, Column::VerifiedAt];

/// Narrow column of the row, counted over all files.
pub(super) const ROW: usize = 0;
/// Narrow column of the account, by its rank among all account ids.
pub(super) const ACCOUNT: usize = 1;
/// FirstReading narrow column of [`CODED`].
pub(super) const FIRST_CODE: usize = 2;
/// Narrow column of the code of `stop_reason`, after those of the attributes.
pub(super) const STOP_REASON: usize = FIRST_CODE + CODED.len();
/// FirstReading narrow column of [`COUNTS`].
pub(super) const FIRST_COUNT: usize = STOP_REASON + 1;
/// FirstReading narrow column of [`REALS`].
pub(super) const FIRST_REAL: usize = FIRST_COUNT + COUNTS.len();
/// FirstReading narrow column of [`FLAGS`].
pub(super) const FIRST_FLAG: usize = FIRST_REAL + REALS.len();
/// Number of narrow columns.
pub(super) const NARROW: usize = FIRST_FLAG + FLAGS.len();
/// Wide column of the time; see [`ordered`].
pub(super) const TS: usize = 0;
/// FirstReading wide column of [`KEYS`].
pub(super) const FIRST_KEY: usize = 1;
/// Number of wide columns.
pub(super) const WIDE: usize = FIRST_KEY + KEYS.len();

/// Number of narrow columns that are codes of a dictionary: [`CODED`], then `stop_reason`.
pub(super) const DICTIONARIES: usize = CODED.len() + 1;

/// Missing value of a narrow column.
pub(super) const NONE: u32 = u32::MAX;
/// Missing key of a wide column.
pub(super) const NO_KEY: u64 = 0;

/// Columns of some rows, all of the same length.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub narrow: [Vec<u32>; NARROW],
    pub wide: [Vec<u64>; WIDE],
}

impl Columns {
    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.narrow[ROW].len()
    }

    /// Replaces `into` by the given rows in the given order.
    pub(super) fn pick(&self, rows: &[u32], into: &mut Self) {
        for (values, into) in self.narrow.iter().zip(&mut into.narrow) {
            pick(values, rows, into);
        }
        for (values, into) in self.wide.iter().zip(&mut into.wide) {
            pick(values, rows, into);
        }
    }

    /// Removes all rows and keeps their memory for the next task, as fresh memory costs more than
    /// writing to it.
    pub(super) fn clear(&mut self) {
        self.narrow.iter_mut().for_each(Vec::clear);
        self.wide.iter_mut().for_each(Vec::clear);
    }
}

fn pick<T: Copy>(values: &[T], rows: &[u32], into: &mut Vec<T>) {
    into.clear();
    into.extend(rows.iter().map(|&row| values[row as usize]));
}

/// Time as an unsigned number of the same order.
pub(super) fn ordered(time: i64) -> u64 {
    time.cast_unsigned() ^ (1 << 63)
}

/// Inverse of [`ordered`].
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
