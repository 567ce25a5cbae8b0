//! Computation of a case's leads: links, signals, tests, membership, ranks.

use rayon::prelude::*;

use super::clusters;
use super::cohort::{self, Cohorts};
use super::combine::{account_z, membership_score, score};
use super::conformal::conformal_ranks;
use super::content::{self, ContentLead, DividedPool};
use super::extend::{self, Extended, NearestGroup};
use super::formation::Formation;
use super::group::{self, GroupTest};
use super::group_lead::{Formed, group_leads};
use super::lead::SEED;
use super::membership::Features;
use super::{AccountLead, Leads, NearestLead, SignalColumn};
use crate::cache::{AccountIndex, Cache, CacheError, LinkRow};
use crate::model::{Cancelled, Watcher};
use crate::signals::context::measure_context;
use crate::signals::linkage::{self, Linkage};
use crate::signals::{self, Outcome, Peers, Reference, Setting, Signal};

/// Computes links, signals and leads with a fixed seed. An empty cache has no leads.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn compute(cache: &Cache, watcher: &dyn Watcher) -> Result<(Leads, Vec<LinkRow>), CacheError> {
    compute_with(cache, signals::ALL, watcher)
}

/// [`compute`] with other signals.
pub fn compute_with(
    cache: &Cache,
    signals: &[&dyn Signal],
    watcher: &dyn Watcher,
) -> Result<(Leads, Vec<LinkRow>), CacheError> {
    let linkage = linkage::link(cache, watcher)?;
    let cohorts = Cohorts::new(&cohort::traits(cache));
    let whole = Cohorts::whole(cache.accounts().len());
    let block = blocks(&linkage);
    let peers = Peers { of: &cohorts.of, members: &cohorts.members };
    let reference = Reference::gather(cache, peers, SEED, watcher)?;
    let measured_in = Setting { cache, linkage: &linkage, reference: &reference, seed: SEED };
    let columns: Vec<SignalColumn> = signals
        .iter()
        .zip(signals::measure(&measured_in, signals, watcher)?)
        .map(|(signal, outcomes)| {
            let peers = if signal.about().rises_with_volume { &whole } else { &cohorts };
            column(*signal, outcomes, peers, &block)
        })
        .collect();
    let own_p = own_p(&columns, &whole, &block);
    let measured = own_p.iter().flatten().count();
    let communities = content::find(cache, &linkage, watcher)?;
    let has_prompts = communities.is_some();
    let formation = Formation::new(linkage, communities.unwrap_or_default());
    let Formation { linkage, content, pools, one_unit } = &formation;
    let setting = Setting { cache, linkage, reference: &reference, seed: SEED };
    watcher.step("testing groups", 0, linkage.groups.len() as u64, "groups");
    let tests = linkage
        .groups
        .par_iter()
        .zip(content)
        .map(|(members, content)| {
            watcher.check()?;
            Ok(group::test(members, &columns, &own_p, measured, content.is_some()))
        })
        .collect::<Result<Vec<GroupTest>, Cancelled>>()?;
    let (outstanding_z, threshold) = outstanding_z(one_unit, content, &tests);
    let is_outstanding =
        |accounts: &[AccountIndex]| group::z_score(accounts, &own_p).is_some_and(|z| z >= threshold);
    // Content estimates membership better than the model of a linked group.
    let extended = if has_prompts {
        formation.extended()
    } else {
        watcher.step("extending leads", 0, linkage.groups.len() as u64, "groups");
        extended(cache, linkage, &columns, &outstanding_z, is_outstanding, watcher)?
    };
    let members = members(&extended, tests.len());
    let group_z = group_z(&tests, &members, &own_p);
    let is_outstanding: Vec<bool> = outstanding_z.iter().map(Option::is_some).collect();
    let formed = Formed {
        tests: &tests,
        group_z: &group_z,
        content,
        pools,
        one_unit,
        is_outstanding: &is_outstanding,
    };
    let (groups, lead_of) = group_leads(&setting, &columns, &cohorts, formed, members, watcher)?;
    let ranked = Ranked {
        z: outstanding_z.iter().zip(&group_z).map(|(core_z, group_z)| core_z.and(*group_z)).collect(),
        content,
        pools,
        lead_of: &lead_of,
        extended: &extended,
    };
    let accounts = rank(cache, &own_p, &ranked, &cohorts);
    let mut rank_of = vec![0; accounts.len()];
    for (at, lead) in accounts.iter().enumerate() {
        rank_of[lead.account as usize] = at as u32;
    }
    let context = measure_context(cache, peers, watcher)?;
    let (cohorts, provisional) = (cohorts.names(cache), !cache.has_text_pass());
    let leads = Leads { signals: columns, context, accounts, rank_of, groups, cohorts, provisional };
    Ok((leads, formation.linkage.links))
}

/// Conformal p-value of extraction-likeness of each account, from the z-score of its signals among all
/// accounts outside its own group. The peers are all accounts, since each signal's p-value is already
/// relative to its own cohort. `None` where nothing was testable.
fn own_p(columns: &[SignalColumn], whole: &Cohorts, block: &[u32]) -> Vec<Option<f64>> {
    let accounts = 0..block.len() as AccountIndex;
    let is_testable = |column: &&SignalColumn| accounts.clone().any(|account| column.p(account).is_some());
    let squares: f64 = columns.iter().filter(is_testable).map(|column| column.about.weight.powi(2)).sum();
    let z_scores: Vec<Option<f64>> = accounts
        .clone()
        .map(|account| account_z(columns.iter().map(|column| (column.about, column.p(account))), squares))
        .collect();
    conformal_ranks(&z_scores, whole, block).iter().map(|rank| rank.map(|rank| rank.p)).collect()
}

/// Z-score of each outstanding group, `None` for the others, and the threshold. Linked groups
/// that are one unit are never outstanding; communities have a test of their own.
fn outstanding_z(
    one_unit: &[bool],
    content: &[Option<ContentLead>],
    tests: &[GroupTest],
) -> (Vec<Option<f64>>, f64) {
    let z_scores: Vec<Option<f64>> = tests
        .iter()
        .zip(one_unit)
        .zip(content)
        .map(|((test, one_unit), content)| test.z_score.filter(|_| !one_unit && content.is_none()))
        .collect();
    let threshold = group::outlier_threshold(&z_scores);
    (z_scores.into_iter().map(|z| z.filter(|&z| z >= threshold)).collect(), threshold)
}

/// Core and joined members of each group, ascending.
fn members(extended: &Extended, groups: usize) -> Vec<Vec<AccountIndex>> {
    let mut members: Vec<Vec<AccountIndex>> = vec![Vec::new(); groups];
    for (account, group) in extended.of.iter().enumerate() {
        if let Some(group) = group {
            members[*group as usize].push(account as AccountIndex);
        }
    }
    members
}

/// Z-score of each group over core and joined members. Leads are ranked by it, so a few unusual accounts that
/// gathered ordinary ones rank lower. `None` where no core member could be tested.
fn group_z(tests: &[GroupTest], members: &[Vec<AccountIndex>], own_p: &[Option<f64>]) -> Vec<Option<f64>> {
    tests
        .iter()
        .zip(members)
        .map(|(test, members)| test.z_score.and_then(|_| group::z_score(members, own_p)))
        .collect()
}

/// Group of each account after accounts have joined by membership probability.
fn extended(
    cache: &Cache,
    linkage: &Linkage,
    columns: &[SignalColumn],
    outstanding_z: &[Option<f64>],
    is_outstanding: impl Fn(&[AccountIndex]) -> bool,
    watcher: &dyn Watcher,
) -> Result<Extended, CacheError> {
    let groups: Vec<clusters::Group<'_>> = linkage
        .groups
        .iter()
        .zip(&linkage.one_organisation)
        .zip(outstanding_z)
        .map(|((members, &one_organisation), &outstanding_z)| clusters::Group {
            members,
            outstanding_z,
            one_organisation,
        })
        .collect();
    let features = Features::gather(cache, columns, watcher)?;
    Ok(extend::extend(cache, &groups, &features, is_outstanding, watcher)?)
}

/// Block of each account: accounts of one linked group, organisations included, are not compared with each
/// other.
fn blocks(linkage: &Linkage) -> Vec<u32> {
    let groups = linkage.groups.len() as u32;
    linkage.group_of.iter().enumerate().map(|(at, group)| group.unwrap_or(groups + at as u32)).collect()
}

fn column(signal: &dyn Signal, outcomes: Vec<Outcome>, cohorts: &Cohorts, block: &[u32]) -> SignalColumn {
    let about = signal.about();
    let oriented = |outcome: &Outcome| match outcome {
        Outcome::Measured { value, .. } => Some(if about.tests_upper_tail { *value } else { -value }),
        Outcome::NotApplicable(_) => None,
    };
    let values: Vec<Option<f64>> = outcomes.iter().map(oriented).collect();
    let ranks = conformal_ranks(&values, cohorts, block);
    SignalColumn::new(about, outcomes, ranks)
}

/// Inputs of the ranking of accounts, by group.
struct Ranked<'a> {
    /// Z-score of each outstanding linked group.
    z: Vec<Option<f64>>,
    /// Community of each group.
    content: &'a [Option<ContentLead>],
    /// Divided pool of each linked group.
    pools: &'a [Option<DividedPool>],
    /// Position of the lead of each group.
    lead_of: &'a [u32],
    /// Group and membership of each account.
    extended: &'a Extended,
}

/// Minimum membership probability of an account that is ranked with its linked group; all members of a community are
/// ranked with it.
const MIN_MEMBERSHIP: f32 = 0.5;

/// Score of an account outside a community, at even odds of membership.
const SIMILAR_CONTENT_SCORE: f64 = 3.0;

/// Score of the members of the last lead that stands out; all other scores are below.
const LAST_MEMBERS_SCORE: f64 = 100.0;

impl Ranked<'_> {
    /// True if the group is one whose members come first: a community, or a linked group that
    /// is outstanding or divides a pool.
    fn stands_out(&self, group: usize) -> bool {
        match &self.content[group] {
            Some(_) => true,
            None => self.z[group].is_some() || self.pools[group].is_some_and(|pool| pool.stands_out()),
        }
    }

    /// Score of membership in a lead that stands out: leads in order of rank, and their members by probability.
    fn member_score(&self, account: usize) -> Option<f64> {
        let group = self.extended.of[account].filter(|&group| self.stands_out(group as usize))?;
        let probability = self.extended.membership[account].unwrap_or(1.0);
        let behind = (self.lead_of.len() - self.lead_of[group as usize] as usize) as f64;
        let is_ranked = self.content[group as usize].is_some() || probability >= MIN_MEMBERSHIP;
        is_ranked.then(|| LAST_MEMBERS_SCORE + behind + f64::from(probability) / 2.0)
    }

    /// log₁₀ of the odds of membership in the most probable community, plus [`SIMILAR_CONTENT_SCORE`]: odds of one in
    /// ten weigh as much as an own p-value of 0.01.
    fn content_score(&self, nearest: &NearestGroup) -> Option<f64> {
        self.content[nearest.group as usize].as_ref()?;
        let odds = f64::from(nearest.probability) / (1.0 - f64::from(nearest.probability)).max(1e-6);
        Some(odds.log10() + SIMILAR_CONTENT_SCORE)
    }
}

fn rank(cache: &Cache, own_p: &[Option<f64>], ranked: &Ranked<'_>, cohorts: &Cohorts) -> Vec<AccountLead> {
    let (groups, extended) = (ranked.z.len(), ranked.extended);
    let groups_rarer = own_p.iter().flatten().count() as f64 / groups.max(1) as f64;
    let z = |group: u32| ranked.z[group as usize];
    let mut leads: Vec<AccountLead> = (0..cache.accounts().len())
        .map(|account| {
            let (group, nearest) = (extended.of[account], extended.nearest[account]);
            let p_value = own_p[account];
            let scored = |group: u32, probability: f32| {
                Some(membership_score(z(group)?, f64::from(probability), groups))
            };
            // A member of a group without a model counts as certain.
            let own = group.and_then(|group| scored(group, extended.membership[account].unwrap_or(1.0)));
            let likely = nearest.and_then(|nearest| scored(nearest.group, nearest.probability));
            let membership = own.into_iter().chain(likely).reduce(f64::max);
            let alone = score(p_value, membership, groups_rarer);
            let by_content = nearest.and_then(|nearest| ranked.content_score(&nearest));
            let by_rank =
                ranked.member_score(account).unwrap_or_else(|| alone.max(by_content.unwrap_or(0.0)));
            AccountLead {
                account: account as AccountIndex,
                rank: 0,
                score: by_rank,
                p_value,
                group: group.map(|group| ranked.lead_of[group as usize]),
                membership: group.and(extended.membership[account]),
                nearest: nearest.map(|nearest| NearestLead {
                    group: ranked.lead_of[nearest.group as usize],
                    probability: nearest.probability,
                }),
                cohort: cohorts.of[account],
            }
        })
        .collect();
    leads.sort_by(|a, b| {
        let exchanges = |lead: &AccountLead| cache.accounts()[lead.account as usize].exchanges;
        b.score.total_cmp(&a.score).then(exchanges(b).cmp(&exchanges(a))).then(a.account.cmp(&b.account))
    });
    for (at, lead) in leads.iter_mut().enumerate() {
        lead.rank = at as u32 + 1;
    }
    leads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};
    use crate::leads::{load, save};
    use crate::model::Silent;
    use crate::signals::{About, Axis, Input, SignalFamily};

    const HOUR: i64 = 3_600_000_000;

    /// 25 December 2025, midnight.
    const START: i64 = 20_447 * 24 * HOUR;

    /// 120 accounts that call in bursts by day and are old, and six that tick around the clock from the hour
    /// they were made in, two of whom share a card and an address.
    fn rows() -> Vec<Row> {
        let mut rows = Vec::new();
        for account in 0..126_i64 {
            let ticks = account >= 120;
            for call in 0..60_i64 {
                let ts = if ticks {
                    call * 2 * HOUR
                } else {
                    // A burst of three, three times a day between 8 and 17, at odds with the others.
                    (call / 9) * 24 * HOUR
                        + (8 + call / 3 % 3 * 4) * HOUR
                        + (account * 7 + call * call * 11) % 3000 * 1_000_000
                };
                let ring = account >= 124;
                rows.push(Row {
                    ip: Some(if ring { "10.9.9.9".to_owned() } else { format!("10.0.{account}.1") }),
                    payment: Some(if ring { "pm_ring".to_owned() } else { format!("pm_{account}") }),
                    created: Some(START - if ticks { HOUR } else { (100 + account) * 24 * HOUR }),
                    ..testing::row(&format!("acct_{account:03}"), START + ts)
                });
            }
        }
        rows
    }

    /// One more signal: a file like any other, and a line in the list.
    struct Volume;

    const VOLUME: About = About {
        id: "X1",
        title: "volume",
        version: 1,
        unit: "exchanges",
        definition: "Number of exchanges.",
        source: "none",
        needs: &[],
        look_alikes: &["anyone busy"],
        tells_apart: "nothing",
        axis: Axis::Extraction,
        family: SignalFamily::Content,
        tests_upper_tail: true,
        rises_with_volume: false,
        weight: 1.0,
    };

    impl Signal for Volume {
        fn about(&self) -> &'static About {
            &VOLUME
        }

        fn measure(&self, input: &Input<'_>) -> Outcome {
            Outcome::Measured {
                value: input.ts.len() as f64,
                examples: [input.first_row].into_iter().collect(),
            }
        }
    }

    #[test]
    fn new_busy_linked_accounts_rank_first() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let (leads, links) = compute(&cache, &Silent).unwrap();
        assert_eq!(links.len(), 1);
        assert_eq!(leads.groups[0].accounts, [124, 125]);
        assert_eq!(leads.groups[0].exchanges, 120);
        let mut first: Vec<_> = leads.accounts[..2].iter().map(|lead| lead.account).collect();
        first.sort_unstable();
        assert_eq!(first, [124, 125]);
        assert!(
            leads
                .accounts
                .iter()
                .enumerate()
                .all(|(at, lead)| leads.rank_of[lead.account as usize] == at as u32)
        );

        let reasons = leads.reasons(&cache, 124);
        assert_eq!(reasons.len(), signals::ALL.len());
        let control = reasons.iter().find(|reason| reason.signal == "L1").unwrap();
        assert!(control.sentence.contains("payment pm_ring (2 accounts)"), "{}", control.sentence);
        let coverage = reasons.iter().find(|reason| reason.signal == "C2").unwrap();
        assert!(coverage.sentence.starts_with("Not testable"), "{coverage:?}");
        let formed =
            leads.groups[0].reasons.iter().any(|reason| reason.sentence.contains("formed the group"));
        assert!(formed);
    }

    #[test]
    fn leads_come_back_from_the_cache_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        assert!(load(&cache).unwrap().is_none());
        let (leads, links) = compute(&cache, &Silent).unwrap();
        let path = folder.path().join("cache.sqlite");
        save(&path, &leads, &links).unwrap();
        let again = Cache::open(&path, &Silent).unwrap();
        assert_eq!(load(&again).unwrap(), Some(leads));
        assert_eq!(again.links_of(links[0].a).unwrap(), links);
    }

    #[test]
    fn a_fifth_signal_is_one_file_and_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let five = [signals::ALL, &[&Volume as &dyn Signal]].concat();
        let (leads, _) = compute_with(&cache, &five, &Silent).unwrap();
        let column = leads.signals.last().unwrap();
        assert_eq!(column.about.id, "X1");
        assert_eq!(
            column.outcomes[0],
            Outcome::Measured { value: 60.0, examples: [0].into_iter().collect() }
        );
        assert_eq!(column.p(0), Some(1.0), "all have the same volume");
        assert!(leads.groups[0].reasons.iter().any(|reason| reason.signal == "X1"));
        assert!(leads.reasons(&cache, 0).iter().any(|reason| reason.signal == "X1"));
    }

    #[test]
    fn one_thread_and_two_give_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| compute(&cache, &Silent).unwrap())
        };
        assert!(on(1) == on(2));
    }

    #[test]
    fn a_cancelled_computation_stops() {
        struct Stop;
        impl Watcher for Stop {
            fn report(&self, _: crate::model::Progress) {}
            fn is_cancelled(&self) -> bool {
                true
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        assert!(compute(&cache, &Stop).is_err());
    }
}
