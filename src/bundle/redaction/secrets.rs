//! The rule for keys, tokens and passwords: known forms, private keys, and values of fields that are named so.

use std::ops::Range;

/// Beginnings of keys and tokens, and the fewest characters behind them.
const FORMS: [(&str, usize); 34] = [
    ("sk-", 20),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("pk_live_", 10),
    ("whsec_", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("ABIA", 16),
    ("ACCA", 16),
    ("AGPA", 16),
    ("AIDA", 16),
    ("AROA", 16),
    ("AIza", 30),
    ("ya29.", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("hf_", 20),
    ("npm_", 30),
    ("pypi-", 30),
    ("gsk_", 20),
    ("SG.", 30),
    ("key-", 32),
];

/// Names of fields whose value is a secret, in lower case.
const FIELDS: [&str; 18] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "api_key",
    "apikey",
    "api-key",
    "api key",
    "access_key",
    "access-key",
    "access_token",
    "auth_token",
    "client_secret",
    "private_key",
    "secret_key",
    "token",
    "bearer",
];

/// Fewest characters of the value of such a field.
const FEWEST: usize = 8;

/// Hits in folded text, in order; they may overlap.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = forms(text);
    found.extend(web_tokens(text));
    found.extend(private_keys(text));
    found.extend(fields(text));
    found.extend(credentials(text));
    found.sort_by_key(|range| (range.start, range.end));
    found
}

/// Bytes from `at` on whose characters all satisfy a condition.
pub(super) fn forth(text: &str, at: usize, is: impl Fn(char) -> bool) -> usize {
    at + text[at..].find(|c| !is(c)).unwrap_or(text.len() - at)
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '=' | '~')
}

/// True if a word does not begin inside of another.
fn begins(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric())
}

fn forms(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (form, least) in FORMS {
        // Keys of the clouds have capitals and digits alone.
        let is_plain = form.bytes().all(|byte| byte.is_ascii_uppercase());
        for (at, _) in text.match_indices(form).filter(|(at, _)| begins(text, *at)) {
            let end = forth(text, at + form.len(), |c| {
                if is_plain { c.is_ascii_uppercase() || c.is_ascii_digit() } else { is_token(c) && c != '/' }
            });
            let end = at + text[at..end].trim_end_matches(['.', '-']).len();
            let own = text.get(at + form.len()..end).unwrap_or_default();
            if own.len() >= least && own.bytes().any(|byte| byte.is_ascii_digit()) {
                found.push(at..end);
            }
        }
    }
    found
}

/// JSON Web Tokens: two parts that begin with `eyJ` and a third.
fn web_tokens(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("eyJ").filter(|(at, _)| begins(text, *at)) {
        let end = forth(text, at, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let end = at + text[at..end].trim_end_matches('-').len();
        let parts: Vec<&str> = text[at..end].split('.').collect();
        if parts.len() >= 3 && parts[0].len() >= 8 && parts[1].len() >= 8 {
            found.push(at..end);
        }
    }
    found
}

/// Private keys as PEM, to their end or to that of the text.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, begin) in text.match_indices("-----BEGIN ") {
        let rest = &text[at + begin.len()..];
        let is_key = rest.split("-----").next().is_some_and(|label| label.contains("PRIVATE KEY"));
        if !is_key || found.last().is_some_and(|last| last.end > at) {
            continue;
        }
        let end = rest.find("-----END ").and_then(|end| {
            let label = end + "-----END ".len();
            Some(label + rest[label..].find("-----")? + "-----".len())
        });
        found.push(at..end.map_or(text.len(), |end| at + begin.len() + end));
    }
    found
}

/// Values of `password=…`, `"api_key": "…"`, `Bearer …`.
fn fields(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for field in FIELDS {
        for (at, _) in lower.match_indices(field).filter(|(at, _)| begins(text, *at)) {
            let after = at + field.len();
            let quoted = forth(text, after, |c| matches!(c, '"' | '\'' | ' '));
            let sign = &text[quoted..];
            let start = match sign.chars().next() {
                Some(':' | '=') => forth(text, quoted + 1, |c| matches!(c, ' ' | '=' | '>')),
                _ if field == "bearer" && quoted > after => quoted,
                _ => continue,
            };
            let quote = text[start..].chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
            let start = start + usize::from(quote.is_some());
            let end = match quote {
                Some(quote) => forth(text, start, |c| c != quote && c != '\n'),
                None => forth(text, start, |c| {
                    !c.is_whitespace() && !matches!(c, '"' | '\'' | ',' | ';' | '<' | '>' | ')' | '}' | '&')
                }),
            };
            if is_value(&text[start..end]) {
                found.push(start..end);
            }
        }
    }
    found
}

/// True for a value that is no word of prose.
fn is_value(value: &str) -> bool {
    let has = |is: fn(char) -> bool| value.chars().any(is);
    let is_mixed = has(char::is_lowercase) && value.chars().skip(1).any(char::is_uppercase);
    value.chars().count() >= FEWEST
        && !value.contains("[REDACTED")
        && (has(|c| c.is_ascii_digit()) || is_mixed)
}

/// Name and password in `https://name:password@host`.
fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let end = forth(text, start, |c| !c.is_whitespace() && !matches!(c, '/' | '@' | '"' | '\''));
        let own = &text[start..end];
        if text[end..].starts_with('@')
            && own.split_once(':').is_some_and(|(_, password)| !password.is_empty())
        {
            found.push(start..end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_their_usual_forms() {
        for (text, wanted) in [
            ("export KEY=sk-proj-abcDEF0123456789abcdef, then", "sk-proj-abcDEF0123456789abcdef"),
            ("AKIAIOSFODNN7EXAMPLE.", "AKIAIOSFODNN7EXAMPLE"),
            ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
            ("t eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ-x end", "eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ-x"),
            ("a -----BEGIN RSA PRIVATE KEY----- MIIE -----END RSA PRIVATE KEY----- b", {
                "-----BEGIN RSA PRIVATE KEY----- MIIE -----END RSA PRIVATE KEY-----"
            }),
            ("-----BEGIN PRIVATE KEY----- MIIE", "-----BEGIN PRIVATE KEY----- MIIE"),
            ("{\"password\": \"hunter 22!x\"}", "hunter 22!x"),
            ("API_KEY = 'Zx81-4711-aa'", "Zx81-4711-aa"),
            ("Authorization: Bearer 7f31ab91c2d04e", "7f31ab91c2d04e"),
            ("postgres://ann:s3cret@db/x", "ann:s3cret"),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, [wanted], "{text}");
        }
        for text in [
            "the password: must be long and secret: everything",
            "task-sk-learn is a package; risk-assessment-of-the-thing",
            "-----BEGIN CERTIFICATE----- x",
            "tokens: 123456789",
            "https://host/a:b@c",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }
}
