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
    let batch = records::to_batch(&rows, false).unwrap();
    let records = bag.put("02_records/EX-0001.parquet", &records::to_parquet(&batch).unwrap()).unwrap();
    let schema = records::schema(&rows, &rows, false, [records; 2]);
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
    let check = |folder: &Path| verify_unfinished(folder, &Silent);
    let (folder, manifest) = bag.finish(&name, &info, &key, check, |_| Ok(())).unwrap();
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

/// A bundle that would be found to have a fault gets no name, and nothing is announced.
#[test]
fn a_faulty_bag_is_not_put_in_place() {
    let out = tempfile::tempdir().unwrap();
    let key = test_key(out.path());
    let mut bag = Bag::begin(out.path()).unwrap();
    bag.put("02_records/EX-0001.parquet", b"no Parquet").unwrap();
    let check = |folder: &Path| verify_unfinished(folder, &Silent);
    let refused = bag.finish("c_PRODUCTION_v1", &[], &key, check, |_| unreachable!()).unwrap_err();
    let why = refused.to_string();
    assert!(why.contains("found ") && why.contains("EX-0001.parquet") && !why.contains(".lock"), "{why}");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "only the key is left");
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
