//! Countries and IP addresses in them: residential lines, data centres and shared exits.
//!
//! The addresses are from reserved ranges that no host on the internet has.

use super::account::{Address, Group};
use super::campaign::{Addresses, Campaign};
use super::draw::{Draw, Purpose};
use super::kind::{Client, Kind, Rhythm};
use super::plan::Plan;

/// A country with its hours from UTC, its share of accounts, its language.
#[derive(Debug)]
pub struct Place {
    /// ISO 3166 code.
    pub country: &'static str,
    /// Hours to add to UTC.
    pub offset: f64,
    /// Share of accounts.
    pub share: f64,
    /// Language its people speak, ISO 639-1.
    pub language: &'static str,
}

const fn place(country: &'static str, offset: f64, share: f64, language: &'static str) -> Place {
    Place { country, offset, share, language }
}

/// Countries of accounts; their shares add up to 1. A static, since other files refer to a country by
/// its address here.
pub static PLACES: [Place; 16] = [
    place("US", -5.0, 0.22, "en"),
    place("US", -8.0, 0.12, "en"),
    place("GB", 1.0, 0.09, "en"),
    place("DE", 2.0, 0.08, "de"),
    place("FR", 2.0, 0.06, "fr"),
    place("ES", 2.0, 0.04, "es"),
    place("IN", 5.5, 0.10, "en"),
    place("JP", 9.0, 0.06, "ja"),
    place("BR", -3.0, 0.04, "en"),
    place("MX", -6.0, 0.03, "es"),
    place("CA", -4.0, 0.04, "en"),
    place("AU", 10.0, 0.03, "en"),
    place("TW", 8.0, 0.03, "zh"),
    place("SG", 8.0, 0.03, "zh"),
    place("PL", 2.0, 0.02, "en"),
    place("NG", 1.0, 0.01, "en"),
];

/// An address of a line at home, from its country's range.
fn home(place: &Place, draw: &mut Draw) -> Address {
    let range = PLACES.iter().position(|other| std::ptr::eq(other, place)).unwrap_or(0);
    line(range, place.country, draw)
}

/// An address in 100.64.0.0/10, where each country has four providers with a /16 each.
fn line(range: usize, country: &'static str, draw: &mut Draw) -> Address {
    let provider = draw.weighted(&[0.5, 0.25, 0.15, 0.1]);
    let second = 64 + range * 4 + provider;
    let asn = 64_600 + (range * 4 + provider) as i64;
    let ip = if draw.chance(0.12) {
        format!("2001:db8:{second:x}:{:x}::{:x}", draw.below(65_536), 1 + draw.below(65_535))
    } else {
        format!("100.{second}.{}.{}", draw.below(256), 1 + draw.below(254))
    };
    Address { ip, asn, country }
}

/// A machine in a data centre: 198.18.0.0/15.
fn hosted(draw: &mut Draw) -> Address {
    let cloud = draw.below(2);
    let country = ["US", "DE"][draw.weighted(&[0.7, 0.3])];
    let ip = format!("198.{}.{}.{}", 18 + cloud, draw.below(256), 1 + draw.below(254));
    Address { ip, asn: 64_520 + cloud as i64, country }
}

/// The addresses of an account of no campaign, most used first.
pub fn innocent_addresses(
    kind: &Kind,
    group: &Group,
    place: &Place,
    own: &mut Draw,
    shared: &mut Draw,
) -> Vec<Address> {
    let number = (group.key & 0xf_ffff) as usize;
    match (kind.client, kind.label) {
        (Client::Nat, "vpn_exit") => (0..3)
            .map(|_| Address {
                ip: format!("203.0.113.{}", 1 + (number * 6 + own.below(6)) % 254),
                asn: 64_540,
                country: "SE",
            })
            .collect(),
        (Client::Nat, "carrier_nat") => {
            let base = home(place, shared);
            let prefix = format!("100.127.{}", number % 256);
            (0..2).map(|_| Address { ip: format!("{prefix}.{}", 1 + own.below(4)), ..base.clone() }).collect()
        }
        (Client::Nat, _) => {
            let of_kind = group.key >> 20 & 0x3ff;
            let nat = Address {
                ip: format!("100.125.{of_kind}.{}", 1 + number % 254),
                asn: 64_550 + ((of_kind as usize * 7 + number) % 40) as i64,
                country: place.country,
            };
            vec![nat, home(place, own)]
        }
        (Client::Server, _) if kind.one_payer => (0..4).map(|_| hosted(shared)).collect(),
        (Client::Server, _) => (0..1 + own.below(4)).map(|_| hosted(own)).collect(),
        (Client::Office, _) if kind.one_payer && kind.rhythm != Rhythm::FollowTheSun => {
            vec![home(place, shared), home(place, own)]
        }
        _ => (0..own.geometric(1.8, 4)).map(|_| home(place, own)).collect(),
    }
}

/// The addresses of an account of a campaign, most used first.
pub fn campaign_addresses(
    plan: &Plan,
    campaign: &Campaign,
    group: &Group,
    place: &Place,
    own: &mut Draw,
) -> Vec<Address> {
    let count = 3 + own.below(4);
    if campaign.ips == Addresses::Disjoint {
        return (0..count).map(|_| home(place, own)).collect();
    }
    let pool = (group.size as usize * 2).max(2);
    (0..count)
        .map(|_| {
            let slot = own.below(pool) as u64;
            let mut exit = Draw::keyed(plan.seed, Purpose::Group, group.key, 1 << 32 | slot);
            let place = &PLACES[exit.weighted(&PLACES.each_ref().map(|place| place.share))];
            // Exits of proxies are registered in the first country, independent of the country they claim.
            if exit.chance(0.25) { hosted(&mut exit) } else { line(0, place.country, &mut exit) }
        })
        .collect()
}
