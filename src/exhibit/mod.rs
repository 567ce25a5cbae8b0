//! Exhibits: a scope as a figure (SVG) and a table (CSV), the same bytes for the same scope.
//!
//! One file a kind, one line a kind in [`KINDS`]. Every figure prints its scope in words, N of M,
//! the time zone, its sources' hashes and the versions of program and signals. A table has a header
//! and rows only; its caption is [`Exhibit::caption`]. Exhibits contain no prompts or responses and
//! are not interactive; the window draws from the same queries.

mod accounts;
mod axis;
mod caption;
mod coverage;
mod curves;
mod dossier;
mod error;
mod exchanges;
mod hour_of_week;
mod intervals;
mod lead_tests;
mod leads;
mod links;
mod periods;
mod raster;
mod redraw;
mod shifts;
mod subject;
mod svg;
mod table;
mod timeline;
mod topic_map;
mod uptake;
mod values;
pub(crate) mod xml;

pub use caption::{Caption, versions};
pub use error::ExhibitError;
pub(crate) use leads::probability;
pub(crate) use redraw::redrawn;
pub use subject::Subject;
pub(crate) use subject::share_cells;
pub(crate) use table::{Table, cell, spreadsheet_safe};

use crate::model::{Scope, Watcher};
use crate::query::Selection;
use crate::query::select;
use subject::Drawn;

/// A figure or a table made from a scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Exhibit {
    /// Its name in [`KINDS`].
    pub kind: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The scope it was made from.
    pub scope: Scope,
    /// Its caption.
    pub caption: Caption,
    /// The figure as SVG, without an XML declaration; `None` for kinds that are only tables.
    pub figure: Option<Vec<u8>>,
    /// The table as CSV: UTF-8, a header, text cells safe for spreadsheets.
    pub table: Vec<u8>,
    /// Rows of the table, the header not counted.
    pub rows: usize,
}

/// One kind of exhibit.
pub struct Kind {
    /// The name commands use: `hour_of_week`.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    draw: fn(&Subject<'_>, &Selection, &dyn Watcher) -> Result<Drawn, ExhibitError>,
}

/// Every kind, in the order it is listed. A new kind is one file and one line here.
pub const KINDS: &[Kind] = &[
    Kind { name: "hour_of_week", title: "Exchanges by hour of the week", draw: hour_of_week::draw },
    Kind { name: "raster", title: "Accounts over time", draw: raster::draw },
    Kind { name: "intervals", title: "Intervals between exchanges", draw: intervals::draw },
    Kind { name: "periodogram", title: "Periods of activity", draw: periods::draw },
    Kind { name: "hand_over", title: "Hand-over between accounts", draw: shifts::draw },
    Kind { name: "since_sign_up", title: "Use since sign-up", draw: uptake::draw },
    Kind { name: "timeline", title: "Exchanges over time", draw: timeline::draw },
    Kind { name: "topic_map", title: "Topic map", draw: topic_map::draw },
    Kind { name: "coverage", title: "Topics of the scope against everyone else", draw: coverage::draw },
    Kind { name: "lead_tests", title: "p-values of all leads of the list", draw: lead_tests::draw },
    Kind { name: "leads", title: "Leads to review, with reasons", draw: leads::draw },
    Kind { name: "accounts", title: "Accounts of the scope", draw: accounts::draw },
    Kind { name: "dossier", title: "Dossier of the accounts", draw: dossier::draw },
    Kind { name: "links", title: "Attribute values that the accounts share", draw: links::draw },
    Kind { name: "values", title: "Attribute values of the scope against everyone else", draw: values::draw },
    Kind { name: "exchanges", title: "Exchanges of the scope, without their text", draw: exchanges::draw },
];

/// Makes one exhibit. A scope without exchanges gives an exhibit that says so by its counts.
///
/// # Errors
/// An unknown kind, a scope the cache cannot read, or cancelled.
pub fn make(kind: &str, subject: &Subject<'_>, watcher: &dyn Watcher) -> Result<Exhibit, ExhibitError> {
    let known = KINDS.iter().find(|known| known.name == kind).ok_or_else(|| ExhibitError::UnknownKind {
        name: kind.to_owned(),
        kinds: KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", "),
    })?;
    let selection = select(subject.cache, subject.scope, watcher)?;
    let drawn = (known.draw)(subject, &selection, watcher)?;
    let mut caption = Caption::of(subject.cache, &selection, subject.scope, subject.zone);
    caption.lines.splice(2..2, drawn.notes);
    Ok(Exhibit {
        kind: known.name,
        title: known.title,
        scope: subject.scope.clone(),
        figure: drawn.drawing.map(|drawing| drawing.finish(known.title, &caption)),
        table: drawn.table.to_csv(),
        rows: drawn.table.len(),
        caption,
    })
}
