//! Marks of evidence on accounts and exchanges, for tables.

use std::collections::BTreeMap;

use super::scopes;
use super::view::{Command, Selected, ViewContext};
use crate::cache::{AccountIndex, RowId};
use crate::case::{Evidence, EvidenceSource};
use crate::model::{AccountId, ExchangeRef, Scope, Tag};
use crate::query::exchanges::ExchangeRow;

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

/// Something that can be marked as evidence.
pub enum Markable {
    /// A lead, as its scope and its title.
    Lead(Scope, String),
    /// A saved scope and its name.
    Group(Scope, String),
    /// An account.
    Account(AccountId),
    /// An exchange.
    Exchange(RowId, ExchangeRef),
}

impl Markable {
    /// The selection; `None` if it cannot be marked. `exchange` is the selected exchange, once it was read.
    pub fn of_selected(cx: &ViewContext<'_>, exchange: Option<&ExchangeRow>) -> Option<Self> {
        match cx.selected {
            Selected::Lead(at) => {
                let group = cx.leads.groups.get(*at)?;
                Some(Self::Lead(group.scope(cx.cache), group.name()))
            }
            Selected::Saved(name) => Some(Self::Group(scopes::saved_as(cx, name)?.clone(), name.clone())),
            Selected::Account(at) => Some(Self::Account(cx.cache.accounts().get(*at as usize)?.id.clone())),
            Selected::Exchange(row) => Some(Self::Exchange(*row, exchange?.exchange.clone())),
            _ => None,
        }
    }

    /// Its kind: `lead`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Lead(..) => "lead",
            Self::Group(..) => "group",
            Self::Account(_) => "account",
            Self::Exchange(..) => "exchange",
        }
    }

    /// Effect of marking, in a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exchange(..) => {
                "Marking copies the whole record into the case, including prompt and response (key M)"
            }
            _ => "Marks it with this tag and note; Undo takes it back (key M)",
        }
    }

    /// True if evidence is of this source.
    pub fn is(&self, source: &EvidenceSource) -> bool {
        match (self, source) {
            (Self::Lead(own, _) | Self::Group(own, _), EvidenceSource::Scope { scope, .. }) => own == scope,
            (Self::Account(own), EvidenceSource::Account { account }) => own == account,
            (Self::Exchange(_, own), EvidenceSource::Exchange { exchange, .. }) => own == exchange,
            _ => false,
        }
    }

    /// Command that marks it.
    pub fn command(self, tag: Tag, note: String) -> Command {
        match self {
            Self::Lead(scope, title) | Self::Group(scope, title) => {
                Command::TagSource(EvidenceSource::Scope { scope, title }, tag, note)
            }
            Self::Account(account) => Command::TagSource(EvidenceSource::Account { account }, tag, note),
            Self::Exchange(row, _) => Command::TagExchanges(vec![row], tag, note),
        }
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
