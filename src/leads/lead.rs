//! Leads: the ranked groups and accounts of a case, with their reasons.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cohort;
use super::columns::SignalColumn;
use super::content::EventData;
use super::reason::{self, Reason};
use crate::cache::{AccountIndex, Cache};
use crate::model::{AccountId, LeadId, LeadList, LeadRef, Scope, TimeSpan};
#[cfg(test)]
use crate::signals;
use crate::signals::context::ContextColumn;
use crate::signals::linkage::Linkage;
use crate::signals::{Axis, Reference, Setting};

/// Seed of all random draws. Fixed, so that the same snapshots give the same leads.
pub(super) const SEED: u64 = 1;

/// Version of the method that forms groups, part of every lead's id: goes up when the same
/// snapshots would give groups of other core accounts.
pub(super) const METHOD: u32 = 4;

/// One account in the ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountLead {
    /// Index of the account in the cache.
    pub account: AccountIndex,
    /// Position in the ranking, from 1.
    pub rank: u32,
    /// Score that orders the list. Members of leads that stand out come first, above 100, in the order of the
    /// leads, then by membership probability. For all others it is the largest of −log₁₀ of the account's own
    /// extraction p-value, the score of its most probable linked group, and that of its most probable
    /// community. Only its order has a meaning.
    pub score: f64,
    /// Conformal p-value of extraction-likeness, 0 to 1, among all accounts outside its own group; `None`
    /// where nothing was testable.
    pub p_value: Option<f64>,
    /// Lead of which it is a member: position in [`Leads::groups`].
    pub group: Option<u32>,
    /// Membership probability in that lead, 0 to 1; `None` without a lead, or where the lead does not stand
    /// out and no model was fitted.
    pub membership: Option<f32>,
    /// Most probable lead by behaviour, prompts and shared values, among the outstanding ones; for most
    /// members their own.
    pub nearest: Option<NearestLead>,
    /// Position of its cohort in [`Leads::cohorts`].
    pub cohort: u32,
}

/// Minimum membership probability that is reported as a reason.
const MIN_REPORTED: f32 = 0.1;

/// Most probable lead of an account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearestLead {
    /// Position in [`Leads::groups`].
    pub group: u32,
    /// Membership probability, 0 to 1, by the model of this case. Its error rate has not been measured.
    pub probability: f32,
}

/// One group of accounts, put forward for review.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLead {
    /// Stable id, made from its core accounts. Its rank is its position in [`Leads::groups`].
    pub id: LeadId,
    /// Core members, ascending: the accounts that formed the group. Tests and bits are of these alone.
    pub core: Vec<AccountIndex>,
    /// Core and joined members, ascending. Joined members share too little for a link of their own and were
    /// added by their membership probability.
    pub accounts: Vec<AccountIndex>,
    /// Exchanges of all members.
    pub exchanges: u64,
    /// Time from their first exchange to their last, UTC.
    pub span: TimeSpan,
    /// Axis one, in bits: median over core members of their strongest link to another organisation; 0 for a
    /// group that is one declared organisation.
    pub common_control_bits: f64,
    /// Axis one: p-value of coordination (hand-over, over-homogeneity and the other group measures of common
    /// control), on attributes other than those that linked the group. `None` where nothing was testable, or
    /// beyond the first hundred leads, which alone are measured.
    pub common_control_p: Option<f64>,
    /// Axis two: z-score of extraction-likeness over core and joined members. Linked groups are ranked by it; among
    /// communities it is one of three p-values.
    /// `None` where the core members could not be tested.
    pub z_score: Option<f64>,
    /// Axis two: of a content community the p-value corrected for all communities; of a linked group that of
    /// the core members' median account among all others (Rüger 1978), `None` where
    /// fewer than half of them were testable. Leads are ranked by the z-score of the mean, so their p-values
    /// need not ascend.
    pub extraction_p: Option<f64>,
    /// Benjamini–Hochberg q-value over groups; `None` where it is ranked only.
    pub q_value: Option<f64>,
    /// Number of groups tested, for which the q-value is corrected.
    pub tested: u32,
    /// True if the peers are too few for an error rate: the lead is ranked without a claim about errors.
    pub ranked_only: bool,
    /// Values shared by most pairs of its core accounts, in a line.
    pub shares: String,
    /// Reasons, strongest first.
    pub reasons: Vec<Reason>,
    /// Accounts that its events were counted on.
    pub events: EventData,
}

/// Minimum percentile of a key reason: half of the group is above its peers.
const KEY_PERCENTILE: f32 = 50.0;

/// Largest p-value of a key reason of the group as a whole.
const KEY_P: f64 = 0.01;

impl GroupLead {
    /// Number of joined members.
    pub fn joined(&self) -> usize {
        self.accounts.len() - self.core.len()
    }

    /// True if the account is a core member.
    pub fn is_core(&self, account: AccountIndex) -> bool {
        self.core.binary_search(&account).is_ok()
    }

    /// True for a content community, which similar prompts formed.
    pub fn is_community(&self) -> bool {
        self.reasons.iter().any(|own| own.signal == reason::COMMUNITY_ID)
    }

    /// The name on the screen: `lead L-7f31ab`.
    pub fn name(&self) -> String {
        format!("lead {}", self.id)
    }

    /// The reference that a decision on it keeps.
    pub fn reference(&self, cache: &Cache) -> LeadRef {
        LeadRef { id: self.id.clone(), method: METHOD, core: Arc::new(names(cache, &self.core)) }
    }

    /// The scope of its core and joined members.
    pub fn scope(&self, cache: &Cache) -> Scope {
        Scope::default().with_lead(self.reference(cache), names(cache, &self.accounts))
    }

    /// Key reasons, for places with room for one line, strongest first.
    pub fn key_reasons(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(|reason| match reason.percentile {
            Some(percentile) => percentile >= KEY_PERCENTILE,
            None => reason.p.is_some_and(|p| p <= KEY_P),
        })
    }
}

#[cfg(test)]
impl GroupLead {
    /// Lead of some accounts, ascending, all of them core members, without reasons.
    pub(crate) fn for_test(cache: &Cache, accounts: &[AccountIndex]) -> Self {
        Self {
            id: LeadRef::of(METHOD, names(cache, accounts)).id,
            core: accounts.to_vec(),
            accounts: accounts.to_vec(),
            exchanges: accounts.len() as u64,
            span: TimeSpan { start: 0, end: 1 },
            common_control_bits: 20.0,
            common_control_p: None,
            z_score: None,
            extraction_p: None,
            q_value: None,
            tested: 2,
            ranked_only: true,
            shares: String::new(),
            reasons: Vec::new(),
            events: EventData::default(),
        }
    }

    /// As [`for_test`](Self::for_test), of a content community.
    pub(crate) fn for_community(cache: &Cache, accounts: &[AccountIndex]) -> Self {
        let about = signals::ALL[0].about();
        let reason = Reason::fact(about, "content community", String::new());
        let reason = Reason { signal: reason::COMMUNITY_ID.into(), ..reason };
        Self { reasons: vec![reason], ..Self::for_test(cache, accounts) }
    }
}

/// All leads of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leads {
    /// Signals over accounts, in the order of [`signals::ALL`](crate::signals::ALL).
    pub signals: Vec<SignalColumn>,
    /// Context of accounts, which is not scored, in the order of
    /// [`CONTEXT`](crate::signals::context::CONTEXT).
    pub context: Vec<ContextColumn>,
    /// All accounts, first rank first.
    pub accounts: Vec<AccountLead>,
    /// Position in `accounts` of each account index.
    pub rank_of: Vec<u32>,
    /// Groups put forward, first rank first.
    pub groups: Vec<GroupLead>,
    /// Name of each cohort with its size: `coding help × atlas-large × volume quintile 4 of 5 (212 accounts)`.
    pub cohorts: Vec<String>,
    /// True if they were computed before the end of the text pass: content communities are missing, and the
    /// list, its ids and its figures will be others.
    pub provisional: bool,
}

impl Leads {
    /// The groups as a list that decisions can be placed on.
    pub fn list(&self, cache: &Cache) -> LeadList {
        let list = LeadList::new(self.groups.iter().map(|group| group.reference(cache)).collect());
        if self.provisional { list.incomplete() } else { list }
    }

    /// Membership probability of an account in its lead; `None` without one.
    pub fn membership(&self, account: AccountIndex) -> Option<f32> {
        let rank = *self.rank_of.get(account as usize)?;
        self.accounts.get(rank as usize)?.membership
    }

    /// Reasons of an account's rank: its most probable lead, then one reason a signal, strongest first, then
    /// the signals that were not testable.
    pub fn reasons(&self, cache: &Cache, account: AccountIndex) -> Vec<Reason> {
        let rank = self.rank_of[account as usize] as usize;
        let cohort = &self.cohorts[self.accounts[rank].cohort as usize];
        let linkage = Linkage::default();
        let reference = Reference::default();
        let setting = Setting { cache, linkage: &linkage, reference: &reference, seed: SEED };
        let all = cohort::all(cache.accounts().len());
        let reason = |column: &SignalColumn| {
            let peers = if column.about.rises_with_volume { &all } else { cohort };
            let detail = column.signal().and_then(|signal| setting.detail(signal, account));
            Reason::of_account(column, account, peers, detail)
        };
        let mut reasons: Vec<Reason> = self.signals.iter().map(reason).collect();
        reason::sort(&mut reasons);
        if let Some(nearest) =
            self.accounts[rank].nearest.filter(|nearest| nearest.probability >= MIN_REPORTED)
        {
            let lead = self.groups[nearest.group as usize].name();
            let own = self.accounts[rank].group.map(|own| self.groups[own as usize].name());
            // Reported under the signal of common control, as the facts of a group are.
            if let Some(column) = self.signals.iter().find(|column| column.about.axis == Axis::CommonControl)
            {
                let text = reason::membership(nearest.probability, &lead, own.as_deref());
                reasons.insert(0, Reason::fact(column.about, "membership probability", text));
            }
        }
        reasons
    }
}

/// Ids of the given accounts.
pub(super) fn names(cache: &Cache, accounts: &[AccountIndex]) -> BTreeSet<AccountId> {
    let all = cache.accounts();
    accounts
        .iter()
        .filter_map(|&account| all.get(account as usize))
        .map(|account| account.id.clone())
        .collect()
}
