//! L1, shared rare values: rarity of the attribute values that the account shares with another, in bits.

use super::{About, Axis, Examples, Input, Outcome, Signal, SignalFamily};
use crate::cache::AccountIndex;
use crate::model::{AttributeKind, Family, counted, visible};

/// Maximum number of characters of a value in a sentence.
const MAX_VALUE_CHARS: usize = 60;

const ABOUT: About = About {
    id: "L1",
    title: "shared rare values",
    version: 1,
    unit: "bits",
    definition: "Strongest tie of the account to an account of another organisation, in bits. Shared values count \
                 in five families: network (IP, /24, ASN), client (TLS fingerprint, user agent), payment, sign-up \
                 (email domain, burst) and prompt template. A tie is the sum over families of the largest log₂((m \
                 + ½) / (u + ½)); u of the m accounts outside both groups have the value. A declared organisation \
                 counts once. 0 where no rare value is shared.",
    source: "Fellegi & Sunter 1969",
    needs: &["one of ip, asn, user_agent, tls_fingerprint, payment_fingerprint, email_domain, prompt_text"],
    look_alikes: &["an agency", "an enterprise", "a reseller", "a household or campus"],
    tells_apart: "org_id: a declared organisation; payment_fingerprint: who pays for all of them",
    axis: Axis::CommonControl,
    family: SignalFamily::Link,
    tests_upper_tail: true,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct SharedValues;

impl Signal for SharedValues {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        if !input.linkage.testable {
            return Outcome::not_applicable("the snapshot has no column with values that accounts can share");
        }
        let value = f64::from(input.linkage.strongest[input.account as usize]);
        Outcome::Measured { value, examples: Examples::default() }
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let cache = input.cache;
        let organisation = |account: AccountIndex| {
            cache.values_of(account).iter().find(|(v, _)| {
                cache.values()[*v as usize].kind == AttributeKind::OrgId && !cache.is_of_everybody(*v)
            })
        };
        let own = organisation(input.account).map(|&(value, _)| value);
        let is_other = |&account: &AccountIndex| {
            account != input.account
                && (own.is_none() || organisation(account).map(|&(value, _)| value) != own)
        };
        let named: Vec<String> = Family::ALL
            .into_iter()
            .filter_map(|family| {
                let values = cache.values_of(input.account).iter().map(|&(value, _)| value);
                values
                    .filter(|&value| cache.values()[value as usize].kind.family() == Some(family))
                    .filter(|&value| cache.accounts_with(value).iter().any(is_other))
                    .min_by_key(|&value| (cache.values()[value as usize].accounts, value))
            })
            .map(|value| &cache.values()[value as usize])
            .map(|value| {
                let short: String = value.value.chars().take(MAX_VALUE_CHARS).collect();
                let accounts = counted(value.accounts.into(), "account", "accounts");
                format!("{} {} ({accounts})", value.kind.title_of(&value.value), visible(&short))
            })
            .collect();
        (!named.is_empty()).then(|| {
            format!("Rarest values shared with another organisation, by family: {}.", named.join(", "))
        })
    }
}
