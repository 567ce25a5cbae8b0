//! Keys of JSON objects that no program writes.

use serde_json::Value;

use super::super::Fault;

/// Fault of an object of a file that has other keys than these. `None` for a value that is no object, which other
/// checks name.
pub(super) fn other_keys(name: &str, object: &Value, keys: &[&str]) -> Option<Fault> {
    let found = object.as_object()?;
    let other: Vec<&str> = found.keys().map(String::as_str).filter(|key| !keys.contains(key)).collect();
    (!other.is_empty())
        .then(|| Fault::new(name, format!("has keys that no bundle has: {}", other.join(", "))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_too_many_is_named() {
        let of = |object: Value| other_keys("a.json", &object, &["zone", "scopes"]).map(|fault| fault.what);
        assert_eq!(of(json!({"zone": "UTC", "scopes": []})), None);
        assert_eq!(of(json!({"zone": "UTC"})), None, "what is missing is named elsewhere");
        assert!(of(json!({"zone": "UTC", "note": "guilty"})).unwrap().contains("no bundle has: note"));
    }
}
