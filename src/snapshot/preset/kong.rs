//! Kong's audit log of its AI plugins.
//!
//! Names: Kong's reference of AI audit logs. Times are milliseconds since 1970; the caller is the
//! consumer, where authentication is on. The plugin's name stands between `ai` and what it wrote: `proxy`,
//! and `ai-proxy` or `ai-proxy-advanced` in other versions. `request.headers.authorization` is always
//! redacted. Behind a load balancer `client_ip` is the balancer's, and `x-forwarded-for` has the caller's.

use super::definition::{Preset, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// Kong's names.
pub static PRESET: Preset = Preset {
    name: "kong",
    title: "Kong AI audit log",
    columns: &[
        in_unit(Column::Ts, &["started_at"], Unit::Ms),
        is(Column::AccountId, &["consumer.username", "consumer.id", "authenticated_entity.id", "client_ip"]),
        is(Column::RequestId, &["request.id"]),
        is(Column::ApiKeyId, &["authenticated_entity.id"]),
        is(Column::Ip, &["request.headers.x-forwarded-for", "client_ip"]),
        is(Column::UserAgent, &["request.headers.user-agent"]),
        is(
            Column::Model,
            &[
                "ai.proxy.meta.request_model",
                "ai.ai-proxy.meta.request_model",
                "ai.ai-proxy-advanced.meta.request_model",
                "ai.proxy.meta.response_model",
                "ai.ai-proxy.meta.response_model",
                "ai.ai-proxy-advanced.meta.response_model",
            ],
        ),
        messages(
            Column::PromptText,
            &[
                "ai.proxy.payload.request",
                "ai.ai-proxy.payload.request",
                "ai.ai-proxy-advanced.payload.request",
            ],
        ),
        messages(
            Column::ResponseText,
            &[
                "ai.proxy.payload.response",
                "ai.ai-proxy.payload.response",
                "ai.ai-proxy-advanced.payload.response",
            ],
        ),
        is(
            Column::InputTokens,
            &[
                "ai.proxy.usage.prompt_tokens",
                "ai.ai-proxy.usage.prompt_tokens",
                "ai.ai-proxy-advanced.usage.prompt_tokens",
            ],
        ),
        is(
            Column::OutputTokens,
            &[
                "ai.proxy.usage.completion_tokens",
                "ai.ai-proxy.usage.completion_tokens",
                "ai.ai-proxy-advanced.usage.completion_tokens",
            ],
        ),
        is(
            Column::LatencyMs,
            &[
                "ai.proxy.meta.llm_latency",
                "ai.ai-proxy.meta.llm_latency",
                "ai.ai-proxy-advanced.meta.llm_latency",
                "latencies.request",
            ],
        ),
    ],
    ..Preset::EMPTY
};
