//! LiteLLM's spend log, the table `LiteLLM_SpendLogs` of its proxy.
//!
//! Names: `schema.prisma` of BerriAI/litellm. `api_key` is a hash of the key. `user` is the
//! internal user who owns the key, which is who pays; a proxy that does not use internal users
//! leaves it empty, and then `api_key` or `team_id` is the account, to be mapped by hand.

use super::{Column, Preset, is};

/// LiteLLM's names.
pub static PRESET: Preset = Preset {
    name: "litellm",
    title: "LiteLLM spend log",
    structs: &[],
    columns: &[
        is(Column::Ts, &["startTime"]),
        is(Column::AccountId, &["user", "api_key"]),
        is(Column::RequestId, &["request_id"]),
        is(Column::ApiKeyId, &["api_key"]),
        is(Column::OrgId, &["organization_id", "team_id"]),
        is(Column::EndUserId, &["end_user"]),
        is(Column::Ip, &["requester_ip_address"]),
        is(Column::Model, &["model"]),
        is(Column::PromptText, &["messages"]),
        is(Column::ResponseText, &["response"]),
        is(Column::InputTokens, &["prompt_tokens"]),
        is(Column::OutputTokens, &["completion_tokens"]),
        is(Column::LatencyMs, &["request_duration_ms"]),
        is(Column::ConversationId, &["session_id"]),
    ],
};
