//! Vertex AI's request-response log in BigQuery.
//!
//! Names: `x-pack/metricbeat/module/gcp/vertexai_logs/vertexai_logs.go` of elastic/beats. No
//! column names the caller; deployers put it into `labels.user` of the request.

use super::definition::{Preset, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// Vertex AI's names.
pub static PRESET: Preset = Preset {
    name: "vertex",
    title: "Vertex AI request-response log",
    columns: &[
        is(Column::Ts, &["logging_time"]),
        is(
            Column::AccountId,
            &[
                "full_request.labels.user_id",
                "full_request.labels.user",
                "full_request.labels.uid",
                "full_request.labels.account_id",
                "full_request.labels.account",
                "full_request.labels.customer_id",
                "full_request.labels.customer",
                "full_request.labels.tenant_id",
                "full_request.labels.client_id",
            ],
        ),
        is(Column::RequestId, &["request_id"]),
        is(Column::Model, &["model", "deployed_model_id"]),
        messages(Column::PromptText, &["full_request", "request_payload"]),
        messages(Column::ResponseText, &["response_payload", "full_response"]),
        is(Column::InputTokens, &["full_response.usageMetadata.promptTokenCount"]),
        is(Column::OutputTokens, &["full_response.usageMetadata.candidatesTokenCount"]),
        in_unit(Column::LatencyMs, &["metadata.request_latency"], Unit::S),
        is(Column::StopReason, &["full_response.candidates[0].finishReason"]),
    ],
    by_callers: &["full_request.labels"],
    hint: "Vertex AI logs no caller: map endpoint, or a label that your service sets (full_request.labels.NAME)",
    ..Preset::EMPTY
};
