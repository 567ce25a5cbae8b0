//! Files of a bundle, made anew from the logs and compared byte by byte.
//!
//! The decisions (scopes, tags, statements) and the key of the pseudonyms come from an INTERNAL bundle of the
//! same case, whose journal has them whole; everything else comes from the logs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::bag::Bag;
use super::case_files::{self, Content, names_for};
use super::checklist::{records_item, redaction_item};
use super::contents;
use super::folders::POWER;
use super::report::Paper;
use super::{Audience, BundleError, changes, checklist, custody, readme, records};
use crate::cache::{Cache, text as records_of};
use crate::case::legal::Profile;
use crate::case::{Checkpoint, EvidenceSource, JournalLine, Program, State, check_chain};
use crate::exhibit::Table;
use crate::leads::Leads;
use crate::model::{Digest, ExchangeRef, Micros, Record, Watcher, Zone, moment};
use crate::snapshot::Sources;

/// Maximum number of bytes of the report's page that are read.
const PAGE: u64 = 64 << 20;
/// Maximum number of bytes of a journal that is read.
const JOURNAL: u64 = 1 << 30;

/// Decisions of a case as they were when a bundle was written.
pub struct Decisions {
    /// The case's state then.
    pub state: State,
    bundle: PathBuf,
    audience: Audience,
    stated: Stated,
    key: Digest,
    /// The journal up to then.
    lines: Vec<JournalLine>,
}

/// Result of making one file or record anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It came out the same.
    Same,
    /// It came out different, or the bundle lacks it, or it follows from nothing.
    Differs,
    /// It was not made anew, for a reason in words.
    Not(&'static str),
}

/// One file or record of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduced {
    /// Path under `data/`, or the exchange of a record; hostile like any text.
    pub what: String,
    /// Its result.
    pub result: Made,
}

const ENVIRONMENT: &str = "05_methods/environment.json";
/// Files that do not follow from journal and logs.
const NOT_MADE: [(&str, &str); 4] = [
    (custody::ALLOWED_SIGNERS, "is the key that signs; `stillhunt verify` checks it"),
    (custody::CHECKPOINT, "is the end of the journal; `stillhunt verify` checks it"),
    (custody::CHECKPOINT_SIGNATURE, "is a signature; `stillhunt verify` checks it"),
    (POWER, "comes from `stillhunt power`, which takes long"),
];

/// Statements of a bundle on its export.
struct Stated {
    include_text: bool,
    profile: Profile,
    paper: Paper,
    fingerprint: String,
    version: u32,
    exported: Micros,
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
    let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let page = text(bundle, "data/01_report/report.xhtml", PAGE).unwrap_or_default();
    let readme = text(bundle, "data/00_README.txt", 1 << 20).unwrap_or_default();
    let stated = Stated {
        include_text: readme.contains(readme::TEXT_INCLUDED),
        profile,
        paper: if page.contains("<body class=\"letter\">") { Paper::Letter } else { Paper::A4 },
        fingerprint: value("Signing-Key").unwrap_or_default().to_owned(),
        version: value("Bundle-Version").and_then(|version| version.parse().ok()).unwrap_or_default(),
        exported: value("Bagging-Date").and_then(|day| moment::read(day, &Zone::utc())).unwrap_or_default(),
    };
    Ok(Decisions { state, bundle: bundle.to_owned(), audience, stated, key, lines })
}

/// Makes every file of the bundle anew that follows from journal and logs and compares it with the bundle's; reads the
/// records again and compares their hashes with those of the journal.
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
    let temporary = tempfile::tempdir().map_err(BundleError::io(&std::env::temp_dir()))?;
    let mut bag = Bag::begin(temporary.path())?;
    make(&mut bag, decisions, (cache, leads, sources), watcher)?;
    let made: BTreeMap<String, Digest> = bag.digests().into_iter().collect();
    drop(bag);
    let own = files_in(&decisions.bundle.join("data"));
    let names: BTreeSet<&String> = made.keys().chain(&own).collect();
    let is_own_program = is_own_program(decisions);
    let mut found = Vec::new();
    for name in names {
        watcher.check()?;
        let why = match name.as_str() {
            ENVIRONMENT if !is_own_program => Some("names another build of the program"),
            other => NOT_MADE.iter().find(|(own, _)| *own == other).map(|(_, why)| *why),
        };
        let result = match (why, made.get(name)) {
            (Some(why), _) if own.contains(name) => Made::Not(why),
            (_, Some(digest)) if digest_of(&decisions.bundle, name) == Some(*digest) => Made::Same,
            _ => Made::Differs,
        };
        found.push(Reproduced { what: name.clone(), result });
    }
    found.extend(records(&decisions.state, sources, watcher)?);
    Ok(found)
}

/// Puts every file into a bag that follows from journal and logs.
fn make(
    bag: &mut Bag<'_>,
    decisions: &Decisions,
    (cache, leads, sources): (&Cache, &Leads, &Sources),
    watcher: &dyn Watcher,
) -> Result<(), BundleError> {
    let Decisions { state, audience, stated, key, lines, .. } = decisions;
    let mut checked = checklist(state, sources, cache, leads, *audience, watcher)?;
    let copies = copies(state, cache, sources, watcher)?;
    let rows = records::gather(state, |exchange, _, _| {
        let empty = || Record { exchange: exchange.clone(), columns: Default::default(), source: None };
        Ok(Some(copies.get(exchange).cloned().unwrap_or_else(empty)))
    })?;
    checked.push(records_item(rows.len()));
    checked.extend(redaction_item(state, *audience, stated.include_text));
    let names = names_for(*audience, cache, *key, lines, state)?;
    let (names, written) = records::written(names, &rows, stated.include_text)?;
    let content = Content {
        state,
        lines: lines.clone(),
        sources,
        cache,
        leads,
        checked: &checked,
        rows: &rows,
        written: &written,
        secret: *key,
        power: power(&decisions.bundle),
        audience: *audience,
        include_text: stated.include_text,
        profile: stated.profile,
        paper: stated.paper,
        fingerprint: &stated.fingerprint,
        exported: stated.exported,
    };
    let shown = case_files::shown(&content, &names, watcher)?;
    let text = readme::readme(&shown.state.name, &stated.fingerprint, stated.include_text, *audience);
    bag.put("00_README.txt", text.as_bytes())?;
    bag.put("00_CHANGES.txt", &changes::changes_of(&shown.lines, *audience, stated.version))?;
    case_files::put(bag, &content, &names, shown, watcher).map(drop)
}

/// Records of the evidence, read again from the logs; those that cannot be read are left out.
fn copies(
    state: &State,
    cache: &Cache,
    sources: &Sources,
    watcher: &dyn Watcher,
) -> Result<BTreeMap<ExchangeRef, Record>, BundleError> {
    let mut rows = Vec::new();
    for evidence in state.evidence.values() {
        if let EvidenceSource::Exchange { exchange, .. } = &evidence.source {
            rows.extend(cache.row_of(exchange)?);
        }
    }
    rows.sort_unstable();
    rows.dedup();
    let read = records_of::records_to_copy(cache, sources, &rows, watcher)?.read;
    Ok(read.into_iter().map(|(_, record)| (record.exchange.clone(), record)).collect())
}

/// Figures on planted campaigns, as the bundle has them: they come from a command of their own.
fn power(bundle: &Path) -> Table {
    let text = text(bundle, &format!("data/{POWER}"), 1 << 20).unwrap_or_default();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
    let mut table = Table::new(reader.headers().map(cells).unwrap_or_default());
    reader.records().map_while(Result::ok).for_each(|row| table.push(cells(&row)));
    table
}

/// True if the program that runs is the one that wrote the bundle.
fn is_own_program(decisions: &Decisions) -> bool {
    let text = text(&decisions.bundle, &format!("data/{ENVIRONMENT}"), 1 << 24).unwrap_or_default();
    let environment: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let binary = Program::running().binary;
    environment["binary_sha256"] == serde_json::json!(binary)
}

fn digest_of(bundle: &Path, name: &str) -> Option<Digest> {
    let file = contents::open(&bundle.join("data").join(name)).ok()?;
    crate::files::sha256(file, |error| error, |_| Ok(())).ok().map(|(digest, _)| digest)
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
        let is_same = match file {
            None => false,
            Some((snapshot, file)) => sources
                .open_indexed(snapshot, file)?
                .source_rows(&snapshot.mapping, &[exchange.row])?
                .iter()
                .any(|(_, source)| source.sha256 == *record),
        };
        let result = if is_same { Made::Same } else { Made::Differs };
        found.push(Reproduced { what: format!("record of {exchange}"), result });
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

/// Paths of all files in a folder and the folders in it, sorted.
fn files_in(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![String::new()];
    while let Some(inside) = open.pop() {
        let entries = std::fs::read_dir(folder.join(&inside)).into_iter().flatten().filter_map(Result::ok);
        for entry in entries {
            let name = format!("{inside}{}", entry.file_name().to_string_lossy());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(format!("{name}/"));
            } else {
                found.insert(name);
            }
        }
    }
    found
}
