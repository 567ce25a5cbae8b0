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

/// Rows of acceptance that are disclosed: those of accounts relied on, by time and then by pseudonym. Any order that
/// follows from the names in clear would help to guess them.
fn kept_rows<'a>(get: &dyn Fn(&str) -> Option<&'a Value>, reader: &Reader<'_>) -> Vec<usize> {
    let list = |name| get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let times = list("/legal/item/times");
    let time = |at: usize| times.get(at).and_then(Value::as_i64);
    let accounts = list("/legal/item/accounts").iter().enumerate();
    let mut kept: Vec<(Option<i64>, String, usize)> = accounts
        .map(|(at, own)| (at, AccountId(own.as_str().unwrap_or("").to_owned())))
        .filter(|(_, account)| reader.relied.contains(account))
        .map(|(at, account)| (time(at), reader.names.id(&account).0, at))
        .collect();
    kept.sort_unstable();
    kept.into_iter().map(|(.., at)| at).collect()
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
    const LISTS: [&str; 5] = ["accounts", "addresses", "versions", "times", "days"];
    let Some(list) = pointer.strip_prefix("/legal/item/").filter(|list| LISTS.contains(list)) else {
        return Verdict::Usual;
    };
    let rename = |own: &str| match list {
        "accounts" => reader.names.id(&AccountId(own.to_owned())).0,
        "addresses" if !own.is_empty() => reader.names.attribute(AttributeKind::Ip, own),
        "versions" => reader.names.text(own),
        _ => own.to_owned(),
    };
    let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let kept = kept_rows(get, reader).into_iter().filter_map(|at| values.get(at));
    let kept = kept.map(|own| own.as_str().map_or_else(|| own.clone(), |text| rename(text).into()));
    let kept: Value = kept.collect::<Vec<Value>>().into();
    if kept == *value { Verdict::Shown } else { Verdict::Withheld(ACCEPTANCE, Some(kept)) }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::bundle::names::Names;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::case::legal::{Acceptance, LegalDecision, LegalItem, Profile};
    use crate::case::values_of;
    use crate::model::Digest;
    use crate::snapshot::AcceptanceRecord;

    /// Records of one day are in the order of the pseudonyms, which says nothing of the names; the lists stay parallel.
    #[test]
    fn rows_of_acceptance_have_the_order_of_pseudonyms() {
        let folder = tempfile::tempdir().unwrap();
        let ids: Vec<String> = (0..20).map(|at| format!("acct_{at:04}")).collect();
        let rows = ids.iter().map(|id| row(id, 1)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let names = Names::pseudonyms(&cache, Digest::of(b"key"), &BTreeSet::new()).unwrap();
        let records = ids.iter().map(|id| AcceptanceRecord {
            account: id.as_str().into(),
            time: 0,
            day_end: Some(9),
            address: format!("10.0.0.{}", &id[7..]),
            version: id[5..].to_owned(),
        });
        let file = Acceptance::of_file("a.csv", Digest::of(b"x"), 1).with_records(records.collect());
        let decision = LegalDecision::Recorded { number: 1, item: LegalItem::Acceptance(file) };
        let body = serde_json::json!({"action": "legal", "legal": decision}).to_string();
        let values: BTreeMap<String, Value> = values_of(&body).into_iter().collect();
        let relied = ids.iter().skip(1).map(|id| id.as_str().into()).collect();
        let reader = Reader {
            names: &names,
            profile: Profile::Recorded,
            relied,
            exculpatory: BTreeMap::new(),
            story: BTreeSet::new(),
        };
        let shown = |name: &str| -> Vec<Value> {
            let pointer = format!("/legal/item/{name}");
            match verdict(&|at| values.get(at), &pointer, &values[&pointer], &reader) {
                Verdict::Withheld(_, Some(Value::Array(kept))) => kept,
                _ => panic!("{name} is not withheld"),
            }
        };
        let accounts: Vec<String> =
            shown("accounts").iter().map(|own| own.as_str().unwrap().to_owned()).collect();
        assert_eq!(accounts.len(), 19);
        assert!(accounts.is_sorted(), "{accounts:?}");
        for (account, version) in accounts.iter().zip(shown("versions")) {
            let id = format!("acct_{}", version.as_str().unwrap());
            assert_eq!(*account, names.id(&id.as_str().into()).0);
        }
        assert_eq!(shown("days").len(), 19);
    }
}
