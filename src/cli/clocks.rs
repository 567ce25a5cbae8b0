//! `stillhunt clocks`: what is said of the clocks that the logs were written by.

use std::path::PathBuf;

use super::{Outcome, decision};
use crate::case::Action;

/// State the clocks of the sources, in your words; the bundle carries them.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt clocks acme.stillhunt \\
    \"synchronised by NTP, recorded in UTC; statement of the operations team of 3 May\"")]
pub(super) struct ClocksArgs {
    /// The case's folder
    case: PathBuf,
    /// The statement; an empty one takes it back
    statement: String,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ClocksArgs) -> anyhow::Result<Outcome> {
    decision::decide(&mut decision::open(&args.case)?, Action::clocks(&args.statement), args.json)
}
