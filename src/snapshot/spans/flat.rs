//! Spans of a batch of traces as rows.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StructArray, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{Field, Schema};

use super::layout::{SpanLayout, TRACE};
use crate::snapshot::extract::lists;

/// Spans of a batch of traces.
pub(super) struct Flat {
    resources: StructArray,
    scopes: StructArray,
    spans: StructArray,
    /// Trace, resource, scope and position of each span.
    places: Vec<[u64; 4]>,
}

impl Flat {
    /// Spans in the order of the batch. Null resources and scopes have none.
    ///
    /// # Errors
    /// The batch lacks a level; in words.
    pub fn of(batch: &RecordBatch, layout: &SpanLayout) -> Result<Self, String> {
        let [rs, ss, spans] = &layout.levels;
        let (resources, of_trace) = level(batch.column_by_name(rs), rs)?;
        let (scopes, of_resource) = level(resources.column_by_name(ss), ss)?;
        let (spans, of_scope) = level(scopes.column_by_name(spans), spans)?;
        let mut places = Vec::with_capacity(spans.len());
        for (trace, own) in of_trace.iter().enumerate() {
            for resource in own.clone().filter(|&at| resources.is_valid(at)) {
                for scope in of_resource[resource].clone().filter(|&at| scopes.is_valid(at)) {
                    let own = of_scope[scope].clone();
                    places.extend(own.map(|span| [trace, resource, scope, span].map(|at| at as u64)));
                }
            }
        }
        Ok(Self { resources, scopes, spans, places })
    }

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Trace of each span, as its position in the batch.
    pub fn traces(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|place| place[0] as usize)
    }

    /// Rows of some of the spans. `batch` is the one that it was made of.
    ///
    /// # Errors
    /// Arrow cannot put the rows together; in words.
    pub fn rows(
        &self,
        batch: &RecordBatch,
        layout: &SpanLayout,
        wanted: &[usize],
    ) -> Result<RecordBatch, String> {
        let places = |level: usize| -> UInt64Array {
            wanted.iter().map(|&at| self.places[at][level]).collect::<Vec<u64>>().into()
        };
        let [rs, ss, spans] = &layout.levels;
        let of_trace: Vec<(Arc<Field>, ArrayRef)> = fields_of(batch.schema().fields(), batch.columns(), rs);
        let levels = [
            (TRACE, of_trace),
            (rs.as_str(), fields_of(self.resources.fields(), self.resources.columns(), ss)),
            (ss.as_str(), fields_of(self.scopes.fields(), self.scopes.columns(), spans)),
            (spans.as_str(), fields_of(self.spans.fields(), self.spans.columns(), "")),
        ];
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (level, (name, parts)) in
            levels.into_iter().enumerate().filter(|(_, (_, parts))| !parts.is_empty())
        {
            let at = places(level);
            let mut columns = Vec::with_capacity(parts.len());
            for (field, array) in parts {
                columns.push((field, take(&array, &at, None).map_err(|e| e.to_string())?));
            }
            let (own, columns): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
            // The values of a span that is null are null.
            let nulls = if level == 3 { take_nulls(&self.spans, &at)? } else { None };
            let array = StructArray::try_new(own.into(), columns, nulls).map_err(|e| e.to_string())?;
            fields.push(Field::new(name, array.data_type().clone(), level == 3));
            arrays.push(Arc::new(array) as ArrayRef);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(wanted.len()));
        let schema = Arc::new(Schema::new(fields));
        RecordBatch::try_new_with_options(schema, arrays, &options).map_err(|e| e.to_string())
    }
}

fn take_nulls(spans: &StructArray, at: &UInt64Array) -> Result<Option<arrow::buffer::NullBuffer>, String> {
    let Some(nulls) = spans.nulls() else { return Ok(None) };
    Ok(Some(at.values().iter().map(|&at| nulls.is_valid(at as usize)).collect::<Vec<bool>>().into()))
}

/// Structs of a list column, and the range of each list among them.
fn level(column: Option<&ArrayRef>, name: &str) -> Result<(StructArray, Vec<Range<usize>>), String> {
    let lists = column.and_then(lists).ok_or_else(|| format!("there is no list {name}"))?;
    let items = lists.0.as_struct_opt().ok_or_else(|| format!("{name} is no list of structs"))?.clone();
    Ok((items, lists.1.into_iter().map(|(start, end)| start..end).collect()))
}

/// Fields with their arrays, without the list of the next level.
fn fields_of(
    fields: &arrow::datatypes::Fields,
    arrays: &[ArrayRef],
    next: &str,
) -> Vec<(Arc<Field>, ArrayRef)> {
    let own = fields.iter().zip(arrays).filter(|(field, _)| field.name() != next);
    own.map(|(field, array)| (Arc::clone(field), Arc::clone(array))).collect()
}
