//! Names that logs of no known system often have, as far as they mean one thing.
//!
//! The account is none of them unless it is called so: which column is the account is the investigator's choice.

use super::definition::{Preset, from_start_to_end, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// Name of the preset for logs that no other preset knows.
pub const USUAL: &str = "usual";

/// Usual names.
pub static PRESET: Preset = Preset {
    name: USUAL,
    title: "Usual names",
    columns: &[
        in_unit(
            Column::Ts,
            &[
                "ts",
                "timestamp",
                "@timestamp",
                "time",
                "datetime",
                "event_time",
                "created_at",
                "created",
                "start_time",
                "started_at",
            ],
            Unit::Ns,
        ),
        is(Column::AccountId, &["account_id", "account"]),
        is(Column::RequestId, &["request_id", "x_request_id"]),
        is(Column::ApiKeyId, &["api_key_id", "api_key", "api_key_hash"]),
        is(Column::OrgId, &["org_id", "organization_id", "organisation_id"]),
        is(Column::EndUserId, &["end_user_id", "end_user"]),
        is(
            Column::Ip,
            &["ip", "ip_address", "client_ip", "remote_addr", "remote_ip", "source_ip", "x_forwarded_for"],
        ),
        is(Column::Country, &["country", "country_code"]),
        is(Column::Asn, &["asn"]),
        is(Column::UserAgent, &["user_agent", "http_user_agent"]),
        is(Column::TlsFingerprint, &["tls_fingerprint", "ja4", "ja3", "ja3_hash"]),
        is(Column::Model, &["model", "model_name", "model_id"]),
        messages(Column::PromptText, &["prompt_text", "prompt", "messages", "user_prompt", "question"]),
        messages(
            Column::ResponseText,
            &["response_text", "response", "completion", "answer", "generated_text"],
        ),
        is(
            Column::InputTokens,
            &[
                "input_tokens",
                "prompt_tokens",
                "tokens_in",
                "input_token_count",
                "usage.prompt_tokens",
                "usage.input_tokens",
            ],
        ),
        is(
            Column::OutputTokens,
            &[
                "output_tokens",
                "completion_tokens",
                "tokens_out",
                "output_token_count",
                "usage.completion_tokens",
                "usage.output_tokens",
            ],
        ),
        is(
            Column::LatencyMs,
            &[
                "latency_ms",
                "duration_ms",
                "response_time_ms",
                "elapsed_ms",
                "latency",
                "duration",
                "response_time",
            ],
        ),
        from_start_to_end(
            &["start_time", "started_at", "started"],
            &["end_time", "ended_at", "ended", "finished_at"],
            Unit::Ns,
        ),
        is(Column::StopReason, &["stop_reason", "finish_reason"]),
        is(Column::IsStream, &["is_stream", "streaming"]),
        is(Column::ConversationId, &["conversation_id", "session_id", "thread_id", "chat_id"]),
    ],
    ..Preset::EMPTY
};
