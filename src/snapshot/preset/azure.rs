//! Azure API Management's log of language model calls, `ApiManagementGatewayLlmLog`.
//!
//! Names: the table's reference in Azure Monitor. Long messages span several rows, numbered
//! by `SequenceNumber`. The caller stands in `ApiManagementGatewayLogs` only, to be joined on
//! `CorrelationId`; columns of that join are taken where they are there.

use super::definition::{Preset, in_unit, is, messages};
use crate::snapshot::{Column, Unit};

/// Azure API Management's names.
pub static PRESET: Preset = Preset {
    name: "azure",
    title: "Azure API Management LLM log",
    columns: &[
        is(Column::Ts, &["TimeGenerated", "TimeGenerated [UTC]", "time"]),
        is(Column::AccountId, &["ApimSubscriptionId", "UserId", "CallerId"]),
        is(Column::RequestId, &["RequestId"]),
        is(Column::OrgId, &["ProductId"]),
        is(Column::Ip, &["CallerIpAddress"]),
        is(Column::Model, &["ModelName", "DeploymentName"]),
        messages(Column::PromptText, &["RequestMessages"]),
        messages(Column::ResponseText, &["ResponseMessages"]),
        is(Column::InputTokens, &["PromptTokens"]),
        is(Column::OutputTokens, &["CompletionTokens"]),
        in_unit(Column::LatencyMs, &["TotalTime"], Unit::Ms),
        is(Column::IsStream, &["IsStreamCompletion"]),
    ],
    join: Some(("CorrelationId", "SequenceNumber")),
    hint: "ApiManagementGatewayLlmLog names no caller: join ApiManagementGatewayLogs on CorrelationId and keep ApimSubscriptionId",
    ..Preset::EMPTY
};
