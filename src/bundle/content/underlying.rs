//! `04_summaries/underlying`: exhibits and figures counted again from the rows and values behind them, and their SQL.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array as _, RecordBatch};

use super::super::contents::Contents;
use super::super::exhibit_sql::{signals_sql, sql_of};
use super::super::journal_fold::{Facts, Placed};
use super::super::underlying::{FIGURES, of_values};
use super::super::{BundleError, Fault, parquet_check};
use super::custody::zone_of;
use super::tables::table;
use crate::exhibit::cell;
use crate::model::{Micros, Watcher, Zone};

const FOLDER: &str = "data/04_summaries/underlying";
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SECOND: Micros = 1_000_000;
const DAY: Micros = 86_400 * SECOND;

/// Faults of exhibits that their rows do not give, of figures that the values do not give, and of SQL that is not the
/// program's.
///
/// # Errors
/// Cancelled.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let zone = zone_of(contents);
    let mut faults = Vec::new();
    let mut of_evidence: BTreeMap<u64, Vec<Placed>> = BTreeMap::new();
    for placed in facts.exhibits() {
        of_evidence.entry(placed.evidence).or_default().push(placed);
    }
    for (evidence, exhibits) in &of_evidence {
        let name = format!("{FOLDER}/E{evidence}.rows.parquet");
        if !contents.has(&name) {
            continue;
        }
        watcher.check()?;
        match rows(contents, &name, watcher) {
            Err(what) => faults.push(Fault::new(&name, what)),
            Ok(rows) => {
                for placed in exhibits {
                    faults.extend(exhibit(contents, placed, &rows, &zone));
                    faults.extend(sql(contents, placed, &zone));
                }
            }
        }
        watcher.check()?;
        faults.extend(signals(contents, *evidence, watcher));
    }
    watcher.check()?;
    Ok(faults)
}

/// Counts of the rows of a scope.
#[derive(Default)]
struct Rows {
    /// By account, as a table has it.
    accounts: BTreeMap<String, u64>,
    topics: BTreeMap<i64, u64>,
    times: Vec<Micros>,
}

fn rows(contents: &Contents, name: &str, watcher: &dyn Watcher) -> Result<Rows, String> {
    let mut found = Rows::default();
    parquet_check::each_batch(&contents.path(name), watcher, &mut |batch, _| {
        let column = |name: &str| batch.column_by_name(name).ok_or(format!("has no column {name}"));
        let (accounts, times, topics) = (column("account_id")?, column("ts")?, column("topic")?);
        let accounts = accounts.as_string_opt::<i32>().ok_or("has accounts that are no text")?;
        let times = times.as_primitive_opt::<TimestampMicrosecondType>().ok_or("has no times")?;
        let topics = topics.as_primitive_opt::<Int64Type>().ok_or("has topics that are no numbers")?;
        for at in 0..batch.num_rows() {
            if accounts.is_null(at) || times.is_null(at) {
                return Err("has a row without an account or a time".to_owned());
            }
            *found.accounts.entry(cell(accounts.value(at))).or_default() += 1;
            found.times.push(times.value(at));
            if topics.is_valid(at) {
                *found.topics.entry(topics.value(at)).or_default() += 1;
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// Fault of an exhibit that counts otherwise than its rows.
fn exhibit(contents: &Contents, placed: &Placed, rows: &Rows, zone: &Zone) -> Option<Fault> {
    let name = format!("data/03_exhibits/{}.csv", placed.number);
    if let Some(what) = keys(contents, placed, zone) {
        return Some(what);
    }
    let columns: &[&str] = match placed.kind {
        "accounts" => &["account_id", "exchanges_in_scope"],
        "coverage" => &["topic", "scope_exchanges"],
        "hour_of_week" => &["day", "hour", "scope_exchanges"],
        "timeline" => &["start", "end", "scope_exchanges"],
        _ => return None,
    };
    let stated = match table(contents, &name, columns) {
        Ok(stated) => stated,
        Err(fault) => return Some(fault),
    };
    let counted = match placed.kind {
        "accounts" => by_key(&stated, |row| rows.accounts.get(&row[0]).copied(), rows.accounts.len()),
        "coverage" => {
            let topic = |row: &[String]| rows.topics.get(&row[0].parse::<i64>().ok()?).copied();
            by_key(&stated, topic, rows.topics.len())
        }
        "hour_of_week" => {
            let hours = hours(&rows.times, zone);
            let hour = |row: &[String]| {
                let day = DAYS.iter().position(|day| *day == row[0])?;
                hours.get(&(day, row[1].parse::<i64>().ok()?)).copied()
            };
            by_key(&stated, hour, hours.len())
        }
        _ => timeline(&stated, &rows.times),
    };
    (!counted).then(|| Fault::new(&name, format!("counts otherwise than E{}.rows.parquet", placed.evidence)))
}

/// Fault of an exhibit whose rows are not those that every one of its kind has: hours of a week, topics from 0, times
/// that follow one another.
fn keys(contents: &Contents, placed: &Placed, zone: &Zone) -> Option<Fault> {
    let name = format!("data/03_exhibits/{}.csv", placed.number);
    let of = |columns: &[&str]| table(contents, &name, columns).unwrap_or_default();
    let is_whole = match placed.kind {
        "hour_of_week" => {
            let hours = DAYS.iter().flat_map(|day| (0..24).map(move |hour| (day, hour.to_string())));
            let made = hours.map(|(day, hour)| vec![(*day).to_owned(), hour, zone.name().to_owned()]);
            of(&["day", "hour", "zone"]).into_iter().eq(made)
        }
        "coverage" => of(&["topic"]).iter().zip(0..).all(|(row, at)| row[0] == at.to_string()),
        "timeline" => {
            let bins = of(&["start", "end"]);
            bins.windows(2).all(|pair| pair[0][1] == pair[1][0])
        }
        _ => true,
    };
    (!is_whole).then(|| Fault::new(&name, "has other rows than every exhibit of its kind"))
}

/// True if each row states the count of its key, and every key with a count has one row.
fn by_key(stated: &[Vec<String>], count: impl Fn(&[String]) -> Option<u64>, keys: usize) -> bool {
    let mut seen = BTreeSet::new();
    let is_right = |row: &Vec<String>| {
        let Some((own, key)) = row.split_last() else { return false };
        let counted = count(row);
        let is_new = counted.is_none() || seen.insert(key.to_vec());
        is_new && own.parse() == Ok(counted.unwrap_or(0))
    };
    stated.iter().all(is_right) && seen.len() == keys
}

/// Counts by day of the week, from Monday, and hour, in a zone.
fn hours(times: &[Micros], zone: &Zone) -> BTreeMap<(usize, i64), u64> {
    let mut hours = BTreeMap::new();
    for &time in times {
        let local = time.saturating_add(i64::from(zone.offset_seconds(time)) * SECOND);
        // The first day of 1970 was a Thursday.
        let day = (local.div_euclid(DAY) + 3).rem_euclid(7) as usize;
        *hours.entry((day, local.rem_euclid(DAY) / (3_600 * SECOND))).or_default() += 1;
    }
    hours
}

/// True if the bins of a timeline have the counts of these times.
fn timeline(stated: &[Vec<String>], times: &[Micros]) -> bool {
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok().map(|own| own.as_microsecond());
    let (Some(first), Some(last)) = (stated.first(), stated.last()) else { return times.is_empty() };
    let (Some(start), Some(end)) = (moment(&first[0]), moment(&last[1])) else { return false };
    let (bins, length) = (stated.len() as i128, i128::from(end) - i128::from(start));
    if length <= 0 {
        return false;
    }
    let mut counts = vec![0_u64; stated.len()];
    for &time in times {
        let bin = (i128::from(time) - i128::from(start)) * bins / length;
        match usize::try_from(bin).ok().and_then(|bin| counts.get_mut(bin)) {
            Some(count) => *count += 1,
            None => return false,
        }
    }
    stated.iter().zip(counts).all(|(row, count)| row[2].parse() == Ok(count))
}

/// Fault of SQL that is not what the program writes for an exhibit.
fn sql(contents: &Contents, placed: &Placed, zone: &Zone) -> Option<Fault> {
    let name = format!("{FOLDER}/{}.sql", placed.number);
    let rows = format!("E{}.rows.parquet", placed.evidence);
    let made = sql_of((placed.kind, &placed.number, placed.title()), &rows, zone);
    (contents.text(&name) != made).then(|| Fault::new(&name, "is not the SQL of this exhibit"))
}

/// Faults of the figures of a lead's core members by signal.
fn signals(contents: &Contents, evidence: u64, watcher: &dyn Watcher) -> Vec<Fault> {
    let stem = format!("E{evidence}");
    let name = format!("{FOLDER}/{stem}.signals.csv");
    if !contents.has(&name) {
        return Vec::new();
    }
    let read = || -> Result<Vec<Fault>, Fault> {
        let stated = table(contents, &name, &FIGURES)?;
        let members = table(contents, &format!("{FOLDER}/{stem}.members.csv"), &["account_id", "part"])?;
        let members = members.into_iter().map(|row| (row[0].clone(), row[1] == "core")).collect();
        let ids: Vec<&str> = stated.iter().map(|row| row[0].as_str()).collect();
        let values = format!("{FOLDER}/signals.parquet");
        let made =
            figures(contents, &values, &members, &ids, watcher).map_err(|what| Fault::new(&values, what))?;
        let mut faults = Vec::new();
        let differs = stated.iter().zip(&made).find(|(row, made)| row[1..] != made[..]);
        faults.extend(differs.map(|(row, _)| {
            Fault::new(&name, format!("has other figures of {} than signals.parquet gives", row[0]))
        }));
        let sql = format!("{FOLDER}/{stem}.signals.sql");
        if contents.text(&sql).as_deref() != Some(signals_sql(&ids, &stem).as_str()) {
            faults.push(Fault::new(&sql, "is not the SQL of these figures"));
        }
        Ok(faults)
    };
    read().unwrap_or_else(|fault| vec![fault])
}

/// Figures of each signal over the members of a lead, of whom the core members are true.
fn figures(
    contents: &Contents,
    name: &str,
    members: &BTreeMap<String, bool>,
    ids: &[&str],
    watcher: &dyn Watcher,
) -> Result<Vec<[String; 6]>, String> {
    // Of core members, then of accounts outside the lead.
    let mut values: Vec<[Vec<f64>; 2]> = vec![Default::default(); ids.len()];
    parquet_check::each_batch(&contents.path(name), watcher, &mut |batch: &RecordBatch, _| {
        let accounts = batch.column_by_name("account_id").and_then(|own| own.as_string_opt::<i32>());
        let accounts = accounts.ok_or("has no accounts")?;
        for (id, values) in ids.iter().zip(&mut values) {
            let column = batch.column_by_name(&format!("{id}_value"));
            let column = column.and_then(|own| own.as_primitive_opt::<Float64Type>());
            let column = column.ok_or_else(|| format!("has no values of {id}"))?;
            for at in (0..batch.num_rows()).filter(|&at| accounts.is_valid(at) && column.is_valid(at)) {
                match members.get(&cell(accounts.value(at))) {
                    Some(true) => values[0].push(column.value(at)),
                    Some(false) => {}
                    None => values[1].push(column.value(at)),
                }
            }
        }
        Ok(())
    })?;
    let made = values.into_iter().map(|mut values| {
        values.iter_mut().for_each(|own| own.sort_by(f64::total_cmp));
        of_values(&values[0], &values[1])
    });
    Ok(made.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(all: &[&[&str]]) -> Vec<Vec<String>> {
        all.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect()
    }

    #[test]
    fn counts_are_those_of_every_key_once() {
        let counts = BTreeMap::from([("a".to_owned(), 2_u64), ("b".to_owned(), 1)]);
        let is_right =
            |stated: &[&[&str]]| by_key(&rows(stated), |row| counts.get(&row[0]).copied(), counts.len());
        assert!(is_right(&[&["a", "2"], &["b", "1"], &["c", "0"]]));
        for wrong in [&[&["a", "2"][..]][..], &[&["a", "2"], &["b", "2"]], &[&["a", "2"], &["a", "2"]]] {
            assert!(!is_right(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn hours_are_those_of_the_zone() {
        // Monday, 5 January 1970, 23:30 UTC.
        let time = 4 * DAY + 23 * 3_600 * SECOND + 1_800 * SECOND;
        assert_eq!(hours(&[time], &Zone::utc()), [((0, 23), 1)].into());
        assert_eq!(hours(&[time], &Zone::named("Europe/Berlin").unwrap()), [((1, 0), 1)].into());
    }

    #[test]
    fn bins_of_a_timeline_have_the_times_in_them() {
        let stated = |counts: [&str; 2]| {
            rows(&[
                &["1970-01-01T00:00:00.000000+00:00", "1970-01-01T00:00:01.000000+00:00", counts[0]],
                &["1970-01-01T00:00:01.000000+00:00", "1970-01-01T00:00:02.000000+00:00", counts[1]],
            ])
        };
        let times = [0, 999_999, 1_000_000];
        assert!(timeline(&stated(["2", "1"]), &times));
        assert!(!timeline(&stated(["1", "2"]), &times));
        assert!(!timeline(&stated(["2", "1"]), &[0, 1, 2_000_000]), "a time outside");
    }
}
