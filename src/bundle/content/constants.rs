//! Files that every bundle of this version of the program has alike: definitions of signals, context figures and
//! events, and the fields of the load file.

use super::super::contents::Contents;
use super::super::load_file::{self, FIELDS_FILE};
use super::super::{Fault, methods};

/// Faults of files that are not what this version writes.
pub(super) fn check(contents: &Contents) -> Vec<Fault> {
    if !super::report::is_own_version(contents) {
        return Vec::new();
    }
    let files = [
        ("05_methods/signals.json", methods::signals()),
        ("05_methods/context.json", methods::context()),
        ("05_methods/events.json", methods::events()),
        (FIELDS_FILE, load_file::fields().to_csv()),
    ];
    let differs = |(name, made): &(&str, Vec<u8>)| {
        let name = format!("data/{name}");
        contents.has(&name) && contents.bytes(&name).as_ref() != Some(made)
    };
    let files = files.into_iter().filter(differs);
    files
        .map(|(name, _)| Fault::new(&format!("data/{name}"), "is not that of this version of the program"))
        .collect()
}
