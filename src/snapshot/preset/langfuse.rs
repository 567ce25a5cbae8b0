//! Langfuse's export to blob storage, enriched observations (`observations_v2/`).
//!
//! Names: langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields. `latency`
//! is in seconds there; an integration made before 1 April 2026 writes milliseconds, so that the
//! end minus the start is taken instead. Of the observations only generations call a model; traces
//! and scores stand in folders of their own. A trace has one user, which some of its observations may
//! lack. A session is not a caller: it would divide one user into many accounts.

use super::definition::{Preset, from_start_to_end, in_unit, is, messages, shared};
use crate::snapshot::{Column, Unit};

/// Langfuse's names.
pub static PRESET: Preset = Preset {
    name: "langfuse",
    title: "Langfuse export",
    columns: &[
        is(Column::Ts, &["start_time"]),
        shared(Column::AccountId, &["user_id"], "trace_id"),
        is(Column::RequestId, &["id"]),
        is(Column::Model, &["provided_model_name", "model"]),
        messages(Column::PromptText, &["input"]),
        messages(Column::ResponseText, &["output"]),
        is(Column::InputTokens, &["usage_details.input", "usage.input", "prompt_tokens"]),
        is(Column::OutputTokens, &["usage_details.output", "usage.output", "completion_tokens"]),
        from_start_to_end(&["start_time"], &["end_time"], Unit::S),
        in_unit(Column::LatencyMs, &["latency"], Unit::S),
        is(Column::ConversationId, &["session_id"]),
    ],
    rows: &[(&["type"], &["GENERATION"])],
    folder: Some("observations_v2"),
    latest: Some("updated_at"),
    hint: "Langfuse has the caller in user_id only where the service sets it: else map metadata.NAME, or session_id",
    ..Preset::EMPTY
};
