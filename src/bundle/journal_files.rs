//! Log files in the journal, where their names have others in a bundle.
//!
//! The order of the files is that of their own names, and would help to guess them. In a bundle they stand in the order
//! of the names that they have there, each with its size and hash.

use serde_json::Value;

use super::names::Names;
use crate::model::{Digest, ExchangeRef};

/// Reason for withholding a field of a file.
pub(super) const FILES: &str = "privacy: names of log files have accounts or other private values; pseudonyms stand \
                                instead, and the files in their order";

/// What stands in place of a field about a log file; `None` for another field, and where files have their own names.
/// `value` gives the values of the entry.
pub(super) fn verdict<'v>(
    value: &dyn Fn(&str) -> Option<&'v Value>,
    pointer: &str,
    names: &Names<'_>,
) -> Option<Option<Value>> {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    if let ["source" | "what", "exchange"] = *parts.as_slice() {
        let exchange: ExchangeRef = value(pointer)?.as_str()?.parse().ok()?;
        let renamed = names.exchange(&exchange);
        return (renamed != exchange).then(|| Some(renamed.to_string().into()));
    }
    let snapshot = ["/snapshot/sha256", "/snapshot"].into_iter().find_map(value)?;
    let order = names.file_order(snapshot.as_str()?.parse::<Digest>().ok()?)?;
    match *parts.as_slice() {
        ["snapshot", "sha256"] | ["snapshot"] | ["report", "snapshot"] => {
            let own = value(pointer)?.as_str()?.parse::<Digest>().ok()?;
            Some(Some(names.snapshot_id(own).to_string().into()))
        }
        // A report has no more of a file than the snapshot.
        ["report", "files", ..] | ["snapshot", "files", _, "origin"] => Some(None),
        ["snapshot", "files", at, ref rest @ ..] => {
            let own = order.get(at.parse::<usize>().ok()?)?;
            let found = value(&format!("/snapshot/files/{own}/{}", rest.join("/")));
            Some(found.map(|found| named(found, rest, names)))
        }
        ["recorded_zones"] => {
            let zones = value(pointer)?.as_array()?;
            let permuted: Option<Vec<Value>> = order.iter().map(|&at| zones.get(at).cloned()).collect();
            permuted.filter(|permuted| permuted != zones).map(|permuted| Some(permuted.into()))
        }
        _ => None,
    }
}

fn named(value: &Value, rest: &[&str], names: &Names<'_>) -> Value {
    match (rest, value.as_str()) {
        (["name"], Some(name)) => names.file_name_of(name).into(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::bundle::custody;
    use crate::bundle::journal_fields::redact;
    use crate::bundle::journal_fold::{Facts, Fold};
    use crate::bundle::reader::Reader;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::case::legal::Profile;
    use crate::case::{Access, Action, Case, EvidenceSource, check_chain};
    use crate::model::Tag;

    /// The journal of a log with a file for each account gives the sources as the bundle lists them, names no account,
    /// and does not show the files in the order of the accounts.
    #[test]
    fn files_of_accounts_stand_in_the_order_of_their_pseudonyms() {
        let folder = tempfile::tempdir().unwrap();
        let ids: Vec<String> = (0..9).map(|at| format!("acct_{at:04}")).collect();
        let files: Vec<String> = ids.iter().map(|id| format!("{id}/a.parquet")).collect();
        let rows = files.iter().zip(&ids).zip(1..).map(|((file, id), at)| (file.as_str(), vec![row(id, at)]));
        let snapshot = snapshot(folder.path(), &rows.collect::<Vec<_>>());
        let (cache, _) = cache(folder.path(), vec![snapshot.clone()]);
        let dir = folder.path().join("c");
        let mut case = Case::create(&dir).unwrap();
        let sha256 = snapshot.sha256;
        case.record(Action::SnapshotAdded { snapshot: snapshot.clone(), report: None }).unwrap();
        let source = EvidenceSource::Exchange {
            exchange: ExchangeRef { snapshot: sha256, file: files[3].clone(), row: 0 },
            account: ids[3].as_str().into(),
            ts: 4,
            record: Digest::of(b"r"),
            reading: None,
        };
        case.record(Action::Tagged { id: 1, source, tag: Tag::ReliedOn, note: String::new() }).unwrap();
        let key = case.bundle_key().unwrap();
        let case = Case::open(&dir, Access::ReadOnly).unwrap();
        let names = Names::pseudonyms(&cache, key, &BTreeSet::new()).unwrap();
        let names = names.hiding_files(case.state()).unwrap();
        let reader = Reader {
            names: &names,
            profile: Profile::Recorded,
            relied: BTreeSet::new(),
            story: BTreeSet::new(),
            exculpatory: BTreeMap::new(),
        };
        let (lines, withheld) = redact(case.journal_lines(), &reader);
        assert_eq!(check_chain(&lines), []);
        let text = String::from_utf8(custody::journal_bytes(&lines).unwrap()).unwrap();
        assert!(!text.contains("acct_") && !text.contains(&sha256.to_string()), "{text}");
        assert!(withheld.iter().filter(|field| field.reason == FILES).count() > 9);

        let (mut facts, mut fold) = (Facts::default(), Fold::of(Profile::Recorded));
        lines.iter().for_each(|line| fold.add(line, &mut facts).unwrap());
        let shown = names.state(case.state());
        let listed = String::from_utf8(custody::sources(&shown).to_csv()).unwrap();
        let listed: Vec<Vec<&str>> =
            listed.lines().skip(1).map(|line| line.split(',').take(5).collect()).collect();
        assert_eq!(facts.sources.iter().map(|own| own.to_vec()).collect::<Vec<_>>(), listed);
        let import = &facts.imports[&names.snapshot_id(sha256).to_string()];
        assert!(import.shown.contains_key("/files/0/rows"), "{:?}", import.shown.keys());
        let hashes: Vec<String> = snapshot.files.iter().map(|file| file.sha256.to_string()).collect();
        assert_ne!(listed.iter().map(|own| own[3]).collect::<Vec<_>>(), hashes);
    }
}
