//! Export of a bundle: checklist, files, bag, journal entry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::bag::{self, Bag};
use super::case_files::{self, Content, label, name_for, names_for};
use super::checklist::{check_leads, records_item, redaction_item};
use super::names::Names;
use super::records::{self, MarkedRecord};
use super::relied::{accounts_of, relied};
use super::report::Paper;
use super::verify::verify_unfinished;
use super::{
    Audience, BundleError, CheckItem, CheckState, SigningKey, changes, checklist, custody, designations,
    incident, left_out, methods, readme, stix,
};
use crate::cache::{AccountIndex, Cache};
use crate::case::legal::Profile;
use crate::case::{Action, Case, Person, State};
use crate::leads::Leads;
use crate::model::{Digest, Tag, Watcher, Zone};

/// Options of an export.
pub struct ExportOptions {
    /// Its reader.
    pub audience: Audience,
    /// The folder in which the bag's folder is made.
    pub out: PathBuf,
    /// True to include prompts and responses of the evidence.
    pub include_text: bool,
    /// Proceeding that it is made for.
    pub profile: Profile,
    /// Paper of the report.
    pub paper: Paper,
    /// Key that signs it.
    pub key: SigningKey,
}

/// A bag that was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its folder.
    pub bag: PathBuf,
    /// SHA-256 of its manifest.
    pub manifest: Digest,
    /// The checklist it was written under.
    pub checklist: Vec<CheckItem>,
}

/// Files that an export would write now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Name of the bag's folder.
    pub name: String,
    /// Files under `data/` with their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// Fields of the journal and values of records that are withheld.
    pub withheld: usize,
    /// The checklist.
    pub checklist: Vec<CheckItem>,
}

/// Writes the bundle of a case for one audience, verifies it and journals it. The folder is called `NAME_AUDIENCE_vN`,
/// where N is one more than the journal has for this audience. An export that fails or is cancelled leaves
/// no file. The entry is journaled before the folder gets its name, so that there is no bundle without an
/// entry; if the program is killed between the two, the journal names a bundle that does not exist.
///
/// # Errors
/// A checklist item that refuses, a fault that verification finds in the finished bundle, a file that would disclose a name, a disk that is full, a source that
/// changed, cancelled.
pub fn export(
    case: &mut Case,
    cache: &Cache,
    leads: &Leads,
    options: &ExportOptions,
    watcher: &dyn Watcher,
) -> Result<Exported, BundleError> {
    // Before the sources are hashed, which takes minutes.
    refuse(&[check_leads(leads, options.audience)])?;
    let sources = case.sources();
    let mut checked = checklist(case.state(), &sources, cache, leads, options.audience, watcher)?;
    refuse(&checked)?;
    // The environment names the program, and the last opening of the journal has to be its own.
    case.record_opening()?;
    let secret = case.bundle_key()?;
    let rows = marked(case)?;
    checked.push(records_item(rows.len()));
    checked.extend(redaction_item(case.state(), options.audience, options.include_text));
    let stem = bag::stem(&label(case.state()), options.audience.word());
    let version = bag::next_version(&options.out, &stem, last_version(case.state(), &stem))?;
    let lines = case.journal_lines();
    let names = names_for(options.audience, cache, secret, &lines, case.state())?;
    let (names, written) = records::written(names, &rows, options.include_text)?;
    let guard = |file: &str, bytes: &[u8]| names.check(file, bytes);
    let mut bag = Bag::begin(&options.out)?.guarded(&guard);
    if options.audience == Audience::Internal {
        bag = bag.private();
    }
    let content = Content {
        state: case.state(),
        lines,
        sources: &sources,
        cache,
        leads,
        checked: &checked,
        rows: &rows,
        written: &written,
        secret,
        power: methods::power(cache)?,
        audience: options.audience,
        include_text: options.include_text,
        profile: options.profile,
        paper: options.paper,
        fingerprint: &options.key.fingerprint(),
        exported: now(),
    };
    fill(&mut bag, &content, (&options.key, version), &names, watcher)?;
    let info = info(&content, &stem, version);
    watcher.check()?;
    let name = format!("{stem}_v{version}");
    let audience = options.audience.to_string();
    let check = |folder: &Path| verify_unfinished(folder, watcher);
    let (folder, manifest) = bag.finish(&name, &info, &options.key, check, |manifest| {
        Ok(case.record(Action::Exported { audience, bag: name.clone(), manifest })?)
    })?;
    Ok(Exported { bag: folder, manifest, checklist: checked })
}

/// Makes every file of a bundle in a temporary folder, lists them, and keeps nothing. The key of the
/// signature is a new one, and so is that of the pseudonyms before the first bundle.
///
/// # Errors
/// As [`export`].
pub fn preview(
    case: &Case,
    cache: &Cache,
    leads: &Leads,
    (audience, profile): (Audience, Profile),
    include_text: bool,
    watcher: &dyn Watcher,
) -> Result<Preview, BundleError> {
    let sources = case.sources();
    let mut checked = checklist(case.state(), &sources, cache, leads, audience, watcher)?;
    let rows = marked(case)?;
    checked.push(records_item(rows.len()));
    checked.extend(redaction_item(case.state(), audience, include_text));
    let temporary = tempfile::tempdir().map_err(BundleError::io(&std::env::temp_dir()))?;
    let key = SigningKey::load_or_create_in(temporary.path())?;
    let stem = bag::stem(&label(case.state()), audience.word());
    let version = last_version(case.state(), &stem) + 1;
    let secret = case.state().bundle_key.unwrap_or(Digest::of(b"preview"));
    let lines = case.journal_lines();
    let names = names_for(audience, cache, secret, &lines, case.state())?;
    let (names, written) = records::written(names, &rows, include_text)?;
    let guard = |file: &str, bytes: &[u8]| names.check(file, bytes);
    let mut bag = Bag::begin(temporary.path())?.guarded(&guard);
    let content = Content {
        state: case.state(),
        lines,
        sources: &sources,
        cache,
        leads,
        checked: &checked,
        rows: &rows,
        written: &written,
        secret,
        power: methods::power(cache)?,
        audience,
        include_text,
        profile,
        paper: Paper::default(),
        fingerprint: &key.fingerprint(),
        exported: now(),
    };
    let withheld = fill(&mut bag, &content, (&key, version), &names, watcher)?;
    let files = bag.listed();
    drop(bag);
    Ok(Preview { name: format!("{stem}_v{version}"), files, withheld, checklist: checked })
}

/// The records of the evidence.
fn marked(case: &Case) -> Result<Vec<MarkedRecord>, BundleError> {
    records::gather(
        case.state(),
        |exchange, digest, reading| Ok(case.record_copy(exchange, digest, reading)?),
    )
}

/// Highest version that the journal has of a bag; 0 for none.
fn last_version(state: &State, stem: &str) -> u32 {
    let versions = state.journal.iter().filter_map(|entry| match &entry.action {
        Action::Exported { bag, .. } => bag.strip_prefix(stem)?.strip_prefix("_v")?.parse().ok(),
        _ => None,
    });
    versions.max().unwrap_or(0)
}

fn refuse(checked: &[CheckItem]) -> Result<(), BundleError> {
    let refused: Vec<_> = checked
        .iter()
        .filter(|item| item.state == CheckState::Refused)
        .map(|item| format!("{}: {}", item.id, item.detail))
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(BundleError::Refused(refused.join("; "))) }
}

/// Lines of `bag-info.txt`.
fn info(content: &Content<'_>, stem: &str, version: u32) -> Vec<(&'static str, String)> {
    let (state, audience) = (content.state, content.audience);
    let mut info = vec![
        ("Bag-Software-Agent", format!("stillhunt {}", env!("CARGO_PKG_VERSION"))),
        ("Bagging-Date", Zone::utc().format_date(content.exported)),
        ("External-Identifier", format!("{stem}_v{version}")),
        ("External-Description", format!("Case {}. {}", name_for(state, audience), audience.describe())),
        ("Audience", audience.word().to_uppercase()),
        ("Profile", content.profile.word().to_owned()),
        ("Bundle-Version", version.to_string()),
        ("Designation", designations::of_bundle(&state.settings, audience).to_owned()),
        ("Signing-Key", content.fingerprint.to_owned()),
    ];
    if let Some(person) = Person::of(state) {
        info.push(("Contact-Name", person.name.clone()));
        info.push(("Source-Organization", person.organisation));
    }
    info
}

/// Puts all files of an audience into a bag; returns how many fields and values are withheld.
fn fill(
    bag: &mut Bag<'_>,
    content: &Content<'_>,
    (key, version): (&SigningKey, u32),
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<usize, BundleError> {
    let audience = content.audience;
    let shown = case_files::shown(content, names, watcher)?;
    let text = readme::readme(&shown.state.name, content.fingerprint, content.include_text, audience);
    bag.put("00_README.txt", text.as_bytes())?;
    bag.put("00_CHANGES.txt", &changes::changes_of(&shown.lines, audience, version))?;
    bag.put(custody::ALLOWED_SIGNERS, key.allowed_signers()?.as_bytes())?;
    if let Some(point) = custody::checkpoint(content.state) {
        let bytes = custody::checkpoint_bytes(&point)?;
        bag.put(custody::CHECKPOINT, &bytes)?;
        bag.put(custody::CHECKPOINT_SIGNATURE, key.sign(&bytes)?.as_bytes())?;
    }
    match audience {
        Audience::Share => put_share(bag, content, watcher).map(|()| 0),
        Audience::Regulator => put_regulator(bag, content, names, watcher).map(|()| 0),
        Audience::Internal | Audience::Production => case_files::put(bag, content, names, shown, watcher),
    }
}

fn put_share(bag: &mut Bag<'_>, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), BundleError> {
    let (state, cache, leads) = (content.state, content.cache, content.leads);
    let relied = relied(state, cache, leads, watcher)?;
    let set_aside = accounts_with(state, cache, &[Tag::Exculpatory, Tag::Control], watcher)?;
    let (bytes, count, left_out) = stix::indicators(state, cache, leads, &relied, &set_aside, content.secret);
    bag.put("indicators.stix.json", &bytes)?;
    bag.put(left_out::LEFT_OUT, &left_out.table(count).to_csv())?;
    Ok(())
}

/// Accounts of the evidence with one of some tags.
fn accounts_with(
    state: &State,
    cache: &Cache,
    tags: &[Tag],
    watcher: &dyn Watcher,
) -> Result<BTreeSet<AccountIndex>, BundleError> {
    let mut found = BTreeSet::new();
    for evidence in state.evidence.values().filter(|evidence| tags.contains(&evidence.tag)) {
        found.extend(accounts_of(&evidence.source, cache, watcher)?);
    }
    Ok(found)
}

fn put_regulator(
    bag: &mut Bag<'_>,
    content: &Content<'_>,
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<(), BundleError> {
    let cache = content.cache;
    let relied = relied(content.state, cache, content.leads, watcher)?;
    let contested = accounts_with(content.state, cache, &[Tag::Exculpatory], watcher)?;
    let controls = accounts_with(content.state, cache, &[Tag::Control], watcher)?.len();
    let figures = incident::Computed { cache, relied: &relied, contested, controls };
    // What the organisation has stated may name accounts, which stand as pseudonyms.
    let state = &State { name: label(content.state), ..names.state(content.state) };
    bag.put("01_report/incident.csv", &incident::table(state, &figures).to_csv())?;
    bag.put("01_report/incident.xhtml", &incident::page(state, &figures))?;
    let mut without_reasons = state.clone();
    without_reasons.retired.iter_mut().for_each(|retired| retired.reason.clear());
    bag.put("06_custody/sources.csv", &custody::sources(&without_reasons).to_csv())?;
    Ok(())
}

fn now() -> crate::model::Micros {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
