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
