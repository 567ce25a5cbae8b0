//! Amazon Bedrock's model invocation log.
//!
//! Names: the user guide of Amazon Bedrock, and Panther's `AWS.BedrockModelInvocation`; Glue and
//! Athena write them in lower case. The caller is `identity.arn`, of
//! which an assumed role's last part is a name that the caller chose. `accountId` owns the log and is the same in all
//! of its rows, so it is no organisation of a caller.

use super::definition::{Preset, is, messages};
use crate::snapshot::Column;

/// Bedrock's names.
pub static PRESET: Preset = Preset {
    name: "bedrock",
    title: "Amazon Bedrock invocation log",
    columns: &[
        is(Column::Ts, &["timestamp"]),
        is(Column::AccountId, &["identity.arn", "accountId"]),
        is(Column::RequestId, &["requestId"]),
        is(Column::Model, &["modelId"]),
        messages(Column::PromptText, &["input.inputBodyJson"]),
        messages(Column::ResponseText, &["output.outputBodyJson"]),
        is(Column::InputTokens, &["input.inputTokenCount", "output.outputBodyJson.usage.inputTokens"]),
        is(Column::OutputTokens, &["output.outputTokenCount", "output.outputBodyJson.usage.outputTokens"]),
        is(Column::LatencyMs, &["output.outputBodyJson.metrics.latencyMs"]),
        is(Column::StopReason, &["output.outputBodyJson.stopReason", "output.outputBodyJson.stop_reason"]),
        is(Column::ConversationId, &["requestMetadata.sessionId"]),
    ],
    by_callers: &["identity.arn"],
    ..Preset::EMPTY
};
