//! Events of leads: figures against the accounts that they were counted on, and the sentences of reasons against both.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::super::event_tables::{self, ACCOUNTS, EVENTS, FAMILIES_FILE, FIGURES, MEMBER, SQL, path};
use super::super::journal_fold::Facts;
use super::super::lead_test::{self, COLUMNS, LEAD, LEAD_SQL, combined};
use super::tables::{TABLE, table};
use super::values::Values;
use crate::exhibit::probability;
use crate::leads::{counted_in_words, event_of};
use crate::model::Zone;

/// Relative difference of figures that were added in another order.
const ROUNDING: f64 = 1e-9;

/// Faults of the events of all leads.
pub(super) fn check(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let placed = facts.exhibits().filter(|placed| placed.kind == "leads");
    let of = placed.map(|placed| {
        let exhibit = format!("data/03_exhibits/{}.csv", placed.number);
        of_lead(contents, placed.evidence, &exhibit).unwrap_or_else(|fault| vec![fault])
    });
    of.flatten().collect()
}

fn of_lead(contents: &Contents, evidence: u64, exhibit: &str) -> Result<Vec<Fault>, Fault> {
    let name = |ending: &str| format!("data/{}", path(evidence, ending));
    let reasons = table(contents, exhibit, &["lead", "signal", "reason", "p_value"])?;
    let reasons: Vec<&Vec<String>> =
        reasons.iter().filter(|row| event(&row[1]).is_some() && !row[3].is_empty()).collect();
    let all = [ACCOUNTS, FAMILIES_FILE, EVENTS, SQL].map(name);
    if !all.iter().any(|name| contents.has(name)) {
        return Ok(missing(contents, evidence, &reasons).into_iter().collect());
    }
    let [accounts, families, events, sql] = all;
    let bytes = |name: &str| {
        contents.bytes_within(name, TABLE).ok_or_else(|| Fault::new(name, "is missing or too large"))
    };
    let counted = event_tables::read(&bytes(&accounts)?, &bytes(&families)?)
        .map_err(|what| Fault::new(&accounts, format!("or {FAMILIES_FILE} {what}")))?;
    let stated = table(contents, &events, &FIGURES)?;
    let lead = stated.first().map_or("", |row| row[0].as_str());
    let made = event_tables::figures(lead, &counted);
    let mut faults = Vec::new();
    let is_same = stated.len() == made.len() && stated.iter().zip(made.rows()).all(|(a, b)| agree(a, b));
    if !is_same {
        faults.push(Fault::new(&events, format!("has other figures than E{evidence}.{ACCOUNTS} gives")));
    }
    let ids: Vec<&str> = counted.iter().map(|(id, _)| *id).collect();
    if contents.text(&sql).as_deref() != Some(event_tables::sql(lead, &ids, evidence).as_str()) {
        faults.push(Fault::new(&sql, "is not the SQL of these figures"));
    }
    faults.extend(whole(contents, evidence, exhibit, (lead, &stated))?);
    for row in reasons.into_iter().filter(|row| row[0] == lead) {
        let counts = counted.iter().find(|(id, _)| Some(*id) == event(&row[1]));
        let figures = counts.and_then(|(id, counts)| Some((event_of(id)?, counts.tested.figures()?)));
        let is_said =
            figures.is_some_and(|(about, figures)| row[2].starts_with(&counted_in_words(about, &figures)));
        if !is_said {
            faults.push(Fault::new(exhibit, format!("states another event {} than {events} has", row[1])));
        }
    }
    Ok(faults)
}

/// Fault of the p-value of a lead that its events do not give, or of its SQL; none without such a table.
fn whole(
    contents: &Contents,
    evidence: u64,
    exhibit: &str,
    (lead, events): (&str, &[Vec<String>]),
) -> Result<Option<Fault>, Fault> {
    let [name, sql] = [LEAD, LEAD_SQL].map(|ending| format!("data/{}", path(evidence, ending)));
    if !contents.has(&name) && !contents.has(&sql) {
        return Ok(None);
    }
    let stated = table(contents, &name, &COLUMNS)?;
    let communities = stated.first().and_then(|row| row[6].parse::<u64>().ok()).unwrap_or_default();
    let of = events.iter().filter_map(|row| Some((row[1].as_str(), row[7].parse().ok()?)));
    let made = combined(of).map(|made| lead_test::table(lead, &made, communities));
    let made = made.as_ref().and_then(|table| table.rows().first());
    let listed = table(contents, exhibit, &["lead", "extraction_p"])?;
    let listed = listed.iter().find(|row| row[0] == lead).map(|row| row[1].as_str());
    let is_listed = stated
        .first()
        .is_some_and(|row| listed.is_none_or(|listed| probability(row[7].parse().ok()) == listed));
    let is_same = matches!((stated.as_slice(), made), ([own], Some(made)) if agree(own, made));
    Ok(if !is_same || !is_listed {
        Some(Fault::new(&name, format!("is not what E{evidence}.{EVENTS} and the list of leads give")))
    } else if contents.text(&sql).as_deref() != Some(lead_test::sql(lead, communities, evidence).as_str()) {
        Some(Fault::new(&sql, "is not the SQL of this table"))
    } else {
        None
    })
}

/// Accounts that events were counted on which the values of all accounts do not have, and days or exchanges of accounts
/// of the scope that its exhibit has otherwise.
pub(super) fn accounts(contents: &Contents, facts: &Facts, values: Option<&Values>) -> Vec<Fault> {
    let placed = facts.exhibits().filter(|placed| placed.kind == "accounts");
    let of = placed.map(|placed| {
        let exhibit = format!("data/03_exhibits/{}.csv", placed.number);
        let name = format!("data/{}", path(placed.evidence, ACCOUNTS));
        let made = contents.has(&name).then(|| of_accounts(contents, &name, &exhibit, values));
        made.map_or_else(Vec::new, |made| made.unwrap_or_else(|fault| vec![fault]))
    });
    of.flatten().collect()
}

fn of_accounts(
    contents: &Contents,
    name: &str,
    exhibit: &str,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let columns = ["account_id", "created", "first", "last", "exchanges"];
    let day = |text: &str| {
        let time = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
        time.map_or_else(String::new, |time| Zone::utc().format_date(time))
    };
    let listed: BTreeMap<String, [String; 4]> = table(contents, exhibit, &columns)?
        .into_iter()
        .map(|row| (row[0].clone(), [day(&row[1]), day(&row[2]), day(&row[3]), row[4].clone()]))
        .collect();
    let columns = ["account_id", "part", "created_day", "first_day", "last_day", "exchanges"];
    let members = name.replace(ACCOUNTS, "members.csv");
    let members: BTreeSet<String> = match contents.has(&members) {
        true => table(contents, &members, &["account_id"])?.into_iter().map(|row| row[0].clone()).collect(),
        false => BTreeSet::new(),
    };
    let mut faults = Vec::new();
    for (row, at) in table(contents, name, &columns)?.iter().zip(1..) {
        let is_known = values.is_none_or(|values| values.rows.contains_key(&row[0]));
        let is_same = listed.get(&row[0]).is_none_or(|own| own[..] == row[2..]);
        let is_part = row[1] == "community" || (row[1] == MEMBER) == members.contains(&row[0]);
        if !is_known || !is_same || !is_part {
            faults.push(Fault::new(name, format!("row {at} is not what the tables of {} say", row[0])));
        }
    }
    faults.truncate(20);
    Ok(faults)
}

/// Id of the event that a reason's signal names: `E1 new and heavy`.
fn event(signal: &str) -> Option<&'static str> {
    event_of(signal.split(' ').next()?).map(|about| about.id)
}

/// Fault of a lead whose reasons name events that it has no accounts of. Its id is that of the list of members.
fn missing(contents: &Contents, evidence: u64, reasons: &[&Vec<String>]) -> Option<Fault> {
    let members = table(contents, &format!("data/{}", path(evidence, "members.csv")), &["lead"]).ok()?;
    let lead = members.first()?.first()?;
    let is_own = reasons.iter().any(|row| row[0] == *lead);
    let name = format!("data/{}", path(evidence, EVENTS));
    is_own.then(|| Fault::new(&name, "is missing; a reason of the lead counts events"))
}

/// True for two rows of figures that agree.
fn agree(stated: &[String], made: &[String]) -> bool {
    let close = |(a, b): (&String, &String)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= ROUNDING * b.abs(),
        _ => a == b,
    };
    stated.len() == made.len() && stated.iter().zip(made).all(close)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::super::contents;
    use super::super::super::journal_fold::Marked;
    use super::*;
    use crate::exhibit::Table;
    use crate::model::Silent;

    const LEAD: &str = "L-0123456789";

    /// Six units of a community, of which four have the event, among 40 others of which four have it.
    fn tables() -> [String; 2] {
        let account = |at: usize| {
            let (part, happened) = if at < 6 { ("community", at < 4) } else { ("outside", at < 10) };
            format!("a{at},{part},{at},1,1,2026-05-01,2026-05-02,2026-05-03,9,{}\n", u8::from(happened))
        };
        let head = "account_id,part,unit,client,weight,created_day,first_day,last_day,exchanges,A1\n";
        let accounts: String = (0..46).map(account).collect();
        [head.to_owned() + &accounts, "event,client,weight,happened\nA1,0,0,0\nA1,1,100,10\n".to_owned()]
    }

    /// A bundle with these events of evidence 1, and what its journal says of it.
    fn bundle(bag: &Path) -> Facts {
        let write = |name: String, bytes: &[u8]| {
            let path = bag.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let [accounts, families] = tables();
        let counted = event_tables::read(accounts.as_bytes(), families.as_bytes()).unwrap();
        let name = |ending: &str| format!("data/{}", path(1, ending));
        write(name(ACCOUNTS), accounts.as_bytes());
        write(name(FAMILIES_FILE), families.as_bytes());
        write(name(EVENTS), &event_tables::figures(LEAD, &counted).to_csv());
        write(name(SQL), event_tables::sql(LEAD, &["A1"], 1).as_bytes());
        let mut reasons = Table::new(["lead", "signal", "reason", "p_value"]);
        let words = counted_in_words(event_of("A1").unwrap(), &counted[0].1.tested.figures().unwrap());
        reasons.push([LEAD, "A1 new and heavy", &words, "1e-3"].map(str::to_owned).to_vec());
        write("data/03_exhibits/EX-0002.csv".to_owned(), &reasons.to_csv());
        let scope = Marked {
            kind: "scope".to_owned(),
            tag: "relied-on".to_owned(),
            exchange: String::new(),
            record: String::new(),
            account: String::new(),
            note: String::new(),
            exhibits: vec!["leads"],
            title: String::new(),
            scope: Default::default(),
        };
        Facts { evidence: [(1, scope)].into(), ..Facts::default() }
    }

    fn faults(bag: &Path, facts: &Facts) -> usize {
        let contents = contents::read(bag, &Silent).unwrap().0.unwrap();
        check(&contents, facts).len()
    }

    #[test]
    fn accounts_that_events_were_counted_on_are_those_of_other_tables() {
        let bag = tempfile::tempdir().unwrap();
        bundle(bag.path());
        let name = format!("data/{}", path(1, ACCOUNTS));
        let exhibit = "data/03_exhibits/EX-0003.csv";
        let row = |account: &str, exchanges: u64| {
            format!(
                "{account},2026-05-01T23:59:00.000000+00:00,2026-05-02T01:00:00.000000+00:00,\
                 2026-05-04T00:30:00.000000+02:00,{exchanges}\n"
            )
        };
        let faults = |exchanges: u64| {
            let text = "account_id,created,first,last,exchanges\n".to_owned() + &row("a0", exchanges);
            fs::write(bag.path().join(exhibit), text).unwrap();
            let contents = contents::read(bag.path(), &Silent).unwrap().0.unwrap();
            of_accounts(&contents, &name, exhibit, None).unwrap().len()
        };
        assert_eq!((faults(9), faults(90)), (0, 1));
    }

    #[test]
    fn events_changed_in_one_table_differ_from_the_others() {
        let sound = tempfile::tempdir().unwrap();
        let facts = bundle(sound.path());
        assert_eq!(faults(sound.path(), &facts), 0);
        for (file, from, to) in [
            (ACCOUNTS, "a4,community", "a4,outside"),
            (
                ACCOUNTS,
                "a0,community,0,1,1,2026-05-01,2026-05-02,2026-05-03,9,1",
                "a0,community,0,1,1,2026-05-01,2026-05-02,2026-05-03,9,0",
            ),
            (ACCOUNTS, "a7,outside,7,1,1,", "a7,outside,7,1,9,"),
            (ACCOUNTS, "a5,community,5,", "a5,community,4,"),
            (ACCOUNTS, "a7,outside,", "a7,lead,"),
            (FAMILIES_FILE, "A1,1,100,10", "A1,1,100,60"),
            (FAMILIES_FILE, "A1,1,100,10", "A1,1,900,10"),
            (EVENTS, ",6,6,4,", ",6,6,5,"),
            (SQL, "avg(happened)", "max(happened)"),
        ] {
            let bag = tempfile::tempdir().unwrap();
            bundle(bag.path());
            let path = bag.path().join("data").join(path(1, file));
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{file} has {from}");
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
            assert!(faults(bag.path(), &facts) > 0, "{file}: {from} to {to}");
        }
        for file in [ACCOUNTS, FAMILIES_FILE, EVENTS, SQL] {
            let bag = tempfile::tempdir().unwrap();
            bundle(bag.path());
            fs::remove_file(bag.path().join("data").join(path(1, file))).unwrap();
            assert!(faults(bag.path(), &facts) > 0, "{file} is gone");
        }
    }
}
