//! Case folders that an import proposes, and those that are cases already.

use std::path::{Path, PathBuf};

/// State of a case folder.
pub struct Taken {
    /// The folder.
    pub dir: String,
    /// True if it is a case.
    pub is_case: bool,
    /// The first free name after it: `logs-2.stillhunt`.
    pub free: String,
}

impl Taken {
    /// Looks at the disk.
    pub fn of(dir: String) -> Self {
        let is_case = |dir: &str| Path::new(dir).join("case.sqlite").is_file();
        let base = dir.strip_suffix(".stillhunt").unwrap_or(&dir);
        let named = |n: u32| format!("{base}-{n}.stillhunt");
        let free = (2..100).map(named).find(|name| !Path::new(name).exists());
        Self { is_case: is_case(&dir), free: free.unwrap_or_else(|| dir.clone()), dir }
    }
}

/// A case folder beside the first path, named after it.
pub fn proposed_case(paths: &[PathBuf]) -> PathBuf {
    let Some(first) = paths.first() else { return PathBuf::from("case.stillhunt") };
    let name =
        first.file_stem().map_or_else(|| "case".to_owned(), |stem| stem.to_string_lossy().into_owned());
    first.with_file_name(format!("{name}.stillhunt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_a_case_is_known_and_a_free_name_found() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("logs.stillhunt");
        let of = || Taken::of(dir.display().to_string());
        assert!(!of().is_case);
        std::fs::create_dir_all(home.path().join("logs-2.stillhunt")).unwrap();
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("case.sqlite"), "").unwrap();
        assert!(of().is_case && of().free.ends_with("logs-3.stillhunt"), "{}", of().free);
    }

    #[test]
    fn a_case_is_proposed_beside_what_it_is_made_from() {
        assert_eq!(proposed_case(&["/logs/may".into()]), Path::new("/logs/may.stillhunt"));
        assert_eq!(proposed_case(&["/logs/day1.parquet".into()]), Path::new("/logs/day1.stillhunt"));
        assert_eq!(proposed_case(&[]), Path::new("case.stillhunt"));
    }
}
