//! Kinds of the exhibits that a bundle has of a piece of evidence.

use crate::case::{Evidence, EvidenceSource};
use crate::model::Tag;

/// Exhibits made of every scope that is marked, and those made of leads and accounts besides.
const OF_SCOPES: [&str; 4] = ["hour_of_week", "timeline", "coverage", "accounts"];
const OF_GROUPS: [&str; 2] = ["links", "leads"];
/// Exhibits made of every account that is marked.
const OF_ACCOUNTS: [&str; 4] = ["dossier", "accounts", "hour_of_week", "timeline"];

/// Kinds of the exhibits that a bundle has of a piece of evidence; none of an exchange, and none of a control account:
/// it is named so that it can be counted, and its use is disclosed to nobody.
pub fn exhibits_of(evidence: &Evidence) -> Vec<&'static str> {
    if evidence.tag == Tag::Control {
        return Vec::new();
    }
    match &evidence.source {
        EvidenceSource::Exchange { .. } => of_kind("exchange", 1),
        EvidenceSource::Account { .. } => of_kind("account", 1),
        EvidenceSource::Scope { scope, .. } => {
            of_kind("scope", scope.accounts.as_ref().map_or(0, |accounts| accounts.ids.len()))
        }
    }
}

/// Kinds of the exhibits of evidence by the word of its kind and the number of accounts that it names.
pub(super) fn of_kind(kind: &str, accounts: usize) -> Vec<&'static str> {
    match kind {
        "account" => OF_ACCOUNTS.to_vec(),
        "scope" => {
            let of_group = OF_GROUPS.into_iter().filter(|_| accounts > 1);
            OF_SCOPES.into_iter().chain(of_group).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn of(tag: Tag, source: EvidenceSource) -> Vec<&'static str> {
        exhibits_of(&Evidence { id: 1, source, tag, note: String::new(), marked: 0, read_with: None })
    }

    #[test]
    fn kinds_follow_from_the_source() {
        let account = EvidenceSource::Account { account: "a".into() };
        assert!(of(Tag::ReliedOn, account.clone()).contains(&"dossier"));
        assert!(of(Tag::Control, account).is_empty());
        let scope = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).into()).collect();
            EvidenceSource::Scope { scope: Scope::default().with_accounts("g", ids), title: "g".into() }
        };
        assert!(of(Tag::Context, scope(&["a", "b"])).contains(&"links"));
        assert!(!of(Tag::Context, scope(&["a"])).contains(&"links"));
    }
}
