//! Choice of the key that signs a bundle, and what is known of a key's file without its passphrase.

use std::fmt;
use std::path::{Path, PathBuf};

use ssh_key::{HashAlg, PrivateKey};

use super::key::{OWN_KEY, default_folder};
use super::{BundleError, SigningKey};

/// Choice of the key that signs a bundle.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Signer {
    /// The key of this installation, made at its first use.
    #[default]
    Own,
    /// A key in a file, with its passphrase if it has one.
    File {
        /// The file.
        path: PathBuf,
        /// Its passphrase; never written anywhere.
        passphrase: Option<String>,
    },
    /// The only Ed25519 key that `ssh-agent` holds.
    Agent,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("Own"),
            Self::File { path, .. } => write!(f, "File({})", path.display()),
            Self::Agent => f.write_str("Agent"),
        }
    }
}

impl Signer {
    /// The key. `settings` is the folder of the installation's own key, if it is not the user's.
    ///
    /// # Errors
    /// A key that is not there, cannot be read, or has another passphrase.
    pub fn key(&self, settings: Option<&Path>) -> Result<SigningKey, BundleError> {
        match (self, settings) {
            (Self::Own, Some(folder)) => SigningKey::load_or_create_in(folder),
            (Self::Own, None) => SigningKey::load_or_create(),
            (Self::File { path, passphrase }, _) => SigningKey::unlock(path, passphrase.as_deref()),
            (Self::Agent, _) => SigningKey::from_agent(None),
        }
    }
}

/// Facts on a key that its file states without the passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// The file.
    pub path: PathBuf,
    /// Fingerprint, `SHA256:…`; `None` if there is no such file yet.
    pub fingerprint: Option<String>,
    /// True if it needs a passphrase.
    pub is_locked: bool,
}

impl KeyFile {
    /// The file of the installation's own key.
    ///
    /// # Errors
    /// No home folder, or a file that is no key.
    pub fn own(settings: Option<&Path>) -> Result<Self, BundleError> {
        let folder = settings.map_or_else(default_folder, |folder| Ok(folder.to_owned()))?;
        Self::read(&folder.join(OWN_KEY))
    }

    /// A key's file.
    ///
    /// # Errors
    /// A file that cannot be read or is no key.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let path = path.to_owned();
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path, fingerprint: None, is_locked: false });
            }
            Err(error) => return Err(BundleError::Io { path, source: error }),
        };
        let Ok(key) = PrivateKey::from_openssh(&text) else {
            let why = "is not an OpenSSH private key; make one with `ssh-keygen -t ed25519`".to_owned();
            return Err(BundleError::Key { path, why });
        };
        let fingerprint = Some(key.public_key().fingerprint(HashAlg::Sha256).to_string());
        Ok(Self { path, fingerprint, is_locked: key.is_encrypted() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_file_before_it_signs() {
        let folder = tempfile::tempdir().unwrap();
        let own = KeyFile::own(Some(folder.path())).unwrap();
        assert_eq!((own.fingerprint, own.path), (None, folder.path().join("signing_ed25519")));
        let key = Signer::Own.key(Some(folder.path())).unwrap();
        assert_eq!(KeyFile::own(Some(folder.path())).unwrap().fingerprint, Some(key.fingerprint()));
        let path = folder.path().join("of counsel");
        let made = SigningKey::make(&path, "a long passphrase").unwrap();
        let known = KeyFile::read(&path).unwrap();
        assert_eq!((known.fingerprint, known.is_locked), (Some(made.fingerprint()), true));
        let signer =
            |passphrase: &str| Signer::File { path: path.clone(), passphrase: Some(passphrase.into()) };
        assert_eq!(signer("a long passphrase").key(None).unwrap().fingerprint(), made.fingerprint());
        assert!(signer("another").key(None).is_err());
        assert!(!format!("{:?}", signer("a long passphrase")).contains("passphrase"));
        std::fs::write(&path, "no key").unwrap();
        assert!(KeyFile::read(&path).is_err());
    }
}
