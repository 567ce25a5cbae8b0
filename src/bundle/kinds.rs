//! Kinds of the exhibits that a bundle has of a piece of evidence.

use crate::case::EvidenceSource;

/// Exhibits made of every scope that is marked, and those made of leads and accounts besides.
const OF_SCOPES: [&str; 4] = ["hour_of_week", "timeline", "coverage", "accounts"];
const OF_GROUPS: [&str; 2] = ["links", "leads"];
/// Exhibits made of every account that is marked.
const OF_ACCOUNTS: [&str; 4] = ["dossier", "accounts", "hour_of_week", "timeline"];

/// Kinds of the exhibits that a bundle has of a piece of evidence; none of an exchange.
pub fn exhibits_of(source: &EvidenceSource) -> Vec<&'static str> {
    match source {
        EvidenceSource::Exchange { .. } => Vec::new(),
        EvidenceSource::Account { .. } => OF_ACCOUNTS.to_vec(),
        EvidenceSource::Scope { scope, .. } => {
            let of_group = scope.accounts.as_ref().is_some_and(|accounts| accounts.ids.len() > 1);
            let of_group = OF_GROUPS.into_iter().filter(|_| of_group);
            OF_SCOPES.into_iter().chain(of_group).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    #[test]
    fn kinds_follow_from_the_source() {
        let account = EvidenceSource::Account { account: "a".into() };
        assert!(exhibits_of(&account).contains(&"dossier"));
        let scope = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).into()).collect();
            EvidenceSource::Scope { scope: Scope::default().with_accounts("g", ids), title: "g".into() }
        };
        assert!(exhibits_of(&scope(&["a", "b"])).contains(&"links"));
        assert!(!exhibits_of(&scope(&["a"])).contains(&"links"));
    }
}
