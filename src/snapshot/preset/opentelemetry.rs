//! Spans after OpenTelemetry's semantic conventions for generative AI, each span a row.
//!
//! Attributes stand at the top under their own dotted names, or in a struct, as collectors write
//! them. Names: opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans (and, where two are given,
//! the one before v1.37); `client.address`, `user_agent.original`, `enduser.id`, `user.id`,
//! `session.id`, `tls.client.ja3` and `geo.country.iso_code` from its general registry. The span's
//! own fields are called as OTLP (`start_time_unix_nano`, `span_id`) or the collector's ClickHouse
//! exporter (`Timestamp`, `Duration`, `SpanId`) have them.

use super::{Column, Preset, Unit, in_unit, is};

/// OpenTelemetry's names.
pub static PRESET: Preset = Preset {
    name: "opentelemetry",
    title: "OpenTelemetry GenAI spans",
    structs: &["attributes", "span_attributes", "SpanAttributes"],
    columns: &[
        in_unit(
            Column::Ts,
            &["start_time_unix_nano", "startTimeUnixNano", "start_time", "Timestamp"],
            Unit::Ns,
        ),
        is(Column::AccountId, &["enduser.id", "user.id"]),
        is(Column::RequestId, &["gen_ai.response.id", "span_id", "SpanId"]),
        is(Column::Ip, &["client.address"]),
        is(Column::Country, &["geo.country.iso_code"]),
        is(Column::UserAgent, &["user_agent.original"]),
        is(Column::TlsFingerprint, &["tls.client.ja3"]),
        is(Column::Model, &["gen_ai.request.model", "gen_ai.response.model"]),
        is(Column::PromptText, &["gen_ai.input.messages", "gen_ai.prompt"]),
        is(Column::ResponseText, &["gen_ai.output.messages", "gen_ai.completion"]),
        is(Column::InputTokens, &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]),
        is(Column::OutputTokens, &["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]),
        in_unit(Column::LatencyMs, &["Duration"], Unit::Ns),
        is(Column::StopReason, &["gen_ai.response.finish_reasons"]),
        is(Column::ConversationId, &["gen_ai.conversation.id", "session.id"]),
    ],
};
