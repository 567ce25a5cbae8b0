//! Logs that already use Stillhunt's own names.

use super::definition::{Preset, is};
use crate::snapshot::Column;

/// Name of the preset of Stillhunt's own names.
pub const CANONICAL: &str = "canonical";

/// Stillhunt's own names.
pub static PRESET: Preset = Preset {
    name: CANONICAL,
    title: "Stillhunt",
    columns: &[
        is(Column::Ts, &["ts"]),
        is(Column::AccountId, &["account_id"]),
        is(Column::RequestId, &["request_id"]),
        is(Column::ApiKeyId, &["api_key_id"]),
        is(Column::OrgId, &["org_id"]),
        is(Column::EndUserId, &["end_user_id"]),
        is(Column::Ip, &["ip"]),
        is(Column::Asn, &["asn"]),
        is(Column::Country, &["country"]),
        is(Column::UserAgent, &["user_agent"]),
        is(Column::TlsFingerprint, &["tls_fingerprint"]),
        is(Column::PaymentFingerprint, &["payment_fingerprint"]),
        is(Column::AccountCreatedAt, &["account_created_at"]),
        is(Column::VerifiedAt, &["verified_at"]),
        is(Column::EmailDomain, &["email_domain"]),
        is(Column::StatedUseCase, &["stated_use_case"]),
        is(Column::AccessTier, &["access_tier"]),
        is(Column::Model, &["model"]),
        is(Column::PromptText, &["prompt_text"]),
        is(Column::PromptHash, &["prompt_hash"]),
        is(Column::PromptEmbedding, &["prompt_embedding"]),
        is(Column::ResponseText, &["response_text"]),
        is(Column::InputTokens, &["input_tokens"]),
        is(Column::OutputTokens, &["output_tokens"]),
        is(Column::MeanTokenEntropy, &["mean_token_entropy"]),
        is(Column::LatencyMs, &["latency_ms"]),
        is(Column::StopReason, &["stop_reason"]),
        is(Column::IsStream, &["is_stream"]),
        is(Column::LogprobsRequested, &["logprobs_requested"]),
        is(Column::WatermarkScore, &["watermark_score"]),
        is(Column::ConversationId, &["conversation_id"]),
    ],
    ..Preset::EMPTY
};
