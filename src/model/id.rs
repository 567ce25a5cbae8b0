//! Names of accounts, files and exchanges. They survive a rebuilt cache.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Id of an account, byte for byte as the log has it. Ordered by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub String);

impl AccountId {
    /// The name as the log has it; hostile characters included, so pass it through
    /// [`visible`](super::visible) before showing it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for AccountId {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Error of a text that is not the name of a digest, an exchange or another identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not {expected}")]
pub struct ParseIdError {
    text: String,
    expected: &'static str,
}

impl ParseIdError {
    /// `expected` completes “… is not”.
    pub fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.to_owned(), expected }
    }
}

/// A SHA-256, shown and serialised as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first twelve digits, enough to tell files of one case apart on screen.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let fail = || ParseIdError::new(text, "a SHA-256 of 64 hexadecimal digits");
        if text.len() != 64 || !text.is_ascii() {
            return Err(fail());
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| fail())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Name of one exchange: its snapshot, file and row. It survives a rebuilt cache.
///
/// Written `SNAPSHOT/FILE#ROW`, where SNAPSHOT is the snapshot's SHA-256, FILE the file's path
/// inside the snapshot with `/` between folders, and ROW counts from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeRef {
    /// SHA-256 of the snapshot.
    pub snapshot: Digest,
    /// Path of the Parquet file inside the snapshot.
    pub file: String,
    /// Row in that file, counted from 0 in file order.
    pub row: u64,
}

impl fmt::Display for ExchangeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}#{}", self.snapshot, self.file, self.row)
    }
}

impl FromStr for ExchangeRef {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let fail = || ParseIdError::new(text, "an exchange, which is written SNAPSHOT-SHA-256/FILE#ROW");
        let (snapshot, rest) = text.split_once('/').ok_or_else(fail)?;
        let (file, row) = rest.rsplit_once('#').ok_or_else(fail)?;
        if file.is_empty() {
            return Err(fail());
        }
        Ok(Self {
            snapshot: snapshot.parse().map_err(|_| fail())?,
            file: file.to_owned(),
            row: row.parse().map_err(|_| fail())?,
        })
    }
}

impl Serialize for ExchangeRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ExchangeRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_survives_text() {
        let exchange = ExchangeRef { snapshot: Digest::of(b"x"), file: "day #1/a.parquet".into(), row: 17 };
        assert_eq!(exchange.to_string().parse(), Ok(exchange));
    }

    #[test]
    fn what_is_no_exchange_is_refused() {
        for text in ["", "a/b#1", "a.parquet#x"] {
            assert!(text.parse::<ExchangeRef>().is_err(), "{text}");
        }
        assert!("é".repeat(32).parse::<Digest>().is_err());
    }

    #[test]
    fn sha_256_of_abc_as_fips_180_gives_it() {
        assert_eq!(
            Digest::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
