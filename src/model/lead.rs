//! Identity of a lead: an id made from its core accounts, and the reference a decision keeps.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AccountId, Digest, ParseIdError};

/// Prefix of every lead's id.
const PREFIX: &str = "L-";

/// Minimum number of hexadecimal digits of an id. One list of 65 leads in 8,000 needs more.
const DIGITS: usize = 6;

/// Id of a lead: `L-` and six lower-case hexadecimal digits, `L-7f31ab`.
///
/// The digits are the first of SHA-256 over the netstrings (Bernstein 1997: length in decimal, `:`,
/// bytes, `,`) of the method's version in decimal and of each core account's id, ascending by
/// bytes, each id once. Version 1 and the accounts `a` and `bc` give SHA-256 of `1:1,1:a,2:bc,`.
///
/// Leads of one list that begin with the same six digits get as many more digits as make each id
/// unique in the list. The order of the list makes no difference.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeadId(String);

impl LeadId {
    /// The ids of the leads of one list, in its order.
    pub fn of_list(digests: &[Digest]) -> Vec<Self> {
        let mut sorted: Vec<String> = digests.iter().map(ToString::to_string).collect();
        sorted.sort_unstable();
        let id = |digest: &Digest| {
            let own = digest.to_string();
            let at = sorted.partition_point(|other| *other < own);
            let before = at.checked_sub(1).map_or(0, |before| common_prefix(&sorted[before], &own));
            let after = sorted.get(at + 1).map_or(0, |after| common_prefix(after, &own));
            let digits = (before.max(after) + 1).clamp(DIGITS, own.len());
            Self(format!("{PREFIX}{}", &own[..digits]))
        };
        digests.iter().map(id).collect()
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True if the id is the beginning of this digest.
    pub fn names(&self, digest: &Digest) -> bool {
        digest.to_string().starts_with(&self.0[PREFIX.len()..])
    }
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LeadId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let digits = text.strip_prefix(PREFIX).unwrap_or_default();
        let is_hex = digits.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && (DIGITS..=64).contains(&digits.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError::new(text, "the id of a lead, which is written L-7f31ab"))
        }
    }
}

impl Serialize for LeadId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LeadId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Reference to a lead as it was when a decision was made on it. Holds no rank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeadRef {
    /// The id it had.
    pub id: LeadId,
    /// Version of the method that formed it.
    pub method: u32,
    /// Its core accounts; those that joined it are not part of its identity. Shared, since a lead
    /// may have many thousand and every decision on it refers to them.
    #[serde(with = "shared")]
    pub core: Arc<BTreeSet<AccountId>>,
}

impl LeadRef {
    /// SHA-256 of a lead, of which its id is the beginning. See [`LeadId`] for the rule.
    pub fn digest(method: u32, core: &BTreeSet<AccountId>) -> Digest {
        let mut bytes = Vec::new();
        netstring(&mut bytes, method.to_string().as_bytes());
        core.iter().for_each(|id| netstring(&mut bytes, id.as_str().as_bytes()));
        Digest::of(&bytes)
    }

    /// Reference of a lead that is alone in its list.
    pub fn of(method: u32, core: BTreeSet<AccountId>) -> Self {
        let digest = Self::digest(method, &core).to_string();
        Self { id: LeadId(format!("{PREFIX}{}", &digest[..DIGITS])), method, core: Arc::new(core) }
    }

    /// True if the id is that of these core accounts; false in a file that someone has altered.
    pub fn is_consistent(&self) -> bool {
        self.id.names(&Self::digest(self.method, &self.core))
    }
}

/// Core accounts as a plain list.
mod shared {
    use super::{AccountId, Arc, BTreeSet, Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub fn serialize<S: Serializer>(
        core: &Arc<BTreeSet<AccountId>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        core.as_ref().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<BTreeSet<AccountId>>, D::Error> {
        BTreeSet::deserialize(deserializer).map(Arc::new)
    }
}

fn netstring(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes.len().to_string().as_bytes());
    out.push(b':');
    out.extend_from_slice(bytes);
    out.push(b',');
}

/// Rank in a name such as `campaign 3`, by which versions before [`LeadId`] named leads.
pub fn earlier_rank(name: &str) -> Option<u32> {
    let rank: u32 = name.strip_prefix("campaign ")?.parse().ok()?;
    (name == format!("campaign {rank}")).then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(ids: &[&str]) -> BTreeSet<AccountId> {
        ids.iter().map(|&id| id.into()).collect()
    }

    #[test]
    fn the_bytes_that_are_hashed_are_those_of_the_rule() {
        assert_eq!(LeadRef::digest(1, &accounts(&["bc", "a"])), Digest::of(b"1:1,1:a,2:bc,"));
        let lead = LeadRef::of(1, accounts(&["a", "bc"]));
        assert_eq!(lead.id.as_str(), format!("L-{}", &Digest::of(b"1:1,1:a,2:bc,").to_string()[..6]));
        assert!(lead.is_consistent());
        assert!(!LeadRef { method: 2, ..lead }.is_consistent());
    }

    #[test]
    fn ids_that_hold_separators_are_not_confused() {
        let one = LeadRef::digest(1, &accounts(&["a,1:b"]));
        assert_ne!(one, LeadRef::digest(1, &accounts(&["a", "b"])));
        assert_ne!(one, LeadRef::digest(1, &accounts(&["a\n1:b", ""])));
    }

    #[test]
    fn leads_that_begin_alike_get_more_digits_and_no_others() {
        let digest = |text: &str| format!("{text:0<64}").parse::<Digest>().unwrap();
        let list = [digest("7f31ab1"), digest("91c2d0"), digest("7f31ab2"), digest("7f31ab20f")];
        let ids = LeadId::of_list(&list);
        let written: Vec<&str> = ids.iter().map(LeadId::as_str).collect();
        assert_eq!(written, ["L-7f31ab1", "L-91c2d0", "L-7f31ab200", "L-7f31ab20f"]);
        let mut turned = list;
        turned.reverse();
        let again: Vec<LeadId> = LeadId::of_list(&turned).into_iter().rev().collect();
        assert_eq!(again, ids, "the order of the list makes no difference");
        assert!(ids.iter().zip(&list).all(|(id, digest)| id.names(digest)));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "1", "campaign 1", "7f31ab", "L-7f31a", "L-7F31AB", "L-7f31ag", "L-é7f31a"] {
            assert!(text.parse::<LeadId>().is_err(), "{text}");
        }
        assert_eq!("L-7f31ab".parse::<LeadId>().unwrap().to_string(), "L-7f31ab");
    }

    #[test]
    fn names_of_earlier_versions_are_recognised() {
        assert_eq!(earlier_rank("campaign 12"), Some(12));
        for name in ["campaign", "campaign 01", "campaign 1b", "Campaign 1", "L-7f31ab"] {
            assert_eq!(earlier_rank(name), None, "{name}");
        }
    }
}
