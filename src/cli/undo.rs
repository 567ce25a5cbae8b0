//! `stillhunt undo` and `stillhunt redo`: the last decision taken back, or done again.

use std::path::PathBuf;

use super::{Outcome, decision, wrong_use};

/// Undo the last decision with a new journal entry; nothing is removed from the journal.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt undo acme.stillhunt")]
pub(super) struct UndoArgs {
    /// The case's folder
    case: PathBuf,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

/// Repeat the decision that was undone last.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt redo acme.stillhunt")]
pub(super) struct RedoArgs {
    /// The case's folder
    case: PathBuf,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn undo(args: &UndoArgs) -> anyhow::Result<Outcome> {
    let mut case = decision::open(&args.case)?;
    let Some(step) = case.state().undo.clone() else {
        return Err(wrong_use("there is no decision to undo"));
    };
    case.undo()?;
    eprintln!("undone: {}", crate::model::visible(&step.what));
    decision::print_last(&case, args.json)
}

pub(super) fn redo(args: &RedoArgs) -> anyhow::Result<Outcome> {
    let mut case = decision::open(&args.case)?;
    let Some(step) = case.state().redo.clone() else {
        return Err(wrong_use("there is no undone decision to repeat"));
    };
    case.redo()?;
    eprintln!("repeated: {}", crate::model::visible(&step.what));
    decision::print_last(&case, args.json)
}
