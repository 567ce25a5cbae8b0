//! A set of Parquet files becomes a snapshot: hashed, copied or referenced, never altered.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::find::is_good_name;
use super::source::Source;
use super::{Column, Mapping, SnapshotError};
use crate::model::{Digest, Watcher};

/// Bytes read, hashed and written at a time; after each the watcher is asked.
const CHUNK: usize = 1 << 20;
/// How the folder begins in which copies are written before they are complete.
const INCOMING: &str = ".incoming-";

/// Whether a snapshot's files are copied into the case or stay where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// Copied into the case's `snapshots/` folder and made read-only.
    Copy,
    /// Left where they are; path, size and SHA-256 are kept.
    Reference,
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path inside the snapshot, with `/` between folders.
    pub name: String,
    /// Where the investigator had it when it was imported.
    pub origin: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Rows, as its footer says.
    pub rows: u64,
    /// Its time zone as recorded in the time column's type; `None` for a zoneless timestamp,
    /// which is taken as UTC.
    pub recorded_zone: Option<String>,
}

/// One sealed snapshot. Its SHA-256 is that of the lines `SHA-256␠␠NAME\n` of its files, sorted
/// by name: what `sha256sum` prints for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Names the snapshot.
    pub sha256: Digest,
    /// Copied or referenced.
    pub sealing: Sealing,
    /// How its columns map to the canonical ones.
    pub mapping: Mapping,
    /// Its files, sorted by name.
    pub files: Vec<SourceFile>,
}

/// The snapshots of a case and where their files are now.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The case's folder, under which `snapshots/SHA-256/NAME` holds the copies.
    pub case_dir: PathBuf,
    /// The snapshots, in the order they were imported.
    pub snapshots: Vec<Snapshot>,
}

impl Sources {
    /// Where a file of a snapshot is to be read from.
    pub fn path_of(&self, snapshot: &Snapshot, file: &SourceFile) -> PathBuf {
        match snapshot.sealing {
            Sealing::Copy => {
                self.case_dir.join("snapshots").join(snapshot.sha256.to_string()).join(&file.name)
            }
            Sealing::Reference => file.origin.clone(),
        }
    }

    /// Hashes every file again. Empty when all are as they were; otherwise one error a file that
    /// is gone, unreadable or changed.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn rehash(&self, watcher: &dyn Watcher) -> Result<Vec<SnapshotError>, SnapshotError> {
        let files: Vec<(&SourceFile, PathBuf)> = self
            .snapshots
            .iter()
            .flat_map(|snapshot| snapshot.files.iter().map(move |file| (file, self.path_of(snapshot, file))))
            .collect();
        let meter =
            Meter::new("hashing files again", files.iter().map(|(file, _)| file.bytes).sum(), watcher);
        let faults: Vec<Option<SnapshotError>> =
            files.par_iter().map(|(file, path)| rehash_one(file, path, &meter).err()).collect();
        watcher.check()?;
        Ok(faults.into_iter().flatten().collect())
    }
}

fn rehash_one(file: &SourceFile, path: &Path, meter: &Meter<'_>) -> Result<(), SnapshotError> {
    let opened = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            SnapshotError::Gone { file: file.name.clone(), path: path.to_owned(), sha256: file.sha256 }
        }
        _ => SnapshotError::io(path, e),
    })?;
    let (found, _) = hash(opened, path, meter, |_| Ok(()))?;
    if found == file.sha256 {
        return Ok(());
    }
    let (name, path) = (file.name.clone(), path.to_owned());
    Err(SnapshotError::Changed { file: name, path, expected: file.sha256, found })
}

/// Hashes the files, checks that each can be read under the mapping (footer, columns, types),
/// and puts copies under `case_dir/snapshots/` (complete or not at all: written beside, synced,
/// renamed) or notes where they are. Whether the case already has the snapshot by reference is
/// for the caller to see; a sealed copy is noticed here.
///
/// # Errors
/// Any file that is not sound, by name; no rows in all of them; the same copy already there; no
/// rights; disk full; cancelled. Nothing is left behind.
pub fn seal(
    files: &[(String, PathBuf)],
    mapping: Mapping,
    sealing: Sealing,
    case_dir: &Path,
    watcher: &dyn Watcher,
) -> Result<Snapshot, SnapshotError> {
    let mut checked = check_all(files, &mapping, watcher)?;
    checked.sort_by(|a, b| a.file.name.cmp(&b.file.name));
    let meter = Meter::new(
        match sealing {
            Sealing::Copy => "copying and hashing files",
            Sealing::Reference => "hashing files",
        },
        checked.iter().map(|checked| checked.file.bytes).sum(),
        watcher,
    );
    match sealing {
        Sealing::Reference => {
            let files = take_all(&checked, None, &meter)?;
            Ok(Snapshot { sha256: name_of(&files), sealing, mapping, files })
        }
        Sealing::Copy => {
            let home = Home::make(case_dir)?;
            let incoming = home.incoming()?;
            let files = take_all(&checked, Some(incoming.path()), &meter)?;
            let sha256 = name_of(&files);
            home.settle(incoming, sha256)?;
            Ok(Snapshot { sha256, sealing, mapping, files })
        }
    }
}

/// The SHA-256 of what `sha256sum` prints for the files.
fn name_of(files: &[SourceFile]) -> Digest {
    let lines: String = files.iter().map(|file| format!("{}  {}\n", file.sha256, file.name)).collect();
    Digest::of(lines.as_bytes())
}

/// A file whose footer is sound, its hash still to come.
struct Checked {
    file: SourceFile,
    stamp: Stamp,
}

/// What tells that a file was written to.
#[derive(PartialEq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, SnapshotError> {
        let about = fs::metadata(path).map_err(|e| SnapshotError::io(path, e))?;
        Ok(Self { bytes: about.len(), modified: about.modified().ok() })
    }
}

fn check_all(
    files: &[(String, PathBuf)],
    mapping: &Mapping,
    watcher: &dyn Watcher,
) -> Result<Vec<Checked>, SnapshotError> {
    let mut names = BTreeSet::new();
    let mut checked = Vec::with_capacity(files.len());
    for (i, (name, path)) in files.iter().enumerate() {
        watcher.check()?;
        watcher.step("checking files", i as u64, files.len() as u64, "files");
        if !is_good_name(name) {
            return Err(SnapshotError::BadName { path: path.clone() });
        }
        if !names.insert(name) {
            let first = files.iter().find(|(other, _)| other == name).map_or(path, |(_, path)| path).clone();
            return Err(SnapshotError::SameName { file: name.clone(), first, second: path.clone() });
        }
        checked.push(check_one(name, path, mapping)?);
    }
    if checked.iter().all(|checked| checked.file.rows == 0) {
        return Err(SnapshotError::NoRows { files: files.len() });
    }
    Ok(checked)
}

fn check_one(name: &str, path: &Path, mapping: &Mapping) -> Result<Checked, SnapshotError> {
    let origin = std::path::absolute(path).map_err(|e| SnapshotError::io(path, e))?;
    let stamp = Stamp::of(&origin)?;
    let source = Source::open(&origin, name, false)?;
    source.find(mapping, &Column::ALL)?;
    let file = SourceFile {
        name: name.to_owned(),
        origin,
        bytes: stamp.bytes,
        sha256: Digest([0; 32]),
        rows: source.row_groups().iter().sum(),
        recorded_zone: source.recorded_zone(mapping),
    };
    Ok(Checked { file, stamp })
}

/// Hashes all files, several at a time, and copies them below a folder where one is given.
fn take_all(
    checked: &[Checked],
    into: Option<&Path>,
    meter: &Meter<'_>,
) -> Result<Vec<SourceFile>, SnapshotError> {
    let taken: Vec<_> = checked.par_iter().map(|checked| take_one(checked, into, meter)).collect();
    meter.watcher.check()?;
    taken.into_iter().collect()
}

fn take_one(checked: &Checked, into: Option<&Path>, meter: &Meter<'_>) -> Result<SourceFile, SnapshotError> {
    let origin = &checked.file.origin;
    let source = File::open(origin).map_err(|e| SnapshotError::io(origin, e))?;
    let (sha256, bytes) = match into {
        None => hash(source, origin, meter, |_| Ok(()))?,
        Some(folder) => {
            let path = folder.join(&checked.file.name);
            let fail = |e| write_error(&path, e, meter.total);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(fail)?;
            }
            let mut copy = File::create_new(&path).map_err(fail)?;
            let hashed = hash(source, origin, meter, |chunk| copy.write_all(chunk).map_err(fail))?;
            copy.sync_all().map_err(fail)?;
            hashed
        }
    };
    if bytes != checked.stamp.bytes || Stamp::of(origin)? != checked.stamp {
        return Err(SnapshotError::ChangedWhileRead { file: checked.file.name.clone() });
    }
    Ok(SourceFile { sha256, ..checked.file.clone() })
}

/// Hashes a file to its end, handing each chunk on; the digest and the number of bytes.
fn hash(
    mut file: File,
    path: &Path,
    meter: &Meter<'_>,
    mut each: impl FnMut(&[u8]) -> Result<(), SnapshotError>,
) -> Result<(Digest, u64), SnapshotError> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        let n = match file.read(&mut chunk) {
            Ok(0) => return Ok((Digest(hasher.finalize().into()), bytes)),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(SnapshotError::io(path, e)),
        };
        hasher.update(&chunk[..n]);
        each(&chunk[..n])?;
        bytes += n as u64;
        meter.add(n as u64)?;
    }
}

fn write_error(path: &Path, error: io::Error, needed: u64) -> SnapshotError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            SnapshotError::DiskFull { path: path.to_owned(), needed }
        }
        _ => SnapshotError::io(path, error),
    }
}

/// Bytes done by all threads together.
struct Meter<'a> {
    phase: &'static str,
    done: AtomicU64,
    total: u64,
    watcher: &'a dyn Watcher,
}

impl<'a> Meter<'a> {
    fn new(phase: &'static str, total: u64, watcher: &'a dyn Watcher) -> Self {
        Self { phase, done: AtomicU64::new(0), total, watcher }
    }

    fn add(&self, bytes: u64) -> Result<(), SnapshotError> {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.watcher.step(self.phase, done, self.total, "bytes");
        Ok(self.watcher.check()?)
    }
}

/// A case's `snapshots/` folder. One process at a time writes to a case, so whatever stands
/// there half-written is of a process that was killed.
struct Home {
    folder: PathBuf,
}

impl Home {
    fn make(case_dir: &Path) -> Result<Self, SnapshotError> {
        let folder = case_dir.join("snapshots");
        let fail = |e| write_error(&folder, e, 0);
        fs::create_dir_all(&folder).map_err(fail)?;
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            if entry.file_name().to_string_lossy().starts_with(INCOMING) {
                fs::remove_dir_all(entry.path()).map_err(fail)?;
            }
        }
        Ok(Self { folder })
    }

    /// A folder to copy into, which goes away by itself unless it is settled.
    fn incoming(&self) -> Result<tempfile::TempDir, SnapshotError> {
        tempfile::Builder::new()
            .prefix(INCOMING)
            .tempdir_in(&self.folder)
            .map_err(|e| write_error(&self.folder, e, 0))
    }

    /// Makes the copies read-only and gives them their lasting place.
    fn settle(&self, incoming: tempfile::TempDir, sha256: Digest) -> Result<(), SnapshotError> {
        let last = self.folder.join(sha256.to_string());
        if last.exists() {
            return Err(SnapshotError::AlreadyThere { sha256 });
        }
        let fail = |e| write_error(&last, e, 0);
        protect(incoming.path()).map_err(fail)?;
        fs::rename(incoming.path(), &last).map_err(fail)?;
        // Nothing is there any more for the temporary folder to take away.
        let _ = incoming.keep();
        sync_folder(&self.folder).map_err(fail)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Goes only where it is empty: where this made it for copies that never came about.
        let _ = fs::remove_dir(&self.folder);
    }
}

fn protect(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            protect(&entry.path())?;
        } else {
            let mut permissions = entry.metadata()?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(entry.path(), permissions)?;
        }
    }
    sync_folder(folder)
}

/// Makes the names in a folder last; a no-op where a folder cannot be opened as a file.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
