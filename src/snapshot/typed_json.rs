//! JSON that writes a type around each value, as DynamoDB does: `{"user": {"S": "u7"}, "tokens": {"N": "12"}}`.

use serde_json::{Map, Number, Value};

/// The plain value of one with its type; `None` for any other value.
fn of_typed(value: &Value) -> Option<Value> {
    let (kind, inner) = value.as_object().filter(|own| own.len() == 1)?.iter().next()?;
    match (kind.as_str(), inner) {
        ("S" | "B", Value::String(_)) | ("BOOL", Value::Bool(_)) => Some(inner.clone()),
        ("N", Value::String(text)) => Some(number(text)),
        ("NULL", Value::Bool(_)) => Some(Value::Null),
        ("SS" | "BS", Value::Array(_)) => Some(inner.clone()),
        ("NS", Value::Array(items)) => {
            Some(items.iter().map(|item| item.as_str().map_or(Value::Null, number)).collect())
        }
        ("L", Value::Array(items)) => {
            items.iter().map(of_typed).collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        ("M", Value::Object(members)) => of_members(members).map(Value::Object),
        _ => None,
    }
}

fn of_members(members: &Map<String, Value>) -> Option<Map<String, Value>> {
    members.iter().map(|(name, value)| Some((name.clone(), of_typed(value)?))).collect()
}

fn number(text: &str) -> Value {
    serde_json::from_str::<Number>(text).map_or_else(|_| Value::from(text), Value::Number)
}

/// The plain value of one with its type, or of an object each of whose members has one; `None` for any other
/// value.
pub(super) fn plain(value: &Value) -> Option<Value> {
    let record = || value.as_object().filter(|own| !own.is_empty()).and_then(of_members).map(Value::Object);
    of_typed(value).or_else(record)
}

/// As [`plain`], of a raw value. Other values are told apart by their first bytes.
pub(super) fn plain_text(raw: &str) -> Option<Value> {
    let inner = raw.trim_start().strip_prefix('{')?.trim_start();
    inner.starts_with('"').then(|| plain(&serde_json::from_str(raw).ok()?))?
}

/// The list or object in one with its type, as raw JSON; `None` for any other value.
pub(super) fn container_of<'a>(entries: &[(std::borrow::Cow<'a, str>, &'a str)]) -> Option<&'a str> {
    let [(kind, inner)] = entries else { return None };
    let first = match kind.as_ref() {
        "M" => '{',
        "L" => '[',
        _ => return None,
    };
    inner.starts_with(first).then_some(*inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_around_values_are_taken_off() {
        let item = json!({
            "user": {"S": "u7"}, "tokens": {"N": "12"}, "stream": {"BOOL": true}, "none": {"NULL": true},
            "tags": {"SS": ["a"]}, "sizes": {"NS": ["1", "2.5"]},
            "messages": {"L": [{"M": {"role": {"S": "user"}, "content": {"S": "Hi"}}}]},
        });
        let expected = json!({
            "user": "u7", "tokens": 12, "stream": true, "none": null, "tags": ["a"], "sizes": [1, 2.5],
            "messages": [{"role": "user", "content": "Hi"}],
        });
        assert_eq!(plain(&item), Some(expected));
        assert_eq!(plain_text("{ \"N\": \"7\" }"), Some(json!(7)));
        for other in
            [json!({}), json!({"S": 1}), json!({"a": "b"}), json!({"a": {"S": "x"}, "b": 1}), json!([1])]
        {
            assert_eq!(plain(&other), None, "{other}");
        }
    }
}
