//! Names of log files in which names stand, such as `account_id=acct_7f31/part-0.parquet`.
//!
//! The parts that are an account, a card, an address or the like stand as the pseudonyms that they have everywhere
//! else; folders, days and numbers of parts stay. A snapshot's SHA-256 is made of the names of its files, so that it
//! would confirm a guess of them: it is made anew, by its own rule, of the names as they stand in the bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::files::{FileNames, Renamed, key};
use super::{ACCOUNT, Names, PRIVATE, Sought, TEMPLATE, search};
use crate::bundle::BundleError;
use crate::case::{CaseReport, FILE_NAMES, State};
use crate::model::Digest;
use crate::snapshot::{Snapshot, snapshot_digest, unescaped};

/// Maximum number of parts between marks that a name in the name of a file has.
const MAX_PARTS: usize = 16;
/// Minimum number of digits of a number that is a name wherever it stands.
const MIN_DIGITS: usize = 6;
/// Words after which a short number is a name: `user-7.jsonl`.
const UNITS: [&str; 13] = [
    "account",
    "acct",
    "client",
    "customer",
    "key",
    "member",
    "org",
    "organisation",
    "organization",
    "team",
    "tenant",
    "uid",
    "user",
];
/// Folders of partitions whose numbers are no names: `day=20260302`.
const TIMES: [&str; 12] =
    ["date", "day", "dt", "hour", "minute", "month", "part", "partition", "shard", "ts", "week", "year"];
/// Words of file names that are no names inside them: a caller may choose one as the id of an end user.
const FILE_WORDS: [&str; 20] = [
    "archive", "calls", "csv", "data", "events", "export", "gz", "json", "jsonl", "log", "logs", "ndjson",
    "parquet", "part", "requests", "snappy", "traces", "txt", "usage", "zst",
];

/// Part of a file's name that may be a name.
struct Candidate {
    range: Range<usize>,
    key: String,
}

impl Names<'_> {
    /// The names, with pseudonyms in the names of the log files of a case, unless a person stated that these may stand
    /// in clear, or names are clear.
    ///
    /// # Errors
    /// The names take too much memory to be looked for.
    pub(in crate::bundle) fn hiding_files(mut self, state: &State) -> Result<Self, BundleError> {
        if self.key.is_none() || state.settings.contains_key(FILE_NAMES) {
            return Ok(self);
        }
        let files: BTreeSet<&str> =
            state.every_snapshot().flat_map(|own| &own.files).map(|file| file.name.as_str()).collect();
        let (names, parts) = self.file_names(&files);
        let (mut patterns, mut with): (Vec<String>, Vec<String>) = names.clone().into_iter().unzip();
        let snapshots: BTreeMap<Digest, Renamed> =
            state.every_snapshot().filter_map(|own| Some((own.sha256, renamed(own, &names)?))).collect();
        patterns.extend(snapshots.keys().map(Digest::to_string));
        with.extend(snapshots.values().map(|own| own.sha256.to_string()));
        self.files = FileNames { names, parts, snapshots, prose: search((patterns, with))? };
        let renamed: Vec<&str> = files.iter().map(|name| self.files.name(name)).collect();
        self.disclosed = self.in_file_names(&renamed);
        Ok(self)
    }

    /// Gives snapshots and their files the names of the bundle, in the order of these names.
    pub(super) fn rename_snapshots(&self, state: &mut State) {
        for retired in &mut state.retired {
            retired.reason = self.text(&retired.reason);
        }
        let retired = state.retired.iter_mut().map(|retired| &mut retired.snapshot);
        for snapshot in state.snapshots.iter_mut().chain(retired) {
            let Some(order) = self.files.order(snapshot.sha256) else { continue };
            snapshot.files = order.iter().map(|&at| snapshot.files[at].clone()).collect();
            snapshot.files.iter_mut().for_each(|file| file.name = self.files.name(&file.name).to_owned());
            snapshot.sha256 = self.files.snapshot(snapshot.sha256);
        }
        let keyed = |own: &Digest| self.files.snapshot(*own);
        state.mappings =
            state.mappings.iter().map(|(own, mapping)| (keyed(own), Arc::clone(mapping))).collect();
        let report = |own: &Arc<CaseReport>| Arc::new(self.report(CaseReport::clone(own)));
        state.reports = state.reports.iter().map(|(own, kept)| (keyed(own), report(kept))).collect();
    }

    /// A report on an import with other names.
    pub(in crate::bundle) fn report(&self, mut report: CaseReport) -> CaseReport {
        if self.are_clear() {
            return report;
        }
        let import = &mut report.import;
        import.snapshot = self.files.snapshot(import.snapshot);
        import.files.iter_mut().for_each(|file| file.name = self.files.name(&file.name).to_owned());
        for left in &mut import.left_out {
            (left.name, left.reason) = (self.text(&left.name), self.text(&left.reason));
        }
        let renamed: Vec<String> = import.remarks.iter().map(|own| self.text(own)).collect();
        if renamed != import.remarks {
            import.remarks = renamed;
            import.remarks.sort();
        }
        let unread = import.columns.iter_mut().flat_map(|column| column.tally.unread.values_mut());
        let spots = import.set_aside.values_mut().chain(unread).flat_map(|counted| &mut counted.first);
        spots.for_each(|spot| spot.file = self.text(&spot.file));
        report
    }

    /// Files whose names have other ones in the bundle, with these.
    fn file_names(
        &self,
        files: &BTreeSet<&str>,
    ) -> (BTreeMap<String, String>, BTreeSet<(&'static str, String)>) {
        let candidates: BTreeMap<&str, Vec<Candidate>> =
            files.iter().map(|file| (*file, candidates(file))).collect();
        let keys: BTreeSet<&str> = candidates.values().flatten().map(|own| own.key.as_str()).collect();
        let known = self.known(&keys);
        let mut taken: BTreeSet<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let (mut renamed, mut parts) = (BTreeMap::new(), BTreeSet::new());
        for (file, candidates) in &candidates {
            let found = self.names_in(file, candidates, &known);
            let mut name = self.with_pseudonyms(file, &found);
            parts.extend(found.into_iter().map(|(_, word, own)| (word, own.to_owned())));
            if name == *file {
                continue;
            }
            while !taken.insert(name.clone()) {
                name.push('~');
            }
            renamed.insert((*file).to_owned(), name);
        }
        (renamed, parts)
    }

    /// Accounts and values with one of some keys.
    fn known<'n>(&'n self, keys: &BTreeSet<&str>) -> BTreeMap<String, Vec<(&'static str, &'n str)>> {
        let accounts = self.cache.accounts().iter().map(|account| (ACCOUNT, account.id.as_str()));
        let kinds = PRIVATE.into_iter().filter(|(_, word)| *word != TEMPLATE);
        let values = kinds.flat_map(|(kind, word)| {
            let values = &self.cache.values()[self.cache.values_of_kind(kind)];
            values.iter().map(move |value| (word, value.value.as_str()))
        });
        let mut known: BTreeMap<String, Vec<(&'static str, &str)>> = BTreeMap::new();
        for (word, name) in accounts.chain(values) {
            let key = key(name);
            if keys.contains(key.as_str()) {
                known.entry(key).or_default().push((word, name));
            }
        }
        known
    }

    /// Names in the name of a file, each with its place and the word of its kind: of those that overlap the first, and
    /// of those that begin together the longest.
    fn names_in<'n>(
        &'n self,
        file: &str,
        candidates: &[Candidate],
        known: &BTreeMap<String, Vec<(&'static str, &'n str)>>,
    ) -> Vec<(Range<usize>, &'static str, &'n str)> {
        let own = candidates.iter().filter_map(|candidate| {
            let named = known.get(&candidate.key)?;
            let text = &file[candidate.range.clone()];
            let (word, name) = named.iter().find(|(_, name)| *name == text).or_else(|| named.first())?;
            Some((candidate.range.clone(), *word, *name))
        });
        let in_prose = self.hits(file, Sought::Identifiers).into_iter();
        let in_prose = in_prose.filter(|(range, _)| !is_time(&file[range.clone()]));
        let in_prose = in_prose.map(|(range, (word, name))| (range, *word, name.as_str()));
        let mut all: Vec<_> = own.chain(in_prose).collect();
        all.sort_by_key(|(range, ..)| (range.start, std::cmp::Reverse(range.end)));
        let mut done = 0;
        all.retain(|(range, ..)| {
            let is_next = range.start >= done;
            done = if is_next { range.end } else { done };
            is_next
        });
        all
    }

    fn with_pseudonyms(&self, file: &str, found: &[(Range<usize>, &'static str, &str)]) -> String {
        let (mut out, mut done) = (String::with_capacity(file.len()), 0);
        for (range, word, name) in found {
            out.push_str(&file[done..range.start]);
            out.push_str(&self.pseudonym(word, name));
            done = range.end;
        }
        out.push_str(&file[done..]);
        out
    }
}

fn renamed(snapshot: &Snapshot, names: &BTreeMap<String, String>) -> Option<Renamed> {
    let files = &snapshot.files;
    if !files.iter().any(|file| names.contains_key(&file.name)) {
        return None;
    }
    let name = |at: usize| names.get(&files[at].name).unwrap_or(&files[at].name).as_str();
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|at| name(*at));
    let sha256 = snapshot_digest(order.iter().map(|&at| (files[at].sha256, name(at))));
    Some(Renamed { sha256, order })
}

/// A number that may be a day or a time: `20260302`, `202603`.
fn is_time(text: &str) -> bool {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && text.starts_with("20") && [6, 8, 10, 12, 14].contains(&text.len())
}

/// Parts of a file's name that may be a name: values of folders such as `account_id=a7`, whole folders, the file
/// without its endings, and what stands between marks.
fn candidates(file: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in file.split('/') {
        whole(file, start..start + part.len(), &mut found);
        start += part.len() + 1;
    }
    between_marks(file, &mut found);
    found.retain(|own| !own.key.is_empty());
    found
}

/// A folder or file, with and without `key=` and endings.
fn whole(file: &str, part: Range<usize>, found: &mut Vec<Candidate>) {
    let text = &file[part.clone()];
    let value = text.find('=').map_or(0, |at| at + 1);
    let is_of_time = value > 0 && TIMES.contains(&key(&text[..value]).as_str());
    let ends = [
        text.len(),
        text.rfind('.').unwrap_or(text.len()),
        text[value..].find('.').map_or(text.len(), |at| value + at),
    ];
    for end in BTreeSet::from(ends) {
        let Some(own) = text.get(value..end).filter(|own| !own.is_empty()) else { continue };
        let is_number = own.bytes().all(|byte| byte.is_ascii_digit());
        if !(is_number && (is_of_time || value == 0 && is_time(own))) {
            let range = part.start + value..part.start + end;
            found.push(Candidate { range, key: key(&unescaped(own)) });
        }
    }
}

/// Runs of letters and digits, and up to [`MAX_PARTS`] of them with the marks between.
fn between_marks(file: &str, found: &mut Vec<Candidate>) {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for (at, c) in file.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        match parts.last_mut().filter(|part| part.end == at) {
            Some(part) => part.end += c.len_utf8(),
            None => parts.push(at..at + c.len_utf8()),
        }
    }
    for (first, part) in parts.iter().enumerate() {
        for last in &parts[first..parts.len().min(first + MAX_PARTS)] {
            let range = part.start..last.end;
            let (text, before) =
                (&file[range.clone()], first.checked_sub(1).map(|at| key(&file[parts[at].clone()])));
            if may_be_a_name(text, before.as_deref()) {
                found.push(Candidate { key: key(text), range });
            }
        }
    }
}

/// True for text between marks that is no usual word or number of file names. `before` is what stands before it.
fn may_be_a_name(text: &str, before: Option<&str>) -> bool {
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => {
            before.is_some_and(|before| UNITS.contains(&before)) || text.len() >= MIN_DIGITS && !is_time(text)
        }
        false => !FILE_WORDS.contains(&text.to_lowercase().as_str()),
    }
}
