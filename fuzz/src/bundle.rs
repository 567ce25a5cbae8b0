//! A bundle from an adversary: a sound one in which a file, or its name, has been replaced.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use stillhunt::bundle::{self, Audience, ExportOptions, Paper, SigningKey};
use stillhunt::case::legal::Profile;
use stillhunt::model::{Silent, Tag};

use super::feed::Feed;
use super::import::import;
use super::{columns, feed};

/// A sound bundle in memory: names and contents of its files, sorted.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// The sound bundle, made once a process.
fn sound() -> &'static Files {
    static SOUND: OnceLock<(tempfile::TempDir, Files)> = OnceLock::new();
    &SOUND.get_or_init(make).1
}

/// Each file of the bundle as it is, and each with its sum set right.
pub fn seeds() -> Vec<Vec<u8>> {
    let choices = (0..sound().len()).flat_map(|at| [2_u8, 6].map(|how| (at, how)));
    choices.map(|(at, how)| [&[(at >> 8) as u8, at as u8, how], sound()[at].1.as_slice()].concat()).collect()
}

/// Files replaced by any bytes are found out. The first byte chooses the file, the next what is
/// done; what follows is its content. The listed SHA-256 sums are set right where the choice says
/// so, as an adversary would do, so that what stands behind that check is reached.
pub fn bundle_verify(bytes: &[u8]) {
    let sound = sound();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bag = folder.path().join("bag");
    let mut feed = Feed::new(bytes);
    let changed = feed.below(sound.len());
    let how = feed.byte();
    let (name, content) = &sound[changed];
    let content: Vec<u8> = match how % 4 {
        // A part of the file is overwritten, cut or added to.
        0 => {
            let at = feed.below(content.len().clamp(1, 65_536)).min(content.len());
            let new = feed.rest();
            [&content[..at], new, content.get(at + new.len()..).unwrap_or_default()].concat()
        }
        1 => content[..feed.below(content.len().clamp(1, 65_536)).min(content.len())].to_vec(),
        _ => feed.rest().to_vec(),
    };
    for (other, bytes) in sound {
        put(&bag.join(other), if other == name { &content } else { bytes });
    }
    if how & 4 != 0 {
        set_right(&bag, sound, changed, &content);
    }
    let faults = bundle::verify(&bag, &Silent).expect("a folder that can be read");
    let _ = bundle::signer(&bag);
    let is_same = content == sound[changed].1;
    assert_eq!(faults.is_empty(), is_same, "{} was changed: {faults:?}", name.display());
}

/// Sets the listed sums of the changed file right in both manifests.
fn set_right(bag: &Path, sound: &Files, changed: usize, content: &[u8]) {
    use stillhunt::model::Digest;
    let (mut old, mut new) = (Digest::of(&sound[changed].1), Digest::of(content));
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        let path = bag.join(manifest);
        let Ok(text) = fs::read_to_string(&path) else { return };
        let replaced = text.replace(&old.to_string(), &new.to_string());
        fs::write(&path, &replaced).expect("a manifest");
        (old, new) = (Digest::of(text.as_bytes()), Digest::of(replaced.as_bytes()));
    }
}

fn put(path: &Path, bytes: &[u8]) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("a folder");
    }
    fs::write(path, bytes).expect("a file");
}

fn make() -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let logs = folder.path().join("logs");
    // Bytes by which every column is there, of its usual type, with times of one week and no nulls.
    let byte = |at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8 & 0x78 | [1, 3, 5][at as usize % 3];
    let bytes: Vec<u8> = (0..20_000).map(byte).collect();
    columns::write(&logs.join("a.parquet"), &mut feed::Feed::new(&bytes)).expect("a file");
    let mut session = import(folder.path(), &logs, None).expect("a case");
    let tag: Tag = "relied-on".parse().expect("a tag");
    stillhunt::jobs::mark_exchanges(
        &mut session.case,
        &session.cache,
        &session.sources,
        &[0, 1],
        &tag,
        "an example",
        &Silent,
    )
    .expect("marked");
    let key = SigningKey::load_or_create_in(&folder.path().join("key")).expect("a key");
    let out = folder.path().join("out");
    let options = ExportOptions {
        audience: Audience::Production,
        out,
        include_text: false,
        profile: Profile::Recorded,
        paper: Paper::A4,
        key,
    };
    let exported = bundle::export(&mut session.case, &session.cache, &session.leads, &options, &Silent)
        .expect("a bundle");
    let mut files = Vec::new();
    collect(&exported.bag, &exported.bag, &mut files);
    files.sort();
    (folder, files)
}

fn collect(folder: &Path, root: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            collect(&entry, root, files);
        } else {
            let name = entry.strip_prefix(root).expect("inside").to_owned();
            files.push((name, fs::read(&entry).expect("a file")));
        }
    }
}
