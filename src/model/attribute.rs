//! Values that accounts may share, and the families they count in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ParseIdError;

/// Family of attributes that describe one aspect of an account. The signal of shared rare values (L1) takes the largest
/// weight of each family, so that one proxy does not count as IP, network and operator at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Origin of the traffic: IP, network, ASN.
    Network,
    /// Program that sends it: user agent, TLS fingerprint.
    Client,
    /// Means of payment.
    Payment,
    /// Sign-up: email domain, burst of sign-ups.
    SignUp,
    /// Prompt template.
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

/// Kind of attribute. The order is that of columns and pivots on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// Fingerprint of the card or bank account that pays.
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
    /// User agent that the client states.
    UserAgent,
    /// Fingerprint of the client's TLS greeting (JA3, JA4).
    TlsFingerprint,
    /// Domain of the account's email address.
    EmailDomain,
    /// Burst of sign-ups in which the account was made.
    SignupBatch,
    /// Beginning of a prompt, numbers and quotations masked.
    PromptTemplate,
    /// The organisation the account belongs to.
    OrgId,
    /// The key the call was made with.
    ApiKeyId,
    /// The end user the caller names.
    EndUserId,
    /// Use case that the account stated.
    StatedUseCase,
    /// Access tier of the account.
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

    /// The name on screen beside a value: as [`title`](Self::title), but `/48` for the network of an IPv6
    /// address.
    pub fn title_of(self, value: &str) -> &'static str {
        if self == Self::Ip24 && value.contains(':') { "/48" } else { self.title() }
    }

    /// Family of the kind in shared rare values (L1); `None` for kinds that L1 does not use.
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

    /// True if each exchange has its own value, false if the account has it. A scope on the former
    /// keeps the exchanges with the value, on the latter the accounts.
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
