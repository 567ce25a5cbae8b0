//! Contents of a bag's folder: names, sizes and SHA-256 of files, and files opened within bounds.
//!
//! Only name, size and hash of each file are kept. Number of files, length of names, depth of folders and
//! size of a file are bounded, which bounds memory and time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::BundleError;
use super::fault::Fault;
use crate::files;
use crate::model::{Cancelled, Digest, Watcher};

/// Maximum number of files and folders in a bag, and of bytes of all their names.
const THINGS: usize = 100_000;
const NAMES: usize = 32 << 20;
/// Maximum nesting of folders; a bundle has four levels.
const DEPTH: usize = 16;
/// Maximum number of bytes of one file, and of all.
const FILE: u64 = 16 << 30;
const ALL: u64 = 64 << 30;
/// Maximum number of bytes of a file that is parsed as a whole.
const SMALL: u64 = 1 << 20;

struct Found {
    digest: Digest,
    size: u64,
}

/// The regular files of a bag, by their path inside it with `/` between folders.
pub(super) struct Contents {
    bag: PathBuf,
    files: BTreeMap<String, Found>,
}

/// Walks the bag and hashes every regular file. Links, devices, unreadable files, names that are not UTF-8,
/// empty folders, and files and folders beyond the bounds are faults and are not opened. `None` if the bag
/// has too many entries, so that the rest was not read.
///
/// # Errors
/// The bag's own folder cannot be listed, or cancelled.
pub(super) fn read(bag: &Path, watcher: &dyn Watcher) -> Result<(Option<Contents>, Vec<Fault>), BundleError> {
    let mut contents = Contents { bag: bag.to_owned(), files: BTreeMap::new() };
    let (names, mut faults) = walk(bag, watcher)?;
    let Some(names) = names else { return Ok((None, faults)) };
    let mut all = 0_u64;
    for (at, name) in names.iter().enumerate() {
        watcher.step("hashing files", at as u64, names.len() as u64, "files");
        match hash(&bag.join(name), ALL - all, watcher)? {
            Err(why) => faults.push(Fault::new(name, why)),
            Ok(found) => {
                all += found.size;
                contents.files.insert(name.clone(), found);
            }
        }
    }
    Ok((Some(contents), faults))
}

impl Contents {
    /// True if the bag has a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The same without one file.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.files.remove(name);
        self
    }

    /// Every file's name, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file's SHA-256.
    pub(super) fn digest(&self, name: &str) -> Option<Digest> {
        self.files.get(name).map(|found| found.digest)
    }

    /// A file's size in bytes; 0 if it is missing.
    pub(super) fn size(&self, name: &str) -> u64 {
        self.files.get(name).map_or(0, |found| found.size)
    }

    /// A file's bytes; `None` if it is missing, has more than 1 MiB, or has changed since it was hashed.
    pub(super) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.bytes_within(name, SMALL)
    }

    /// As [`bytes`](Self::bytes), for a file of at most `most` bytes.
    pub(super) fn bytes_within(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        let found = self.files.get(name).filter(|found| found.size <= most)?;
        let mut bytes = Vec::new();
        open(&self.bag.join(name)).ok()?.take(most + 1).read_to_end(&mut bytes).ok()?;
        (Digest::of(&bytes) == found.digest).then_some(bytes)
    }

    /// A file's text; `None` if it is not UTF-8, and as for [`bytes`](Self::bytes).
    pub(super) fn text(&self, name: &str) -> Option<String> {
        String::from_utf8(self.bytes(name)?).ok()
    }

    /// As [`text`](Self::text), for a file of at most `most` bytes.
    pub(super) fn text_within(&self, name: &str, most: u64) -> Option<String> {
        String::from_utf8(self.bytes_within(name, most)?).ok()
    }

    /// A file opened at its beginning; `None` if it is missing.
    pub(super) fn open(&self, name: &str) -> Option<BufReader<File>> {
        self.files.get(name)?;
        open(&self.bag.join(name)).ok().map(BufReader::new)
    }

    /// Path of a file.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.bag.join(name)
    }
}

/// Opens a regular file. Follows no link and waits for no pipe that replaced it since it was listed.
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let file = options.open(path)?;
    let is_file = file.metadata()?.is_file();
    if is_file { Ok(file) } else { Err(std::io::Error::other("it is not a regular file")) }
}

/// Names of all regular files, sorted, and faults of all other entries. `None` for too many entries.
fn walk(bag: &Path, watcher: &dyn Watcher) -> Result<(Option<Vec<String>>, Vec<Fault>), BundleError> {
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    let mut folders = vec![String::new()];
    let (mut things, mut bytes) = (0, 0);
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
            things += 1;
            let entry = entry.map_err(BundleError::io(&path))?;
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            bytes += prefix.len() + entry.file_name().len();
            if things > THINGS || bytes > NAMES {
                let what = format!(
                    "holds more than {THINGS} files and folders, or names of more than {} MiB; \
                     nothing in the bundle is checked",
                    NAMES >> 20
                );
                let named = if folder.is_empty() { "." } else { folder.as_str() };
                faults.push(Fault::new(named, what));
                return Ok((None, faults));
            }
            let Ok(name) = entry.file_name().into_string() else {
                let lossy = format!("{prefix}{}", entry.file_name().to_string_lossy());
                faults.push(Fault::new(&lossy, "has a name that is not UTF-8"));
                continue;
            };
            let name = format!("{prefix}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_file() => names.push(name),
                Ok(kind) if kind.is_dir() && name.split('/').count() >= DEPTH => {
                    let what = format!("is a folder inside {DEPTH} others; its contents are not checked");
                    faults.push(Fault::new(&name, what));
                }
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
    Ok((Some(names), faults))
}

/// Reason why a file was not read to its end.
enum Stopped {
    Refused(String),
    Cancelled(Cancelled),
}

/// Hash and size of a file, or the reason why it could not be hashed.
fn hash(path: &Path, left: u64, watcher: &dyn Watcher) -> Result<Result<Found, String>, BundleError> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let opened = open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (size, file) = match opened {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(cannot(error))),
    };
    let bound = FILE.min(left);
    let too_large =
        |size| format!("has {size} bytes: a file may have {FILE}, a bundle {ALL}; it is not read");
    if size > bound {
        return Ok(Err(too_large(size)));
    }
    let mut read = 0;
    let hashed = files::sha256(
        file,
        |error| Stopped::Refused(cannot(error)),
        |chunk| {
            read += chunk.len() as u64;
            if read > bound {
                return Err(Stopped::Refused(too_large(read)));
            }
            watcher.check().map_err(Stopped::Cancelled)
        },
    );
    match hashed {
        Ok((digest, size)) => Ok(Ok(Found { digest, size })),
        Err(Stopped::Refused(why)) => Ok(Err(why)),
        Err(Stopped::Cancelled(cancelled)) => Err(cancelled.into()),
    }
}
