//! `04_summaries/underlying/E1.lead.csv`: the p-value of a content community, made of the p-values of its events, and SQL
//! that gives it from `E1.events.csv`.

use std::collections::BTreeMap;

use crate::exhibit::Table;
use crate::leads::{ANY_EVENT, GroupLead, event_of, events};

/// Endings of the two files of a lead.
pub(super) const LEAD: &str = "lead.csv";
pub(super) const LEAD_SQL: &str = "lead.sql";
/// Columns of the table.
pub(super) const COLUMNS: [&str; 8] = [
    "lead",
    "causes_tested",
    "four_times_smallest",
    "twice_fisher",
    "p_of_causes",
    "p_of_any_event",
    "communities",
    "p_value",
];
/// Causes that are looked for in accounts of any volume.
const CAUSES: f64 = 4.0;
/// Smallest p-value that is stated.
const LEAST: f64 = 1e-40;
/// Largest relative difference from the p-value of the list of leads.
const ROUNDING: f64 = 1e-6;

/// p-value of a community, made of those of its events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Combined {
    causes: usize,
    bonferroni: f64,
    fisher: Option<f64>,
    of_causes: f64,
    of_any: Option<f64>,
    /// Before correction for the number of communities.
    before: f64,
}

/// Combination of the p-values of events; `None` without an event that has a cause of its own.
pub(super) fn combined<'a>(of: impl Iterator<Item = (&'a str, f64)>) -> Option<Combined> {
    let mut causes: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut of_any = None;
    for (id, p) in of {
        if id == ANY_EVENT {
            of_any = Some(p);
            continue;
        }
        let own = causes.entry(event_of(id)?.family.word()).or_insert((1.0, 0.0));
        *own = (own.0.min(p), own.1 + 1.0);
    }
    let p: Vec<f64> = causes.values().map(|(least, tested)| (least * tested).min(1.0)).collect();
    let least = p.iter().copied().reduce(f64::min)?;
    let bonferroni = (CAUSES * least).min(1.0);
    let fisher = (p.len() > 1).then(|| (2.0 * fisher(&p)).min(1.0));
    let of_causes = bonferroni.min(fisher.unwrap_or(1.0)).max(LEAST);
    let before = of_any.map_or(of_causes, |any| std::f64::consts::E * (of_causes * any).sqrt()).max(LEAST);
    Some(Combined { causes: p.len(), bonferroni, fisher, of_causes, of_any, before })
}

/// Fisher's combined p-value: the tail of χ² with 2k degrees of freedom, a Poisson sum.
fn fisher(p: &[f64]) -> f64 {
    let x: f64 = -p.iter().map(|p| p.max(f64::MIN_POSITIVE).ln()).sum::<f64>();
    let (mut term, mut sum) = (1.0, 1.0);
    for i in 1..p.len() {
        term *= x / i as f64;
        sum += term;
    }
    sum * (-x).exp()
}

/// Table of a lead whose p-value is that of its events, by the table of these; `None` for another lead, and where the
/// number of communities does not follow because the p-value is 1.
pub(super) fn of_lead(group: &GroupLead, figures: &Table) -> Option<(Table, u64)> {
    let events: Vec<(&str, f64)> = figures
        .rows()
        .iter()
        .filter_map(|row| Some((row.get(1)?.as_str(), row.get(7)?.parse().ok()?)))
        .collect();
    let (made, stated) = (combined(events.into_iter())?, group.extraction_p.filter(|p| *p < 1.0)?);
    let communities = (stated / made.before).round();
    let is_own = communities >= 1.0 && (made.before * communities - stated).abs() <= ROUNDING * stated;
    is_own.then(|| (table(group.id.as_str(), &made, communities as u64), communities as u64))
}

/// The table of one lead.
pub(super) fn table(lead: &str, made: &Combined, communities: u64) -> Table {
    let number = |p: Option<f64>| p.map_or_else(String::new, |p| p.to_string());
    let mut table = Table::new(COLUMNS);
    table.push(vec![
        lead.to_owned(),
        made.causes.to_string(),
        made.bonferroni.to_string(),
        number(made.fisher),
        made.of_causes.to_string(),
        number(made.of_any),
        communities.to_string(),
        (made.before * communities as f64).min(1.0).to_string(),
    ]);
    table
}

/// SQL that gives [`table`] from the figures of the events.
pub(super) fn sql(lead: &str, communities: u64, evidence: u64) -> String {
    let causes: Vec<String> = events()
        .filter(|about| about.id != ANY_EVENT)
        .map(|about| format!("('{}', '{}')", about.id, about.family.word()))
        .collect();
    format!(
        "\
-- p-value of lead {lead}: events of one cause count as the smallest of their p-values times their number; causes are
-- combined by the smaller of Bonferroni's p-value for four causes and twice Fisher's over the causes that were tested; with
-- the p-value of any event by e times the geometric mean (Vovk & Wang 2020); times the communities tested.
-- Run in this folder with DuckDB; gives E{evidence}.{LEAD}.
WITH about AS (SELECT * FROM (VALUES {causes}) AS t (event, cause)),
events AS (SELECT event, p_value::DOUBLE AS p FROM read_csv('E{evidence}.events.csv', header = true)),
cause AS (SELECT cause, least(1, min(p) * count(*)) AS p FROM events JOIN about USING (event) GROUP BY cause),
sums AS (SELECT count(*) AS k, min(p) AS least_p, -sum(ln(p)) AS x FROM cause),
parts AS (
  SELECT k, least(1, {CAUSES} * least_p) AS four_times_smallest,
    CASE WHEN k > 1 THEN least(1, 2 * exp(-x) * list_sum([pow(x, i) / gamma(i + 1) for i in range(0, k)])) END AS twice_fisher
  FROM sums
),
whole AS (
  SELECT *, greatest(least(four_times_smallest, coalesce(twice_fisher, 1)), {LEAST:e}) AS p_of_causes,
    (SELECT p FROM events WHERE event = '{ANY_EVENT}') AS p_of_any_event
  FROM parts
)
SELECT '{lead}' AS lead, k AS causes_tested, four_times_smallest, twice_fisher, p_of_causes, p_of_any_event,
  {communities} AS communities,
  least(1, {communities} * greatest(coalesce(exp(1) * sqrt(p_of_causes * p_of_any_event), p_of_causes), {LEAST:e})) AS p_value
FROM whole;
",
        causes = causes.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of a lead of a log: p-values of events by hand, and of the lead as the program states it.
    #[test]
    fn the_p_value_of_a_lead_is_that_of_its_events() {
        let events = [("A1", 1e-6), ("A2", 1.0), ("A3", 1.0), ("A4", 0.2), ("A5", 1.0), (ANY_EVENT, 1e-5)];
        let made = combined(events.into_iter()).unwrap();
        assert_eq!(made.causes, 3);
        assert!((made.bonferroni - 1.2e-5).abs() < 1e-18, "{made:?}");
        // scipy.stats.combine_pvalues([3e-6, 0.2, 1.0], "fisher"), twice.
        let x = -(3e-6_f64.ln() + 0.2_f64.ln());
        let tail = (-x).exp() * (1.0 + x + x * x / 2.0);
        assert!((made.fisher.unwrap() - 2.0 * tail).abs() < 1e-15);
        let before = std::f64::consts::E * (1.2e-5_f64 * 1e-5).sqrt();
        assert!((made.before - before).abs() < 1e-15, "{made:?}");
        assert_eq!(combined([(ANY_EVENT, 0.1)].into_iter()), None);
        assert_eq!(table("L-1", &made, 292).rows()[0][6], "292");
        assert!(sql("L-1", 292, 7).contains("292 AS communities"));
    }
}
