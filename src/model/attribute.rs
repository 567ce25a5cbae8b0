//! Values that accounts may share, and the families they count in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ParseIdError;

/// A group of attributes that tell about the same thing. The evidence of one family is not
/// added up, or a single proxy would count as IP, network and operator at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Where the traffic comes from.
    Network,
    /// What program sends it.
    Client,
    /// Who pays.
    Payment,
    /// How the account came to be.
    SignUp,
    /// What the prompts are poured into.
    Template,
}

impl Family {
    /// All families, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::Network, Self::Client, Self::Payment, Self::SignUp, Self::Template];

    /// The family's name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Client => "client",
            Self::Payment => "payment",
            Self::SignUp => "sign-up",
            Self::Template => "template",
        }
    }
}

/// Which attribute. The order is the one of columns and pivots on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// What pays: a card's or bank account's fingerprint.
    PaymentFingerprint,
    /// Address of the caller.
    Ip,
    /// The address's /24 (IPv4) or /48 (IPv6).
    #[serde(rename = "ip_24")]
    Ip24,
    /// Autonomous system number of the address.
    Asn,
    /// Country of the address.
    Country,
    /// What the client says it is.
    UserAgent,
    /// What the client's TLS greeting looks like (JA3, JA4).
    TlsFingerprint,
    /// Domain of the account's email address.
    EmailDomain,
    /// Accounts made within a burst of sign-ups.
    SignupBatch,
    /// How prompts begin, numbers and quotations masked.
    PromptTemplate,
    /// The organisation the account belongs to.
    OrgId,
    /// The key the call was made with.
    ApiKeyId,
    /// The end user the caller names.
    EndUserId,
    /// What the account said it would do.
    StatedUseCase,
    /// What the account may do.
    AccessTier,
    /// The model called.
    Model,
}

impl AttributeKind {
    /// All kinds, in order.
    pub const ALL: [Self; 16] = [
        Self::PaymentFingerprint,
        Self::Ip,
        Self::Ip24,
        Self::Asn,
        Self::Country,
        Self::UserAgent,
        Self::TlsFingerprint,
        Self::EmailDomain,
        Self::SignupBatch,
        Self::PromptTemplate,
        Self::OrgId,
        Self::ApiKeyId,
        Self::EndUserId,
        Self::StatedUseCase,
        Self::AccessTier,
        Self::Model,
    ];

    /// The name that commands, scopes and files use; the canonical column's where there is one.
    pub fn name(self) -> &'static str {
        match self {
            Self::PaymentFingerprint => "payment_fingerprint",
            Self::Ip => "ip",
            Self::Ip24 => "ip_24",
            Self::Asn => "asn",
            Self::Country => "country",
            Self::UserAgent => "user_agent",
            Self::TlsFingerprint => "tls_fingerprint",
            Self::EmailDomain => "email_domain",
            Self::SignupBatch => "signup_batch",
            Self::PromptTemplate => "prompt_template",
            Self::OrgId => "org_id",
            Self::ApiKeyId => "api_key_id",
            Self::EndUserId => "end_user_id",
            Self::StatedUseCase => "stated_use_case",
            Self::AccessTier => "access_tier",
            Self::Model => "model",
        }
    }

    /// The name on screen, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::PaymentFingerprint => "payment",
            Self::Ip => "IP",
            Self::Ip24 => "/24",
            Self::Asn => "ASN",
            Self::Country => "country",
            Self::UserAgent => "user agent",
            Self::TlsFingerprint => "TLS fingerprint",
            Self::EmailDomain => "email domain",
            Self::SignupBatch => "sign-up batch",
            Self::PromptTemplate => "prompt template",
            Self::OrgId => "organisation",
            Self::ApiKeyId => "API key",
            Self::EndUserId => "end user",
            Self::StatedUseCase => "stated use",
            Self::AccessTier => "access tier",
            Self::Model => "model",
        }
    }

    /// The family it counts in for common control (L1); `None` for what tells nothing about it.
    pub fn family(self) -> Option<Family> {
        match self {
            Self::Ip | Self::Ip24 | Self::Asn => Some(Family::Network),
            Self::UserAgent | Self::TlsFingerprint => Some(Family::Client),
            Self::PaymentFingerprint => Some(Family::Payment),
            Self::EmailDomain | Self::SignupBatch => Some(Family::SignUp),
            Self::PromptTemplate => Some(Family::Template),
            Self::Country
            | Self::OrgId
            | Self::ApiKeyId
            | Self::EndUserId
            | Self::StatedUseCase
            | Self::AccessTier
            | Self::Model => None,
        }
    }

    /// Whether each exchange carries its own value (true) or the account does (false). A scope
    /// on the former keeps the exchanges with the value, on the latter the accounts.
    pub fn is_per_exchange(self) -> bool {
        matches!(
            self,
            Self::Ip
                | Self::Ip24
                | Self::Asn
                | Self::Country
                | Self::UserAgent
                | Self::TlsFingerprint
                | Self::ApiKeyId
                | Self::EndUserId
                | Self::Model
        )
    }
}

impl fmt::Display for AttributeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AttributeKind {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            ParseIdError::new(text, "an attribute such as ip, payment_fingerprint or user_agent")
        })
    }
}
