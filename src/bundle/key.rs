//! The Ed25519 key that signs bundles, and the check of its signatures.
//!
//! Signatures have the format of `ssh-keygen -Y sign`, so that `ssh-keygen -Y verify` checks them. The key
//! identifies the installation that wrote a bundle, not the person who used it.

use std::path::{Path, PathBuf};

use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::BundleError;
use super::agent::Agent;
use crate::files;

/// The principal that `allowed_signers` names.
pub(super) const PRINCIPAL: &str = "stillhunt";
/// Namespace of the signatures: that of signed files in OpenSSH's manual, so that the manual's commands apply.
const NAMESPACE: &str = "file";

/// Name of the file of an installation's own key.
pub(super) const OWN_KEY: &str = "signing_ed25519";

/// Key that signs bundles.
pub struct SigningKey(Held);

/// Holder of the private key: this process or an agent.
enum Held {
    Here(Box<PrivateKey>),
    Agent(Agent),
}

impl SigningKey {
    /// This user's key, `stillhunt/signing_ed25519` under `$XDG_CONFIG_HOME` or `~/.config`; created on first
    /// use, readable only by its owner.
    ///
    /// # Errors
    /// No home folder, a file that is not a usable key, or a file that cannot be written.
    pub fn load_or_create() -> Result<Self, BundleError> {
        Self::load_or_create_in(&default_folder()?)
    }

    /// The key `signing_ed25519` of a folder, created if it is missing.
    ///
    /// # Errors
    /// As [`load_or_create`](Self::load_or_create).
    pub fn load_or_create_in(folder: &Path) -> Result<Self, BundleError> {
        let path = folder.join(OWN_KEY);
        if path.exists() { Self::from_file(&path) } else { Self::create(&path) }
    }

    /// A key in OpenSSH's format, as `ssh-keygen -t ed25519` writes it, without a passphrase.
    ///
    /// # Errors
    /// A file that cannot be read, is not an Ed25519 key, or is protected by a passphrase.
    pub fn from_file(path: &Path) -> Result<Self, BundleError> {
        Self::unlock(path, None)
    }

    /// A key in OpenSSH's format, unlocked with its passphrase if it has one.
    ///
    /// # Errors
    /// A file that cannot be read, is not an Ed25519 key, or needs another passphrase.
    pub fn unlock(path: &Path, passphrase: Option<&str>) -> Result<Self, BundleError> {
        let fail = |why: &str| BundleError::Key { path: path.to_owned(), why: why.to_owned() };
        let text = std::fs::read(path).map_err(BundleError::io(path))?;
        let key = PrivateKey::from_openssh(&text)
            .map_err(|_| fail("is not an OpenSSH private key; make one with `ssh-keygen -t ed25519`"))?;
        let key = match (key.is_encrypted(), passphrase) {
            (false, _) => key,
            (true, None) => {
                return Err(fail(
                    "is protected by a passphrase; give it (`--passphrase-file`), or load the key into ssh-agent \
                     and use `--agent`",
                ));
            }
            (true, Some(passphrase)) => {
                key.decrypt(passphrase).map_err(|_| fail("has another passphrase than the one given"))?
            }
        };
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(fail("is not an Ed25519 key; make one with `ssh-keygen -t ed25519`"));
        }
        Ok(Self(Held::Here(Box::new(key))))
    }

    /// A key that `ssh-agent` holds, by its fingerprint (`SHA256:…`); without a fingerprint the agent's only
    /// Ed25519 key.
    ///
    /// # Errors
    /// There is no agent (`SSH_AUTH_SOCK`), or it has no such key.
    pub fn from_agent(fingerprint: Option<&str>) -> Result<Self, BundleError> {
        Ok(Self(Held::Agent(Agent::find(fingerprint)?)))
    }

    /// Makes a key protected by a passphrase, in a file that must not be there yet.
    ///
    /// # Errors
    /// The file is there or cannot be written, or the passphrase is shorter than eight characters.
    pub fn make(path: &Path, passphrase: &str) -> Result<Self, BundleError> {
        if passphrase.chars().count() < 8 {
            let why = "needs a passphrase of at least eight characters".to_owned();
            return Err(BundleError::Key { path: path.to_owned(), why });
        }
        let key = PrivateKey::random(&mut ssh_key::rand_core::OsRng, Algorithm::Ed25519)
            .map_err(BundleError::encode("a signing key"))?;
        let text = key
            .encrypt(&mut ssh_key::rand_core::OsRng, passphrase)
            .and_then(|locked| locked.to_openssh(LineEnding::LF))
            .map_err(BundleError::encode("a signing key"))?;
        files::write_new(path, text.as_bytes()).map_err(BundleError::io(path))?;
        Ok(Self(Held::Here(Box::new(key))))
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.public().fingerprint(HashAlg::Sha256).to_string()
    }

    fn public(&self) -> &PublicKey {
        match &self.0 {
            Held::Here(key) => key.public_key(),
            Held::Agent(agent) => agent.public(),
        }
    }

    /// A new key in a file that must not exist yet; if another process created the file first, its key is used.
    fn create(path: &Path) -> Result<Self, BundleError> {
        let key = PrivateKey::random(&mut ssh_key::rand_core::OsRng, Algorithm::Ed25519)
            .map_err(BundleError::encode("a signing key"))?;
        let text = key.to_openssh(LineEnding::LF).map_err(BundleError::encode("a signing key"))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(BundleError::io(folder))?;
        match files::write_new(path, text.as_bytes()) {
            Ok(()) => Ok(Self(Held::Here(Box::new(key)))),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::from_file(path),
            Err(error) => Err(BundleError::Io { path: path.to_owned(), source: error }),
        }
    }

    /// The signature of a message, in the armour `ssh-keygen` reads.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, BundleError> {
        let signed = match &self.0 {
            Held::Here(key) => key.sign(NAMESPACE, HashAlg::Sha512, message),
            Held::Agent(agent) => return agent.sign(NAMESPACE, message),
        };
        signed
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map_err(BundleError::encode("a signature"))
    }

    /// The line for `allowed_signers`.
    pub(super) fn allowed_signers(&self) -> Result<String, BundleError> {
        let mut key = self.public().clone();
        key.set_comment("");
        let key = key.to_openssh().map_err(BundleError::encode("allowed_signers"))?;
        let key = key.trim_end();
        Ok(format!("{PRINCIPAL} namespaces=\"{NAMESPACE}\" {key}\n"))
    }
}

pub(super) fn default_folder() -> Result<PathBuf, BundleError> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    let Some(config) = config else {
        let why = "there is no home folder to keep it in; name a key's file, or set XDG_CONFIG_HOME";
        return Err(BundleError::Key { path: "signing_ed25519".into(), why: why.into() });
    };
    Ok(config.join("stillhunt"))
}

/// The one key of an `allowed_signers` file as [`SigningKey::allowed_signers`] writes it.
pub(super) fn allowed_key(text: &[u8]) -> Result<PublicKey, String> {
    let wrong = || "is not one line `stillhunt namespaces=\"…\" ssh-ed25519 KEY`".to_owned();
    let text = std::str::from_utf8(text).map_err(|_| wrong())?;
    let line = text.strip_suffix('\n').ok_or_else(wrong)?;
    let head = format!("{PRINCIPAL} namespaces=\"{NAMESPACE}\" ");
    let key = line.strip_prefix(&head).filter(|key| !key.contains('\n')).ok_or_else(wrong)?;
    let words = key;
    let key = PublicKey::from_openssh(words).map_err(|_| wrong())?;
    // A comment behind the key would be somebody else's words.
    let is_bare = key.comment().is_empty() && key.to_openssh().is_ok_and(|own| own.trim_end() == words);
    if key.algorithm() == Algorithm::Ed25519 && is_bare { Ok(key) } else { Err(wrong()) }
}

/// Reason why a signature is not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadSignature {
    /// The signature's own file is at fault, whatever it signs.
    Itself(String),
    /// The signature is not one of this file; either may have been altered.
    Mismatch,
}

/// Checks the signature of a message.
pub(super) fn check(key: &PublicKey, message: &[u8], armour: &[u8]) -> Result<(), BadSignature> {
    let itself = |why: &str| BadSignature::Itself(why.to_owned());
    let signature = SshSig::from_pem(armour).map_err(|_| itself("is not an OpenSSH signature"))?;
    let canonical = signature.to_pem(LineEnding::LF).map_err(|_| itself("is not an OpenSSH signature"))?;
    if canonical.as_bytes() != armour {
        return Err(itself("is not written as OpenSSH writes a signature"));
    }
    if signature.public_key() != key.key_data() {
        return Err(itself("was made with another key than allowed_signers names"));
    }
    if signature.namespace() != NAMESPACE {
        return Err(itself("was made for another purpose (namespace)"));
    }
    key.verify(NAMESPACE, message, &signature).map_err(|_| BadSignature::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_signers_have_no_words_behind_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let line = SigningKey::create(&folder.path().join("key")).unwrap().allowed_signers().unwrap();
        assert!(allowed_key(line.as_bytes()).is_ok());
        let more = line.replace('\n', " trusted by the court\n");
        assert!(allowed_key(more.as_bytes()).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/key");
        let made = SigningKey::create(&path).unwrap();
        assert_eq!(SigningKey::create(&path).unwrap().fingerprint(), made.fingerprint());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_protected_key_opens_with_its_passphrase_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(SigningKey::make(&path, "short").is_err());
        let made = SigningKey::make(&path, "correct horse").unwrap();
        assert!(SigningKey::make(&path, "correct horse").is_err(), "no key is written over");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(PrivateKey::from_openssh(&text).unwrap().is_encrypted());
        let said = |found: Result<SigningKey, BundleError>| found.err().unwrap().to_string();
        assert!(said(SigningKey::from_file(&path)).contains("--passphrase-file"));
        assert!(said(SigningKey::unlock(&path, Some("another horse"))).contains("another passphrase"));
        let opened = SigningKey::unlock(&path, Some("correct horse")).unwrap();
        assert_eq!(opened.fingerprint(), made.fingerprint());
    }

    #[test]
    fn what_is_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "nonsense").unwrap();
        let error = SigningKey::from_file(&path).err().unwrap().to_string();
        assert!(error.contains("key") && error.contains("ssh-keygen"), "{error}");
    }

    #[test]
    fn a_signature_holds_for_its_message_and_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::create(&folder.path().join("a")).unwrap();
        let other = SigningKey::create(&folder.path().join("b")).unwrap();
        let signature = key.sign(b"message").unwrap();
        let public = allowed_key(key.allowed_signers().unwrap().as_bytes()).unwrap();
        let other = allowed_key(other.allowed_signers().unwrap().as_bytes()).unwrap();
        let armour = signature.as_bytes();
        assert_eq!(check(&public, b"message", armour), Ok(()));
        assert_eq!(check(&public, b"massage", armour), Err(BadSignature::Mismatch));
        assert!(matches!(check(&other, b"message", armour), Err(BadSignature::Itself(_))));
        for at in 0..armour.len() {
            let mut altered = armour.to_vec();
            altered[at] ^= 1;
            assert!(check(&public, b"message", &altered).is_err(), "byte {at}");
        }
    }
}
