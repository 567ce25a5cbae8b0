//! Words of the program: identifiers in the files of a bundle.
//!
//! A caller of the API chooses the ids of its end users, and may choose `sha256sum` or `account_id`. A name
//! that is a word of the program cannot be told from it in prose and discloses nothing there.

use std::collections::BTreeSet;

use super::{Audience, hashes, legal, load_file, methods, readme, report};
use crate::case::{JournalLine, fields_of};
use crate::model::AttributeKind;
use crate::snapshot::{Column, record_hash};

/// Identifiers in values of tables and JSON that no other list has.
const OTHERS: &str = "account_id account_ids4 accounts_in_scope all_exchanges binary_sha256 bundle_key_made \
    case_created evidence_changed evidence_removed exchanges_in_scope hour_of_week leads_reviewed lead_tests \
    links_table prompt_template record_commitment record_sha256 redaction_log report_pdf report_xhtml records_pdf records_xhtml \
    row_number snapshot_added snapshot_retired snapshot_sha256 scope_exchanges stillhunt sha256 sha256sum \
    epoch_us from_seconds start_time time_utc timestamptz utf8 utf-8 int64 float32 float64 ed25519 ssh-ed25519 \
    tlp_amber work_product xhtml1 iso_8601 default_src VOL001 redacted_copy_sha256 withheld_in_rows \
    case-investigation:InvestigativeAction case-investigation:ProvenanceRecord case-investigation:Investigator \
    case-investigation:Investigation uco-core:Relationship uco-identity:Person uco-identity:Organization \
    uco-identity:SimpleNameFacet uco-observable:AccountFacet uco-observable:ContentDataFacet uco-observable:File \
    uco-observable:FileFacet uco-observable:ObservableObject uco-tool:AnalyticTool uco-types:Hash xsd:dateTime \
    xsd:hexBinary Derived_From routine confidential public attorneys eyes ruled possible explains unifiedcyberontology.org caseontology.org uco-action uco-types stillhunt.invalid";

/// Words of the files that every bundle has, of columns and attributes, and of the journal's fields.
pub(super) fn vocabulary(lines: &[JournalLine]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut add = |text: &str| {
        for part in text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | '/' | ',' | ';'))
        {
            let part = part.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let atoms = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.extend(atoms.chain([part]).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase));
        }
    };
    for audience in Audience::ALL {
        for include_text in [true, false] {
            add(&readme::readme("", "", include_text, audience));
        }
    }
    for text in [hashes::RULES, report::SENTENCES, &record_hash::rule(), OTHERS, &legal::vocabulary::words()]
    {
        add(text);
    }
    for (field, meaning) in load_file::FIELDS {
        add(field);
        add(meaning);
    }
    for json in [methods::signals(), methods::context(), methods::events()] {
        add(&String::from_utf8_lossy(&json));
    }
    Column::ALL.iter().for_each(|column| add(column.name()));
    AttributeKind::ALL.iter().for_each(|kind| add(kind.name()));
    for line in lines {
        let Some(body) = &line.body else { continue };
        for field in fields_of(body).into_iter().flatten() {
            add(&field.pointer);
            if field.pointer == "/action" {
                add(field.value.as_str().unwrap_or_default());
            }
        }
    }
    words
}
