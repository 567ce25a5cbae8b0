//! `stillhunt review`: the status of leads in the investigator's review.

use std::path::PathBuf;

use super::progress::Terminal;
use super::{Outcome, decision, leads, wrong_use};
use crate::case::{Access, Action, ReviewStatus};
use crate::jobs;

/// Give leads a status: looked at, taken up, campaign, dismissed with a reason, or new again.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt review acme.stillhunt --lead L-7f31ab --as dismissed \\
    --reason \"one class, Tuesdays\"")]
pub(super) struct ReviewArgs {
    /// The case's folder
    case: PathBuf,
    /// A lead, by its id; may be given several times
    #[arg(long = "lead", value_name = "ID", required = true)]
    leads: Vec<String>,
    /// The status
    #[arg(long = "as", value_enum, value_name = "STATUS")]
    status: StatusArg,
    /// Reason; needed to dismiss
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum StatusArg {
    /// Not looked at
    New,
    /// Looked at, nothing decided
    LookedAt,
    /// To be pursued
    TakenUp,
    /// A campaign, in your judgement
    Campaign,
    /// Put aside
    Dismissed,
}

impl From<StatusArg> for ReviewStatus {
    fn from(status: StatusArg) -> Self {
        match status {
            StatusArg::New => Self::New,
            StatusArg::LookedAt => Self::LookedAt,
            StatusArg::TakenUp => Self::TakenUp,
            StatusArg::Campaign => Self::Campaign,
            StatusArg::Dismissed => Self::Dismissed,
        }
    }
}

pub(super) fn run(args: &ReviewArgs) -> anyhow::Result<Outcome> {
    let (status, reason) = (ReviewStatus::from(args.status), args.reason.trim().to_owned());
    if status == ReviewStatus::Dismissed && reason.is_empty() {
        return Err(wrong_use("give the reason for dismissing (--reason)"));
    }
    let watcher = Terminal::new();
    let mut session = jobs::open(&args.case, Access::Write, &watcher)?;
    drop(watcher);
    let found = args.leads.iter().map(|id| Ok(leads::find(&session, id)?.reference(&session.cache)));
    let found = found.collect::<anyhow::Result<Vec<_>>>()?;
    decision::decide(&mut session.case, Action::LeadsReviewed { leads: found, status, reason }, args.json)
}
