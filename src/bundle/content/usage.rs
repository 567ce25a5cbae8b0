//! Rows of the scopes relied on against other tables: names of exchanges, the records, first and last exchange of each
//! account, and exchanges and tokens of the legal tables.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::RecordBatch;

use super::super::contents::Contents;
use super::super::journal_fold::{Facts, Placed};
use super::super::legal::Basis;
use super::super::legal::tables::{AFTER, GAPS, HARM};
use super::super::{BundleError, Fault, parquet_check};
use super::records::{Records, number, text};
use super::tables::table;
use crate::exhibit::cell;
use crate::model::{ExchangeRef, Micros, Watcher, Zone};

const FOLDER: &str = "data/04_summaries/underlying";
const MOST: usize = 20;

/// Exchange of a scope.
#[derive(Clone)]
struct Row {
    ts: Micros,
    model: usize,
    input: Option<i64>,
    output: Option<i64>,
}

/// Rows of all scopes relied on.
#[derive(Default)]
struct Rows {
    /// Exchanges by account, of accounts with all of their exchanges.
    whole: BTreeMap<String, Vec<Row>>,
    /// Time of creation of these accounts, where it is recorded.
    created: BTreeMap<String, Option<Micros>>,
    /// Names of models, as tables have them.
    models: Vec<String>,
}

/// Sums of exchanges: their number, those without a count of tokens, input and output tokens.
type Sums = [u64; 4];

/// Faults of rows, and of tables that they give otherwise.
///
/// # Errors
/// Cancelled.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    records: &Records,
    accounts: &str,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let sources = sources(contents);
    let known: BTreeMap<&str, &super::records::Row> =
        records.rows.iter().map(|row| (row.exchange.as_str(), row)).collect();
    let mut rows = Rows::default();
    let mut faults = Vec::new();
    for placed in facts.exhibits().filter(|placed| placed.kind == "accounts") {
        let name = format!("{FOLDER}/E{}.rows.parquet", placed.evidence);
        if !contents.has(&name) {
            continue;
        }
        let is_relied = facts.evidence.get(&placed.evidence).is_some_and(|own| own.tag == "relied-on");
        let mut of: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let read = parquet_check::each_batch(&contents.path(&name), watcher, &mut |batch, first| {
            for at in 0..batch.num_rows() {
                let row = first + at + 1;
                let exchange = text(batch, "exchange", at).unwrap_or_default();
                let place = exchange.parse::<ExchangeRef>().ok();
                let place = place.map(|own| ((own.snapshot.to_string(), cell(&own.file)), own.row));
                let is_known = place
                    .as_ref()
                    .is_some_and(|(file, own)| sources.get(file).is_some_and(|rows| own < rows));
                if !is_known || !seen.insert(place) {
                    return Err(format!("row {row} has an exchange that no source has, or one twice"));
                }
                if known.get(exchange.as_str()).is_some_and(|own| !is_record(own, batch, at)) {
                    return Err(format!("row {row} is not that of the records"));
                }
                rows.add(batch, at, &mut of);
            }
            Ok(())
        });
        watcher.check()?;
        if let Err(what) = read {
            faults.push(Fault::new(&name, what));
            continue;
        }
        let ends = ends(contents, &placed, of, &mut rows.created);
        let (whole, found) = ends.unwrap_or_else(|fault| (BTreeMap::new(), vec![fault]));
        faults.extend(found);
        rows.whole.extend(whole.into_iter().filter(|_| is_relied));
    }
    let made = [
        harm(contents, facts, accounts, &rows),
        after(contents, &rows),
        acceptance(contents, records, accounts, &rows),
    ];
    faults.extend(made.into_iter().flat_map(|made| made.unwrap_or_else(|fault| vec![fault])));
    faults.truncate(100);
    Ok(faults)
}

/// Rows of the files of the log.
fn sources(contents: &Contents) -> BTreeMap<(String, String), u64> {
    let rows = table(contents, "data/06_custody/sources.csv", &["snapshot_sha256", "file", "rows"]);
    let rows = rows.unwrap_or_default().into_iter();
    rows.map(|row| ((row[0].clone(), row[1].clone()), row[2].parse().unwrap_or(0))).collect()
}

/// True if a row has the account, time, model and tokens of a record.
fn is_record(own: &super::records::Row, batch: &RecordBatch, at: usize) -> bool {
    let counted = &own.counted;
    text(batch, "account_id", at).unwrap_or_default() == counted.account
        && text(batch, "model", at).unwrap_or_default() == counted.model
        && number(batch, "ts", at) == counted.ts
        && number(batch, "input_tokens", at) == counted.input
        && number(batch, "output_tokens", at) == counted.output
}

impl Rows {
    fn add(&mut self, batch: &RecordBatch, at: usize, of: &mut BTreeMap<String, Vec<Row>>) {
        let model = text(batch, "model", at).map_or_else(|| "not recorded".to_owned(), |name| cell(&name));
        let model = self.models.iter().position(|own| *own == model).unwrap_or_else(|| {
            self.models.push(model);
            self.models.len() - 1
        });
        let [input, output] = ["input_tokens", "output_tokens"].map(|column| number(batch, column, at));
        let row = Row { ts: number(batch, "ts", at).unwrap_or_default(), model, input, output };
        of.entry(cell(&text(batch, "account_id", at).unwrap_or_default())).or_default().push(row);
    }
}

fn add(sums: &mut Sums, row: &Row) {
    let tokens = |count: Option<i64>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
    let own =
        [1, u64::from(row.input.is_none() || row.output.is_none()), tokens(row.input), tokens(row.output)];
    sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
}

type Ends = (BTreeMap<String, Vec<Row>>, Vec<Fault>);

/// Accounts with all of their exchanges, and faults of the first and last ones that their exhibit states.
fn ends(
    contents: &Contents,
    placed: &Placed,
    mut of: BTreeMap<String, Vec<Row>>,
    created: &mut BTreeMap<String, Option<Micros>>,
) -> Result<Ends, Fault> {
    let name = format!("data/03_exhibits/{}.csv", placed.number);
    let columns = ["account_id", "exchanges_in_scope", "exchanges", "first", "last", "created"];
    let (mut whole, mut faults) = (BTreeMap::new(), Vec::new());
    for row in table(contents, &name, &columns)? {
        let Some(own) = of.remove(&row[0]).filter(|_| row[1] == row[2]) else { continue };
        let times = || own.iter().map(|own| own.ts);
        let moment = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
        if moment(&row[3]) != times().min() || moment(&row[4]) != times().max() {
            faults.push(Fault::new(&name, format!("has another first or last exchange of {}", row[0])));
        }
        created.insert(row[0].clone(), moment(&row[5]));
        whole.insert(row[0].clone(), own);
    }
    faults.truncate(MOST);
    Ok((whole, faults))
}

/// Accounts relied on: those of the exhibit, and of single exchanges.
fn relied(contents: &Contents, records: &Records, accounts: &str) -> Result<BTreeSet<String>, Fault> {
    let mut relied: BTreeSet<String> =
        table(contents, accounts, &["account"])?.into_iter().map(|row| row[0].clone()).collect();
    let is_relied = |tags: &str| tags.split("; ").any(|tag| tag == "relied-on");
    let marked = records.rows.iter().filter(|row| is_relied(&row.tags));
    relied.extend(marked.map(|row| cell(&row.counted.account)));
    Ok(relied)
}

/// Acceptance by other accounts than those relied on; first exchange and exchanges before acceptance of accounts with
/// all of their exchanges.
fn acceptance(
    contents: &Contents,
    records: &Records,
    accounts: &str,
    rows: &Rows,
) -> Result<Vec<Fault>, Fault> {
    let name = format!("data/{GAPS}");
    if !contents.has(&name) || !contents.has(accounts) {
        return Ok(Vec::new());
    }
    let columns = [
        "account",
        "first_exchange_utc",
        "first_acceptance_utc",
        "accepted_by_utc",
        "exchanges",
        "exchanges_before_acceptance",
        "exchanges_on_day_of_acceptance",
    ];
    let stated = table(contents, &name, &columns)?;
    let named: BTreeSet<String> = stated.iter().map(|row| row[0].clone()).collect();
    let mut faults = Vec::new();
    if !stated.is_empty() && named != relied(contents, records, accounts)? {
        faults.push(Fault::new(&name, "has other accounts than those relied on"));
    }
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
    for row in &stated {
        let Some(own) = rows.whole.get(&row[0]) else { continue };
        let earlier = |bound: &str| {
            moment(bound).map_or(own.len(), |bound| own.iter().filter(|row| row.ts < bound).count())
        };
        let before = earlier(&row[2]);
        let counts =
            [own.len(), before, earlier(&row[3]).saturating_sub(before)].map(|count| count.to_string());
        if moment(&row[1]) != own.iter().map(|row| row.ts).min() || row[4..] != counts {
            let what = format!("has another first exchange or other counts of {} than its rows", row[0]);
            faults.push(Fault::new(&name, what));
        }
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Harm of all exchanges of the accounts relied on, where the bundle has all of them.
fn harm(contents: &Contents, facts: &Facts, accounts: &str, rows: &Rows) -> Result<Vec<Fault>, Fault> {
    let name = format!("data/{HARM}");
    if !contents.has(&name) || !contents.has(accounts) {
        return Ok(Vec::new());
    }
    let relied: BTreeSet<String> =
        table(contents, accounts, &["account"])?.into_iter().map(|row| row[0].clone()).collect();
    if facts.evidence.is_empty() || !relied.iter().all(|account| rows.whole.contains_key(account)) {
        return Ok(Vec::new());
    }
    let mut made: BTreeMap<&str, Sums> = BTreeMap::new();
    for row in relied.iter().filter_map(|account| rows.whole.get(account)).flatten() {
        add(made.entry(&rows.models[row.model]).or_default(), row);
    }
    let columns =
        ["basis", "model", "exchanges", "exchanges_without_token_counts", "input_tokens", "output_tokens"];
    let stated = table(contents, &name, &columns)?;
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for row in
        stated.iter().filter(|row| row[0] == Basis::All.words() && !row[1].starts_with("all models with"))
    {
        let own: Vec<u64> = row[2..].iter().map(|count| count.parse().unwrap_or(0)).collect();
        let sum = sums.entry(&row[1]).or_default();
        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    let odd = stated.iter().find(|row| Basis::ALL.iter().all(|basis| basis.words() != row[0]));
    let mut faults: Vec<Fault> = odd
        .map(|row| Fault::new(&name, format!("has a basis that no harm has: {}", row[0])))
        .into_iter()
        .collect();
    if sums != made {
        faults
            .push(Fault::new(&name, "has other exchanges or tokens of a model than the rows of the scopes"));
    }
    Ok(faults)
}

/// Exchanges after notices, of accounts with all of their exchanges.
fn after(contents: &Contents, rows: &Rows) -> Result<Vec<Fault>, Fault> {
    let name = format!("data/{AFTER}");
    if !contents.has(&name) {
        return Ok(Vec::new());
    }
    let columns = [
        "account",
        "time_utc",
        "first_utc",
        "last_utc",
        "exchanges",
        "exchanges_without_token_counts",
        "input_tokens",
        "output_tokens",
        "made_after_it",
    ];
    let utc = |time: Micros| Zone::utc().format_exact(time);
    let mut faults = Vec::new();
    for (row, at) in table(contents, &name, &columns)?.iter().zip(1..) {
        let Some(own) = rows.whole.get(&row[0]) else { continue };
        let mut times: Vec<Micros> = own.iter().map(|own| own.ts).collect();
        times.sort_unstable();
        // Texts of UTC ascend with their times.
        let later: Vec<Micros> = times.into_iter().filter(|time| utc(*time) > row[1]).collect();
        let is_first = later.first().is_some_and(|first| utc(*first) == row[2]);
        let is_last = later.iter().any(|time| utc(*time) == row[3]);
        let mut sums = Sums::default();
        let is_counted = |own: &&Row| utc(own.ts) >= row[2] && utc(own.ts) <= row[3];
        own.iter().filter(is_counted).for_each(|own| add(&mut sums, own));
        let created = rows.created.get(&row[0]).copied().flatten();
        let made_after = created.map_or("not recorded", |own| if utc(own) > row[1] { "yes" } else { "no" });
        let is_counted = row[4..8] == sums.map(|sum| sum.to_string()) && row[8] == made_after;
        if !is_first || !is_last || !is_counted {
            faults.push(Fault::new(&name, format!("row {at} is not what the rows of {} give", row[0])));
        }
    }
    faults.truncate(MOST);
    Ok(faults)
}
