//! Sealing of Parquet files as a snapshot: files are checked, hashed, and copied or referenced, never
//! altered.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;

use super::copied::check_copy;
use super::copies::{Incoming, folder_of, write_error};
use super::find::is_good_name;
use super::hash::{Meter, hash};
use super::sealed::name_of;
use super::source::{find, recorded_zone};
use super::streams::with_streams;
use super::{Column, Mapping, Sealing, Snapshot, SnapshotError, SourceFile, Sources, decimal};
use crate::fail_point;
use crate::model::{Digest, Watcher};

/// Hashes the files, checks that each can be read under the mapping (footer, columns, types),
/// and copies them below `case_dir/snapshots/` or records their paths. Copies are complete or absent:
/// they are written to a temporary folder, synced and renamed. They keep a temporary name until
/// [`settle`](super::settle) or [`discard`](super::discard) is called. If a copy with the same hash
/// already has its permanent name, it is hashed again and used.
///
/// # Errors
/// A file is invalid (the error names it), no file has rows, an existing copy was altered, access is
/// denied, the disk is full, or the work was cancelled. No files are left behind.
pub fn seal(
    files: &[(String, PathBuf)],
    mapping: Mapping,
    sealing: Sealing,
    case_dir: &Path,
    watcher: &dyn Watcher,
) -> Result<Snapshot, SnapshotError> {
    let mapping = with_decimal_marks(mapping, files)?;
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
            Ok(Snapshot { sha256: name_of(SourceFile::named(&files)), sealing, mapping, files })
        }
        Sealing::Copy => {
            let incoming = Incoming::make(case_dir)?;
            let files = take_all(&checked, Some(incoming.path()), &meter)?;
            let sha256 = name_of(SourceFile::named(&files));
            if is_settled(case_dir, sha256) {
                check_copy(case_dir, sha256, watcher)?;
            } else {
                incoming.complete(sha256)?;
            }
            Ok(Snapshot { sha256, sealing, mapping, files })
        }
    }
}

/// Mapping with what the files show: decimal marks, streams; and the unit that the name of a latency says.
fn with_decimal_marks(mapping: Mapping, files: &[(String, PathBuf)]) -> Result<Mapping, SnapshotError> {
    mapping.check()?;
    let open = |(name, path): &(String, PathBuf)| super::file::File::open(path, name).ok();
    let opened: Vec<_> = files.iter().filter_map(open).take(decimal::FILES).collect();
    let mapping = with_streams(super::latency::with_unit_by_name(mapping), opened.iter());
    Ok(decimal::with_marks(mapping, opened.iter()))
}

/// True if a copy has its permanent name.
fn is_settled(case_dir: &Path, sha256: Digest) -> bool {
    folder_of(case_dir, sha256).file_name().is_some_and(|name| name == sha256.to_string().as_str())
        && folder_of(case_dir, sha256).exists()
}

/// File whose footer was checked and whose hash is not computed yet.
pub(super) struct Checked {
    pub file: SourceFile,
    stamp: Stamp,
}

/// Metadata of a file that changes when the file is written to.
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

pub(super) fn check_one(name: &str, path: &Path, mapping: &Mapping) -> Result<Checked, SnapshotError> {
    let origin = std::path::absolute(path).map_err(|e| SnapshotError::io(path, e))?;
    let stamp = Stamp::of(&origin)?;
    let source = super::file::File::open(&origin, name)?;
    find(&source, mapping, &Column::ALL)?;
    let file = SourceFile {
        name: name.to_owned(),
        origin,
        bytes: stamp.bytes,
        sha256: Digest([0; 32]),
        rows: source.rows(),
        recorded_zone: recorded_zone(&source, mapping),
        layout: Some(source.layout()),
    };
    Ok(Checked { file, stamp })
}

impl Sources {
    /// Snapshot of the same files under another mapping. The files are opened, but not hashed.
    ///
    /// # Errors
    /// A file cannot be read, or the mapping does not fit it.
    pub fn with_mapping(&self, snapshot: &Snapshot, mapping: Mapping) -> Result<Snapshot, SnapshotError> {
        let mut mapped = Snapshot { mapping, ..snapshot.clone() };
        for file in &mut mapped.files {
            let opened = self.open(snapshot, file)?;
            find(&opened, &mapped.mapping, &Column::ALL)?;
            file.recorded_zone = recorded_zone(&opened, &mapped.mapping);
        }
        Ok(mapped)
    }
}

/// Hashes all files, several at a time, and copies them below a folder if one is given.
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
    // One byte beyond the expected length proves a change, and ends the reading of a growing file.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow_array::BooleanArray;

    use super::*;
    use crate::model::{Progress, Silent};
    use crate::snapshot::fixture::{accounts, canonical, texts, times, write, write_plain};
    use crate::snapshot::{Sources, adopt, discard, find, remove_unfinished, sealed_copies, settle};

    /// Watcher that cancels after a number of reports.
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
        settle(&setting.case(), snapshot.sha256).unwrap();
        let settled = setting.case().join("snapshots").join(snapshot.sha256.to_string());
        assert!(settled.join("one.parquet").exists() && sources.rehash(&Silent).unwrap().is_empty());
        assert_eq!(setting.copy().unwrap(), snapshot, "a copy that is there is taken as it is");
        assert_eq!(fs::read_dir(setting.case().join("snapshots")).unwrap().count(), 1);
        discard(&setting.case(), snapshot.sha256);
        assert!(settled.exists(), "a copy with its lasting name is never removed");
        fs::remove_file(settled.join("one.parquet")).unwrap();
        assert!(matches!(setting.copy(), Err(SnapshotError::AlteredCopy { .. })));
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
        write(&bad, vec![("ts", Arc::new(BooleanArray::from(vec![true]))), ("account_id", accounts(1))]);
        assert!(matches!(setting.copy(), Err(SnapshotError::WrongType { column: "ts", .. })));
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
    fn what_a_killed_import_left_goes_and_all_else_stays() {
        let setting = Setting::new();
        let at = |name: &str| setting.case().join("snapshots").join(name);
        let (named, other) = (Digest::of(b"named"), Digest::of(b"other"));
        let ours = [".incoming-abc".to_owned(), format!(".incoming-{other}")];
        let kept = [
            format!(".incoming-{named}"),
            other.to_string(),
            "my notes".to_owned(),
            "looks.incoming-".to_owned(),
        ];
        for name in ours.iter().chain(&kept) {
            fs::create_dir_all(at(name)).unwrap();
            fs::write(at(name).join("half.parquet"), "PAR1").unwrap();
        }
        remove_unfinished(&setting.case(), &[named]).unwrap();
        assert!(ours.iter().all(|name| !at(name).exists()));
        assert!(kept.iter().all(|name| at(name).join("half.parquet").exists()));
    }

    #[test]
    fn a_copy_whose_case_is_gone_is_adopted_only_unaltered() {
        let setting = Setting::new();
        let sealed = setting.copy().unwrap();
        settle(&setting.case(), sealed.sha256).unwrap();
        assert_eq!(sealed_copies(&setting.case()).unwrap(), [sealed.sha256]);
        let mapping = |_: &[(String, PathBuf)]| Ok::<_, SnapshotError>(canonical());
        let adopted = adopt(&setting.case(), sealed.sha256, mapping, &Silent).unwrap();
        let about = |snapshot: &Snapshot| {
            snapshot.files.iter().map(|f| (f.name.clone(), f.bytes, f.sha256, f.rows)).collect::<Vec<_>>()
        };
        assert_eq!((adopted.sha256, about(&adopted)), (sealed.sha256, about(&sealed)));
        let folder = setting.case().join("snapshots").join(sealed.sha256.to_string());
        fs::write(folder.join("added.parquet"), "PAR1").unwrap();
        let error = adopt(&setting.case(), sealed.sha256, mapping, &Silent).unwrap_err();
        assert!(matches!(error, SnapshotError::AlteredCopy { .. }), "{error}");
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
        let zoned = arrow_array::TimestampMicrosecondArray::from(vec![1]).with_timezone("Europe/Berlin");
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
