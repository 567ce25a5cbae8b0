//! One exchange as its snapshot has it, every column, as text-and-number values.

use serde::{Deserialize, Serialize};

use super::{Digest, ExchangeRef};

/// The whole record of one exchange, verbatim, under its canonical column names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Where it stands.
    pub exchange: ExchangeRef,
    /// Canonical column name to value, in canonical order. Times are whole microseconds UTC,
    /// missing values are `null`, embeddings are arrays.
    pub columns: serde_json::Map<String, serde_json::Value>,
}

impl Record {
    /// SHA-256 of the record's columns as compact JSON: the hash that evidence carries.
    pub fn digest(&self) -> Digest {
        Digest::of(serde_json::Value::Object(self.columns.clone()).to_string().as_bytes())
    }

    /// A column's text; `None` where it is missing, null or not text.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.columns.get(column)?.as_str()
    }
}
