//! SHA-256 of files, and atomic writes.
//!
//! A file or folder is written under a temporary name in its target folder, synced, renamed, and the folder is
//! synced. So a file under its final name is complete, and survives a power cut.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::fail_point;
use crate::model::Digest;

/// Size of the buffer for reading and hashing, in bytes.
const CHUNK: usize = 1 << 20;

/// SHA-256 and length in bytes of a source, read to its end in pieces of at most 1 MiB. `each` gets every
/// hashed piece, to copy or count it or to stop; `fail` names the source in an error.
///
/// # Errors
/// `fail` of a read error, or an error of `each`.
pub(crate) fn sha256<E>(
    mut source: impl Read,
    fail: impl Fn(io::Error) -> E,
    mut each: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(Digest, u64), E> {
    let (mut hasher, mut chunk, mut bytes) = (Sha256::new(), vec![0; CHUNK], 0);
    loop {
        let count = match source.read(&mut chunk) {
            Ok(0) => return Ok((Digest(hasher.finalize().into()), bytes)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(fail(error)),
        };
        hasher.update(&chunk[..count]);
        bytes += count as u64;
        each(&chunk[..count])?;
    }
}

/// Users who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner only.
    Owner,
    /// The usual rights of a new file (Unix: 0666 less the umask).
    Usual,
}

/// Writes a file completely or not at all, and replaces a file of its name.
///
/// # Errors
/// Input or output; an existing file is then unchanged.
pub(crate) fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = folder_of(path);
    let file = finished(folder, bytes, readers)?;
    fail_point::pass("file.rename")?;
    file.persist(path)?;
    fail_point::pass("file.renamed")?;
    sync_folder(folder)
}

/// Writes a new file that only its owner may read, completely or not at all.
///
/// # Errors
/// `AlreadyExists` if the name exists, which is then unchanged; other input or output.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let file = finished(folder, bytes, Readers::Owner)?;
    fail_point::pass("file.rename")?;
    file.persist_noclobber(path)?;
    fail_point::pass("file.renamed")?;
    sync_folder(folder)
}

/// Makes the empty file of a new database, readable by its owner alone. SQLite gives the files beside it the
/// same permissions.
pub(crate) fn keep_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Takes a file made by an earlier version from everyone but its owner. The rights stay where another owner or a
/// read-only medium refuses the change.
pub(crate) fn make_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o7777);
        if mode & 0o077 != 0 {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o077));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A synced file with these bytes under a temporary name.
fn finished(folder: &Path, bytes: &[u8], readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stillhunt-");
    #[cfg(unix)]
    if readers == Readers::Usual {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = builder.tempfile_in(folder)?;
    fail_point::pass("file.write")?;
    file.write_all(bytes)?;
    fail_point::pass("file.sync")?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Renames a finished file of the same file system to its final name and replaces a file of that name.
///
/// # Errors
/// Input or output.
pub(crate) fn put_in_place(finished: &Path, path: &Path) -> io::Result<()> {
    fail_point::pass("file.sync")?;
    File::open(finished)?.sync_all()?;
    rename(finished, path)
}

/// Renames a synced file or folder, and syncs the new name.
///
/// # Errors
/// Input or output.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fail_point::pass("file.rename")?;
    fs::rename(from, to)?;
    fail_point::pass("file.renamed")?;
    sync_folder(folder_of(to))
}

/// Syncs the names in a folder. Windows has no such call and needs none.
///
/// # Errors
/// Input or output.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Syncs the names in a folder and in all folders below it, deepest first. Does not follow links.
///
/// # Errors
/// Input or output.
pub(crate) fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

/// The parent folder of a path.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_digest_is_that_of_all_bytes_whatever_the_pieces() {
        /// Gives three bytes at a time, and an interruption before each.
        struct Slow<'a>(&'a [u8], bool);
        impl Read for Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                let count = self.0.len().min(3);
                self.0.read(&mut into[..count])
            }
        }
        let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let mut copy = Vec::new();
        let hashed = sha256(
            Slow(&bytes, false),
            |error| error,
            |piece| {
                copy.extend_from_slice(piece);
                Ok(())
            },
        );
        assert_eq!(hashed.unwrap(), (Digest::of(&bytes), 10_000));
        assert_eq!(copy, bytes);
        let large = vec![7; 3 * CHUNK + 5];
        let hashed = sha256(&large[..], |error| error, |_| Ok(())).unwrap();
        assert_eq!(hashed, (Digest::of(&large), large.len() as u64));
    }

    #[test]
    fn what_stops_the_hasher_is_what_it_gives() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        assert_eq!(sha256(Broken, |error| error.to_string(), |_| Ok(())).unwrap_err(), "permission denied");
        let stopped = sha256(&b"abc"[..], |error| error.to_string(), |_| Err("enough".to_owned()));
        assert_eq!(stopped.unwrap_err(), "enough");
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for bytes in [&b"one"[..], b"", b"three"] {
            write(&path, bytes, Readers::Usual).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(write_new(&path, b"x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(
            (fs::read(&path).unwrap(), names(folder.path())),
            (b"three".to_vec(), vec!["a.json".into()])
        );
        assert!(write(&folder.path().join("none/a.json"), b"x", Readers::Owner).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_for_those_it_is_meant_for() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        write(&folder.path().join("owner"), b"x", Readers::Owner).unwrap();
        write_new(&folder.path().join("key"), b"x").unwrap();
        write(&folder.path().join("usual"), b"x", Readers::Usual).unwrap();
        fs::write(folder.path().join("plain"), b"x").unwrap();
        assert_eq!((mode("owner"), mode("key")), (0o600, 0o600));
        assert_eq!(mode("usual"), mode("plain"));
    }

    #[test]
    fn files_and_folders_get_their_lasting_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.next"), b"new").unwrap();
        fs::write(at("a"), b"old").unwrap();
        put_in_place(&at("a.next"), &at("a")).unwrap();
        assert_eq!(fs::read(at("a")).unwrap(), b"new");
        fs::create_dir_all(at("b.next/c/d")).unwrap();
        sync_folders(&at("b.next")).unwrap();
        rename(&at("b.next"), &at("b")).unwrap();
        assert!(at("b/c/d").is_dir());
        assert_eq!(names(folder.path()), ["a", "b"]);
        assert!(put_in_place(&at("none"), &at("a")).is_err());
        assert_eq!(folder_of(Path::new("a")), Path::new("."));
    }
}
