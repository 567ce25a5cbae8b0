//! Checking a bundle, whole, with nothing but the bundle.
//!
//! The bag may be hostile: no symbolic link is followed, no name outside it is opened, and no
//! file is taken to be what it says it is. A sound bundle is still only as good as its key:
//! compare [`signer`] with the fingerprint that the sender gave by another way.

use std::collections::BTreeMap;
use std::path::Path;

use super::bag::{BAG_INFO, BAGIT, DECLARATION, MANIFEST, ROOT, TAG_MANIFEST, TAG_SIGNATURE};
use super::contents::{self, Contents};
use super::key::{self, BUNDLE_NAMESPACE, BadSignature, JOURNAL_NAMESPACE};
use super::{BundleError, custody, manifest, records};
use crate::case::{Checkpoint, JournalLine, check_chain};
use crate::model::Watcher;

/// One thing that is wrong with a bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Which file, relative to the bag; the bag itself is `.`. Hostile like any text.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

impl Fault {
    /// A fault of a file.
    pub(super) fn new(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), what: what.into() }
    }
}

/// Checks everything: the bag's form, every file's SHA-256, files too many and too few, the tag
/// manifest, both signatures, the journal's chain and checkpoint, that schemas and records can be
/// read. Sorted by file; empty when all is sound.
///
/// # Errors
/// Where there is no bag, or it cannot be read, or cancelled.
pub fn verify(bag: &Path, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let is_bag = bag.is_dir() && ROOT.iter().any(|name| bag.join(name).symlink_metadata().is_ok());
    if !is_bag {
        return Err(BundleError::NotABag { path: bag.to_owned() });
    }
    let (contents, mut faults) = contents::read(bag, watcher)?;
    faults.extend(check_root(&contents));
    faults.extend(check_manifest(&contents, MANIFEST));
    faults.extend(check_manifest(&contents, TAG_MANIFEST));
    faults.extend(check_bag_info(&contents));
    faults.extend(check_signatures(&contents));
    faults.extend(check_journal(&contents));
    faults.extend(check_records(&contents, watcher)?);
    faults.sort();
    faults.dedup();
    Ok(faults)
}

/// The fingerprint (`SHA256:…`) of the key that a bundle names as its own; `None` where it names
/// none. Says nothing of whether the bundle is sound.
pub fn signer(bag: &Path) -> Option<String> {
    let path = bag.join("data").join(custody::ALLOWED_SIGNERS);
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() < 10_000);
    let text = is_file.then(|| std::fs::read(&path).ok()).flatten()?;
    Some(key::allowed_key(&text).ok()?.fingerprint(ssh_key::HashAlg::Sha256).to_string())
}

fn check_root(contents: &Contents) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in ROOT {
        if !contents.has(name) {
            faults.push(Fault::new(name, "is missing"));
        }
    }
    for name in contents.names().filter(|name| !name.starts_with("data/")) {
        if !ROOT.contains(&name) {
            faults.push(Fault::new(name, "may not stand at the root of a bundle"));
        }
    }
    if contents.has(BAGIT) && contents.text(BAGIT).is_some_and(|text| text != DECLARATION) {
        faults.push(Fault::new(BAGIT, "does not declare BagIt 1.0 in UTF-8"));
    }
    faults
}

/// A manifest against the files: altered, missing, not listed, listed twice, malformed.
fn check_manifest(contents: &Contents, name: &str) -> Vec<Fault> {
    if !contents.has(name) {
        return Vec::new();
    }
    let Some(text) = contents.text(name) else {
        return vec![Fault::new(name, "is no UTF-8 text of a readable size")];
    };
    let of_payload = name == MANIFEST;
    let (listed, mut faults) = manifest::parse(name, text, of_payload);
    for (file, digest) in &listed {
        match contents.digest(file) {
            None => faults.push(Fault::new(file, format!("is missing; {name} lists it"))),
            Some(found) if found != *digest => faults.push(Fault::new(
                file,
                format!("has been altered: SHA-256 {found}, but {name} says {digest}"),
            )),
            Some(_) => {}
        }
    }
    let has_to_be_listed = |file: &str| {
        if of_payload { file.starts_with("data/") } else { [BAGIT, BAG_INFO, MANIFEST].contains(&file) }
    };
    for file in contents.names().filter(|file| has_to_be_listed(file) && !listed.contains_key(*file)) {
        faults.push(Fault::new(file, format!("is not listed in {name}")));
    }
    faults
}

fn check_bag_info(contents: &Contents) -> Vec<Fault> {
    if !contents.has(BAG_INFO) {
        return Vec::new();
    }
    let Some(text) = contents.text(BAG_INFO) else {
        return vec![Fault::new(BAG_INFO, "is no UTF-8 text of a readable size")];
    };
    let oxum: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("Payload-Oxum: ")).collect();
    let payload = contents.names().filter(|name| name.starts_with("data/"));
    let (bytes, files) =
        payload.fold((0, 0), |(bytes, files), name| (bytes + contents.size(name), files + 1_u64));
    let expected = format!("{bytes}.{files}");
    match oxum.as_slice() {
        [only] if *only == expected => Vec::new(),
        [only] => vec![Fault::new(
            BAG_INFO,
            format!("its Payload-Oxum is {only}, but the payload has {bytes} bytes in {files} files ({expected})"),
        )],
        _ => vec![Fault::new(BAG_INFO, "has to have one Payload-Oxum")],
    }
}

fn check_signatures(contents: &Contents) -> Vec<Fault> {
    let signers = format!("data/{}", custody::ALLOWED_SIGNERS);
    let Some(text) = contents.bytes(&signers) else {
        return vec![Fault::new(&signers, "is missing or cannot be read: no signature can be checked")];
    };
    let key = match key::allowed_key(text) {
        Ok(key) => key,
        Err(why) => return vec![Fault::new(&signers, format!("{why}: no signature can be checked"))],
    };
    let checkpoint = format!("data/{}", custody::CHECKPOINT);
    let signature = format!("data/{}", custody::CHECKPOINT_SIGNATURE);
    let mut faults = Vec::new();
    for (signed, signature, namespace) in [
        (TAG_MANIFEST, TAG_SIGNATURE, BUNDLE_NAMESPACE),
        (checkpoint.as_str(), signature.as_str(), JOURNAL_NAMESPACE),
    ] {
        let (Some(message), Some(armour)) = (contents.bytes(signed), contents.bytes(signature)) else {
            for name in [signed, signature].into_iter().filter(|name| contents.bytes(name).is_none()) {
                faults.push(Fault::new(name, "is missing or cannot be read: its signature cannot be checked"));
            }
            continue;
        };
        match key::check(&key, namespace, message, armour) {
            Ok(()) => {}
            Err(BadSignature::Itself(why)) => faults.push(Fault::new(signature, why)),
            Err(BadSignature::Mismatch) => {
                faults.push(Fault::new(signed, format!("is not what {signature} signs")));
                faults.push(Fault::new(signature, format!("does not sign {signed} as it stands")));
            }
        }
    }
    faults
}

fn check_journal(contents: &Contents) -> Vec<Fault> {
    let name = format!("data/{}", custody::JOURNAL);
    let Some(text) = contents.text(&name) else {
        return vec![Fault::new(&name, "is missing or no UTF-8 text of a readable size")];
    };
    let mut lines = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        match serde_json::from_str::<JournalLine>(line) {
            Ok(entry) => lines.push(entry),
            Err(error) => return vec![Fault::new(&name, format!("line {number} is no journal entry: {error}"))],
        }
    }
    let mut faults: Vec<_> =
        check_chain(&lines).into_iter().map(|fault| Fault::new(&name, fault.to_string())).collect();
    let checkpoint = format!("data/{}", custody::CHECKPOINT);
    match contents.text(&checkpoint).map(serde_json::from_str::<Checkpoint>) {
        None => faults.push(Fault::new(&checkpoint, "is missing or cannot be read")),
        Some(Err(error)) => faults.push(Fault::new(&checkpoint, format!("is no checkpoint: {error}"))),
        Some(Ok(point)) => {
            let last = lines.last().map(|line| (line.hash, line.seq));
            if last != Some((point.head, point.count)) || lines.len() as u64 != point.count {
                let what = format!(
                    "says {} entries ending in {}, but {name} has {} ending in {}",
                    point.count,
                    point.head,
                    lines.len(),
                    last.map_or_else(|| "nothing".to_owned(), |(hash, _)| hash.to_string())
                );
                faults.push(Fault::new(&checkpoint, what));
            }
        }
    }
    faults
}

/// Records and their schemas can be read, one for the other.
fn check_records(contents: &Contents, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let mut faults = Vec::new();
    let mut pairs: BTreeMap<&str, [bool; 2]> = BTreeMap::new();
    for name in contents.names().filter(|name| name.starts_with("data/02_records/")) {
        watcher.check()?;
        if let Some(stem) = name.strip_suffix(".parquet") {
            pairs.entry(stem).or_default()[0] = true;
            if let Err(why) = records::can_be_read(&contents.path(name)) {
                faults.push(Fault::new(name, format!("cannot be read as Parquet: {why}")));
            }
        } else if let Some(stem) = name.strip_suffix(".schema.json") {
            pairs.entry(stem).or_default()[1] = true;
            let parsed = contents.text(name).map(serde_json::from_str::<serde_json::Value>);
            if !matches!(parsed, Some(Ok(serde_json::Value::Object(_)))) {
                faults.push(Fault::new(name, "is no JSON object"));
            }
        }
    }
    for (stem, [parquet, schema]) in pairs {
        if !parquet {
            faults.push(Fault::new(&format!("{stem}.parquet"), "is missing; its schema is there"));
        }
        if !schema {
            faults.push(Fault::new(&format!("{stem}.schema.json"), "is missing; its records are there"));
        }
    }
    Ok(faults)
}
