//! The key that a reader expects a bundle to be signed with.

use std::path::Path;

use ssh_key::{HashAlg, PublicKey};

use super::custody::ALLOWED_SIGNERS;
use super::{BundleError, Fault};

/// Keys that a reader vouches for, by fingerprint (`SHA256:…`). None for a reader who has no key to
/// compare with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(Vec<String>);

impl Trust {
    /// The key of a fingerprint as `ssh-keygen -l` prints it, with or without `SHA256:`.
    pub fn fingerprint(text: &str) -> Self {
        let text = text.trim().trim_end_matches('=');
        let digits = text.strip_prefix("SHA256:").unwrap_or(text);
        Self(vec![format!("SHA256:{digits}")])
    }

    /// The keys of a file of allowed signers in OpenSSH's format (`PRINCIPALS [OPTIONS] KEYTYPE KEY`).
    /// Only keys that may sign files count: lines without the option `namespaces`, or with `file` in it.
    ///
    /// # Errors
    /// The file cannot be read or has no key.
    pub fn allowed_signers(path: &Path) -> Result<Self, BundleError> {
        let text = std::fs::read_to_string(path).map_err(BundleError::io(path))?;
        let keys: Vec<String> = text.lines().filter_map(key_of).collect();
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

    /// Fault of a bundle whose signer is another than expected.
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

/// Fingerprint of the key in a line of allowed signers; `None` for a comment, a key for another purpose, or
/// no key.
fn key_of(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let at = line.find("ssh-ed25519 ")?;
    let options = &line[..at];
    let is_for_files = options.split_once("namespaces=\"").is_none_or(|(_, rest)| {
        rest.split('"').next().is_some_and(|names| names.split(',').any(|name| name == "file"))
    });
    let key = PublicKey::from_openssh(&line[at..]).ok()?;
    is_for_files.then(|| key.fingerprint(HashAlg::Sha256).to_string())
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
    }
}
