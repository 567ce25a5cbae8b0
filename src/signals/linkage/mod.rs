//! Linkage: links between accounts that share rare values, and the groups they form.
//!
//! A value has log₂((m + ½) / (u + ½)) bits of rarity, where u of the m units outside the groups under test
//! have it (Fellegi & Sunter 1969). Bits are the maximum within a family and the sum over families. A
//! declared organisation is one unit: values shared within it are no sign of hidden control.
//!
//! Among millions of pairs some share two uncommon values by chance, so the required bits rise with the
//! number of pairs, and fall where both ends have further links in common. A large group that few links hold
//! together is split.
//!
//! Linkage measures rarity, not guilt: agencies are linked too.

mod groups;
mod popularity;
mod ties;
mod units;

use std::collections::BTreeMap;

use self::popularity::Popularity;
pub use self::ties::LINK_BITS;
use self::ties::{Tie, rarest_shared, ties};
use self::units::Units;
use crate::cache::{AccountIndex, Cache, LinkRow, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Family, Watcher};
use crate::stats::union_find::UnionFind;

/// Strongest links kept of each account, besides those that hold its group together. A campaign of a thousand
/// accounts has half a million pairs, of which only a few are ever read.
const LINKS_KEPT: usize = 8;

/// The links of a case and the groups they form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linkage {
    /// Links between accounts of different organisations, within groups, sorted by (a, b):
    /// at least the strongest 8 of each account, and enough to hold each group together.
    pub links: Vec<LinkRow>,
    /// Connected groups of two accounts or more, each ascending, largest first. The accounts of
    /// one declared organisation always stand together.
    pub groups: Vec<Vec<AccountIndex>>,
    /// The group of each account, by position in `groups`.
    pub group_of: Vec<Option<u32>>,
    /// Bits of each account's strongest tie to an account of another organisation, below the
    /// threshold too; 0 where it shares nothing rare.
    pub strongest: Vec<f32>,
    /// True if the snapshot has any attribute that accounts can share.
    pub testable: bool,
    /// True for groups that are one declared organisation and nothing else.
    pub one_organisation: Vec<bool>,
}

/// Links the accounts of a case.
///
/// # Errors
/// Only when cancelled.
pub fn link(cache: &Cache, watcher: &dyn Watcher) -> Result<Linkage, Cancelled> {
    let families: Vec<Option<Family>> =
        cache.values().iter().map(|value| value.kind.family().filter(|_| value.accounts > 1)).collect();
    let organisation_of = |account: AccountIndex| {
        let values = cache.values_of(account).iter().map(|&(value, _)| value);
        let is_own = |value: ValueIndex| cache.values()[value as usize].kind == AttributeKind::OrgId;
        values.into_iter().find(|&value| is_own(value) && !cache.is_of_everybody(value))
    };
    let organisation: Vec<Option<ValueIndex>> =
        (0..cache.accounts().len() as AccountIndex).map(organisation_of).collect();
    let units = Units::new(&families, &organisation, |account, values| {
        values.extend(cache.values_of(account).iter().map(|&(value, _)| value));
    });
    let testable = families.iter().any(Option::is_some);
    Ok(Linkage { testable, ..link_units(&units, watcher)? })
}

fn link_units(units: &Units, watcher: &dyn Watcher) -> Result<Linkage, Cancelled> {
    let n = units.len();
    // First pass with every unit alone, second pass with the members of a unit's own group left out of the
    // popularity; otherwise a campaign of a thousand would make its own card look common.
    let alone = Popularity::new(units, (0..n as u32).collect());
    let (first, _) = ties(units, &alone, LINK_BITS, watcher)?;
    drop(alone);
    let first = groups::supported(n, &first);
    let popularity = Popularity::new(units, groups::components(n, &first));
    let (ties, strongest) = ties(units, &popularity, 0.0, watcher)?;
    watcher.check()?;
    let ties = groups::split(n, groups::supported(n, &ties));
    Ok(linkage(units, &popularity, &ties, &strongest))
}

fn linkage(units: &Units, popularity: &Popularity, ties: &[Tie], strongest: &[f32]) -> Linkage {
    let root = groups::components(units.len(), ties);
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (unit, &root) in root.iter().enumerate() {
        members.entry(root).or_default().push(unit as u32);
    }
    let mut groups: Vec<(Vec<AccountIndex>, bool)> = members
        .into_values()
        .map(|members| {
            let mut accounts: Vec<AccountIndex> =
                members.iter().flat_map(|&unit| units.accounts.row(unit)).copied().collect();
            accounts.sort_unstable();
            (accounts, members.len() == 1)
        })
        .filter(|(accounts, _)| accounts.len() > 1)
        .collect();
    groups.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let mut group_of = vec![None; units.of.len()];
    for (at, (accounts, _)) in groups.iter().enumerate() {
        for &account in accounts {
            group_of[account as usize] = Some(at as u32);
        }
    }
    Linkage {
        testable: false,
        links: links(units, popularity, ties),
        group_of,
        strongest: units.of.iter().map(|&unit| strongest[unit as usize]).collect(),
        one_organisation: groups.iter().map(|&(_, one)| one).collect(),
        groups: groups.into_iter().map(|(accounts, _)| accounts).collect(),
    }
}

/// Links between accounts from ties between units: the first account of an organisation stands for it. Keeps
/// the strongest of each unit and those that hold a group together.
fn links(units: &Units, popularity: &Popularity, ties: &[Tie]) -> Vec<LinkRow> {
    let mut order: Vec<&Tie> = ties.iter().collect();
    order.sort_by(|x, y| y.bits.total_cmp(&x.bits).then((x.a, x.b).cmp(&(y.a, y.b))));
    let mut kept = vec![0_usize; units.len()];
    let mut held = UnionFind::new(units.len());
    let mut links = Vec::new();
    for tie in order {
        let (a, b) = (tie.a as usize, tie.b as usize);
        let joins = held.find(tie.a) != held.find(tie.b);
        if !joins && kept[a] >= LINKS_KEPT && kept[b] >= LINKS_KEPT {
            continue;
        }
        held.union(tie.a, tie.b);
        kept[a] += 1;
        kept[b] += 1;
        let mut values: Vec<ValueIndex> = rarest_shared(units, popularity, tie.a, tie.b)
            .into_iter()
            .map(|value| units.name[value as usize])
            .collect();
        values.sort_unstable();
        let (a, b) = (units.accounts.row(tie.a)[0], units.accounts.row(tie.b)[0]);
        links.push(LinkRow { a: a.min(b), b: a.max(b), bits: tie.bits, values });
    }
    links.sort_by_key(|link| (link.a, link.b));
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    /// Links accounts of which `values_of[i]` lists the values, `families[v]` their families.
    fn linked(values_of: Vec<Vec<u32>>, families: &[Family], organisation: &[Option<u32>]) -> Linkage {
        let families: Vec<Option<Family>> = families.iter().copied().map(Some).collect();
        let units = Units::new(&families, organisation, |account, values| {
            values.extend(&values_of[account as usize]);
        });
        link_units(&units, &Silent).unwrap()
    }

    fn rarity(m: u32, u: u32) -> f32 {
        ((f64::from(m) + 0.5) / (f64::from(u) + 0.5)).log2() as f32
    }

    /// 400 accounts on twenty common networks (values 0–19) and four browsers (20–23).
    fn crowd() -> Vec<Vec<u32>> {
        (0..400).map(|i| vec![i % 20, 20 + i / 20 % 4]).collect()
    }

    fn families(extra: &[Family]) -> Vec<Family> {
        let mut families = vec![Family::Network; 20];
        families.extend([Family::Client; 4]);
        families.extend_from_slice(extra);
        families
    }

    fn linkage(values_of: Vec<Vec<u32>>, extra: &[Family]) -> Linkage {
        let nobody = vec![None; values_of.len()];
        linked(values_of, &families(extra), &nobody)
    }

    #[test]
    fn a_crowd_on_common_networks_is_not_linked() {
        let linkage = linkage(crowd(), &[]);
        assert!(linkage.groups.is_empty() && linkage.links.is_empty());
    }

    #[test]
    fn a_card_and_a_sign_up_burst_link_and_a_card_alone_does_not() {
        let mut values = crowd();
        for account in [3, 50, 77] {
            values[account].extend([24, 25]);
        }
        for account in [11, 12, 13] {
            values[account].push(26);
        }
        let linkage = linkage(values, &[Family::Payment, Family::SignUp, Family::Payment]);
        assert_eq!(linkage.groups, [vec![3, 50, 77]]);
        assert_eq!(linkage.group_of[50], Some(0));
        assert_eq!(linkage.links.len(), 3);
        assert_eq!(linkage.links[0].values, [24, 25]);
        // 0 accounts outside the group of three have either value: 2 log₂(397.5 / 0.5).
        assert!((linkage.links[0].bits - 2.0 * rarity(397, 0)).abs() < 1e-4);
        assert!(linkage.strongest[11] > 5.0 && linkage.strongest[11] < LINK_BITS);
    }

    #[test]
    fn values_of_one_family_do_not_add_up() {
        let mut values = crowd();
        for account in [3, 50] {
            values[account].extend([24, 25, 26]);
        }
        let linkage = linkage(values, &[Family::Network; 3]);
        assert!(linkage.groups.is_empty(), "{:?}", linkage.links);
    }

    #[test]
    fn a_campaign_does_not_make_its_own_tools_look_common() {
        let mut values = crowd();
        // Two rings of four, a card and a burst each; one template and one client for all eight,
        // which count 2 · 5.9 bits while the rings count each other, 2 · 9.6 when they do not.
        for account in 100..108_u32 {
            let ring = (account - 100) / 4;
            values[account as usize] = vec![24 + ring, 26 + ring, 28, 29];
        }
        let ring = [Family::Payment, Family::Payment, Family::SignUp, Family::SignUp];
        let linkage = linkage(values, &[&ring[..], &[Family::Template, Family::Client]].concat());
        assert_eq!(linkage.groups, [(100..108).collect::<Vec<_>>()]);
    }

    #[test]
    fn a_declared_organisation_is_one_unit() {
        let mut values = crowd();
        let mut organisation = vec![None; 400];
        for account in 200..210 {
            values[account].extend([24, 25]);
            organisation[account] = Some(7);
        }
        let linkage = linked(values, &families(&[Family::Payment, Family::SignUp]), &organisation);
        assert_eq!(linkage.groups, [(200..210).collect::<Vec<_>>()]);
        assert_eq!(linkage.one_organisation, [true]);
        assert!(linkage.links.is_empty());
        assert!(linkage.strongest[205] < LINK_BITS);
    }

    #[test]
    fn nobody_is_no_group() {
        let linkage = linked(Vec::new(), &[], &[]);
        assert_eq!(linkage, Linkage::default());
    }

    #[test]
    fn one_thread_and_two_give_the_same() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut values = crowd();
            for (account, values) in (100_u32..160).zip(&mut values[100..]) {
                values.extend([24 + account % 3, 27]);
            }
            pool.install(|| {
                linkage(values, &[Family::Payment, Family::Payment, Family::Payment, Family::SignUp])
            })
        };
        assert_eq!(on(1), on(2));
    }
}
