//! `stillhunt reproduce`: the files of a bundle, made anew from the logs.

use std::path::PathBuf;

use serde_json::json;

use super::progress::Terminal;
use super::{Outcome, output};
use crate::bundle::Made;
use crate::jobs;
use crate::model::{format_count, visible};

/// Make every file of a bundle anew from the logs and compare the bytes: report, exhibits, signal values, tables.
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
    let count = |is: fn(&Made) -> bool| found.iter().filter(|one| is(&one.result)).count();
    let (same, differs) = (count(|made| *made == Made::Same), count(|made| *made == Made::Differs));
    let not_made: Vec<(&str, &str)> = found
        .iter()
        .filter_map(|one| match one.result {
            Made::Not(why) => Some((one.what.as_str(), why)),
            Made::Same | Made::Differs => None,
        })
        .collect();
    if args.json {
        let compared = found.iter().filter(|one| !matches!(one.result, Made::Not(_)));
        let compared: Vec<_> =
            compared.map(|one| json!({"what": one.what, "same": one.result == Made::Same})).collect();
        let not_made: Vec<_> = not_made.iter().map(|(what, why)| json!({"what": what, "why": why})).collect();
        output::print_json(&json!({
            "same": same, "of": same + differs, "compared": compared, "not_made_anew": not_made,
        }))?;
    } else {
        for one in found.iter().filter(|one| one.result == Made::Differs) {
            output::print_text(&format!("differs: {}\n", visible(&one.what)))?;
        }
        output::print_text(&format!(
            "{} of {} files and records are identical\n",
            format_count(same as u64),
            format_count((same + differs) as u64)
        ))?;
        for (what, why) in not_made {
            output::print_text(&format!("not made anew: {}, which {why}\n", visible(what)))?;
        }
    }
    Ok(if differs == 0 { Outcome::Done } else { Outcome::CheckFailed })
}
