//! Exchanges of a scope by topic, compared with all other exchanges.

use std::ops::Range;

use crate::cache::{Cache, Hot, RowId};
use crate::model::{Cancelled, Watcher};
use crate::query::Selection;
use crate::query::blocks::tally;

/// Numbers of exchanges of one topic, inside and outside the scope.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicShare {
    /// The topic.
    pub topic: u16,
    /// Number of exchanges inside the scope.
    pub scope: u64,
    /// Number of exchanges outside the scope.
    pub peers: u64,
}

/// Numbers of exchanges by topic, inside and outside the selection, in the order of the topics.
///
/// # Errors
/// Only when cancelled.
pub fn coverage(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Vec<TopicShare>, Cancelled> {
    shares(cache.hot(), &selection.runs, cache.topics().len(), watcher)
}

fn shares(
    hot: &Hot,
    runs: &[Range<RowId>],
    topics: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<TopicShare>, Cancelled> {
    let counts = tally(hot.topic.len(), runs, 2 * topics, watcher, |block, counts| {
        let (scope, peers) = counts.split_at_mut(topics);
        block.pieces(|rows, selected| {
            let counts = if selected { &mut *scope } else { &mut *peers };
            for &topic in &hot.topic[rows] {
                if let Some(count) = counts.get_mut(usize::from(topic)) {
                    *count += 1;
                }
            }
        });
    })?;
    let (scope, peers) = counts.split_at(topics);
    let share = |(topic, (&scope, &peers))| TopicShare { topic: topic as u16, scope, peers };
    Ok(scope.iter().zip(peers).enumerate().map(share).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::query::topic_map::testing::{first, hot};

    #[test]
    fn shares_add_up() {
        let found = shares(&hot(), &first(), 2, &Silent).unwrap();
        let counts: Vec<_> = found.iter().map(|share| (share.topic, share.scope, share.peers)).collect();
        assert_eq!(counts, [(0, 2, 1), (1, 1, 1)]);
    }
}
