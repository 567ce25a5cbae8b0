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
    Ts "ts" Time "When the request came in. Required."
    AccountId "account_id" Text "Whoever the API bills. Required."
    RequestId "request_id" LongText "Names the exchange."
    ApiKeyId "api_key_id" Text "The key the call was made with."
    OrgId "org_id" Text "The organisation the account belongs to."
    EndUserId "end_user_id" Text "The end user the caller names."
    Ip "ip" Text "Address of the caller."
    Asn "asn" Text "Autonomous system number of the address; a number is written in digits."
    Country "country" Text "Country of the address."
    UserAgent "user_agent" Text "What the client says it is."
    TlsFingerprint "tls_fingerprint" Text "What the client's TLS greeting looks like."
    PaymentFingerprint "payment_fingerprint" Text "What pays."
    AccountCreatedAt "account_created_at" Time "When the account was made."
    VerifiedAt "verified_at" Time "When the account was verified."
    EmailDomain "email_domain" Text "Domain of the account's email address."
    StatedUseCase "stated_use_case" Text "What the account said it would do."
    AccessTier "access_tier" Text "What the account may do."
    Model "model" Text "The model called."
    PromptText "prompt_text" LongText "What was asked."
    PromptHash "prompt_hash" LongText "A hash of what was asked."
    PromptEmbedding "prompt_embedding" Embedding "What was asked, as a vector."
    ResponseText "response_text" LongText "What was answered."
    InputTokens "input_tokens" Int "Tokens of the prompt."
    OutputTokens "output_tokens" Int "Tokens of the response."
    MeanTokenEntropy "mean_token_entropy" Float "Mean entropy of the response's tokens, as the provider measures it."
    LatencyMs "latency_ms" Float "From request to whole response, in milliseconds."
    StopReason "stop_reason" Text "Why the response ended."
    IsStream "is_stream" Bool "Whether the response was streamed."
    LogprobsRequested "logprobs_requested" Bool "Whether log-probabilities were asked for."
    WatermarkScore "watermark_score" Float "The provider's watermark score of the response."
    ConversationId "conversation_id" LongText "Names the conversation the exchange is a turn of."
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
