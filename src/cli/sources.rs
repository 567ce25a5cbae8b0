//! `stillhunt sources`: the snapshots of a case, and the statement of how the logs were kept.

use std::path::PathBuf;

use serde_json::json;

use super::output::{self, Format, Table};
use super::{Outcome, decision};
use crate::case::{Access, Action, Case, Kept, SOURCES_KEPT};

/// List the snapshots of a case, retired ones included; with --kept, state how the logs were
/// kept.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt sources acme.stillhunt
  stillhunt sources acme.stillhunt --kept routine")]
pub(super) struct SourcesArgs {
    /// The case's folder
    case: PathBuf,
    /// State how the logs were kept
    #[arg(long, value_enum)]
    kept: Option<KeptArg>,
    /// State how accounts and other private values in the names of log files stand in PRODUCTION and REGULATOR bundles
    #[arg(long, value_enum, conflicts_with = "kept")]
    file_names: Option<FileNamesArg>,
    /// Format of the list
    #[arg(long, value_enum, default_value = "table", conflicts_with_all = ["kept", "file_names"])]
    format: Format,
    /// Write the list, or the entry of --kept or --file-names, as JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum FileNamesArg {
    /// In clear
    Clear,
    /// As pseudonyms, which is the rule
    Pseudonyms,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum KeptArg {
    /// In the ordinary course of business
    Routine,
    /// Collected for this case
    AdHoc,
    /// No statement
    NotStated,
}

pub(super) fn run(args: &SourcesArgs) -> anyhow::Result<Outcome> {
    if let Some(kept) = args.kept {
        let kept = match kept {
            KeptArg::Routine => Some(Kept::Routine),
            KeptArg::AdHoc => Some(Kept::AdHoc),
            KeptArg::NotStated => None,
        };
        return decision::decide(&mut decision::open(&args.case)?, Action::kept(kept), args.json);
    }
    if let Some(names) = args.file_names {
        let action = Action::file_names(names == FileNamesArg::Clear);
        return decision::decide(&mut decision::open(&args.case)?, action, args.json);
    }
    let case = Case::open(&args.case, Access::ReadOnly)?;
    let state = case.state();
    let kept = state.settings.get(SOURCES_KEPT);
    let rows = state.every_snapshot().map(|snapshot| {
        let rows: u64 = snapshot.files.iter().map(|file| file.rows).sum();
        vec![
            json!(snapshot.sha256),
            json!(snapshot.files.len()),
            json!(rows),
            json!(snapshot.sealing),
            json!(snapshot.mapping.describe()),
            json!(kept),
            json!(state.retired_because(snapshot.sha256)),
        ]
    });
    let columns = vec!["snapshot", "files", "rows", "sealing", "mapping", "kept", "retired_because"];
    let format = if args.json { Format::Json } else { args.format };
    output::print(&Table { columns, rows: rows.collect() }, format)?;
    Ok(Outcome::Done)
}
