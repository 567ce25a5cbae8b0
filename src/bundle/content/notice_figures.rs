//! Figures of the report on notices and acceptance, from the legal tables.

use super::super::Fault;
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::legal::tables::{AFTER, GAPS};
use super::super::legal::{Gap, of_version};
use super::super::report::{OF_OTHERS, OF_VERSION};
use super::tables::table;

pub(super) fn put(
    contents: &Contents,
    facts: &Facts,
    put: &mut dyn FnMut(&str, &str, String),
) -> Result<(), Fault> {
    let after = format!("data/{AFTER}");
    if contents.has(&after) {
        let rows = table(contents, &after, &["notice", "relation", "made_after_it", "exchanges"])?;
        for (number, notice) in
            facts.legal.notices().into_iter().filter(|(_, notice)| notice.kind.counts_after())
        {
            let about = format!("notice N{number}");
            let of = |relation: &str| -> Vec<&Vec<String>> {
                rows.iter().filter(|row| row[0] == format!("N{number}") && row[1] == relation).collect()
            };
            let sum =
                |rows: &[&Vec<String>]| rows.iter().filter_map(|row| row[3].parse::<u64>().ok()).sum::<u64>();
            let (own, linked) = (of("addressed"), of("linked"));
            let made_after = linked.iter().filter(|row| row[2] == "yes").count();
            put(&about, "accounts that it went to", notice.accounts.len().to_string());
            put(&about, "accounts addressed with exchanges after it", own.len().to_string());
            put(&about, "their exchanges after it", sum(&own).to_string());
            put(&about, "linked accounts with exchanges after it", linked.len().to_string());
            put(&about, "their exchanges after it, linked", sum(&linked).to_string());
            put(&about, "linked accounts made after it", made_after.to_string());
        }
    }
    let gaps = format!("data/{GAPS}");
    if contents.has(&gaps) {
        let accounts = table(contents, &gaps, &["versions", "records"])?;
        for (number, breach) in facts.legal.breaches().filter(|_| !accounts.is_empty()) {
            let accounts = accounts.iter().map(|row| (row[0].as_str(), row[1].as_str()));
            let [own, others] = of_version(&breach.version, accounts);
            put(&format!("breach {number}"), OF_VERSION, own.to_string());
            put(&format!("breach {number}"), OF_OTHERS, others.to_string());
        }
        let rows = table(contents, &gaps, &["finding"])?;
        let count = |gap: Gap| rows.iter().filter(|row| row[0] == gap.words()).count().to_string();
        put("acceptance", "accounts relied on without a record", count(Gap::NoRecord));
        put("acceptance", "accounts relied on with use before it", count(Gap::UsedBefore));
        put("acceptance", "accounts relied on with use on its day", count(Gap::SameDay));
    }
    Ok(())
}
