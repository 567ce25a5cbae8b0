//! Signing with a key that `ssh-agent` holds (draft-ietf-sshm-ssh-agent).
//!
//! The private key never enters this process. Two messages are used: list the keys, sign.

use std::path::PathBuf;

use ssh_key::{Algorithm, HashAlg, LineEnding, PublicKey, Signature, SshSig};

use super::BundleError;

/// Message numbers.
const LIST: u8 = 11;
const LISTED: u8 = 12;
const SIGN: u8 = 13;
const SIGNED: u8 = 14;
/// Maximum number of bytes of an answer, and of keys read.
const ANSWER: usize = 256 << 10;
const KEYS: u32 = 1_000;

/// A key of an agent.
pub(super) struct Agent {
    socket: PathBuf,
    public: PublicKey,
}

impl Agent {
    /// The key with a fingerprint; without a fingerprint the only Ed25519 key.
    pub(super) fn find(fingerprint: Option<&str>) -> Result<Self, BundleError> {
        let Some(socket) = std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from) else {
            let why = "there is no ssh-agent: SSH_AUTH_SOCK is not set".to_owned();
            return Err(BundleError::Key { path: "ssh-agent".into(), why });
        };
        let fail = |why: &str| BundleError::Key { path: socket.clone(), why: why.to_owned() };
        let answer = ask(&socket, &[LIST])?;
        let mut rest = match answer.split_first() {
            Some((&LISTED, rest)) => rest,
            _ => return Err(fail("does not list its keys")),
        };
        let count = number(&mut rest).ok_or_else(|| fail("has an answer that cannot be read"))?;
        let mut found = Vec::new();
        for _ in 0..count.min(KEYS) {
            let (Some(blob), Some(_)) = (string(&mut rest), string(&mut rest)) else { break };
            let Ok(public) = PublicKey::from_bytes(blob) else { continue };
            let own = public.fingerprint(HashAlg::Sha256).to_string();
            if public.algorithm() == Algorithm::Ed25519 && fingerprint.is_none_or(|asked| asked == own) {
                found.push(public);
            }
        }
        match (found.len(), found.pop()) {
            (1, Some(public)) => Ok(Self { socket, public }),
            (0, _) => Err(fail("has no such Ed25519 key; add it with `ssh-add`")),
            _ => Err(fail("has several Ed25519 keys; name one by its fingerprint")),
        }
    }

    /// The public key.
    pub(super) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signature of a message, in the armour that `ssh-keygen` reads.
    pub(super) fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, BundleError> {
        let encode = || BundleError::encode::<ssh_key::Error>("a signature");
        let fail = |why: &str| BundleError::Key { path: self.socket.clone(), why: why.to_owned() };
        let data = SshSig::signed_data(namespace, HashAlg::Sha512, message).map_err(encode())?;
        let mut request = vec![SIGN];
        put(&mut request, &self.public.to_bytes().map_err(encode())?);
        put(&mut request, &data);
        request.extend([0; 4]);
        let answer = ask(&self.socket, &request)?;
        let mut rest = match answer.split_first() {
            Some((&SIGNED, rest)) => rest,
            _ => return Err(fail("refused to sign")),
        };
        let mut blob = string(&mut rest).ok_or_else(|| fail("has an answer that cannot be read"))?;
        let (kind, bytes) = (string(&mut blob), string(&mut blob));
        if kind != Some(b"ssh-ed25519") {
            return Err(fail("signed with another kind of key"));
        }
        let signature = Signature::new(Algorithm::Ed25519, bytes.unwrap_or_default()).map_err(encode())?;
        let signed = SshSig::new(self.public.key_data().clone(), namespace, HashAlg::Sha512, signature)
            .map_err(encode())?;
        // Checked here, because otherwise only the receiver of the bundle would find a wrong signature.
        self.public
            .verify(namespace, message, &signed)
            .map_err(|_| fail("gave a signature that is not valid"))?;
        signed.to_pem(LineEnding::LF).map_err(encode())
    }
}

/// Answer of the agent to one message.
#[cfg(unix)]
fn ask(socket: &std::path::Path, message: &[u8]) -> Result<Vec<u8>, BundleError> {
    use std::io::{Read as _, Write as _};
    let io = || BundleError::io(socket);
    let nobody = |_| BundleError::Key {
        path: socket.to_owned(),
        why: "no ssh-agent answers here; start one and add the key with `ssh-add`".to_owned(),
    };
    let mut stream = std::os::unix::net::UnixStream::connect(socket).map_err(nobody)?;
    // Long enough for a person to confirm.
    let patience = Some(std::time::Duration::from_secs(60));
    stream.set_read_timeout(patience).and_then(|()| stream.set_write_timeout(patience)).map_err(io())?;
    let mut framed = Vec::new();
    put(&mut framed, message);
    stream.write_all(&framed).map_err(io())?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).map_err(io())?;
    let length = u32::from_be_bytes(length) as usize;
    if length > ANSWER {
        let why = format!("has an answer of {length} bytes");
        return Err(BundleError::Key { path: socket.to_owned(), why });
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).map_err(io())?;
    Ok(answer)
}

#[cfg(not(unix))]
fn ask(socket: &std::path::Path, _message: &[u8]) -> Result<Vec<u8>, BundleError> {
    let why = "ssh-agent is supported on Unix only".to_owned();
    Err(BundleError::Key { path: socket.to_owned(), why })
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (head, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_be_bytes(*head))
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(rest)? as usize;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_agent_that_has_ended_is_named_with_the_next_step() {
        let folder = tempfile::tempdir().unwrap();
        let error = ask(&folder.path().join("agent"), &[LIST]).unwrap_err().to_string();
        assert!(error.contains("no ssh-agent answers here") && error.contains("ssh-add"), "{error}");
    }
}
