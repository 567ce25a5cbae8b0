//! From what the investigator named to Parquet files.
//!
//! Looks at names only; what is in the files is for [`propose`](super::propose) and
//! [`seal`](super::seal()) to find out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::SnapshotError;

const EXTENSIONS: [&str; 3] = ["parquet", "parq", "pq"];

/// The Parquet files among and under these paths, with their names inside the snapshot, sorted
/// by name. A folder is searched through for `*.parquet`, `*.parq` and `*.pq`, without hidden
/// files and those that begin with `_`, and without following links to folders; its files are
/// named by their path from that folder, with the folder's own name before it where names would
/// otherwise clash. A file is taken as it is, under its own name. What is named twice comes once.
/// Case folders are passed over, also where a link leads into one: a case's own copies are no
/// input.
///
/// # Errors
/// No such path, a path inside a case, a folder without Parquet, no rights, two files of one name,
/// a name that is not UTF-8 or has a line break or backslash.
pub fn find(paths: &[PathBuf]) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let mut found = Vec::new();
    for root in paths {
        let about = fs::metadata(root).map_err(|e| SnapshotError::io(root, e))?;
        if let Some(case) = case_around(root) {
            return Err(SnapshotError::InsideCase { path: root.clone(), case });
        }
        if about.is_dir() {
            let mut files = Vec::new();
            search(root, &mut files)?;
            if files.is_empty() {
                return Err(SnapshotError::NoParquet { path: root.clone() });
            }
            found.extend(files.into_iter().map(|path| (root.as_path(), path)));
        } else {
            found.push((root.parent().unwrap_or(Path::new("")), root.clone()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|(_, path)| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));

    name_all(&found, name_under).or_else(|_| {
        name_all(&found, |root, path| {
            let above = fs::canonicalize(root).ok().and_then(|root| root.parent().map(Path::to_path_buf));
            let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            name_under(above.as_deref().unwrap_or(root), &full)
        })
    })
}

/// Gives each file its name; an error where two get the same.
fn name_all(
    found: &[(&Path, PathBuf)],
    name: impl Fn(&Path, &Path) -> Result<String, SnapshotError>,
) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let mut named = BTreeMap::new();
    for (root, path) in found {
        let file = name(root, path)?;
        if let Some(first) = named.insert(file.clone(), path.clone()) {
            return Err(SnapshotError::SameName { file, first, second: path.clone() });
        }
    }
    Ok(named.into_iter().collect())
}

fn name_under(root: &Path, path: &Path) -> Result<String, SnapshotError> {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let name = parts.map(|parts| parts.join("/"));
    name.filter(|name| is_good_name(name)).ok_or_else(|| SnapshotError::BadName { path: path.to_owned() })
}

/// Whether a name can stand in a snapshot: a relative path that stays inside, and a line that
/// `sha256sum` prints without escapes.
pub(super) fn is_good_name(name: &str) -> bool {
    !name.contains(['\n', '\r', '\\', '\0'])
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

/// True for the folder of a case: it holds `case.sqlite`, or is called `*.stillhunt` and holds
/// sealed copies whose `case.sqlite` is lost.
fn is_case_folder(folder: &Path) -> bool {
    let is_named = folder.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("stillhunt"));
    folder.join("case.sqlite").exists() || is_named && folder.join("snapshots").is_dir()
}

/// The case folder that a path is or lies in once links are followed.
fn case_around(path: &Path) -> Option<PathBuf> {
    let full = fs::canonicalize(path).ok()?;
    full.ancestors().find(|folder| is_case_folder(folder)).map(Path::to_path_buf)
}

fn search(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), SnapshotError> {
    let fail = |e| SnapshotError::io(folder, e);
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().as_encoded_bytes().first().is_some_and(|first| b"._".contains(first)) {
            continue;
        }
        let path = entry.path();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
        if entry.file_type().map_err(fail)?.is_dir() {
            if !is_case_folder(&path) {
                search(&path, files)?;
            }
        } else if EXTENSIONS.contains(&extension.as_str())
            && fs::metadata(&path).map_err(|e| SnapshotError::io(&path, e))?.is_file()
            && (!entry.path().is_symlink() || case_around(&path).is_none())
        {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    fn names(found: &[(String, PathBuf)]) -> Vec<&str> {
        found.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn folders_are_searched_and_sorted_without_hidden_files() {
        let dir = tempfile::tempdir().unwrap();
        for name in
            ["day=2/b.parquet", "day=1/a.PARQUET", "c.pq", "_SUCCESS", "_x.parquet", ".h.parquet", "n.txt"]
        {
            touch(&dir.path().join(name));
        }
        touch(&dir.path().join(".cache/d.parquet"));
        let found = find(&[dir.path().to_owned()]).unwrap();
        assert_eq!(names(&found), ["c.pq", "day=1/a.PARQUET", "day=2/b.parquet"]);
    }

    #[test]
    fn a_file_is_taken_as_it_is_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("export.bin");
        touch(&file);
        touch(&dir.path().join("a.parquet"));
        let found = find(&[file.clone(), dir.path().to_owned(), dir.path().join("a.parquet"), file]).unwrap();
        assert_eq!(names(&found), ["a.parquet", "export.bin"]);
    }

    #[test]
    fn names_that_clash_get_their_folder_before_them() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["x/a.parquet", "y/a.parquet", "z/x/a.parquet"] {
            touch(&dir.path().join(name));
        }
        let found = find(&[dir.path().join("x"), dir.path().join("y")]).unwrap();
        assert_eq!(names(&found), ["x/a.parquet", "y/a.parquet"]);
        let clash = find(&[dir.path().join("x"), dir.path().join("z/x")]).unwrap_err();
        assert!(matches!(&clash, SnapshotError::SameName { file, .. } if file == "x/a.parquet"), "{clash}");
    }

    #[test]
    fn a_case_is_no_input() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        touch(&at("logs/a.parquet"));
        for name in ["case.sqlite", "snapshots/ab/a.parquet"] {
            touch(&at("logs/acme.stillhunt").join(name));
            touch(&at("logs/other name").join(name));
        }
        touch(&at("logs/lost.stillhunt/snapshots/ab/b.parquet"));
        touch(&at("logs/only a name.stillhunt/c.parquet"));
        let found = find(&[at("logs")]).unwrap();
        assert_eq!(names(&found), ["a.parquet", "only a name.stillhunt/c.parquet"]);
        for inside in ["acme.stillhunt", "acme.stillhunt/snapshots", "acme.stillhunt/snapshots/ab/a.parquet"]
        {
            let error = find(&[at("logs").join(inside)]).unwrap_err();
            assert!(matches!(error, SnapshotError::InsideCase { .. }), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_a_case_is_no_input_either() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        touch(&at("logs/a.parquet"));
        touch(&at("acme.stillhunt/case.sqlite"));
        touch(&at("acme.stillhunt/snapshots/ab/b.parquet"));
        touch(&at("elsewhere/c.parquet"));
        let link = |to: &str, from: &str| std::os::unix::fs::symlink(at(to), at(from)).unwrap();
        link("acme.stillhunt/snapshots/ab/b.parquet", "logs/b.parquet");
        link("elsewhere/c.parquet", "logs/c.parquet");
        link("acme.stillhunt/snapshots", "copies");
        assert_eq!(names(&find(&[at("logs")]).unwrap()), ["a.parquet", "c.parquet"]);
        let error = find(&[at("copies")]).unwrap_err();
        assert!(matches!(error, SnapshotError::InsideCase { .. }), "{error}");
    }

    #[test]
    fn what_is_not_there_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let fail = |path: PathBuf| find(&[path]).unwrap_err();
        assert!(matches!(fail(dir.path().join("no")), SnapshotError::NoSuchPath { .. }));
        assert!(matches!(fail(dir.path().to_owned()), SnapshotError::NoParquet { .. }));
        touch(&dir.path().join("a\nb.parquet"));
        assert!(matches!(fail(dir.path().to_owned()), SnapshotError::BadName { .. }));
    }
}
