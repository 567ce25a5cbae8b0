//! What stands in a bag's folder, read once: names, sizes, SHA-256, and the bytes of small files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::BundleError;
use super::fault::Fault;
use crate::files;
use crate::model::{Cancelled, Digest, Watcher};

/// Files up to this size are kept for parsing; none of those a bundle has parsed is near it.
const KEPT: u64 = 64 << 20;

/// Whether a file is parsed and not only hashed. Keeping all would let a hostile bag of many
/// files take all memory.
fn is_parsed(name: &str) -> bool {
    !name.contains('/')
        || name.starts_with("data/06_custody/")
        || (name.starts_with("data/02_records/") && name.ends_with(".schema.json"))
}

struct Found {
    digest: Digest,
    size: u64,
}

/// The regular files of a bag, by their path inside it with `/` between folders.
pub(super) struct Contents {
    bag: PathBuf,
    files: BTreeMap<String, Found>,
    kept: BTreeMap<String, Vec<u8>>,
}

/// Walks the bag and hashes every regular file. Links, devices, unreadable files, names that are
/// no UTF-8 and empty folders are faults, and nothing of them is opened.
///
/// # Errors
/// The bag's own folder cannot be listed, or cancelled.
pub(super) fn read(bag: &Path, watcher: &dyn Watcher) -> Result<(Contents, Vec<Fault>), BundleError> {
    let mut contents = Contents { bag: bag.to_owned(), files: BTreeMap::new(), kept: BTreeMap::new() };
    let (names, mut faults) = walk(bag, watcher)?;
    for (at, name) in names.iter().enumerate() {
        watcher.step("hashing files", at as u64, names.len() as u64, "files");
        match hash(&bag.join(name), is_parsed(name), watcher)? {
            Err(error) => faults.push(Fault::new(name, format!("cannot be read: {error}"))),
            Ok((found, bytes)) => {
                contents.kept.extend(bytes.map(|bytes| (name.clone(), bytes)));
                contents.files.insert(name.clone(), found);
            }
        }
    }
    Ok((contents, faults))
}

impl Contents {
    /// Whether there is such a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Every file's name, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file's SHA-256.
    pub(super) fn digest(&self, name: &str) -> Option<Digest> {
        self.files.get(name).map(|found| found.digest)
    }

    /// A file's size in bytes; 0 for none.
    pub(super) fn size(&self, name: &str) -> u64 {
        self.files.get(name).map_or(0, |found| found.size)
    }

    /// A file's bytes, where it was small enough to be kept.
    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.kept.get(name).map(Vec::as_slice)
    }

    /// A file's text; `None` where it is not UTF-8 or was not kept.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(name)?).ok()
    }

    /// Where a file is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.bag.join(name)
    }
}

/// The names of all regular files, sorted, and the faults of all else.
fn walk(bag: &Path, watcher: &dyn Watcher) -> Result<(Vec<String>, Vec<Fault>), BundleError> {
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        watcher.check()?;
        let path = bag.join(&folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if folder.is_empty() => return Err(BundleError::Io { path, source: error }),
            Err(error) => {
                faults.push(Fault::new(&folder, format!("cannot be listed: {error}")));
                continue;
            }
        };
        let mut count = 0_usize;
        for entry in entries {
            count += 1;
            let entry = entry.map_err(BundleError::io(&path))?;
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let Ok(name) = entry.file_name().into_string() else {
                let lossy = format!("{prefix}{}", entry.file_name().to_string_lossy());
                faults.push(Fault::new(&lossy, "has a name that is no UTF-8"));
                continue;
            };
            let name = format!("{prefix}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_file() => names.push(name),
                Ok(kind) if kind.is_dir() => folders.push(name),
                Ok(kind) if kind.is_symlink() => {
                    faults.push(Fault::new(&name, "is a symbolic link, which is not followed"));
                }
                Ok(_) => faults.push(Fault::new(&name, "is neither a file nor a folder")),
                Err(error) => faults.push(Fault::new(&name, format!("cannot be read: {error}"))),
            }
        }
        if count == 0 && !folder.is_empty() {
            faults.push(Fault::new(&folder, "is an empty folder"));
        }
    }
    names.sort();
    Ok((names, faults))
}

/// What a file is, with its bytes where they are to be kept and few enough.
type Hashed = Result<(Found, Option<Vec<u8>>), std::io::Error>;

/// A reason why a file is not read to its end.
enum Stopped {
    Unreadable(std::io::Error),
    Cancelled(Cancelled),
}

fn hash(path: &Path, keep: bool, watcher: &dyn Watcher) -> Result<Hashed, BundleError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    let (mut read, mut kept) = (0, Vec::new());
    let hashed = files::sha256(file, Stopped::Unreadable, |chunk| {
        read += chunk.len() as u64;
        if keep && read <= KEPT {
            kept.extend_from_slice(chunk);
        }
        watcher.check().map_err(Stopped::Cancelled)
    });
    match hashed {
        Ok((digest, size)) => Ok(Ok((Found { digest, size }, (keep && size <= KEPT).then_some(kept)))),
        Err(Stopped::Unreadable(error)) => Ok(Err(error)),
        Err(Stopped::Cancelled(cancelled)) => Err(cancelled.into()),
    }
}
