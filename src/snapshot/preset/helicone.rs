//! Helicone's request log, as written by its export tool and request API, or as its ClickHouse table
//! `request_response_rmt`.
//!
//! Names: `HeliconeRequest` and `clickhouse/migrations` of Helicone/helicone. Both latencies are
//! in milliseconds. The table replaces rows by `updated_at`. Without a user,
//! the caller is the only user of the key, else the key.

use super::definition::{Preset, is, messages, shared};
use crate::snapshot::Column;

/// Helicone's names.
pub static PRESET: Preset = Preset {
    name: "helicone",
    title: "Helicone export",
    columns: &[
        is(Column::Ts, &["request_created_at"]),
        shared(Column::AccountId, &["request_user_id", "user_id", "proxy_key_id"], "proxy_key_id"),
        is(Column::RequestId, &["request_id"]),
        is(Column::ApiKeyId, &["proxy_key_id"]),
        is(Column::OrgId, &["organization_id"]),
        is(Column::Country, &["country_code"]),
        is(Column::Model, &["request_model", "model", "response_model"]),
        messages(Column::PromptText, &["request_body"]),
        messages(Column::ResponseText, &["response_body"]),
        is(Column::InputTokens, &["prompt_tokens"]),
        is(Column::OutputTokens, &["completion_tokens"]),
        is(Column::LatencyMs, &["delay_ms", "latency"]),
        is(Column::ConversationId, &["properties.Helicone-Session-Id"]),
        is(Column::IsStream, &["request_body.stream"]),
    ],
    by_callers: &["request_user_id", "user_id"],
    latest: Some("updated_at"),
    ..Preset::EMPTY
};
