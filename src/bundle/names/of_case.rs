//! A case under the names of a bundle: scopes, evidence, statements, leads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Names;
use crate::cache::{Cache, Renaming as _, ValueIndex};
use crate::case::legal::Legal;
use crate::case::{Alternative, EvidenceSource, Redacted, State, Subject};
use crate::leads::{self, GroupLead, Leads};
use crate::model::{AccountId, AccountSet, AttributeKind, LeadRef, Scope, Tag};

impl Names<'_> {
    /// A scope with other names.
    pub(in crate::bundle) fn scope(&self, scope: &Scope) -> Scope {
        let set = |set: &AccountSet| AccountSet {
            label: set.label.as_deref().map(|label| self.text(label)),
            lead: set.lead.as_ref().map(|lead| self.lead(lead)),
            ids: set.ids.iter().map(|id| self.id(id)).collect(),
        };
        type Values = BTreeMap<AttributeKind, BTreeSet<String>>;
        let renamed = |of: &Values| -> Values {
            let values = |(kind, values): (&AttributeKind, &BTreeSet<String>)| {
                (*kind, values.iter().map(|value| self.attribute(*kind, value)).collect())
            };
            of.iter().map(values).collect()
        };
        Scope {
            accounts: scope.accounts.as_ref().map(set),
            except: scope.except.as_ref().map(set),
            span: scope.span,
            topics: scope
                .topics
                .as_ref()
                .map(|topics| topics.iter().map(|(id, label)| (*id, self.topic(*id, label))).collect()),
            attributes: renamed(&scope.attributes),
            without: renamed(&scope.without),
        }
    }

    pub(super) fn lead(&self, lead: &LeadRef) -> LeadRef {
        let core = lead.core.iter().map(|id| self.id(id)).collect();
        LeadRef { id: self.lead_id(&lead.id), method: lead.method, core: Arc::new(core) }
    }

    fn title_of(&self, scope: &Scope, title: &str) -> String {
        let ids = scope.accounts.as_ref().map(|accounts| &accounts.ids).filter(|ids| ids.len() == 1);
        let account = ids.and_then(|ids| ids.first()).map(AccountId::as_str);
        let topics = scope.topics.iter().flatten().map(|(id, label)| (id.to_string(), label.clone()));
        let values = scope.attributes.iter().chain(&scope.without);
        let values = values.map(|(kind, values)| (*kind, values.iter().cloned().collect()));
        self.title(title, account, &topics.collect::<Vec<_>>(), &values.collect::<Vec<_>>())
    }

    fn source(&self, source: &EvidenceSource) -> EvidenceSource {
        match source {
            EvidenceSource::Exchange { exchange, account, ts, record, reading } => EvidenceSource::Exchange {
                exchange: self.exchange(exchange),
                account: self.id(account),
                ts: *ts,
                // A plain hash over withheld content would confirm a guess.
                record: self.record(exchange, *record).parse().unwrap_or(*record),
                reading: reading.filter(|_| self.are_clear()),
            },
            EvidenceSource::Account { account } => EvidenceSource::Account { account: self.id(account) },
            EvidenceSource::Scope { scope, title } => {
                EvidenceSource::Scope { scope: self.scope(scope), title: self.title_of(scope, title) }
            }
        }
    }

    fn alternative(&self, weighed: &Alternative) -> Alternative {
        let subject = weighed.subject.as_ref().map(|subject| match subject {
            Subject::Lead { lead } => Subject::Lead { lead: self.lead(lead) },
            Subject::Account { account } => Subject::Account { account: self.id(account) },
            Subject::Evidence { id } => Subject::Evidence { id: *id },
        });
        Alternative {
            lead: self.name_of_subject(&weighed.lead),
            subject,
            explanation: weighed.explanation.clone(),
            evidence_for: self.text(&weighed.evidence_for),
            evidence_against: self.text(&weighed.evidence_against),
            verdict: weighed.verdict,
        }
    }

    /// A lead's id, an account's id or a title.
    pub(in crate::bundle) fn name_of_subject(&self, name: &str) -> String {
        let account = AccountId(name.to_owned());
        if self.cache.account_index(&account).is_some() { self.id(&account).0 } else { self.text(name) }
    }

    /// A state with other names, and without notes where names are pseudonyms,
    /// those of exculpatory evidence aside. Its journal is unchanged.
    pub(in crate::bundle) fn state(&self, state: &State) -> State {
        if self.are_clear() {
            return state.clone();
        }
        let mut renamed = state.clone();
        renamed.name = self.text(&state.name);
        // The legal frame is made of the journal as the bundle shows it.
        renamed.legal = Legal::default();
        for evidence in renamed.evidence.values_mut() {
            evidence.source = self.source(&evidence.source);
            // The reason of exculpatory evidence is disclosed.
            let is_disclosed = evidence.tag == Tag::Exculpatory;
            evidence.note = if is_disclosed { self.text(&evidence.note) } else { String::new() };
            if let Tag::Own(own) = &evidence.tag {
                evidence.tag = Tag::Own(self.text(own));
            }
        }
        for saved in &mut renamed.scopes {
            saved.name = self.title_of(&saved.scope, &saved.name);
            saved.scope = self.scope(&saved.scope);
        }
        for event in &mut renamed.events {
            event.label = self.text(&event.label);
        }
        self.rename_story(&mut renamed);
        self.rename_snapshots(&mut renamed);
        for redaction in &mut renamed.redactions {
            redaction.reason = self.text(&redaction.reason);
            match &mut redaction.what {
                Redacted::Words { words } => words.clear(),
                Redacted::Span { exchange, .. } | Redacted::Field { exchange, .. } => {
                    *exchange = self.exchange(exchange);
                }
                Redacted::Rule { .. } => {}
            }
        }
        renamed.alternatives = state.alternatives.iter().map(|weighed| self.alternative(weighed)).collect();
        renamed.settings =
            state.settings.iter().map(|(key, value)| (key.clone(), self.text(value))).collect();
        renamed
    }

    /// Leads with other names in their sentences. `renamed` is the renamed cache.
    pub(in crate::bundle) fn leads(&self, leads: &Leads, renamed: &Cache) -> Leads {
        let mut leads = leads.clone();
        if self.are_clear() {
            return leads;
        }
        for group in &mut leads.groups {
            group.id = self.lead_id(&group.id);
            let parts = self.parts(group, renamed);
            let replaced = |text: &str| {
                let text = parts.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
                self.sentence(&text)
            };
            group.shares = replaced(&group.shares);
            for reason in &mut group.reasons {
                reason.sentence = replaced(&reason.sentence).into();
            }
        }
        leads.cohorts = leads.cohorts.iter().map(|name| self.text(name)).collect();
        leads
    }

    /// Parts of the sentences of a lead that name a value or a topic, with those that take their place.
    fn parts(&self, group: &GroupLead, renamed: &Cache) -> BTreeMap<String, String> {
        let named = |cache: &Cache, value: ValueIndex| leads::shared_value(cache, value, &group.core);
        let mut parts = BTreeMap::new();
        for &account in &group.core {
            for &(value, _) in self.cache.values_of(account) {
                let (old, new) = (&self.cache.values()[value as usize], &renamed.values()[value as usize]);
                if old.value != new.value {
                    parts.insert(named(self.cache, value), named(renamed, value));
                }
            }
        }
        for (old, new) in self.cache.topics().iter().zip(renamed.topics()) {
            parts.insert(leads::about_topic(&old.label), leads::about_topic(&new.label));
        }
        parts
    }
}
