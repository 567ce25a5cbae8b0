//! Fields of legal entries that a reader outside does not see, each with its reason.

use serde_json::Value;

use super::shown::is_in;
use crate::bundle::reader::Reader;
use crate::model::{AccountId, AttributeKind};

/// Reason for fields outside the profile.
pub(in crate::bundle) const NOT_IN_PROFILE: &str =
    "not produced: outside the proceeding that this bundle is made for";
const ACCEPTANCE: &str = "privacy: acceptance by accounts that the case does not rely on is left out; the others \
                          stand instead under pseudonyms";

/// Fields that say what an entry is about, which every reader sees.
const SHOWN: [&str; 6] = [
    "/legal/decision",
    "/legal/number",
    "/legal/item/type",
    "/legal/element",
    "/legal/evidence",
    "/legal/is_assigned",
];

/// Verdict on one field.
pub(in crate::bundle) enum Verdict {
    /// By the rules of all other fields.
    Usual,
    /// Disclosed.
    Shown,
    /// Withheld for a reason, with the value shown in its place.
    Withheld(&'static str, Option<Value>),
}

/// Verdict on a field of a legal entry. `get` gives the entry's values by pointer.
pub(in crate::bundle) fn verdict<'a>(
    get: &dyn Fn(&str) -> Option<&'a Value>,
    pointer: &str,
    value: &Value,
    reader: &Reader<'_>,
) -> Verdict {
    let text = |pointer: &str| get(pointer).and_then(Value::as_str).unwrap_or("");
    if SHOWN.contains(&pointer) {
        return Verdict::Shown;
    }
    if !is_in(text, reader.profile) && pointer.starts_with("/legal/") {
        return Verdict::Withheld(NOT_IN_PROFILE, None);
    }
    if text("/legal/item/type") != "acceptance" {
        return Verdict::Usual;
    }
    const LISTS: [&str; 4] = ["accounts", "addresses", "versions", "times"];
    let Some(list) = pointer.strip_prefix("/legal/item/").filter(|list| LISTS.contains(list)) else {
        return Verdict::Usual;
    };
    let rename = |own: &str| match list {
        "accounts" => reader.names.id(&AccountId(own.to_owned())).0,
        "addresses" if !own.is_empty() => reader.names.attribute(AttributeKind::Ip, own),
        "versions" => reader.names.text(own),
        _ => own.to_owned(),
    };
    let accounts = get("/legal/item/accounts").and_then(Value::as_array).into_iter().flatten();
    let is_relied = |own: &Value| reader.relied.contains(&AccountId(own.as_str().unwrap_or("").to_owned()));
    let kept = accounts.map(is_relied).zip(value.as_array().into_iter().flatten());
    let kept = kept.filter(|(is_relied, _)| *is_relied).map(|(_, own)| match own.as_str() {
        Some(text) => rename(text).into(),
        None => own.clone(),
    });
    let kept: Value = kept.collect::<Vec<Value>>().into();
    if kept == *value { Verdict::Shown } else { Verdict::Withheld(ACCEPTANCE, Some(kept)) }
}
