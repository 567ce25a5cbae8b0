//! Redactions: words that bundles for readers outside leave out, by rule, from a list, and by hand.

use serde::{Deserialize, Serialize};

use crate::model::{Digest, ExchangeRef, Micros};
use crate::snapshot::Column;

/// Rule that finds words of one kind in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedactionRule {
    /// Addresses of e-mail.
    Email,
    /// Telephone numbers.
    Phone,
    /// Keys, tokens, passwords and private keys.
    Secret,
    /// Card numbers whose check digit is right (Luhn 1960).
    Card,
    /// IP addresses.
    Ip,
}

impl RedactionRule {
    /// All rules, in order.
    pub const ALL: [Self; 5] = [Self::Email, Self::Phone, Self::Secret, Self::Card, Self::Ip];

    /// The word of commands.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Secret => "secret",
            Self::Card => "card",
            Self::Ip => "ip",
        }
    }

    /// Name in sentences, in the plural.
    pub fn title(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
            Self::Secret => "keys, tokens and passwords",
            Self::Card => "card numbers",
            Self::Ip => "IP addresses",
        }
    }

    /// Name of one hit, as it stands in its place.
    pub fn hit(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Phone => "telephone number",
            Self::Secret => "key or password",
            Self::Card => "card number",
            Self::Ip => "IP address",
        }
    }

    /// Words that it finds and misses, in a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Email => "Any name, the sign @, and a domain with a dot.",
            Self::Phone => {
                "Numbers that begin with + or 0, and ten digits as 3-3-4. Seven digits alone are not found."
            }
            Self::Secret => {
                "Known forms (sk-, AKIA, ghp_, JSON Web Tokens, PEM keys) and values of password= or api_key=."
            }
            Self::Card => "13 to 19 digits whose check digit is right, with or without spaces.",
            Self::Ip => "IPv4 and IPv6 addresses. Version numbers of four parts are taken for addresses too.",
        }
    }
}

/// Words to be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Redacted {
    /// Every hit of a rule.
    Rule {
        /// The rule.
        rule: RedactionRule,
    },
    /// Listed words, such as a name, wherever they stand: in any letter case, with any spaces between.
    Words {
        /// The words.
        words: String,
    },
    /// Part of the prompt or response of a marked exchange.
    Span {
        /// The exchange.
        exchange: ExchangeRef,
        /// The column: prompt or response.
        column: Column,
        /// First character, from 0.
        start: u64,
        /// Character after the last.
        end: u64,
        /// SHA-256 of the whole text that the characters are counted in. Of another text under the same name,
        /// such as one read with another mapping, all is left out.
        text_sha256: Digest,
    },
    /// The whole prompt or response of a marked exchange.
    Field {
        /// The exchange.
        exchange: ExchangeRef,
        /// The column.
        column: Column,
    },
}

impl Redacted {
    /// The exchange and column of a redaction by hand.
    pub fn place(&self) -> Option<(&ExchangeRef, Column)> {
        match self {
            Self::Rule { .. } | Self::Words { .. } => None,
            Self::Span { exchange, column, .. } | Self::Field { exchange, column } => {
                Some((exchange, *column))
            }
        }
    }

    /// Short description for the investigator, the listed words included; hostile characters are not yet made
    /// visible.
    pub fn describe(&self) -> String {
        let at = |exchange: &ExchangeRef, column: &Column| {
            format!("{} of {}#{}", noun(*column), exchange.file, exchange.row)
        };
        match self {
            Self::Rule { rule } => rule.title().to_owned(),
            Self::Words { words } => format!("the words “{words}”"),
            Self::Span { exchange, column, start, end, .. } => {
                format!("characters {start} to {end} of the {}", at(exchange, column))
            }
            Self::Field { exchange, column } => format!("the {}", at(exchange, column)),
        }
    }

    /// Way in which the words were found, for readers who must not learn them.
    pub fn made_by(&self) -> String {
        match self {
            Self::Rule { rule } => format!("rule: {}", rule.title()),
            Self::Words { .. } => "list of words".to_owned(),
            Self::Span { .. } | Self::Field { .. } => "by hand".to_owned(),
        }
    }
}

/// Prompt or response in a sentence.
fn noun(column: Column) -> &'static str {
    match column {
        Column::PromptText => "prompt",
        Column::ResponseText => "response",
        other => other.name(),
    }
}

/// Redaction in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// Its number, from 1, never used twice: `R3`.
    pub id: u64,
    /// Words to be left out.
    pub what: Redacted,
    /// The investigator's reason.
    pub reason: String,
    /// Person who made it, or the user of the operating system.
    pub person: String,
    /// Time, microseconds UTC.
    pub ts: Micros,
}
