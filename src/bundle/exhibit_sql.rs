//! SQL beside the underlying data: figures of a lead's signals, and exhibits against the rows of their scopes.

use super::attributes::ATTRIBUTES;
use crate::model::Zone;

/// SQL that gives the figures of signals from the values of all accounts and the list of members.
pub(super) fn signals_sql(ids: &[&str], stem: &str) -> String {
    let parts: Vec<String> = ids
        .iter()
        .zip(1..)
        .map(|(id, order)| {
            format!(
                "SELECT {order} AS place, '{id}' AS signal, list_sort(list({id}_value) FILTER (own = 'core' AND {id}_value IS NOT NULL)) AS v,
  list({id}_value) FILTER (own IS NULL AND {id}_value IS NOT NULL) AS o FROM account"
            )
        })
        .collect();
    format!(
        "\
-- Figures of the core members by signal; a median is the lower of two middle values. Others are all accounts outside the
-- lead: those measured, and those with a value below that median. Run in this folder with DuckDB; gives {stem}.signals.csv.
WITH account AS (
  SELECT s.*, m.part AS own FROM 'signals.parquet' s
  LEFT JOIN read_csv('{stem}.members.csv', header = true, all_varchar = true) m ON s.account_id = m.account_id
)
SELECT signal, coalesce(len(v), 0) AS core_measured, v[1] AS least, v[(len(v) + 1) // 2] AS median, v[len(v)] AS greatest,
  coalesce(len(o), 0) AS others_measured,
  coalesce(len([x for x in o if x < v[(len(v) + 1) // 2]]), 0) AS others_below
FROM (
{}
)
ORDER BY place;
",
        parts.join("\nUNION ALL\n")
    )
}

/// SQL that compares an exhibit, by kind, number and title, with the rows of its scope; `None` for kinds that count no
/// rows.
pub(super) fn sql_of((kind, number, title): (&str, &str, &str), rows: &str, zone: &Zone) -> Option<String> {
    let table = format!("read_csv('../../03_exhibits/{number}.csv', header = true)");
    let time = if *zone == Zone::utc() {
        "make_timestamp(epoch_us(ts))".to_owned()
    } else {
        format!("ts AT TIME ZONE '{}'", zone.name().replace('\'', "''"))
    };
    let query = match kind {
        "hour_of_week" => format!(
            "\
SELECT t.day, t.hour, t.scope_exchanges, coalesce(n.exchanges, 0) AS counted
FROM {table} t
FULL JOIN (
  SELECT isodow({time}) AS day, hour({time}) AS hour, count(*) AS exchanges FROM '{rows}' GROUP BY ALL
) n ON n.day = list_position(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], t.day) AND n.hour = t.hour
WHERE t.scope_exchanges IS DISTINCT FROM coalesce(n.exchanges, 0);
"
        ),
        "timeline" => format!(
            "\
WITH t AS (SELECT *, row_number() OVER () - 1 AS bin FROM {table}),
span AS (
  SELECT epoch_us(min(start::TIMESTAMPTZ)) AS s, epoch_us(max(\"end\"::TIMESTAMPTZ)) AS e, count(*) AS n FROM t
),
counts AS (
  SELECT (epoch_us(r.ts) - s)::HUGEINT * n // (e - s) AS bin, count(*) AS exchanges
  FROM '{rows}' r, span GROUP BY ALL
)
SELECT t.start, t.scope_exchanges, coalesce(c.exchanges, 0) AS counted
FROM t FULL JOIN counts c ON c.bin = t.bin
WHERE t.scope_exchanges IS DISTINCT FROM coalesce(c.exchanges, 0);
"
        ),
        "coverage" => format!(
            "\
SELECT t.topic, t.scope_exchanges, coalesce(n.exchanges, 0) AS counted
FROM {table} t
FULL JOIN (
  SELECT topic, count(*) AS exchanges FROM '{rows}' WHERE topic IS NOT NULL GROUP BY topic
) n ON n.topic = t.topic
WHERE t.scope_exchanges IS DISTINCT FROM coalesce(n.exchanges, 0);
"
        ),
        "accounts" => format!(
            "\
SELECT t.account_id, t.exchanges_in_scope, coalesce(n.exchanges, 0) AS counted
FROM {table} t
FULL JOIN (SELECT account_id, count(*) AS exchanges FROM '{rows}' GROUP BY account_id) n
  ON n.account_id = t.account_id
WHERE t.exchanges_in_scope IS DISTINCT FROM coalesce(n.exchanges, 0);
"
        ),
        "links" => {
            let values = rows.replace("rows.parquet", ATTRIBUTES);
            format!(
                "\
SELECT t.account_id, t.attribute, t.value, n.in_all, n.accounts AS counted
FROM read_csv('../../03_exhibits/{number}.csv', header = true, all_varchar = true) t
LEFT JOIN (
  SELECT attribute, value, any_value(accounts_with_value) AS in_all, count(*) AS accounts
  FROM read_csv('{values}', header = true, all_varchar = true) GROUP BY attribute, value
) n ON n.attribute = t.attribute AND n.value = t.value
WHERE n.accounts IS DISTINCT FROM t.accounts_in_scope_with_value::BIGINT
  OR n.in_all IS DISTINCT FROM t.accounts_with_value;
"
            )
        }
        _ => return None,
    };
    let head = format!(
        "-- {number} ({title}) against the rows of its scope. Run in this folder with DuckDB: returns the rows that \
         differ, which are none.\n"
    );
    Some(head + &query)
}
