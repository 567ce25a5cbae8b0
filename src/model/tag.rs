//! Tags of evidence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Tag that the investigator gives to a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Tag {
    /// Evidence that the case relies on.
    ReliedOn,
    /// Evidence against the case. It has a section of its own on screen and in the report.
    Exculpatory,
    /// Background that helps to understand other evidence.
    Context,
    /// An account known to be benign, on which error rates are measured.
    Control,
    /// The investigator's own word.
    Own(String),
}

impl Tag {
    /// The tags every case has, in the order the screen shows them.
    pub const BUILT_IN: [Self; 4] = [Self::ReliedOn, Self::Exculpatory, Self::Context, Self::Control];

    /// The tag's word, as commands and files write it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ReliedOn => "relied-on",
            Self::Exculpatory => "exculpatory",
            Self::Context => "context",
            Self::Control => "control",
            Self::Own(word) => word,
        }
    }
}

impl From<String> for Tag {
    fn from(word: String) -> Self {
        let plain = word.trim().to_lowercase().replace([' ', '_'], "-");
        Self::BUILT_IN
            .into_iter()
            .find(|tag| tag.as_str() == plain)
            .unwrap_or_else(|| Self::Own(word.trim().to_owned()))
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.as_str().to_owned()
    }
}

impl FromStr for Tag {
    type Err = std::convert::Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(word.to_owned().into())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
