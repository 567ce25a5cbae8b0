//! Leads: the ranked groups and accounts of a case, with their reasons.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cohort;
use super::columns::SignalColumn;
use super::reason::{self, Reason};
use crate::cache::{AccountIndex, Cache};
use crate::model::{AccountId, LeadId, LeadList, LeadRef, Scope, TimeSpan};
use crate::signals::context::ContextColumn;
use crate::signals::linkage::Linkage;
use crate::signals::{Axis, Reference, Setting};

/// Seed of all that is drawn. Fixed, so that the same snapshots give the same leads.
pub(super) const SEED: u64 = 1;

/// Version of the method that forms groups, part of every lead's id: goes up when the same
/// snapshots would give groups of other core accounts.
pub(super) const METHOD: u32 = 1;

/// One account in the ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountLead {
    /// Which account.
    pub account: AccountIndex,
    /// 1 is first.
    pub rank: u32,
    /// The larger of −log₁₀ of its own extraction p, and of what it is worth to be like the group
    /// it is most like: the group's evidence on the same scale, groups being rarer than accounts,
    /// and log₁₀ of the likeness. Monotone in both axes; being linked alone lifts nobody, and
    /// what has no p of its own has 0. Only its order means something.
    pub score: f64,
    /// p-value of extraction-likeness: how many of all other accounts, its own group left out,
    /// show as much in their signals together; `None` where nothing was testable.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg q over all tested accounts.
    pub q_value: Option<f64>,
    /// The lead it is a member of: position in [`Leads::groups`].
    pub group: Option<u32>,
    /// Membership probability in that lead, 0 to 1; `None` without a lead, or where no model was made
    /// of it because it does not stand out.
    pub membership: Option<f32>,
    /// The lead that its behaviour, prompts and what it shares make it most like, among those that
    /// stand out with all of their kind; its own one for most members.
    pub like: Option<Like>,
    /// Position of its cohort in [`Leads::cohorts`].
    pub cohort: u32,
}

/// The least likeness to a lead that is told of an account.
const TOLD: f32 = 0.1;

/// How alike an account is to a lead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Like {
    /// Position in [`Leads::groups`].
    pub group: u32,
    /// 0 to 1: the share of accounts as alike that would be the lead's, were a model of this case
    /// right. Its error rate has not been measured.
    pub likeness: f32,
}

/// One linked group, put forward for review.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLead {
    /// Its id, made from its core accounts. Its rank is its position in [`Leads::groups`].
    pub id: LeadId,
    /// Core members: the accounts that formed it, ascending. Its tests and bits are of these.
    pub core: Vec<AccountIndex>,
    /// Core and joined members, ascending. Joined members share too little for a link of their
    /// own, but share and behave so that they are likelier in than out.
    pub accounts: Vec<AccountIndex>,
    /// Their exchanges.
    pub exchanges: u64,
    /// From their first exchange to their last.
    pub span: TimeSpan,
    /// Axis one: how strongly the accounts are tied, in bits (median over members of their
    /// strongest link to another organisation); 0 for a group that is one declared organisation.
    pub common_control_bits: f64,
    /// Axis one, measured on what does not rest on the kinds of attributes that tie the group: p-value of its accounts' acting as one, by hand-over,
    /// over-homogeneity and what else unrelated accounts do not do. `None` where nothing was testable, or so
    /// far down the ranking that it was not measured.
    pub common_control_p: Option<f64>,
    /// Evidence of extraction-likeness that orders the list: z-score of the group over core and joined
    /// members. `None` where the core members could not be tested.
    pub z_score: Option<f64>,
    /// Axis two: p-value of the group's extraction-likeness, the group counting as one account, its
    /// median member, among all others; `None` where fewer than half were testable. Leads are
    /// ranked by what their accounts show on average, which a group of two cannot show as well as
    /// one of twenty; so their p-values need not ascend.
    pub extraction_p: Option<f64>,
    /// Benjamini–Hochberg q over groups; `None` where it is ranked only.
    pub q_value: Option<f64>,
    /// Groups tested with it, for which the q-value is corrected.
    pub tested: u32,
    /// The peers are too few for an error rate: the rank is all there is.
    pub ranked_only: bool,
    /// What ties its core accounts, in a line: the values that tie most pairs first.
    pub shares: String,
    /// Why, strongest first.
    pub reasons: Vec<Reason>,
}

/// From which percentile a reason is named in a line: where half of the group stands above its peers.
const TELLING: f32 = 50.0;

/// p-value up to which what a group does as one is named in a line.
const RARE: f64 = 0.01;

impl GroupLead {
    /// Members that joined the core, as many as there are.
    pub fn joined(&self) -> usize {
        self.accounts.len() - self.core.len()
    }

    /// Whether an account is a core member.
    pub fn is_core(&self, account: AccountIndex) -> bool {
        self.core.binary_search(&account).is_ok()
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

    /// The reasons that are named where there is room for a line, strongest first.
    pub fn telling(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(|reason| match reason.percentile {
            Some(percentile) => percentile >= TELLING,
            None => reason.p.is_some_and(|p| p <= RARE),
        })
    }
}

/// All leads of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leads {
    /// Signals over accounts, in the order of [`signals::ALL`](crate::signals::ALL).
    pub signals: Vec<SignalColumn>,
    /// What is told of accounts and scores nothing, in the order of
    /// [`CONTEXT`](crate::signals::context::CONTEXT).
    pub context: Vec<ContextColumn>,
    /// All accounts, first rank first.
    pub accounts: Vec<AccountLead>,
    /// Position in `accounts` of each account index.
    pub rank_of: Vec<u32>,
    /// Linked groups put forward, first rank first.
    pub groups: Vec<GroupLead>,
    /// What each cohort is called, with its size: `coding help × atlas-large × volume 4 of 5 (212 accounts)`.
    pub cohorts: Vec<String>,
}

impl Leads {
    /// The groups as a list that decisions can be placed on.
    pub fn list(&self, cache: &Cache) -> LeadList {
        LeadList::new(self.groups.iter().map(|group| group.reference(cache)).collect())
    }

    /// Why an account stands where it stands: what lead it is like, then strongest first one
    /// reason a signal, the not testable ones last with why.
    pub fn reasons(&self, cache: &Cache, account: AccountIndex) -> Vec<Reason> {
        let rank = self.rank_of[account as usize] as usize;
        let cohort = &self.cohorts[self.accounts[rank].cohort as usize];
        let linkage = Linkage::default();
        let reference = Reference::default();
        let setting = Setting { cache, linkage: &linkage, reference: &reference, seed: SEED };
        let all = cohort::all(cache.accounts().len());
        let reason = |column: &SignalColumn| {
            let peers = if column.about.is_a_volume { &all } else { cohort };
            let detail = column.signal().and_then(|signal| setting.detail(signal, account));
            Reason::of_account(column, account, peers, detail)
        };
        let mut reasons: Vec<Reason> = self.signals.iter().map(reason).collect();
        reason::sort(&mut reasons);
        if let Some(like) = self.accounts[rank].like.filter(|like| like.likeness >= TOLD) {
            let near = self.groups[like.group as usize].name();
            let own = self.accounts[rank].group.map(|own| self.groups[own as usize].name());
            // Told under what makes groups, as facts of a group are.
            if let Some(column) = self.signals.iter().find(|column| column.about.axis == Axis::CommonControl)
            {
                let text = reason::likeness(like.likeness, &near, own.as_deref());
                reasons.insert(0, Reason::fact(column.about, "likeness", text));
            }
        }
        reasons
    }
}

/// Ids of some accounts.
pub(super) fn names(cache: &Cache, accounts: &[AccountIndex]) -> BTreeSet<AccountId> {
    let all = cache.accounts();
    accounts
        .iter()
        .filter_map(|&account| all.get(account as usize))
        .map(|account| account.id.clone())
        .collect()
}
