//! `stillhunt zone`: the time zone of the case.

use std::path::PathBuf;

use super::{Outcome, decision, wrong_use};
use crate::case::Action;
use crate::model::Zone;

/// Set the time zone in which the case shows times and the bundle writes them.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt zone acme.stillhunt Europe/Berlin")]
pub(super) struct ZoneArgs {
    /// The case's folder
    case: PathBuf,
    /// IANA name of the zone, such as Europe/Berlin or UTC
    zone: String,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ZoneArgs) -> anyhow::Result<Outcome> {
    let zone = Zone::named(&args.zone).map_err(|error| wrong_use(error.to_string()))?;
    decision::decide(&mut decision::open(&args.case)?, Action::zone(&zone), args.json)
}
