//! Legal decisions as a journal shows them to a reader.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::case::legal::{Element, LegalDecision, LegalItem, Profile};

/// True if a legal entry is part of a profile. `text` gives the entry's values by pointer.
pub(in crate::bundle) fn is_in<'a>(text: impl Fn(&str) -> &'a str, profile: Profile) -> bool {
    match text("/legal/decision") {
        "recorded" => LegalItem::is_in(text("/legal/item/type"), profile),
        "stated" | "assigned" => {
            let element: Option<Element> = text("/legal/element").parse().ok();
            element.is_none_or(|element| element.about().frame.is_in(profile))
        }
        _ => true,
    }
}

/// Decision of a legal entry, made of the values that its line shows; `None` for one outside the profile.
///
/// # Errors
/// The fault of the entry, in words.
pub(in crate::bundle) fn decision(
    values: &BTreeMap<String, Value>,
    profile: Profile,
) -> Result<Option<LegalDecision>, String> {
    if !is_in(|pointer| values.get(pointer).and_then(Value::as_str).unwrap_or(""), profile) {
        return Ok(None);
    }
    let mut whole = Value::Null;
    for (pointer, value) in values {
        if let Some(path) = pointer.strip_prefix("/legal/") {
            put(&mut whole, path, value.clone())
                .ok_or("its legal decision has fields that do not fit together")?;
        }
    }
    let read: Result<LegalDecision, _> = serde_json::from_value(whole);
    read.map(Some).map_err(|error| {
        let why: String = error.to_string().chars().take(200).collect();
        format!("its legal decision is not whole: {why}")
    })
}

/// Puts a value at a path into nested objects; `None` where the path leads through something else.
fn put(whole: &mut Value, path: &str, value: Value) -> Option<()> {
    let mut place = whole;
    for part in path.split('/') {
        let name = part.replace("~1", "/").replace("~0", "~");
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut()?.entry(name).or_insert(Value::Null);
    }
    *place = value;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::legal::{Loss, NoticeKind};
    use crate::case::values_of;

    fn shown(decision: &LegalDecision) -> BTreeMap<String, Value> {
        let body = serde_json::json!({"action": "legal", "legal": decision}).to_string();
        values_of(&body).into_iter().collect()
    }

    #[test]
    fn a_decision_comes_back_from_its_fields() {
        let item = LegalItem::Notice(crate::case::legal::Notice {
            at: 7,
            kind: NoticeKind::Revocation,
            lead: None,
            accounts: ["a/b~c".into(), "d".into()].into(),
            text: "\u{202e}</td>".into(),
            document: None,
        });
        let loss = LegalItem::Loss(Loss {
            date: 1,
            amount: "12.5".parse().unwrap(),
            currency: "USD".into(),
            text: "forensics".into(),
            document: None,
        });
        for decision in [
            LegalDecision::Recorded { number: 3, item },
            LegalDecision::Recorded { number: 4, item: loss },
            LegalDecision::Removed { number: 3 },
            LegalDecision::Stated { element: Element::SecretMeans, text: String::new() },
            LegalDecision::Assigned { element: Element::AccessLoss, evidence: 2, is_assigned: true },
        ] {
            let again = super::decision(&shown(&decision), Profile::Recorded).unwrap();
            assert_eq!(again.as_ref(), Some(&decision));
        }
    }

    #[test]
    fn what_is_outside_the_profile_is_passed_over_and_half_of_one_is_a_fault() {
        let stated = LegalDecision::Stated { element: Element::SecretMeans, text: "x".into() };
        assert_eq!(decision(&shown(&stated), Profile::Terms), Ok(None));
        let mut half = shown(&stated);
        half.remove("/legal/text");
        assert_eq!(decision(&half, Profile::Terms), Ok(None));
        assert!(decision(&half, Profile::TradeSecret).is_err());
        half.insert("/legal/element/deeper".into(), Value::Null);
        assert!(decision(&half, Profile::Recorded).is_err());
    }
}
