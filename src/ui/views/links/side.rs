//! Sides of the accounts where the scope is compared with a second scope.

use egui::{Color32, Visuals};

use crate::cache::AccountIndex;
use crate::query::Selection;
use crate::ui::theme;
use crate::ui::view::ViewContext;

/// Side of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Scope A alone.
    A,
    /// Scope B alone.
    B,
    /// Both.
    Both,
}

impl Side {
    /// Letters of the side.
    pub fn letters(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::Both => "AB",
        }
    }

    /// Colours of the side, one for each scope it is in.
    pub fn colours(self, visuals: &Visuals) -> Vec<Color32> {
        let [a, b] = theme::sides(visuals, true);
        match self {
            Self::A => vec![a],
            Self::B => vec![b],
            Self::Both => vec![a, b],
        }
    }
}

/// The second scope, where its accounts can be drawn with those of the scope: not “everything but B”.
pub fn second<'a>(cx: &ViewContext<'a>) -> Option<&'a Selection> {
    cx.against.filter(|against| !against.negated)?;
    cx.against_selection.map(AsRef::as_ref)
}

/// Side of an account; `None` without a second scope, or for an account of neither.
pub fn of(cx: &ViewContext<'_>, account: AccountIndex) -> Option<Side> {
    let has = |side: &Selection| side.accounts.binary_search(&account).is_ok();
    match [has(cx.selection?), has(second(cx)?)] {
        [true, true] => Some(Side::Both),
        [true, false] => Some(Side::A),
        [false, true] => Some(Side::B),
        [false, false] => None,
    }
}

/// Accounts of either list, ascending; both lists ascend.
pub fn union(a: &[AccountIndex], b: &[AccountIndex]) -> Vec<AccountIndex> {
    let mut all = [a, b].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// `A 3 · B 5`: numbers of accounts by scope; an account of both counts in both.
pub fn counted(sides: impl Iterator<Item = Side>) -> String {
    let mut counts = [0_u64; 2];
    for side in sides {
        counts[0] += u64::from(side != Side::B);
        counts[1] += u64::from(side != Side::A);
    }
    format!("A {} · B {}", counts[0], counts[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_both_scopes_are_listed_once_and_counted_in_both() {
        assert_eq!(union(&[1, 3, 5], &[2, 3]), [1, 2, 3, 5]);
        assert_eq!(counted([Side::A, Side::Both, Side::B, Side::B].into_iter()), "A 2 · B 3");
    }
}
