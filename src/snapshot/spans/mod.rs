//! Parquet files of nested traces: a row a trace, with lists of resources, of scopes and of spans, as
//! Grafana Tempo writes its blocks (`rs`, `ss`, `Spans`) and as OTLP nests them.
//!
//! Spans are the rows of such a file, numbered in the order of the file. The schema of the file alone
//! decides that, so a row has the same number under every mapping. A row has four columns: `trace`, and the
//! levels under the names that their lists have in the file.

mod bound;
mod dedicated;
mod flat;
mod index;
mod layout;
mod read;
mod record;

pub(super) use dedicated::dedicated;
pub(super) use index::SpanIndex;
pub(super) use layout::{LEVELS, SpanLayout};
pub(super) use read::batches;
pub(super) use record::span_records;

#[cfg(test)]
mod tests;
