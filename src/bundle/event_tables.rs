//! `04_summaries/underlying/E1.event*`: the accounts that the events of a lead were counted on, all others by client
//! family, the figures of each event, and SQL that gives these figures.
//!
//! Days stand in place of times: thresholds of events are days, and accounts outside the lead are other customers.
//!
//! The test compares the accounts that similar prompts put together with the nearest others, before it is known which of
//! them join the lead by shared values or by a model. The tables name those that did, and have each figure a second time
//! without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::cache::{AccountIndex, Cache};
use crate::exhibit::{Table, cell, probability};
use crate::leads::{EventAccount, EventCounts, EventData, EventFigures, FAMILIES, GroupLead, event_of};
use crate::model::{Micros, Zone};
use crate::stats::beta_binomial::{log10_binomial_tail, log10_upper_tail};

/// Parts of the accounts: the community, and the nearest accounts outside it, members of the lead and others.
const PARTS: [&str; 3] = ["community", MEMBER, "outside"];
/// Part of the members of the lead among the accounts that the community is compared with.
pub(super) const MEMBER: &str = "lead";
/// Columns of accounts before those of the events.
const ACCOUNT: [&str; 9] =
    ["account_id", "part", "unit", "client", "weight", "created_day", "first_day", "last_day", "exchanges"];
/// Columns of all accounts outside.
pub(super) const FAMILY: [&str; 4] = ["event", "client", "weight", "happened"];
/// Columns of the figures.
pub(super) const FIGURES: [&str; 16] = [
    "lead",
    "event",
    "units",
    "accounts",
    "happened",
    "share_outside",
    "expected_share",
    "p_value",
    "p_value_at_share_outside",
    "accounts_compared",
    "members_compared",
    "share_without_members",
    "expected_share_without_members",
    "p_value_without_members",
    "p_value_at_correlation_0",
    "p_value_at_correlation_0_1",
];
/// Intraclass correlation at which a p-value is stated for comparison, beside none.
const HIGHER_CORRELATION: f64 = 0.1;

/// Endings of the four files of a lead.
pub(super) const ACCOUNTS: &str = "event_accounts.csv";
pub(super) const FAMILIES_FILE: &str = "event_families.csv";
pub(super) const EVENTS: &str = "events.csv";
pub(super) const SQL: &str = "events.sql";

/// Path inside `data/` of a file of a lead.
pub(super) fn path(evidence: u64, ending: &str) -> String {
    format!("04_summaries/underlying/E{evidence}.{ending}")
}

/// Counts of one event of a lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// As tested.
    pub tested: EventCounts,
    /// Without members of the lead among the accounts compared.
    pub without_members: EventCounts,
    /// Accounts compared of which the log says whether it happened, and members of the lead among them.
    pub compared: [usize; 2],
}

/// Ids of the events of a lead, and counts of each.
pub(super) type Counted = Vec<(&'static str, Counts)>;

/// Counts of the events of a lead.
fn counted(group: &GroupLead) -> Counted {
    let data = &group.events;
    let mut without = data.clone();
    without.accounts.retain(|own| own.in_community || !group.accounts.contains(&own.account));
    let compared = |event: usize, is_counted: &dyn Fn(AccountIndex) -> bool| {
        let others = data.accounts.iter().filter(|own| !own.in_community && is_counted(own.account));
        others.filter(|own| own.outcomes.get(event).is_some_and(Option::is_some)).count()
    };
    let of = |(at, (id, _)): (usize, &(&'static str, _))| {
        let compared = [compared(at, &|_| true), compared(at, &|own| group.accounts.contains(&own))];
        (*id, Counts { tested: data.counts(at), without_members: without.counts(at), compared })
    };
    data.events.iter().enumerate().map(of).collect()
}

/// Accounts in the order of their names in the bundle. Units are numbered in that order, which no id has.
pub(super) fn accounts(cache: &Cache, group: &GroupLead) -> Table {
    let data = &group.events;
    let events = data.events.iter().map(|(id, _)| *id);
    let mut table = Table::new(ACCOUNT.into_iter().chain(events));
    let mut order: Vec<_> = data.accounts.iter().collect();
    let part = |own: &EventAccount| match own.in_community {
        true => 0,
        false => 1 + usize::from(!group.accounts.contains(&own.account)),
    };
    order.sort_by_key(|own| (part(own), &cache.accounts()[own.account as usize].id));
    let mut units: BTreeMap<u32, usize> = BTreeMap::new();
    let day = |t: Micros| Zone::utc().format_date(t);
    for own in order {
        let account = &cache.accounts()[own.account as usize];
        let next = units.len() + 1;
        let unit = *units.entry(own.unit).or_insert(next);
        let outcome = |happened: &Option<bool>| {
            happened.map_or_else(String::new, |happened| u8::from(happened).to_string())
        };
        let facts = [
            cell(account.id.as_str()),
            PARTS[part(own)].to_owned(),
            unit.to_string(),
            own.client.to_string(),
            own.weight.to_string(),
            account.created.map_or_else(String::new, day),
            day(account.first),
            day(account.last),
            account.exchanges.to_string(),
        ];
        table.push(facts.into_iter().chain(own.outcomes.iter().map(outcome)).collect());
    }
    table
}

/// All accounts outside the community by event and client family.
pub(super) fn families(data: &EventData) -> Table {
    let mut table = Table::new(FAMILY);
    for (event, outside) in &data.events {
        for (client, (weight, happened)) in outside.iter().enumerate() {
            let row = [(*event).to_owned(), client.to_string(), weight.to_string(), happened.to_string()];
            table.push(row.to_vec());
        }
    }
    table
}

/// p-value of an event if its units had this correlation instead of the assumed one; without any for `None`.
fn at_correlation(figures: &EventFigures, correlation: Option<f64>) -> f64 {
    let (hits, units) = ((figures.happened + 1e-9) as u64, figures.units as u64);
    if hits < EventCounts::MIN_HITS {
        return 1.0;
    }
    let log10_p = match correlation {
        None => log10_binomial_tail(hits, units, figures.expected),
        Some(correlation) => log10_upper_tail(hits, units, figures.expected, correlation),
    };
    10.0_f64.powf(log10_p.max(EventCounts::MIN_LOG10_P))
}

/// Figures of the testable events of a lead.
pub(super) fn figures(lead: &str, counted: &Counted) -> Table {
    let mut table = Table::new(FIGURES);
    for (event, counts) in counted {
        let Some(figures) = counts.tested.figures() else { continue };
        let without = counts.without_members.figures().unwrap_or_default();
        let [compared, members] = counts.compared;
        table.push(vec![
            lead.to_owned(),
            (*event).to_owned(),
            figures.units.to_string(),
            figures.accounts.to_string(),
            figures.happened.to_string(),
            figures.observed_outside.to_string(),
            figures.expected.to_string(),
            10.0_f64.powf(figures.log10_p).to_string(),
            10.0_f64.powf(figures.log10_p_outside).to_string(),
            compared.to_string(),
            members.to_string(),
            without.observed_outside.to_string(),
            without.expected.to_string(),
            10.0_f64.powf(without.log10_p).to_string(),
            at_correlation(&figures, None).to_string(),
            at_correlation(&figures, Some(HIGHER_CORRELATION)).to_string(),
        ]);
    }
    table
}

/// Table of the figures of a lead; `None` without events.
pub(super) fn of_lead(group: &GroupLead) -> Option<Table> {
    (!group.events.events.is_empty()).then(|| figures(group.id.as_str(), &counted(group)))
}

/// Name of an event in the table of figures with and without contested accounts.
pub(super) fn contested_name(id: &str) -> String {
    format!("event {id} {}", event_of(id).map_or("", |about| about.title))
}

/// Events of a lead, counted with all accounts and without some, as one table has them beside each other.
pub(super) fn with_and_without(
    group: &GroupLead,
    without: &BTreeSet<AccountIndex>,
) -> Vec<(&'static str, [String; 2])> {
    let all = &group.events;
    let mut rest = all.clone();
    rest.accounts.retain(|own| !without.contains(&own.account));
    let of = |(at, (id, _)): (usize, &(&'static str, _))| {
        (*id, [&all.counts(at), &rest.counts(at)].map(in_one_cell))
    };
    all.events.iter().enumerate().map(of).collect()
}

/// `39 of 39, p 1.400e-18`.
pub(super) fn in_one_cell(counts: &EventCounts) -> String {
    counts.figures().map_or_else(
        || "not testable".to_owned(),
        |figures| {
            let p = probability(Some(10.0_f64.powf(figures.log10_p)));
            format!("{} of {}, p {p}", figures.happened.round(), figures.units)
        },
    )
}

/// Counts that the tables of a lead give.
///
/// # Errors
/// Fault of a table, in words.
pub(super) fn read(accounts: &[u8], families: &[u8]) -> Result<Counted, String> {
    let mut counted: Counted = Vec::new();
    let mut reader = csv::Reader::from_reader(families);
    for row in reader.records() {
        let row = row.map_err(|error| format!("is not a table: {error}"))?;
        let number = |at: usize| row.get(at)?.parse::<f64>().ok();
        let id = row.get(0).and_then(event_of).ok_or("has an event that there is none of")?.id;
        if counted.last().is_none_or(|(last, _)| *last != id) {
            counted.push((id, Counts::default()));
        }
        let client = row.get(1).and_then(|own| own.parse::<usize>().ok()).filter(|own| *own < FAMILIES);
        let sums = client.zip(number(2).zip(number(3))).ok_or("has a row that is no client family")?;
        if let Some((_, counts)) = counted.last_mut() {
            counts.tested.outside[sums.0] = sums.1;
            counts.without_members.outside[sums.0] = sums.1;
        }
    }
    let mut reader = csv::Reader::from_reader(accounts);
    let header = reader.headers().map_err(|error| format!("is not a table: {error}"))?.clone();
    let ids = counted.iter().map(|(id, _)| *id);
    if !header.iter().eq(ACCOUNT.into_iter().chain(ids)) {
        return Err("has other columns than the events need".to_owned());
    }
    for row in reader.records() {
        let row = row.map_err(|error| format!("is not a table: {error}"))?;
        read_account(&row, &mut counted).ok_or("has a row that is no account")?;
    }
    Ok(counted)
}

/// Adds an account to the counts of each event.
fn read_account(row: &csv::StringRecord, counted: &mut Counted) -> Option<()> {
    let part = PARTS.iter().position(|part| row.get(1) == Some(*part))?;
    let (unit, client) = (row.get(2)?.parse().ok()?, row.get(3)?.parse::<u8>().ok()?);
    let weight: f64 = row.get(4)?.parse().ok()?;
    for ((_, counts), outcome) in counted.iter_mut().zip(row.iter().skip(ACCOUNT.len())) {
        let happened = match outcome {
            "" => continue,
            "0" => false,
            "1" => true,
            _ => return None,
        };
        let is_member = PARTS[part] == MEMBER;
        if part > 0 {
            counts.compared = [counts.compared[0] + 1, counts.compared[1] + usize::from(is_member)];
        }
        for own in [Some(&mut counts.tested), (!is_member).then_some(&mut counts.without_members)] {
            let Some(own) = own else { continue };
            if part == 0 {
                own.community.push((unit, client, happened));
            } else {
                let sums = own.nearest.get_mut(usize::from(client))?;
                *sums = (sums.0 + weight, sums.1 + if happened { weight } else { 0.0 });
            }
        }
    }
    Some(())
}

/// SQL that gives [`figures`] from the tables of a lead.
pub(super) fn sql(lead: &str, events: &[&str], evidence: u64) -> String {
    let columns: Vec<String> = events.iter().map(|id| format!("{id}::BIGINT AS {id}")).collect();
    let [client_prior, overall_prior] = [EventCounts::CLIENT_PRIOR_UNITS, EventCounts::OVERALL_PRIOR_UNITS];
    let [least, rho] = [EventCounts::MIN_EXPECTED, EventCounts::CORRELATION];
    let [min_share, max_share] = EventCounts::SHARES;
    let (hits, units, bound) =
        (EventCounts::MIN_HITS, EventCounts::MIN_UNITS, 10.0_f64.powf(EventCounts::MIN_LOG10_P));
    // Upper tail of a beta-binomial distribution whose mean is a share.
    let tail = |share: &str, rho: f64| {
        let [a, b] = [format!("({share}) * (1 / {rho} - 1)"), format!("(1 - ({share})) * (1 / {rho} - 1)")];
        format!(
            "CASE WHEN hits < {hits} THEN 1 ELSE greatest(least(list_sum([exp(
    lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + lgamma(x + {a}) + lgamma(n - x + {b}) - lgamma(n + {a} + {b})
    - lgamma({a}) - lgamma({b}) + lgamma({a} + {b})) for x in range(hits::BIGINT, n + 1)]), 1), {bound:e}) END"
        )
    };
    let [p, p_outside] =
        ["expected_share".to_owned(), format!("least(greatest(share_outside, {min_share}), {max_share})")]
            .map(|share| tail(&share, rho));
    let p_higher = tail("expected_share", HIGHER_CORRELATION);
    let p_none = format!(
        "CASE WHEN hits < {hits} THEN 1 ELSE greatest(least(list_sum([exp(
    lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + x * ln(expected_share) + (n - x) * ln(1 - expected_share))
    for x in range(hits::BIGINT, n + 1)]), 1), {bound:e}) END"
    );
    format!(
        "\
-- Events of lead {lead}: units of the community to which each happened, and the share expected from other accounts
-- with similar prompts; once as tested, and once without members of the lead among these. Run in this folder with
-- DuckDB; gives E{evidence}.{EVENTS}.
WITH account AS (
  SELECT part, unit, client::BIGINT AS client, weight::DOUBLE AS weight, {columns}
  FROM read_csv('E{evidence}.{ACCOUNTS}', header = true, all_varchar = true)
),
seen AS (UNPIVOT account ON {events} INTO NAME event VALUE happened),
family AS (SELECT event, client, weight::DOUBLE AS weight, happened::DOUBLE AS happened
  FROM read_csv('E{evidence}.{FAMILIES_FILE}', header = true)),
everywhere AS (SELECT event, sum(happened) / greatest(sum(weight), 1) AS share FROM family GROUP BY event),
of_client AS (
  SELECT event, client, (happened + {overall_prior} * share) / (greatest(weight, 0) + {overall_prior}) AS share
  FROM family JOIN everywhere USING (event)
),
compared AS (SELECT * FROM (VALUES ('tested', '{MEMBER}'), ('tested', 'outside'), ('without', 'outside')) AS t (way, part)),
nearest AS (
  SELECT way, event, client, sum(weight) AS weight, sum(weight * happened) AS happened
  FROM seen JOIN compared USING (part) GROUP BY ALL
),
expected AS (
  SELECT w.way, event, client, greatest(
    (coalesce(n.happened, 0) + {client_prior} * c.share) / (coalesce(n.weight, 0) + {client_prior}), {least} * c.share
  ) AS share
  FROM of_client c CROSS JOIN (SELECT DISTINCT way FROM compared) w LEFT JOIN nearest n USING (way, event, client)
),
unit AS (
  SELECT way, event, unit, count(*) AS accounts, avg(happened) AS happened, avg(share) AS share
  FROM seen JOIN expected USING (event, client) WHERE part = 'community' GROUP BY ALL
),
found AS (
  SELECT way, event, count(*) AS n, sum(accounts) AS accounts, sum(happened) AS happened,
    least(greatest(avg(share), {min_share}), {max_share}) AS expected_share, floor(sum(happened) + 1e-9) AS hits
  FROM unit GROUP BY ALL HAVING count(*) >= {units}
),
observed AS (SELECT way, event, sum(happened) / sum(weight) AS share FROM nearest GROUP BY ALL),
shares AS (
  SELECT found.*, coalesce(observed.share, 0) AS share_outside FROM found LEFT JOIN observed USING (way, event)
),
others AS (
  SELECT event, count(*) FILTER (part <> 'community') AS accounts, count(*) FILTER (part = '{MEMBER}') AS members
  FROM seen GROUP BY event
),
-- A p-value is the upper tail of a beta-binomial distribution with intraclass correlation {rho}; the last one is what it
-- would be if the share outside, before adjustment for client families, were the expected one.
figures AS (SELECT *,
  {p} AS p_value,
  {p_outside} AS p_value_at_share_outside,
  {p_none} AS p_value_at_correlation_0,
  {p_higher} AS p_value_at_correlation_0_1
FROM shares)
SELECT '{lead}' AS lead, t.event, t.n AS units, t.accounts::BIGINT AS accounts, t.happened, t.share_outside,
  t.expected_share, t.p_value, t.p_value_at_share_outside, o.accounts AS accounts_compared,
  o.members AS members_compared, w.share_outside AS share_without_members,
  w.expected_share AS expected_share_without_members, w.p_value AS p_value_without_members,
  t.p_value_at_correlation_0, t.p_value_at_correlation_0_1
FROM figures t JOIN figures w USING (event) JOIN others o USING (event)
WHERE t.way = 'tested' AND w.way = 'without'
ORDER BY t.event;
",
        columns = columns.join(", "),
        events = events.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six units of the community, of which four have the event, among 40 others of which four have it.
    fn tables() -> [String; 2] {
        let account = |at: usize, part: &str, happened: bool| {
            format!("a{at},{part},{at},1,1,2026-05-01,2026-05-02,2026-05-03,9,{}\n", u8::from(happened))
        };
        let head = ACCOUNT.join(",") + ",A1\n";
        let community: String = (0..6).map(|at| account(at, PARTS[0], at < 4)).collect();
        let part = |at: usize| if at < 9 { MEMBER } else { PARTS[2] };
        let outside: String = (6..46).map(|at| account(at, part(at), at < 10)).collect();
        [head + &community + &outside, FAMILY.join(",") + "\nA1,0,0,0\nA1,1,100,10\n"]
    }

    #[test]
    fn figures_are_counted_from_the_tables() {
        let [accounts, families] = tables();
        let counted = read(accounts.as_bytes(), families.as_bytes()).unwrap();
        let figures = counted[0].1.tested.figures().unwrap();
        assert_eq!((figures.units, figures.accounts, figures.happened), (6, 6, 4.0));
        // (4 + 10 × (10 + 3 × 0.1) / 103) / (40 + 10)
        assert!((figures.expected - 0.1).abs() < 1e-12, "{}", figures.expected);
        assert!(figures.log10_p < -2.0);
        // Three of the forty are members of the lead, and three of the four that have it.
        assert_eq!(counted[0].1.compared, [40, 3]);
        let without = counted[0].1.without_members.figures().unwrap();
        assert!((without.observed_outside - 1.0 / 37.0).abs() < 1e-12, "{without:?}");
        assert!(without.log10_p < figures.log10_p);
        let row = super::figures("L-1", &counted).rows()[0].clone();
        assert_eq!(row[9..11], ["40", "3"]);
        let [none, assumed, higher] = [14, 7, 15].map(|at| row[at].parse::<f64>().unwrap());
        assert!(none < assumed && assumed < higher, "{row:?}");
        for (from, to) in
            [(",A1\n", ",A2\n"), ("community", "other"), (",9,1\n", ",9,yes\n"), (",1,1,", ",9,x,")]
        {
            let changed = accounts.replacen(from, to, 1);
            assert!(read(changed.as_bytes(), families.as_bytes()).is_err(), "{from}");
        }
        assert!(read(accounts.as_bytes(), b"event,client,weight,happened\nA99,0,1,1\n").is_err());
    }
}
