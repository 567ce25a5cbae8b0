//! Pseudonyms and salts under the key of a case.

use crate::model::{Digest, hmac};

/// Hexadecimal digits of a pseudonym.
pub(in crate::bundle) const DIGITS: usize = 16;

/// Pseudonym of a name under a key.
pub(in crate::bundle) fn keyed(key: Digest, word: &str, name: &str) -> String {
    let digest = hmac(&key.0, format!("{word}\0{name}").as_bytes()).to_string();
    // Whether a domain is academic bears on an innocent explanation.
    let end = if word == "domain" && is_academic(name) { ".edu" } else { "" };
    format!("{word}-{}{end}", &digest[..DIGITS])
}

/// Hexadecimal digits of the pseudonym of a lead. Ids of the log have fewer, so that one is not taken for the other.
const LEAD_DIGITS: usize = 10;

/// Pseudonym of a lead's id under a key: `L-` and ten hexadecimal digits. Its own id is a hash over its core accounts
/// without a key, so that a list of all accounts would give the members of a small lead. A pseudonym stays.
pub(in crate::bundle) fn keyed_lead(key: Digest, id: &str) -> String {
    if id.len() == LEAD_PREFIX.len() + LEAD_DIGITS {
        return id.to_owned();
    }
    let digest = hmac(&key.0, format!("lead\0{id}").as_bytes()).to_string();
    format!("{LEAD_PREFIX}{}", &digest[..LEAD_DIGITS])
}

/// Prefix of the id of a lead.
const LEAD_PREFIX: &str = "L-";

/// Text in which every id of a lead is its pseudonym.
pub(in crate::bundle) fn with_keyed_leads(key: Digest, text: &str) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (start, _) in text.match_indices(LEAD_PREFIX) {
        let digits = start + LEAD_PREFIX.len();
        let length =
            text[digits..].find(|c| !matches!(c, '0'..='9' | 'a'..='f')).unwrap_or(text.len() - digits);
        let (before, end) = (text[..start].chars().next_back(), digits + length);
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_id = (6..=64).contains(&length) && !is_part(before) && !is_part(text[end..].chars().next());
        if start >= done && is_id {
            out.push_str(&text[done..start]);
            out.push_str(&keyed_lead(key, &text[start..end]));
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Salt of one use under a key, 32 hexadecimal digits.
pub(in crate::bundle) fn salt(key: Digest, exchange: &str, column: &str) -> String {
    hmac(&key.0, format!("salt\0{exchange}\0{column}").as_bytes()).to_string()[..32].to_owned()
}

fn is_academic(domain: &str) -> bool {
    let domain = format!("{}.", domain.to_lowercase());
    domain.contains(".edu.") || domain.contains(".ac.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_leads_are_keyed_once() {
        let key = Digest([7; 32]);
        let once = with_keyed_leads(key, "lead L-7f31ab, now L-91c2d0: 4 of 5; XL-7f31ab, L-7f31, L-7f31abz");
        assert!(!once.contains("lead L-7f31ab,") && !once.contains("L-91c2d0"), "{once}");
        assert!(once.ends_with("XL-7f31ab, L-7f31, L-7f31abz"), "{once}");
        assert_eq!(with_keyed_leads(key, &once), once);
        assert!(once.contains(&format!("now {}: 4 of 5", keyed_lead(key, "L-91c2d0"))));
        assert_ne!(keyed_lead(key, "L-7f31ab"), keyed_lead(Digest([8; 32]), "L-7f31ab"));
    }
}
