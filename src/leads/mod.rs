//! From signals to leads: cohorts, conformal p-values, two axes, groups, reasons.
//!
//! A lead is put forward, ranked and explained. Nothing here says who an operator is, what was
//! intended, that a model was trained, or that there is no campaign when nothing fires.

mod as_one;
mod campaign;
mod clusters;
mod cohort;
mod combine;
mod compute;
mod conformal;
pub mod evaluation;
mod extend;
mod facts;
mod group;
mod likeness;
mod packed;
mod reason;
mod stored;

pub use compute::compute;
pub use reason::Reason;
pub use stored::{load, save};

use crate::cache::{AccountIndex, Cache};
use crate::model::TimeSpan;
use crate::signals::context::ContextColumn;
use crate::signals::linkage::Linkage;
use crate::signals::{self, About, Axis, Outcome, Reference, Setting, Signal};

/// One signal over all accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalColumn {
    /// Which signal.
    pub about: &'static About,
    /// One outcome an account.
    pub outcomes: Vec<Outcome>,
    /// Conformal p-value within the cohort; `None` where not testable.
    pub p: Vec<Option<f64>>,
    /// Percentile among the cohort, 0 to 100, in the telling direction; `None` where not testable.
    pub percentile: Vec<Option<f32>>,
}

impl SignalColumn {
    /// The signal it holds; `None` for one that is not in [`signals::ALL`].
    fn signal(&self) -> Option<&'static dyn Signal> {
        signals::ALL.iter().copied().find(|signal| signal.about() == self.about)
    }
}

/// One account in the ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountLead {
    /// Which account.
    pub account: AccountIndex,
    /// 1 is first.
    pub rank: u32,
    /// The larger of −log₁₀ of its own extraction p, and of what it is worth to be like the campaign
    /// it is most like: the campaign's evidence on the same scale, groups being rarer than accounts,
    /// and log₁₀ of the likeness. Monotone in both axes; being linked alone lifts nobody, and
    /// what has no p of its own has 0. Only its order means something.
    pub score: f64,
    /// p-value of extraction-likeness: how many of all other accounts, its own group left out,
    /// show as much in their signals together; `None` where nothing was testable.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg q over all tested accounts.
    pub q_value: Option<f64>,
    /// The campaign it belongs to: position in [`Leads::campaigns`].
    pub campaign: Option<u32>,
    /// The campaign that its behaviour, prompts and what it shares make it most like, among those that
    /// stand out with all of their kind; its own one for most members.
    pub like: Option<Like>,
    /// Position of its cohort in [`Leads::cohorts`].
    pub cohort: u32,
}

/// The least likeness to a campaign that is told of an account.
const TOLD: f32 = 0.1;

/// How alike an account is to a campaign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Like {
    /// Position in [`Leads::campaigns`].
    pub campaign: u32,
    /// 0 to 1: the share of accounts as alike that would be the campaign's, were a model of this case
    /// right. Its error rate has not been measured.
    pub likeness: f32,
}

/// One linked group, put forward as a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignLead {
    /// `campaign 1` is the first of the ranking; also the label on chips and in files.
    pub title: String,
    /// Its accounts, ascending: those that are linked, and those that share too little for a link
    /// of their own but share and behave so that they are likelier in than out. The tests and
    /// bits below are of the linked ones.
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
    /// Axis two: p-value of the group's extraction-likeness, the group counting as one account, its
    /// median member, among all others; `None` where fewer than half were testable. Campaigns are
    /// ranked by what their accounts show on average, which a group of two cannot show as well as
    /// one of twenty; so their p-values need not ascend.
    pub extraction_p: Option<f64>,
    /// Benjamini–Hochberg q over groups; `None` where it is ranked only.
    pub q_value: Option<f64>,
    /// The peers are too few for an error rate: the rank is all there is.
    pub ranked_only: bool,
    /// Why, strongest first.
    pub reasons: Vec<Reason>,
}

/// From which percentile a reason is named in a line: where half of the campaign stands above its peers.
const TELLING: f32 = 50.0;

/// p-value up to which what a group does as one is named in a line.
const RARE: f64 = 0.01;

impl CampaignLead {
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
    /// Campaigns, first rank first.
    pub campaigns: Vec<CampaignLead>,
    /// What each cohort is called, with its size: `coding help × atlas-large × volume 4 of 5 (212 accounts)`.
    pub cohorts: Vec<String>,
}

impl Leads {
    /// Why an account stands where it stands: what campaign it is like, then strongest first one
    /// reason a signal, the not testable ones last with why.
    pub fn reasons(&self, cache: &Cache, account: AccountIndex) -> Vec<Reason> {
        let rank = self.rank_of[account as usize] as usize;
        let cohort = &self.cohorts[self.accounts[rank].cohort as usize];
        let linkage = Linkage::default();
        let reference = Reference::default();
        let setting = Setting { cache, linkage: &linkage, reference: &reference, seed: compute::SEED };
        let all = cohort::all(cache.accounts().len());
        let reason = |column: &SignalColumn| {
            let peers = if column.about.is_a_volume { &all } else { cohort };
            let detail = column.signal().and_then(|signal| setting.detail(signal, account));
            Reason::of_account(column, account, peers, detail)
        };
        let mut reasons: Vec<Reason> = self.signals.iter().map(reason).collect();
        reason::sort(&mut reasons);
        if let Some(like) = self.accounts[rank].like.filter(|like| like.likeness >= TOLD) {
            let campaign = &self.campaigns[like.campaign as usize];
            let own = self.accounts[rank].campaign.map(|own| self.campaigns[own as usize].title.as_str());
            // Told under what makes groups, as facts of a group are.
            if let Some(column) = self.signals.iter().find(|column| column.about.axis == Axis::CommonControl)
            {
                let text = reason::likeness(like.likeness, &campaign.title, own);
                reasons.insert(0, Reason::fact(column.about, "likeness", text));
            }
        }
        reasons
    }
}
