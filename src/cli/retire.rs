//! `stillhunt retire`: a snapshot leaves the case, or comes back.

use std::path::PathBuf;

use super::progress::Terminal;
use super::{Outcome, decision, wrong_use};
use crate::case::{Access, Case, CaseError};
use crate::jobs::{SourceChange, SourceChangeRequest, change_sources, named_snapshot};
use crate::model::counted;

/// Retire a snapshot: its rows leave the case. Its sealed copy, its journal entry and the evidence
/// marked from it stay.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt sources acme.stillhunt
  stillhunt retire acme.stillhunt 3f2a9c01 --reason \"logs of the test system\"
  stillhunt retire acme.stillhunt 3f2a9c01 --restore --reason \"they were the right ones\"

`stillhunt undo` takes it back as well. A snapshot that was read with a wrong mapping need not be
retired: stillhunt import CASE --snapshot SHA --map FILE")]
pub(super) struct RetireArgs {
    /// The case's folder
    case: PathBuf,
    /// The snapshot, by the first digits of its SHA-256, at least six
    snapshot: String,
    /// Reason, for the journal and the bundle
    #[arg(long)]
    reason: String,
    /// Restore a retired snapshot
    #[arg(long)]
    restore: bool,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &RetireArgs) -> anyhow::Result<Outcome> {
    if args.reason.trim().is_empty() {
        return Err(wrong_use("a reason is needed: it goes into the journal"));
    }
    let snapshot =
        named_snapshot(&Case::open(&args.case, Access::ReadOnly)?, &args.snapshot).map_err(wrong_use)?;
    let request = SourceChangeRequest {
        case_dir: args.case.clone(),
        snapshot: snapshot.sha256,
        change: if args.restore { SourceChange::Restore } else { SourceChange::Retire },
        reason: args.reason.trim().to_owned(),
    };
    change(&request, args.json)
}

/// Carries out a change of the snapshots, prints its entry, and ends the text pass, which the new
/// cache lacks.
pub(super) fn change(request: &SourceChangeRequest, as_json: bool) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let session = change_sources(request, &watcher).map_err(as_wrong_use)?;
    let changed = decision::print_last(&session.case, as_json)?;
    let session = session.finish_text(&watcher)?;
    drop(watcher);
    eprintln!("{} in the case now", counted(session.cache.counts().distinct, "exchange", "exchanges"));
    Ok(changed)
}

fn as_wrong_use(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<CaseError>() {
        Some(CaseError::NoSuchSnapshot(_) | CaseError::LastSnapshot(_)) => wrong_use(error.to_string()),
        _ => error,
    }
}
