//! Reasonable measures that kept information secret.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::model::Micros;

/// Kind of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureKind {
    /// Limits of use.
    Limits,
    /// Contracts.
    Contracts,
    /// Reasoning that is not shown.
    HiddenReasoning,
    /// Monitoring.
    Monitoring,
    /// Tiers of access.
    Tiers,
    /// Watermarks in the answers.
    Watermark,
}

impl MeasureKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Limits,
        Self::Contracts,
        Self::HiddenReasoning,
        Self::Monitoring,
        Self::Tiers,
        Self::Watermark,
    ];

    /// The word of commands and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Contracts => "contracts",
            Self::HiddenReasoning => "hidden-reasoning",
            Self::Monitoring => "monitoring",
            Self::Tiers => "tiers",
            Self::Watermark => "watermark",
        }
    }

    /// Meaning of the kind, for the help of commands.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Limits => "Limits of use",
            Self::Contracts => "Contracts",
            Self::HiddenReasoning => "Reasoning that is not shown",
            Self::Monitoring => "Monitoring",
            Self::Tiers => "Tiers of access",
            Self::Watermark => "Watermarks in the answers",
        }
    }
}

/// One measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its kind.
    pub kind: MeasureKind,
    /// Date from which it was in place, microseconds UTC.
    pub since: Micros,
    /// Its description.
    pub text: String,
    /// The document that shows it.
    pub document: Option<Document>,
}
