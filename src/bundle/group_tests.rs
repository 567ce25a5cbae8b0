//! `04_summaries/underlying/E1.tests.csv`: every test of a lead as a group, with what its p-value is made of, and SQL
//! that makes the p-values again.
//!
//! Signals of accounts are combined by Rüger's rule (1978) from the values of all accounts. Measures of the group count
//! random draws. Those of common control are combined by Cauchy's rule (Liu & Xie 2020), within each family and then
//! across families. Events have tables of their own.

use std::fmt::Write as _;

use crate::exhibit::Table;
use crate::leads::{COMBINED, Reason, common_control, p_of_draws};
use crate::signals::{self, About, Axis, SignalFamily};

/// Endings of the two files of a lead.
pub(super) const TESTS: &str = "tests.csv";
pub(super) const SQL: &str = "tests.sql";
/// Columns of the table.
pub(super) const COLUMNS: [&str; 9] =
    ["lead", "test", "rule", "family", "combined", "value", "extreme_draws", "draws", "p_value"];
/// Rules by which p-values are made.
const RULES: [&str; 3] = ["Ruger", "draws", "Cauchy"];
/// Smallest and largest p-value that Cauchy's rule uses.
const BOUNDS: [f64; 2] = [f64::EPSILON, 0.99];

/// A reason of a lead as tables have it.
pub(super) struct Stated {
    /// `G2 dense sign-up`.
    pub name: String,
    /// Value with all digits; empty where it has none.
    pub value: String,
    /// Draws as extreme as the group, and all draws; `None` for a reason without draws.
    pub draws: Option<[u32; 2]>,
    /// p-value by Rüger's rule from the values of the core members; `None` without one.
    pub of_accounts: Option<f64>,
}

impl Stated {
    /// A reason of the present list.
    pub(super) fn of(reason: &Reason) -> Self {
        Self {
            name: format!("{} {}", reason.signal, reason.title),
            value: reason.value.map_or_else(String::new, |value| value.to_string()),
            draws: reason.draws(),
            of_accounts: reason.p,
        }
    }
}

fn family(family: SignalFamily) -> &'static str {
    match family {
        SignalFamily::Content => "content",
        SignalFamily::Link => "links",
        SignalFamily::Rhythm => "rhythm",
    }
}

fn name(about: &About) -> String {
    format!("{} {}", about.id, about.title)
}

/// Tests of a lead, in the order of the signals; measures of common control are combined in the last row.
pub(super) fn table(lead: &str, reasons: &[Stated]) -> Table {
    let mut table = Table::new(COLUMNS);
    let mut push = |test: &str, [rule, of, combined]: [&str; 3], value: &str, draws: [String; 2], p: f64| {
        let [extreme, all] = draws;
        let p = p.to_string();
        let row = [lead, test, rule, of, combined, value, &extreme, &all, &p];
        table.push(row.map(str::to_owned).to_vec());
    };
    let find = |about: &About, is: fn(&Stated) -> bool| {
        let name = name(about);
        reasons.iter().find(|reason| reason.name == name && is(reason))
    };
    for about in signals::ALL.iter().map(|signal| signal.about()) {
        let tested = find(about, |own| own.of_accounts.is_some());
        if let Some((own, p)) = tested.and_then(|own| Some((own, own.of_accounts?))) {
            push(&own.name, [RULES[0], family(about.family), "no"], "", Default::default(), p);
        }
    }
    let mut combined = Vec::new();
    for about in signals::ALL_OF_GROUPS.iter().map(|signal| signal.about()) {
        let tested = find(about, |own| own.draws.is_some());
        let Some((own, draws)) = tested.and_then(|own| Some((own, own.draws?))) else { continue };
        let (p, is_combined) = (p_of_draws(draws), about.axis == Axis::CommonControl);
        combined.extend(is_combined.then_some((about.family, p)));
        let words = [RULES[1], family(about.family), if is_combined { "yes" } else { "no" }];
        push(&own.name, words, &own.value, draws.map(|count| count.to_string()), p);
    }
    if let Some(p) = common_control(&combined) {
        push(&format!("{COMBINED} common control"), [RULES[2], "", "no"], "", Default::default(), p);
    }
    table
}

/// SQL that gives the p-values of [`table`]. `tests` are the names of its rows.
pub(super) fn sql(tests: &[&str], stem: &str) -> String {
    let [least, most] = BOUNDS;
    let cauchy = |from: &str| {
        format!("0.5 - atan(avg(tan((0.5 - least(greatest({from}, {least:e}), {most})) * pi()))) / pi()")
    };
    let mut of_accounts = String::new();
    for about in signals::ALL.iter().map(|signal| signal.about()) {
        let name = name(about);
        if tests.contains(&name.as_str()) {
            let id = about.id;
            let _ = writeln!(
                of_accounts,
                "  UNION ALL SELECT '{name}', list_sort(list({id}_p) FILTER ({id}_p IS NOT NULL)) FROM core"
            );
        }
    }
    let (inner, outer) = (cauchy("p_value"), cauchy("p_value"));
    format!(
        "\
-- p-values of the tests of the lead as a group. Run in this folder with DuckDB; gives test and p_value of {stem}.{TESTS}.
WITH core AS (
  SELECT s.* FROM 'signals.parquet' s
  JOIN read_csv('{stem}.members.csv', header = true, all_varchar = true) m ON s.account_id = m.account_id
  WHERE m.part = 'core'
),
-- Rüger's rule (1978): the median p-value of the core members, times m / k for the k-th smallest of m.
of_accounts AS (
  SELECT NULL::VARCHAR AS test, NULL::DOUBLE[] AS p WHERE false
{of_accounts}),
-- Sequential Monte Carlo (Besag & Clifford 1991): drawing stops at the twentieth draw as extreme.
of_draws AS (
  SELECT test, family, combined, CASE
    WHEN extreme_draws::BIGINT >= 20 THEN extreme_draws::BIGINT / draws::BIGINT
    ELSE (1 + extreme_draws::BIGINT) / (1 + draws::BIGINT) END AS p_value
  FROM read_csv('{stem}.{TESTS}', header = true, all_varchar = true) WHERE draws IS NOT NULL
),
-- Cauchy's combination (Liu & Xie 2020), within each family, then across families.
of_family AS (SELECT {inner} AS p_value FROM of_draws WHERE combined = 'yes' GROUP BY family)
SELECT test, least(p[len(p) // 2 + 1] * len(p) / (len(p) // 2 + 1), 1) AS p_value FROM of_accounts
UNION ALL SELECT test, p_value FROM of_draws
UNION ALL SELECT '{COMBINED} common control', {outer} FROM of_family HAVING count(*) > 0
ORDER BY test;
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(name: &str, draws: Option<[u32; 2]>, of_accounts: Option<f64>) -> Stated {
        Stated { name: name.into(), value: "1".into(), draws, of_accounts }
    }

    #[test]
    fn the_combined_p_value_follows_from_the_draws() {
        // Hand-over and shared onset are of one family, dense sign-up of another.
        let reasons = [
            stated("R5 hand-over", Some([20, 20]), Some(1.0)),
            stated("G2 dense sign-up", Some([0, 999]), Some(0.001)),
            stated("G3 shared onset", Some([1, 879]), Some(2.0 / 880.0)),
            stated("G4 move to a new model", Some([0, 999]), Some(0.001)),
            stated("C2 coverage", None, Some(0.25)),
        ];
        let table = table("L-1", &reasons);
        let rows = table.rows();
        assert_eq!(rows.len(), 6);
        let p = |test: &str| rows.iter().find(|row| row[1] == test).unwrap()[8].parse::<f64>().unwrap();
        assert_eq!((p("R5 hand-over"), p("G2 dense sign-up")), (1.0, 0.001));
        // numpy: families (links: 0.001), (rhythm: 0.99, 2/880).
        assert!((p("G0 common control") - 1.709_5e-3).abs() < 1e-6, "{}", p("G0 common control"));
        let sql = sql(&["C2 coverage", "G2 dense sign-up"], "E1");
        assert!(sql.contains("SELECT 'C2 coverage', list_sort(list(C2_p)") && !sql.contains("C1_p"), "{sql}");
    }
}
