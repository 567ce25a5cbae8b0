//! Redaction of text: rules and lists that find words, and what stands in their place.
//!
//! Words are looked for in a folded form of a text, so that neither invisible characters nor wide letters nor
//! line breaks hide them. What stands in their place is `[REDACTED: e-mail address, R3]`.

mod folded;
mod redactor;
mod rules;
mod secrets;

pub(super) use redactor::{BY_HAND, Hit, Redactor, placeholders, replaced};
