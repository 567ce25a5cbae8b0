//! Fields of a journal entry, each with a salted commitment of its own.
//!
//! A body of format 2 is a JSON object. Its *fields* are its values that are neither object nor list,
//! and its lists without objects or lists inside, in the order in which the body has them. Each field is
//! one line of JSON, `["SALT","POINTER",VALUE]`: 128 bits of salt as 32 hexadecimal digits, the field's
//! JSON pointer (RFC 6901) and its value. The *commitment* of a field is the SHA-256 of that line without
//! a line end. `body_hash` is the SHA-256 of all commitments in order, as 64 lower-case hexadecimal digits
//! and a line feed each. A salt is the beginning of HMAC-SHA-256 of the pointer, with the body's own field
//! `salt`, which is not a field in this sense, as the key. So a disclosed field says nothing of another's salt.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Digest, hmac};

/// Format of entries that are written now.
pub(super) const FORMAT: u32 = 2;

/// Hexadecimal digits of a field's salt.
const SALT: usize = 32;

/// Field of a journal line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum JournalField {
    /// Disclosed: the exact line whose SHA-256 is the commitment.
    Disclosed {
        /// `["SALT","POINTER",VALUE]`.
        field: String,
    },
    /// Withheld.
    Withheld {
        /// Its JSON pointer.
        withheld: String,
        /// Commitment to its salt, pointer and value.
        commitment: Digest,
        /// Reason for withholding it.
        reason: String,
        /// Text shown in its place, such as a pseudonym; the commitment does not bind it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<Value>,
    },
}

impl JournalField {
    /// Commitment of the field.
    pub fn commitment(&self) -> Digest {
        match self {
            Self::Disclosed { field } => Digest::of(field.as_bytes()),
            Self::Withheld { commitment, .. } => *commitment,
        }
    }

    /// Pointer and value of a disclosed field; `None` for a withheld one and for a line of another form.
    pub fn disclosed(&self) -> Option<(String, Value)> {
        let Self::Disclosed { field } = self else { return None };
        let (_, pointer, value) = serde_json::from_str::<(String, String, Value)>(field).ok()?;
        Some((pointer, value))
    }
}

/// Field of a whole body.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its JSON pointer: `/source/account`.
    pub pointer: String,
    /// Its value.
    pub value: Value,
    /// The line whose SHA-256 is the commitment.
    pub text: String,
}

impl Field {
    /// The field disclosed.
    pub fn shown(&self) -> JournalField {
        JournalField::Disclosed { field: self.text.clone() }
    }

    /// The field withheld, with the text shown in its place.
    pub fn withheld(&self, reason: &str, instead: Option<Value>) -> JournalField {
        JournalField::Withheld {
            withheld: self.pointer.clone(),
            commitment: Digest::of(self.text.as_bytes()),
            reason: reason.to_owned(),
            instead,
        }
    }
}

/// Hash of a body by the rule of its format; `None` where it is no body, or is of format 2 and not
/// written as this program writes one.
pub(super) fn body_hash(body: &str) -> Option<Digest> {
    let parsed: Value = serde_json::from_str(body).ok()?;
    let written = parsed.to_string();
    match parsed.get("format") {
        None => Some(Digest::of(body.as_bytes())),
        Some(_) if written != body => None,
        Some(_) => {
            let fields: Vec<JournalField> = fields_of(body)?.iter().map(Field::shown).collect();
            Some(fields_hash(&fields))
        }
    }
}

/// Hash of a list of fields: SHA-256 of their commitments, a line each.
pub(super) fn fields_hash(fields: &[JournalField]) -> Digest {
    let lines: String = fields.iter().map(|field| format!("{}\n", field.commitment())).collect();
    Digest::of(lines.as_bytes())
}

/// Fields of a body of format 2, in order; `None` for another format.
pub fn fields_of(body: &str) -> Option<Vec<Field>> {
    let mut parsed: Value = serde_json::from_str(body).ok()?;
    if parsed.get("format").and_then(Value::as_u64) != Some(FORMAT.into()) {
        return None;
    }
    let salt = parsed.as_object_mut()?.shift_remove("salt")?;
    let salt = salt.as_str()?.to_owned();
    let mut fields = Vec::new();
    walk(&parsed, String::new(), &mut |pointer, value| {
        let own = hmac(salt.as_bytes(), pointer.as_bytes()).to_string();
        let text = Value::Array(vec![own[..SALT].into(), pointer.into(), value.clone()]).to_string();
        fields.push(Field { pointer: pointer.to_owned(), value: value.clone(), text });
    });
    Some(fields)
}

/// Values of a body of format 1 that are fields in the sense of format 2, without salts.
pub fn values_of(body: &str) -> Vec<(String, Value)> {
    let mut values = Vec::new();
    if let Ok(parsed) = serde_json::from_str::<Value>(body) {
        walk(&parsed, String::new(), &mut |pointer, value| values.push((pointer.to_owned(), value.clone())));
    }
    values.retain(|(pointer, _)| pointer != "/salt");
    values
}

fn walk(value: &Value, pointer: String, found: &mut impl FnMut(&str, &Value)) {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    match value {
        Value::Object(parts) if !parts.is_empty() => {
            for (name, part) in parts {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(part, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(parts) if !parts.iter().all(is_plain) => {
            for (at, part) in parts.iter().enumerate() {
                walk(part, format!("{pointer}/{at}"), found);
            }
        }
        plain => found(&pointer, plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str =
        r#"{"format":2,"seq":1,"salt":"00ff","a/b":{"ids":["x","y"],"deep":[{"z":null},[]],"none":{}}}"#;

    #[test]
    fn fields_are_leaves_and_plain_lists() {
        let fields = fields_of(BODY).unwrap();
        let pointers: Vec<_> = fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/format", "/seq", "/a~1b/ids", "/a~1b/deep/0/z", "/a~1b/deep/1", "/a~1b/none"]
        );
        assert_eq!(fields[2].value, serde_json::json!(["x", "y"]));
    }

    /// Figures of `printf '%s' POINTER | openssl dgst -sha256 -hmac 00ff` and `sha256sum`.
    #[test]
    fn the_rule_is_the_written_one() {
        let fields = fields_of(BODY).unwrap();
        let salt = &hmac(b"00ff", b"/seq").to_string()[..32];
        assert_eq!(fields[1].text, format!("[\"{salt}\",\"/seq\",1]"));
        let lines: String =
            fields.iter().map(|field| format!("{}\n", Digest::of(field.text.as_bytes()))).collect();
        assert_eq!(body_hash(BODY), Some(Digest::of(lines.as_bytes())));
        assert_eq!(body_hash(&BODY.replace(":1,", ": 1,")), None);
    }
}
