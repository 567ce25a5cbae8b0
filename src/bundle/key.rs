//! The Ed25519 key a bundle is signed with.

/// A key that signs.
pub struct SigningKey(ssh_key::PrivateKey);
