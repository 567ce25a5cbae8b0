//! Spans after OpenInference, as Arize Phoenix exports them.
//!
//! Names: `spec/semantic_conventions.md` of Arize-ai/openinference; data frames of Phoenix have
//! `attributes.` before each and counts as doubles.

use super::definition::{Preset, from_start_to_end, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// OpenInference's names.
pub static PRESET: Preset = Preset {
    name: "openinference",
    family: "opentelemetry",
    title: "OpenInference spans (Arize Phoenix)",
    inside: &["attributes", "SpanAttributes", "span_attributes", "Spans.Attrs", "spans.attributes"],
    columns: &[
        in_unit(
            Column::Ts,
            &["start_time", "start_time_unix_nano", "Spans.StartTimeUnixNano", "Timestamp"],
            Unit::Ns,
        ),
        is(Column::AccountId, &["user.id"]),
        is(Column::RequestId, &["context.span_id", "span_id", "SpanId"]),
        is(Column::Model, &["llm.model_name"]),
        messages(Column::PromptText, &["llm.input_messages", "input.value"]),
        messages(Column::ResponseText, &["llm.output_messages", "output.value"]),
        is(Column::InputTokens, &["llm.token_count.prompt"]),
        is(Column::OutputTokens, &["llm.token_count.completion"]),
        in_unit(Column::LatencyMs, &["Duration", "Spans.DurationNano"], Unit::Ns),
        from_start_to_end(
            &["start_time", "start_time_unix_nano", "spans.startTimeUnixNano"],
            &["end_time", "end_time_unix_nano", "spans.endTimeUnixNano"],
            Unit::Ns,
        ),
        is(Column::ConversationId, &["session.id"]),
    ],
    rows: &[(&["openinference.span.kind", "span_kind"], &["LLM"])],
    hint: "spans carry the caller in user.id, which this service does not set",
    ..Preset::EMPTY
};
