//! Scope: the accounts, time span, topics and attribute values that a view or an exhibit covers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AccountId, AttributeKind, LeadRef, TimeSpan, Zone, counted, earlier_rank};

/// Set of accounts with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSet {
    /// Name of the set on a chip: “linked accounts”. Without one the chip gives their number, or the id of
    /// the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The lead whose accounts these are, as it was when the scope was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadRef>,
    /// The accounts.
    pub ids: BTreeSet<AccountId>,
}

/// (Accounts without those left out) ∩ time span ∩ topics ∩ attribute values. An absent part does not restrict; the default
/// scope is everything. Attribute values of one kind are alternatives; each kind has to be met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Only these accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountSet>,
    /// Without these accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except: Option<AccountSet>,
    /// Only this span of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<TimeSpan>,
    /// Only these topics: number and the label it had when it was chosen. A label that differs today shows that
    /// the topics were computed anew since.
    #[serde(with = "topics_by_text", skip_serializing_if = "Option::is_none")]
    pub topics: Option<BTreeMap<u16, String>>,
    /// Only exchanges (or accounts, see [`AttributeKind::is_per_exchange`]) with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<AttributeKind, BTreeSet<String>>,
    /// Without the accounts that have one of these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub without: BTreeMap<AttributeKind, BTreeSet<String>>,
}

impl Scope {
    /// True if nothing is restricted.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// The same scope, on one account only.
    #[must_use]
    pub fn with_account(mut self, id: AccountId) -> Self {
        self.accounts = Some(AccountSet { label: None, lead: None, ids: BTreeSet::from([id]) });
        self
    }

    /// The same scope, on a named set of accounts only.
    #[must_use]
    pub fn with_accounts(mut self, label: &str, ids: BTreeSet<AccountId>) -> Self {
        self.accounts = Some(AccountSet { label: Some(label.to_owned()), lead: None, ids });
        self
    }

    /// The same scope, on the accounts of a lead only: its core members and those that joined it.
    #[must_use]
    pub fn with_lead(mut self, lead: LeadRef, ids: BTreeSet<AccountId>) -> Self {
        self.accounts = Some(AccountSet { label: None, lead: Some(lead), ids });
        self
    }

    /// The lead that the scope was made from; `None` for other scopes.
    pub fn lead(&self) -> Option<&LeadRef> {
        self.accounts.as_ref()?.lead.as_ref()
    }

    /// The same scope, in a span of time only.
    #[must_use]
    pub fn with_span(mut self, span: TimeSpan) -> Self {
        self.span = Some(span);
        self
    }

    /// The same scope, on some topics only.
    #[must_use]
    pub fn with_topics(mut self, topics: BTreeMap<u16, String>) -> Self {
        self.topics = Some(topics);
        self
    }

    /// The same scope, with one more value demanded.
    #[must_use]
    pub fn with_value(mut self, kind: AttributeKind, value: &str) -> Self {
        self.attributes.entry(kind).or_default().insert(value.to_owned());
        self
    }

    /// The same scope, without the accounts that have a value.
    #[must_use]
    pub fn without_value(mut self, kind: AttributeKind, value: &str) -> Self {
        self.without.entry(kind).or_default().insert(value.to_owned());
        self
    }

    /// The scope in words, one part after another, hostile characters not yet made visible:
    /// the caption of an exhibit. “all accounts, all time, all topics” when nothing restricts.
    pub fn describe(&self, zone: &Zone) -> String {
        let mut parts = Vec::new();
        parts.push(self.accounts.as_ref().map_or_else(|| "all accounts".to_owned(), AccountSet::describe));
        parts.extend(self.except.as_ref().map(|except| format!("without {}", except.describe())));
        parts.push(self.span.map_or_else(
            || "all time".to_owned(),
            |span| format!("{} to {} {}", zone.format(span.start), zone.format(span.end), zone.name()),
        ));
        parts.push(self.topics.as_ref().map_or_else(
            || "all topics".to_owned(),
            |topics| {
                let named: Vec<_> = topics.iter().map(|(id, label)| format!("{id} ({label})")).collect();
                let plural = if topics.len() == 1 { "topic" } else { "topics" };
                format!("{plural} {}", named.join(", "))
            },
        ));
        for (kind, values) in &self.attributes {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            parts.push(format!("{} {}", kind.title(), values.join(" or ")));
        }
        for (kind, values) in &self.without {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            parts.push(format!("without accounts with {} {}", kind.title(), values.join(" or ")));
        }
        parts.join("; ")
    }
}

impl AccountSet {
    /// The set in words: its lead or label and its size, or the account's own name when it is one.
    pub fn describe(&self) -> String {
        match (self.name(), self.ids.first()) {
            (Some(name), _) => format!("{name} ({})", counted(self.ids.len() as u64, "account", "accounts")),
            (None, Some(only)) if self.ids.len() == 1 => format!("account {only}"),
            (None, _) => counted(self.ids.len() as u64, "account", "accounts"),
        }
    }

    /// The name of the set: `lead L-7f31ab`, or its label; `None` where it has neither.
    pub fn name(&self) -> Option<String> {
        let label = || self.label.as_deref().map(name_now);
        self.lead.as_ref().map(|lead| format!("lead {}", lead.id)).or_else(label)
    }
}

/// Name as it is displayed. `campaign 1` of earlier versions was a rank and is displayed as the rank
/// of an earlier list.
pub fn name_now(name: &str) -> String {
    match earlier_rank(name) {
        Some(rank) => format!("rank {rank} of an earlier list"),
        None => name.to_owned(),
    }
}

/// Topic numbers as text keys: serde cannot read number keys back inside a tagged value, such as
/// a journal entry.
mod topics_by_text {
    use std::collections::BTreeMap;

    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    type Topics = Option<BTreeMap<u16, String>>;

    pub fn serialize<S: Serializer>(topics: &Topics, serializer: S) -> Result<S::Ok, S::Error> {
        topics.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Topics, D::Error> {
        let Some(topics) = Option::<BTreeMap<String, String>>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let parse = |(id, label): (String, String)| Ok((id.parse::<u16>().map_err(D::Error::custom)?, label));
        topics.into_iter().map(parse).collect::<Result<_, _>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_json_and_speaks_plainly() {
        let scope = Scope::default()
            .with_account("acct_1".into())
            .with_span(TimeSpan { start: 0, end: 3_600_000_000 })
            .with_topics(BTreeMap::from([(3, "python · list".into())]))
            .with_value(AttributeKind::Ip24, "10.0.0.0/24");
        let json = serde_json::to_string(&scope).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), scope);
        assert_eq!(
            scope.describe(&Zone::utc()),
            "account acct_1; 1970-01-01 00:00:00 to 1970-01-01 01:00:00 UTC; topic 3 (python · list); /24 10.0.0.0/24"
        );
    }

    #[test]
    fn a_lead_in_a_scope_is_named_by_its_id_and_an_earlier_rank_as_such() {
        let ids: BTreeSet<AccountId> = ["a".into(), "b".into(), "joined".into()].into();
        let lead = LeadRef::of(1, ["a".into(), "b".into()].into());
        let scope = Scope::default().with_lead(lead.clone(), ids.clone());
        let json = serde_json::to_string(&scope).unwrap();
        let read: Scope = serde_json::from_str(&json).unwrap();
        assert_eq!(read.lead(), Some(&lead));
        assert!(scope.describe(&Zone::utc()).starts_with(&format!("lead {} (3 accounts); ", lead.id)));
        let old: Scope =
            serde_json::from_str(r#"{"accounts":{"label":"campaign 1","ids":["a","b"]}}"#).unwrap();
        assert_eq!(old.lead(), None);
        assert!(old.describe(&Zone::utc()).starts_with("rank 1 of an earlier list (2 accounts); "));
    }

    #[test]
    fn what_is_left_out_is_said() {
        let scope = Scope::default().without_value(AttributeKind::Asn, "64500");
        let json = serde_json::to_string(&scope).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), scope);
        assert!(!scope.is_everything());
        assert!(scope.describe(&Zone::utc()).ends_with("; without accounts with ASN 64500"));
    }

    #[test]
    fn accounts_that_are_left_out_are_said() {
        let ids: BTreeSet<AccountId> = ["a".into(), "b".into()].into();
        let except = Some(AccountSet { label: None, lead: None, ids });
        let scope = Scope { except, ..Scope::default() };
        let json = serde_json::to_string(&scope).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), scope);
        assert!(scope.describe(&Zone::utc()).starts_with("all accounts; without 2 accounts; all time"));
    }

    #[test]
    fn everything_is_the_empty_object() {
        assert_eq!(serde_json::to_string(&Scope::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Scope>("{}").unwrap().is_everything());
        assert!(serde_json::from_str::<Scope>("{\"acounts\": 1}").is_err());
    }
}
