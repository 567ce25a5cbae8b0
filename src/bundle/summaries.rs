//! `04_summaries`: counts of records, each with SQL that gives the same figures.
//!
//! The figures are computed here without SQL; a reader can run the SQL in DuckDB and compare.

use std::collections::BTreeMap;

use serde_json::json;

use super::BundleError;
use super::bag::Bag;
use super::records::{MarkedRecord, RECORDS, pretty};
use crate::exhibit::{Table, spreadsheet_safe};
use crate::model::{Digest, Micros, Zone};

/// One summary: a count of records, as SQL and as figures.
pub(super) struct Summary {
    /// `S-001`.
    pub name: String,
    /// Its title.
    pub title: &'static str,
    /// SQL for DuckDB, run in the folder `04_summaries`.
    pub sql: String,
    /// The figures.
    pub csv: Vec<u8>,
}

/// Values of one record that summaries count.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Time, microseconds UTC.
    pub ts: Option<Micros>,
    /// Account; empty for none.
    pub account: String,
    /// Model; empty for none.
    pub model: String,
    /// Input and output tokens.
    pub input: Option<i64>,
    pub output: Option<i64>,
}

impl Row {
    fn of(marked: &MarkedRecord) -> Self {
        let number = |name: &str| marked.record.columns.get(name).and_then(serde_json::Value::as_i64);
        let text = |name: &str| marked.record.text(name).unwrap_or("").to_owned();
        Self {
            ts: number("ts"),
            account: text("account_id"),
            model: text("model"),
            input: number("input_tokens"),
            output: number("output_tokens"),
        }
    }
}

/// All summaries of the records; empty without records.
pub(super) fn summaries(rows: &[MarkedRecord]) -> Vec<Summary> {
    let rows: Vec<Row> = rows.iter().map(Row::of).collect();
    of_rows(&rows.iter().collect::<Vec<_>>())
}

/// All summaries of these values.
pub(super) fn of_rows(rows: &[&Row]) -> Vec<Summary> {
    if rows.is_empty() {
        return Vec::new();
    }
    let made = [
        (
            "Exchanges marked as evidence, by account",
            by_text_sql("account_id"),
            by_text(rows, "account_id", |row| &row.account),
        ),
        ("Exchanges marked as evidence, by day (UTC)", BY_DAY.to_owned(), by_day(rows)),
        (
            "Exchanges marked as evidence, by model",
            by_text_sql("model"),
            by_text(rows, "model", |row| &row.model),
        ),
        ("Exchanges marked as evidence, by hour of the week (UTC)", BY_HOUR.to_owned(), by_hour(rows)),
    ];
    let numbered = made.into_iter().zip(1..);
    numbered
        .map(|((title, sql, table), number)| Summary {
            name: format!("S-{number:03}"),
            title,
            sql,
            csv: table.to_csv(),
        })
        .collect()
}

/// Puts the summaries into a bag. `records` is the SHA-256 of the Parquet file.
pub(super) fn put(bag: &mut Bag<'_>, summaries: &[Summary], records: Digest) -> Result<(), BundleError> {
    for summary in summaries {
        for (name, bytes, _) in files(summary, records) {
            bag.put(&name, &bytes)?;
        }
    }
    Ok(())
}

/// Files of a summary: name, bytes, and the fault of a file with other bytes.
pub(super) fn files(summary: &Summary, records: Digest) -> [(String, Vec<u8>, &'static str); 3] {
    let name = format!("04_summaries/{}", summary.name);
    let sql = format!("-- {}. Run in this folder with DuckDB.\n{}", summary.title, summary.sql).into_bytes();
    let inputs = json!({
        "title": summary.title,
        "sql": {"file": format!("{}.sql", summary.name), "sha256": Digest::of(&sql)},
        "result": {"file": format!("{}.csv", summary.name), "sha256": Digest::of(&summary.csv)},
        "inputs": [{"file": format!("../02_records/{RECORDS}.parquet"), "sha256": records}],
        "runs_in": "DuckDB, from the folder of this file",
    });
    [
        (format!("{name}.csv"), summary.csv.clone(), "is not what its SQL counts in the records"),
        (format!("{name}.sql"), sql, "is not the SQL of this summary"),
        (
            format!("{name}.inputs.json"),
            pretty(&inputs),
            "does not name the files and hashes of this summary",
        ),
    ]
}

const BY_DAY: &str = "\
SELECT strftime(make_timestamp(epoch_us(ts)), '%Y-%m-%d') AS day, count(*) AS exchanges
FROM '../02_records/EX-0001.parquet'
GROUP BY day
ORDER BY day;
";

const BY_HOUR: &str = "\
SELECT isodow(make_timestamp(epoch_us(ts))) AS day_of_week, hour(make_timestamp(epoch_us(ts))) AS hour,
       count(*) AS exchanges
FROM '../02_records/EX-0001.parquet'
GROUP BY ALL
ORDER BY day_of_week, hour;
";

/// SQL of a summary by a text column. The inner select groups by the recorded value; the outer select writes
/// it as in the table, with a `'` before a value that a spreadsheet would read as a formula.
fn by_text_sql(column: &str) -> String {
    format!(
        "\
SELECT CASE WHEN left(named, 1) IN ('=', '+', '-', '@', '＝', '＋', '－', '＠', '−', chr(9), chr(13)) THEN '''' || named ELSE named END
         AS {column},
       exchanges, first, last, input_tokens, output_tokens
FROM (
  SELECT coalesce({column}, '') AS named, count(*) AS exchanges,
         strftime(make_timestamp(epoch_us(min(ts))), '%Y-%m-%dT%H:%M:%S.%f+00:00') AS first,
         strftime(make_timestamp(epoch_us(max(ts))), '%Y-%m-%dT%H:%M:%S.%f+00:00') AS last,
         coalesce(sum(input_tokens)::VARCHAR, '') AS input_tokens,
         coalesce(sum(output_tokens)::VARCHAR, '') AS output_tokens
  FROM '../02_records/EX-0001.parquet'
  GROUP BY named
)
ORDER BY exchanges DESC, named;
"
    )
}

#[derive(Default)]
struct Group {
    exchanges: u64,
    first: Option<Micros>,
    last: Option<Micros>,
    input: Option<i128>,
    output: Option<i128>,
}

fn by_text(rows: &[&Row], column: &'static str, text: fn(&Row) -> &str) -> Table {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for row in rows {
        let group = groups.entry(text(row)).or_default();
        group.exchanges += 1;
        if let Some(t) = row.ts {
            group.first = Some(group.first.map_or(t, |first| first.min(t)));
            group.last = Some(group.last.map_or(t, |last| last.max(t)));
        }
        for (sum, tokens) in [(&mut group.input, row.input), (&mut group.output, row.output)] {
            if let Some(tokens) = tokens {
                *sum = Some(sum.unwrap_or(0) + i128::from(tokens));
            }
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // Stable: equal counts stay in the order of the map, by name.
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.exchanges));
    let header = [column, "exchanges", "first", "last", "input_tokens", "output_tokens"];
    let mut table = Table::new(header);
    let exact = |t: Option<Micros>| t.map_or_else(String::new, |t| Zone::utc().format_exact(t));
    let sum = |sum: Option<i128>| sum.map_or_else(String::new, |sum| sum.to_string());
    for (name, group) in groups {
        table.push(vec![
            spreadsheet_safe(name).into_owned(),
            group.exchanges.to_string(),
            exact(group.first),
            exact(group.last),
            sum(group.input),
            sum(group.output),
        ]);
    }
    table
}

fn by_day(rows: &[&Row]) -> Table {
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    for t in rows.iter().filter_map(|row| row.ts) {
        *days.entry(t.div_euclid(DAY)).or_default() += 1;
    }
    let mut table = Table::new(["day", "exchanges"]);
    for (day, exchanges) in days {
        table.push(vec![Zone::utc().format_date(day * DAY), exchanges.to_string()]);
    }
    table
}

fn by_hour(rows: &[&Row]) -> Table {
    let mut hours: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    for t in rows.iter().filter_map(|row| row.ts) {
        // The first day of 1970 was a Thursday, the fourth day of the week.
        let day = (t.div_euclid(DAY) + 3).rem_euclid(7) + 1;
        *hours.entry((day, t.rem_euclid(DAY) / HOUR)).or_default() += 1;
    }
    let mut table = Table::new(["day_of_week", "hour", "exchanges"]);
    for ((day, hour), exchanges) in hours {
        table.push(vec![day.to_string(), hour.to_string(), exchanges.to_string()]);
    }
    table
}

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

#[cfg(test)]
pub(super) mod tests {
    use super::super::records::tests::marked;
    use super::*;

    pub(in super::super) fn some_records() -> Vec<MarkedRecord> {
        let row = |number, ts: i64, account: &str, model: serde_json::Value, tokens: i64| {
            let columns = [
                ("ts", json!(ts)),
                ("account_id", json!(account)),
                ("model", model),
                ("input_tokens", json!(tokens)),
                ("prompt_text", json!("</pre> words")),
            ];
            marked(number, &columns)
        };
        vec![
            row(1, 1_776_816_000_000_001, "=evil,\"x\"", json!("atlas"), 3),
            row(2, 1_776_902_399_999_999, "b\nc", json!(null), 4),
            row(3, 1_776_902_400_000_000, "=evil,\"x\"", json!("atlas"), 5),
            row(4, -1, "@a", json!("-m"), 6),
        ]
    }

    #[test]
    fn figures_are_those_counted_by_hand() {
        let made = summaries(&some_records());
        let csv = |at: usize| String::from_utf8(made[at].csv.clone()).unwrap();
        assert!(csv(0).contains(
            "\"'=evil,\"\"x\"\"\",2,2026-04-22T00:00:00.000001+00:00,2026-04-23T00:00:00.000000+00:00,8,\n"
        ));
        assert_eq!(csv(1), "day,exchanges\n1969-12-31,1\n2026-04-22,2\n2026-04-23,1\n");
        assert!(csv(2).contains("atlas,2,") && csv(2).contains("'-m,1,"));
        assert_eq!(csv(3), "day_of_week,hour,exchanges\n3,0,1\n3,23,2\n4,0,1\n");
    }

    #[test]
    fn nothing_marked_is_no_summary() {
        assert!(summaries(&[]).is_empty());
    }
}
