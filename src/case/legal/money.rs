//! Prices of tokens, and the loss log.

use serde::{Deserialize, Serialize};

use super::{Amount, Document};
use crate::model::Micros;

/// Stated price of a model's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Model as the log names it; `None` for every model without a price of its own.
    pub model: Option<String>,
    /// Price of a million input tokens.
    pub input: Amount,
    /// Price of a million output tokens.
    pub output: Amount,
    /// Currency: `USD`.
    pub currency: String,
    /// Source of the price.
    pub source: String,
    /// First moment at which it is in force, microseconds UTC; `None` for no beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Micros>,
    /// First moment at which it is no longer in force; `None` for no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Micros>,
}

impl Price {
    /// True if the price is in force at a time.
    pub fn is_in_force(&self, at: Micros) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// True if the price is in force at every time.
    pub fn is_lasting(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }
}

/// Entry of the loss log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Date, microseconds UTC.
    pub date: Micros,
    /// Amount.
    pub amount: Amount,
    /// Currency: `USD`.
    pub currency: String,
    /// Description: what was lost or paid, to whom.
    pub text: String,
    /// The document that shows it.
    pub document: Option<Document>,
}
