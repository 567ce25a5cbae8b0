//! Small texts from outside: a mapping, a scope, a journal.

use stillhunt::case::{JournalLine, check_chain};
use stillhunt::model::{Scope, Zone, visible};
use stillhunt::snapshot::Mapping;

/// A mapping file: read or refused; what is read can be written and read again.
pub fn mapping_toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Mapping::from_toml(text) {
        Ok(mapping) => {
            assert!(mapping.check().is_ok());
            let json = serde_json::to_string(&mapping).expect("a mapping that was read can be written");
            let again: Mapping = serde_json::from_str(&json).expect("and read again");
            assert_eq!(again, mapping);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A scope file: read or refused; what is read is described in words that can be made visible, and is the
/// same when written and read again.
pub fn scope_json(bytes: &[u8]) {
    let Ok(scope) = serde_json::from_slice::<Scope>(bytes) else { return };
    let words = scope.describe(&Zone::utc());
    let words = visible(&words);
    assert!(!words.chars().any(stillhunt::model::is_hostile), "{words:?}");
    let json = serde_json::to_string(&scope).expect("a scope that was read can be written");
    let again: Scope = serde_json::from_str(&json).expect("and read again");
    assert_eq!(again, scope, "{json}");
}

/// The journal of a bundle: lines are read or refused, the chain is checked, and a chain that is
/// found sound no longer is when an entry is left out.
pub fn journal(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let lines: Vec<JournalLine> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let faults = check_chain(&lines);
    assert!(faults.iter().all(|fault| !fault.what.is_empty()));
    if faults.is_empty() && lines.len() > 1 {
        assert!(!check_chain(&lines[1..]).is_empty(), "a chain without its first entry is taken for sound");
    }
}
