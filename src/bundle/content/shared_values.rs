//! Attribute values of accounts in several tables: shared values, attributes of accounts, links of members and figures
//! beside benign explanations, made again from `E1.attributes.csv`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::attributes::{ATTRIBUTES, Attributes, COLUMNS, Median};
use super::super::contents::Contents;
use super::super::explanations::EXPLANATIONS;
use super::super::journal_fold::{Facts, Placed};
use super::tables::table;
use super::values::Values;
use crate::exhibit::cell;
use crate::model::AttributeKind;
use crate::query::pivot::rarity;
use crate::signals;

const FOLDER: &str = "data/04_summaries/underlying";
const ALTERNATIVES: &str = "data/05_methods/alternatives.csv";
/// Attributes of the table of accounts.
const STATED: [AttributeKind; 4] = [
    AttributeKind::OrgId,
    AttributeKind::EmailDomain,
    AttributeKind::StatedUseCase,
    AttributeKind::AccessTier,
];
const MOST: usize = 20;

/// Faults of tables that have other values than the attributes of the accounts.
pub(super) fn check(contents: &Contents, facts: &Facts, values: Option<&Values>) -> Vec<Fault> {
    let all = values.map(|values| values.rows.len());
    let mut placed: BTreeMap<u64, BTreeMap<&str, Placed>> = BTreeMap::new();
    for own in facts.exhibits() {
        placed.entry(own.evidence).or_default().insert(own.kind, own);
    }
    let mut faults = Vec::new();
    let mut held: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    for (evidence, exhibits) in &placed {
        match of_evidence(contents, *evidence, exhibits, all) {
            Err(fault) => faults.push(fault),
            Ok(None) => {}
            Ok(Some((attributes, found))) => {
                faults.extend(found);
                faults.extend(same_counts(&attributes, *evidence, &mut held));
                let links = links(contents, *evidence, &attributes);
                faults.extend(links.unwrap_or_else(|fault| vec![fault]));
                let measured = measured(contents, facts, *evidence, &attributes, values);
                faults.extend(measured.unwrap_or_else(|fault| vec![fault]));
            }
        }
    }
    faults
}

type Found = Option<(Attributes, Vec<Fault>)>;

/// Attributes of a piece of evidence, and faults of its exhibits; `None` without the file.
fn of_evidence(
    contents: &Contents,
    evidence: u64,
    exhibits: &BTreeMap<&str, Placed>,
    all: Option<usize>,
) -> Result<Found, Fault> {
    let name = format!("{FOLDER}/E{evidence}.{ATTRIBUTES}");
    let Some(accounts) = exhibits.get("accounts").filter(|_| contents.has(&name)) else { return Ok(None) };
    let accounts = format!("data/03_exhibits/{}.csv", accounts.number);
    let columns: Vec<&str> = std::iter::once("account_id").chain(STATED.map(AttributeKind::name)).collect();
    let listed = table(contents, &accounts, &columns)?;
    let ids: BTreeSet<String> = listed.iter().map(|row| row[0].clone()).collect();
    let rows = table(contents, &name, &COLUMNS)?;
    let attributes = Attributes::read(&rows, ids)
        .map_err(|at| Fault::new(&name, format!("row {at} is not one of the accounts' values")))?;
    let mut faults = Vec::new();
    for row in &listed {
        for (kind, stated) in STATED.into_iter().zip(&row[1..]) {
            let parts = |text: &str| -> BTreeSet<String> {
                let plain = text.split(" | ").map(|part| part.trim_start_matches('\'').to_owned());
                plain.filter(|part| !part.is_empty()).collect()
            };
            let own = attributes.values.get(&kind).into_iter().flatten();
            let own = own.filter(|(_, held)| held.by.contains(&row[0]));
            let own: BTreeSet<String> = own.flat_map(|(value, _)| parts(value)).collect();
            if own != parts(stated) {
                faults.push(Fault::new(&accounts, format!("has another {kind} of {} than {name}", row[0])));
            }
        }
    }
    if let (Some(placed), Some(all)) = (exhibits.get("links"), all) {
        faults.extend(shared(
            contents,
            &format!("data/03_exhibits/{}.csv", placed.number),
            &attributes,
            all,
        )?);
    }
    faults.truncate(MOST);
    Ok(Some((attributes, faults)))
}

/// Fault of shared values that the attributes do not give.
fn shared(
    contents: &Contents,
    name: &str,
    attributes: &Attributes,
    all: usize,
) -> Result<Option<Fault>, Fault> {
    let columns =
        ["account_id", "attribute", "value", "accounts_with_value", "accounts_in_scope_with_value", "bits"];
    let stated: BTreeSet<Vec<String>> = table(contents, name, &columns)?.into_iter().collect();
    let mut made = BTreeSet::new();
    for (kind, values) in attributes.values.iter().filter(|(kind, _)| kind.family().is_some()) {
        for (value, held) in values.iter().filter(|(_, held)| held.by.len() > 1) {
            let row = |account: &String| {
                let counts = [held.in_all.to_string(), held.by.len().to_string()];
                let bits = rarity(all, held.in_all as usize).to_string();
                let [in_all, in_scope] = counts;
                vec![account.clone(), kind.name().to_owned(), value.clone(), in_all, in_scope, bits]
            };
            made.extend(held.by.iter().map(row));
        }
    }
    let differs = stated.symmetric_difference(&made).next();
    let what = |row: &Vec<String>| {
        format!("has {} {} of {} otherwise than the accounts' values", row[1], row[2], row[0])
    };
    Ok(differs.map(|row| Fault::new(name, what(row))))
}

/// Fault of a value with another number of accounts of the case than in the attributes of other evidence.
fn same_counts(
    attributes: &Attributes,
    evidence: u64,
    held: &mut BTreeMap<String, BTreeMap<String, u32>>,
) -> Option<Fault> {
    let mut odd = None;
    for (kind, values) in &attributes.values {
        let own = held.entry(kind.name().to_owned()).or_default();
        for (value, now) in values {
            if *own.entry(value.clone()).or_insert(now.in_all) != now.in_all {
                odd = odd.or(Some(format!("has another number of accounts with {kind} {value} than others")));
            }
        }
    }
    odd.map(|what| Fault::new(&format!("{FOLDER}/E{evidence}.{ATTRIBUTES}"), what))
}

/// Members whose link is by values that they do not share with another core member.
fn links(contents: &Contents, evidence: u64, attributes: &Attributes) -> Result<Vec<Fault>, Fault> {
    let name = format!("{FOLDER}/E{evidence}.members.csv");
    if !contents.has(&name) {
        return Ok(Vec::new());
    }
    let mut of_words: BTreeMap<String, &BTreeSet<String>> = BTreeMap::new();
    for (kind, values) in &attributes.values {
        for (value, held) in values {
            let plain = value.trim_start_matches('\'');
            of_words.insert(format!("{} {plain}", kind.title()), &held.by);
        }
    }
    let rows = table(contents, &name, &["account_id", "part", "linked_by"])?;
    let core: BTreeSet<&String> = rows.iter().filter(|row| row[1] == "core").map(|row| &row[0]).collect();
    if of_words.keys().any(|words| words.contains(" | ")) {
        // Values that hold the mark between two of them cannot be told apart.
        return Ok(Vec::new());
    }
    // A decision follows its lead to members who may be outside the scope.
    let is_known = |row: &&Vec<String>| !row[2].is_empty() && attributes.accounts.contains(&row[0]);
    let is_whole = core.iter().all(|account| attributes.accounts.contains(*account));
    // Accounts of one declared organisation are linked as one unit, by what any of them has.
    let organisations = attributes.values.get(&AttributeKind::OrgId);
    let has_organisation =
        |account: &String| organisations.into_iter().flatten().any(|(_, held)| held.by.contains(account));
    let differs = |row: &&Vec<String>| {
        let is_shared = |part: &str| {
            of_words.get(part).is_some_and(|held| {
                let others = core.iter().filter(|own| ***own != row[0] && held.contains(**own)).count();
                let is_own = held.contains(&row[0]);
                others + usize::from(is_own) > 1 && (is_own || has_organisation(&row[0]))
            })
        };
        !row[2].split(" | ").all(is_shared)
    };
    let found = rows.iter().filter(|_| is_whole).filter(is_known).filter(differs).take(MOST);
    let what =
        |row: &Vec<String>| format!("links {} by values that no other core member shares with it", row[0]);
    Ok(found.map(|row| Fault::new(&name, what(row))).collect())
}

/// Benign explanations of an item with other figures than its accounts give, or another set of them.
fn measured(
    contents: &Contents,
    facts: &Facts,
    evidence: u64,
    attributes: &Attributes,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let is_relied = facts.evidence.get(&evidence).is_some_and(|own| own.tag == "relied-on");
    if !contents.has(ALTERNATIVES) || !is_relied {
        return Ok(Vec::new());
    }
    let rows = table(contents, ALTERNATIVES, &["evidence", "explanation", "measured"])?;
    let own: Vec<&Vec<String>> = rows.iter().filter(|row| row[0] == format!("E{evidence}")).collect();
    let named: Vec<&str> = own.iter().map(|row| row[1].as_str()).take(EXPLANATIONS.len()).collect();
    if named != EXPLANATIONS || own.len() > EXPLANATIONS.len() + 1 {
        let what = format!("has other explanations for E{evidence} than every bundle has");
        return Ok(vec![Fault::new(ALTERNATIVES, what)]);
    }
    let median = |id: &str| {
        let about = signals::ALL.iter().map(|signal| signal.about()).find(|about| about.id == id)?;
        let column = format!("{id}_value");
        let own = attributes.accounts.iter().filter_map(|account| values?.number(account, &column));
        let mut own: Vec<f64> = own.collect();
        own.sort_by(f64::total_cmp);
        let value = own.get(own.len().saturating_sub(1) / 2).copied();
        Some(Median { name: format!("{id} {}", about.title), unit: about.unit, measured: own.len(), value })
    };
    let needs_values = |row: &&&Vec<String>| values.is_some() || !row[2].contains(" median ");
    let differs = |row: &&&Vec<String>| cell(&attributes.measured(&row[1], &median)) != row[2];
    let found = own.iter().filter(needs_values).filter(differs);
    let what =
        |row: &&Vec<String>| format!("has other figures of “{}” than the accounts of E{evidence}", row[1]);
    Ok(found.map(|row| Fault::new(ALTERNATIVES, what(row))).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::super::contents;
    use super::*;
    use crate::model::Silent;

    /// Links of the members of a lead: a and b of one organisation, c of none.
    fn faults(linked_by: [&str; 3], values: &[[&str; 4]]) -> usize {
        let bag = tempfile::tempdir().unwrap();
        let folder = bag.path().join(FOLDER);
        fs::create_dir_all(&folder).unwrap();
        let rows = ["a", "b", "c"].iter().zip(linked_by);
        let rows: String = rows.map(|(account, by)| format!("{account},core,{by}\n")).collect();
        fs::write(folder.join("E1.members.csv"), "account_id,part,linked_by\n".to_owned() + &rows).unwrap();
        let values: Vec<Vec<String>> = values.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        let accounts = ["a", "b", "c"].map(str::to_owned).into();
        let attributes = Attributes::read(&values, accounts).unwrap();
        let contents = contents::read(bag.path(), &Silent).unwrap().0.unwrap();
        links(&contents, 1, &attributes).unwrap().len()
    }

    /// An account of a declared organisation is linked by what another account of it has.
    #[test]
    fn links_are_between_units_and_an_organisation_is_one() {
        let [org, ip] = [AttributeKind::OrgId.name(), AttributeKind::Ip.name()];
        let held = [["b", ip, "x", "2"], ["c", ip, "x", "2"]];
        let of_one = [["a", org, "o", "2"], ["b", org, "o", "2"], held[0], held[1]];
        let by = format!("{} x", AttributeKind::Ip.title());
        assert_eq!(faults(["", &by, &by], &held), 0);
        assert_eq!(faults([&by, &by, &by], &held), 1, "a does not have the value");
        assert_eq!(faults([&by, &by, &by], &of_one), 0, "b has it, and is of a's organisation");
        assert_eq!(faults(["", &by, &by], &[held[0]]), 2, "nobody else has it");
    }
}
