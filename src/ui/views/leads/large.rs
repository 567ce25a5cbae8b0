//! Figures of a lead that are among the largest of all leads: its size and what its members share.
//!
//! The p-value of a lead is about the behaviour of its accounts. A large group with many shared values is worth
//! reading whatever its p-value is.

use crate::leads::GroupLead;
use crate::model::Family;
use crate::query::group::GroupFacts;
use crate::ui::words;

/// One figure in this many leads is among the largest.
const ONE_IN: usize = 10;
/// Fewest leads of which some are large.
const MIN_LEADS: usize = 10;
/// Least ratio of a large figure to the median of all leads.
const MIN_RATIO: u64 = 2;

/// Explanation of underlined figures.
pub const HINT: &str =
    "Underlined: in the largest tenth of all leads, and at least twice the median. p leaves it out.";

/// Number of figures compared: accounts, then members who share a rare value of each family.
const FIGURES: usize = 1 + Family::ALL.len();

/// Figures of one lead that are large among all leads: accounts, then the families in the order of [`Family::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Large([bool; FIGURES]);

impl Large {
    /// Large figures of every lead, in their order.
    pub fn of_all(groups: &[GroupLead], facts: &[GroupFacts]) -> Vec<Self> {
        let figures: Vec<[u64; FIGURES]> =
            groups.iter().zip(facts).map(|(group, facts)| figures(group, facts)).collect();
        let mut least = [u64::MAX; FIGURES];
        for (at, least) in least.iter_mut().enumerate() {
            *least = least_large(figures.iter().map(|figures| figures[at]).collect());
        }
        let large = |figures: &[u64; FIGURES]| Self(std::array::from_fn(|at| figures[at] >= least[at]));
        figures.iter().map(large).collect()
    }

    /// True if the number of accounts is large.
    pub fn accounts(self) -> bool {
        self.0[0]
    }

    /// True if the number of members who share a rare value is large, by position in [`Family::ALL`].
    pub fn shared(self, family: usize) -> bool {
        self.0[1 + family]
    }

    /// The large figures in a line: `among the largest of 61 leads: 52 accounts; 13 share a rare payment`;
    /// `None` for none.
    pub fn in_words(self, group: &GroupLead, facts: &GroupFacts, leads: usize) -> Option<String> {
        let figures = figures(group, facts);
        let mut parts: Vec<String> = Vec::new();
        if self.accounts() {
            parts.push(words::counted(figures[0], "account", "accounts"));
        }
        for (at, family) in Family::ALL.iter().enumerate().filter(|(at, _)| self.shared(*at)) {
            parts.push(format!("{} share a rare {}", words::count(figures[1 + at]), family.title()));
        }
        let all = words::count(leads as u64);
        (!parts.is_empty()).then(|| format!("among the largest of {all} leads: {}", parts.join("; ")))
    }
}

fn figures(group: &GroupLead, facts: &GroupFacts) -> [u64; FIGURES] {
    std::array::from_fn(|at| match at.checked_sub(1) {
        None => group.accounts.len() as u64,
        Some(family) => u64::from(facts.shared[family].members),
    })
}

/// Least figure that is large; `u64::MAX` for none.
fn least_large(mut figures: Vec<u64>) -> u64 {
    if figures.len() < MIN_LEADS {
        return u64::MAX;
    }
    figures.sort_unstable_by(|a, b| b.cmp(a));
    let bound = MIN_RATIO * figures[figures.len() / 2].max(1);
    let few = figures.len() / ONE_IN;
    // Equal figures are all large, or none is.
    let least = figures[..few].iter().rev().copied().find(|least| *least > figures[few]);
    least.filter(|least| *least >= bound).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_much_larger_figures_are_large() {
        let small = || (0..18).map(|at| 4 + at % 3);
        assert_eq!(least_large(small().chain([52, 50]).collect()), 50);
        assert_eq!(least_large(small().chain([52, 6]).collect()), 52, "6 is an ordinary size");
        assert_eq!(least_large(small().chain([7, 7]).collect()), u64::MAX, "7 is not twice the median");
        assert_eq!(
            least_large(small().chain([52, 52, 52]).collect()),
            u64::MAX,
            "too many for two in twenty"
        );
        assert_eq!(least_large(vec![4, 4, 52]), u64::MAX, "too few leads");
        assert_eq!(least_large(vec![0; 20]), u64::MAX);
    }
}
