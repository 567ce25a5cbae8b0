//! Cloudflare AI Gateway's log.
//!
//! Names: the API's list of logs. The caller stands in `metadata`, under a name that each deployer
//! chooses; the usual ones are looked for.

use super::definition::{Preset, is, messages};
use crate::snapshot::Column;

/// Cloudflare's names.
pub static PRESET: Preset = Preset {
    name: "cloudflare",
    title: "Cloudflare AI Gateway",
    columns: &[
        is(Column::Ts, &["created_at"]),
        is(
            Column::AccountId,
            &[
                "metadata.user_id",
                "metadata.user",
                "metadata.uid",
                "metadata.account_id",
                "metadata.account",
                "metadata.customer_id",
                "metadata.customer",
                "metadata.tenant_id",
                "metadata.client_id",
            ],
        ),
        is(Column::RequestId, &["id"]),
        is(Column::OrgId, &["metadata.team", "metadata.organization"]),
        is(Column::Model, &["model"]),
        messages(Column::PromptText, &["request", "request_body", "request_head"]),
        messages(Column::ResponseText, &["response", "response_body", "response_head"]),
        is(Column::InputTokens, &["tokens_in"]),
        is(Column::OutputTokens, &["tokens_out"]),
        is(Column::LatencyMs, &["duration"]),
    ],
    by_callers: &["metadata"],
    hint: "Cloudflare has the caller only in metadata: map metadata.NAME under the name that your service sends",
    ..Preset::EMPTY
};
