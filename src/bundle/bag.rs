//! A BagIt bag (RFC 8493, SHA-256) being written: beside its target, synced, renamed into place.
//!
//! Until the rename there is only a folder whose name begins with a dot; a process killed at any
//! moment leaves that and no more, and the next export into the same folder clears it away.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::BundleError;
use super::key::SigningKey;
use super::time_request::time_request;
use crate::model::{Digest, visible};
use crate::{fail_point, files};

pub(super) const BAGIT: &str = "bagit.txt";
pub(super) const BAG_INFO: &str = "bag-info.txt";
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
pub(super) const TAG_SIGNATURE: &str = "tagmanifest-sha256.txt.sig";
/// Request for a time stamp, and the answer.
pub(super) const TIME_REQUEST: &str = "tagmanifest-sha256.txt.tsq";
pub(super) const TIME_ANSWER: &str = "tagmanifest-sha256.txt.tsr";
/// Line of `bag-info.txt` in bags that have a request.
pub(super) const TIME_REQUEST_LINE: &str = "Time-Stamp-Request: tagmanifest-sha256.txt.tsq";
/// Every file that has to stand at the root of a bag, and those that may.
pub(super) const ROOT: [&str; 5] = [BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, TAG_SIGNATURE];
pub(super) const AT_ROOT: [&str; 2] = [TIME_REQUEST, TIME_ANSWER];
/// The whole of `bagit.txt`.
pub(super) const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

const UNFINISHED: &str = ".stillhunt-export-";
/// File that keeps others from taking an unfinished bag for a leftover.
pub(super) const LOCK: &str = ".lock";

/// Check of a file's bytes before they are written: its name under `data/`, and the bytes.
type Guard<'a> = &'a dyn Fn(&str, &[u8]) -> Result<(), BundleError>;

/// An unfinished bag. Dropping it removes all of it.
pub(super) struct Bag<'a> {
    /// True for a bag that only its owner may read.
    is_private: bool,
    guard: Option<Guard<'a>>,
    out: PathBuf,
    folder: PathBuf,
    lock: Option<File>,
    payload: BTreeMap<String, (Digest, u64)>,
}

impl<'a> Bag<'a> {
    /// Begins a bag inside a folder, which is made where there is none, and clears away what
    /// killed exports left there.
    pub(super) fn begin(out: &Path) -> Result<Self, BundleError> {
        fs::create_dir_all(out).map_err(BundleError::io(out))?;
        let _alone = alone_in(out)?;
        clear_leftovers(out)?;
        fail_point::pass("bag.begin").map_err(BundleError::io(out))?;
        let folder = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(out);
        let folder = folder.map_err(BundleError::io(out))?.keep();
        let out = out.to_owned();
        let mut bag =
            Self { is_private: false, guard: None, out, folder, lock: None, payload: BTreeMap::new() };
        // Held while the process lives, so that another export can tell this bag from a leftover.
        let path = bag.folder.join(LOCK);
        fail_point::pass("bag.lock").map_err(BundleError::io(&path))?;
        let lock = File::create(&path).map_err(BundleError::io(&path))?;
        lock.lock().map_err(BundleError::io(&path))?;
        bag.lock = Some(lock);
        Ok(bag)
    }

    /// The same bag, with a check of every file that is put into it from here on.
    pub(super) fn guarded(mut self, guard: Guard<'a>) -> Self {
        self.guard = Some(guard);
        self
    }

    /// The same bag, readable by its owner alone: folders 0700, files 0600.
    pub(super) fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    /// Adds a file to the payload; `name` is its path under `data/`, with `/` between folders.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<Digest, BundleError> {
        if let Some(guard) = self.guard {
            guard(name, bytes)?;
        }
        let name = format!("data/{name}");
        self.write(&name, bytes)?;
        let digest = Digest::of(bytes);
        self.payload.insert(name, (digest, bytes.len() as u64));
        Ok(digest)
    }

    /// Files of the payload, by their paths under `data/`, with their sizes in bytes.
    pub(super) fn listed(&self) -> Vec<(String, u64)> {
        let name = |name: &str| name.strip_prefix("data/").unwrap_or(name).to_owned();
        self.payload.iter().map(|(file, (_, bytes))| (name(file), *bytes)).collect()
    }

    /// Files of the payload, by their paths under `data/`, with their SHA-256.
    pub(super) fn digests(&self) -> Vec<(String, Digest)> {
        let name = |name: &str| name.strip_prefix("data/").unwrap_or(name).to_owned();
        self.payload.iter().map(|(file, (digest, _))| (name(file), *digest)).collect()
    }

    /// Completes the bag and moves it to a folder of that name, which must not be there. Returns the
    /// folder and the SHA-256 of its manifest.
    ///
    /// `check` gets the folder when all is in it. `announce` gets the manifest's SHA-256 when all is on the disk and
    /// only the move is left: whoever journals there has no bundle that the journal does not know, however the process
    /// ends.
    pub(super) fn finish(
        mut self,
        name: &str,
        info: &[(&str, String)],
        key: &SigningKey,
        check: impl FnOnce(&Path) -> Result<(), BundleError>,
        announce: impl FnOnce(Digest) -> Result<(), BundleError>,
    ) -> Result<(PathBuf, Digest), BundleError> {
        let manifest = manifest(self.payload.iter().map(|(name, (digest, _))| (name.as_str(), *digest)));
        let bytes: u64 = self.payload.values().map(|(_, bytes)| bytes).sum();
        let mut tags = format!("Payload-Oxum: {bytes}.{}\n{TIME_REQUEST_LINE}\n", self.payload.len());
        for (name, value) in info {
            tags.push_str(&format!("{name}: {}\n", visible(value).replace(['\n', '\t'], " ")));
        }
        if let Some(guard) = self.guard {
            guard(BAG_INFO, tags.as_bytes())?;
        }
        let parts = [(BAG_INFO, tags.as_str()), (BAGIT, DECLARATION), (MANIFEST, manifest.as_str())];
        for (name, text) in parts {
            self.write(name, text.as_bytes())?;
        }
        let tag_manifest = self::manifest(parts.map(|(name, text)| (name, Digest::of(text.as_bytes()))));
        self.write(TAG_MANIFEST, tag_manifest.as_bytes())?;
        let signature = key.sign(tag_manifest.as_bytes())?;
        self.write(TAG_SIGNATURE, signature.as_bytes())?;
        self.write(TIME_REQUEST, &time_request(Digest::of(tag_manifest.as_bytes())))?;
        let manifest = Digest::of(manifest.as_bytes());
        check(&self.folder)?;
        let target = self.move_into_place(name, || announce(manifest))?;
        Ok((target, manifest))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            self.make_folders(folder).map_err(BundleError::io(folder))?;
        }
        fail_point::pass("bag.create").map_err(BundleError::io(&path))?;
        let mut file = self.create(&path).map_err(BundleError::io(&path))?;
        fail_point::pass("bag.write")
            .and_then(|()| file.write_all(bytes))
            .and_then(|()| fail_point::pass("bag.sync"))
            .and_then(|()| file.sync_all())
            .map_err(BundleError::io(&path))
    }

    fn make_folders(&self, folder: &Path) -> std::io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        if self.is_private {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        }
        builder.create(folder)
    }

    fn create(&self, path: &Path) -> std::io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if self.is_private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        options.open(path)
    }

    fn move_into_place(
        &mut self,
        name: &str,
        announce: impl FnOnce() -> Result<(), BundleError>,
    ) -> Result<PathBuf, BundleError> {
        set_readers(&self.folder, self.is_private)?;
        files::sync_folders(&self.folder).map_err(BundleError::io(&self.folder))?;
        // From here on another export could take the number, or take this bag for a leftover.
        let _alone = alone_in(&self.out)?;
        self.lock = None;
        let lock = self.folder.join(LOCK);
        fail_point::pass("bag.unlock").map_err(BundleError::io(&lock))?;
        fs::remove_file(&lock).map_err(BundleError::io(&lock))?;
        files::sync_folder(&self.folder).map_err(BundleError::io(&self.folder))?;
        let target = self.out.join(name);
        if target.symlink_metadata().is_ok() {
            let why = format!("{} is there already; export again for the next version", target.display());
            return Err(BundleError::Refused(why));
        }
        fail_point::pass("bag.announce").map_err(BundleError::io(&target))?;
        announce()?;
        fail_point::pass("bag.rename")
            .and_then(|()| files::rename(&self.folder, &target))
            .map_err(BundleError::io(&target))?;
        Ok(target)
    }
}

impl Drop for Bag<'_> {
    fn drop(&mut self) {
        // There is no folder after the move into place. One that cannot be removed now is removed by
        // the next export.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// `SHA-256␠␠NAME\n` for each file, as `sha256sum` prints it. Names here have neither line ends
/// nor percent signs, which BagIt would want encoded.
fn manifest<'a>(files: impl IntoIterator<Item = (&'a str, Digest)>) -> String {
    files.into_iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect()
}

/// Name of a bag's folder before its number: the case's name, reduced to safe characters, and the audience.
pub(super) fn stem(case: &str, audience: &str) -> String {
    let safe: String = case
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .take(80)
        .collect();
    let safe = safe.trim_start_matches(['.', '-']);
    format!("{}_{}", if safe.is_empty() { "case" } else { safe }, audience.to_uppercase())
}

/// Version of the next bag: one more than the last that the journal has, or the next whose folder is free.
pub(super) fn next_version(out: &Path, stem: &str, last: u32) -> Result<u32, BundleError> {
    (last.saturating_add(1)..u32::MAX)
        .find(|version| out.join(format!("{stem}_v{version}")).symlink_metadata().is_err())
        .ok_or_else(|| BundleError::Refused(format!("{} holds too many bundles of this case", out.display())))
}

/// Keeps other exports out of a folder as long as the value lives: for short steps only. Windows
/// cannot lock a folder; there a second export at the same instant fails instead.
fn alone_in(out: &Path) -> Result<Option<File>, BundleError> {
    #[cfg(unix)]
    {
        let folder = File::open(out).map_err(BundleError::io(out))?;
        folder.lock().map_err(BundleError::io(out))?;
        Ok(Some(folder))
    }
    #[cfg(not(unix))]
    {
        let _ = out;
        Ok(None)
    }
}

fn clear_leftovers(out: &Path) -> Result<(), BundleError> {
    for entry in fs::read_dir(out).map_err(BundleError::io(out))? {
        let entry = entry.map_err(BundleError::io(out))?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder || !entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            continue;
        }
        let in_use = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err());
        if !in_use {
            fail_point::pass("bag.clear").map_err(BundleError::io(out))?;
            fs::remove_dir_all(entry.path()).map_err(BundleError::io(&entry.path()))?;
        }
    }
    Ok(())
}

/// Lets others read the bag, or its owner alone.
fn set_readers(folder: &Path, is_private: bool) -> Result<(), BundleError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(if is_private { 0o700 } else { 0o755 }))
            .map_err(BundleError::io(folder))?;
    }
    #[cfg(not(unix))]
    let _ = (folder, is_private);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe() {
        assert_eq!(stem("acme 2026/../x", "production"), "acme-2026-..-x_PRODUCTION");
        assert_eq!(stem("../..", "production"), "case_PRODUCTION");
        assert_eq!(stem("漢", "production"), "case_PRODUCTION");
    }

    #[test]
    fn a_dropped_bag_leaves_nothing_and_a_killed_one_is_cleared() {
        let out = tempfile::tempdir().unwrap();
        let mut bag = Bag::begin(out.path()).unwrap();
        bag.put("a/b.txt", b"x").unwrap();
        // A second export does not touch one that is still at work.
        drop(Bag::begin(out.path()).unwrap());
        assert!(bag.folder.join("data/a/b.txt").exists());
        drop(bag);
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
        let killed = out.path().join(format!("{UNFINISHED}dead"));
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join("half"), "x").unwrap();
        fs::write(out.path().join("bystander"), "x").unwrap();
        drop(Bag::begin(out.path()).unwrap());
        assert!(!killed.exists() && out.path().join("bystander").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_private_bag_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let out = tempfile::tempdir().unwrap();
        let key = super::super::verify::tests::test_key(out.path());
        let mut bag = Bag::begin(out.path()).unwrap().private();
        bag.put("10_internal/key.json", b"x").unwrap();
        let (bag, _) = bag.finish("c_INTERNAL_v1", &[], &key, |_| Ok(()), |_| Ok(())).unwrap();
        let mode = |name: &str| bag.join(name).metadata().unwrap().permissions().mode() & 0o777;
        let modes = ["", "data", "data/10_internal", "data/10_internal/key.json", BAG_INFO].map(mode);
        assert_eq!(modes, [0o700, 0o700, 0o700, 0o600, 0o600]);
    }

    #[test]
    fn what_is_announced_is_what_comes_about_and_nothing_comes_about_unannounced() {
        let out = tempfile::tempdir().unwrap();
        let key = super::super::verify::tests::test_key(out.path());
        let bag = Bag::begin(out.path()).unwrap();
        let refused = bag.finish(
            "c_PRODUCTION_v1",
            &[],
            &key,
            |_| Ok(()),
            |_| {
                assert!(!out.path().join("c_PRODUCTION_v1").exists());
                Err(BundleError::Refused("the disk is full".into()))
            },
        );
        assert!(refused.is_err());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "only the key is left");
        fs::create_dir(out.path().join("c_PRODUCTION_v1")).unwrap();
        // A name that is taken is not written over, and its number is passed over.
        let taken = Bag::begin(out.path()).unwrap();
        let taken = taken.finish("c_PRODUCTION_v1", &[], &key, |_| Ok(()), |_| Ok(()));
        assert!(matches!(taken, Err(BundleError::Refused(_))));
        assert_eq!(next_version(out.path(), "c_PRODUCTION", 0).unwrap(), 2);
        assert_eq!(next_version(out.path(), "c_PRODUCTION", 6).unwrap(), 7);
        let mut announced = None;
        let bag = Bag::begin(out.path()).unwrap();
        let finished = bag.finish(
            "c_PRODUCTION_v2",
            &[],
            &key,
            |_| Ok(()),
            |manifest| {
                announced = Some((out.path().join("c_PRODUCTION_v2"), manifest));
                Ok(())
            },
        );
        assert_eq!(announced, Some(finished.unwrap()));
    }
}
