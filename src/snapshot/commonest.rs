//! Choice among columns of JSON Lines whose names are the same but for case and underscores.

use std::sync::Arc;

use arrow_schema::Field;

use super::file::File;
use super::mapping::is_same_name;
use super::path::Path;

/// Of several columns of JSON Lines whose names differ from a name in case or underscores alone, the one that more
/// rows have than any other: one row may have a name that its caller chose.
pub(super) fn commonest(file: &File, name: &str) -> Option<Path> {
    let near = file.fields().iter().filter(|field| is_same_name(field.name(), name));
    let mut near: Vec<(u64, &Arc<Field>)> =
        near.filter_map(|field| Some((file.line_column(field.name())?.values, field))).collect();
    near.sort_by_key(|(values, _)| std::cmp::Reverse(*values));
    let [(most, field), (next, _), ..] = near[..] else { return None };
    (most > next).then(|| Path {
        root: field.name().clone(),
        steps: Vec::new(),
        data_type: field.data_type().clone(),
    })
}
