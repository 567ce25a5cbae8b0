//! Export of a bundle: checklist, files, bag, journal entry.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::bag::{self, Bag};
use super::figures::{Figures, figures, zone_of};
use super::folders::{put_custody, put_methods, put_records, put_redactions};
use super::journal_fold::shown_legal;
use super::names::Names;
use super::provenance::{self, Provenance};
use super::reader::Reader;
use super::records::{self, MarkedRecord};
use super::redaction::Redactor;
use super::relied::{accounts_of, decisions, relied};
use super::report::{self, Paper, Report};
use super::summaries::summaries;
use super::withheld::withheld;
use super::{
    Audience, BundleError, CheckItem, CheckState, SigningKey, changes, checklist, custody, designations,
    import_report, incident, internal, journal_fields, load_file, readme, stix, vocabulary,
};
use crate::cache::{AccountIndex, Cache};
use crate::case::legal::Profile;
use crate::case::{Action, Case, JournalLine, Person, State};
use crate::leads::Leads;
use crate::model::{Digest, Tag, Watcher, Zone, format_count};

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

/// Writes the bundle of a case for one audience and journals it. The folder is called `NAME_AUDIENCE_vN`,
/// where N is one more than the journal has for this audience. An export that fails or is cancelled leaves
/// no file. The entry is journaled before the folder gets its name, so that there is no bundle without an
/// entry; if the program is killed between the two, the journal names a bundle that does not exist.
///
/// # Errors
/// A checklist item that refuses, a file that would disclose a name, a disk that is full, a source that
/// changed, cancelled.
pub fn export(
    case: &mut Case,
    cache: &Cache,
    leads: &Leads,
    options: &ExportOptions,
    watcher: &dyn Watcher,
) -> Result<Exported, BundleError> {
    let mut checked = checklist(case.state(), &case.sources(), cache, leads, options.audience, watcher)?;
    refuse(&checked)?;
    // The environment names the program, and the last opening of the journal has to be its own.
    case.record_opening()?;
    let secret = case.bundle_key()?;
    let rows = marked(case, &mut checked)?;
    check_redaction(case.state(), options.audience, options.include_text, &mut checked);
    let stem = bag::stem(&label(case.state()), options.audience.word());
    let version = bag::next_version(&options.out, &stem, last_version(case.state(), &stem))?;
    let names = names_for(options.audience, cache, secret, &case.journal_lines(), case.state())?;
    let written = records::written(&rows, &names, options.include_text);
    let names = names.without(&records::gone(&written))?;
    let guard = |file: &str, bytes: &[u8]| names.check(file, bytes);
    let mut bag = Bag::begin(&options.out)?.guarded(&guard);
    if options.audience == Audience::Internal {
        bag = bag.private();
    }
    let content = Content {
        case,
        cache,
        leads,
        options,
        checked: &checked,
        rows: &rows,
        written: &written,
        secret,
        version,
    };
    fill(&mut bag, &content, &names, watcher)?;
    let info = info(&content, &stem);
    watcher.check()?;
    let name = format!("{stem}_v{version}");
    let audience = options.audience.to_string();
    let (folder, manifest) = bag.finish(&name, &info, &options.key, |manifest| {
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
    let mut checked = checklist(case.state(), &case.sources(), cache, leads, audience, watcher)?;
    let rows = marked(case, &mut checked)?;
    check_redaction(case.state(), audience, include_text, &mut checked);
    let temporary = tempfile::tempdir().map_err(BundleError::io(&std::env::temp_dir()))?;
    let key = SigningKey::load_or_create_in(temporary.path())?;
    let (out, paper) = (temporary.path().to_owned(), Paper::default());
    let options = ExportOptions { audience, out, include_text, profile, paper, key };
    let stem = bag::stem(&label(case.state()), audience.word());
    let version = last_version(case.state(), &stem) + 1;
    let secret = case.state().bundle_key.unwrap_or(Digest::of(b"preview"));
    let names = names_for(audience, cache, secret, &case.journal_lines(), case.state())?;
    let written = records::written(&rows, &names, include_text);
    let names = names.without(&records::gone(&written))?;
    let guard = |file: &str, bytes: &[u8]| names.check(file, bytes);
    let mut bag = Bag::begin(&options.out)?.guarded(&guard);
    let content = Content {
        case,
        cache,
        leads,
        options: &options,
        checked: &checked,
        rows: &rows,
        written: &written,
        secret,
        version,
    };
    let withheld = fill(&mut bag, &content, &names, watcher)?;
    let files = bag.listed();
    drop(bag);
    Ok(Preview { name: format!("{stem}_v{version}"), files, withheld, checklist: checked })
}

/// The records of the evidence, and the item of the checklist that their copies are as they were.
fn marked(case: &Case, checked: &mut Vec<CheckItem>) -> Result<Vec<MarkedRecord>, BundleError> {
    let rows = records::gather(case.state(), |exchange, digest, reading| {
        Ok(case.record_copy(exchange, digest, reading)?)
    })?;
    checked.push(CheckItem::new(
        "records",
        "every copied record still has the SHA-256 it was copied with",
        CheckState::Done,
        format!("{} records were checked", format_count(rows.len() as u64)),
    ));
    Ok(rows)
}

/// The item of the checklist on redaction, where text goes to a reader outside.
fn check_redaction(state: &State, audience: Audience, include_text: bool, checked: &mut Vec<CheckItem>) {
    if !include_text || !audience.has_records() || audience.are_names_clear() {
        return;
    }
    let title = "words that others must not read are redacted in prompts and responses";
    let count = state.redactions.len() as u64;
    let (state, detail) = match count {
        0 => (
            CheckState::Stated,
            "no redaction is made; `stillhunt redact CASE` counts what rules would find".to_owned(),
        ),
        1 => (CheckState::Done, "1 redaction is in effect".to_owned()),
        more => (CheckState::Done, format!("{} redactions are in effect", format_count(more))),
    };
    checked.push(CheckItem::new("redaction", title, state, detail));
}

/// Name of the case for readers outside, `CASE-` and four hexadecimal digits: the first of the hash of the
/// journal's first entry. The case's own name may be that of a suspect or a customer.
fn label(state: &State) -> String {
    let hash = state.journal.first().map_or_else(String::new, |entry| entry.hash.to_string());
    format!("CASE-{}", hash.get(..4).unwrap_or("0000").to_uppercase())
}

/// Name of the case in a bundle for a reader.
fn name_for(state: &State, audience: Audience) -> String {
    if audience == Audience::Internal { state.name.clone() } else { label(state) }
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

/// The case and what is to become of it.
struct Content<'a> {
    case: &'a Case,
    cache: &'a Cache,
    leads: &'a Leads,
    options: &'a ExportOptions,
    checked: &'a [CheckItem],
    /// Records in clear.
    rows: &'a [MarkedRecord],
    /// Records as the bundle has them.
    written: &'a [MarkedRecord],
    /// Key of pseudonyms and commitments.
    secret: Digest,
    version: u32,
}

/// Names that an audience sees: counsel everything, indicators and incident only chosen values and figures.
pub(super) fn names_for<'a>(
    audience: Audience,
    cache: &'a Cache,
    secret: Digest,
    lines: &[JournalLine],
    state: &State,
) -> Result<Names<'a>, BundleError> {
    match audience {
        Audience::Production => {
            let names = Names::pseudonyms(cache, secret, &vocabulary::vocabulary(lines))?;
            Ok(names.redacting(Redactor::of(&state.redactions)?))
        }
        Audience::Internal | Audience::Share | Audience::Regulator => Ok(Names::open(cache)),
    }
}

/// Lines of `bag-info.txt`.
fn info(content: &Content<'_>, stem: &str) -> Vec<(&'static str, String)> {
    let (state, audience) = (content.case.state(), content.options.audience);
    let mut info = vec![
        ("Bag-Software-Agent", format!("stillhunt {}", env!("CARGO_PKG_VERSION"))),
        ("Bagging-Date", Zone::utc().format_date(now())),
        ("External-Identifier", format!("{stem}_v{}", content.version)),
        ("External-Description", format!("Case {}. {}", name_for(state, audience), audience.describe())),
        ("Audience", audience.word().to_uppercase()),
        ("Profile", content.options.profile.word().to_owned()),
        ("Bundle-Version", content.version.to_string()),
        ("Designation", audience.designation().to_owned()),
        ("Signing-Key", content.options.key.fingerprint()),
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
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<usize, BundleError> {
    let (case, options) = (content.case, content.options);
    let mut state = names.state(case.state());
    state.name = name_for(case.state(), options.audience);
    let fingerprint = options.key.fingerprint();
    let text = readme::readme(&state.name, &fingerprint, options.include_text, options.audience);
    bag.put("00_README.txt", text.as_bytes())?;
    let reader = Reader::of(case.state(), content.cache, names, options.profile, watcher)?;
    let (lines, fields) = journal_fields::redact(case.journal_lines(), &reader);
    state.legal = shown_legal(&lines, options.profile)?;
    bag.put("00_CHANGES.txt", &changes::changes(case.state(), &lines, options.audience, content.version))?;
    bag.put(custody::ALLOWED_SIGNERS, options.key.allowed_signers()?.as_bytes())?;
    if let Some(point) = custody::checkpoint(case.state()) {
        let bytes = custody::checkpoint_bytes(&point)?;
        bag.put(custody::CHECKPOINT, &bytes)?;
        bag.put(custody::CHECKPOINT_SIGNATURE, options.key.sign(&bytes)?.as_bytes())?;
    }
    match options.audience {
        Audience::Share => put_share(bag, content, watcher).map(|()| 0),
        Audience::Regulator => put_regulator(bag, content, watcher).map(|()| 0),
        Audience::Internal | Audience::Production => {
            fill_case(bag, content, names, &state, lines, &fields, watcher)
        }
    }
}

fn put_share(bag: &mut Bag<'_>, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), BundleError> {
    let (state, cache, leads) = (content.case.state(), content.cache, content.leads);
    let relied = relied(state, cache, leads, watcher)?;
    let mut set_aside: BTreeSet<AccountIndex> = BTreeSet::new();
    for evidence in state.evidence.values() {
        if matches!(evidence.tag, Tag::Exculpatory | Tag::Control) {
            set_aside.extend(accounts_of(&evidence.source, cache, watcher)?);
        }
    }
    let bytes = stix::indicators(state, cache, leads, &relied, &set_aside, content.secret);
    bag.put("indicators.stix.json", &bytes)?;
    Ok(())
}

fn put_regulator(bag: &mut Bag<'_>, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), BundleError> {
    let cache = content.cache;
    let state = &State { name: label(content.case.state()), ..content.case.state().clone() };
    let relied = relied(state, cache, content.leads, watcher)?;
    bag.put("01_report/incident.csv", &incident::table(state, cache, &relied).to_csv())?;
    bag.put("01_report/incident.xhtml", &incident::page(state, cache, &relied))?;
    let mut without_reasons = state.clone();
    without_reasons.retired.iter_mut().for_each(|retired| retired.reason.clear());
    bag.put("06_custody/sources.csv", &custody::sources(&without_reasons).to_csv())?;
    Ok(())
}

/// Files of the audiences with records. `state` has the names of the bundle.
fn fill_case(
    bag: &mut Bag<'_>,
    content: &Content<'_>,
    names: &Names<'_>,
    state: &State,
    lines: Vec<JournalLine>,
    fields: &[journal_fields::WithheldField],
    watcher: &dyn Watcher,
) -> Result<usize, BundleError> {
    let (case, options) = (content.case, content.options);
    let cache = &content.cache.renamed(names);
    let leads = &names.leads(content.leads, cache);
    let sources = case.sources();
    let zone = zone_of(state);
    let fingerprint = options.key.fingerprint();
    let rows = content.written;
    let summaries = summaries(rows);
    put_records(bag, rows, names, &summaries, options.include_text)?;
    let Figures { exhibits, relied, legal, mut sheets } =
        figures(bag, state, (cache, leads), options.profile, watcher)?;
    sheets.extend(put_methods(bag, state, cache, &zone)?);
    sheets.extend(put_custody(bag, state, &sources, &exhibits, &zone, watcher)?);
    bag.put(custody::JOURNAL, &custody::journal_bytes(&lines)?)?;
    bag.put(custody::JOURNAL_TABLE, &journal_fields::table(lines).to_csv())?;
    bag.put(import_report::REPORTS, &import_report::file(case.state(), content.cache, &sources)?)?;
    let withheld = withheld(content.rows, rows, &state.redactions, names, options.include_text);
    put_redactions(bag, &withheld, fields, &state.redactions, !names.are_clear(), options.profile)?;
    bag.put("08_legal/designations.csv", &designations::table(state, options.audience).to_csv())?;
    if options.audience == Audience::Internal {
        internal::put(bag, case.state(), content.cache, content.rows, content.secret, watcher)?;
    }
    let checked = checked(content, state, cache, leads, names, watcher)?;
    let withheld_entries: BTreeSet<u64> = fields.iter().map(|field| field.seq).collect();
    let (point, changed) = (custody::checkpoint(case.state()), decisions(state, cache, leads).changed());
    let author = Person::of(case.state()).map_or_else(
        || case.state().journal.last().map(|entry| entry.actor.clone()).unwrap_or_default(),
        |person| format!("{}, {}, {}", person.name, person.role, person.organisation),
    );
    watcher.step("writing the report", 0, 0, "pages");
    let composed = report::compose(&Report {
        state,
        cache,
        leads,
        zone: &zone,
        checklist: &checked,
        records: rows,
        relied: &relied,
        legal: &legal,
        profile: options.profile,
        changed: &changed,
        exhibits: &exhibits,
        summaries: &summaries,
        sheets: &sheets,
        checkpoint: point.as_ref(),
        fingerprint: &fingerprint,
        audience: options.audience.word(),
        designation: options.audience.designation(),
        author: &author,
        exported: now(),
        paper: options.paper,
        include_text: options.include_text,
        withheld_entries: withheld_entries.len(),
    })?;
    for (path, bytes) in &composed.files {
        bag.put(path, bytes)?;
    }
    bag.put("01_report/report.xhtml", &composed.xhtml)?;
    bag.put("01_report/report.pdf", &composed.pdf)?;
    let person = Person::of(case.state()).unwrap_or_default();
    let volume = load_file::Volume {
        stem: &bag::stem(&state.name, options.audience.word()),
        custodian: &load_file::custodian(&person.organisation),
        report_designation: designations::of(state, "designation.report"),
        records_designation: designations::of(state, "designation.records"),
        pages: composed.pages,
    };
    load_file::put(bag, &volume, rows, options.include_text)?;
    provenance::put(bag, &Provenance { state, cache, relied: &relied, names })?;
    Ok(withheld.len() + fields.len())
}

/// The checklist with the names of the bundle: items that name leads and accounts are made anew.
fn checked(
    content: &Content<'_>,
    state: &State,
    cache: &Cache,
    leads: &Leads,
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<Vec<CheckItem>, BundleError> {
    if names.are_clear() {
        return Ok(content.checked.to_vec());
    }
    let renamed = super::checklist::case_items(state, cache, leads, watcher)?;
    let items = content.checked.iter().map(|item| {
        let found = renamed.iter().find(|renamed| renamed.id == item.id);
        found.cloned().unwrap_or_else(|| CheckItem { detail: names.text(&item.detail), ..item.clone() })
    });
    Ok(items.collect())
}

fn now() -> crate::model::Micros {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
