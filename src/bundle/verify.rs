//! Verification of a bundle with nothing but the bundle.
//!
//! The bag may be hostile: no symbolic link is followed, nothing outside it is opened, and no file is
//! assumed to be what its name says. A bundle without faults proves only that the holder of its key
//! wrote it: give [`verify_signed`] the fingerprint that the sender gave in another way.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use super::bag::{AT_ROOT, BAG_INFO, BAGIT, DECLARATION, LOCK, MANIFEST, ROOT, TAG_MANIFEST, TAG_SIGNATURE};
use super::content;
use super::contents::{self, Contents};
use super::key::{self, BadSignature};
use super::{
    Audience, BundleError, Fault, Trust, custody, import_report, manifest, parquet_check, timestamp,
};
use crate::case::{ChainCheck, Checkpoint, JournalLine, fields_of};
use crate::model::{Watcher, counted};

/// Checks everything: the bag's form, every file's SHA-256, files too many and too few, the tag
/// manifest, both signatures, the journal's chain and checkpoint, that schemas and records can be
/// read. Sorted by file; empty when all is sound.
///
/// # Errors
/// There is no bag, it cannot be read, or cancelled.
pub fn verify(bag: &Path, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let is_bag = bag.is_dir() && ROOT.iter().any(|name| bag.join(name).symlink_metadata().is_ok());
    if !is_bag {
        return Err(BundleError::NotABag { path: bag.to_owned() });
    }
    check(bag, contents::read(bag, watcher)?, watcher)
}

/// Checks a bag that is still being written, which has its lock beside its files.
///
/// # Errors
/// Faults that it would be found to have, or cancelled.
pub(super) fn verify_unfinished(folder: &Path, watcher: &dyn Watcher) -> Result<(), BundleError> {
    const NAMED: usize = 3;
    watcher.step("verifying the bundle", 0, 0, "files");
    let (contents, faults) = contents::read(folder, watcher)?;
    let faults = check(folder, (contents.map(|contents| contents.without(LOCK)), faults), watcher)?;
    if faults.is_empty() {
        return Ok(());
    }
    let named: Vec<String> =
        faults.iter().take(NAMED).map(|fault| format!("{}: {}", fault.file, fault.what)).collect();
    Err(BundleError::Refused(format!(
        "verification of the finished bundle found {}: {}. Report this as a fault of the program",
        counted(faults.len() as u64, "fault", "faults"),
        named.join("; ")
    )))
}

/// Faults of the contents of a bag.
fn check(
    bag: &Path,
    (contents, mut faults): (Option<Contents>, Vec<Fault>),
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let Some(contents) = contents else { return Ok(faults) };
    faults.extend(check_root(&contents));
    faults.extend(check_manifest(&contents, MANIFEST));
    faults.extend(check_manifest(&contents, TAG_MANIFEST));
    faults.extend(check_bag_info(&contents));
    faults.extend(check_signatures(&contents));
    faults.extend(check_version(&contents));
    faults.extend(timestamp::check(&contents));
    // Bundles of earlier versions name no audience and are for production.
    let audience = audience(&contents).unwrap_or(Audience::Production);
    faults.extend(check_audience(&contents, audience));
    if audience.has_records() {
        faults.extend(check_journal(&contents));
    }
    faults.extend(check_import_reports(&contents));
    faults.extend(check_records(&contents, watcher)?);
    // Content is compared where the bytes are sound: a changed byte is reported once, with its cause. Bundles
    // of earlier versions have no audience and other files.
    if let (true, Some(audience), Some(signer)) = (faults.is_empty(), self::audience(&contents), signer(bag))
    {
        faults.extend(content::check(&contents, audience, &signer, watcher)?);
    }
    faults.sort();
    faults.dedup();
    Ok(faults)
}

/// As [`verify`], and the signer has to be one whom the reader expects.
///
/// # Errors
/// As [`verify`].
pub fn verify_signed(bag: &Path, trust: &Trust, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let mut faults = verify(bag, watcher)?;
    faults.extend(trust.check(signer(bag).as_deref()));
    faults.sort();
    Ok(faults)
}

/// The fingerprint (`SHA256:…`) of the key that a bundle names as its own; `None` where it names
/// none. It does not mean that the bundle is without faults.
pub fn signer(bag: &Path) -> Option<String> {
    let path = bag.join("data").join(custody::ALLOWED_SIGNERS);
    let mut text = Vec::new();
    contents::open(&path).ok()?.take(10_000).read_to_end(&mut text).ok()?;
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
        if !ROOT.contains(&name) && !AT_ROOT.contains(&name) {
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
    let Some(text) = contents.open(name) else {
        return vec![Fault::new(name, "cannot be read")];
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

/// Value of a line of `bag-info.txt`; `None` where there is no such line or more than one.
fn tag(contents: &Contents, name: &str) -> Option<String> {
    let text = contents.text(BAG_INFO)?;
    let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let only = values.next().map(str::to_owned);
    only.filter(|_| values.next().is_none())
}

/// Audience that a bundle names.
fn audience(contents: &Contents) -> Option<Audience> {
    Audience::named(&tag(contents, "Audience")?)
}

/// Fault of a bundle that does not name one audience, though it is of a version that does: without the line
/// its content would not be compared.
fn check_version(contents: &Contents) -> Option<Fault> {
    let info = contents.text(BAG_INFO).unwrap_or_default();
    let has = |name: &str| info.lines().any(|line| line.to_lowercase().starts_with(name));
    let files = ["data/00_CHANGES.txt", "data/05_methods/hashes.txt", "data/06_custody/journal.csv"];
    let is_own_form = has("audience:")
        || has("bundle-version:")
        || has("designation:")
        || files.iter().any(|name| contents.has(name))
        || has_fields(contents);
    (is_own_form && audience(contents).is_none())
        .then(|| Fault::new(BAG_INFO, "has to name one audience in one line Audience"))
}

/// True if an entry of the journal has the format that came with audiences.
fn has_fields(contents: &Contents) -> bool {
    let Some(mut text) = contents.open(&format!("data/{}", custody::JOURNAL)) else { return false };
    while let Ok(Some(line)) = manifest::next_line(&mut text, MAX_ENTRY_BYTES) {
        let Ok(line) = serde_json::from_slice::<JournalLine>(&line) else { return false };
        if line.fields.is_some() || line.body.is_some_and(|body| fields_of(&body).is_some()) {
            return true;
        }
    }
    false
}

/// True if the content of a bundle was compared with itself when [`verify`] found no fault: a bundle of an
/// earlier version names no audience, and only its bytes, signatures and chain are checked.
pub fn is_content_compared(bag: &Path) -> bool {
    let mut text = String::new();
    let read =
        contents::open(&bag.join(BAG_INFO)).and_then(|file| file.take(1 << 20).read_to_string(&mut text));
    read.is_ok()
        && text.lines().any(|line| line.strip_prefix("Audience: ").and_then(Audience::named).is_some())
}

/// True if this version of the program wrote a bundle: pages of another one are not compared with the rest.
pub fn is_of_this_version(bag: &Path) -> bool {
    let mut text = String::new();
    let read =
        contents::open(&bag.join(BAG_INFO)).and_then(|file| file.take(1 << 20).read_to_string(&mut text));
    let own = concat!("Bag-Software-Agent: stillhunt ", env!("CARGO_PKG_VERSION"));
    read.is_ok() && text.lines().any(|line| line == own)
}

/// Files that an audience must not get.
fn check_audience(contents: &Contents, audience: Audience) -> Vec<Fault> {
    let folders: &[&str] = match audience {
        Audience::Internal => &[],
        Audience::Production => &["data/10_internal/"],
        Audience::Share | Audience::Regulator => &[
            "data/02_records/",
            "data/03_exhibits/",
            "data/04_summaries/",
            "data/10_internal/",
            "data/06_custody/journal.jsonl",
            "data/06_custody/journal.csv",
        ],
    };
    let is_forbidden = |name: &&str| folders.iter().any(|folder| name.starts_with(folder));
    contents
        .names()
        .filter(is_forbidden)
        .map(|name| Fault::new(name, format!("must not be in a bundle for the audience {audience}")))
        .collect()
}

fn check_bag_info(contents: &Contents) -> Vec<Fault> {
    if !contents.has(BAG_INFO) {
        return Vec::new();
    }
    let Some(text) = contents.text(BAG_INFO) else {
        return vec![Fault::new(BAG_INFO, "is not UTF-8 text, or is too large")];
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
            format!(
                "its Payload-Oxum is {only}, but the payload has {bytes} bytes in {files} files ({expected})"
            ),
        )],
        _ => vec![Fault::new(BAG_INFO, "has to have one Payload-Oxum")],
    }
}

fn check_signatures(contents: &Contents) -> Vec<Fault> {
    let signers = format!("data/{}", custody::ALLOWED_SIGNERS);
    let text = contents.bytes(&signers).ok_or_else(|| "is missing or cannot be read".to_owned());
    let key = match text.and_then(|text| key::allowed_key(&text)) {
        Ok(key) => key,
        Err(why) => {
            let unchecked = [TAG_SIGNATURE.to_owned(), format!("data/{}", custody::CHECKPOINT_SIGNATURE)];
            let mut faults =
                unchecked.map(|name| Fault::new(&name, format!("is not checked: {signers} {why}"))).to_vec();
            faults.push(Fault::new(&signers, format!("{why}: no signature can be checked")));
            return faults;
        }
    };
    let checkpoint = format!("data/{}", custody::CHECKPOINT);
    let signature = format!("data/{}", custody::CHECKPOINT_SIGNATURE);
    let mut faults = Vec::new();
    for (signed, signature) in [(TAG_MANIFEST, TAG_SIGNATURE), (checkpoint.as_str(), signature.as_str())] {
        let (Some(message), Some(armour)) = (contents.bytes(signed), contents.bytes(signature)) else {
            for name in [signed, signature].into_iter().filter(|name| contents.bytes(name).is_none()) {
                faults
                    .push(Fault::new(name, "is missing or cannot be read: its signature cannot be checked"));
            }
            continue;
        };
        match key::check(&key, &message, &armour) {
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
    let Some(mut text) = contents.open(&name) else {
        return vec![Fault::new(&name, "is missing or cannot be read")];
    };
    let (mut chain, mut faults) = (ChainCheck::default(), Vec::new());
    loop {
        let number = chain.count + 1;
        let line = match manifest::next_line(&mut text, MAX_ENTRY_BYTES) {
            Ok(None) => break,
            Ok(Some(line)) => line,
            Err(error) => {
                faults.push(Fault::new(&name, format!("line {number} cannot be read: {error}")));
                return faults;
            }
        };
        match serde_json::from_slice::<JournalLine>(&line) {
            Ok(entry) => faults
                .extend(chain.check(&entry).into_iter().map(|fault| Fault::new(&name, fault.to_string()))),
            Err(error) => {
                faults.push(Fault::new(&name, format!("line {number} is not a journal entry: {error}")));
                return faults;
            }
        }
        if faults.len() >= MAX_FAULTS {
            faults.push(Fault::new(&name, "has more faults; the rest is not read"));
            return faults;
        }
    }
    let checkpoint = format!("data/{}", custody::CHECKPOINT);
    let text = contents.text(&checkpoint);
    match text.as_deref().map(serde_json::from_str::<Checkpoint>) {
        None => faults.push(Fault::new(&checkpoint, "is missing or cannot be read")),
        Some(Err(error)) => faults.push(Fault::new(&checkpoint, format!("is not a checkpoint: {error}"))),
        Some(Ok(point)) if chain.count == 0 || (point.head, point.count) != (chain.head, chain.count) => {
            let what = format!(
                "says {} entries ending in {}, but {name} has {} ending in {}",
                point.count, point.head, chain.count, chain.head
            );
            faults.push(Fault::new(&checkpoint, what));
        }
        Some(Ok(_)) => {}
    }
    faults
}

/// Bytes of a journal entry, and faults after which the journal is not read further.
const MAX_ENTRY_BYTES: usize = 32 << 20;
const MAX_FAULTS: usize = 1_000;

/// Import reports against the sources. Bundles of earlier versions have none.
fn check_import_reports(contents: &Contents) -> Vec<Fault> {
    let name = format!("data/{}", import_report::REPORTS);
    if !contents.has(&name) {
        return Vec::new();
    }
    let sources =
        contents.open("data/06_custody/sources.csv").map(|file| file.take(import_report::SOURCES_BYTES));
    match (contents.text_within(&name, import_report::BYTES), sources) {
        (Some(text), Some(sources)) => import_report::check(&name, &text, sources),
        (None, _) => vec![Fault::new(&name, "is not UTF-8 text, or is too large")],
        (_, None) => vec![Fault::new(&name, "cannot be checked: sources.csv is missing or cannot be read")],
    }
}

/// Records and their schemas can be read, one for the other.
fn check_records(contents: &Contents, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    let mut faults = Vec::new();
    let mut pairs: BTreeMap<&str, [bool; 2]> = BTreeMap::new();
    for name in contents.names().filter(|name| name.starts_with("data/02_records/")) {
        watcher.check()?;
        if let Some(stem) = name.strip_suffix(".parquet") {
            pairs.entry(stem).or_default()[0] = true;
            let schema = contents.text(&format!("{stem}.schema.json"));
            let schema = schema.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
            let is_whole = schema.is_some_and(|schema| schema["withheld"] == false);
            if let Err(why) = parquet_check::can_be_read(&contents.path(name), is_whole, watcher) {
                faults.push(Fault::new(name, format!("cannot be read as Parquet: {why}")));
            }
        } else if let Some(stem) = name.strip_suffix(".schema.json") {
            pairs.entry(stem).or_default()[1] = true;
            let text = contents.text(name);
            let parsed = text.as_deref().map(serde_json::from_str::<serde_json::Value>);
            if !matches!(parsed, Some(Ok(serde_json::Value::Object(_)))) {
                faults.push(Fault::new(name, "is not a JSON object"));
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

#[cfg(test)]
pub(super) mod tests;
