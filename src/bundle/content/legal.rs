//! `08_legal` against the journal: tables that follow from it are made again and compared by row.

use std::collections::BTreeMap;

use super::super::bag::BAG_INFO;
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::legal::after_the_end;
use super::super::legal::tables::{AFTER, required, tables, texts};
use super::super::{Audience, Fault};
use super::tables::TABLE;
use crate::case::legal::{NoticeKind, Profile};

/// Proceeding that a bundle names.
///
/// # Errors
/// It names none, or several, or one that no bundle has.
pub(super) fn profile(contents: &Contents) -> Result<Profile, Fault> {
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let mut words = info.lines().filter_map(|line| line.strip_prefix("Profile: "));
    match (words.next().and_then(Profile::named), words.next()) {
        (Some(profile), None) => Ok(profile),
        _ => Err(Fault::new(BAG_INFO, "has to name one profile in one line Profile")),
    }
}

/// Faults of tables and texts that are not what the journal says, and of files too few or too many.
pub(super) fn check(contents: &Contents, facts: &Facts, audience: Audience, profile: Profile) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in required(profile).map(|name| format!("data/{name}")).filter(|name| !contents.has(name)) {
        faults.push(Fault::new(&name, format!("is missing: {audience} bundles of this profile have it")));
    }
    let evidence: BTreeMap<u64, String> =
        facts.evidence.iter().map(|(number, marked)| (*number, marked.tag.clone())).collect();
    let after =
        super::tables::table(contents, &format!("data/{AFTER}"), &["kind", "account"]).unwrap_or_default();
    let kind = |word: &str| NoticeKind::ALL.into_iter().find(|kind| kind.word() == word);
    let after = after_the_end(after.iter().filter_map(|row| Some((kind(&row[0])?, row[1].as_str()))));
    for made in tables(&facts.legal, &evidence, profile, after) {
        let name = format!("data/{}", made.path);
        if contents.has(&name) {
            faults.extend(compare(contents, &name, &made.table.to_csv()));
        }
    }
    let texts: BTreeMap<String, Vec<u8>> = texts(&facts.legal, profile).into_iter().collect();
    for (path, text) in &texts {
        let name = format!("data/{path}");
        if contents.text_within(&name, TABLE).as_ref().map(String::as_bytes) != Some(text.as_slice()) {
            faults.push(Fault::new(&name, "is not the text of the clauses that the journal has"));
        }
    }
    let folder = "data/08_legal/tos/";
    for name in contents.names().filter(|name| name.starts_with(folder)) {
        let inside = name.strip_prefix("data/").unwrap_or(name);
        if !texts.contains_key(inside) && !required(profile).any(|known| known == inside) {
            faults.push(Fault::new(name, "belongs to no version of the terms that the journal has"));
        }
    }
    faults
}

/// The first row that differs from what the journal says.
fn compare(contents: &Contents, name: &str, made: &[u8]) -> Option<Fault> {
    let Some(found) = contents.text_within(name, TABLE.max(made.len() as u64)) else {
        return Some(Fault::new(name, "is no UTF-8 or too large"));
    };
    if found.as_bytes() == made {
        return None;
    }
    let rows = |bytes: &[u8]| -> Vec<csv::StringRecord> {
        let reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
        reader.into_records().map_while(Result::ok).collect()
    };
    let (own, found) = (rows(made), rows(found.as_bytes()));
    let differs = (0..own.len().max(found.len())).find(|&at| own.get(at) != found.get(at));
    let what = match differs {
        Some(0) => "has other columns than those of this table".to_owned(),
        Some(row) if row >= own.len() => format!("has row {row}, which the journal does not have"),
        Some(row) => format!("row {row} is not what the journal says"),
        None => "is written in another way than the journal's values are".to_owned(),
    };
    Some(Fault::new(name, what))
}
