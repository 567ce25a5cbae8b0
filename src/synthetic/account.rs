//! One account of a synthetic log: attributes, behaviour and volume.

use super::kind::{Kind, Rhythm};

/// An address with its network.
#[derive(Clone, Debug)]
pub struct Address {
    /// IPv4 or IPv6.
    pub ip: String,
    /// Number of the network that announces it, from the private range.
    pub asn: i64,
    /// Country it is in.
    pub country: &'static str,
}

/// Model that an account calls, before and after it moves to a new one.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Before it moves.
    pub before: &'static str,
    /// Afterwards.
    pub after: &'static str,
    /// Time of the move, seconds since 1970; `i64::MAX` for never.
    pub at: i64,
}

/// One account.
#[derive(Debug)]
pub struct Account {
    /// Its number.
    pub number: u32,
    /// Its name in the log.
    pub id: String,
    /// Its label in the truth file.
    pub label: String,
    /// Its group in the truth file, or empty.
    pub group: String,
    /// Index of its campaign; `None` for innocents.
    pub campaign: Option<usize>,
    /// Its place within its group.
    pub member: u32,
    /// Its kind.
    pub kind: &'static Kind,
    /// Its rhythm.
    pub rhythm: Rhythm,
    /// Hours to add to UTC for its own time.
    pub offset: f64,
    /// Made at, seconds since 1970.
    pub created: i64,
    /// Verified at, seconds since 1970; none for the unverified.
    pub verified: Option<i64>,
    /// First and last day it may be seen on.
    pub span: (u32, u32),
    /// Its organisation.
    pub org: Option<String>,
    /// Its card.
    pub payment: Option<String>,
    /// Domain of its email address.
    pub email: String,
    /// Its stated use case.
    pub use_case: &'static str,
    /// Its access tier.
    pub tier: &'static str,
    /// Its keys.
    pub keys: Vec<String>,
    /// Its addresses, most used first.
    pub addresses: Vec<Address>,
    /// Its clients: user agent and TLS fingerprint, most used first.
    pub clients: Vec<(&'static str, &'static str)>,
    /// Its subjects: places in the grammar.
    pub subjects: Vec<u16>,
    /// Its frame: a place in the grammar.
    pub frame: Option<u16>,
    /// Its models.
    pub model: Choice,
    /// Its key for what is bound once per account.
    pub binding: u64,
    /// Number of exchanges on each day.
    pub days: Vec<u32>,
}

/// Group of accounts: name, key and members.
pub struct Group {
    /// Its name in the truth file; empty for an account by itself.
    pub name: String,
    /// Its key for what is drawn once per group.
    pub key: u64,
    /// Its accounts.
    pub size: u32,
}
