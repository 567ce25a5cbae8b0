//! Audience of a bundle, and the contents that each audience may get.

use std::fmt;

/// Audience of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Counsel: notes, tags, hypotheses, names in clear, the key of the pseudonyms and all salts.
    Internal,
    /// The other side and the court: records and exhibits under pseudonyms, no notes.
    Production,
    /// Other providers: indicators, no records and no content of customers.
    Share,
    /// An authority: a summary of the incident, no records.
    Regulator,
}

impl Audience {
    /// All audiences, in order.
    pub const ALL: [Self; 4] = [Self::Internal, Self::Production, Self::Share, Self::Regulator];

    /// The word of commands, of the journal and of `bag-info.txt`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Production => "production",
            Self::Share => "share",
            Self::Regulator => "regulator",
        }
    }

    /// The audience of a word; `None` for another word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.word().eq_ignore_ascii_case(word))
    }

    /// Contents in a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Internal => {
                "For counsel only: notes, names in clear, the key of the pseudonyms and the salts of commitments."
            }
            Self::Production => {
                "For the other side and the court: records and exhibits under pseudonyms, without notes."
            }
            Self::Share => "For other providers: indicators (STIX 2.1) without records and without content.",
            Self::Regulator => "For an authority: the incident with dates, numbers, measures and contact.",
        }
    }

    /// True if records, exhibits and the whole journal are part of it.
    pub fn has_records(self) -> bool {
        matches!(self, Self::Internal | Self::Production)
    }

    /// True if names are in clear.
    pub(super) fn are_names_clear(self) -> bool {
        self == Self::Internal
    }

    /// Default designation of a bundle.
    pub(super) fn designation(self) -> &'static str {
        match self {
            Self::Internal => "PRIVILEGED: ATTORNEY WORK PRODUCT",
            Self::Production => "CONFIDENTIAL",
            Self::Share => "TLP:AMBER",
            Self::Regulator => "CONFIDENTIAL",
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
