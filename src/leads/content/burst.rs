//! Accounts to which one thing happened together.
//!
//! A firm that moves, a class and a course create their accounts on one day; a firm that changes its provider changes
//! all its accounts on one day. These have one cause. Where at least half of the accounts of a community that are new
//! were created within a day, or half of those that changed client and networks did so within a day, and at least half of
//! them call from one network, they count as one unit. Accounts that replace one another, are bought over weeks or are
//! stolen one by one do not; nor do accounts that were registered in one day and call from many networks, as those of a
//! campaign behind proxies do: one customer has one network.

use super::events::is_new_or_false;
use super::tier::Tier;
use crate::model::Micros;

/// Longest time from the first to the last account.
const WITHIN: Micros = 24 * 3_600_000_000;

/// Minimum number of accounts.
const MIN_ACCOUNTS: usize = 4;

/// Unit that each member of a community counts as: its own, or that of the smallest one of its burst.
pub(super) fn units(tier: &Tier<'_>, members: &[u32]) -> Vec<u32> {
    let created = |at: u32| tier.facts(at as usize).created.filter(|_| is_new_or_false(tier, at as usize));
    let changed = |at: u32| tier.facts(at as usize).new_client_and_networks;
    let own = |at: u32| tier.facts(at as usize).unit;
    let bursts = [together(members, created), together(members, changed)].map(|mut burst| {
        if !is_of_one_network(tier, &burst) {
            burst.clear();
        }
        let smallest = burst.iter().map(|&at| own(at)).min();
        (burst, smallest)
    });
    let unit = |&at: &u32| {
        let of = bursts.iter().find(|(burst, _)| burst.binary_search(&at).is_ok());
        of.and_then(|&(_, smallest)| smallest).unwrap_or(own(at))
    };
    members.iter().map(unit).collect()
}

/// True if at least half of some accounts call from one network, or the log does not say from which.
fn is_of_one_network(tier: &Tier<'_>, members: &[u32]) -> bool {
    let mut networks: Vec<_> =
        members.iter().filter_map(|&at| tier.facts(at as usize).main_network).collect();
    networks.sort_unstable();
    let largest = networks.chunk_by(|a, b| a == b).map(<[_]>::len).max();
    largest.is_none_or(|largest| 2 * largest >= members.len())
}

/// Largest set of members whose times are within a day, ascending; empty if it is less than half of those with a time.
fn together(members: &[u32], time: impl Fn(u32) -> Option<Micros>) -> Vec<u32> {
    let mut all: Vec<(Micros, u32)> = members.iter().filter_map(|&at| Some((time(at)?, at))).collect();
    all.sort_unstable();
    let size = |from: usize| all.partition_point(|&(t, _)| t <= all[from].0.saturating_add(WITHIN)) - from;
    let largest =
        (0..all.len()).map(|from| (size(from), from)).max_by_key(|&(size, from)| (size, all.len() - from));
    let burst = largest.filter(|&(size, _)| size >= MIN_ACCOUNTS && 2 * size >= all.len());
    let Some((size, from)) = burst else { return Vec::new() };
    let mut burst: Vec<u32> = all[from..from + size].iter().map(|&(_, at)| at).collect();
    burst.sort_unstable();
    burst
}

#[cfg(test)]
mod tests {
    use super::super::events::OF_USERS;
    use super::super::evidence::Columns;
    use super::super::lead::MIN_USER_EXCHANGES;
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;

    const HOUR: Micros = 3_600_000_000;

    #[test]
    fn a_burst_is_half_of_the_times_within_a_day() {
        let of = |hours: &[i64]| {
            let members: Vec<u32> = (0..hours.len() as u32).collect();
            together(&members, |at| (hours[at as usize] >= 0).then(|| hours[at as usize] * HOUR))
        };
        assert_eq!(of(&[200, 5, 23, 6, 29, -1, 100, 300]), [1, 2, 3, 4]);
        // Four of nine, three of three, and none.
        assert!(of(&[5, 6, 7, 29, 100, 200, 300, 400, 500]).is_empty());
        assert!(of(&[5, 6, 7]).is_empty() && of(&[-1, -1]).is_empty());
    }

    /// log10 p-value of 30 accounts of one subject of which the `at`-th was created and used heavily after
    /// `created(at)` hours, or changed client and networks after `changed(at)` hours. They call from `networks` networks;
    /// of 0 the log does not have them.
    fn log10_p(created: Option<fn(i64) -> i64>, changed: Option<fn(i64) -> i64>, networks: u32) -> f64 {
        let (prompts, mut case) = case(5, false);
        case.has_clients_and_networks = true;
        for at in 0..30 {
            let facts = &mut case.of[at * 10];
            facts.main_network = (at as u32).checked_rem(networks);
            if let Some(created) = created {
                (facts.created, facts.exchanges) = (Some(created(at as i64) * HOUR), 90);
            }
            if let Some(changed) = changed {
                facts.created = Some(-2_400 * HOUR);
                facts.new_client_and_networks = Some(changed(at as i64) * HOUR);
                facts.exchanges = 40;
            }
        }
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let members: Vec<u32> = (0..300).step_by(10).collect();
        Columns::new(&tier, OF_USERS).evidence(&tier, &members).log10_p
    }

    #[test]
    fn a_customer_that_moves_in_one_day_is_no_campaign_and_one_account_after_another_is() {
        for networks in [0, 1, 2] {
            let of = |created, changed| log10_p(created, changed, networks);
            let (moved, one_by_one) = (of(Some(|at| 200 + at / 2), None), of(Some(|at| 14 * at), None));
            assert!(moved > -0.5 && one_by_one < -6.0, "{moved} {one_by_one}");
            let (moved, stolen) = (of(None, Some(|at| 200 + at / 2)), of(None, Some(|at| 14 * at)));
            assert!(moved > -0.5 && stolen < -6.0, "{moved} {stolen}");
            // Four batches of some eight accounts, five days apart.
            let batches = of(Some(|at| at % 4 * 120 + at / 4), None);
            assert!(batches < -6.0, "{batches}");
        }
    }

    #[test]
    fn accounts_registered_in_one_day_that_call_from_many_networks_are_no_customer() {
        let (few, many) =
            (log10_p(Some(|at| 200 + at / 2), None, 2), log10_p(Some(|at| 200 + at / 2), None, 3));
        assert!(few > -0.5 && many < -6.0, "{few} {many}");
        let changed = log10_p(None, Some(|at| 200 + at / 2), 3);
        assert!(changed < -6.0, "{changed}");
    }
}
