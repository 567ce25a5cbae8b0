//! LangSmith's bulk export of runs.
//!
//! Names: its documentation of bulk exports. Runs of chains and tools hold runs of models, so only
//! these count. No column names the caller; usual keys of the metadata are used.

use super::definition::{Preset, from_start_to_end, is, messages};
use crate::snapshot::{Column, Unit};

/// LangSmith's names.
pub static PRESET: Preset = Preset {
    name: "langsmith",
    title: "LangSmith bulk export",
    columns: &[
        is(Column::Ts, &["start_time"]),
        is(
            Column::AccountId,
            &[
                "extra.metadata.user_id",
                "extra.metadata.user",
                "extra.metadata.userId",
                "extra.metadata.account_id",
            ],
        ),
        is(Column::RequestId, &["id"]),
        is(Column::Model, &["extra.metadata.ls_model_name", "extra.invocation_params.model"]),
        messages(Column::PromptText, &["inputs"]),
        messages(Column::ResponseText, &["outputs"]),
        is(Column::InputTokens, &["prompt_tokens"]),
        is(Column::OutputTokens, &["completion_tokens"]),
        from_start_to_end(&["start_time"], &["end_time"], Unit::S),
        is(Column::ConversationId, &["extra.metadata.session_id", "trace_id"]),
    ],
    rows: &[(&["run_type"], &["llm"])],
    hint: "LangSmith has no column of the caller: map what your service puts into extra.metadata",
    ..Preset::EMPTY
};
