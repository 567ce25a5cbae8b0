//! Terms of service: versions, clauses, and breaches of a clause.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::model::Micros;

/// One version of the terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsVersion {
    /// Name of the version: `2026-01`.
    pub version: String,
    /// Beginning of its force, microseconds UTC.
    pub from: Micros,
    /// End of its force; `None` while in force.
    pub to: Option<Micros>,
    /// The document with its text.
    pub document: Option<Document>,
}

/// One clause of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Version that it belongs to.
    pub version: String,
    /// Number or name in it: `4.2`.
    pub clause: String,
    /// Its text.
    pub text: String,
}

/// Breach of a clause, as the investigator states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// Version of the terms.
    pub version: String,
    /// The clause.
    pub clause: String,
    /// Statement of the breach.
    pub text: String,
    /// Numbers of the evidence that shows it, ascending.
    pub evidence: Vec<u64>,
}
