//! Recently opened cases, kept in `$XDG_CONFIG_HOME/stillhunt/recent.json`.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::model::Micros;

/// Maximum number of cases kept.
const LIMIT: usize = 12;

/// A recently opened case, with its figures at that time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Form")]
pub struct RecentCase {
    /// Its folder.
    pub path: PathBuf,
    /// Time of the last opening, microseconds UTC.
    pub opened: Option<Micros>,
    /// Number of accounts and of exchanges.
    pub size: Option<(u64, u64)>,
    /// First and last exchange.
    pub span: Option<(Micros, Micros)>,
}

/// Forms of an entry: a folder alone in lists of earlier versions.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Path(PathBuf),
    Case { path: PathBuf, opened: Option<Micros>, size: Option<(u64, u64)>, span: Option<(Micros, Micros)> },
}

impl From<Form> for RecentCase {
    fn from(form: Form) -> Self {
        match form {
            Form::Path(path) => Self { path, ..Self::default() },
            Form::Case { path, opened, size, span } => Self { path, opened, size, span },
        }
    }
}

/// Recently opened cases, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// The cases.
    pub cases: Vec<RecentCase>,
}

impl Recent {
    /// Puts a case first.
    pub fn opened(&mut self, case: RecentCase) {
        self.cases.retain(|kept| kept.path != case.path);
        self.cases.insert(0, case);
        self.cases.truncate(LIMIT);
    }

    /// The stored list without deleted cases; empty if the file is missing or unreadable, which is no error.
    pub fn read(file: &Path) -> Self {
        let cases = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Vec<RecentCase>>(&bytes).ok())
            .unwrap_or_default();
        Self { cases: cases.into_iter().filter(|case| case.path.is_dir()).take(LIMIT).collect() }
    }

    /// Writes the list, whole or not at all.
    ///
    /// # Errors
    /// A folder that cannot be made or written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        write_whole(file, &self.cases)
    }
}

/// Writes a value as JSON, whole or not at all.
///
/// # Errors
/// A folder that cannot be made or written.
pub fn write_whole(file: &Path, value: &impl serde::Serialize) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    files::write(file, &serde_json::to_vec(value)?, files::Readers::Owner)
}

/// The present time, microseconds UTC.
pub fn now() -> Option<Micros> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    Micros::try_from(since.as_micros()).ok()
}

/// Path of the list.
pub fn file(settings: Option<&Path>) -> Option<PathBuf> {
    Some(folder(settings)?.join("recent.json"))
}

/// The folder of the window's settings: the given one, else the user's own; `None` without
/// `XDG_CONFIG_HOME` and home.
pub fn folder(settings: Option<&Path>) -> Option<PathBuf> {
    if let Some(folder) = settings {
        return Some(folder.to_owned());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(config.join("stillhunt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_survives_the_disk_and_forgets_what_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("deep").join("recent.json");
        let there = dir.path().join("a.stillhunt");
        std::fs::create_dir(&there).unwrap();
        let mut recent = Recent::default();
        let case =
            |path: &Path| RecentCase { path: path.to_owned(), size: Some((3, 70)), ..RecentCase::default() };
        recent.opened(case(&there));
        recent.opened(case(&dir.path().join("gone.stillhunt")));
        recent.opened(case(&there));
        recent.write(&file).unwrap();
        assert_eq!(recent.cases.len(), 2);
        assert_eq!(Recent::read(&file).cases, [case(&there)]);
        std::fs::write(&file, serde_json::to_vec(&[&there]).unwrap()).unwrap();
        assert_eq!(Recent::read(&file).cases[0].path, there, "a list of an earlier version");
        std::fs::write(&file, b"not json").unwrap();
        assert_eq!(Recent::read(&file), Recent::default());
    }
}
