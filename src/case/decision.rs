//! What a person decides: evidence marked, explanations weighed, events noted.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Digest, ExchangeRef, LeadRef, Micros, Scope, name_now};

/// What a piece of evidence is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EvidenceSource {
    /// One exchange, whose whole record was copied into the case.
    Exchange {
        /// Which.
        exchange: ExchangeRef,
        /// Whose.
        account: AccountId,
        /// When.
        ts: Micros,
        /// SHA-256 of the copied record.
        record: Digest,
        /// SHA-256 of the record's canonical columns with their mapping; `None` where the record
        /// was copied in format 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reading: Option<Digest>,
    },
    /// An account as a whole.
    Account {
        /// Which.
        account: AccountId,
    },
    /// A scope: the accounts of a lead, or of a view.
    Scope {
        /// The scope. Made from a lead, it holds the reference to it.
        scope: Scope,
        /// Name it had: “lead L-7f31ab”, “linked accounts”.
        title: String,
    },
}

impl EvidenceSource {
    /// What was marked, in a few words; hostile characters not yet made visible.
    pub fn describe(&self) -> String {
        match self {
            Self::Exchange { exchange, account, .. } => {
                format!("exchange {}#{} of {account}", exchange.file, exchange.row)
            }
            Self::Account { account } => format!("account {account}"),
            Self::Scope { title, .. } => name_now(title),
        }
    }

    /// Subject of the decisions on it, `id` being its number; `None` for an exchange.
    pub fn subject(&self, id: u64) -> Option<Subject> {
        match self {
            Self::Exchange { .. } => None,
            Self::Account { account } => Some(Subject::Account { account: account.clone() }),
            Self::Scope { scope, .. } => Some(match scope.lead() {
                Some(lead) => Subject::Lead { lead: lead.clone() },
                None => Subject::Evidence { id },
            }),
        }
    }
}

/// Something that happened outside the log: drawn over every rhythm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvestigatorEvent {
    /// When.
    pub ts: Micros,
    /// What: “atlas-5 released”.
    pub label: String,
}

/// What the investigator made of a benign explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Ruled out by the evidence.
    RuledOut,
    /// Possible, not ruled out.
    Open,
    /// It explains the lead.
    Explains,
}

impl Verdict {
    /// The verdict in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::RuledOut => "ruled out",
            Self::Open => "possible, not ruled out",
            Self::Explains => "explains the lead",
        }
    }
}

/// Subject of a decision, by identities that outlive a new ranking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A lead, with its core accounts at that time.
    Lead {
        /// The lead.
        lead: LeadRef,
    },
    /// An account.
    Account {
        /// The account.
        account: AccountId,
    },
    /// A scope that is no lead, by the number of the evidence it was marked as.
    Evidence {
        /// The number of the evidence.
        id: u64,
    },
}

impl Subject {
    /// The subject in a few words; hostile characters not yet made visible.
    pub fn describe(&self) -> String {
        match self {
            Self::Lead { lead } => format!("lead {}", lead.id),
            Self::Account { account } => format!("account {account}"),
            Self::Evidence { id } => format!("evidence {id}"),
        }
    }
}

/// A benign explanation, weighed by the investigator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Name of the subject when it was weighed: a lead's id, an account's id or a scope's title.
    /// Read only where `subject` is absent.
    pub lead: String,
    /// The subject. Absent in entries of earlier versions, which knew the name alone; a name such
    /// as “campaign 1” was a rank, and belongs to no lead of another list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The explanation: `reseller`, `shared NAT`, `evaluation vendor`, `university`, `batch customer`.
    pub explanation: String,
    /// What speaks for it.
    pub evidence_for: String,
    /// What speaks against it.
    pub evidence_against: String,
    /// What the investigator made of it.
    pub verdict: Verdict,
}

impl Alternative {
    /// An explanation of a subject, not yet weighed.
    pub fn new(subject: Subject, explanation: &str) -> Self {
        let lead = match &subject {
            Subject::Lead { lead } => lead.id.to_string(),
            Subject::Account { account } => account.as_str().to_owned(),
            Subject::Evidence { id } => format!("evidence {id}"),
        };
        Self {
            lead,
            subject: Some(subject),
            explanation: explanation.to_owned(),
            evidence_for: String::new(),
            evidence_against: String::new(),
            verdict: Verdict::Open,
        }
    }

    /// What it was weighed for, in a few words; hostile characters not yet made visible.
    pub fn weighed_for(&self) -> String {
        self.subject.as_ref().map_or_else(|| name_now(&self.lead), Subject::describe)
    }
}
