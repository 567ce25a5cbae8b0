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
use crate::fail_point;
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
    // A file that someone keeps writing to must not be read for ever: one byte too many is enough.
    let source = File::open(origin)
        .map_err(|e| SnapshotError::io(origin, e))?
        .take(checked.stamp.bytes.saturating_add(1));
    let (sha256, bytes) = match into {
        None => hash(source, origin, meter, |_| Ok(()))?,
        Some(folder) => {
            let path = folder.join(&checked.file.name);
            let fail = |e| write_error(&path, e, meter.total);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(fail)?;
            }
            fail_point::pass("seal.create").map_err(fail)?;
            let mut copy = File::create_new(&path).map_err(fail)?;
            let hashed = hash(source, origin, meter, |chunk| {
                fail_point::pass("seal.write").and_then(|()| copy.write_all(chunk)).map_err(fail)
            })?;
            fail_point::pass("seal.sync").and_then(|()| copy.sync_all()).map_err(fail)?;
            hashed
        }
    };
    if bytes != checked.stamp.bytes || Stamp::of(origin)? != checked.stamp {
        return Err(SnapshotError::ChangedWhileRead { file: checked.file.name.clone() });
    }
    Ok(SourceFile { sha256, ..checked.file.clone() })
}

/// Hashes bytes to their end, handing each chunk on; the digest and the number of bytes.
fn hash(
    mut file: impl io::Read,
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
                fail_point::pass("seal.clear").map_err(fail)?;
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
        fail_point::pass("seal.protect").map_err(fail)?;
        protect(incoming.path()).map_err(fail)?;
        fail_point::pass("seal.rename").map_err(fail)?;
        fs::rename(incoming.path(), &last).map_err(fail)?;
        // Nothing is there any more for the temporary folder to take away.
        let _ = incoming.keep();
        fail_point::pass("seal.renamed").map_err(fail)?;
        sync_folder(&self.folder).map_err(fail)?;
        // The folder of copies may itself be new in the case's.
        self.folder.parent().map_or(Ok(()), sync_folder).map_err(fail)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::model::{Progress, Silent};
    use crate::snapshot::find;
    use crate::snapshot::fixture::{accounts, canonical, texts, times, write, write_plain};

    /// Says stop after so many reports.
    struct StopAfter(usize, AtomicUsize);

    impl Watcher for StopAfter {
        fn report(&self, _: Progress) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }

        fn is_cancelled(&self) -> bool {
            self.1.load(Ordering::Relaxed) > self.0
        }
    }

    struct Setting {
        dir: tempfile::TempDir,
    }

    impl Setting {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("case")).unwrap();
            write_plain(&dir.path().join("in/b/two.parquet"), 20);
            write(
                &dir.path().join("in/one.parquet"),
                vec![("ip", texts(&["x", "y"])), ("account_id", accounts(2)), ("ts", times(2))],
            );
            Self { dir }
        }

        fn case(&self) -> PathBuf {
            self.dir.path().join("case")
        }

        fn file(&self, name: &str) -> PathBuf {
            self.dir.path().join("in").join(name)
        }

        fn seal(&self, sealing: Sealing, watcher: &dyn Watcher) -> Result<Snapshot, SnapshotError> {
            let files = find(&[self.dir.path().join("in")]).unwrap();
            seal(&files, canonical(), sealing, &self.case(), watcher)
        }

        fn copy(&self) -> Result<Snapshot, SnapshotError> {
            self.seal(Sealing::Copy, &Silent)
        }

        fn left_behind(&self) -> usize {
            fs::read_dir(self.case()).unwrap().count()
        }
    }

    #[test]
    fn a_copy_is_whole_read_only_and_named_as_sha256sum_would() {
        let setting = Setting::new();
        let snapshot = setting.copy().unwrap();
        let names: Vec<&str> = snapshot.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["b/two.parquet", "one.parquet"]);
        assert_eq!(snapshot.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [20, 2]);
        let mut lines = String::new();
        let sources = Sources { case_dir: setting.case(), snapshots: vec![snapshot.clone()] };
        for file in &snapshot.files {
            let copy = sources.path_of(&snapshot, file);
            let bytes = fs::read(&copy).unwrap();
            assert_eq!(bytes, fs::read(&file.origin).unwrap());
            assert_eq!((file.sha256, file.bytes), (Digest::of(&bytes), bytes.len() as u64));
            assert!(fs::metadata(&copy).unwrap().permissions().readonly());
            lines += &format!("{}  {}\n", file.sha256, file.name);
        }
        assert_eq!(snapshot.sha256, Digest::of(lines.as_bytes()));
        assert_eq!(fs::read_dir(setting.case().join("snapshots")).unwrap().count(), 1);
        assert!(sources.rehash(&Silent).unwrap().is_empty());
        assert!(
            matches!(setting.copy(), Err(SnapshotError::AlreadyThere { sha256 }) if sha256 == snapshot.sha256)
        );
        assert_eq!(fs::read_dir(setting.case().join("snapshots")).unwrap().count(), 1);
    }

    #[test]
    fn a_reference_has_the_same_name_and_copies_nothing() {
        let setting = Setting::new();
        let reference = setting.seal(Sealing::Reference, &Silent).unwrap();
        assert_eq!(setting.left_behind(), 0);
        assert_eq!(reference.sha256, setting.copy().unwrap().sha256);
        assert!(reference.files.iter().all(|file| file.origin.is_absolute()));
    }

    #[test]
    fn what_cannot_be_sealed_is_named_and_leaves_nothing() {
        let setting = Setting::new();
        let whole = fs::read(setting.file("one.parquet")).unwrap();
        let bad = setting.file("z.parquet");
        let fails = |bytes: &[u8]| {
            fs::write(&bad, bytes).unwrap();
            let error = setting.copy().unwrap_err();
            assert_eq!(setting.left_behind(), 0, "{error}");
            assert!(error.to_string().starts_with("z.parquet: "), "{error}");
            error
        };
        assert!(matches!(fails(b""), SnapshotError::EmptyFile { .. }));
        assert!(matches!(fails(b"hello"), SnapshotError::Foreign { .. }));
        assert!(matches!(fails(&whole[..whole.len() - 20]), SnapshotError::Truncated { .. }));
        write(&bad, vec![("ts", texts(&["x"])), ("ip", texts(&["x"]))]);
        assert!(matches!(setting.copy(), Err(SnapshotError::MissingColumn { column: "account_id", .. })));
        write(&bad, vec![("ts", accounts(1)), ("account_id", times(1))]);
        assert!(matches!(setting.copy(), Err(SnapshotError::WrongType { column: "account_id", .. })));
        assert_eq!(setting.left_behind(), 0);
    }

    #[test]
    fn no_rows_at_all_is_an_error_and_one_empty_file_is_not() {
        let setting = Setting::new();
        write_plain(&setting.file("z.parquet"), 0);
        assert_eq!(setting.copy().unwrap().files[2].rows, 0);
        let only = [("z.parquet".to_owned(), setting.file("z.parquet"))];
        let sealed = seal(&only, canonical(), Sealing::Copy, &setting.case(), &Silent);
        assert!(matches!(sealed, Err(SnapshotError::NoRows { files: 1 })));
    }

    #[test]
    fn cancelled_at_any_moment_it_leaves_nothing() {
        for moment in 0..4 {
            let setting = Setting::new();
            let watcher = StopAfter(moment, AtomicUsize::new(0));
            for sealing in [Sealing::Copy, Sealing::Reference] {
                assert!(
                    matches!(setting.seal(sealing, &watcher), Err(SnapshotError::Cancelled(_))),
                    "{moment}"
                );
                assert_eq!(setting.left_behind(), 0, "{moment}");
            }
        }
    }

    #[test]
    fn what_a_killed_process_left_is_cleared_away() {
        let setting = Setting::new();
        let stale = setting.case().join("snapshots/.incoming-abc");
        fs::create_dir_all(&stale).unwrap();
        fs::write(stale.join("half.parquet"), "PAR1").unwrap();
        setting.copy().unwrap();
        assert!(!stale.exists());
    }

    #[test]
    fn one_flipped_byte_or_a_lost_file_is_found() {
        let setting = Setting::new();
        let snapshot = setting.seal(Sealing::Reference, &Silent).unwrap();
        let sources = Sources { case_dir: setting.case(), snapshots: vec![snapshot.clone()] };
        let path = setting.file("b/two.parquet");
        let mut bytes = fs::read(&path).unwrap();
        bytes[40] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let faults = sources.rehash(&Silent).unwrap();
        assert_eq!(faults.len(), 1);
        assert!(matches!(&faults[0], SnapshotError::Changed { file, expected, found, .. }
                if file == "b/two.parquet" && *expected == snapshot.files[0].sha256 && *found == Digest::of(&bytes)));
        fs::remove_file(&path).unwrap();
        assert!(matches!(&sources.rehash(&Silent).unwrap()[..], [SnapshotError::Gone { .. }]));
        assert!(matches!(
            sources.rehash(&StopAfter(0, AtomicUsize::new(1))),
            Err(SnapshotError::Cancelled(_))
        ));
    }

    #[test]
    fn a_file_written_to_while_it_is_read_is_noticed() {
        struct Writer(PathBuf);
        impl Watcher for Writer {
            fn report(&self, progress: Progress) {
                if progress.unit == "bytes" {
                    File::options().append(true).open(&self.0).unwrap().write_all(b"more").unwrap();
                }
            }

            fn is_cancelled(&self) -> bool {
                false
            }
        }
        let setting = Setting::new();
        let error = setting.seal(Sealing::Copy, &Writer(setting.file("one.parquet"))).unwrap_err();
        assert!(
            matches!(&error, SnapshotError::ChangedWhileRead { file } if file == "one.parquet"),
            "{error}"
        );
        assert_eq!(setting.left_behind(), 0);
    }

    #[test]
    fn the_recorded_zone_is_kept() {
        let setting = Setting::new();
        let zoned = arrow::array::TimestampMicrosecondArray::from(vec![1]).with_timezone("Europe/Berlin");
        write(
            &setting.file("z.parquet"),
            vec![("ts", std::sync::Arc::new(zoned)), ("account_id", accounts(1))],
        );
        let snapshot = setting.copy().unwrap();
        let zones: Vec<Option<&str>> =
            snapshot.files.iter().map(|file| file.recorded_zone.as_deref()).collect();
        assert_eq!(zones, [None, None, Some("Europe/Berlin")]);
    }
}
