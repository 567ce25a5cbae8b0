//! Small cases, leads and truths for the tests of this folder.

use std::ops::Range;
use std::path::Path;

use super::{Class, Truth};
use crate::cache::testing::{cache, row, snapshot};
use crate::cache::{AccountIndex, Cache};
use crate::leads::{AccountLead, GroupLead, Leads};
use crate::model::{AccountId, LeadRef, TimeSpan};

/// A cache with these accounts, one exchange each.
pub(super) fn cache_of(folder: &Path, accounts: &[&str]) -> Cache {
    let rows = accounts.iter().map(|account| row(account, 1)).collect();
    cache(folder, vec![snapshot(folder, &[("x.parquet", rows)])]).0
}

/// Truth from classes: name, true for a campaign, accounts.
pub(super) fn truth_of(classes: &[(&str, bool, Range<AccountIndex>)]) -> Truth {
    let accounts = classes.iter().map(|class| class.2.end).max().unwrap_or(0) as usize;
    let labelled = classes.iter().flat_map(|(name, campaign, accounts)| {
        accounts.clone().map(|account| (account, Class { name: (*name).to_owned(), campaign: *campaign }))
    });
    Truth::new(accounts, labelled)
}

/// Leads in this order over accounts that are ranked by their number.
pub(super) fn leads_of(accounts: u32, campaigns: &[&[AccountIndex]]) -> Leads {
    let account = |account: u32| AccountLead {
        account,
        rank: account + 1,
        score: -f64::from(account),
        p_value: None,
        group: None,
        membership: None,
        nearest: None,
        cohort: 0,
    };
    let campaign = |accounts: &&[AccountIndex]| GroupLead {
        id: LeadRef::of(1, accounts.iter().map(|at| AccountId(at.to_string())).collect()).id,
        core: accounts.to_vec(),
        accounts: accounts.to_vec(),
        exchanges: 1,
        span: TimeSpan { start: 0, end: 1 },
        common_control_bits: 20.0,
        common_control_p: None,
        z_score: None,
        extraction_p: None,
        tested: 0,
        q_value: None,
        ranked_only: true,
        events: Default::default(),
        shares: String::new(),
        reasons: Vec::new(),
    };
    Leads {
        accounts: (0..accounts).map(account).collect(),
        rank_of: (0..accounts).collect(),
        groups: campaigns.iter().map(campaign).collect(),
        ..Leads::default()
    }
}
