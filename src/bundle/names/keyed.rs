//! Pseudonyms and salts under the key of a case.

use crate::model::{Digest, hmac};

/// Hexadecimal digits of a pseudonym.
const DIGITS: usize = 16;

/// Pseudonym of a name under a key.
pub(in crate::bundle) fn keyed(key: Digest, word: &str, name: &str) -> String {
    let digest = hmac(&key.0, format!("{word}\0{name}").as_bytes()).to_string();
    // Whether a domain is academic bears on an innocent explanation.
    let end = if word == "domain" && is_academic(name) { ".edu" } else { "" };
    format!("{word}-{}{end}", &digest[..DIGITS])
}

/// Salt of one use under a key, 32 hexadecimal digits.
pub(in crate::bundle) fn salt(key: Digest, exchange: &str, column: &str) -> String {
    hmac(&key.0, format!("salt\0{exchange}\0{column}").as_bytes()).to_string()[..32].to_owned()
}

fn is_academic(domain: &str) -> bool {
    let domain = format!("{}.", domain.to_lowercase());
    domain.contains(".edu.") || domain.contains(".ac.")
}
