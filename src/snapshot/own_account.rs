//! The account under its own name, and names that are those of one system alone.
//!
//! Many logs have a time, a user, a model and a prompt under the names of some system, and are none of its. A preset
//! therefore needs a name of its own. A service that writes `account_id` beside the columns of a gateway has said which
//! column is the account; what a gateway takes for it, a caller can often set.

use std::collections::BTreeSet;

use super::look::FileColumns;
use super::mapping::is_same_name;
use super::preset::{ALL, CANONICAL, Preset, USUAL};
use super::probe::{first_values, holds_objects};
use super::share::is_rare;
use super::{Column, Mapping, Origin};

/// Names of many systems, beside the usual ones of canonical columns.
const GENERIC: [&str; 14] = [
    "id",
    "user",
    "user_id",
    "trace_id",
    "session_id",
    "type",
    "name",
    "input",
    "output",
    "request",
    "response",
    "metadata",
    "organization_id",
    "end_time",
];

/// True for a name that logs of many systems have.
fn is_generic(name: &str) -> bool {
    let of_many = ALL.iter().filter(|preset| [CANONICAL, USUAL].contains(&preset.name));
    let mut known = of_many.flat_map(|preset| preset.names()).chain(GENERIC);
    known.any(|own| is_same_name(own, name))
}

/// True for a preset of which the files have a name that is its own; `found` gives the columns that one of its names
/// means. `user_id` is no name of its own where the preset says `user.id`.
pub(super) fn has_own_name(preset: &Preset, found: impl Fn(&'static str) -> Vec<String>) -> bool {
    [CANONICAL, USUAL].contains(&preset.name)
        || preset.names().flat_map(found).any(|column| !is_generic(&column))
}

/// Has the account read from the column `account_id`, in any case, where most rows have one and it differs between
/// them; a log that belongs to one account has the same in all rows.
pub(super) fn take_own_account(mapping: &mut Mapping, seen: &[&FileColumns]) {
    let is_own = |name: &&String| name.eq_ignore_ascii_case(Column::AccountId.name());
    let names: BTreeSet<&String> = seen.iter().flat_map(|file| file.columns.keys()).filter(is_own).collect();
    let mut names = names.into_iter();
    let (Some(name), None) = (names.next(), names.next()) else { return };
    let is_object =
        seen.iter().any(|file| file.get(name).is_some_and(|own| holds_objects(&file.opened, &own)));
    if is_object || is_rare(name, seen) || mapping.source(Column::AccountId) == Some(name) {
        return;
    }
    let values = seen.iter().flat_map(|file| match file.get(name) {
        Some(found) => first_values(&file.opened, &found),
        None => Vec::new(),
    });
    let different: BTreeSet<String> = values.filter(|value| !value.trim().is_empty()).take(MOST).collect();
    if different.len() > 1 {
        mapping.columns.insert(Column::AccountId.name().to_owned(), Origin::of(name));
    }
}

/// Maximum number of values that are compared.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_of_a_system_has_a_name_of_its_own() {
        for preset in ALL {
            assert!(has_own_name(preset, |name| vec![name.to_owned()]), "{}", preset.name);
        }
    }
}
