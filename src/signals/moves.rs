//! Accounts that moved to a new model within a day of its launch.

use std::collections::BTreeMap;

use crate::cache::{Account, AccountIndex, ValueIndex};
use crate::model::Micros;

/// Longest time from launch to move, 24 hours in microseconds.
const MAX_DELAY: Micros = 24 * 3_600_000_000;

/// Minimum time from the start of the case to a launch: a model used before may be older than the case.
const MIN_CASE_AGE: Micros = 2 * MAX_DELAY;

/// Number of accounts whose use makes a model launched; the first ones may be testers.
const LAUNCH_USERS: usize = 3;

/// Move of each account, if it could be observed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Moves {
    of: Vec<Option<bool>>,
    /// Launches of new models: time of the third account's first use, and model.
    launches: Vec<(Micros, ValueIndex)>,
    /// Share of all observed accounts that moved, 0 to 1; 0 where none was observed.
    share: f64,
}

impl Moves {
    /// Moves from the first use of each model by each account, in any order; `first` is the first exchange of
    /// the case.
    pub fn new(accounts: &[Account], uses: &[(AccountIndex, ValueIndex, Micros)], first: Micros) -> Self {
        let mut by_model: BTreeMap<ValueIndex, Vec<(Micros, AccountIndex)>> = BTreeMap::new();
        for &(account, model, since) in uses {
            by_model.entry(model).or_default().push((since, account));
        }
        let (mut of, mut launches) = (vec![None; accounts.len()], Vec::new());
        for (model, users) in &mut by_model {
            users.sort_unstable();
            let Some(&(launch, _)) = users.get(LAUNCH_USERS - 1) else { continue };
            if users[0].0 < first.saturating_add(MIN_CASE_AGE) {
                continue;
            }
            launches.push((launch, *model));
            let soon = launch.saturating_add(MAX_DELAY);
            for (account, moved) in accounts.iter().zip(&mut of) {
                if account.first < launch && account.last >= soon {
                    moved.get_or_insert(false);
                }
            }
            for &(_, account) in users.iter().take_while(|&&(since, _)| since < soon) {
                if let Some(moved) = &mut of[account as usize] {
                    *moved = true;
                }
            }
        }
        let observed = of.iter().flatten().count();
        let moved = of.iter().flatten().filter(|&&moved| moved).count();
        launches.sort_unstable();
        Self { share: moved as f64 / observed.max(1) as f64, of, launches }
    }

    /// Launches of new models, ascending: time of the third account's first use, and model.
    pub fn launches(&self) -> &[(Micros, ValueIndex)] {
        &self.launches
    }

    /// True if an account used a new model within a day of its launch; `None` where it was not in use before
    /// and after a launch, or before gathering.
    pub fn of(&self, account: AccountIndex) -> Option<bool> {
        self.of.get(account as usize).copied().flatten()
    }

    /// Share of all accounts in use before and after a launch that moved, 0 to 1; 0 where there are none.
    pub fn share(&self) -> f64 {
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccountId;

    const DAY: Micros = MAX_DELAY;

    #[test]
    fn who_was_there_moves_or_not() {
        let account = |first, last| Account {
            id: AccountId::from("a"),
            exchanges: 1,
            first,
            last,
            created: None,
            verified: None,
        };
        let accounts = [
            account(0, 30 * DAY),
            account(0, 30 * DAY),
            account(0, 30 * DAY),
            account(0, 30 * DAY),
            account(0, 10 * DAY + 5),
            account(11 * DAY, 30 * DAY),
        ];
        // Model 1 is old; model 2 has its third user ten days in.
        let mut uses: Vec<(AccountIndex, ValueIndex, Micros)> = (0..6).map(|at| (at, 1, 0)).collect();
        uses.extend([
            (0, 2, 9 * DAY),
            (1, 2, 10 * DAY),
            (2, 2, 10 * DAY),
            (3, 2, 12 * DAY),
            (5, 2, 11 * DAY),
        ]);
        let moves = Moves::new(&accounts, &uses, 0);
        let found: Vec<Option<bool>> = (0..7).map(|at| moves.of(at)).collect();
        assert_eq!(found, [Some(true), Some(true), Some(true), Some(false), None, None, None]);
        assert_eq!(moves.share(), 0.75);
        assert_eq!(moves.launches(), [(10 * DAY, 2)]);
    }

    #[test]
    fn testers_launch_nothing_and_nothing_is_no_move() {
        let moves = Moves::new(&[], &[(0, 2, 9 * DAY), (1, 2, 10 * DAY)], 0);
        assert_eq!(moves.of(0), None);
        assert_eq!(Moves::default().of(0), None);
    }
}
