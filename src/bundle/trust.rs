//! The key that a reader expects a bundle to be signed with.

use std::path::Path;

use jiff::tz::TimeZone;
use ssh_key::{HashAlg, PublicKey};

use super::custody::ALLOWED_SIGNERS;
use super::{BundleError, Fault};

/// Keys that a reader trusts, by fingerprint (`SHA256:…`). Empty if the reader has no key to compare with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(Vec<String>);

impl Trust {
    /// A key by its fingerprint as `ssh-keygen -l` prints it, with or without `SHA256:`.
    pub fn fingerprint(text: &str) -> Self {
        let text = text.trim().trim_end_matches('=');
        let digits = text.strip_prefix("SHA256:").unwrap_or(text);
        Self(vec![format!("SHA256:{digits}")])
    }

    /// The keys of a file of allowed signers in OpenSSH's format (`PRINCIPALS [OPTIONS] KEYTYPE KEY`).
    /// Only keys that may sign files now count: by the options `namespaces`, `valid-after` and `valid-before`.
    ///
    /// # Errors
    /// The file cannot be read, has no key, or has a line or an option that is not understood.
    pub fn allowed_signers(path: &Path) -> Result<Self, BundleError> {
        let text = std::fs::read_to_string(path).map_err(BundleError::io(path))?;
        let now = jiff::Timestamp::now().as_second();
        let mut keys = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let refused =
                |what| BundleError::Key { path: path.to_owned(), why: format!("line {number} {what}") };
            keys.extend(key_of(line, now).map_err(refused)?);
        }
        if keys.is_empty() {
            let why = "has no line `PRINCIPAL [OPTIONS] KEYTYPE KEY` that may sign files".to_owned();
            return Err(BundleError::Key { path: path.to_owned(), why });
        }
        Ok(Self(keys))
    }

    /// True if the reader has a key to compare with.
    pub fn is_given(&self) -> bool {
        !self.0.is_empty()
    }

    /// Fault of a bundle with an unexpected signer.
    pub(super) fn check(&self, signer: Option<&str>) -> Option<Fault> {
        let is_expected = signer.is_some_and(|signer| self.0.iter().any(|own| own == signer));
        if !self.is_given() || is_expected {
            return None;
        }
        let found = signer.unwrap_or("no readable key");
        let what = format!("the signer is {found}, not {}", self.0.join(" or "));
        Some(Fault::new(&format!("data/{ALLOWED_SIGNERS}"), what))
    }
}

/// Fingerprint of the key in a line of allowed signers; `None` for a comment, a key for another purpose or
/// another time, a key of another kind. `now` is the time in seconds since 1970.
///
/// # Errors
/// A line that cannot be read, or an unknown option, which might forbid the key.
fn key_of(line: &str, now: i64) -> Result<Option<String>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    // Quoted principals may contain spaces.
    let rest = after_word(line);
    let is_key =
        |text: &str| text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-");
    let (options, key) = if is_key(rest) {
        ("", rest)
    } else {
        let key = after_word(rest);
        (rest[..rest.len() - key.len()].trim_end(), key)
    };
    if !is_key(key) {
        return Err("is not PRINCIPAL [OPTIONS] KEYTYPE KEY".to_owned());
    }
    let mut is_allowed = true;
    for option in split_outside_quotes(options) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        is_allowed &= match name.to_ascii_lowercase().as_str() {
            "namespaces" => value.split(',').any(|name| name.trim() == "file"),
            "valid-after" => time_of(value)? <= now,
            "valid-before" => now <= time_of(value)?,
            "cert-authority" => false,
            _ => return Err(format!("has the option {name}, which is not understood")),
        };
    }
    if !is_allowed || !key.starts_with("ssh-ed25519 ") {
        return Ok(None);
    }
    let key =
        PublicKey::from_openssh(key).map_err(|error| format!("has no key that can be read: {error}"))?;
    Ok(Some(key.fingerprint(HashAlg::Sha256).to_string()))
}

/// Text after the first word and its spaces; quoted parts belong to the word.
fn after_word(text: &str) -> &str {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        !quoted && c.is_whitespace()
    });
    end.map_or("", |end| text[end..].trim_start())
}

/// Parts between commas that stand outside quotes; none of an empty text.
fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|c: char| {
        quoted ^= c == '"';
        !quoted && c == ','
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// Seconds since 1970 of `YYYYMMDD[HHMM[SS]][Z]`, in the zone of the machine without a Z.
fn time_of(text: &str) -> Result<i64, String> {
    let fail = || format!("has the time {text}, which is not YYYYMMDD[HHMM[SS]][Z]");
    let digits = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fail());
    }
    let padded = format!("{digits:0<14}");
    let number = |at: usize| padded[at..at + 2].parse::<i8>().map_err(|_| fail());
    let year = padded[..4].parse().map_err(|_| fail())?;
    let (month, day, hour, minute, second) = (number(4)?, number(6)?, number(8)?, number(10)?, number(12)?);
    let zone = if digits.len() < text.len() { TimeZone::UTC } else { TimeZone::system() };
    let time = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0)
        .and_then(|time| time.to_zoned(zone))
        .map_err(|_| fail())?;
    Ok(time.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_taken_as_it_is_printed() {
        let trust = Trust::fingerprint(" SHA256:abc= ");
        assert_eq!(trust.check(Some("SHA256:abc")), None);
        assert!(trust.check(Some("SHA256:abd")).unwrap().what.contains("not SHA256:abc"));
        assert!(trust.check(None).is_some());
        assert_eq!(Trust::default().check(None), None);
    }

    #[test]
    fn allowed_signers_are_keys_that_may_sign_files() {
        let folder = tempfile::tempdir().unwrap();
        let key = super::super::verify::tests::test_key(folder.path());
        let (path, line) = (folder.path().join("allowed"), key.allowed_signers().unwrap());
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write(&format!("# comment\n{line}"));
        let trust = Trust::allowed_signers(&path).unwrap();
        assert_eq!(trust.check(Some(&key.fingerprint())), None);
        write(&line.replace("\"file\"", "\"git\""));
        assert!(Trust::allowed_signers(&path).is_err());
        write("nothing");
        assert!(Trust::allowed_signers(&path).is_err());
        let with = |options: &str| {
            write(&line.replace("namespaces", &format!("{options},NAMESPACES")));
            Trust::allowed_signers(&path)
        };
        for allowed in ["valid-after=\"20200101Z\"", "Valid-Before=\"99980101\"", "valid-after=202001011200"]
        {
            assert_eq!(with(allowed).unwrap(), trust, "{allowed}");
        }
        let refused = ["valid-before=\"20200101Z\"", "valid-after=\"99980101\"", "cert-authority", "other"];
        for refused in refused.into_iter().chain(["valid-before=\"2020\"", "valid-after=\"20201301\""]) {
            assert!(with(refused).is_err(), "{refused}");
        }
    }
}
