//! Signals: description, inputs and outcome of one measured behaviour.

use std::sync::Arc;

use super::examples::Examples;
use super::linkage::Linkage;
use super::reference::Reference;
use super::rows::{RowColumn, Rows};
use crate::cache::{AccountIndex, Cache, PromptSample, RowId};
use crate::model::Micros;

/// Axis to which a signal contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// Common control of accounts (L1, L2, R5, R6).
    CommonControl,
    /// Extraction-likeness of use (C1–C5, R1–R4, R7).
    Extraction,
}

/// Families of correlated signals; p-values are combined within a family before they are combined across.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignalFamily {
    /// Content of requests (C).
    Content,
    /// Shared attributes (L).
    Link,
    /// Timing of requests (R).
    Rhythm,
}

/// Description of a signal: the one source of the screen's help, the methods appendix and the README's table.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// `C2`.
    pub id: &'static str,
    /// `coverage`.
    pub title: &'static str,
    /// Version, raised when the definition changes.
    pub version: u32,
    /// Unit of the value: `topics in 20 draws`, `bits`.
    pub unit: &'static str,
    /// The definition in words and formula, with the minimum of data.
    pub definition: &'static str,
    /// Author and year.
    pub source: &'static str,
    /// Required canonical columns, each a name or several alternatives (`ip or prompt_text`, `one of ip,
    /// asn`); without one the signal is not testable, see [`missing`](crate::signals::missing).
    pub needs: &'static [&'static str],
    /// Benign behaviour with the same values.
    pub look_alikes: &'static [&'static str],
    /// Column or fact that distinguishes the signal from its benign look-alikes.
    pub tells_apart: &'static str,
    /// Axis.
    pub axis: Axis,
    /// Family.
    pub family: SignalFamily,
    /// True if the upper tail is tested (larger values are more extreme), false if the lower tail is.
    pub tests_upper_tail: bool,
    /// True if the value rises with volume; its peers are then all accounts, since cohorts are made by
    /// volume.
    pub rises_with_volume: bool,
    /// Weight in the z-score of extraction-likeness, 0 to 1; 0 for signals that only describe and for those
    /// of common control.
    pub weight: f64,
}

/// Outcome of measuring an account.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A value in the signal's unit, with exchanges that show it.
    Measured {
        /// The value; finite.
        value: f64,
        /// Exchanges to look at.
        examples: Examples,
    },
    /// Not testable, with the reason: a missing column, too little data. Accounts with the same reason share
    /// one text after [`measure`](super::measure).
    NotApplicable(Arc<str>),
}

impl Outcome {
    /// Outcome that is not testable for this reason.
    pub fn not_applicable(why: impl Into<Arc<str>>) -> Self {
        Self::NotApplicable(why.into())
    }
}

/// Inputs of one account.
pub struct Input<'a> {
    /// The cache, for shared attributes.
    pub cache: &'a Cache,
    /// The account.
    pub account: AccountIndex,
    /// First row of the account; entry `i` of the slices below is row `first_row + i`.
    pub first_row: RowId,
    /// Times of its exchanges, ascending.
    pub ts: &'a [Micros],
    /// Topics of its exchanges ([`NO_TOPIC`](crate::cache::NO_TOPIC) for none); empty without topics.
    pub topics: &'a [u16],
    /// The columns that the signal asked for, see [`Signal::columns`].
    pub rows: Rows<'a>,
    /// Sampled exchanges in order of row; empty unless the signal [reads the
    /// sample](Signal::reads_sample).
    pub sample: &'a [PromptSample],
    /// Links of the case, once linkage has run.
    pub linkage: &'a Linkage,
    /// Figures of the whole case.
    pub reference: &'a Reference,
    /// Seed of random draws.
    pub seed: u64,
}

/// One measured behaviour.
pub trait Signal: Sync {
    /// Its description.
    fn about(&self) -> &'static About;

    /// Columns of exchanges that it reads, beyond time and topic.
    fn columns(&self) -> &'static [RowColumn] {
        &[]
    }

    /// True if it reads the sampled exchanges.
    fn reads_sample(&self) -> bool {
        false
    }

    /// True if the value depends on the account's own exchanges and dates alone, so that it can be measured on
    /// a part of them, see [`Excerpt`](crate::signals::Excerpt).
    fn is_measurable_on_excerpt(&self) -> bool {
        false
    }

    /// Measures one account whose snapshots have the required columns. Pure.
    fn measure(&self, input: &Input<'_>) -> Outcome;

    /// A further sentence beside the value, for a reason. Computed on request, so `input.linkage` and
    /// `input.reference` may be empty. Pure.
    fn detail(&self, _: &Input<'_>) -> Option<String> {
        None
    }
}
