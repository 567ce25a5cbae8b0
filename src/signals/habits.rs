//! Sampled sessions of every account, for comparing accounts with one another.

use super::rows::{RowColumn, Rows};
use super::sessions;
use crate::cache::NO_TOPIC;
use crate::model::Micros;
use crate::stats::csr::Csr;

/// Maximum number of sessions kept of one account, evenly spread, so that busy accounts weigh no more than
/// quiet ones.
const MAX_SESSIONS: usize = 30;

/// Length of a session whose first exchange has no number of input tokens.
pub(super) const NO_LENGTH: u8 = u8::MAX;

const HOUR: Micros = 3_600_000_000;

/// One session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// Most frequent topic of its exchanges, the smallest of several; [`NO_TOPIC`] for none.
    pub topic: u16,
    /// Hour of the day of its start, UTC.
    pub hour: u8,
    /// ⌊log₂(1 + input tokens)⌋ of its first exchange, or [`NO_LENGTH`].
    pub length: u8,
}

/// Kept sessions of every account, in order; 4 bytes a session.
pub(super) type Habits = Csr<Session>;

/// At most 30 sessions of an account, evenly spread.
pub(super) fn habits(ts: &[Micros], topics: &[u16], rows: &Rows<'_>) -> Vec<Session> {
    let ends: Vec<usize> = sessions::starts(ts).chain([ts.len()]).collect();
    let count = ends.len() - 1;
    (0..count.min(MAX_SESSIONS))
        .map(|nth| {
            let at = nth * count / count.min(MAX_SESSIONS);
            let (start, end) = (ends[at], ends[at + 1]);
            let length = rows.count(RowColumn::InputTokens, start);
            Session {
                topic: commonest(topics.get(start..end).unwrap_or(&[])),
                hour: ts[start].div_euclid(HOUR).rem_euclid(24) as u8,
                length: length.map_or(NO_LENGTH, |tokens| tokens.saturating_add(1).ilog2() as u8),
            }
        })
        .collect()
}

/// Most frequent topic, the smallest of several; [`NO_TOPIC`] where there is none.
fn commonest(topics: &[u16]) -> u16 {
    let mut sorted: Vec<u16> = topics.iter().copied().filter(|&topic| topic != NO_TOPIC).collect();
    sorted.sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| (run.len(), std::cmp::Reverse(run[0])))
        .map_or(NO_TOPIC, |run| run[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::rows::for_test;

    #[test]
    fn a_session_is_what_it_began_as_and_mostly_was() {
        let ts = [0, 1, 2, HOUR, 26 * HOUR];
        let tokens = [7, 1, 1, u32::MAX, 8];
        let rows = for_test(&[(RowColumn::InputTokens, &tokens)]);
        let found = habits(&ts, &[4, 2, 2, NO_TOPIC, 9], &rows);
        let session = |topic, hour, length| Session { topic, hour, length };
        assert_eq!(found, [session(2, 0, 3), session(NO_TOPIC, 1, NO_LENGTH), session(9, 2, 3)]);
        assert_eq!(habits(&ts, &[], &Rows::default())[0], session(NO_TOPIC, 0, NO_LENGTH));
        assert!(habits(&[], &[], &rows).is_empty());
    }

    #[test]
    fn a_busy_account_keeps_thirty_all_over_its_time() {
        let ts: Vec<Micros> = (0..1_000).map(|n| n * HOUR).collect();
        let found = habits(&ts, &[], &Rows::default());
        assert_eq!(found.len(), 30);
        let mut hours: Vec<u8> = found.iter().map(|session| session.hour).collect();
        hours.dedup();
        assert!(hours.len() > 20);
    }

    #[test]
    fn every_account_finds_its_own() {
        let mut all = Habits::default();
        let one = habits(&[5 * HOUR], &[], &Rows::default());
        all.push(one.clone());
        all.push(Vec::new());
        all.push(one.clone());
        assert_eq!((all.row(0), all.row(1), all.row(2)), (&one[..], &[][..], &one[..]));
        assert!(Habits::default().row(0).is_empty());
    }
}
