//! Exhibits and signal values of a bundle, made anew from the logs and compared byte by byte.
//!
//! The decisions (scopes, tags, statements) and the key of the pseudonyms come from an INTERNAL bundle of the
//! same case, whose journal has them whole; everything else comes from the logs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::bag::Bag;
use super::contents;
use super::export::names_for;
use super::figures::figures;
use super::journal_fold::shown_legal;
use super::reader::Reader;
use super::{Audience, BundleError, custody, journal_fields};
use crate::cache::Cache;
use crate::case::legal::Profile;
use crate::case::{Checkpoint, EvidenceSource, JournalLine, State, check_chain};
use crate::leads::Leads;
use crate::model::{Digest, Watcher};
use crate::snapshot::Sources;

/// Maximum number of bytes of a journal that is read.
const JOURNAL: u64 = 1 << 30;

/// Decisions of a case as they were when a bundle was written.
pub struct Decisions {
    /// The case's state then.
    pub state: State,
    bundle: PathBuf,
    audience: Audience,
    profile: Profile,
    key: Digest,
    /// The journal up to then.
    lines: Vec<JournalLine>,
}

/// One file or record of a bundle, and true if it was made again as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduced {
    /// Path under `data/`, or the exchange of a record; hostile like any text.
    pub what: String,
    /// True if it came out the same.
    pub same: bool,
}

/// Decisions behind a bundle, from the journal of an INTERNAL bundle of the same case.
///
/// # Errors
/// A bundle that cannot be read, an INTERNAL bundle older than the bundle or of another case, or a bundle
/// without exhibits.
pub fn decisions_behind(bundle: &Path, internal: &Path) -> Result<Decisions, BundleError> {
    let refused = |why| BundleError::NotReproduced { path: bundle.to_owned(), why };
    let info = text(bundle, "bag-info.txt", 1 << 20)?;
    let word = info.lines().find_map(|line| line.strip_prefix("Audience: ")).unwrap_or_default();
    let audience = Audience::named(word)
        .filter(|audience| audience.has_records())
        .ok_or_else(|| refused("is not a bundle with exhibits, or of an earlier version"))?;
    let profile = info.lines().find_map(|line| line.strip_prefix("Profile: ")).and_then(Profile::named);
    let profile = profile.ok_or_else(|| refused("does not name the proceeding that it is made for"))?;
    if !audience.are_names_clear() && bundle == internal {
        return Err(refused("has pseudonyms instead of names; name an INTERNAL bundle with --internal"));
    }
    let point = text(bundle, &format!("data/{}", custody::CHECKPOINT), 1 << 20)?;
    let point: Checkpoint = serde_json::from_str(&point).map_err(BundleError::encode("the checkpoint"))?;
    let journal = text(internal, &format!("data/{}", custody::JOURNAL), JOURNAL)?;
    let lines: Vec<JournalLine> = journal
        .lines()
        .take(usize::try_from(point.count).unwrap_or(usize::MAX))
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .map_err(BundleError::encode("the journal"))?;
    let is_same = lines.last().is_some_and(|line| line.hash == point.head) && check_chain(&lines).is_empty();
    if !is_same {
        return Err(refused(
            "the INTERNAL bundle does not have its journal: it is of another case, or older than this bundle; export \
             an INTERNAL bundle again",
        ));
    }
    let state = State::of_lines(&lines).map_err(BundleError::encode("the state of the case"))?;
    let key = state.bundle_key.ok_or_else(|| refused("its journal has no key of pseudonyms"))?;
    Ok(Decisions { state, bundle: bundle.to_owned(), audience, profile, key, lines })
}

/// Makes the exhibits, their rows and the values of signals anew and compares them with the bundle's; reads
/// the records again and compares their hashes with those of the journal.
///
/// # Errors
/// A scope that the cache cannot read, a log that cannot be read, or cancelled.
pub fn reproduce(
    decisions: &Decisions,
    cache: &Cache,
    leads: &Leads,
    sources: &Sources,
    watcher: &dyn Watcher,
) -> Result<Vec<Reproduced>, BundleError> {
    let names = names_for(decisions.audience, cache, decisions.key, &decisions.lines, &decisions.state)?;
    let mut state = names.state(&decisions.state);
    let reader = Reader::of(&decisions.state, cache, &names, decisions.profile, watcher)?;
    let (lines, _) = journal_fields::redact(decisions.lines.clone(), &reader);
    state.legal = shown_legal(&lines, decisions.profile)?;
    let cache = &cache.renamed(&names);
    let leads = &names.leads(leads, cache);
    let temporary = tempfile::tempdir().map_err(BundleError::io(&std::env::temp_dir()))?;
    let mut bag = Bag::begin(temporary.path())?;
    figures(&mut bag, &state, (cache, leads), decisions.profile, watcher)?;
    let mut found = Vec::new();
    let mut made = BTreeSet::new();
    for (name, digest) in bag.digests() {
        let path = decisions.bundle.join("data").join(&name);
        let own = contents::open(&path).ok().and_then(|file| {
            crate::files::sha256(file, |error| error, |_| Ok(())).ok().map(|(digest, _)| digest)
        });
        found.push(Reproduced { what: name.clone(), same: own == Some(digest) });
        made.insert(name);
    }
    drop(bag);
    // Exhibits that the report made of the others come after the last exhibit of evidence, and are not made
    // anew.
    let last = made.iter().filter_map(|name| exhibit_of(name)).max().map(str::to_owned);
    for folder in ["03_exhibits", "04_summaries/underlying"] {
        for name in names_in(&decisions.bundle.join("data").join(folder)) {
            let name = format!("{folder}/{name}");
            let of_report = exhibit_of(&name) > last.as_deref();
            if !made.contains(&name) && !of_report {
                found.push(Reproduced { what: name, same: false });
            }
        }
    }
    found.extend(records(&decisions.state, sources, watcher)?);
    Ok(found)
}

/// Number of the exhibit that a file in `03_exhibits` belongs to: `EX-0004`.
fn exhibit_of(name: &str) -> Option<&str> {
    name.strip_prefix("03_exhibits/")?.split('.').next()
}

/// Records of the evidence, read again from the logs.
fn records(state: &State, sources: &Sources, watcher: &dyn Watcher) -> Result<Vec<Reproduced>, BundleError> {
    let mut found = Vec::new();
    for evidence in state.evidence.values() {
        let EvidenceSource::Exchange { exchange, record, reading: Some(_), .. } = &evidence.source else {
            continue;
        };
        watcher.check()?;
        let file = sources.snapshots.iter().filter(|snapshot| snapshot.sha256 == exchange.snapshot).find_map(
            |snapshot| {
                let file = snapshot.files.iter().find(|file| file.name == exchange.file)?;
                Some((snapshot, file))
            },
        );
        let same = match file {
            None => false,
            Some((snapshot, file)) => sources
                .open_indexed(snapshot, file)?
                .source_rows(&snapshot.mapping, &[exchange.row])?
                .iter()
                .any(|(_, source)| source.sha256 == *record),
        };
        found.push(Reproduced { what: format!("record of {exchange}"), same });
    }
    Ok(found)
}

fn text(bag: &Path, name: &str, most: u64) -> Result<String, BundleError> {
    use std::io::Read as _;
    let path = bag.join(name);
    let mut text = String::new();
    contents::open(&path)
        .and_then(|file| file.take(most).read_to_string(&mut text))
        .map_err(BundleError::io(&path))?;
    Ok(text)
}

/// Names of the files in a folder, sorted; none where there is no folder.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
