//! `10_internal` of counsel's bundle against the journal: key, pseudonyms, salts and notes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::super::internal::LEAD;
use super::super::journal_fold::Facts;
use super::super::names::{ACCOUNT, DIGITS, FILE, PRIVATE, SNAPSHOT, file_key, keyed, keyed_lead, salt};
use super::tables::table;
use crate::exhibit::cell;
use crate::model::Digest;
use crate::snapshot::unescaped;

const KEY: &str = "data/10_internal/key.json";
const NOTES: &str = "data/10_internal/notes.csv";
const PSEUDONYMS: &str = "data/10_internal/pseudonyms.csv";
const SOURCES: &str = "data/06_custody/sources.csv";
const SALTS: &str = "data/10_internal/salts.csv";

/// Faults of the folder; none in a bundle without it.
pub(super) fn check(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    if !contents.has(KEY) {
        return Vec::new();
    }
    let file: serde_json::Value =
        contents.text(KEY).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let stated = file["key"].as_str().and_then(|text| text.parse::<Digest>().ok());
    let Some(key) = stated.filter(|key| facts.key.as_ref().is_none_or(|own| *own == key.to_string())) else {
        return vec![Fault::new(KEY, "has another key than the journal")];
    };
    let checks = [pseudonyms(contents, key), salts(contents, key), notes(contents, facts)];
    checks.into_iter().flat_map(|made| made.unwrap_or_else(|fault| vec![fault])).collect()
}

/// A value of a table with and without the mark that keeps a spreadsheet from calculating it; `None` for one with
/// characters that the table shows by their codes.
fn plain(value: &str) -> Option<[&str; 2]> {
    (!value.contains('⟨')).then_some([value, value.strip_prefix('\'').unwrap_or(value)])
}

fn pseudonyms(contents: &Contents, key: Digest) -> Result<Vec<Fault>, Fault> {
    let rows = table(contents, PSEUDONYMS, &["kind", "value", "pseudonym"])?;
    let names = Files::of(contents, &rows)?;
    let is_other = |row: &Vec<String>| {
        if [FILE, SNAPSHOT].contains(&row[0].as_str()) {
            return names.is_other(row);
        }
        let word = PRIVATE.iter().find(|(kind, _)| kind.name() == row[0]).map_or(ACCOUNT, |(_, word)| *word);
        let pseudonym = |value: &str| match row[0].as_str() {
            LEAD => keyed_lead(key, value),
            _ => keyed(key, word, value),
        };
        plain(&row[1]).is_some_and(|forms| forms.iter().all(|value| pseudonym(value) != row[2]))
    };
    let found = rows.iter().zip(1..).filter(|(row, _)| is_other(row)).take(20);
    Ok(found
        .map(|(_, at)| Fault::new(PSEUDONYMS, format!("row {at} is not the pseudonym under the key")))
        .collect())
}

/// Log files of the bundle, and the pseudonyms of names in their names.
struct Files<'a> {
    /// Snapshot, file and SHA-256.
    sources: Vec<Vec<String>>,
    /// Names of these files.
    listed: BTreeSet<String>,
    /// Names by their pseudonyms.
    named: BTreeMap<&'a str, &'a str>,
    /// Names of files outside this bundle, by their own.
    renamed: BTreeMap<&'a str, &'a str>,
}

impl<'a> Files<'a> {
    fn of(contents: &Contents, rows: &'a [Vec<String>]) -> Result<Self, Fault> {
        let sources = table(contents, SOURCES, &["snapshot_sha256", "file", "sha256"])?;
        let listed = sources.iter().map(|source| source[1].clone()).collect();
        let (files, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row[0] == FILE);
        let named = others.into_iter().map(|row| (row[2].as_str(), row[1].as_str())).collect();
        let renamed = files.into_iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
        Ok(Self { sources, listed, named, renamed })
    }

    /// The name of a file with names in the place of their pseudonyms: a word, `-` and sixteen digits.
    fn restored(&self, file: &str) -> String {
        let mut out = String::with_capacity(file.len());
        let mut rest = file;
        while let Some(at) = rest.find('-') {
            let start = rest[..at].rfind(|c: char| !c.is_ascii_lowercase()).map_or(0, |before| before + 1);
            let ends = [at + 1 + DIGITS + ".edu".len(), at + 1 + DIGITS];
            let found = ends.into_iter().find_map(|end| Some((end, self.named.get(rest.get(start..end)?)?)));
            let (kept, name, end) = found.map_or((at + 1, "", at + 1), |(end, name)| (start, *name, end));
            out.push_str(&rest[..kept]);
            out.push_str(name);
            rest = &rest[end..];
        }
        out + rest
    }

    /// True for a file whose name outside does not have names of the table in the place of their pseudonyms, and for a
    /// snapshot whose SHA-256 outside is not that of the names of its files there.
    fn is_other(&self, row: &[String]) -> bool {
        if row[0] == FILE {
            let restored = self.restored(&row[2]);
            return !self.listed.contains(&row[1]) || file_key(&restored) != file_key(&unescaped(&row[1]));
        }
        let own = self.sources.iter().filter(|source| source[0] == row[1]);
        let mut files: Vec<(&str, &str)> = own
            .map(|source| {
                (*self.renamed.get(source[1].as_str()).unwrap_or(&source[1].as_str()), source[2].as_str())
            })
            .collect();
        files.sort_unstable();
        let lines: String = files.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
        Digest::of(lines.as_bytes()).to_string() != row[2]
    }
}

fn salts(contents: &Contents, key: Digest) -> Result<Vec<Fault>, Fault> {
    let columns = ["exchange", "column", "salt", "sha256_of_value_or_record", "commitment"];
    let rows = table(contents, SALTS, &columns)?;
    let is_other = |row: &Vec<String>| {
        let Some([exchange, _]) = plain(&row[0]) else { return false };
        let own = salt(key, exchange, &row[1]);
        let line = serde_json::json!([own, exchange, row[1], row[3]]).to_string();
        own != row[2] || row[1] == "record" && Digest::of(line.as_bytes()).to_string() != row[4]
    };
    let found = rows.iter().zip(1..).filter(|(row, _)| is_other(row)).take(20);
    Ok(found
        .map(|(_, at)| {
            Fault::new(SALTS, format!("row {at} is not the salt under the key, or its commitment"))
        })
        .collect())
}

fn notes(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    let stated = table(contents, NOTES, &["evidence", "tag", "note"])?;
    let journaled: Vec<Vec<String>> = facts
        .evidence
        .iter()
        .map(|(id, own)| vec![format!("E{id}"), cell(&own.tag), cell(&own.note)])
        .collect();
    let is_same = stated == journaled;
    Ok((!is_same)
        .then(|| Fault::new(NOTES, "has other notes or tags than the journal"))
        .into_iter()
        .collect())
}
