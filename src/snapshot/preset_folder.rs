//! Folder of an export in which its calls stand, where a preset knows one.

use std::path::PathBuf;

use super::look::FileColumns;
use super::{Mapping, preset};

/// Files by name, and those left out with the reason.
type TakenFiles = (Vec<(String, PathBuf)>, Vec<(String, String)>);

/// The files that a mapping's preset takes: those in its folder, where an export has one and some
/// file is in it. The others, with the reason, are left out.
pub fn taken(files: Vec<(String, PathBuf)>, mapping: &Mapping) -> TakenFiles {
    let Some(folder) = folder_of(mapping, files.iter().map(|(name, _)| name.as_str())) else {
        return (files, Vec::new());
    };
    let (taken, left): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| is_in(name, folder));
    let reason = format!("not in {folder}/, which has the calls of this export");
    (taken, left.into_iter().map(|(name, _)| (name, reason.clone())).collect())
}

fn folder_of<'a>(mapping: &Mapping, mut names: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let folder = preset::by_name(&mapping.preset).iter().find_map(|preset| preset.folder)?;
    names.any(|name| is_in(name, folder)).then_some(folder)
}

/// True for a preset whose exports have the calls in a folder of their own.
pub(super) fn has_folder(preset: &str) -> bool {
    preset::by_name(preset).iter().any(|preset| preset.folder.is_some())
}

pub(super) fn is_in(name: &str, folder: &str) -> bool {
    name.rsplit_once('/').is_some_and(|(folders, _)| folders.split('/').any(|part| part == folder))
}

/// The opened files that a mapping's preset takes.
pub(super) fn taken_of<'a>(seen: &'a [FileColumns], mapping: &Mapping) -> Vec<&'a FileColumns> {
    let folder = folder_of(mapping, seen.iter().map(|file| file.file.as_str()));
    seen.iter().filter(|file| folder.is_none_or(|folder| is_in(&file.file, folder))).collect()
}
