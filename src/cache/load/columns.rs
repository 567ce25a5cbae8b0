//! The snapshots' columns while a cache is built: codes and numbers, one entry a row.

use std::mem::take;

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
/// Where `stop_reason` stands among the codes, after the attributes.
pub(super) const STOP_REASON: usize = CODED.len();
/// Where `account_id` stands among the codes.
pub(super) const ACCOUNT: usize = CODED.len() + 1;
/// How many columns are codes.
pub(super) const CODES: usize = CODED.len() + 2;

/// Whole numbers kept as `u32`.
pub(super) const COUNTS: [Column; 3] = [Column::InputTokens, Column::OutputTokens, Column::LatencyMs];
/// Real numbers kept as `f32`.
pub(super) const REALS: [Column; 2] = [Column::MeanTokenEntropy, Column::WatermarkScore];
/// Truth values.
pub(super) const FLAGS: [Column; 2] = [Column::IsStream, Column::LogprobsRequested];
/// Long texts of which 64 bits of a hash are kept.
pub(super) const KEYS: [Column; 2] = [Column::ConversationId, Column::PromptHash];
/// Times of the account's life, kept per row until the earliest of each account is known.
pub(super) const LIFE: [Column; 2] = [Column::AccountCreatedAt, Column::VerifiedAt];

/// No code, no count.
pub(super) const NO_CODE: u32 = u32::MAX;
/// No time.
pub(super) const NO_TIME: i64 = i64::MIN;
/// No truth value; 0 is false, 1 true.
pub(super) const NO_FLAG: u8 = 2;
/// No key.
pub(super) const NO_KEY: u64 = 0;
/// A 128-bit name of a record; all zero for none.
pub(super) type Name = [u64; 2];
/// No name.
pub(super) const NO_NAME: Name = [0, 0];

/// Columns of some rows in file order. An absent column is an empty vector.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub rows: usize,
    pub ts: Vec<i64>,
    pub life: [Vec<i64>; LIFE.len()],
    pub codes: [Vec<u32>; CODES],
    pub counts: [Vec<u32>; COUNTS.len()],
    pub reals: [Vec<f32>; REALS.len()],
    pub flags: [Vec<u8>; FLAGS.len()],
    pub keys: [Vec<u64>; KEYS.len()],
    /// Names by `request_id`.
    pub request: Vec<Name>,
    /// Names by the whole record; only where they are needed.
    pub record: Vec<Name>,
}

impl Columns {
    /// One after another, in order. Takes a column at a time, so that no more than one is held
    /// twice.
    pub(super) fn concat(mut parts: Vec<Self>) -> Self {
        let rows = parts.iter().map(|part| part.rows).sum();
        let parts = parts.as_mut_slice();
        Self {
            rows,
            ts: join(parts, rows, NO_TIME, |part| &mut part.ts),
            life: std::array::from_fn(|i| join(parts, rows, NO_TIME, |part| &mut part.life[i])),
            codes: std::array::from_fn(|i| join(parts, rows, NO_CODE, |part| &mut part.codes[i])),
            counts: std::array::from_fn(|i| join(parts, rows, NO_CODE, |part| &mut part.counts[i])),
            reals: std::array::from_fn(|i| join(parts, rows, f32::NAN, |part| &mut part.reals[i])),
            flags: std::array::from_fn(|i| join(parts, rows, NO_FLAG, |part| &mut part.flags[i])),
            keys: std::array::from_fn(|i| join(parts, rows, NO_KEY, |part| &mut part.keys[i])),
            request: join(parts, rows, NO_NAME, |part| &mut part.request),
            record: join(parts, rows, NO_NAME, |part| &mut part.record),
        }
    }
}

fn join<T: Copy>(
    parts: &mut [Columns],
    rows: usize,
    missing: T,
    field: impl Fn(&mut Columns) -> &mut Vec<T>,
) -> Vec<T> {
    if parts.iter_mut().all(|part| field(part).is_empty()) {
        return Vec::new();
    }
    let mut all = Vec::with_capacity(rows);
    for part in parts {
        let values = take(field(part));
        if values.is_empty() {
            all.resize(all.len() + part.rows, missing);
        } else {
            all.extend(values);
        }
    }
    all
}
