//! `stillhunt clocks`: statement about the clocks of the log sources.

use std::path::PathBuf;

use super::{Outcome, decision};
use crate::case::Action;

/// Record a statement about the clocks of the log sources. The bundle contains it.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt clocks acme.stillhunt \\
    \"synchronised by NTP, recorded in UTC; statement of the operations team of 3 May\"")]
pub(super) struct ClocksArgs {
    /// The case's folder
    case: PathBuf,
    /// The statement; an empty one withdraws it
    statement: String,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ClocksArgs) -> anyhow::Result<Outcome> {
    decision::decide(&mut decision::open(&args.case)?, Action::clocks(&args.statement), args.json)
}
