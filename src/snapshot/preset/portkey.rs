//! Portkey's log export.
//!
//! Names: the documentation of its log export. Callers stand in the metadata that the deployer
//! sends (`_user`).

use super::definition::{Preset, is, messages};
use crate::snapshot::Column;

/// Portkey's names.
pub static PRESET: Preset = Preset {
    name: "portkey",
    title: "Portkey log export",
    columns: &[
        is(Column::Ts, &["created_at"]),
        is(
            Column::AccountId,
            &[
                "metadata._user",
                "metadata.user_id",
                "metadata.user",
                "metadata.uid",
                "metadata.account_id",
                "metadata.account",
                "metadata.customer_id",
                "metadata.customer",
                "metadata.tenant_id",
                "metadata.client_id",
                "api_key_id",
                "virtual_key",
            ],
        ),
        is(Column::EndUserId, &["request.body.user"]),
        is(Column::ApiKeyId, &["api_key_id", "virtual_key"]),
        is(Column::RequestId, &["id", "trace_id"]),
        is(Column::Model, &["ai_model"]),
        messages(Column::PromptText, &["request.body", "request"]),
        messages(Column::ResponseText, &["response.body", "response"]),
        is(Column::InputTokens, &["req_units"]),
        is(Column::OutputTokens, &["res_units"]),
        is(Column::LatencyMs, &["response_time"]),
        is(Column::IsStream, &["stream_mode", "request.body.stream"]),
        is(Column::StopReason, &["response.body.choices[0].finish_reason"]),
    ],
    by_callers: &["metadata"],
    hint: "Portkey names the caller in metadata._user, which this service does not send: map metadata.NAME",
    ..Preset::EMPTY
};
