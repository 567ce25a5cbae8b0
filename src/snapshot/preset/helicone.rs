//! Helicone's request log: what its export tool and request API write, or its ClickHouse table
//! `request_response_rmt`.
//!
//! Names: `HeliconeRequest` and `clickhouse/migrations` of Helicone/helicone. Both latencies are
//! in milliseconds.

use super::{Column, Preset, is};

/// Helicone's names.
pub static PRESET: Preset = Preset {
    name: "helicone",
    title: "Helicone export",
    structs: &[],
    columns: &[
        is(Column::Ts, &["request_created_at"]),
        is(Column::AccountId, &["request_user_id", "user_id"]),
        is(Column::RequestId, &["request_id"]),
        is(Column::ApiKeyId, &["proxy_key_id"]),
        is(Column::OrgId, &["organization_id"]),
        is(Column::Country, &["country_code"]),
        is(Column::Model, &["request_model", "model", "response_model"]),
        is(Column::PromptText, &["request_body"]),
        is(Column::ResponseText, &["response_body"]),
        is(Column::InputTokens, &["prompt_tokens"]),
        is(Column::OutputTokens, &["completion_tokens"]),
        is(Column::LatencyMs, &["delay_ms", "latency"]),
    ],
};
