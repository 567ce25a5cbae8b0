//! Why a lead is one, in sentences of at most 25 words: what ties its accounts, what they did, how sure that is.

use super::content::{ANY_EVENT, event_of};
use super::lead::GroupLead;
use super::reason::Reason;
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::{AttributeKind, Family, Watcher, counted, format_count, visible};
use crate::query::class_shares::{ClassShare, class_shares};
use crate::query::group::{FamilyShare, GroupFacts};
use crate::query::pool::{Pool, pools};

/// Largest p-value of an event before correction that is named.
const MAX_EVENT_P: f64 = 0.01;
/// Least share of a group's exchanges that its topics make up where they are called its pool.
const MIN_POOL: f64 = 0.5;
/// Least share of members with shared values that tie the group.
const MIN_TIED: f64 = 0.5;
/// Largest p-value that chance does not explain.
const CHANCE: f64 = 0.05;
/// Percentile among peers from which a signal is named.
const MIN_PERCENTILE: f32 = 75.0;

/// Findings about a lead beside the lead itself.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Topics that a content community asks about far more than others; `None` for other leads.
    pub pool: Option<Pool>,
    /// Class of prompts that it sends far more than others.
    pub class: Option<ClassShare>,
}

impl Findings {
    /// Findings about some leads, in their order. Reads the topics of all accounts once, and a part of the samples.
    ///
    /// # Errors
    /// The cache cannot be read, or the work was cancelled.
    pub fn of(cache: &Cache, leads: &[GroupLead], watcher: &dyn Watcher) -> Result<Vec<Self>, CacheError> {
        let groups: Vec<&[AccountIndex]> = leads.iter().map(|lead| lead.accounts.as_slice()).collect();
        let classes = class_shares(cache, &groups, watcher)?;
        let mut found: Vec<Self> = classes.into_iter().map(|class| Self { pool: None, class }).collect();
        // A case has hundreds of communities at most, and up to as many linked groups as accounts.
        let communities: Vec<usize> = (0..leads.len()).filter(|&at| leads[at].is_community()).collect();
        let groups: Vec<&[AccountIndex]> = communities.iter().map(|&at| groups[at]).collect();
        for (at, pool) in communities.into_iter().zip(pools(cache, &groups, watcher)?) {
            found[at].pool = pool;
        }
        Ok(found)
    }
}

/// Answer to why a lead is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// What ties its accounts: `41 accounts: 38 share one payment, which 0 other accounts have.`
    pub tie: String,
    /// What they did: `37 of 40 are new accounts in heavy use, against 13 % of accounts that ask alike.`
    pub deed: String,
    /// Both without the number of accounts, for one line: what they did first.
    pub brief: String,
    /// True if others do less of what they did.
    pub is_remarkable: bool,
}

impl Why {
    /// The answer about a lead with the given facts.
    pub fn new(cache: &Cache, group: &GroupLead, facts: &GroupFacts, findings: &Findings) -> Self {
        let tie = tie(cache, group, facts, findings.pool.as_ref());
        let (deed, is_remarkable) = deed(group, findings.class);
        let accounts = counted(group.accounts.len() as u64, "account", "accounts");
        let brief = if is_remarkable { format!("{deed}; {tie}") } else { format!("{tie}; {deed}") };
        Self {
            tie: format!("{accounts}: {tie}."),
            deed: format!("{}.", capital(&deed)),
            brief,
            is_remarkable,
        }
    }
}

/// What ties the accounts: a pool of prompts that few others ask about, shared values, or similar prompts.
fn tie(cache: &Cache, group: &GroupLead, facts: &GroupFacts, pool: Option<&Pool>) -> String {
    let is_community = group.is_community();
    let pool = pool.filter(|pool| pool.share >= MIN_POOL);
    let few = pool.filter(|pool| pool.others as usize <= group.accounts.len());
    let is_one_organisation = group.reasons.iter().any(|reason| reason.title == "one organisation");
    let organisation = || is_one_organisation.then(|| "all declare one organisation".to_owned());
    few.map(|pool| asked(cache, pool))
        .or_else(organisation)
        .or_else(|| strongest_family(cache, group, facts))
        .or_else(|| pool.map(|pool| asked(cache, pool)))
        .unwrap_or_else(|| match is_community {
            true => "they send similar prompts".to_owned(),
            false => format!("their strongest shared values have {:.0} bits", group.common_control_bits),
        })
}

/// A pool in words: `67 % of their exchanges are about bread, which 3 other accounts mostly ask about`.
fn asked(cache: &Cache, pool: &Pool) -> String {
    let (topics, share) = (topic_names(cache, pool), percent(pool.share));
    let others = match pool.others {
        1 => "1 other account mostly asks".to_owned(),
        many => format!("{} other accounts mostly ask", format_count(many.into())),
    };
    format!("{share} of their exchanges are about {topics}, which {others} about")
}

/// Topics of a pool in words: `function, returns, string and 3 more topics`.
fn topic_names(cache: &Cache, pool: &Pool) -> String {
    let label = pool.topics.first().and_then(|topic| cache.topics().get(usize::from(*topic)));
    let first = label.map_or("one topic".into(), |topic| visible(&topic.label).replace(" · ", ", "));
    match pool.topics.len().saturating_sub(1) {
        0 => first,
        more => format!("{first} and {}", counted(more as u64, "more topic", "more topics")),
    }
}

/// Shared values of the family that ties most members; `None` where none ties half of them.
fn strongest_family(cache: &Cache, group: &GroupLead, facts: &GroupFacts) -> Option<String> {
    let members = group.accounts.len();
    let ties = |share: &FamilyShare| f64::from(share.members) >= MIN_TIED * members as f64;
    let (family, share) = Family::ALL
        .into_iter()
        .zip(facts.shared)
        .filter(|(_, share)| ties(share))
        // Values that few others have say more; of equals, one of many members, then the first.
        .reduce(|best, one| {
            let key = |share: FamilyShare| (share.exclusive, share.widest_members);
            if key(one.1) > key(best.1) { one } else { best }
        })?;
    Some(shared_by(cache, family, share, members))
}

/// Shared values of a family in words: `38 share one payment, which 0 other accounts have`.
pub fn shared_by(cache: &Cache, family: Family, share: FamilyShare, members: usize) -> String {
    let value = &cache.values()[share.widest as usize];
    let is_of_most = f64::from(share.widest_members) >= MIN_TIED * members as f64;
    if is_of_most {
        let outside = value.accounts.saturating_sub(share.widest_members);
        let others = counted(outside.into(), "other account has", "other accounts have");
        return format!(
            "{} share one {}, which {others}",
            format_count(share.widest_members.into()),
            one(value.kind)
        );
    }
    let [one, many] = rare(family);
    let members = format_count(share.members.into());
    match share.values {
        1 => format!("{members} share one {one}"),
        values => {
            format!("{members} share one of {} {many} with another member", format_count(values.into()))
        }
    }
}

/// Name of one value of a kind, as a noun.
fn one(kind: AttributeKind) -> &'static str {
    match kind {
        AttributeKind::PaymentFingerprint => "payment method",
        AttributeKind::Ip => "IP address",
        AttributeKind::Ip24 => "/24 network",
        AttributeKind::Asn => "network provider (ASN)",
        AttributeKind::SignupBatch => "burst of sign-ups",
        other => other.title(),
    }
}

/// Rare values of a family, one and many.
fn rare(family: Family) -> [&'static str; 2] {
    match family {
        Family::Network => ["rare network", "rare networks"],
        Family::Client => ["rare client", "rare clients"],
        Family::Payment => ["payment method", "payment methods"],
        Family::SignUp => ["rare sign-up value", "rare sign-up values"],
        Family::Template => ["rare prompt template", "rare prompt templates"],
    }
}

/// What the accounts did, and true if others did it less.
fn deed(group: &GroupLead, class: Option<ClassShare>) -> (String, bool) {
    let event = strongest_event(group);
    let asked = class.map(|class| {
        format!(
            "{} of their sampled prompts are {}, against {} of other accounts' prompts",
            percent(class.share),
            class.class,
            percent(class.elsewhere)
        )
    });
    if let Some(found) = event.or(asked) {
        return (found, true);
    }
    let signal = group.reasons.iter().find_map(signal);
    (signal.unwrap_or_else(|| "what they do is as common among other accounts".to_owned()), false)
}

/// Event with the smallest p-value; the union of events where no single one is unlikely.
fn strongest_event(group: &GroupLead) -> Option<String> {
    let ids = group.events.events.iter().map(|(id, _)| *id).enumerate();
    let figures = ids.filter_map(|(at, id)| Some((id, group.events.counts(at).figures()?)));
    let unlikely = figures.filter(|(_, figures)| figures.log10_p <= MAX_EVENT_P.log10());
    let (id, figures) = unlikely.min_by(|a, b| {
        let key = |id: &str| id == ANY_EVENT;
        key(a.0).cmp(&key(b.0)).then(a.1.log10_p.total_cmp(&b.1.log10_p))
    })?;
    Some(format!(
        "{} of {} {}, against {} of accounts that ask alike",
        format_count(figures.happened.round() as u64),
        format_count(figures.units as u64),
        event_of(id)?.brief,
        percent(figures.observed_outside)
    ))
}

/// A signal of high percentile in plain words; `None` for others.
fn signal(reason: &Reason) -> Option<String> {
    let does = match &*reason.signal {
        "C2" => "asks about more topics",
        "C5" => "fetches more answers",
        "R4" => "rises faster after sign-up",
        "R7" => "is used more in its first days",
        _ => return None,
    };
    let place = reason.percentile.filter(|place| *place >= MIN_PERCENTILE)?;
    Some(format!("the median member {does} than {:.0} % of its peers", place.min(99.0)))
}

/// How sure a lead is by what its accounts do, in a few words; what ties them is no part of it.
pub fn certainty(group: &GroupLead) -> &'static str {
    match (group.ranked_only, group.q_value, group.extraction_p) {
        (true, ..) => "not known: too few accounts to compare with",
        (_, Some(q), _) if q <= CHANCE => "chance is unlikely",
        (_, _, Some(p)) if p <= CHANCE => "chance is possible: many leads were tested",
        (_, _, Some(_)) => "chance can explain what they do; what ties them is not tested by p",
        _ => "not tested: too little data",
    }
}

/// Accounts of a group created since the log begins, against all others: `37 of 41 were created since the log begins,
/// against 31 % of other accounts`. `None` where fewer than half have a time of creation.
pub fn created_since(cache: &Cache, members: &[AccountIndex]) -> Option<String> {
    let begin = cache.hot().span()?.start;
    let (mut own, mut others) = ([0_u64; 2], [0_u64; 2]);
    for (at, account) in cache.accounts().iter().enumerate() {
        let Some(created) = account.created else { continue };
        let side = if members.binary_search(&(at as AccountIndex)).is_ok() { &mut own } else { &mut others };
        side[0] += u64::from(created >= begin);
        side[1] += 1;
    }
    (2 * own[1] >= members.len() as u64 && own[1] > 0 && others[1] > 0).then(|| {
        format!(
            "{} of {} were created since the log begins, against {} of other accounts",
            format_count(own[0]),
            format_count(own[1]),
            percent(others[0] as f64 / others[1] as f64)
        )
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A share of 0 to 1 as whole percents; one decimal below 1 %, and never 100 % for less than all.
fn percent(share: f64) -> String {
    match 100.0 * share {
        none if none <= 0.0 => "0 %".to_owned(),
        few if few < 1.0 => format!("{:.1} %", few.max(0.1)),
        most if most < 100.0 => format!("{:.0} %", most.min(99.0)),
        _ => "100 %".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::leads::{EventAccount, EventData};
    use crate::model::Silent;
    use crate::query::group::group_facts;

    /// Twenty accounts; the first four pay with one card.
    fn log() -> Vec<Row> {
        let payment = |n: i64| if n < 4 { "pm_ring".to_owned() } else { format!("pm_{n}") };
        (0..20_i64)
            .map(|n| Row { payment: Some(payment(n)), ..row(&format!("a{n:02}"), 3_600_000_000 * n) })
            .collect()
    }

    /// Community of the first five accounts, four of which show an event that no account outside shows.
    fn events() -> EventData {
        let account = |account: u32| EventAccount {
            account,
            in_community: account < 5,
            unit: account,
            client: 0,
            weight: 1.0,
            outcomes: vec![Some(account < 4)],
        };
        EventData { events: vec![("A1", Default::default())], accounts: (0..20).map(account).collect() }
    }

    #[test]
    fn the_answer_names_tie_and_deed_and_no_sentence_is_long() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", log())])]).0;
        let group = GroupLead::for_test(&cache, &[0, 1, 2, 3, 4]);
        let facts = group_facts(&cache, &[&group.accounts], &Silent).unwrap().remove(0);
        let linked = Why::new(&cache, &group, &facts, &Findings::default());
        assert_eq!(linked.tie, "5 accounts: 4 share one payment method, which 0 other accounts have.");
        assert_eq!(linked.deed, "What they do is as common among other accounts.");
        let community = GroupLead { events: events(), ..GroupLead::for_community(&cache, &[0, 1, 2, 3, 4]) };
        let pool = Pool { topics: vec![3], share: 0.898, elsewhere: 0.01, others: 5 };
        let findings = |pool: Pool| Findings { pool: Some(pool), class: None };
        let asks = Why::new(&cache, &community, &facts, &findings(pool.clone()));
        assert_eq!(
            asks.tie,
            "5 accounts: 90 % of their exchanges are about one topic, which 5 other accounts mostly ask about."
        );
        assert_eq!(
            asks.deed,
            "4 of 5 are new accounts in heavy use, against 0 % of accounts that ask alike."
        );
        assert!(asks.brief.starts_with("4 of 5 are new"), "the remarkable first: {}", asks.brief);
        let many = Pool { others: 6, ..pool.clone() };
        let common = Why::new(&cache, &community, &facts, &findings(many));
        assert_eq!(common.tie, linked.tie, "more others ask so than there are members");
        let class = ClassShare { class: "reasoning elicitation", share: 0.74, elsewhere: 0.031 };
        let elicits =
            Why::new(&cache, &group, &facts, &Findings { class: Some(class), ..Findings::default() });
        assert_eq!(
            elicits.deed,
            "74 % of their sampled prompts are reasoning elicitation, against 3 % of other accounts' prompts."
        );
        for sentence in [linked.tie, linked.deed, asks.tie, asks.deed, elicits.deed] {
            assert!(sentence.split_whitespace().count() <= 25, "{sentence}");
        }
    }

    #[test]
    fn certainty_follows_q_then_p() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", log())])]).0;
        let of = |q_value, extraction_p, ranked_only| {
            let group = GroupLead::for_test(&cache, &[0, 1]);
            certainty(&GroupLead { q_value, extraction_p, ranked_only, ..group })
        };
        assert_eq!(of(Some(0.01), Some(0.001), false), "chance is unlikely");
        assert!(of(Some(0.3), Some(0.04), false).starts_with("chance is possible"));
        assert!(of(Some(0.9), Some(0.4), false).starts_with("chance can explain"));
        assert!(of(None, Some(0.001), true).starts_with("not known"));
        assert!(of(None, None, false).starts_with("not tested"));
    }

    #[test]
    fn a_share_of_less_than_all_is_not_100_percent() {
        let said = [0.0, 0.0002, 0.0314, 0.9999, 1.0].map(percent);
        assert_eq!(said, ["0 %", "0.1 %", "3 %", "99 %", "100 %"]);
    }
}
