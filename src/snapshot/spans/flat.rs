//! Spans of a batch of traces as rows.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StructArray, UInt64Array};
use arrow_schema::{Field, Fields, Schema};
use arrow_select::take::take;

use super::bound::bytes_of;
use super::layout::{SpanLayout, TRACE};
use crate::snapshot::extract::lists;

/// Spans of a batch of traces.
pub(super) struct Flat {
    resources: StructArray,
    scopes: StructArray,
    spans: StructArray,
    /// Scopes with spans, in order.
    runs: Vec<Run>,
}

/// Spans of one scope.
struct Run {
    /// Trace, resource, scope and first span, as positions in their arrays.
    place: [u64; 4],
    /// Position of the first span among those of the batch.
    first: usize,
    spans: usize,
}

/// Lists of a batch, and the range of each list among their items.
struct Levels {
    resources: StructArray,
    scopes: StructArray,
    spans: StructArray,
    of_trace: Vec<Range<usize>>,
    of_resource: Vec<Range<usize>>,
    of_scope: Vec<Range<usize>>,
}

impl Levels {
    fn of(batch: &RecordBatch, layout: &SpanLayout) -> Result<Self, String> {
        let [rs, ss, spans] = &layout.levels;
        let (resources, of_trace) = level(batch.column_by_name(rs), rs)?;
        let (scopes, of_resource) = level(resources.column_by_name(ss), ss)?;
        let (spans, of_scope) = level(scopes.column_by_name(spans), spans)?;
        Ok(Self { resources, scopes, spans, of_trace, of_resource, of_scope })
    }

    /// Resource, scope and spans of each scope of a trace. Null resources and scopes have none.
    fn of_trace(&self, trace: usize) -> impl Iterator<Item = (usize, usize, Range<usize>)> {
        let resources = self.of_trace[trace].clone().filter(|&at| self.resources.is_valid(at));
        resources.flat_map(move |resource| {
            let scopes = self.of_resource[resource].clone().filter(|&at| self.scopes.is_valid(at));
            scopes.map(move |scope| (resource, scope, self.of_scope[scope].clone()))
        })
    }
}

/// Number of spans of each trace of a batch.
///
/// # Errors
/// The batch lacks a level; in words.
pub(super) fn spans_by_trace(batch: &RecordBatch, layout: &SpanLayout) -> Result<Vec<usize>, String> {
    let levels = Levels::of(batch, layout)?;
    let spans = |trace| levels.of_trace(trace).map(|(_, _, spans)| spans.len()).sum();
    Ok((0..levels.of_trace.len()).map(spans).collect())
}

impl Flat {
    /// Spans in the order of the batch. Null resources and scopes have none.
    ///
    /// # Errors
    /// The batch lacks a level; in words.
    pub fn of(batch: &RecordBatch, layout: &SpanLayout) -> Result<Self, String> {
        let levels = Levels::of(batch, layout)?;
        let (mut runs, mut first) = (Vec::new(), 0);
        for trace in 0..levels.of_trace.len() {
            for (resource, scope, spans) in levels.of_trace(trace).filter(|(_, _, spans)| !spans.is_empty()) {
                let place = [trace, resource, scope, spans.start].map(|at| at as u64);
                runs.push(Run { place, first, spans: spans.len() });
                first += spans.len();
            }
        }
        let Levels { resources, scopes, spans, .. } = levels;
        Ok(Self { resources, scopes, spans, runs })
    }

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.runs.last().map_or(0, |run| run.first + run.spans)
    }

    /// Trace of each span, as its position in the batch.
    pub fn traces(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().flat_map(|run| std::iter::repeat_n(run.place[0] as usize, run.spans))
    }

    /// Trace, resource, scope and position of a span.
    fn place(&self, at: usize) -> [u64; 4] {
        let run = self.runs.partition_point(|run| run.first <= at).checked_sub(1);
        run.and_then(|run| self.runs.get(run)).map_or([0; 4], |run| {
            let [trace, resource, scope, first] = run.place;
            [trace, resource, scope, first + (at - run.first) as u64]
        })
    }

    /// Bytes that a span takes as a row, with the values of its trace, resource and scope.
    pub fn bytes(&self, batch: &RecordBatch, layout: &SpanLayout, at: usize) -> usize {
        let [trace, resource, scope, span] = self.place(at).map(|at| at as usize);
        let [rs, ss, spans] = &layout.levels;
        let of = |arrays: &[ArrayRef], fields: &Fields, next: &str, at: usize| -> usize {
            let own = fields.iter().zip(arrays).filter(|(field, _)| field.name() != next);
            own.map(|(_, array)| bytes_of(array, at..at + 1)).sum()
        };
        of(batch.columns(), batch.schema().fields(), rs, trace)
            + of(self.resources.columns(), self.resources.fields(), ss, resource)
            + of(self.scopes.columns(), self.scopes.fields(), spans, scope)
            + of(self.spans.columns(), self.spans.fields(), "", span)
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
        let all: Vec<[u64; 4]> = wanted.iter().map(|&at| self.place(at)).collect();
        let places = |level: usize| -> UInt64Array {
            all.iter().map(|place| place[level]).collect::<Vec<u64>>().into()
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

fn take_nulls(spans: &StructArray, at: &UInt64Array) -> Result<Option<arrow_buffer::NullBuffer>, String> {
    let Some(nulls) = spans.nulls() else { return Ok(None) };
    Ok(Some(at.values().iter().map(|&at| nulls.is_valid(at as usize)).collect::<Vec<bool>>().into()))
}

/// Structs of a list column, and the range of each list among them.
fn level(column: Option<&ArrayRef>, name: &str) -> Result<(StructArray, Vec<Range<usize>>), String> {
    let lists = column.and_then(lists).ok_or_else(|| format!("there is no list {name}"))?;
    let items = lists.0.as_struct_opt().ok_or_else(|| format!("{name} is not a list of structs"))?.clone();
    Ok((items, lists.1.into_iter().map(|(start, end)| start..end).collect()))
}

/// Fields with their arrays, without the list of the next level.
fn fields_of(fields: &Fields, arrays: &[ArrayRef], next: &str) -> Vec<(Arc<Field>, ArrayRef)> {
    let own = fields.iter().zip(arrays).filter(|(field, _)| field.name() != next);
    own.map(|(field, array)| (Arc::clone(field), Arc::clone(array))).collect()
}
