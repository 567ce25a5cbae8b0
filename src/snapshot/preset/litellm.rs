//! LiteLLM's spend log, the table `LiteLLM_SpendLogs` of its proxy.
//!
//! Names: `schema.prisma` of BerriAI/litellm. `api_key` is a hash of the key. `user` is the
//! internal user who owns the key and is billed. If a route leaves it empty, the metadata may have it;
//! if a proxy has no internal users, the key is the account.

use super::definition::{Preset, from_start_to_end, is, messages};
use crate::snapshot::{Column, Unit};

/// LiteLLM's names.
pub static PRESET: Preset = Preset {
    name: "litellm",
    title: "LiteLLM spend log",
    columns: &[
        is(Column::Ts, &["startTime"]),
        is(Column::AccountId, &["user", "metadata.user_api_key_user_id", "api_key"]),
        is(Column::RequestId, &["request_id"]),
        is(Column::ApiKeyId, &["api_key"]),
        is(Column::OrgId, &["organization_id", "team_id"]),
        is(Column::EndUserId, &["end_user"]),
        is(Column::Ip, &["requester_ip_address"]),
        is(Column::UserAgent, &["metadata.user_agent"]),
        is(Column::Model, &["model"]),
        // With `store_prompts_in_spend_logs` newer proxies leave `messages` empty.
        messages(
            Column::PromptText,
            &[
                "messages",
                "proxy_server_request.messages",
                "proxy_server_request.input",
                "proxy_server_request.prompt",
                "proxy_server_request.body.messages",
                "proxy_server_request.body.input",
                "proxy_server_request.body.prompt",
            ],
        ),
        messages(Column::ResponseText, &["response"]),
        is(Column::InputTokens, &["prompt_tokens"]),
        is(Column::OutputTokens, &["completion_tokens"]),
        is(Column::LatencyMs, &["request_duration_ms"]),
        from_start_to_end(&["startTime"], &["endTime"], Unit::S),
        is(Column::StopReason, &["response.choices[0].finish_reason"]),
        is(Column::ConversationId, &["session_id"]),
    ],
    ..Preset::EMPTY
};
