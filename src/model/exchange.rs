//! One exchange as it was read: the values of the canonical columns, and the source row itself.

use super::{Digest, ExchangeRef};

/// Record of one exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Position of the exchange in its snapshot.
    pub exchange: ExchangeRef,
    /// Canonical column name to value under the snapshot's mapping, in canonical order. Times are
    /// whole microseconds UTC, missing values are `null`, embeddings are arrays, and a float that
    /// is not finite is the text `NaN`, `Infinity` or `-Infinity`.
    pub columns: serde_json::Map<String, serde_json::Value>,
    /// The row of the source, every column and every bit. `None` where only the canonical columns
    /// were read, and in copies of format 1.
    pub source: Option<SourceRow>,
}

/// One row of a snapshot's file in the types of the file, with all of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Beginning of an Arrow IPC stream: the schema of the row.
    pub schema: Vec<u8>,
    /// Rest of the stream: one record batch of one row, and the end mark.
    pub row: Vec<u8>,
    /// SHA-256 of the row by the rule in `snapshot::record_hash`.
    pub sha256: Digest,
    /// The mapping under which the canonical columns were read, as JSON.
    pub mapping: String,
}

impl Record {
    /// Hash that evidence carries: that of the source row, or that of the canonical columns as
    /// compact JSON where there is no source row (format 1).
    pub fn digest(&self) -> Digest {
        match &self.source {
            Some(source) => source.sha256,
            None => Digest::of(serde_json::Value::Object(self.columns.clone()).to_string().as_bytes()),
        }
    }

    /// SHA-256 of [`Record::reading`], which evidence carries beside the record's own hash.
    /// `None` without a source row.
    pub fn reading_digest(&self) -> Option<Digest> {
        self.reading().map(|text| Digest::of(text.as_bytes()))
    }

    /// Canonical columns with the mapping under which they were read, as compact JSON. `None`
    /// without a source row.
    pub fn reading(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        // The mapping was written by this program.
        let mapping: serde_json::Value = serde_json::from_str(&source.mapping).unwrap_or_default();
        Some(serde_json::json!({"mapping": mapping, "columns": self.columns}).to_string())
    }

    /// Text of a column; `None` where it is missing, null or not text.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.columns.get(column)?.as_str()
    }
}

/// JSON value of a float: a number, or `NaN`, `Infinity` or `-Infinity` as text.
pub fn float_value(x: f64) -> serde_json::Value {
    if x.is_finite() {
        x.into()
    } else if x.is_nan() {
        "NaN".into()
    } else if x > 0.0 {
        "Infinity".into()
    } else {
        "-Infinity".into()
    }
}

/// The float that [`float_value`] wrote; `None` for anything else.
pub fn float_of(value: &serde_json::Value) -> Option<f64> {
    match value.as_str() {
        None => value.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// One double in eleven changed by one unit in the last place without `float_roundtrip`.
        #[test]
        fn doubles_pass_through_json_with_all_bits(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            let text = float_value(x).to_string();
            let read = float_of(&serde_json::from_str(&text).unwrap()).unwrap();
            prop_assert!(read.to_bits() == bits || (x.is_nan() && read.is_nan()), "{x:?} became {read:?}");
        }
    }
}
