//! Who shares what with whom, and how telling it is: links and linked groups.
//!
//! A value that few share is worth log₂((m + ½) / (u + ½)) bits, where u counts who else has it
//! among the m units outside the groups under test (Fellegi & Sunter 1969). Within a family only
//! the rarest shared value counts, over families bits add up. An organisation that is declared
//! is one unit: what its own accounts share is no sign of hidden control.
//!
//! Among millions of pairs some share two uncommon things by accident, so a link needs more bits
//! the more pairs there are, and fewer where both ends have further links in common; a large group
//! that few links hold together is cut there.
//!
//! Knows what is rare, not who is guilty: agencies are linked, and linked is all they are.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, LinkRow, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Family, Watcher};
use crate::stats::communities::communities;
use crate::stats::union_find::UnionFind;

/// Least bits of a link, whatever else supports it. In simulations of a campaign of a thousand
/// accounts 14 bits found it whole with twenty benign accounts (DESIGN.md, section 10); how much
/// more is demanded depends on how many pairs there are, see [`bits_needed`].
pub const LINK_BITS: f32 = 14.0;

/// Support beyond which a link needs no fewer bits: what is demanded falls slower and slower, and
/// among ten thousand units is below [`LINK_BITS`] from five on.
const SUPPORT_COUNTED: usize = 12;

/// A pair is looked at only when it shares a value that at most one unit in 64 has (6 bits).
/// Without one family that alone says so much, 14 bits are four families of 3½: the same
/// browser, carrier, mail provider and opening words, which is how strangers look.
const CANDIDATE_SHARE: usize = 64;

/// In a small case one in 64 would leave nothing: a value that this few units have is always
/// looked at.
const CANDIDATE_FLOOR: usize = 20;

/// More units than this are never paired off through one value, to keep the number of pairs
/// linear in the number of accounts: half a million pairs a value at the most.
const CANDIDATE_CEILING: usize = 1_000;

/// Strongest links that are kept of one account. A campaign of a thousand has half a million
/// pairs, and any few of each account hold it together.
const LINKS_KEPT: usize = 64;

/// Above this many units a group is looked at for parts. Below, its links fit on a screen and
/// are judged better by eye.
const SPLIT_ABOVE: usize = 30;

/// Bits that the pairs between two parts of a group must have on average for them to be one: one
/// bit, what a coin toss tells. At 14 to 28 bits a link, one pair in 14 to 28 has to be linked.
const PART_BITS: f64 = 1.0;

/// The links of a case and the groups they form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linkage {
    /// Links between accounts of different organisations, within groups, sorted by (a, b); at
    /// least the strongest 64 of each account.
    pub links: Vec<LinkRow>,
    /// Connected groups of two accounts or more, each ascending, largest first. The accounts of
    /// one declared organisation always stand together.
    pub groups: Vec<Vec<AccountIndex>>,
    /// The group of each account, by position in `groups`.
    pub group_of: Vec<Option<u32>>,
    /// Bits of each account's strongest tie to an account of another organisation, below the
    /// threshold too; 0 where it shares nothing rare.
    pub strongest: Vec<f32>,
    /// Whether the snapshot has any attribute that accounts could be seen to share.
    pub testable: bool,
    /// Whether each group is one declared organisation and nothing else.
    pub one_organisation: Vec<bool>,
}

/// Links the accounts of a case.
///
/// # Errors
/// Only when cancelled.
pub fn link(cache: &Cache, watcher: &dyn Watcher) -> Result<Linkage, Cancelled> {
    let accounts = cache.accounts().len();
    let mut shared =
        Shared { family: BTreeMap::new(), values_of: Vec::with_capacity(accounts), organisation: Vec::new() };
    for (at, value) in cache.values().iter().enumerate() {
        if let Some(family) = value.kind.family().filter(|_| value.accounts > 1) {
            shared.family.insert(at as ValueIndex, family);
        }
    }
    for account in 0..accounts as AccountIndex {
        let values = cache.values_of(account);
        let organisation = values
            .iter()
            .map(|&(value, _)| value)
            .find(|&v| cache.values()[v as usize].kind == AttributeKind::OrgId);
        shared.organisation.push(organisation);
        shared
            .values_of
            .push(values.iter().map(|&(value, _)| value).filter(|v| shared.family.contains_key(v)).collect());
    }
    shared.link(watcher)
}

/// Who has what, freed from the cache.
struct Shared {
    /// Family of each value that counts.
    family: BTreeMap<ValueIndex, Family>,
    /// Values of each account, ascending.
    values_of: Vec<Vec<ValueIndex>>,
    /// Declared organisation of each account.
    organisation: Vec<Option<u32>>,
}

/// The same by unit: an organisation, or an account without one.
struct Units {
    /// Unit of each account.
    of: Vec<u32>,
    /// Accounts of each unit, ascending.
    accounts: Vec<Vec<AccountIndex>>,
    /// Values of each unit, as dense numbers, ascending.
    values: Vec<Vec<u32>>,
    /// Units of each dense value, ascending.
    holders: Vec<Vec<u32>>,
    /// Family of each dense value.
    family: Vec<Family>,
    /// The cache's number of each dense value.
    name: Vec<ValueIndex>,
}

/// Two units, and what ties them.
#[derive(Clone, Debug, PartialEq)]
struct Tie {
    a: u32,
    b: u32,
    bits: f32,
    /// The rarest shared value of each family, with its bits.
    best: Vec<(u32, f32)>,
}

impl Shared {
    fn link(self, watcher: &dyn Watcher) -> Result<Linkage, Cancelled> {
        let units = self.units();
        let alone: Vec<u32> = (0..units.accounts.len() as u32).collect();
        // Once with every unit on its own, once with what a group's own members have taken out
        // of the popularity: or a campaign of a thousand would make its own card look common.
        let (first, _) = units.ties(&alone, watcher)?;
        let first = units.supported(first);
        let (ties, strongest) = units.ties(&components(alone.len(), &first), watcher)?;
        let ties = units.split(units.supported(ties));
        Ok(units.linkage(&ties, &strongest))
    }

    fn units(&self) -> Units {
        let mut of = Vec::with_capacity(self.values_of.len());
        let mut accounts: Vec<Vec<AccountIndex>> = Vec::new();
        let mut known: BTreeMap<u32, u32> = BTreeMap::new();
        for (account, organisation) in self.organisation.iter().enumerate() {
            let unit = match organisation {
                Some(name) => *known.entry(*name).or_insert(accounts.len() as u32),
                None => accounts.len() as u32,
            };
            if unit as usize == accounts.len() {
                accounts.push(Vec::new());
            }
            accounts[unit as usize].push(account as AccountIndex);
            of.push(unit);
        }
        let name: Vec<ValueIndex> = self.family.keys().copied().collect();
        let family: Vec<Family> = self.family.values().copied().collect();
        let mut holders: Vec<Vec<u32>> = vec![Vec::new(); name.len()];
        let values: Vec<Vec<u32>> = accounts
            .iter()
            .map(|accounts| {
                let mut dense: Vec<u32> = accounts
                    .iter()
                    .flat_map(|&account| &self.values_of[account as usize])
                    .filter_map(|value| name.binary_search(value).ok().map(|at| at as u32))
                    .collect();
                dense.sort_unstable();
                dense.dedup();
                dense
            })
            .collect();
        for (unit, dense) in values.iter().enumerate() {
            for &value in dense {
                holders[value as usize].push(unit as u32);
            }
        }
        Units { of, accounts, values, holders, family, name }
    }
}

impl Units {
    /// Units that may be paired off through one value.
    fn cap(&self) -> usize {
        (self.accounts.len() / CANDIDATE_SHARE).clamp(CANDIDATE_FLOOR, CANDIDATE_CEILING)
    }

    /// All ties of at least [`LINK_BITS`], sorted by (a, b), and the strongest tie of each unit.
    /// `group` names the group of each unit, whose members do not count towards popularity.
    fn ties(&self, group: &[u32], watcher: &dyn Watcher) -> Result<(Vec<Tie>, Vec<f32>), Cancelled> {
        let n = self.accounts.len();
        let mut size = vec![0_u32; n];
        for &group in group {
            size[group as usize] += 1;
        }
        // How many of each value's holders stand in each group.
        let inside: Vec<Vec<(u32, u32)>> =
            self.holders.par_iter().map(|holders| tally(holders, group)).collect();
        let cap = self.cap();
        // Chunks only bound how late a cancel is heard; their size does not change the outcome.
        let (mut ties, mut strongest) = (Vec::new(), vec![0.0_f32; n]);
        for start in (0..n).step_by(4096) {
            watcher.check()?;
            watcher.step("linking accounts", start as u64, n as u64, "accounts");
            let found: Vec<Vec<Tie>> = (start..n.min(start + 4096))
                .into_par_iter()
                .map(|a| self.ties_of(a as u32, group, &size, &inside, cap))
                .collect();
            for tie in found.into_iter().flatten() {
                for end in [tie.a, tie.b] {
                    strongest[end as usize] = strongest[end as usize].max(tie.bits);
                }
                if tie.bits >= LINK_BITS {
                    ties.push(tie);
                }
            }
        }
        Ok((ties, strongest))
    }

    /// The ties of unit `a` to later units, weak ones too.
    fn ties_of(
        &self,
        a: u32,
        group: &[u32],
        size: &[u32],
        inside: &[Vec<(u32, u32)>],
        cap: usize,
    ) -> Vec<Tie> {
        let mine = &self.values[a as usize];
        let mut others: Vec<u32> = mine
            .iter()
            .map(|&value| &self.holders[value as usize])
            .filter(|holders| holders.len() <= cap)
            .flat_map(|holders| &holders[holders.partition_point(|&unit| unit <= a)..])
            .copied()
            .collect();
        others.sort_unstable();
        others.dedup();
        let tie = |&b: &u32| {
            let (ga, gb) = (group[a as usize], group[b as usize]);
            let taken = |counts: &[(u32, u32)]| {
                let of = |g: u32| counts.binary_search_by_key(&g, |&(g, _)| g).map_or(0, |at| counts[at].1);
                of(ga) + if ga == gb { 0 } else { of(gb) }
            };
            let outside =
                self.accounts.len() as u32 - size[ga as usize] - if ga == gb { 0 } else { size[gb as usize] };
            let mut best: BTreeMap<Family, (u32, f32)> = BTreeMap::new();
            for value in common(mine, &self.values[b as usize]) {
                let popularity = self.holders[value as usize].len() as u32 - taken(&inside[value as usize]);
                let bits = rarity(outside, popularity);
                let best = best.entry(self.family[value as usize]).or_insert((value, bits));
                if bits > best.1 {
                    *best = (value, bits);
                }
            }
            let best: Vec<(u32, f32)> = best.into_values().collect();
            Tie { a, b, bits: best.iter().map(|&(_, bits)| bits).sum(), best }
        };
        others.iter().map(tie).collect()
    }

    /// The ties that chance would not make: those with the bits that their support needs.
    fn supported(&self, ties: Vec<Tie>) -> Vec<Tie> {
        let n = self.accounts.len();
        let mut near: Vec<Vec<u32>> = vec![Vec::new(); n];
        for tie in &ties {
            near[tie.a as usize].push(tie.b);
            near[tie.b as usize].push(tie.a);
        }
        near.par_iter_mut().for_each(|near| near.sort_unstable());
        let needed: Vec<f32> = (2..=SUPPORT_COUNTED).map(|size| bits_needed(n, size)).collect();
        ties.into_par_iter()
            .filter(|tie| {
                let both = common(&near[tie.a as usize], &near[tie.b as usize]);
                tie.bits >= needed[both.take(needed.len() - 1).count()]
            })
            .collect()
    }

    /// Cuts every large group where few ties hold it together: without the ties between its
    /// communities.
    fn split(&self, ties: Vec<Tie>) -> Vec<Tie> {
        let n = self.accounts.len();
        let root = components(n, &ties);
        let mut size = vec![0_usize; n];
        for &root in &root {
            size[root as usize] += 1;
        }
        let large = |tie: &Tie| size[root[tie.a as usize] as usize] > SPLIT_ABOVE;
        let edges: Vec<(u32, u32, f64)> =
            ties.iter().filter(|tie| large(tie)).map(|tie| (tie.a, tie.b, f64::from(tie.bits))).collect();
        let part = communities(n, &edges, PART_BITS);
        ties.into_iter().filter(|tie| !large(tie) || part[tie.a as usize] == part[tie.b as usize]).collect()
    }

    fn linkage(&self, ties: &[Tie], strongest: &[f32]) -> Linkage {
        let root = components(self.accounts.len(), ties);
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (unit, &root) in root.iter().enumerate() {
            members.entry(root).or_default().push(unit as u32);
        }
        let mut groups: Vec<(Vec<AccountIndex>, bool)> = members
            .into_values()
            .map(|units| {
                let mut accounts: Vec<AccountIndex> =
                    units.iter().flat_map(|&unit| &self.accounts[unit as usize]).copied().collect();
                accounts.sort_unstable();
                (accounts, units.len() == 1)
            })
            .filter(|(accounts, _)| accounts.len() > 1)
            .collect();
        groups.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let mut group_of = vec![None; self.of.len()];
        for (at, (accounts, _)) in groups.iter().enumerate() {
            for &account in accounts {
                group_of[account as usize] = Some(at as u32);
            }
        }
        Linkage {
            testable: !self.name.is_empty(),
            links: self.links(ties),
            group_of,
            strongest: self.of.iter().map(|&unit| strongest[unit as usize]).collect(),
            one_organisation: groups.iter().map(|&(_, one)| one).collect(),
            groups: groups.into_iter().map(|(accounts, _)| accounts).collect(),
        }
    }

    /// Ties between units as links between accounts: an organisation speaks through its first
    /// account that has the value. Keeps the strongest of each unit.
    fn links(&self, ties: &[Tie]) -> Vec<LinkRow> {
        let mut order: Vec<&Tie> = ties.iter().collect();
        order.sort_by(|x, y| y.bits.total_cmp(&x.bits).then((x.a, x.b).cmp(&(y.a, y.b))));
        let mut kept = vec![0_usize; self.accounts.len()];
        let mut links = Vec::new();
        for tie in order {
            let (a, b) = (tie.a as usize, tie.b as usize);
            if kept[a] >= LINKS_KEPT && kept[b] >= LINKS_KEPT {
                continue;
            }
            kept[a] += 1;
            kept[b] += 1;
            let mut values: Vec<ValueIndex> =
                tie.best.iter().map(|&(value, _)| self.name[value as usize]).collect();
            values.sort_unstable();
            let (a, b) = (self.accounts[a][0], self.accounts[b][0]);
            links.push(LinkRow { a: a.min(b), b: a.max(b), bits: tie.bits, values });
        }
        links.sort_by_key(|link| (link.a, link.b));
        links
    }
}

/// log₂((m + ½) / (u + ½)) bits for a value that `u` of `m` units have.
pub fn rarity(m: u32, u: u32) -> f32 {
    ((f64::from(m) + 0.5) / (f64::from(u) + 0.5)).log2() as f32
}

/// Bits that every tie of a group of `size` units needs among `n` units: log₂ C(n, size) /
/// (size − 1), and [`LINK_BITS`] at the least.
///
/// Chance ties two given units at `b` bits with probability 2⁻ᵇ, and `size` given units to one
/// another with 2^(−b (size − 1)) where one thing in common makes all their ties; there are
/// C(n, size) such sets. At these bits fewer than one is expected in the whole case. So a pair
/// among 4,000 needs 23 bits, which no single family has; three that are tied to one another
/// need 17, four 14.
pub fn bits_needed(n: usize, size: usize) -> f32 {
    let ways: f64 = (0..size).map(|i| ((n.saturating_sub(i).max(1)) as f64 / (i + 1) as f64).log2()).sum();
    ((ways / (size.max(2) - 1) as f64) as f32).max(LINK_BITS)
}

/// The smallest unit of each unit's component.
fn components(n: usize, ties: &[Tie]) -> Vec<u32> {
    let mut sets = UnionFind::new(n);
    for tie in ties {
        sets.union(tie.a, tie.b);
    }
    sets.roots()
}

/// How often each group stands among the holders, ascending by group.
fn tally(holders: &[u32], group: &[u32]) -> Vec<(u32, u32)> {
    let mut groups: Vec<u32> = holders.iter().map(|&unit| group[unit as usize]).collect();
    groups.sort_unstable();
    groups.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)).collect()
}

/// What two ascending lists have in common.
fn common<'a>(a: &'a [u32], b: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    few.iter().copied().filter(|value| many.binary_search(value).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    /// `values[i]` of family `families[v]`; no organisation unless given.
    fn shared(values_of: Vec<Vec<u32>>, families: &[Family], organisation: Vec<Option<u32>>) -> Shared {
        let family = families.iter().enumerate().map(|(at, &family)| (at as u32, family)).collect();
        Shared { family, values_of, organisation }
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
        shared(values_of, &families(extra), nobody).link(&Silent).unwrap()
    }

    #[test]
    fn a_crowd_on_common_networks_is_not_linked() {
        let linkage = linkage(crowd(), &[]);
        assert!(linkage.groups.is_empty() && linkage.links.is_empty());
        assert!(linkage.testable);
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
        // Outside the group of three nobody has either: 2 log₂(397.5 / 0.5).
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
        let linkage = shared(values, &families(&[Family::Payment, Family::SignUp]), organisation)
            .link(&Silent)
            .unwrap();
        assert_eq!(linkage.groups, [(200..210).collect::<Vec<_>>()]);
        assert_eq!(linkage.one_organisation, [true]);
        assert!(linkage.links.is_empty());
        assert!(linkage.strongest[205] < LINK_BITS);
    }

    #[test]
    fn few_ties_do_not_make_two_large_groups_one() {
        let units = shared(vec![vec![]; 60], &[], vec![None; 60]).units();
        let tie = |a, b| Tie { a, b, bits: 20.0, best: vec![(0, 10.0), (1, 10.0)] };
        let clique = |from: u32| (from..from + 20).flat_map(move |a| (a + 1..from + 20).map(move |b| (a, b)));
        let inside: Vec<Tie> = clique(0).chain(clique(20)).map(|(a, b)| tie(a, b)).collect();
        let mut ties = inside.clone();
        ties.push(tie(19, 20));
        assert_eq!(units.split(ties), inside);
        // Below the size that is looked at, a bridge stays.
        let few: Vec<Tie> = (0..19).map(|i| tie(i, i + 1)).collect();
        assert_eq!(units.split(few.clone()), few);
    }

    #[test]
    fn a_pair_needs_more_than_a_group() {
        // log₂ C(3701, 2) and ½ log₂ C(3701, 3), scipy.special.binom.
        assert!((bits_needed(3701, 2) - 22.7070).abs() < 1e-3, "{}", bits_needed(3701, 2));
        assert!((bits_needed(3701, 3) - 16.4868).abs() < 1e-3, "{}", bits_needed(3701, 3));
        assert_eq!(bits_needed(3701, 6), LINK_BITS);
        assert_eq!([bits_needed(0, 2), bits_needed(1, 12)], [LINK_BITS; 2]);
        let units = shared(vec![vec![]; 4000], &[], vec![None; 4000]).units();
        let tie = |a, b| Tie { a, b, bits: 18.0, best: vec![(0, 9.0), (1, 9.0)] };
        let triangle = vec![tie(0, 1), tie(0, 2), tie(1, 2)];
        let mut ties = triangle.clone();
        ties.push(tie(7, 8));
        assert_eq!(units.supported(ties), triangle);
    }

    #[test]
    fn nobody_is_no_group() {
        let linkage = shared(Vec::new(), &[], Vec::new()).link(&Silent).unwrap();
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
