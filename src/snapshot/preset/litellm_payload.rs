//! LiteLLM's `StandardLoggingPayload`, which its callbacks for object stores write.
//!
//! Names: `docs/proxy/logging_spec.md` of BerriAI/litellm. Times are seconds since 1970 with a
//! fraction.

use super::definition::{Preset, from_start_to_end, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// The payload's names.
pub static PRESET: Preset = Preset {
    name: "litellm",
    title: "LiteLLM logging payload",
    columns: &[
        in_unit(Column::Ts, &["startTime"], Unit::S),
        is(
            Column::AccountId,
            &["metadata.user_api_key_user_id", "metadata.user_api_key_alias", "metadata.user_api_key_hash"],
        ),
        is(Column::RequestId, &["id"]),
        is(Column::ApiKeyId, &["metadata.user_api_key_hash"]),
        is(Column::OrgId, &["metadata.user_api_key_org_id", "metadata.user_api_key_team_id"]),
        is(Column::EndUserId, &["end_user"]),
        is(Column::Ip, &["requester_ip_address", "metadata.requester_ip_address"]),
        is(Column::Model, &["model"]),
        messages(Column::PromptText, &["messages"]),
        messages(Column::ResponseText, &["response"]),
        is(Column::InputTokens, &["prompt_tokens"]),
        is(Column::OutputTokens, &["completion_tokens"]),
        in_unit(Column::LatencyMs, &["response_time"], Unit::S),
        from_start_to_end(&["startTime"], &["endTime"], Unit::S),
        is(Column::StopReason, &["response.choices[0].finish_reason"]),
        is(Column::IsStream, &["stream", "model_parameters.stream"]),
        is(Column::ConversationId, &["trace_id"]),
    ],
    ..Preset::EMPTY
};
