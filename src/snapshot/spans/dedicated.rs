//! Attributes that Tempo keeps in columns of their own.
//!
//! The columns are called `String01`, `Int01` and so on; `meta.json` of the block says which attributes
//! they hold (`dedicatedColumns`, in the order of the columns of a scope and type).

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::layout::SpanLayout;

/// Maximum length of a `meta.json` that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Path of the column of each dedicated attribute; `None` without a readable `meta.json` beside the file.
pub(in crate::snapshot) fn dedicated(path: &Path, layout: &SpanLayout) -> Option<BTreeMap<String, String>> {
    let meta = path.with_file_name("meta.json");
    std::fs::metadata(&meta).ok().filter(|about| about.is_file() && about.len() <= MAX_BYTES)?;
    let meta: Value = serde_json::from_str(&std::fs::read_to_string(&meta).ok()?).ok()?;
    let columns = meta.get("dedicatedColumns").and_then(Value::as_array);
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for column in columns.into_iter().flatten() {
        // Both names of each field are in use; the defaults are left out.
        let field = |short: &str, long: &str| column.get(short).or(column.get(long)).and_then(Value::as_str);
        let scope = field("s", "scope").unwrap_or("span");
        let kind = field("t", "type").unwrap_or("string");
        let [resources, _, spans] = &layout.levels;
        let above = match scope {
            "span" => spans.clone(),
            "resource" => format!("{resources}.Resource"),
            _ => continue,
        };
        let prefix = match kind {
            "string" => "String",
            "int" => "Int",
            _ => continue,
        };
        let number = counted.entry((scope, kind)).or_default();
        *number += 1;
        if let Some(name) = field("n", "name") {
            found.insert(name.to_owned(), format!("{above}.DedicatedAttributes.{prefix}{number:02}"));
        }
    }
    Some(found)
}
