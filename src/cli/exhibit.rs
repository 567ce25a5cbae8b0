//! `stillhunt exhibit`: one figure or table.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use super::progress::Terminal;
use super::{Outcome, output, wrong_use};
use crate::exhibit::{self, Subject};
use crate::jobs;
use crate::model::Zone;

/// Write one figure (.svg) or table (.csv) of a scope.
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt exhibit acme.stillhunt hour_of_week --scope L-7f31ab.json --out rhythm.svg"
)]
pub(super) struct ExhibitArgs {
    /// The case's folder
    case: PathBuf,
    /// The kind of figure or table
    #[arg(value_parser = PossibleValuesParser::new(exhibit::KINDS.iter().map(|kind| kind.name)))]
    kind: String,
    /// The scope, a JSON file; `{}` is everything
    #[arg(long)]
    scope: PathBuf,
    /// The file to write; its extension, .svg or .csv, selects figure or table
    #[arg(long)]
    out: PathBuf,
    /// The time zone of the exhibit, by IANA name
    #[arg(long, default_value = "UTC")]
    zone: String,
}

pub(super) fn run(args: &ExhibitArgs) -> anyhow::Result<Outcome> {
    let ending = args.out.extension().and_then(|ending| ending.to_str());
    let wants_figure = match ending {
        Some("csv") => false,
        Some("svg") => true,
        _ => return Err(wrong_use("the file to write must end in .svg or .csv")),
    };
    let zone = Zone::named(&args.zone).map_err(|error| wrong_use(error.to_string()))?;
    let scope = super::read_scope(&args.scope)?;
    let watcher = Terminal::new();
    let session = jobs::open_to_read(&args.case, &watcher)?;
    super::say_if_unfinished(&session);
    let events = &session.case.state().events;
    let subject =
        Subject { cache: &session.cache, leads: &session.leads, scope: &scope, zone: &zone, events };
    let exhibit = exhibit::make(&args.kind, &subject, &watcher)?;
    let bytes = if wants_figure {
        let only_table = || wrong_use(format!("{} is a table only; name a .csv file", args.kind));
        exhibit.figure.ok_or_else(only_table)?
    } else {
        exhibit.table
    };
    output::write_file(&args.out, &bytes)?;
    Ok(Outcome::Done)
}
