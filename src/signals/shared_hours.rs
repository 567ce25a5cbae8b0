//! Co-use: accounts that use the same objects in the same hours, more often than their habits explain.
//!
//! Two accounts that share an address need not use it together: a carrier hands it from one to the next, and
//! a household uses it in the same evenings. Days are counted on which both used it within the same hour,
//! against the number expected if each kept its hours and their days were independent.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::rows::{RowColumn, Rows};
use crate::cache::PromptSample;
use crate::cache::{AccountIndex, Cache, RowId};
use crate::model::{AttributeKind, Cancelled, Micros, Watcher};
use crate::stats::csr::Csr;
use crate::stats::poisson::ln_upper_tail;

/// False discovery rate of the pairs that are counted.
const RATE: f64 = 0.01;

/// Minimum number of shared days of a pair that is tested.
const MIN_SHARED_DAYS: u32 = 3;

/// Maximum number of accounts of one object and day whose pairs are tested. Keeps the work linear in the
/// number of accounts.
const MAX_ACCOUNTS_AT_OBJECT: usize = 100;

/// Strongest pairs kept of one account.
const MAX_PAIRS_KEPT: usize = 64;

/// Minimum number of days of a case.
pub(super) const MIN_DAYS: usize = 7;

const HOUR: Micros = 3_600_000_000;

/// Pair of accounts with co-use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoUsePair {
    /// The first account.
    pub a: AccountIndex,
    /// The second.
    pub b: AccountIndex,
    /// Days on which they shared an object within an hour; an object and a day count once.
    pub shared: u32,
    /// Number of such days expected from their habits.
    pub expected: f32,
    /// Natural logarithm of the Poisson tail P(S ≥ shared).
    pub ln_p: f32,
    /// Example exchange of each account on such a day.
    rows: [RowId; 2],
}

impl CoUsePair {
    /// Example exchange of one of the two accounts.
    pub(super) fn row_of(&self, account: AccountIndex) -> RowId {
        self.rows[usize::from(account == self.b)]
    }
}

/// Pairs with co-use in a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoUse {
    /// Days on which shared objects were used; 0 before gathering.
    pub(super) days: usize,
    /// Number of accounts with which each account has co-use.
    pub(super) partners: Vec<u32>,
    /// The strongest pairs of each account, sorted by (a, b).
    pairs: Vec<CoUsePair>,
    /// Positions in `pairs` by account: those of an account as `b`.
    as_second: Vec<(AccountIndex, u32)>,
}

impl CoUse {
    /// Pairs below the false discovery rate, sorted by (a, b); at least the 64 strongest of each account.
    pub fn pairs(&self) -> &[CoUsePair] {
        &self.pairs
    }

    /// The pairs of one account.
    pub(super) fn of(&self, account: AccountIndex) -> impl Iterator<Item = &CoUsePair> {
        let start = self.pairs.partition_point(|pair| pair.a < account);
        let first = self.pairs[start..].iter().take_while(move |pair| pair.a == account);
        let start = self.as_second.partition_point(|&(b, _)| b < account);
        let second = self.as_second[start..].iter().take_while(move |&&(b, _)| b == account);
        first.chain(second.map(|&(_, at)| &self.pairs[at as usize]))
    }
}

/// Use of one object by one account on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    object: u32,
    day: i32,
    account: AccountIndex,
    /// Bit h: used in hour h of the day.
    hours: u32,
    /// First exchange of that use.
    row: RowId,
}

/// Bit that distinguishes templates from addresses.
const TEMPLATE: u32 = 1 << 31;

/// Uses of one account by day: addresses that others have, and the openings of its sampled prompts. `shared`
/// is true, by rank of address, for those of more than one account.
pub(super) fn uses(
    account: AccountIndex,
    ts: &[Micros],
    rows: &Rows<'_>,
    sample: &[PromptSample],
    first_row: RowId,
    shared: &[bool],
) -> Vec<Use> {
    let one = |object: u32, at: usize| {
        let hour = ts.get(at)?.div_euclid(HOUR);
        let day = i32::try_from(hour.div_euclid(24)).ok()?;
        Some(Use { object, day, account, hours: 1 << hour.rem_euclid(24), row: first_row + at as RowId })
    };
    let addresses = (0..ts.len()).filter_map(|at| {
        let ip = rows.count(RowColumn::Ip, at)?;
        one(ip, at).filter(|_| shared.get(ip as usize) == Some(&true))
    });
    let templates = sample
        .iter()
        .filter(|sampled| sampled.opening != 0)
        .filter_map(|sampled| one(sampled.opening | TEMPLATE, sampled.row.checked_sub(first_row)? as usize));
    let mut found: Vec<Use> = addresses.chain(templates).collect();
    found.sort_unstable_by_key(|one| (one.object, one.day, one.row));
    found.dedup_by(|next, kept| {
        let same = (next.object, next.day) == (kept.object, kept.day);
        if same {
            kept.hours |= next.hours;
        }
        same
    });
    found
}

/// Drops objects of only one account, from sorted uses.
fn drop_unshared(uses: &mut Vec<Use>) {
    let mut kept = 0;
    let mut start = 0;
    while start < uses.len() {
        let end = start + uses[start..].partition_point(|one| one.object == uses[start].object);
        if uses[start..end].iter().any(|one| one.account != uses[start].account) {
            uses.copy_within(start..end, kept);
            kept += end - start;
        }
        start = end;
    }
    uses.truncate(kept);
}

/// True for addresses of more than one account, by rank of address.
pub(super) fn shared_addresses(cache: &Cache) -> Vec<bool> {
    cache.values()[cache.values_of_kind(AttributeKind::Ip)].iter().map(|value| value.accounts > 1).collect()
}

/// Pairs with co-use among all accounts. `organisation` is the declared organisation of each account, within
/// which co-use is expected.
pub(super) fn co_use(
    mut uses: Vec<Use>,
    organisation: &[Option<u32>],
    watcher: &dyn Watcher,
) -> Result<CoUse, Cancelled> {
    uses.par_sort_unstable();
    drop_unshared(&mut uses);
    let all = Uses::new(uses, organisation);
    let n = organisation.len();
    let mut found = CoUse { days: all.days, partners: vec![0; n], ..CoUse::default() };
    if all.days < MIN_DAYS {
        return Ok(found);
    }
    let pairs = n as f64 * (n as f64 - 1.0) / 2.0;
    // A lower bound of the q-values comes from testing all pairs that share enough.
    let looked_at: usize =
        all.each(watcher, "counting co-use", |a| all.candidates(a).len())?.into_iter().sum();
    let bound = (RATE * looked_at as f64 / pairs).ln();
    let tested = all.each(watcher, "testing co-use", |a| {
        let pair = |(b, shared)| all.pair(a, b, shared);
        all.candidates(a)
            .into_iter()
            .map(pair)
            .filter(|pair| f64::from(pair.ln_p) <= bound)
            .collect::<Vec<_>>()
    })?;
    let mut below: Vec<CoUsePair> = tested.into_iter().flatten().collect();
    below.sort_by(|x, y| x.ln_p.total_cmp(&y.ln_p).then((x.a, x.b).cmp(&(y.a, y.b))));
    // Benjamini & Hochberg (1995): the last p-value below its own line, and all before it.
    let line = |rank: usize| (RATE * (rank + 1) as f64 / pairs).ln();
    let kept = below.iter().enumerate().rposition(|(rank, pair)| f64::from(pair.ln_p) <= line(rank));
    below.truncate(kept.map_or(0, |last| last + 1));
    for pair in &below {
        found.partners[pair.a as usize] += 1;
        found.partners[pair.b as usize] += 1;
    }
    let mut seen = vec![0_usize; n];
    below.retain(|pair| {
        let (a, b) = (pair.a as usize, pair.b as usize);
        let strong = seen[a] < MAX_PAIRS_KEPT || seen[b] < MAX_PAIRS_KEPT;
        seen[a] += 1;
        seen[b] += 1;
        strong
    });
    below.sort_unstable_by_key(|pair| (pair.a, pair.b));
    found.as_second = below.iter().enumerate().map(|(at, pair)| (pair.b, at as u32)).collect();
    found.as_second.sort_unstable();
    found.pairs = below;
    Ok(found)
}

/// All uses, by object, day and account, and by account.
struct Uses<'a> {
    list: Vec<Use>,
    /// Positions in `list`, account by account.
    by_account: Csr<u32>,
    /// Days on which anything was used.
    days: usize,
    organisation: &'a [Option<u32>],
}

impl<'a> Uses<'a> {
    fn new(list: Vec<Use>, organisation: &'a [Option<u32>]) -> Self {
        let days = list.iter().map(|one| one.day).collect::<BTreeSet<i32>>().len();
        let by_account = Csr::from_pairs(organisation.len(), list.iter().map(|one| one.account).zip(0..));
        Self { list, by_account, days, organisation }
    }

    /// Results of a function for every account, in order.
    fn each<T: Send>(
        &self,
        watcher: &dyn Watcher,
        phase: &str,
        make: impl Fn(AccountIndex) -> T + Sync,
    ) -> Result<Vec<T>, Cancelled> {
        let n = self.organisation.len();
        let mut made = Vec::with_capacity(n);
        // Chunks only bound the delay of a cancel; their size does not change the result.
        for start in (0..n).step_by(4096) {
            watcher.check()?;
            watcher.step(phase, start as u64, n as u64, "accounts");
            made.par_extend(
                (start..n.min(start + 4096)).into_par_iter().map(|account| make(account as AccountIndex)),
            );
        }
        Ok(made)
    }

    /// The uses of an account, by object and day.
    pub(super) fn of(&self, account: AccountIndex) -> impl Iterator<Item = &Use> {
        self.by_account.row(account).iter().map(|&at| &self.list[at as usize])
    }

    /// Later accounts of other organisations that share enough with `a`, ascending, with the number of shared
    /// days.
    fn candidates(&self, a: AccountIndex) -> Vec<(AccountIndex, u32)> {
        let at = a as usize;
        let mut others: Vec<AccountIndex> = Vec::new();
        for &position in self.by_account.row(a) {
            let position = position as usize;
            let one = self.list[position];
            let same = |other: &&Use| (other.object, other.day) == (one.object, one.day);
            let before =
                self.list[..position].iter().rev().take(MAX_ACCOUNTS_AT_OBJECT).take_while(same).count();
            let after = self.list[position + 1..].iter().take(MAX_ACCOUNTS_AT_OBJECT).take_while(same);
            if before + after.clone().count() < MAX_ACCOUNTS_AT_OBJECT {
                others.extend(after.filter(|other| other.hours & one.hours != 0).map(|other| other.account));
            }
        }
        others.sort_unstable();
        let own = self.organisation[at];
        others
            .chunk_by(|x, y| x == y)
            .map(|run| (run[0], run.len() as u32))
            .filter(|&(b, shared)| {
                shared >= MIN_SHARED_DAYS && (own.is_none() || self.organisation[b as usize] != own)
            })
            .collect()
    }

    /// Poisson test of the shared days of two accounts.
    fn pair(&self, a: AccountIndex, b: AccountIndex, shared: u32) -> CoUsePair {
        let (of_a, of_b): (Vec<&Use>, Vec<&Use>) = (self.of(a).collect(), self.of(b).collect());
        let (mut meet, mut rows, mut from) = (0_u64, None, 0);
        for days in of_a.chunk_by(|x, y| x.object == y.object) {
            from += of_b[from..].partition_point(|one| one.object < days[0].object);
            let to = from + of_b[from..].partition_point(|one| one.object == days[0].object);
            for one in days {
                for other in of_b[from..to].iter().filter(|other| other.hours & one.hours != 0) {
                    meet += 1;
                    if one.day == other.day && rows.is_none() {
                        rows = Some([one.row, other.row]);
                    }
                }
            }
            from = to;
        }
        let expected = meet as f64 / self.days as f64;
        let ln_p = ln_upper_tail(u64::from(shared), expected) as f32;
        // Accounts that share a day have rows of it.
        CoUsePair { a, b, shared, expected: expected as f32, ln_p, rows: rows.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::signals::rows::for_test;
    use crate::stats::{oracle, splitmix};

    /// Account, address and hour since the epoch of each exchange, in any order.
    fn found(events: &[(u32, u32, i64)], accounts: u32, organisation: Option<&[Option<u32>]>) -> CoUse {
        let (mut all, mut first_row) = (Vec::new(), 0);
        for account in 0..accounts {
            let mut own: Vec<(i64, u32)> = events
                .iter()
                .filter(|event| event.0 == account)
                .map(|event| (event.2 * HOUR + 5, event.1))
                .collect();
            own.sort_unstable();
            let ts: Vec<Micros> = own.iter().map(|event| event.0).collect();
            let ips: Vec<u32> = own.iter().map(|event| event.1).collect();
            let rows = for_test(&[(RowColumn::Ip, &ips)]);
            all.extend(uses(account, &ts, &rows, &[], first_row, &[true; 64]));
            first_row += ts.len() as u32;
        }
        let nobody = vec![None; accounts as usize];
        co_use(all, organisation.unwrap_or(&nobody), &Silent).unwrap()
    }

    /// 20 days; 30 accounts at an address of two each, in hours of their own; accounts 0 and 1
    /// meet in rotating addresses every day.
    fn events() -> Vec<(u32, u32, i64)> {
        let mut events = Vec::new();
        for day in 0..20_i64 {
            for account in 0..30_u32 {
                let hour = splitmix::number(u64::from(account), day as u64) % 24;
                events.push((account, account / 2, day * 24 + hour as i64));
            }
            let meeting = day * 24 + (splitmix::number(5, day as u64) % 24) as i64;
            events.extend([(0, 20 + day as u32 % 5, meeting), (1, 20 + day as u32 % 5, meeting)]);
        }
        events
    }

    // pandas, scipy.stats.poisson and false_discovery_control: see tests/oracles/make.py
    #[test]
    fn agrees_with_pandas_and_scipy() {
        for case in oracle::cases("co_use") {
            let events: Vec<(u32, u32, i64)> = case["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(oracle::numbers)
                .map(|n| (n[0] as u32, n[1] as u32, n[2] as i64))
                .collect();
            let found = found(&events, oracle::number(&case["accounts"]) as u32, None);
            let expected = case["pairs"].as_array().unwrap();
            assert_eq!(found.pairs().len(), expected.len());
            for (pair, expected) in found.pairs().iter().zip(expected) {
                let n = oracle::numbers(expected);
                assert_eq!((pair.a, pair.b, pair.shared), (n[0] as u32, n[1] as u32, n[2] as u32));
                assert!((f64::from(pair.expected) - n[3]).abs() < 1e-5, "{pair:?}");
                assert!((f64::from(pair.ln_p) / n[4] - 1.0).abs() < 1e-5, "{pair:?} {}", n[4]);
            }
        }
    }

    #[test]
    fn who_meets_is_found_and_who_only_shares_is_not() {
        let found = found(&events(), 30, None);
        assert_eq!(found.pairs().iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!(found.partners[..3], [1, 1, 0]);
        let pair = found.of(1).next().unwrap();
        assert!(pair.shared >= 20 && pair.expected < 6.0, "{pair:?}");
        // Account 1's rows follow the 40 of account 0.
        assert!(pair.row_of(0) < 40 && (40..80).contains(&pair.row_of(1)));
    }

    #[test]
    fn templates_of_sampled_prompts_are_objects_too() {
        // Two accounts that send one template within the same hour, at another one every day.
        let hour = |day: u32| i64::from(day) * 24 + (splitmix::number(5, u64::from(day)) % 24) as i64;
        let of = |account: u32, first_row: u32| {
            let ts: Vec<Micros> = (0..20).map(|day| hour(day) * HOUR + i64::from(account)).collect();
            let one = |day| PromptSample { row: first_row + day, opening: 77, ..PromptSample::default() };
            let sample: Vec<PromptSample> = (0..20).map(one).collect();
            uses(account, &ts, &Rows::default(), &sample, first_row, &[])
        };
        let all = [of(0, 0), of(1, 20)].concat();
        let found = co_use(all, &[None; 40], &Silent).unwrap();
        assert_eq!(
            found.pairs().iter().map(|pair| (pair.a, pair.b, pair.shared)).collect::<Vec<_>>(),
            [(0, 1, 20)]
        );
        let alone = co_use(of(0, 0), &[None; 40], &Silent).unwrap();
        assert_eq!(alone.days, 0);
    }

    #[test]
    fn one_organisation_is_one_user() {
        let mut organisation = vec![None; 30];
        (organisation[0], organisation[1]) = (Some(9), Some(9));
        assert!(found(&events(), 30, Some(&organisation)).pairs().is_empty());
    }

    #[test]
    fn the_same_evenings_in_one_household_are_no_co_use() {
        // Every evening from 18 to 22 at the same address: habits explain all of it.
        let evening = |day: i64, account: u32| (18..22).map(move |hour| (account, 3, day * 24 + hour));
        let events: Vec<_> =
            (0..20).flat_map(|day| (0..2).flat_map(move |account| evening(day, account))).collect();
        assert!(found(&events, 30, None).pairs().is_empty());
    }

    #[test]
    fn few_days_and_no_accounts_have_no_pairs() {
        let short: Vec<_> = events().into_iter().filter(|event| event.2 < 6 * 24).collect();
        assert_eq!(found(&short, 30, None).days, 6);
        assert!(found(&short, 30, None).pairs().is_empty());
        assert!(found(&[], 0, None).pairs().is_empty());
    }
}
