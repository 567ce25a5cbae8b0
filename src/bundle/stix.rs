//! `indicators.stix.json`: attribute values of the leads relied on, for other providers (STIX 2.1).
//!
//! An indicator is a value that at least two core members of a lead relied on share, and that no account
//! outside the leads relied on has. Left out are values of an exculpated, contested or control account, and
//! leads with a benign explanation that is not ruled out: not weighed and open are one rule. An address that is not
//! one party's on the public internet is none. What is left out is counted ([`LeftOut`]). A card is the SHA-256 of its fingerprint; a fingerprint that is
//! short enough to be guessed from its hash is left out. The file has no account, no prompt and no other content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::global_address::is_global;
use super::left_out::LeftOut;
use super::records::pretty;
use super::relied::{Relied, probability};
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::case::{State, Verdict};
use crate::leads::Leads;
use crate::model::{AttributeKind, Digest, Micros, Zone, hmac, is_hostile};

/// Predefined marking TLP:AMBER of STIX 2.1.
const AMBER: &str = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82";
/// Time after the last sighting up to which an indicator is valid: 90 days, in microseconds.
const VALID: Micros = 90 * 86_400_000_000;

/// Bits of a fingerprint below which its hash can be guessed: all such values can be tried.
const GUESSABLE: f64 = 64.0;
/// q-value of a lead above which the confidence of its values is medium, and above which it is low.
const Q: [f64; 2] = [0.05, 0.2];

/// An indicator before it is written.
struct Found {
    value: ValueIndex,
    /// Largest q-value of the leads whose members share the value; `None` where one has none.
    q: Option<f64>,
    accounts: BTreeSet<AccountIndex>,
    first: Micros,
    last: Micros,
}

/// Sentence of every indicator on the explanations of its leads.
pub(super) const RULED_OUT: &str =
    "The investigator weighed and ruled out every benign explanation of their lead.";

/// The indicators as a STIX bundle, their number, and what was left out. `set_aside` are the accounts of exculpatory and control evidence; `key` makes the ids.
pub(super) fn indicators(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    relied: &[Relied],
    set_aside: &BTreeSet<AccountIndex>,
    key: Digest,
) -> (Vec<u8>, usize, LeftOut) {
    let time = state.journal.last().map_or(0, |entry| entry.ts);
    let created = stamp(time);
    let identity = id(key, "identity", &state.name);
    let mut objects = vec![
        json!({
            "type": "identity", "spec_version": "2.1", "id": identity, "created": created, "modified": created,
            "name": "operator of a model API", "identity_class": "organization",
            "object_marking_refs": [AMBER],
        }),
        json!({
            "type": "marking-definition", "spec_version": "2.1", "id": AMBER,
            "created": "2017-01-20T00:00:00.000Z", "definition_type": "tlp", "name": "TLP:AMBER",
            "definition": {"tlp": "amber"},
        }),
    ];
    let first = objects.len();
    let mut left_out = left_out(relied);
    for found in found(cache, leads, relied, set_aside, &mut left_out) {
        let value = &cache.values()[found.value as usize];
        let pattern = match pattern(value.kind, &value.value) {
            Ok(Some(pattern)) => pattern,
            Ok(None) => continue,
            Err(why) => {
                *why.count(&mut left_out) += 1;
                continue;
            }
        };
        objects.push(json!({
            "type": "indicator", "spec_version": "2.1", "id": id(key, "indicator", &pattern),
            "created_by_ref": identity, "created": created, "modified": created,
            "name": format!("{} shared by accounts put forward for review", value.kind.title()),
            "description": format!(
                "Seen on {} accounts put forward for review, and on 0 other accounts of the log. {} {RULED_OUT} The times are \
                 those of the first and last exchange of these accounts, not of the value. It does not say who \
                 operates them or what they intended.",
                found.accounts.len(),
                match found.q {
                    Some(q) => format!("The q-value of their lead is {}.", probability(q)),
                    None => "Their lead has no q-value.".to_owned(),
                }
            ),
            "indicator_types": ["anomalous-activity"],
            "pattern": pattern, "pattern_type": "stix", "pattern_version": "2.1",
            "valid_from": stamp(found.first), "valid_until": stamp(found.last.saturating_add(VALID)),
            "confidence": confidence(found.accounts.len(), found.q),
            "object_marking_refs": [AMBER],
        }));
    }
    let count = objects.len() - first;
    let bundle = json!({"type": "bundle", "id": id(key, "bundle", &created), "objects": objects});
    (pretty(&bundle), count, left_out)
}

/// Leads that are left out as a whole, counted.
fn left_out(relied: &[Relied]) -> LeftOut {
    let mut counts = LeftOut { items: relied.len(), ..LeftOut::default() };
    for lead in relied {
        match unresolved(lead) {
            _ if lead.figures.is_none() => counts.no_leads += 1,
            [0, 0] => {}
            [0, _] => counts.not_ruled_out += 1,
            _ => counts.not_weighed += 1,
        }
    }
    counts
}

/// Values for indicators, by kind and value.
fn found(
    cache: &Cache,
    leads: &Leads,
    relied: &[Relied],
    set_aside: &BTreeSet<AccountIndex>,
    left_out: &mut LeftOut,
) -> Vec<Found> {
    let usable: Vec<&Relied> = relied.iter().filter(|lead| !is_contested(lead)).collect();
    let contested: BTreeSet<AccountIndex> =
        relied.iter().filter(|lead| is_contested(lead)).flat_map(|lead| lead.accounts.clone()).collect();
    let all: BTreeSet<AccountIndex> = usable.iter().flat_map(|lead| lead.accounts.clone()).collect();
    // At least two core members of one lead have to share a value.
    let mut sharing: BTreeMap<ValueIndex, (BTreeSet<AccountIndex>, Option<f64>)> = BTreeMap::new();
    for lead in &usable {
        let group = lead.lead_in(leads);
        let Some(group) = group else { continue };
        let mut within: BTreeMap<ValueIndex, Vec<AccountIndex>> = BTreeMap::new();
        for &account in &group.core {
            for &(value, _) in cache.values_of(account) {
                within.entry(value).or_default().push(account);
            }
        }
        for (value, accounts) in within.into_iter().filter(|(_, accounts)| accounts.len() >= 2) {
            let q = lead.figures.as_ref().and_then(|figures| figures.q);
            let own = sharing.entry(value).or_insert((BTreeSet::new(), Some(0.0)));
            own.0.extend(accounts);
            own.1 = own.1.zip(q).map(|(largest, q)| largest.max(q));
        }
    }
    let is_innocent = |account: &AccountIndex| {
        !all.contains(account) || set_aside.contains(account) || contested.contains(account)
    };
    let is_shared = |kind: AttributeKind| {
        use AttributeKind::{Ip, PaymentFingerprint, TlsFingerprint, UserAgent};
        matches!(kind, Ip | PaymentFingerprint | TlsFingerprint | UserAgent)
    };
    let sharing = sharing.into_iter().filter(|(value, _)| is_shared(cache.values()[*value as usize].kind));
    let (of_others, own): (Vec<_>, Vec<_>) =
        sharing.partition(|(value, _)| cache.accounts_with(*value).iter().any(is_innocent));
    left_out.of_others = of_others.len();
    own.into_iter()
        .map(|(value, (accounts, q))| {
            let members = || accounts.iter().map(|&at| &cache.accounts()[at as usize]);
            let first = members().map(|account| account.first).min().unwrap_or(0);
            let last = members().map(|account| account.last).max().unwrap_or(0);
            Found { value, q, first, last, accounts }
        })
        .collect()
}

/// Explanations of a lead that are not weighed, and those weighed and not ruled out. A benign explanation may explain
/// the lead as long as there is either.
pub(super) fn unresolved(lead: &Relied) -> [usize; 2] {
    let not_weighed = lead.alternatives.iter().filter(|weighed| weighed.stated.is_none()).count();
    let stated = lead.alternatives.iter().filter_map(|weighed| weighed.stated.as_ref());
    [not_weighed, stated.filter(|alternative| alternative.verdict != Verdict::RuledOut).count()]
}

/// True if a benign explanation may explain the lead.
fn is_contested(lead: &Relied) -> bool {
    unresolved(lead) != [0, 0]
}

/// Reason for which a value is no indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    NotGlobal,
    Guessable,
    Words,
}

impl Unfit {
    fn count(self, left_out: &mut LeftOut) -> &mut usize {
        match self {
            Self::NotGlobal => &mut left_out.not_global,
            Self::Guessable => &mut left_out.guessable,
            Self::Words => &mut left_out.unfit,
        }
    }
}

/// STIX pattern of a value; `None` for kinds that are never shared.
fn pattern(kind: AttributeKind, value: &str) -> Result<Option<String>, Unfit> {
    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
    let is_plain = value.chars().all(|c| !is_hostile(c) && !c.is_control());
    Ok(Some(match kind {
        AttributeKind::PaymentFingerprint if bits(value) < GUESSABLE => return Err(Unfit::Guessable),
        AttributeKind::PaymentFingerprint => {
            format!("[x-stillhunt-payment:fingerprint_sha256 = '{}']", Digest::of(value.as_bytes()))
        }
        AttributeKind::Ip => match value.parse().ok().filter(|address| is_global(*address)) {
            None => return Err(Unfit::NotGlobal),
            Some(std::net::IpAddr::V4(address)) => format!("[ipv4-addr:value = '{address}']"),
            Some(std::net::IpAddr::V6(address)) => format!("[ipv6-addr:value = '{address}']"),
        },
        // A user agent may contain its author's address.
        AttributeKind::TlsFingerprint | AttributeKind::UserAgent
            if !is_plain || (kind == AttributeKind::UserAgent && value.contains('@')) =>
        {
            return Err(Unfit::Words);
        }
        AttributeKind::TlsFingerprint => format!("[x-stillhunt-client:tls_fingerprint = '{quoted}']"),
        AttributeKind::UserAgent => format!("[x-stillhunt-client:user_agent = '{quoted}']"),
        _ => return Ok(None),
    }))
}

/// Bits needed to try every value of the same form: characters behind the last mark, each of its kind of alphabet.
fn bits(value: &str) -> f64 {
    let own = value.rsplit(['_', '-', ':', '.']).next().unwrap_or_default();
    let has = |is: fn(&char) -> bool| own.chars().any(|c| is(&c));
    let is_hex =
        own.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c) || ('A'..='F').contains(&c));
    let letters = if is_hex { 6.0 } else { 26.0 };
    let [lower, upper, digits] =
        [has(char::is_ascii_lowercase), has(char::is_ascii_uppercase), has(char::is_ascii_digit)];
    let count = [(lower, letters), (upper, letters), (digits, 10.0)];
    let alphabet: f64 = count.into_iter().filter(|(is, _)| *is).map(|(_, size)| size).sum();
    own.chars().count() as f64 * alphabet.max(1.0).log2()
}

/// Confidence on the scale of STIX, 0 to 100, that the value belongs to the group: by the number of accounts, and at
/// most what the q-value of their lead allows.
pub(super) fn confidence(accounts: usize, q: Option<f64>) -> u8 {
    let by_accounts = match accounts {
        0..=2 => 30,
        3..=9 => 50,
        _ => 70,
    };
    let by_lead = match q {
        Some(q) if q <= Q[0] => 70,
        Some(q) if q <= Q[1] => 50,
        _ => 30,
    };
    by_accounts.min(by_lead)
}

fn stamp(time: Micros) -> String {
    let exact = Zone::utc().format_exact(time);
    // `2026-04-22T00:00:00.000001+00:00` becomes milliseconds with a Z.
    format!("{}Z", exact.get(..23).unwrap_or(&exact))
}

/// A random-looking identifier (UUID version 4 in form), the same for the same case and content.
fn id(key: Digest, kind: &str, content: &str) -> Value {
    let mut bytes = hmac(&key.0, format!("stix\0{kind}\0{content}").as_bytes()).0;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = Digest(bytes).to_string();
    format!("{kind}--{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_that_can_be_guessed_is_left_out() {
        let card = |value| pattern(AttributeKind::PaymentFingerprint, value);
        for guessable in ["pm_1f37285d52", "4242424242424242", "pf_12499dd91a2f83", "visa-4242", "", "a"] {
            assert_eq!(card(guessable), Err(Unfit::Guessable), "{guessable}");
        }
        for long in ["Xt5EWLLDS7FJjR1c", "pm_1f37285d521f37285d52", "card:9f86d081884c7d659a2feaa0c55ad015"] {
            assert!(card(long).is_ok_and(|own| own.is_some()), "{long}");
        }
    }

    #[test]
    fn an_address_that_is_not_one_partys_is_no_indicator() {
        let address = |value| pattern(AttributeKind::Ip, value);
        for own in ["100.119.1.212", "10.0.0.1", "192.0.2.1", "fe80::1", "2001:db8::7", "no address"] {
            assert_eq!(address(own), Err(Unfit::NotGlobal), "{own}");
        }
        assert_eq!(address("8.8.4.4"), Ok(Some("[ipv4-addr:value = '8.8.4.4']".to_owned())));
    }

    #[test]
    fn an_explanation_that_nobody_weighed_counts_as_one_that_is_open() {
        use super::super::relied::{LeadFigures, Weighed};
        use crate::case::Alternative;
        let weighed = |verdict: Option<Verdict>| Weighed {
            explanation: "reseller".into(),
            measured: String::new(),
            stated: verdict.map(|verdict| Alternative {
                lead: "L-000000".into(),
                subject: None,
                explanation: "reseller".into(),
                evidence_for: String::new(),
                evidence_against: String::new(),
                verdict,
            }),
            weighed_for: None,
            beside: Vec::new(),
        };
        let id = "L-000001".parse().unwrap();
        let figures =
            LeadFigures { id, rank: 1, members: [2, 0], p: None, q: None, tested: 1, control: None };
        let lead = |verdicts: &[Option<Verdict>]| Relied {
            evidence: 1,
            name: String::new(),
            lead: None,
            accounts: Vec::new(),
            figures: Some(figures.clone()),
            reasons: Vec::new(),
            alternatives: verdicts.iter().map(|own| weighed(*own)).collect(),
        };
        let ruled_out = lead(&[Some(Verdict::RuledOut), Some(Verdict::RuledOut)]);
        let not_weighed = lead(&[Some(Verdict::RuledOut), None]);
        let open = lead(&[Some(Verdict::Open), Some(Verdict::RuledOut)]);
        assert_eq!([&ruled_out, &not_weighed, &open].map(is_contested), [false, true, true]);
        let counts = left_out(&[ruled_out, not_weighed, open]);
        assert_eq!((counts.items, counts.not_weighed, counts.not_ruled_out, counts.no_leads), (3, 1, 1, 0));
    }

    #[test]
    fn confidence_is_no_higher_than_the_lead_allows() {
        assert_eq!([2, 5, 20].map(|accounts| confidence(accounts, Some(0.01))), [30, 50, 70]);
        assert_eq!([Some(0.1), Some(0.63), None].map(|q| confidence(20, q)), [50, 30, 30]);
    }
}
