//! Marks of evidence on accounts and exchanges, for tables.

use std::collections::BTreeMap;

use super::view::{Command, ViewContext};
use crate::cache::AccountIndex;
use crate::case::{Evidence, EvidenceSource};
use crate::model::{ExchangeRef, Tag};

/// Tags by account and by exchange, each as the sorted first letters of its tags.
#[derive(Clone, Default)]
pub struct Marks {
    of: (usize, u64),
    accounts: BTreeMap<AccountIndex, String>,
    exchanges: BTreeMap<ExchangeRef, String>,
}

impl Marks {
    /// Takes in the evidence of the case where it has changed.
    pub fn follow(&mut self, cx: &ViewContext<'_>) {
        let now = (cx.state.journal.len(), cx.data_version);
        if self.of == now {
            return;
        }
        *self = Self { of: now, ..Self::default() };
        for evidence in cx.state.evidence.values() {
            match &evidence.source {
                EvidenceSource::Account { account } => {
                    if let Some(account) = cx.cache.account_index(account) {
                        add(self.accounts.entry(account).or_default(), &evidence.tag);
                    }
                }
                EvidenceSource::Exchange { exchange, .. } => {
                    add(self.exchanges.entry(exchange.clone()).or_default(), &evidence.tag);
                }
                EvidenceSource::Scope { .. } => {}
            }
        }
    }

    /// Letters of an account's tags; empty without evidence.
    pub fn of_account(&self, account: AccountIndex) -> &str {
        self.accounts.get(&account).map_or("", String::as_str)
    }

    /// Letters of an exchange's tags; empty without evidence.
    pub fn of_exchange(&self, exchange: &ExchangeRef) -> &str {
        self.exchanges.get(exchange).map_or("", String::as_str)
    }
}

/// Letters of the tags, in words.
pub const LEGEND: &str = "Evidence: r relied-on, e exculpatory, c context, k control, * own tag";

fn add(letters: &mut String, tag: &Tag) {
    let letter = match tag {
        Tag::ReliedOn => 'r',
        Tag::Exculpatory => 'e',
        Tag::Context => 'c',
        Tag::Control => 'k',
        Tag::Own(_) => '*',
    };
    if !letters.contains(letter) {
        letters.push(letter);
    }
}

/// Marks a lead of the present list as relied on.
pub fn rely_on(cx: &ViewContext<'_>, at: usize) {
    if let Some(group) = cx.leads.groups.get(at) {
        let source = EvidenceSource::Scope { scope: group.scope(cx.cache), title: group.name() };
        cx.send(Command::TagSource(source, Tag::ReliedOn, String::new()));
    }
}

/// First evidence with a tag on one of these sources.
pub fn tagged<'a>(
    cx: &ViewContext<'a>,
    tag: &Tag,
    mut is_source: impl FnMut(&EvidenceSource) -> bool,
) -> Option<&'a Evidence> {
    let state: &'a crate::case::State = cx.state;
    state.evidence.values().find(|evidence| evidence.tag == *tag && is_source(&evidence.source))
}

/// Evidence with the opposite tag on one of these sources: relied on where it is to be exculpatory, and the
/// other way round.
pub fn opposite<'a>(
    cx: &ViewContext<'a>,
    tag: &Tag,
    mut is_source: impl FnMut(&EvidenceSource) -> bool,
) -> Vec<&'a Evidence> {
    let opposite = match tag {
        Tag::ReliedOn => Tag::Exculpatory,
        Tag::Exculpatory => Tag::ReliedOn,
        _ => return Vec::new(),
    };
    let state: &'a crate::case::State = cx.state;
    state
        .evidence
        .values()
        .filter(|evidence| evidence.tag == opposite && is_source(&evidence.source))
        .collect()
}
