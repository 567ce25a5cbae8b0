//! Spans after OpenTelemetry's semantic conventions for generative AI, each span a row.
//!
//! Attributes stand at the top under their own dotted names, in a struct, in a map (the collector's
//! ClickHouse exporter), in JSON text (otlp2parquet), or in lists of key and value inside nested traces
//! (blocks of Grafana Tempo, `tempodb/encoding/vparquet4/schema.go`). Names: `model/gen-ai/registry.yaml` of
//! open-telemetry/semantic-conventions-genai and, where two are given, those before v1.37;
//! `client.address`, `user_agent.original`, `enduser.id`, `user.id`, `session.id`, `tls.client.ja3`
//! and `geo.country.iso_code` from the general registry. The span's own fields are called as OTLP
//! (`start_time_unix_nano`, `span_id`) or the ClickHouse exporter (`Timestamp`, `Duration`,
//! `SpanId`) have them. Spans of agents and tools repeat what their chats have, so only chats count; spans from before
//! operations had names are chats if they say so, or if they name a model. OpenLLMetry
//! (`gen_ai.prompt.0.content`, `traceloop.association.properties`) and the AI SDK (`ai.prompt.messages`) have
//! names of their own; Application Insights keeps attributes in `customDimensions`, SigNoz in a map for each type,
//! Snowflake's event tables in `RECORD_ATTRIBUTES`; other columns with `gen_ai.` keys are found by these.

use super::definition::{Preset, from_start_to_end, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// Name of the preset.
pub const OPENTELEMETRY: &str = "opentelemetry";

/// OpenTelemetry's names.
pub static PRESET: Preset = Preset {
    name: OPENTELEMETRY,
    title: "OpenTelemetry GenAI spans",
    inside: &[
        "attributes",
        "span_attributes",
        "SpanAttributes",
        "customDimensions",
        "custom_dimensions",
        "Properties",
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
                "START_TIMESTAMP",
                "Spans.StartTimeUnixNano",
                "Timestamp",
                "timestamp",
                "@timestamp",
            ],
            Unit::Ns,
        ),
        is(
            Column::AccountId,
            &[
                "enduser.id",
                "user.id",
                "enduser.pseudo.id",
                "user.hash",
                "traceloop.association.properties.user_id",
                "ai.telemetry.metadata.userId",
                "langfuse.user.id",
                "gen_ai.request.user",
                "llm.user",
            ],
        ),
        is(Column::RequestId, &["gen_ai.response.id", "span_id", "SpanId"]),
        is(Column::Ip, &["client.address", "client.ip", "source.ip", "net.peer.ip", "net.sock.peer.addr"]),
        is(Column::Country, &["geo.country.iso_code"]),
        is(Column::UserAgent, &["user_agent.original", "http.user_agent"]),
        is(Column::TlsFingerprint, &["tls.client.ja3"]),
        is(
            Column::Model,
            &["gen_ai.request.model", "gen_ai.response.model", "llm.request.model", "ai.model.id"],
        ),
        messages(
            Column::PromptText,
            &["gen_ai.input.messages", "gen_ai.prompt", "ai.prompt.messages", "ai.prompt", "llm.prompts"],
        ),
        messages(
            Column::ResponseText,
            &["gen_ai.output.messages", "gen_ai.completion", "ai.response.text", "llm.completions"],
        ),
        is(
            Column::InputTokens,
            &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"],
        ),
        is(
            Column::OutputTokens,
            &["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"],
        ),
        in_unit(
            Column::LatencyMs,
            &["Duration", "duration_nano", "duration_ns", "Spans.DurationNano", "event.duration"],
            Unit::Ns,
        ),
        in_unit(Column::LatencyMs, &["duration_ms"], Unit::Ms),
        from_start_to_end(
            &[
                "start_time_unix_nano",
                "startTimeUnixNano",
                "start_time",
                "spans.startTimeUnixNano",
                "START_TIMESTAMP",
            ],
            &["end_time_unix_nano", "endTimeUnixNano", "end_time", "spans.endTimeUnixNano", "TIMESTAMP"],
            Unit::Ns,
        ),
        is(Column::StopReason, &["gen_ai.response.finish_reasons", "ai.response.finishReason"]),
        is(Column::IsStream, &["gen_ai.request.stream", "gen_ai.request.is_stream"]),
        is(
            Column::ConversationId,
            &[
                "gen_ai.conversation.id",
                "session.id",
                "traceloop.association.properties.session_id",
                "ai.telemetry.metadata.sessionId",
            ],
        ),
    ],
    rows: &[(&["gen_ai.operation.name"], &["chat", "text_completion", "generate_content"])],
    otherwise: &[
        (&["llm.request.type"], &["chat", "completion"]),
        // The instrumentation writes it; the name of a model is what the caller asked for.
        (&["gen_ai.provider.name", "gen_ai.system"], &[]),
        (&["gen_ai.request.model", "llm.request.model"], &[]),
    ],
    by_callers: &["gen_ai.request.user", "llm.user", "traceloop.association.properties.user_id"],
    hint: "spans carry the caller in enduser.id or user.id, which this service does not set",
    ..Preset::EMPTY
};
