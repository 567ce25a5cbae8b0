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
                "extra.metadata.uid",
                "extra.metadata.account_id",
                "extra.metadata.account",
                "extra.metadata.customer_id",
                "extra.metadata.customer",
                "extra.metadata.tenant_id",
                "extra.metadata.client_id",
            ],
        ),
        is(Column::RequestId, &["id"]),
        is(Column::Model, &["extra.metadata.ls_model_name", "extra.invocation_params.model"]),
        messages(Column::PromptText, &["inputs"]),
        messages(Column::ResponseText, &["outputs"]),
        is(
            Column::InputTokens,
            &[
                "prompt_tokens",
                "outputs.usage_metadata.input_tokens",
                "outputs.llm_output.token_usage.prompt_tokens",
            ],
        ),
        is(
            Column::OutputTokens,
            &[
                "completion_tokens",
                "outputs.usage_metadata.output_tokens",
                "outputs.llm_output.token_usage.completion_tokens",
            ],
        ),
        from_start_to_end(&["start_time"], &["end_time"], Unit::S),
        is(Column::ConversationId, &["extra.metadata.session_id", "trace_id"]),
    ],
    rows: &[(&["run_type"], &["llm"])],
    by_callers: &["extra.metadata"],
    hint: "LangSmith has no column of the caller: map what your service puts into extra.metadata",
    ..Preset::EMPTY
};
