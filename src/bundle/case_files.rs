//! Files of a bundle with records: all of them follow from journal, logs, marked records and checklist.
//!
//! An export writes them, and `reproduce` makes them again.

use std::collections::BTreeSet;

use super::bag::{self, Bag};
use super::checklist::REVIEWED;
use super::figures::{Figures, figures, zone_of};
use super::folders::{put_custody, put_methods, put_records, put_redactions};
use super::journal_fold::shown_legal;
use super::names::Names;
use super::provenance::{self, Provenance};
use super::reader::Reader;
use super::records::MarkedRecord;
use super::redaction::Redactor;
use super::relied::decisions;
use super::report::{self, Paper, Report};
use super::summaries::summaries;
use super::withheld::withheld;
use super::{
    Audience, BundleError, CheckItem, custody, designations, import_report, internal, journal_fields,
    load_file, vocabulary,
};
use crate::cache::Cache;
use crate::case::legal::Profile;
use crate::case::{JournalLine, Person, State};
use crate::exhibit::Table;
use crate::leads::Leads;
use crate::model::{Digest, Micros, Watcher};
use crate::snapshot::Sources;

/// Sources of the files. Names are in clear.
pub(super) struct Content<'a> {
    /// The state of the case.
    pub state: &'a State,
    /// Its journal.
    pub lines: Vec<JournalLine>,
    pub sources: &'a Sources,
    pub cache: &'a Cache,
    pub leads: &'a Leads,
    pub checked: &'a [CheckItem],
    /// Records in clear.
    pub rows: &'a [MarkedRecord],
    /// Records as the bundle has them.
    pub written: &'a [MarkedRecord],
    /// Key of pseudonyms and commitments.
    pub secret: Digest,
    /// Campaigns planted into a copy of the case.
    pub power: Table,
    pub audience: Audience,
    /// True to include prompts and responses of the evidence.
    pub include_text: bool,
    /// Proceeding that the bundle is made for.
    pub profile: Profile,
    /// Paper of the report.
    pub paper: Paper,
    /// Fingerprint of the key that signs.
    pub fingerprint: &'a str,
    /// Time of the export.
    pub exported: Micros,
}

/// State and journal as the reader of a bundle sees them.
pub(super) struct Shown {
    pub state: State,
    pub lines: Vec<JournalLine>,
    /// Fields that are withheld.
    pub fields: Vec<journal_fields::WithheldField>,
}

/// Name of the case for readers outside, `CASE-` and four hexadecimal digits: the first of the hash of the
/// journal's first entry. The case's own name may be that of a suspect or a customer.
pub(super) fn label(state: &State) -> String {
    let hash = state.journal.first().map_or_else(String::new, |entry| entry.hash.to_string());
    format!("CASE-{}", hash.get(..4).unwrap_or("0000").to_uppercase())
}

/// Name of the case in a bundle for a reader.
pub(super) fn name_for(state: &State, audience: Audience) -> String {
    if audience == Audience::Internal { state.name.clone() } else { label(state) }
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
        Audience::Production | Audience::Regulator => {
            let names = Names::pseudonyms(cache, secret, &vocabulary::vocabulary(lines))?;
            Ok(names.hiding_files(state)?.redacting(Redactor::of(&state.redactions)?))
        }
        Audience::Internal | Audience::Share => Ok(Names::open(cache)),
    }
}

/// State and journal with the names of a bundle.
///
/// # Errors
/// A scope that the cache cannot read, or cancelled.
pub(super) fn shown(
    content: &Content<'_>,
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<Shown, BundleError> {
    let mut state = names.state(content.state);
    state.name = name_for(content.state, content.audience);
    let reader = Reader::of(content.state, content.cache, names, content.profile, watcher)?;
    let (lines, fields) = journal_fields::redact(content.lines.clone(), &reader);
    state.legal = shown_legal(&lines, content.profile)?;
    Ok(Shown { state, lines, fields })
}

/// Puts the files into a bag; returns how many fields and values are withheld.
///
/// # Errors
/// A scope that the cache cannot read, a log that cannot be read, a file that would disclose a name, or cancelled.
pub(super) fn put(
    bag: &mut Bag<'_>,
    content: &Content<'_>,
    names: &Names<'_>,
    shown: Shown,
    watcher: &dyn Watcher,
) -> Result<usize, BundleError> {
    let Shown { state, lines, fields } = shown;
    let (state, fields) = (&state, fields.as_slice());
    let cache = &content.cache.renamed(names);
    let leads = &names.leads(content.leads, cache);
    let sources = content.sources;
    let zone = zone_of(state);
    let rows = content.written;
    let summaries = summaries(rows);
    put_records(bag, (rows, content.rows), names, &summaries, content.include_text)?;
    let Figures { exhibits, relied, legal, mut sheets } =
        figures(bag, state, (cache, leads), content.profile, watcher)?;
    sheets.extend(put_methods(bag, state, cache, &zone, &content.power)?);
    sheets.extend(put_custody(bag, state, (sources, names), &exhibits, &zone, watcher)?);
    bag.put(custody::JOURNAL, &custody::journal_bytes(&lines)?)?;
    bag.put(custody::JOURNAL_TABLE, &journal_fields::table(lines).to_csv())?;
    bag.put(import_report::REPORTS, &import_report::file((content.state, content.cache, sources), names)?)?;
    let withheld = withheld(content.rows, rows, &state.redactions, names, content.include_text);
    put_redactions(bag, &withheld, fields, &state.redactions, !names.are_clear(), content.profile)?;
    if content.audience == Audience::Internal {
        let (cache, leads) = (content.cache, content.leads);
        internal::put(bag, content.state, cache, leads, content.rows, content.secret, watcher)?;
    }
    let checked = checked(content, state, cache, leads, names, watcher)?;
    let withheld_entries: BTreeSet<u64> = fields.iter().map(|field| field.seq).collect();
    let (point, changed) = (custody::checkpoint(content.state), decisions(state, cache, leads).changed());
    let author = Person::of(content.state).map_or_else(
        || content.state.journal.last().map(|entry| entry.actor.clone()).unwrap_or_default(),
        |person| person.in_words(),
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
        profile: content.profile,
        changed: &changed,
        exhibits: &exhibits,
        summaries: &summaries,
        sheets: &sheets,
        checkpoint: point.as_ref(),
        fingerprint: content.fingerprint,
        audience: content.audience.word(),
        designation: designations::word(&state.settings, content.audience, designations::REPORT),
        records_designation: designations::word(&state.settings, content.audience, designations::RECORDS),
        author: &author,
        exported: content.exported,
        paper: content.paper,
        include_text: content.include_text,
        withheld_entries: withheld_entries.len(),
    })?;
    for (path, bytes) in &composed.files {
        bag.put(path, bytes)?;
    }
    bag.put("01_report/report.xhtml", &composed.report.xhtml)?;
    bag.put("01_report/report.pdf", &composed.report.pdf)?;
    if let Some(annex) = &composed.annex {
        bag.put("01_report/records.xhtml", &annex.xhtml)?;
        bag.put("01_report/records.pdf", &annex.pdf)?;
    }
    let person = Person::of(content.state).unwrap_or_default();
    let volume = load_file::Volume {
        stem: &bag::stem(&state.name, content.audience.word()),
        custodian: &load_file::custodian(&person.organisation),
        report_designation: designations::word(&state.settings, content.audience, designations::REPORT),
        records_designation: designations::word(&state.settings, content.audience, designations::RECORDS),
        pages: composed.report.pages,
        annex: composed.annex.as_ref().map(|annex| annex.pages),
    };
    load_file::put(bag, &volume, rows, content.include_text)?;
    provenance::put(bag, &Provenance { state, cache, relied: &relied, names })?;
    let files = bag.listed().into_iter().map(|(file, _)| file);
    let designated = designations::table(&state.settings, content.audience, files);
    bag.put(designations::DESIGNATIONS, &designated.to_csv())?;
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
    let is_written = |item: &&CheckItem| content.audience == Audience::Internal || item.id != REVIEWED;
    if names.are_clear() {
        return Ok(content.checked.iter().filter(is_written).cloned().collect());
    }
    let renamed = super::checklist::case_items(state, cache, leads, watcher)?;
    let items = content.checked.iter().filter(is_written).map(|item| {
        let found = renamed.iter().find(|renamed| renamed.id == item.id);
        found.cloned().unwrap_or_else(|| CheckItem { detail: names.text(&item.detail), ..item.clone() })
    });
    Ok(items.collect())
}
