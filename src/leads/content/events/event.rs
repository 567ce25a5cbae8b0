//! An event and its description.

use super::super::tier::Tier;
use crate::model::{Micros, Zone};

/// One day, in microseconds.
pub(super) const DAY: Micros = 24 * 3_600_000_000;

/// Longest time from creation to the first exchange of the case of an account that counts as new.
const NEW_WITHIN: Micros = 7 * DAY;

/// Time without use at the end of the case after which an account counts as gone.
const GONE_AFTER: Micros = 3 * DAY;

/// Cause shared by events; only the strongest event of a cause counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventFamily {
    /// Accounts created for the purpose.
    New,
    /// Proxies.
    Networks,
    /// Stolen keys.
    TakenOver,
    /// Free trials.
    Trial,
    /// Union of all others.
    Any,
}

impl EventFamily {
    /// Kind of cause that such events have in common, in words. It names no intent.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new accounts",
            Self::Networks => "many networks",
            Self::TakenOver => "changed accounts",
            Self::Trial => "short trials",
            Self::Any => "any",
        }
    }
}

/// Description of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventAbout {
    /// Short name: `A1`. Evidence is numbered `E1`, so that events of accounts have another letter.
    pub id: &'static str,
    /// Title: `new and heavy`.
    pub title: &'static str,
    /// Predicate of the accounts to which it happened: `are new and heavy`.
    pub predicate: &'static str,
    /// The predicate in at most twelve words, without thresholds: `are new accounts in heavy use`.
    pub brief: &'static str,
    /// Benign explanation.
    pub look_alike: &'static str,
    /// Data that would confirm or refute that explanation.
    pub tells_apart: &'static str,
    /// Events with the same cause.
    pub family: EventFamily,
}

/// An event of accounts.
pub(in super::super) trait Event: Sync {
    /// Its description.
    fn about(&self) -> &'static EventAbout;

    /// Its thresholds in a case, in sentences that follow the predicate.
    fn thresholds(&self, tier: &Tier<'_>) -> String;

    /// True where it happened, by position in the tier; `None` where the log cannot say.
    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>>;
}

/// True if the account was made at most seven days before the case begins; `None` where unknown.
pub(super) fn is_new(tier: &Tier<'_>, at: usize) -> Option<bool> {
    tier.facts(at).created.map(|created| created >= first_new(tier))
}

/// Sentence on new accounts: `New: created on or after 2026-04-15.`
pub(super) fn new_in_words(tier: &Tier<'_>) -> String {
    format!("New: created on or after {}.", day(first_new(tier)))
}

/// Sentence on own prompts.
pub(super) const OWN_IN_WORDS: &str = "Own prompts: nobody else sent more than half of them.";

/// Calendar day in UTC.
pub(super) fn day(t: Micros) -> String {
    Zone::utc().format_date(t)
}

fn first_new(tier: &Tier<'_>) -> Micros {
    tier.span().start.saturating_sub(NEW_WITHIN)
}

/// True if the account was not used in the last three days of the case.
pub(super) fn is_gone(tier: &Tier<'_>, at: usize) -> bool {
    tier.facts(at).last < tier.span().end.saturating_sub(GONE_AFTER)
}

/// Sentence on accounts that are gone: `no exchange after 2026-06-01.`
pub(super) fn gone_in_words(tier: &Tier<'_>) -> String {
    format!("no exchange after {}.", day(tier.span().end.saturating_sub(GONE_AFTER)))
}

/// Longest time from the end of a predecessor to the creation of its successor, and from that creation to that end.
const MAX_GAP: Micros = 2 * DAY;
const BEFORE: Micros = DAY / 2;

/// True if the account was created when another one ended.
pub(super) fn follows(created: Micros, ended: Micros) -> bool {
    (-BEFORE..=MAX_GAP).contains(&(created - ended))
}

/// Sentences on accounts that count as one, since they were created or changed together.
pub(super) const CREATED_TOGETHER_IN_WORDS: &str = "Accounts created within one day count as one if they are half of \
     the new ones and half of them call from one network.";
pub(super) const CHANGED_TOGETHER_IN_WORDS: &str = "Accounts that changed within one day count as one if they are half \
     of those that changed and half of them call from one network.";

/// Share of prompts sent by others too, below which an account's prompts count as its own.
const OWN_PROMPTS: f32 = 0.5;

/// True if fewer than half of the account's prompts are sent by another account too.
pub(in super::super) fn has_own_prompts(tier: &Tier<'_>, at: usize) -> bool {
    tier.facts(at).shared < OWN_PROMPTS
}

/// True if the account is new, for the cells of behaviour; false where unknown.
pub(in super::super) fn is_new_or_false(tier: &Tier<'_>, at: usize) -> bool {
    is_new(tier, at).unwrap_or(false)
}

/// [`is_gone`], for the cells of behaviour.
pub(in super::super) fn has_gone(tier: &Tier<'_>, at: usize) -> bool {
    is_gone(tier, at)
}
