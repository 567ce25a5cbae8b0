//! Spans after OpenTelemetry's semantic conventions for generative AI, each span a row.
//!
//! Attributes stand at the top under their own dotted names, in a struct, in a map (the collector's
//! ClickHouse exporter), in JSON text (otlp2parquet), or in lists of key and value inside nested traces
//! (blocks of Grafana Tempo, `tempodb/encoding/vparquet4/schema.go`). Names: `model/gen-ai/registry.yaml` of
//! open-telemetry/semantic-conventions-genai and, where two are given, those before v1.37;
//! `client.address`, `user_agent.original`, `enduser.id`, `user.id`, `session.id`, `tls.client.ja3`
//! and `geo.country.iso_code` from the general registry. The span's own fields are called as OTLP
//! (`start_time_unix_nano`, `span_id`) or the ClickHouse exporter (`Timestamp`, `Duration`,
//! `SpanId`) have them. Spans of agents and tools repeat what their chats have, so only chats count.

use super::definition::{Preset, from_start_to_end, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// OpenTelemetry's names.
pub static PRESET: Preset = Preset {
    name: "opentelemetry",
    title: "OpenTelemetry GenAI spans",
    inside: &[
        "attributes",
        "span_attributes",
        "SpanAttributes",
        "Spans.Attrs",
        "spans.attributes",
        "rs.Resource.Attrs",
        "resourceSpans.resource.attributes",
    ],
    columns: &[
        in_unit(
            Column::Ts,
            &[
                "start_time_unix_nano",
                "startTimeUnixNano",
                "start_time",
                "Spans.StartTimeUnixNano",
                "Timestamp",
                "timestamp",
                "@timestamp",
            ],
            Unit::Ns,
        ),
        is(Column::AccountId, &["enduser.id", "user.id", "enduser.pseudo.id", "user.hash"]),
        is(Column::RequestId, &["gen_ai.response.id", "span_id", "SpanId"]),
        is(Column::Ip, &["client.address", "net.peer.ip", "net.sock.peer.addr"]),
        is(Column::Country, &["geo.country.iso_code"]),
        is(Column::UserAgent, &["user_agent.original", "http.user_agent"]),
        is(Column::TlsFingerprint, &["tls.client.ja3"]),
        is(Column::Model, &["gen_ai.request.model", "gen_ai.response.model"]),
        messages(Column::PromptText, &["gen_ai.input.messages", "gen_ai.prompt"]),
        messages(Column::ResponseText, &["gen_ai.output.messages", "gen_ai.completion"]),
        is(Column::InputTokens, &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]),
        is(Column::OutputTokens, &["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]),
        in_unit(
            Column::LatencyMs,
            &["Duration", "duration_nano", "duration_ns", "Spans.DurationNano"],
            Unit::Ns,
        ),
        from_start_to_end(
            &["start_time_unix_nano", "startTimeUnixNano", "start_time", "spans.startTimeUnixNano"],
            &["end_time_unix_nano", "endTimeUnixNano", "end_time", "spans.endTimeUnixNano"],
            Unit::Ns,
        ),
        is(Column::StopReason, &["gen_ai.response.finish_reasons"]),
        is(Column::IsStream, &["gen_ai.request.stream", "gen_ai.request.is_stream"]),
        is(Column::ConversationId, &["gen_ai.conversation.id", "session.id"]),
    ],
    rows: &[(&["gen_ai.operation.name"], &["chat", "text_completion", "generate_content"])],
    hint: "spans carry the caller in enduser.id or user.id, which this service does not set",
    ..Preset::EMPTY
};
