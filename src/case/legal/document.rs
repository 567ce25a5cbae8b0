//! Document that something rests on, by name and SHA-256.

use serde::{Deserialize, Serialize};

use crate::model::Digest;

/// Document outside the case, such as a letter or a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Document {
    /// File name without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}
