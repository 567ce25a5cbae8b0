//! Kinds of the values of a text file's columns.

use arrow_schema::DataType;

use crate::snapshot::json;
use crate::snapshot::missing::is_placeholder;

/// Kinds of values that a column has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::snapshot) struct Kinds {
    numbers: bool,
    flags: bool,
    texts: bool,
    /// Texts that begin like JSON.
    json_texts: bool,
    /// Objects and lists.
    containers: bool,
}

impl Kinds {
    /// Adds a raw JSON value.
    pub fn add_json(&mut self, raw: &str) {
        match raw.as_bytes().first() {
            Some(b'"') => {
                self.texts = true;
                self.json_texts = self.json_texts || looks_like_json(raw);
            }
            Some(b't' | b'f') => self.flags = true,
            Some(b'-' | b'0'..=b'9') => self.numbers = true,
            _ => self.containers |= json::is_container(raw),
        }
    }

    /// Adds a field of CSV.
    pub fn add_field(&mut self, field: &[u8]) {
        if self.texts || field.is_empty() {
            return;
        }
        let text = std::str::from_utf8(field).unwrap_or("?").trim();
        let begins = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        match () {
            () if is_placeholder(text) => {}
            () if begins && text.parse::<f64>().is_ok() => self.numbers = true,
            () if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
                self.flags = true
            }
            () => self.texts = true,
        }
    }

    /// Type that the values have in common: numbers, flags, or nulls alone; else text. Values are
    /// delivered as text in every case.
    pub fn data_type(self) -> DataType {
        match (self.numbers, self.flags, self.texts || self.containers) {
            (true, false, false) => DataType::Float64,
            (false, true, false) => DataType::Boolean,
            (false, false, false) => DataType::Null,
            _ => DataType::Utf8,
        }
    }

    /// True for a column with objects or lists.
    pub fn has_containers(self) -> bool {
        self.containers
    }

    /// True for a column with objects or lists, and no text that could be mistaken for one.
    pub fn is_json(self) -> bool {
        self.containers && !self.json_texts
    }
}

/// True for a JSON string whose text begins like JSON.
fn looks_like_json(raw: &str) -> bool {
    match raw[1..].trim_start().as_bytes().first() {
        Some(b'[' | b'{') => true,
        Some(b'\\') => {
            json::cell(raw).is_some_and(|text| json::is_container(&String::from_utf8_lossy(&text)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_of_another_kind_makes_a_column_text() {
        let of = |values: &[&str], json: bool| {
            let mut kinds = Kinds::default();
            for value in values {
                if json { kinds.add_json(value) } else { kinds.add_field(value.as_bytes()) }
            }
            (kinds.data_type(), kinds.is_json())
        };
        assert_eq!(of(&["1", "null", "-2.5"], true), (DataType::Float64, false));
        assert_eq!(of(&["1", "\"x\""], true), (DataType::Utf8, false));
        assert_eq!(of(&["true", "null"], true), (DataType::Boolean, false));
        assert_eq!(of(&["null"], true), (DataType::Null, false));
        assert_eq!(of(&["[1]", "\"x\""], true), (DataType::Utf8, true));
        assert_eq!(of(&["[1]", "\" {\""], true), (DataType::Utf8, false));
        assert_eq!(of(&["[1]", "\"\\n{\""], true), (DataType::Utf8, false));
        assert_eq!(of(&["[1]", "\"\\nx\""], true), (DataType::Utf8, true));
        assert_eq!(of(&["1", "", "NULL", "2e3"], false), (DataType::Float64, false));
        assert_eq!(of(&["1", "nan1"], false), (DataType::Utf8, false));
        assert_eq!(of(&["True", "false"], false), (DataType::Boolean, false));
    }
}
