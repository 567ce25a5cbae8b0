//! Columns of some files that the names of a preset mean.

use std::collections::BTreeSet;

use super::callers::is_of_callers;
use super::look::FileColumns;
use super::mapping::is_same_name;
use super::preset::Preset;
use super::remarks::dedicated;

/// Names of a preset, and the column in which a shipper of logs has put its rows.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub preset: &'static Preset,
    pub wrap: Option<&'static str>,
    /// Columns that contain attributes of spans, beside those that the preset lists.
    pub roots: &'a [String],
}

/// Structs, maps and JSON columns with attributes of OpenTelemetry's conventions for generative AI, other than those
/// that a caller of the API may fill.
pub(super) fn roots_of_spans(seen: &[FileColumns]) -> Vec<String> {
    let names = seen.iter().flat_map(|file| file.columns.keys());
    let roots: BTreeSet<&str> = names.filter_map(|name| Some(name.split_once(".gen_ai.")?.0)).collect();
    let is_of_service = |root: &&str| !root.split('.').any(is_of_callers);
    roots.into_iter().filter(is_of_service).map(str::to_owned).collect()
}

impl Names<'_> {
    /// Columns of the files that match a name without regard to case: inside the wrapping column; else at the
    /// top level, or in the columns that the preset lists as containers.
    pub fn of(self, name: &str, seen: &[&FileColumns]) -> Vec<String> {
        let listed = self.preset.inside.iter().copied();
        let roots = self.roots.iter().map(String::as_str).filter(|root| !self.preset.inside.contains(root));
        let inside = listed.chain(roots).map(|above| format!("{above}.{name}"));
        let plain: Vec<String> = std::iter::once(name.to_owned()).chain(inside).collect();
        let wrapped = self.wrap.map(|wrap| plain.iter().map(move |name| format!("{wrap}.{name}")));
        let wrapped: Vec<String> =
            wrapped.into_iter().flatten().filter_map(|name| there(&name, seen)).collect();
        if !wrapped.is_empty() {
            return wrapped;
        }
        let plain = plain.iter().filter_map(|name| there(name, seen));
        plain.chain(dedicated(name, seen)).collect()
    }
}

/// The column with a name, or the one whose name differs in case, underscores or hyphens: the only one, or in JSON
/// Lines the one that most rows have.
fn there(wanted: &str, seen: &[&FileColumns]) -> Option<String> {
    // Warehouses whose names take no dots have `gen_ai_request_model`.
    let flat = wanted.contains('.').then(|| wanted.replace('.', "_"));
    let is_flat = |own: &str| !own.contains('.') && flat.as_ref().is_some_and(|flat| is_same_name(own, flat));
    let near: BTreeSet<&String> = seen
        .iter()
        .flat_map(|file| file.columns.keys())
        .filter(|own| own.len().abs_diff(wanted.len()) < 8 && (is_same_name(own, wanted) || is_flat(own)))
        .collect();
    let values = |name: &str, file: &&FileColumns| Some(file.opened.line_column(name)?.values);
    let rows_of = |name: &str| seen.iter().filter_map(|file| values(name, file)).sum::<u64>();
    let is_there = seen.iter().any(|file| file.columns.contains_key(wanted));
    if is_there && near.iter().all(|name| rows_of(name) <= rows_of(wanted)) {
        return Some(wanted.to_owned());
    }
    let mut near: Vec<(u64, &String)> = near.into_iter().map(|name| (rows_of(name), name)).collect();
    near.sort_by_key(|(rows, _)| std::cmp::Reverse(*rows));
    match near[..] {
        [(_, only)] => Some(only.clone()),
        // A name that a caller chose stands in fewer rows.
        [(most, name), (next, _), ..] if most > next => Some(name.clone()),
        _ => None,
    }
}
