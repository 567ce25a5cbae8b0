//! Langfuse's export to blob storage, enriched observations (`observations_v2/`).
//!
//! Names: langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields. `latency`
//! is in seconds there; an integration made before 1 April 2026 writes milliseconds, and then the
//! unit is to be changed by hand.

use super::{Column, Preset, Unit, in_unit, is};

/// Langfuse's names.
pub static PRESET: Preset = Preset {
    name: "langfuse",
    title: "Langfuse export",
    structs: &[],
    columns: &[
        is(Column::Ts, &["start_time"]),
        is(Column::AccountId, &["user_id"]),
        is(Column::RequestId, &["id"]),
        is(Column::Model, &["provided_model_name"]),
        is(Column::PromptText, &["input"]),
        is(Column::ResponseText, &["output"]),
        is(Column::InputTokens, &["usage_details.input"]),
        is(Column::OutputTokens, &["usage_details.output"]),
        in_unit(Column::LatencyMs, &["latency"], Unit::S),
        is(Column::ConversationId, &["session_id"]),
    ],
};
