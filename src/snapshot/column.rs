//! Canonical columns: names and types that do not depend on the source of a log.

use serde::{Deserialize, Serialize};

/// Type of a canonical column's values, and the Arrow type they are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A moment, read as microseconds since 1970 in UTC: `Int64Array`.
    Time,
    /// Text with recurring values: `DictionaryArray<Int32Type>` of `StringArray`.
    Text,
    /// Text that is long or rarely recurs: `StringArray`.
    LongText,
    /// A whole number: `Int64Array`.
    Int,
    /// A number: `Float64Array`.
    Float,
    /// Yes or no: `BooleanArray`.
    Bool,
    /// Vectors of one length: `FixedSizeListArray` of `Float32`.
    Embedding,
}

macro_rules! columns {
    ($($variant:ident $name:literal $kind:ident $doc:literal)*) => {
        /// A canonical column, in the order in which records, files and screens have them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Column {
            $(#[doc = $doc] #[serde(rename = $name)] $variant,)*
        }

        impl Column {
            /// All columns, in order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The canonical name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Type of the column's values.
            pub fn kind(self) -> ColumnType {
                match self { $(Self::$variant => ColumnType::$kind,)* }
            }
        }
    };
}

columns! {
    Ts "ts" Time "Time of the request. Required."
    AccountId "account_id" Text "Account that the API bills. Required."
    RequestId "request_id" LongText "Identifier of the exchange."
    ApiKeyId "api_key_id" Text "API key of the call."
    OrgId "org_id" Text "Organisation of the account."
    EndUserId "end_user_id" Text "End user named by the caller."
    Ip "ip" Text "IP address of the caller."
    Asn "asn" Text "Autonomous system number of the address, in digits."
    Country "country" Text "Country of the address."
    UserAgent "user_agent" Text "User agent that the client states."
    TlsFingerprint "tls_fingerprint" Text "Fingerprint of the client's TLS greeting (JA3, JA4)."
    PaymentFingerprint "payment_fingerprint" Text "Fingerprint of the means of payment."
    AccountCreatedAt "account_created_at" Time "Creation time of the account."
    VerifiedAt "verified_at" Time "Verification time of the account."
    EmailDomain "email_domain" Text "Domain of the account's email address."
    StatedUseCase "stated_use_case" Text "Use case that the account stated."
    AccessTier "access_tier" Text "Access tier of the account."
    Model "model" Text "The model called."
    PromptText "prompt_text" LongText "Text of the prompt."
    PromptHash "prompt_hash" LongText "Hash of the prompt."
    PromptEmbedding "prompt_embedding" Embedding "Embedding of the prompt."
    ResponseText "response_text" LongText "Text of the response."
    InputTokens "input_tokens" Int "Tokens of the prompt."
    OutputTokens "output_tokens" Int "Tokens of the response."
    MeanTokenEntropy "mean_token_entropy" Float "Mean entropy of the response's tokens, as the provider measures it."
    LatencyMs "latency_ms" Float "Time from the request to the end of the response, in milliseconds."
    StopReason "stop_reason" Text "Reason for the end of the response."
    IsStream "is_stream" Bool "True if the response was streamed."
    LogprobsRequested "logprobs_requested" Bool "True if log-probabilities were requested."
    WatermarkScore "watermark_score" Float "The provider's watermark score of the response."
    ConversationId "conversation_id" LongText "Identifier of the conversation that the exchange belongs to."
}

impl Column {
    /// Columns that every snapshot must have. Exchanges have no nulls in them.
    pub const REQUIRED: [Self; 2] = [Self::Ts, Self::AccountId];

    /// Column with a canonical name; `None` if there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// True if every exchange needs a value in this column.
    pub fn is_required(self) -> bool {
        Self::REQUIRED.contains(&self)
    }

    /// True if the mapping may give a unit for its numbers: times and the latency.
    pub fn takes_unit(self) -> bool {
        self.kind() == ColumnType::Time || self == Self::LatencyMs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_columns() {
        for column in Column::ALL {
            assert_eq!(Column::from_name(column.name()), Some(column));
            assert_eq!(serde_json::to_value(column).unwrap(), column.name());
        }
        assert_eq!(Column::from_name("timestamp"), None);
        assert_eq!(Column::ALL.len(), 31);
    }
}
