//! Notices to accounts: warnings, suspensions, blocks, appeals, outcomes, revocations.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Document;
use crate::model::{AccountId, LeadRef, Micros};

/// Kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Warning or other notice; access goes on.
    Notice,
    /// Access suspended for a time.
    Suspension,
    /// Access blocked by technical means.
    Block,
    /// Appeal by the account.
    Appeal,
    /// Outcome of an appeal or review.
    Outcome,
    /// Permission to use the service revoked.
    Revocation,
    /// Access given back.
    Reinstatement,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Notice,
        Self::Suspension,
        Self::Block,
        Self::Appeal,
        Self::Outcome,
        Self::Revocation,
        Self::Reinstatement,
    ];

    /// The word of commands and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Suspension => "suspension",
            Self::Block => "block",
            Self::Appeal => "appeal",
            Self::Outcome => "outcome",
            Self::Revocation => "revocation",
            Self::Reinstatement => "reinstatement",
        }
    }

    /// Meaning of the kind, for the help of commands.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Notice => "Warning or other notice; access goes on",
            Self::Suspension => "Access suspended for a time",
            Self::Block => "Access blocked by technical means",
            Self::Appeal => "Appeal by the account",
            Self::Outcome => "Outcome of an appeal or review",
            Self::Revocation => "Permission to use the service revoked",
            Self::Reinstatement => "Access given back",
        }
    }

    /// True for kinds after which exchanges are counted: those that warn of or end the access.
    pub fn counts_after(self) -> bool {
        self.ends_access() || self == Self::Notice
    }

    /// True for kinds that end the access: suspension, block, revocation.
    pub fn ends_access(self) -> bool {
        matches!(self, Self::Suspension | Self::Block | Self::Revocation)
    }
}

/// Notice to an account, or to all accounts of a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Time, microseconds UTC.
    pub at: Micros,
    /// Its kind.
    pub kind: NoticeKind,
    /// Lead whose accounts it went to; `None` for single accounts.
    pub lead: Option<LeadRef>,
    /// Accounts that it went to, those of the lead at the time of recording.
    pub accounts: BTreeSet<AccountId>,
    /// Its text, or what it said.
    pub text: String,
    /// The document.
    pub document: Option<Document>,
}
