//! Profile of a bundle: the proceeding that it is made for.

/// Proceeding that a bundle is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// All that is recorded.
    #[default]
    Recorded,
    /// Enforcement of the terms of service: contract and computer access.
    Terms,
    /// Trade-secret proceeding: trade secret and computer access.
    TradeSecret,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Recorded, Self::Terms, Self::TradeSecret];

    /// The word of commands and of `bag-info.txt`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorded => "as-recorded",
            Self::Terms => "terms",
            Self::TradeSecret => "trade-secret",
        }
    }

    /// Name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Recorded => "everything recorded",
            Self::Terms => "terms of service",
            Self::TradeSecret => "trade secret",
        }
    }

    /// The profile of a word; `None` for another word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.word() == word)
    }
}
