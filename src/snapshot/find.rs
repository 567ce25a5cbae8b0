//! Search for files of logs under the paths that the investigator named: Parquet, JSON Lines and CSV.
//!
//! Reads names and first bytes only; [`propose`](super::propose) and [`seal`](super::seal()) read the
//! contents.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::file::File;
use super::file_kind::{Kind, kind_of, linked_folder};
use super::{SnapshotError, table};
use crate::model::visible;

/// Maximum depth of folders that is searched.
const MAX_DEPTH: usize = 40;

/// Files under the paths that an investigator named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundFiles {
    /// The files with their names inside the snapshot, sorted by name.
    pub files: Vec<(String, PathBuf)>,
    /// Other files and folders under the paths, left out, with the reason; sorted.
    pub left_out: Vec<LeftOut>,
}

/// A file or folder that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct LeftOut {
    /// Path, or name inside the snapshot.
    pub name: String,
    /// The rule by which it is left out.
    pub reason: String,
}

/// The files among and under these paths; see [`find_all`].
///
/// # Errors
/// As [`find_all`].
pub fn find(paths: &[PathBuf]) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    Ok(find_all(paths)?.files)
}

/// Files of logs among and under these paths, and the files left out.
///
/// In a folder, a Parquet file is taken if it has a usual extension or begins with PAR1, and a text file
/// if its first bytes are JSON Lines or CSV and no Parquet file is under the named path, or those are in other
/// partitions or days: beside Parquet, text files are notes of the export. Hidden files, names that begin with `_` and unfinished files are left
/// out. Links to folders are followed, also those that an archive has turned into text. In a Delta table,
/// only the files of its newest version are taken. A file is named by its path from the folder,
/// preceded by partition folders above it such as `account_id=a7`, and by the folder's own name if names
/// would otherwise be equal. A file that a path names directly is always taken. Duplicate paths count
/// once. Case folders are skipped, also behind links: a case's own copies are never input.
///
/// # Errors
/// No such path, a path inside a case, a folder without a file of a log, no rights, two files of one name,
/// a name that is not UTF-8 or has a line break or backslash; an Iceberg or Hudi table, a Delta
/// table with deletion vectors.
pub fn find_all(paths: &[PathBuf]) -> Result<FoundFiles, SnapshotError> {
    let mut found = Vec::new();
    let mut left_out = BTreeSet::new();
    for root in paths {
        let about = fs::metadata(root).map_err(|e| SnapshotError::io(root, e))?;
        if let Some(case) = case_around(root) {
            return Err(SnapshotError::InsideCase { path: root.clone(), case });
        }
        if about.is_dir() {
            let mut search = Search {
                files: Vec::new(),
                texts: BTreeSet::new(),
                closed: BTreeSet::new(),
                left_out: &mut left_out,
                inside: Vec::new(),
                links: Vec::new(),
            };
            search.folder(root)?;
            if let Some(live) = table::around(root)? {
                search.keep(0, &live);
            }
            search.prefer_parquet();
            let files = search.files;
            if files.is_empty() {
                let left_out = in_words(&left_out);
                return Err(SnapshotError::NoParquet { path: root.clone(), left_out });
            }
            let links = search.links;
            found.extend(files.into_iter().map(|path| Entry {
                root: root.as_path(),
                place: place_of(&path, &links),
                path,
            }));
        } else {
            let above = root.parent().unwrap_or(Path::new(""));
            found.push(Entry { root: above, place: root.clone(), path: root.clone() });
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|file| seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    let files =
        name_all(&found, |file| name_under(partition_base(file.root), &file.place)).or_else(|_| {
            name_all(&found, |file| {
                let above = fs::canonicalize(file.root).ok();
                let above = above.and_then(|root| root.parent().map(Path::to_path_buf));
                let full = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
                name_under(above.as_deref().unwrap_or(file.root), &full)
            })
        })?;
    Ok(FoundFiles { files, left_out: left_out.into_iter().collect() })
}

/// A file that was found.
struct Entry<'a> {
    /// The named folder under which it was found.
    root: &'a Path,
    /// Path by which the search came to it, which names it.
    place: PathBuf,
    /// Path at which it can be opened.
    path: PathBuf,
}

/// Path by which the search came to a file, with links in the form of text as folders.
fn place_of(path: &Path, links: &[(PathBuf, PathBuf)]) -> PathBuf {
    let mut place = path.to_owned();
    for (link, folder) in links.iter().rev() {
        if let Ok(below) = place.strip_prefix(folder) {
            place = link.join(below);
        }
    }
    place
}

/// Names of the folders of a path, with `#` for numbers and for values of partitions.
fn shape_of(folder: &Path) -> Vec<String> {
    let shape = |name: &str| match name.split_once('=') {
        Some((key, _)) => format!("{key}=#"),
        None => {
            let mut shape = String::new();
            for c in name.chars() {
                match c.is_ascii_digit() {
                    true if shape.ends_with('#') => {}
                    true => shape.push('#'),
                    false => shape.push(c),
                }
            }
            shape
        }
    };
    folder.iter().map(|name| shape(&name.to_string_lossy())).collect()
}

/// The first files that were left out, with the reason: “; left out: a.csv (…)”.
fn in_words(left_out: &BTreeSet<LeftOut>) -> String {
    let named = left_out.iter().take(3).map(|left| format!("{} ({})", visible(&left.name), left.reason));
    let named: Vec<String> = named.collect();
    let more = if left_out.len() > 3 { ", …" } else { "" };
    if named.is_empty() { String::new() } else { format!("; left out: {}{more}", named.join(", ")) }
}

/// The folder above those of partitions, such as `account_id=a7`, in which a folder lies.
fn partition_base(root: &Path) -> &Path {
    let is_partition = |folder: &Path| {
        folder.file_name().and_then(OsStr::to_str).is_some_and(|name| name.find('=').is_some_and(|at| at > 0))
    };
    let mut base = root;
    while let Some(above) = base.parent().filter(|_| is_partition(base)) {
        base = above;
    }
    base
}

/// Gives each file its name in the snapshot. Equal names are an error.
fn name_all(
    found: &[Entry<'_>],
    name: impl Fn(&Entry<'_>) -> Result<String, SnapshotError>,
) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let mut named = BTreeMap::new();
    for entry in found {
        let file = name(entry)?;
        if let Some(first) = named.insert(file.clone(), entry.path.clone()) {
            return Err(SnapshotError::SameName { file, first, second: entry.path.clone() });
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

/// True if a name is valid in a snapshot: a relative path without `..`, in characters that
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

/// Names of a file's columns at the top; none of a file that cannot be read.
fn columns_of(path: &Path) -> BTreeSet<String> {
    let file = File::open(path, "");
    file.map(|file| file.fields().iter().map(|field| field.name().clone()).collect()).unwrap_or_default()
}

/// Path without the endings of its name, such as `.csv.gz`.
fn without_endings(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    path.with_file_name(name.split('.').next().unwrap_or_default())
}

/// State of a search.
struct Search<'a> {
    files: Vec<PathBuf>,
    /// Those of the files that are JSON Lines or CSV.
    texts: BTreeSet<PathBuf>,
    /// Those of the files that are encrypted, or compressed in a way that is not read.
    closed: BTreeSet<PathBuf>,
    left_out: &'a mut BTreeSet<LeftOut>,
    /// Canonical paths of the folders around the present one, for the detection of cycles.
    inside: Vec<PathBuf>,
    /// Links in the form of text, with the folders to which they lead.
    links: Vec<(PathBuf, PathBuf)>,
}

impl Search<'_> {
    fn leave(&mut self, path: &Path, reason: &str) {
        self.left_out.insert(LeftOut { name: path.display().to_string(), reason: reason.to_owned() });
    }

    /// Leaves out text files if there are Parquet files, except in folders that are to those of Parquet what one
    /// partition or day is to another, and except files that have the columns of a Parquet file and are no copy of one.
    fn prefer_parquet(&mut self) {
        let is_closed = |path: &PathBuf| self.closed.contains(path);
        let (closed, files): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.files).into_iter().partition(is_closed);
        self.files = files;
        if self.files.len() > self.texts.len() {
            self.leave_texts();
        }
        self.files.extend(closed);
    }

    fn leave_texts(&mut self) {
        let texts = std::mem::take(&mut self.texts);
        let folder = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
        let parquet: BTreeSet<PathBuf> =
            self.files.iter().filter(|path| !texts.contains(*path)).map(|path| folder(path)).collect();
        let shapes: BTreeSet<Vec<String>> = parquet.iter().map(|folder| shape_of(folder)).collect();
        let is_taken = |path: &Path| {
            let folder = folder(path);
            !parquet.contains(&folder) && shapes.contains(&shape_of(&folder))
        };
        let columns = self.files.iter().find(|path| !texts.contains(*path)).map(|path| columns_of(path));
        let columns = columns.filter(|columns| !columns.is_empty()).unwrap_or_default();
        let stems: BTreeSet<PathBuf> = self
            .files
            .iter()
            .filter(|path| !texts.contains(*path))
            .map(|path| without_endings(path))
            .collect();
        let is_same_log = |path: &Path| {
            let own = columns_of(path);
            let shared = columns.iter().filter(|name| own.contains(*name)).count();
            !stems.contains(&without_endings(path)) && 2 * shared > columns.len()
        };
        let is_left = |path: &PathBuf| !is_taken(path) && !is_same_log(path);
        let texts: BTreeSet<PathBuf> = texts.into_iter().filter(is_left).collect();
        self.files.retain(|path| !texts.contains(path));
        texts.iter().for_each(|path| {
            self.leave(path, "a text file among Parquet files; name it to read it");
        });
    }

    fn folder(&mut self, folder: &Path) -> Result<(), SnapshotError> {
        let fail = |e| SnapshotError::io(folder, e);
        let full = fs::canonicalize(folder).map_err(fail)?;
        if self.inside.contains(&full) {
            self.leave(folder, "a link that leads back to a folder around it");
            return Ok(());
        }
        if self.inside.len() >= MAX_DEPTH {
            self.leave(folder, "more than 40 folders deep");
            return Ok(());
        }
        let live = table::live_files(folder)?;
        self.inside.push(full);
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            paths.push(entry.map_err(fail)?.path());
        }
        paths.sort();
        let before = self.files.len();
        for path in paths {
            self.entry(&path)?;
        }
        if let Some(live) = live {
            self.keep(before, &live);
        }
        self.inside.pop();
        Ok(())
    }

    /// Leaves out the files from a position on that are not live in a table.
    fn keep(&mut self, from: usize, live: &table::Live) {
        let is_live = |path: &PathBuf| {
            live.files.contains(path) || fs::canonicalize(path).is_ok_and(|full| live.files.contains(&full))
        };
        let (kept, dead): (Vec<_>, Vec<_>) = self.files.drain(from..).partition(is_live);
        self.files.extend(kept);
        let reason = format!("not among the live files of the Delta table's version {}", live.version);
        dead.iter().for_each(|path| self.leave(path, &reason));
    }

    fn entry(&mut self, path: &Path) -> Result<(), SnapshotError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let Ok(about) = fs::metadata(path) else {
            self.leave(path, "a broken link, or access is denied");
            return Ok(());
        };
        if name.starts_with(['.', '_']) {
            self.leave(path, "hidden, or a marker file of the program that wrote the files");
        } else if about.is_dir() {
            let leads_into_case = || path.is_symlink() && case_around(path).is_some();
            if is_case_folder(path) || leads_into_case() {
                self.leave(path, "a case");
            } else {
                self.folder(path)?;
            }
        } else if about.is_file() {
            match kind_of(path, &name) {
                Ok(_) if path.is_symlink() && case_around(path).is_some() => self.leave(path, "a case"),
                Ok(kind) => {
                    self.files.push(path.to_owned());
                    match kind {
                        Kind::Parquet => {}
                        Kind::Text => drop(self.texts.insert(path.to_owned())),
                        Kind::Closed => drop(self.closed.insert(path.to_owned())),
                    }
                }
                Err(reason) => match linked_folder(path) {
                    Some(folder) if case_around(&folder).is_some() => self.leave(path, "a case"),
                    Some(folder) => {
                        self.leave(path, "a link written as text; the folder to which it leads was searched");
                        self.links.push((path.to_owned(), folder.clone()));
                        self.folder(&folder)?;
                    }
                    None => self.leave(path, reason),
                },
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
