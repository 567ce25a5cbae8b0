//! `stillhunt exhibit`: one figure or table.

use std::path::PathBuf;

use anyhow::Context as _;

use super::progress::Terminal;
use super::{Outcome, wrong_use};
use crate::exhibit::{self, Subject};
use crate::jobs;
use crate::model::Zone;

/// Write one figure (.svg) or table (.csv) of a scope.
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt exhibit acme.stillhunt hour_of_week --scope campaign-1.json --out rhythm.svg"
)]
pub(super) struct ExhibitArgs {
    /// The case's folder
    case: PathBuf,
    /// Which: hour_of_week, raster, intervals, timeline, topic_map, coverage, leads, accounts,
    /// links or exchanges
    kind: String,
    /// The scope, a JSON file; `{}` is everything
    #[arg(long)]
    scope: PathBuf,
    /// The file to write; its ending, .svg or .csv, says which
    #[arg(long)]
    out: PathBuf,
    /// The time zone of the exhibit, by IANA name
    #[arg(long, default_value = "UTC")]
    zone: String,
}

pub(super) fn run(args: &ExhibitArgs) -> anyhow::Result<Outcome> {
    let names: Vec<_> = exhibit::KINDS.iter().map(|kind| kind.name).collect();
    if !names.contains(&args.kind.as_str()) {
        return Err(wrong_use(format!("there is no exhibit {}; there are {}", args.kind, names.join(", "))));
    }
    let zone = Zone::named(&args.zone).map_err(|error| wrong_use(error.to_string()))?;
    let scope = super::read_scope(&args.scope)?;
    let watcher = Terminal::new();
    let session = jobs::open_to_read(&args.case, &watcher)?;
    let events = &session.case.state().events;
    let subject =
        Subject { cache: &session.cache, leads: &session.leads, scope: &scope, zone: &zone, events };
    let exhibit = exhibit::make(&args.kind, &subject, &watcher)?;
    let bytes = match args.out.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => exhibit.table,
        Some("svg") => exhibit
            .figure
            .ok_or_else(|| wrong_use(format!("{} is a table only; name a .csv file", args.kind)))?,
        _ => return Err(wrong_use("the file to write must end in .svg or .csv")),
    };
    std::fs::write(&args.out, bytes).with_context(|| args.out.display().to_string())?;
    Ok(Outcome::Done)
}
