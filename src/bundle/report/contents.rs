//! Input of the report.

use super::document::Paper;
use super::sheets::Sheet;
use crate::bundle::CheckItem;
use crate::bundle::bag::stem;
use crate::bundle::legal::LegalFigures;
use crate::bundle::records::MarkedRecord;
use crate::bundle::relied::Relied;
use crate::bundle::summaries::Summary;
use crate::cache::Cache;
use crate::case::legal::Profile;
use crate::case::{Checkpoint, PlacedDecision, State};
use crate::exhibit::Exhibit;
use crate::leads::Leads;
use crate::model::{Micros, Zone};

/// An exhibit with its number.
pub(in crate::bundle) struct NumberedExhibit {
    /// `EX-0002`.
    pub number: String,
    /// The evidence it was made from.
    pub evidence: u64,
    /// The exhibit.
    pub exhibit: Exhibit,
}

/// Input of the report. State, cache, leads and records have the names of the bundle's audience.
pub(in crate::bundle) struct Report<'a> {
    pub state: &'a State,
    pub cache: &'a Cache,
    pub leads: &'a Leads,
    pub zone: &'a Zone,
    pub checklist: &'a [CheckItem],
    pub records: &'a [MarkedRecord],
    pub relied: &'a [Relied],
    /// Figures of the legal frame.
    pub legal: &'a LegalFigures,
    /// Proceeding that the bundle is made for.
    pub profile: Profile,
    /// Decisions whose lead changed or is gone in the present list.
    pub changed: &'a [PlacedDecision],
    pub exhibits: &'a [NumberedExhibit],
    pub summaries: &'a [Summary],
    /// Tables of methods and custody, which sentences cite by their path.
    pub sheets: &'a [Sheet],
    pub checkpoint: Option<&'a Checkpoint>,
    pub fingerprint: &'a str,
    /// Word of the audience: `production`.
    pub audience: &'a str,
    /// Designation on every page: `CONFIDENTIAL`.
    pub designation: &'a str,
    /// Designation on every page of the annex, which prints the records.
    pub records_designation: &'a str,
    /// Name of the person who exports.
    pub author: &'a str,
    /// Time of the export; its day, UTC, is the date of the report.
    pub exported: Micros,
    pub paper: Paper,
    pub include_text: bool,
    pub withheld_entries: usize,
}

impl Report<'_> {
    /// Beginning of the Bates numbers: `CASE-3F0A_PRODUCTION`.
    pub(in crate::bundle) fn stem(&self) -> String {
        stem(&self.state.name, self.audience)
    }
}
