//! Decisions of the investigator: evidence marked, explanations weighed, events noted.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Digest, ExchangeRef, LeadRef, Micros, Scope, name_now};

/// Source of a piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EvidenceSource {
    /// One exchange, whose whole record was copied into the case.
    Exchange {
        /// The exchange.
        exchange: ExchangeRef,
        /// Account of the exchange.
        account: AccountId,
        /// Time of the exchange, microseconds UTC.
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
        /// The account.
        account: AccountId,
    },
    /// A scope: the accounts of a lead, or of a view.
    Scope {
        /// The scope. Made from a lead, it holds the reference to it.
        scope: Scope,
        /// Title when it was marked: “lead L-7f31ab”, “linked accounts”.
        title: String,
    },
}

impl EvidenceSource {
    /// Short description; hostile characters are not yet made visible.
    pub fn describe(&self) -> String {
        match self {
            Self::Exchange { exchange, account, .. } => {
                format!("exchange {}#{} of {account}", exchange.file, exchange.row)
            }
            Self::Account { account } => format!("account {account}"),
            Self::Scope { title, .. } => name_now(title),
        }
    }

    /// Subject of decisions on the evidence, whose number is `id`; `None` for an exchange.
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

/// Event outside the log, drawn over every chart of the Rhythm view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvestigatorEvent {
    /// Time, microseconds UTC.
    pub ts: Micros,
    /// Label: “atlas-5 released”.
    pub label: String,
}

/// Verdict of the investigator on a benign explanation.
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

/// Subject of a decision, by an identity that does not change with the ranking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A lead, with its core accounts when the decision was made.
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
    /// Short description; hostile characters are not yet made visible.
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
    /// The subject. Absent in entries of earlier versions, which have the name alone. A name such as
    /// “campaign 1” is a rank and refers to no lead of a later list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The explanation: `reseller`, `shared NAT`, `evaluation vendor`, `university`, `batch customer`.
    pub explanation: String,
    /// Arguments for it.
    pub evidence_for: String,
    /// Arguments against it.
    pub evidence_against: String,
    /// Verdict of the investigator.
    pub verdict: Verdict,
}

impl Alternative {
    /// Explanation of a subject, not yet weighed.
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

    /// Short description of its subject; hostile characters are not yet made visible.
    pub fn weighed_for(&self) -> String {
        self.subject.as_ref().map_or_else(|| name_now(&self.lead), Subject::describe)
    }
}
