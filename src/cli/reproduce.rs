//! `stillhunt reproduce`: exhibits and signal values of a bundle, made anew from the logs.

use std::path::PathBuf;

use serde_json::json;

use super::progress::Terminal;
use super::{Outcome, output};
use crate::jobs;
use crate::model::{format_count, visible};

/// Make every exhibit and signal value of a bundle anew from the logs, and compare the bytes.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt reproduce out/CASE-3F0A_PRODUCTION_v1 --snapshots logs \\
    --internal out/CASE-3F0A_INTERNAL_v1")]
pub(super) struct ReproduceArgs {
    /// The bag's folder: INTERNAL or PRODUCTION
    bundle: PathBuf,
    /// Folder with the log files, which are found by their SHA-256
    #[arg(long, value_name = "DIR")]
    snapshots: PathBuf,
    /// INTERNAL bundle of the same case, not older, with the decisions and the key of the pseudonyms. The
    /// default is the bundle itself
    #[arg(long, value_name = "DIR")]
    internal: Option<PathBuf>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ReproduceArgs) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let internal = args.internal.as_ref().unwrap_or(&args.bundle);
    let found = jobs::reproduce(&args.bundle, internal, &args.snapshots, &watcher)?;
    drop(watcher);
    let same = found.iter().filter(|one| one.same).count();
    if args.json {
        let all: Vec<_> = found.iter().map(|one| json!({"what": one.what, "same": one.same})).collect();
        output::print_json(&json!({"same": same, "of": found.len(), "compared": all}))?;
    } else {
        for one in found.iter().filter(|one| !one.same) {
            output::print_text(&format!("differs: {}\n", visible(&one.what)))?;
        }
        output::print_text(&format!(
            "{} of {} files and records are identical\n",
            format_count(same as u64),
            format_count(found.len() as u64)
        ))?;
    }
    Ok(if same == found.len() { Outcome::Done } else { Outcome::CheckFailed })
}
