//! Names in a bundle: in clear for counsel, keyed pseudonyms for everyone else.
//!
//! A pseudonym is the kind of the value and the first 16 hexadecimal digits of HMAC-SHA-256 under the
//! case's key, so that one value has one pseudonym in every file and every bundle of the case. State, cache
//! and leads are renamed as a whole before anything is made of them; what people or the program have
//! written in prose is searched for names, and for words that are to be redacted.

mod file_names;
mod files;
mod guard;
mod keyed;
mod of_case;
mod parts;
mod spelling;
mod story;

use files::FileNames;
pub(super) use files::key as file_key;
use keyed::with_keyed_leads;
pub(super) use keyed::{DIGITS, keyed, keyed_lead, salt};
use spelling::{MIN_PROSE_BYTES, TEMPLATE, head, is_part, is_plain_word, is_telling};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::BundleError;
use super::redaction::{Hit, Redactor, replaced};
use crate::cache::{Cache, Renaming};
use crate::model::{AccountId, AttributeKind, Digest, ExchangeRef, LeadId, visible};
use crate::snapshot::Column;

/// Attributes whose values are pseudonyms, with the word that a pseudonym begins with.
pub(super) const PRIVATE: [(AttributeKind, &str); 8] = [
    (AttributeKind::PaymentFingerprint, "card"),
    (AttributeKind::Ip, "address"),
    (AttributeKind::Ip24, "network"),
    (AttributeKind::EmailDomain, "domain"),
    (AttributeKind::PromptTemplate, TEMPLATE),
    (AttributeKind::OrgId, "organisation"),
    (AttributeKind::ApiKeyId, "key"),
    (AttributeKind::EndUserId, "user"),
];
/// Word that the pseudonym of an account begins with.
pub(super) const ACCOUNT: &str = "account";
/// Kinds of the log's own names that have others in the bundle: files and the hashes over their names.
pub(super) const FILE: &str = "file";
pub(super) const SNAPSHOT: &str = "snapshot";
/// Maximum number of bytes of a name that is looked up by its first word; longer ones are searched for as a
/// whole.
const MAX_INDEXED_BYTES: usize = 128;
/// Maximum number of names longer than that which are looked for.
const LONG: usize = 100_000;

/// Automaton of the searches for words that other people chose: one that is built in time and memory that grow with
/// their length; a deterministic one takes minutes for a few long ones that repeat a letter.
const AUTOMATON: Option<AhoCorasickKind> = Some(AhoCorasickKind::ContiguousNFA);

/// Names that are sought in a text, each with those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sought {
    /// Names that look like identifiers.
    Identifiers,
    /// Prompt templates.
    Templates,
    /// Names of letters alone, such as `acmecorp`, which cannot be told from words. They are replaced in what people,
    /// callers and customers wrote, and no file is refused for them: a caller could choose a word of every report.
    Words,
}

/// Names of a bundle.
pub(super) struct Names<'a> {
    /// Key of the pseudonyms; `None` for names in clear.
    key: Option<Digest>,
    cache: &'a Cache,
    /// Names of up to [`MAX_INDEXED_BYTES`] bytes in lower case, with kind and spelling.
    words: BTreeMap<String, (&'static str, String)>,
    /// Those of them that are of letters alone.
    plain: BTreeSet<String>,
    /// Lengths of these names in bytes, the longest first, by the word or character that they begin with.
    lengths: BTreeMap<String, Vec<usize>>,
    /// Longer names and their pseudonyms.
    long: Option<(AhoCorasick, Vec<String>)>,
    /// Longer templates and their pseudonyms.
    long_templates: Option<(AhoCorasick, Vec<String>)>,
    /// Templates in lower case that stand in texts which the bundle discloses.
    in_texts: BTreeSet<String>,
    /// Names of log files that have other names.
    files: FileNames,
    /// Names in lower case that stand in the names of log files as the bundle has them.
    disclosed: BTreeSet<String>,
    /// Words that are left out; none where names are clear.
    redactor: Redactor,
    /// Words that were left out, which no file may have.
    gone: Option<AhoCorasick>,
}

impl<'a> Names<'a> {
    /// Names in clear.
    pub(super) fn open(cache: &'a Cache) -> Self {
        let (words, plain, lengths, disclosed) = Default::default();
        let (long, long_templates, in_texts, files) = Default::default();
        let (redactor, gone) = Default::default();
        Self {
            key: None,
            cache,
            words,
            plain,
            lengths,
            long,
            long_templates,
            in_texts,
            files,
            disclosed,
            redactor,
            gone,
        }
    }

    /// Pseudonyms under a key. Names that are words of the `vocabulary` are not looked for in prose.
    ///
    /// # Errors
    /// The names take too much memory to be looked for.
    pub(super) fn pseudonyms(
        cache: &'a Cache,
        key: Digest,
        vocabulary: &BTreeSet<String>,
    ) -> Result<Self, BundleError> {
        let mut names = Self { key: Some(key), ..Self::open(cache) };
        let accounts = cache.accounts().iter().map(|account| (ACCOUNT, account.id.as_str()));
        let values = cache
            .values()
            .iter()
            .filter_map(|value| word_of(value.kind).map(|word| (word, value.value.as_str())));
        // Patterns and pseudonyms of names, then of templates.
        let mut long: [(Vec<String>, Vec<String>); 2] = Default::default();
        for (word, name) in accounts.chain(values) {
            for spelling in BTreeSet::from([visible(name).into_owned(), name.to_owned()]) {
                let is_plain = is_plain_word(word, &spelling);
                if !(is_telling(word, &spelling) || is_plain)
                    || vocabulary.contains(&spelling.to_ascii_lowercase())
                {
                    continue;
                }
                if spelling.len() <= MAX_INDEXED_BYTES {
                    if is_plain {
                        names.plain.insert(spelling.to_ascii_lowercase());
                    }
                    names.words.entry(spelling.to_ascii_lowercase()).or_insert((word, name.to_owned()));
                } else if !is_plain {
                    let (patterns, with) = &mut long[usize::from(word == TEMPLATE)];
                    if patterns.len() < LONG {
                        patterns.push(spelling);
                        with.push(names.pseudonym(word, name));
                    }
                }
            }
        }
        for name in names.words.keys() {
            let lengths = names.lengths.entry(head(name).to_owned()).or_default();
            if let Err(at) = lengths.binary_search_by(|own| name.len().cmp(own)) {
                lengths.insert(at, name.len());
            }
        }
        let [own, templates] = long;
        (names.long, names.long_templates) = (search(own)?, search(templates)?);
        let files: Vec<&str> = cache.files().iter().map(|file| file.name.as_str()).collect();
        names.disclosed = names.in_file_names(&files);
        Ok(names)
    }

    /// Names in lower case that stand in names of files.
    fn in_file_names(&self, files: &[&str]) -> BTreeSet<String> {
        let files = files.join("\n");
        let hits = self.hits(&files, Sought::Templates).into_iter();
        hits.map(|(range, _)| files[range].to_ascii_lowercase()).collect()
    }

    /// The names, with words that are left out wherever names are pseudonyms.
    pub(super) fn redacting(self, redactor: Redactor) -> Self {
        if self.key.is_none() { self } else { Self { redactor, ..self } }
    }

    /// The names, with a check of every file for words that were left out. Words of fewer than five bytes are
    /// not looked for, since other words have them.
    ///
    /// # Errors
    /// The words take too much memory to be looked for.
    pub(super) fn without(self, words: &BTreeSet<String>) -> Result<Self, BundleError> {
        let words: Vec<&String> = words.iter().filter(|word| word.len() >= MIN_PROSE_BYTES).collect();
        if words.is_empty() {
            return Ok(self);
        }
        let gone = AhoCorasick::builder()
            .kind(AUTOMATON)
            .build(words)
            .map_err(BundleError::encode("the search for redacted words"))?;
        Ok(Self { gone: Some(gone), ..self })
    }

    /// The names, of which templates that stand in disclosed texts need not be hidden elsewhere.
    pub(super) fn disclosing<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut in_texts = self.in_texts.clone();
        for text in texts {
            let hits =
                self.hits(text, Sought::Templates).into_iter().filter(|(_, (word, _))| *word == TEMPLATE);
            in_texts.extend(hits.map(|(range, _)| text[range].to_ascii_lowercase()));
            let long = self.long_templates.iter().flat_map(|(found, _)| found.find_iter(text));
            in_texts.extend(long.map(|found| text[found.range()].to_ascii_lowercase()));
        }
        Self { in_texts, ..self }
    }

    /// True if names stand in clear.
    pub(super) fn are_clear(&self) -> bool {
        self.key.is_none()
    }

    /// `account-0123456789abcdef`; the name itself where names are clear.
    fn pseudonym(&self, word: &str, name: &str) -> String {
        match self.key {
            None => name.to_owned(),
            Some(key) => keyed(key, word, name),
        }
    }

    /// Value of an attribute: a pseudonym for cards, addresses and the like; any other value is text in which a
    /// caller may have written a name. Two values stay two where words of them are left out.
    pub(super) fn attribute(&self, kind: AttributeKind, value: &str) -> String {
        match word_of(kind) {
            Some(word) => self.pseudonym(word, value),
            None if self.key.is_some() && !self.redactor.hits(value).is_empty() => {
                format!("{} ({})", self.text(value), self.pseudonym("value", value))
            }
            None => self.text(value),
        }
    }

    /// An account's name.
    pub(super) fn id(&self, id: &AccountId) -> AccountId {
        AccountId(self.pseudonym(ACCOUNT, id.as_str()))
    }

    /// An exchange as the bundle names it.
    pub(super) fn exchange(&self, exchange: &ExchangeRef) -> ExchangeRef {
        self.files.exchange(exchange)
    }

    /// Name of a log file in the bundle.
    pub(super) fn file_name_of(&self, file: &str) -> String {
        self.files.name(file).to_owned()
    }

    /// SHA-256 of a snapshot in the bundle.
    pub(super) fn snapshot_id(&self, snapshot: Digest) -> Digest {
        self.files.snapshot(snapshot)
    }

    /// Positions of a snapshot's files in the order of their names in the bundle; `None` where these are their own.
    pub(super) fn file_order(&self, snapshot: Digest) -> Option<&[usize]> {
        self.files.order(snapshot)
    }

    /// Names in the names of log files that have pseudonyms, each with the word of its kind.
    pub(super) fn in_files(&self) -> &BTreeSet<(&'static str, String)> {
        &self.files.parts
    }

    /// Files and snapshots that have other names in the bundle, with these: kind, own name, name in the bundle.
    pub(super) fn renamed_files(&self) -> impl Iterator<Item = (&'static str, String, String)> {
        let files = self.files.pairs().map(|(own, other)| (FILE, own.to_owned(), other.to_owned()));
        let snapshots = self.files.snapshots();
        files.chain(snapshots.map(|(own, other)| (SNAPSHOT, own.to_string(), other.to_string())))
    }

    /// Secret salt of one use, 32 hexadecimal digits: of a record, or of a value left out.
    pub(super) fn salt(&self, key: Digest, exchange: &ExchangeRef, column: &str) -> String {
        salt(key, &self.exchange(exchange).to_string(), column)
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
                let exchange = self.exchange(exchange).to_string();
                let line = serde_json::json!([salt, exchange, column, value]).to_string();
                Digest::of(line.as_bytes()).to_string()
            }
        }
    }

    /// Prose without words that are left out, and with every name in it replaced, in any letter case and between any
    /// marks. Names of fewer than five bytes, numbers of fewer than six digits and words of the program are not looked
    /// for.
    pub(super) fn text(&self, text: &str) -> String {
        if self.key.is_none() {
            return text.to_owned();
        }
        self.prose(text, Sought::Words)
    }

    fn prose(&self, text: &str, sought: Sought) -> String {
        self.around_files(&self.redactor.text(text), &|part| {
            let named = self.named(part, sought);
            self.key.map_or_else(|| named.clone(), |key| with_keyed_leads(key, &named))
        })
    }

    /// Text in which names of log files are those of the bundle, and what stands between them is renamed by `rename`.
    fn around_files(&self, text: &str, rename: &dyn Fn(&str) -> String) -> String {
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (range, with) in self.files.hits(text) {
            out.push_str(&rename(&text[done..range.start]));
            out.push_str(with);
            done = range.end;
        }
        out.push_str(&rename(&text[done..]));
        out
    }

    /// Id of a lead.
    pub(super) fn lead_id(&self, id: &LeadId) -> LeadId {
        let keyed = self.key.and_then(|key| keyed_lead(key, id.as_str()).parse().ok());
        keyed.unwrap_or_else(|| id.clone())
    }

    /// A sentence of the program, in which names that are words stay.
    pub(super) fn sentence(&self, text: &str) -> String {
        if self.key.is_none() {
            return text.to_owned();
        }
        self.prose(text, Sought::Templates)
    }

    /// Prompt, response or other text of an exchange; the words left out of it, by their places in the text as it was;
    /// true if a name was replaced besides. In prompt and response words that equal a template's stay: they are the text.
    pub(super) fn of_exchange(
        &self,
        exchange: &ExchangeRef,
        column: Column,
        text: &str,
    ) -> (String, Vec<Hit>, bool) {
        if self.key.is_none() {
            return (text.to_owned(), Vec::new(), false);
        }
        let hits = self.redactor.hits_in(exchange, column, text);
        let redacted = replaced(text, &hits);
        let is_content = matches!(column, Column::PromptText | Column::ResponseText);
        let sought = if is_content { Sought::Identifiers } else { Sought::Words };
        let named = self.around_files(&redacted, &|part| self.named(part, sought));
        let is_renamed = named != redacted;
        (named, hits, is_renamed)
    }

    /// Text with every name in it replaced that is sought.
    fn named(&self, text: &str, sought: Sought) -> String {
        let mut text = text.to_owned();
        for (found, with) in
            self.long_templates.iter().filter(|_| sought >= Sought::Templates).chain(&self.long)
        {
            text = found.replace_all(&text, with);
        }
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (range, (word, name)) in self.hits(&text, sought) {
            out.push_str(&text[done..range.start]);
            out.push_str(&self.pseudonym(word, name));
            done = range.end;
        }
        out.push_str(&text[done..]);
        out
    }

    /// Names in a text, the longest at each place: neighbours of a name are no ASCII letters, digits or `_`.
    fn hits(&self, text: &str, sought: Sought) -> Vec<(Range<usize>, &(&'static str, String))> {
        let (mut found, mut at) = (Vec::new(), 0);
        let mut before = None;
        while let Some(first) = text[at..].chars().next() {
            let start = head(&text[at..]);
            let is_start = before.is_none_or(|c| !is_part(c));
            let hit = is_start.then(|| self.hit(&text[at..], start, sought)).flatten();
            let end = at + hit.map_or(start.len().max(first.len_utf8()), |(length, _)| length);
            found.extend(hit.map(|(_, name)| (at..end, name)));
            before = text[at..end].chars().next_back();
            at = end;
        }
        found
    }

    /// Longest name that a text begins with, and its length in bytes.
    fn hit(&self, text: &str, start: &str, sought: Sought) -> Option<(usize, &(&'static str, String))> {
        let lengths = self.lengths.get(&start.to_ascii_lowercase())?;
        lengths.iter().find_map(|&length| {
            let name = text.get(..length)?;
            let is_whole = text[length..].chars().next().is_none_or(|c| !is_part(c));
            let name = name.to_ascii_lowercase();
            let found = is_whole.then(|| self.words.get(&name)).flatten()?;
            let is_template = found.0 == TEMPLATE && sought < Sought::Templates;
            let is_plain = sought < Sought::Words && self.plain.contains(&name);
            (!is_template && !is_plain).then_some((length, found))
        })
    }

    /// A title with other names. The parts that the program wrote of a scope are renamed whatever the names
    /// look like; the rest is prose. `account` is the only account of the scope.
    pub(super) fn title(
        &self,
        title: &str,
        account: Option<&str>,
        topics: &[(String, String)],
        attributes: &[(AttributeKind, Vec<String>)],
    ) -> String {
        if self.key.is_none() {
            return title.to_owned();
        }
        let mut parts: Vec<(String, String)> = Vec::new();
        let pseudonym = account.map(|id| (format!("account {id}"), self.pseudonym(ACCOUNT, id)));
        parts.extend(pseudonym.map(|(old, new)| (old, format!("account {new}"))));
        parts.extend(
            topics.iter().map(|(id, label)| (format!("{id} ({label})"), format!("{id} (topic {id})"))),
        );
        for (kind, values) in attributes {
            let mut renamed: Vec<String> = values.iter().map(|value| self.attribute(*kind, value)).collect();
            renamed.sort();
            let words = |values: &[String]| format!("{} {}", kind.title(), values.join(" or "));
            parts.push((words(values), words(&renamed)));
        }
        let title = parts.iter().fold(title.to_owned(), |title, (old, new)| title.replacen(old, new, 1));
        self.text(&title)
    }
}

impl Renaming for Names<'_> {
    fn account(&self, id: &AccountId) -> AccountId {
        self.id(id)
    }

    fn value(&self, kind: AttributeKind, value: &str) -> String {
        self.attribute(kind, value)
    }

    fn file(&self, name: &str) -> String {
        self.file_name_of(name)
    }

    fn snapshot(&self, snapshot: Digest) -> Digest {
        self.snapshot_id(snapshot)
    }

    /// Labels are words of prompts.
    fn topic(&self, id: u16, label: &str) -> String {
        if self.are_clear() { label.to_owned() } else { format!("topic {id}") }
    }
}

/// Search for long names, with their pseudonyms; `None` without any.
fn search(
    (patterns, with): (Vec<String>, Vec<String>),
) -> Result<Option<(AhoCorasick, Vec<String>)>, BundleError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let found = AhoCorasick::builder()
        .kind(AUTOMATON)
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(&patterns)
        .map_err(BundleError::encode("the search for names"))?;
    Ok(Some((found, with)))
}

fn word_of(kind: AttributeKind) -> Option<&'static str> {
    PRIVATE.iter().find(|(private, _)| *private == kind).map(|(_, word)| *word)
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
mod tests;
