//! Names in a bundle: in clear for counsel, keyed pseudonyms for everyone else.
//!
//! A pseudonym is the kind of the value and the first 16 hexadecimal digits of HMAC-SHA-256 under the
//! case's key, so that one value has one pseudonym in every file and every bundle of the case. State, cache
//! and leads are renamed as a whole before anything is made of them; what people or the program have
//! written in prose is searched for names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::BundleError;
use crate::cache::{Cache, Renaming};
use crate::case::{Alternative, EvidenceSource, State, Subject};
use crate::leads::{GroupLead, Leads};
use crate::model::{
    AccountId, AccountSet, AttributeKind, Digest, ExchangeRef, LeadRef, Scope, Tag, format_count, hmac,
    visible,
};

/// Attributes whose values are pseudonyms, with the word that a pseudonym begins with.
pub(super) const PRIVATE: [(AttributeKind, &str); 8] = [
    (AttributeKind::PaymentFingerprint, "card"),
    (AttributeKind::Ip, "address"),
    (AttributeKind::Ip24, "network"),
    (AttributeKind::EmailDomain, "domain"),
    (AttributeKind::PromptTemplate, "template"),
    (AttributeKind::OrgId, "organisation"),
    (AttributeKind::ApiKeyId, "key"),
    (AttributeKind::EndUserId, "user"),
];
/// Word that the pseudonym of an account begins with.
const ACCOUNT: &str = "account";
/// Hexadecimal digits of a pseudonym.
const DIGITS: usize = 16;
/// Fewest bytes of a name that is looked for in prose; a shorter one cannot be told from other words.
const FEWEST: usize = 5;
/// Most bytes of a word that may be a name.
const LONGEST: usize = 512;
/// Most names with spaces, quotes or brackets that are looked for in prose.
const ODD: usize = 100_000;

/// Names of a bundle.
pub(super) struct Names<'a> {
    /// Key of the pseudonyms; `None` for names in clear.
    key: Option<Digest>,
    cache: &'a Cache,
    /// Names that are no single word, and their pseudonyms.
    odd: Option<(AhoCorasick, Vec<String>)>,
}

impl<'a> Names<'a> {
    /// Names in clear.
    pub(super) fn open(cache: &'a Cache) -> Self {
        Self { key: None, cache, odd: None }
    }

    /// Pseudonyms under a key.
    ///
    /// # Errors
    /// The names take too much memory to be looked for.
    pub(super) fn pseudonyms(cache: &'a Cache, key: Digest) -> Result<Self, BundleError> {
        let mut names = Self { key: Some(key), cache, odd: None };
        let accounts = cache.accounts().iter().map(|account| (ACCOUNT, account.id.as_str()));
        let values = cache
            .values()
            .iter()
            .filter_map(|value| word_of(value.kind).map(|word| (word, value.value.as_str())));
        let (mut patterns, mut with): (Vec<String>, Vec<String>) = Default::default();
        for (word, name) in accounts.chain(values) {
            let is_odd = name.chars().any(is_separator) || visible(name) != name;
            // A template may be as short as a common word.
            let least = if word == "template" { 24 } else { FEWEST };
            if !is_odd || name.len() < least {
                continue;
            }
            for pattern in [visible(name).into_owned(), name.to_owned()] {
                patterns.push(pattern);
                with.push(names.pseudonym(word, name));
            }
            if patterns.len() >= ODD {
                break;
            }
        }
        if !patterns.is_empty() {
            let found = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&patterns)
                .map_err(BundleError::encode("the search for names"))?;
            names.odd = Some((found, with));
        }
        Ok(names)
    }

    /// True if names stand in clear.
    pub(super) fn are_clear(&self) -> bool {
        self.key.is_none()
    }

    /// `account-0123456789abcdef`; the name itself where names are clear.
    fn pseudonym(&self, word: &str, name: &str) -> String {
        match self.key {
            None => name.to_owned(),
            Some(key) => {
                let digest = hmac(&key.0, format!("{word}\0{name}").as_bytes()).to_string();
                // Whether a domain is academic bears on an innocent explanation.
                let end = if word == "domain" && is_academic(name) { ".edu" } else { "" };
                format!("{word}-{}{end}", &digest[..DIGITS])
            }
        }
    }

    /// Value of an attribute by its kind.
    pub(super) fn attribute(&self, kind: AttributeKind, value: &str) -> String {
        word_of(kind).map_or_else(|| value.to_owned(), |word| self.pseudonym(word, value))
    }

    /// An account's name.
    pub(super) fn id(&self, id: &AccountId) -> AccountId {
        AccountId(self.pseudonym(ACCOUNT, id.as_str()))
    }

    /// Secret salt of one use, 32 hexadecimal digits: of a record, or of a value left out.
    pub(super) fn salt(&self, key: Digest, exchange: &ExchangeRef, column: &str) -> String {
        hmac(&key.0, format!("salt\0{exchange}\0{column}").as_bytes()).to_string()[..32].to_owned()
    }

    /// Commitment to a record: SHA-256 of `["SALT","EXCHANGE","record","SHA-256"]`.
    pub(super) fn record(&self, exchange: &ExchangeRef, digest: Digest) -> String {
        self.commitment(exchange, "record", &digest.to_string())
    }

    /// Commitment to a value: SHA-256 of `["SALT","EXCHANGE","COLUMN","VALUE"]`; of the value alone where
    /// names are clear.
    pub(super) fn commitment(&self, exchange: &ExchangeRef, column: &str, value: &str) -> String {
        match self.key {
            None if column == "record" => value.to_owned(),
            None => Digest::of(value.as_bytes()).to_string(),
            Some(key) => {
                let salt = self.salt(key, exchange, column);
                let line = serde_json::json!([salt, exchange.to_string(), column, value]).to_string();
                Digest::of(line.as_bytes()).to_string()
            }
        }
    }

    /// Prose with every name in it replaced. Names of fewer than five bytes, plain numbers and plain words
    /// are not looked for.
    pub(super) fn text(&self, text: &str) -> String {
        if self.key.is_none() {
            return text.to_owned();
        }
        let text = match &self.odd {
            Some((found, with)) => found.replace_all(text, with),
            None => text.to_owned(),
        };
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars() {
            if is_separator(c) {
                self.word(&std::mem::take(&mut word), &mut out);
                out.push(c);
            } else {
                word.push(c);
            }
        }
        self.word(&word, &mut out);
        out
    }

    /// Appends a word, or the pseudonym of the name that it is or contains between marks.
    fn word(&self, mut word: &str, out: &mut String) {
        while word.len() >= FEWEST {
            let core = word.trim_matches(['.', ':', ';', '!', '?', '\'', '#', '=', '/']);
            if let Some(name) = self.known(core) {
                let at = word.find(core).unwrap_or(0);
                out.push_str(&word[..at]);
                out.push_str(&name);
                out.push_str(&word[at + core.len()..]);
                return;
            }
            let Some(mark) = word.find(['#', '=', '/', ':']) else { break };
            let (before, after) = word.split_at(mark + 1);
            match self.known(&before[..mark]) {
                Some(name) => out.extend([name.as_str(), &before[mark..]]),
                None => out.push_str(before),
            }
            word = after;
        }
        out.push_str(word);
    }

    /// Pseudonym of a word that is a name of the case. Names that could be plain words or numbers, without
    /// a digit, dot, underscore or @, are not looked for.
    fn known(&self, word: &str) -> Option<String> {
        if !(FEWEST..=LONGEST).contains(&word.len()) || !is_telling(word) {
            return None;
        }
        if self.cache.account_index(&word.into()).is_some() {
            return Some(self.pseudonym(ACCOUNT, word));
        }
        PRIVATE
            .iter()
            .find(|(kind, _)| self.cache.value_index(*kind, word).is_some())
            .map(|(_, prefix)| self.pseudonym(prefix, word))
    }

    /// Refuses bytes that still have a name in them.
    ///
    /// # Errors
    /// A file that would disclose a name.
    pub(super) fn check(&self, file: &str, bytes: &[u8]) -> Result<(), BundleError> {
        if self.key.is_none() {
            return Ok(());
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        let named = text.lines().zip(1..).find(|(line, _)| self.text(line) != **line);
        match named {
            None => Ok(()),
            Some((_, line)) => Err(BundleError::Refused(format!(
                "{file} would disclose an account, card, address, organisation or prompt in line {line}; rename \
                 what holds it (a file, a title, a statement), or report this as a fault of the program"
            ))),
        }
    }

    /// A scope with other names.
    pub(super) fn scope(&self, scope: &Scope) -> Scope {
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
            span: scope.span,
            topics: scope
                .topics
                .as_ref()
                .map(|topics| topics.iter().map(|(id, label)| (*id, self.topic(*id, label))).collect()),
            attributes: renamed(&scope.attributes),
            without: renamed(&scope.without),
        }
    }

    fn lead(&self, lead: &LeadRef) -> LeadRef {
        let core = lead.core.iter().map(|id| self.id(id)).collect();
        LeadRef { id: lead.id.clone(), method: lead.method, core: Arc::new(core) }
    }

    fn source(&self, source: &EvidenceSource) -> EvidenceSource {
        match source {
            EvidenceSource::Exchange { exchange, account, ts, record, reading } => EvidenceSource::Exchange {
                exchange: exchange.clone(),
                account: self.id(account),
                ts: *ts,
                record: *record,
                reading: *reading,
            },
            EvidenceSource::Account { account } => EvidenceSource::Account { account: self.id(account) },
            EvidenceSource::Scope { scope, title } => {
                EvidenceSource::Scope { scope: self.scope(scope), title: self.text(title) }
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
    pub(super) fn name_of_subject(&self, name: &str) -> String {
        let account = AccountId(name.to_owned());
        if self.cache.account_index(&account).is_some() { self.id(&account).0 } else { self.text(name) }
    }

    /// A state with other names, and without notes where names are pseudonyms,
    /// those of exculpatory evidence aside. Its journal is unchanged.
    pub(super) fn state(&self, state: &State) -> State {
        if self.are_clear() {
            return state.clone();
        }
        let mut renamed = state.clone();
        renamed.name = self.text(&state.name);
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
            saved.scope = self.scope(&saved.scope);
            saved.name = self.text(&saved.name);
        }
        for review in &mut renamed.reviews {
            review.lead = self.lead(&review.lead);
            review.reason = String::new();
        }
        for event in &mut renamed.events {
            event.label = self.text(&event.label);
        }
        for retired in &mut renamed.retired {
            retired.reason = self.text(&retired.reason);
        }
        renamed.alternatives = state.alternatives.iter().map(|weighed| self.alternative(weighed)).collect();
        renamed.settings =
            state.settings.iter().map(|(key, value)| (key.clone(), self.text(value))).collect();
        renamed
    }

    /// Leads with other names in their sentences. `renamed` is the renamed cache.
    pub(super) fn leads(&self, leads: &Leads, renamed: &Cache) -> Leads {
        let mut leads = leads.clone();
        if self.are_clear() {
            return leads;
        }
        for group in &mut leads.groups {
            let parts = self.parts(group, renamed);
            let replaced = |text: &str| {
                let text = parts.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
                self.text(&text)
            };
            group.shares = replaced(&group.shares);
            for reason in &mut group.reasons {
                reason.sentence = replaced(&reason.sentence);
            }
        }
        leads.cohorts = leads.cohorts.iter().map(|name| self.text(name)).collect();
        leads
    }

    /// Parts of the sentences of a lead that name a value or a topic, with those that take their place.
    fn parts(&self, group: &GroupLead, renamed: &Cache) -> BTreeMap<String, String> {
        let named = |value: &crate::cache::AttributeValue| {
            let short: String = value.value.chars().take(60).collect();
            let accounts = format_count(value.accounts.into());
            format!("{} {} ({accounts} accounts of the case)", value.kind.title(), visible(&short))
        };
        let mut parts = BTreeMap::new();
        for &account in &group.core {
            for &(value, _) in self.cache.values_of(account) {
                let (old, new) = (&self.cache.values()[value as usize], &renamed.values()[value as usize]);
                if old.value != new.value {
                    parts.insert(named(old), named(new));
                }
            }
        }
        for (old, new) in self.cache.topics().iter().zip(renamed.topics()) {
            let about = |label: &str| format!("prompts are about {}", visible(label));
            parts.insert(about(&old.label), about(&new.label));
        }
        parts
    }
}

impl Renaming for Names<'_> {
    fn account(&self, id: &AccountId) -> AccountId {
        self.id(id)
    }

    fn value(&self, kind: AttributeKind, value: &str) -> String {
        self.attribute(kind, value)
    }

    /// Labels are words of prompts.
    fn topic(&self, id: u16, label: &str) -> String {
        if self.are_clear() { label.to_owned() } else { format!("topic {id}") }
    }
}

fn word_of(kind: AttributeKind) -> Option<&'static str> {
    PRIVATE.iter().find(|(private, _)| *private == kind).map(|(_, word)| *word)
}

fn is_academic(domain: &str) -> bool {
    let domain = format!("{}.", domain.to_lowercase());
    domain.contains(".edu.") || domain.contains(".ac.")
}

/// True for a word that looks like an identifier rather than a word of prose or a number.
fn is_telling(word: &str) -> bool {
    let is_number = word.matches('.').count() < 3
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | '%'));
    !is_number && word.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '@'))
}

/// True for a character that ends a word.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            ',' | ';'
                | '"'
                | '“'
                | '”'
                | '‘'
                | '’'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '<'
                | '>'
                | '|'
                | '`'
                | '\\'
        )
}

/// Length of a value withheld, as a range: the exact one would help to guess it.
pub(super) fn band(bytes: usize) -> &'static str {
    match bytes {
        0 => "0",
        1..100 => "1 to 99",
        100..1_000 => "100 to 999",
        1_000..10_000 => "1,000 to 9,999",
        10_000..100_000 => "10,000 to 99,999",
        _ => "100,000 or more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};

    #[test]
    fn names_in_prose_are_found_between_marks_and_numbers_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("acct_0001", 1), row("org:team 7", 2), row("12345", 3), row("records", 4)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let names = Names::pseudonyms(&cache, Digest::of(b"key")).unwrap();
        let one = names.id(&"acct_0001".into());
        assert!(one.as_str().starts_with("account-") && one.as_str().len() == 24);
        let text = names.text("see “acct_0001”, (user=acct_0001): org:team 7; 12345 records of acct_00012.");
        let team = names.id(&"org:team 7".into());
        assert_eq!(text, format!("see “{one}”, (user={one}): {team}; 12345 records of acct_00012."));
        assert!(names.check("f", text.as_bytes()).is_ok());
        assert!(names.check("f", b"x\nof acct_0001").unwrap_err().to_string().contains("line 2"));
        assert_eq!(Names::open(&cache).text("acct_0001"), "acct_0001");
    }

    #[test]
    fn a_renamed_cache_finds_its_accounts_by_their_pseudonyms() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("b", 1), row("a", 2)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let names = Names::pseudonyms(&cache, Digest::of(b"key")).unwrap();
        let renamed = cache.renamed(&names);
        for (at, account) in cache.accounts().iter().enumerate() {
            assert_eq!(renamed.account_index(&names.id(&account.id)), Some(at as u32));
            assert_eq!(renamed.account_index(&account.id), None);
        }
    }

    /// A scope with pseudonyms selects in the renamed cache what the scope selects in the cache.
    #[test]
    fn a_renamed_scope_selects_the_same_rows() {
        use crate::cache::testing::Row;
        use crate::model::Silent;
        use crate::query::select;
        let folder = tempfile::tempdir().unwrap();
        let rows = (0..400_i64).map(|at| Row {
            account: format!("acct_{:03}", at % 40),
            ts: at,
            ip: Some(format!("10.0.{}.{}", at % 4, at % 9)),
            payment: Some(format!("pm_{}", at % 7)),
            ..Row::default()
        });
        let (cache, _) =
            cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows.collect())])]);
        let names = Names::pseudonyms(&cache, Digest::of(b"key")).unwrap();
        let renamed = cache.renamed(&names);
        let many = (0..30).map(|at| AccountId(format!("acct_{at:03}"))).collect();
        let scopes = [
            Scope::default(),
            Scope::default().with_accounts("many", many),
            Scope::default().with_account("acct_007".into()),
            Scope::default().with_value(AttributeKind::Ip24, "10.0.1.0/24"),
            Scope::default().with_value(AttributeKind::Ip, "10.0.1.1"),
            Scope::default().with_value(AttributeKind::PaymentFingerprint, "pm_3"),
        ];
        for scope in scopes {
            let wanted = select(&cache, &scope, &Silent).unwrap();
            assert!(wanted.exchanges > 0, "{scope:?}");
            let found = select(&renamed, &names.scope(&scope), &Silent).unwrap();
            assert_eq!((found.runs, found.accounts), (wanted.runs, wanted.accounts), "{scope:?}");
        }
    }
}
