//! Content of a bundle, compared with itself: what one file says against what the others say.
//!
//! These checks run on bundles whose bytes are as their manifests and signatures have them. They find what
//! somebody has changed who could sign the bundle again.

mod agreement;
mod anomalies;
mod columns;
mod constants;
mod contested;
mod counsel;
mod csv_copies;
mod custody;
mod dossier;
mod events;
mod evidence;
mod figures;
mod group_tests;
mod imports;
mod incident;
mod journal;
mod keys;
mod lead_exhibit;
mod lead_list;
mod lead_members;
mod legal;
mod legal_figures;
mod load_file;
mod markup;
mod method_tables;
mod notice_figures;
mod outside;
mod own_exhibits;
mod own_rows;
mod places;
mod provenance;
mod records;
mod redactions;
mod relied_accounts;
mod report;
mod schemas;
mod shared_values;
mod statements;
mod summaries;
mod tables;
mod times;
mod underlying;
mod usage;
mod values;

use self::values::Values;
use super::contents::Contents;
use super::{Audience, BundleError, Fault};
use crate::case::legal::Profile;
use crate::model::Watcher;

/// Faults of all checks of the content.
///
/// # Errors
/// Cancelled.
pub(super) fn check(
    contents: &Contents,
    audience: Audience,
    signer: &str,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let mut faults = places::check(contents, audience, signer);
    faults.extend(markup::check(contents, watcher)?);
    faults.extend(incident::check(contents));
    if !audience.has_records() {
        faults.extend(outside::check(contents, audience, signer));
        return Ok(faults);
    }
    let profile = legal::profile(contents).unwrap_or_else(|fault| {
        faults.push(fault);
        Profile::Recorded
    });
    let (facts, of_journal) = journal::read(contents, (audience, profile), watcher)?;
    faults.extend(of_journal);
    watcher.check()?;
    faults.extend(custody::check(contents, &facts, audience));
    faults.extend(columns::check(contents));
    faults.extend(outside::snapshots(contents));
    faults.extend(imports::check(contents, &facts));
    faults.extend(legal::check(contents, &facts, audience, profile));
    let (records, of_records) = records::read(contents, audience, watcher)?;
    faults.extend(of_records);
    faults.extend(schemas::check(contents, &facts, audience, watcher)?);
    faults.extend(evidence::check(contents, &facts, &records));
    faults.extend(constants::check(contents));
    faults.extend(statements::check(contents, &facts, audience));
    let values = Values::read(contents);
    faults.extend(legal_figures::check(contents, &facts.legal, profile, values.as_ref()));
    let of = (records.rows.len(), audience);
    faults.extend(own_exhibits::check(contents, &facts, values.as_ref(), of));
    faults.extend(method_tables::check(contents, &facts, values.as_ref()));
    faults.extend(dossier::check(contents, &facts, values.as_ref()));
    faults.extend(shared_values::check(contents, &facts, values.as_ref()));
    faults.extend(group_tests::check(contents, &facts, values.as_ref()));
    faults.extend(events::accounts(contents, &facts, values.as_ref()));
    drop(values);
    watcher.check()?;
    faults.extend(times::check(contents, &facts));
    faults.extend(counsel::check(contents, &facts));
    faults.extend(redactions::check(contents, &records, audience));
    faults.extend(redactions::words(contents, &facts, (audience, profile)));
    faults.extend(summaries::check(contents, &records));
    faults.extend(csv_copies::check(contents, watcher)?);
    faults.extend(underlying::check(contents, &facts, watcher)?);
    faults.extend(usage::check(contents, &facts, &records, &own_exhibits::accounts_name(&facts), watcher)?);
    faults.extend(events::check(contents, &facts));
    faults.extend(load_file::check(contents, &records, audience));
    faults.extend(provenance::check(contents, &facts, audience, &own_exhibits::accounts_name(&facts)));
    watcher.check()?;
    faults.extend(figures::check(contents, &facts, watcher)?);
    watcher.step("printing the report", 0, 0, "pages");
    faults.extend(report::check(contents, &facts, &records, (audience, profile), signer));
    Ok(faults)
}
