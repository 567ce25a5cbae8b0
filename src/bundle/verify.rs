//! Verification of a bundle with nothing but the bundle.
//!
//! The bag may be hostile: no symbolic link is followed, nothing outside it is opened, and no file is
//! assumed to be what its name says. A bundle without faults proves only that the holder of its key
//! wrote it: give [`verify_signed`] the fingerprint that the sender gave in another way.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use super::bag::{BAG_INFO, BAGIT, DECLARATION, MANIFEST, ROOT, TAG_MANIFEST, TAG_SIGNATURE};
use super::content;
use super::contents::{self, Contents};
use super::key::{self, BadSignature};
use super::{Audience, BundleError, Fault, Trust, custody, import_report, manifest, parquet_check};
use crate::case::{ChainCheck, Checkpoint, JournalLine};
use crate::model::Watcher;

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
    let (contents, mut faults) = contents::read(bag, watcher)?;
    let Some(contents) = contents else { return Ok(faults) };
    faults.extend(check_root(&contents));
    faults.extend(check_manifest(&contents, MANIFEST));
    faults.extend(check_manifest(&contents, TAG_MANIFEST));
    faults.extend(check_bag_info(&contents));
    faults.extend(check_signatures(&contents));
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

/// What an audience must not get.
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
        let line = match manifest::next_line(&mut text, ENTRY) {
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
                faults.push(Fault::new(&name, format!("line {number} is no journal entry: {error}")));
                return faults;
            }
        }
        if faults.len() >= ENOUGH {
            faults.push(Fault::new(&name, "has more faults; the rest is not read"));
            return faults;
        }
    }
    let checkpoint = format!("data/{}", custody::CHECKPOINT);
    let text = contents.text(&checkpoint);
    match text.as_deref().map(serde_json::from_str::<Checkpoint>) {
        None => faults.push(Fault::new(&checkpoint, "is missing or cannot be read")),
        Some(Err(error)) => faults.push(Fault::new(&checkpoint, format!("is no checkpoint: {error}"))),
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
const ENTRY: usize = 32 << 20;
const ENOUGH: usize = 1_000;

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
        (None, _) => vec![Fault::new(&name, "is no UTF-8 text of a readable size")],
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

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::super::bag::Bag;
    use super::super::key::SigningKey;
    use super::super::{records, summaries, summaries::tests::some_records};
    use super::*;
    use crate::case::entry_hash;
    use crate::model::{Digest, Silent};

    pub(in super::super) fn test_key(folder: &Path) -> SigningKey {
        let path = folder.join("key");
        let key = ssh_key::PrivateKey::random(&mut ssh_key::rand_core::OsRng, ssh_key::Algorithm::Ed25519);
        key.unwrap().write_openssh_file(&path, ssh_key::LineEnding::LF).unwrap();
        SigningKey::from_file(&path).unwrap()
    }

    fn journal() -> Vec<JournalLine> {
        let mut prev = Digest([0; 32]);
        (1..=3)
            .map(|seq| {
                let body = format!("{{\"seq\":{seq},\"ts\":0,\"actor\":\"me\",\"salt\":\"{seq}\"}}");
                let body_hash = Digest::of(body.as_bytes());
                let hash = entry_hash(prev, body_hash);
                let body = (seq != 2).then_some(body);
                let line = JournalLine { seq, prev, body, fields: None, stated: None, body_hash, hash };
                prev = hash;
                line
            })
            .collect()
    }

    /// A small whole bag made by hand.
    fn small_bag(out: &Path) -> PathBuf {
        let key = test_key(out);
        let mut bag = Bag::begin(out).unwrap();
        let rows = some_records();
        let records =
            bag.put("02_records/EX-0001.parquet", &records::to_parquet(&rows, false).unwrap()).unwrap();
        let schema = records::schema(&rows, false, records);
        bag.put("02_records/EX-0001.schema.json", &schema).unwrap();
        summaries::put(&mut bag, &summaries::summaries(&rows), records).unwrap();
        let lines = journal();
        let last = lines.last().unwrap();
        let point = Checkpoint { head: last.hash, count: last.seq, ts: 0 };
        let point = custody::checkpoint_bytes(&point).unwrap();
        bag.put(custody::JOURNAL, &custody::journal_bytes(&lines).unwrap()).unwrap();
        bag.put(custody::CHECKPOINT, &point).unwrap();
        let signature = key.sign(&point).unwrap();
        bag.put(custody::CHECKPOINT_SIGNATURE, signature.as_bytes()).unwrap();
        bag.put(custody::ALLOWED_SIGNERS, key.allowed_signers().unwrap().as_bytes()).unwrap();
        let info = [("External-Identifier", "line\nbreak".to_owned())];
        let version = super::super::bag::next_version(out, "small_PRODUCTION", 0).unwrap();
        let name = format!("small_PRODUCTION_v{version}");
        let (folder, manifest) = bag.finish(&name, &info, &key, |_| Ok(())).unwrap();
        assert_eq!(manifest, Digest::of(&fs::read(folder.join(MANIFEST)).unwrap()));
        folder
    }

    fn faults(bag: &Path) -> Vec<Fault> {
        verify(bag, &Silent).unwrap()
    }

    fn names(bag: &Path, file: &str) -> bool {
        faults(bag).iter().any(|fault| fault.file == file)
    }

    fn files(bag: &Path) -> Vec<String> {
        contents::read(bag, &Silent).unwrap().0.unwrap().names().map(str::to_owned).collect()
    }

    #[test]
    fn a_sound_bag_has_no_fault_and_numbers_go_up() {
        let out = tempfile::tempdir().unwrap();
        let first = small_bag(out.path());
        assert_eq!(faults(&first), []);
        assert!(first.ends_with("small_PRODUCTION_v1"));
        assert!(small_bag(out.path()).ends_with("small_PRODUCTION_v2"));
        assert!(signer(&first).unwrap().starts_with("SHA256:"));
    }

    #[test]
    fn each_file_flipped_or_removed_is_named() {
        let out = tempfile::tempdir().unwrap();
        let bag = small_bag(out.path());
        for file in files(&bag) {
            let path = bag.join(&file);
            let sound = fs::read(&path).unwrap();
            for at in [0, sound.len() / 2, sound.len() - 1] {
                let mut altered = sound.clone();
                altered[at] ^= 1;
                fs::write(&path, altered).unwrap();
                assert!(names(&bag, &file), "byte {at} of {file}: {:?}", faults(&bag));
            }
            fs::remove_file(&path).unwrap();
            assert!(names(&bag, &file), "{file} removed");
            fs::write(&path, &sound).unwrap();
        }
        assert_eq!(faults(&bag), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_byte_of_any_file(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), flip in 1_u8..) {
            let out = tempfile::tempdir().unwrap();
            let bag = small_bag(out.path());
            let all = files(&bag);
            let file = file.get(&all);
            let mut bytes = fs::read(bag.join(file)).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            fs::write(bag.join(file), bytes).unwrap();
            prop_assert!(names(&bag, file), "byte {at} of {file}: {:?}", faults(&bag));
        }
    }

    #[test]
    fn what_does_not_belong_is_named() {
        let out = tempfile::tempdir().unwrap();
        let bag = small_bag(out.path());
        for file in ["data/extra.txt", "extra.txt", ".hidden", "data/.hidden"] {
            fs::write(bag.join(file), "x").unwrap();
            assert!(names(&bag, file), "{file}");
            fs::remove_file(bag.join(file)).unwrap();
        }
        fs::create_dir(bag.join("data/empty")).unwrap();
        assert!(names(&bag, "data/empty"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let out = tempfile::tempdir().unwrap();
        let bag = small_bag(out.path());
        let (file, elsewhere) = (bag.join("data/02_records/EX-0001.schema.json"), out.path().join("same"));
        fs::rename(&file, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
        let found = faults(&bag);
        let said = |what: &str| {
            found.iter().any(|f| f.file == "data/02_records/EX-0001.schema.json" && f.what.contains(what))
        };
        assert!(said("symbolic link") && said("missing"), "{found:?}");
        std::os::unix::fs::symlink("/", bag.join("data/loop")).unwrap();
        assert!(names(&bag, "data/loop"));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_are_faults() {
        use std::os::unix::ffi::OsStrExt as _;
        let out = tempfile::tempdir().unwrap();
        let bag = small_bag(out.path());
        fs::write(bag.join(std::ffi::OsStr::from_bytes(b"data/\xff")), "x").unwrap();
        assert!(faults(&bag).iter().any(|fault| fault.what.contains("UTF-8")));
    }

    #[test]
    fn a_manifest_cannot_reach_outside() {
        let out = tempfile::tempdir().unwrap();
        let bag = small_bag(out.path());
        let mut text = fs::read_to_string(bag.join(MANIFEST)).unwrap();
        let outside = out.path().join("key");
        text.push_str(&format!("{}  data/../../key\n", Digest::of(&fs::read(&outside).unwrap())));
        text.push_str(&format!("{}  {}\n", Digest::of(b"x"), outside.display()));
        text.push_str(&"x".repeat(1 << 20));
        fs::write(bag.join(MANIFEST), text).unwrap();
        let found = faults(&bag);
        assert_eq!(found.iter().filter(|fault| fault.what.contains("outside")).count(), 2, "{found:?}");
        fs::write(bag.join(MANIFEST), b"\xff\xfe").unwrap();
        assert!(names(&bag, MANIFEST));
    }

    #[test]
    fn a_bag_written_anew_by_someone_else_fails_its_signature() {
        let out = tempfile::tempdir().unwrap();
        let bag = small_bag(out.path());
        // The payload altered and every manifest made to fit again, but not the signature.
        let name = "data/04_summaries/S-002.csv";
        let old = Digest::of(&fs::read(bag.join(name)).unwrap()).to_string();
        fs::write(bag.join(name), "day,exchanges\n").unwrap();
        let text = fs::read_to_string(bag.join(MANIFEST)).unwrap();
        let text = text.replace(&old, &Digest::of(b"day,exchanges\n").to_string());
        let tags = fs::read_to_string(bag.join(TAG_MANIFEST)).unwrap();
        let before = Digest::of(&fs::read(bag.join(MANIFEST)).unwrap()).to_string();
        fs::write(bag.join(TAG_MANIFEST), tags.replace(&before, &Digest::of(text.as_bytes()).to_string()))
            .unwrap();
        fs::write(bag.join(MANIFEST), text).unwrap();
        assert!(names(&bag, TAG_SIGNATURE) && names(&bag, TAG_MANIFEST));
    }

    #[test]
    fn what_is_no_bag_is_said() {
        let out = tempfile::tempdir().unwrap();
        assert!(matches!(verify(out.path(), &Silent), Err(BundleError::NotABag { .. })));
        assert!(verify(&out.path().join("nowhere"), &Silent).is_err());
        fs::write(out.path().join("file"), "x").unwrap();
        assert!(verify(&out.path().join("file"), &Silent).is_err());
    }
}
