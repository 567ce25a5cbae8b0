//! Places of the nested levels in a schema.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields};
use parquet::schema::types::{SchemaDescriptor, Type};

/// Name of the column with the fields of the trace.
pub(super) const TRACE: &str = "trace";
/// Names of the lists of resources, of scopes and of spans: OTLP in JSON and in Protocol Buffers, Tempo,
/// and those that OTLP had before scopes.
pub(in crate::snapshot) const LEVELS: [&[&str]; 3] = [
    &["rs", "resourceSpans", "resource_spans", "batches"],
    &[
        "ss",
        "ils",
        "scopeSpans",
        "scope_spans",
        "instrumentationLibrarySpans",
        "instrumentation_library_spans",
    ],
    &["Spans", "spans"],
];

/// Levels of nested traces.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::snapshot) struct SpanLayout {
    /// Names of the three lists.
    pub levels: [String; 3],
    /// Path in the Parquet schema to the elements of each list.
    prefixes: [Vec<String>; 3],
}

impl SpanLayout {
    /// Layout of a file; `None` for any other file.
    pub fn of(fields: &Fields, schema: &SchemaDescriptor) -> Option<Self> {
        let [resources, scopes, spans] = LEVELS;
        let (rs, rs_fields) = list_of_structs(fields, resources)?;
        let (ss, ss_fields) = list_of_structs(&rs_fields, scopes)?;
        let (spans, span_fields) = list_of_structs(&ss_fields, spans)?;
        let root = schema.root_schema();
        let (rs_node, rs_path) = element(root, &rs, &ss)?;
        let (ss_node, ss_path) = element(rs_node, &ss, &spans)?;
        let (_, span_path) = element(ss_node, &spans, span_fields.first()?.name())?;
        let rs_prefix = rs_path;
        let ss_prefix = [rs_prefix.clone(), ss_path].concat();
        let span_prefix = [ss_prefix.clone(), span_path].concat();
        let levels = [rs, ss, spans];
        let is_clear = levels.iter().all(|level| level != TRACE);
        is_clear.then_some(Self { levels, prefixes: [rs_prefix, ss_prefix, span_prefix] })
    }

    /// Layout with these names and no places.
    #[cfg(test)]
    pub fn of_names(names: [&str; 3]) -> Self {
        Self { levels: names.map(str::to_owned), prefixes: Default::default() }
    }

    /// Columns of a row.
    pub fn fields(&self, fields: &Fields) -> Option<Fields> {
        let without = |fields: &Fields, name: &str| -> Fields {
            fields.iter().filter(|field| field.name() != name).cloned().collect()
        };
        let [rs, ss, spans] = &self.levels;
        let (_, rs_fields) = list_of_structs(fields, &[rs])?;
        let (_, ss_fields) = list_of_structs(&rs_fields, &[ss])?;
        let (_, span_fields) = list_of_structs(&ss_fields, &[spans])?;
        let columns = [
            (TRACE, without(fields, rs)),
            (rs.as_str(), without(&rs_fields, ss)),
            (ss.as_str(), without(&ss_fields, spans)),
            (spans.as_str(), span_fields),
        ];
        let column = |(name, fields): (&str, Fields)| {
            // Of the levels only a span can be null.
            let is_span = name == spans;
            (!fields.is_empty()).then(|| Arc::new(Field::new(name, DataType::Struct(fields), is_span)))
        };
        Some(columns.into_iter().filter_map(column).collect())
    }

    /// Positions of the leaf columns at and below a path that begins with a column of a row.
    pub fn leaves(&self, schema: &SchemaDescriptor, path: &[String]) -> Vec<usize> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let level = self.levels.iter().position(|level| level == first);
        if level.is_none() && first != TRACE {
            return Vec::new();
        }
        let prefix = level.map_or(&[][..], |level| &self.prefixes[level]);
        // The list of the next level is not part of this one.
        let next = match level {
            None => self.levels.first(),
            Some(level) => self.levels.get(level + 1),
        };
        let is_below = |leaf: usize| {
            let path = schema.column(leaf).path().clone();
            let Some(below) = path.parts().strip_prefix(prefix) else { return false };
            below.starts_with(rest) && below.first() != next
        };
        (0..schema.num_columns()).filter(|&leaf| is_below(leaf)).collect()
    }

    /// Leaf columns of spans from which spans can be counted, those of single values first.
    pub fn countable(&self, schema: &SchemaDescriptor) -> Vec<usize> {
        let prefix = &self.prefixes[2];
        let below = |leaf: usize| schema.column(leaf).path().parts().len().saturating_sub(prefix.len());
        let mut leaves: Vec<usize> = (0..schema.num_columns())
            .filter(|&leaf| schema.column(leaf).path().parts().starts_with(prefix))
            .collect();
        leaves.sort_by_key(|&leaf| (below(leaf), schema.column(leaf).physical_type() as u8));
        leaves
    }
}

/// The first of some names that is a list of structs, with the fields of the structs.
fn list_of_structs(fields: &Fields, names: &[&str]) -> Option<(String, Fields)> {
    names.iter().find_map(|name| {
        let field = fields.iter().find(|field| field.name() == name)?;
        match field.data_type() {
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::ListView(item)
            | DataType::LargeListView(item) => match item.data_type() {
                DataType::Struct(fields) => Some((field.name().clone(), fields.clone())),
                _ => None,
            },
            _ => None,
        }
    })
}

/// The group below a list that has a certain field, with the path to it. Writers name the groups between
/// differently.
fn element<'a>(above: &'a Type, list: &str, field: &str) -> Option<(&'a Type, Vec<String>)> {
    let named = |node: &'a Type, name: &str| {
        let fields = if node.is_group() { node.get_fields() } else { &[] };
        fields.iter().find(|field| field.name() == name)
    };
    let mut node: &Type = named(above, list)?;
    let mut path = vec![list.to_owned()];
    loop {
        if named(node, field).is_some() {
            return Some((node, path));
        }
        match if node.is_group() { node.get_fields() } else { &[] } {
            [only] => {
                path.push(only.name().to_owned());
                node = only;
            }
            _ => return None,
        }
    }
}
