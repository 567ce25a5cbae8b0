//! Kong's audit log of its AI plugins.
//!
//! Names: Kong's reference of AI audit logs. Times are milliseconds since 1970; the caller is the
//! consumer, where authentication is on.

use super::definition::{Preset, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// Kong's names.
pub static PRESET: Preset = Preset {
    name: "kong",
    title: "Kong AI audit log",
    columns: &[
        in_unit(Column::Ts, &["started_at"], Unit::Ms),
        is(
            Column::AccountId,
            &[
                "consumer.username",
                "consumer.id",
                "authenticated_entity.id",
                "request.headers.authorization",
                "client_ip",
            ],
        ),
        is(Column::RequestId, &["request.id"]),
        is(Column::ApiKeyId, &["authenticated_entity.id"]),
        is(Column::Ip, &["client_ip"]),
        is(Column::UserAgent, &["request.headers.user-agent"]),
        is(Column::Model, &["ai.proxy.meta.request_model", "ai.proxy.meta.response_model"]),
        messages(Column::PromptText, &["ai.proxy.payload.request"]),
        messages(Column::ResponseText, &["ai.proxy.payload.response"]),
        is(Column::InputTokens, &["ai.proxy.usage.prompt_tokens"]),
        is(Column::OutputTokens, &["ai.proxy.usage.completion_tokens"]),
        is(Column::LatencyMs, &["ai.proxy.meta.llm_latency", "latencies.request"]),
    ],
    ..Preset::EMPTY
};
