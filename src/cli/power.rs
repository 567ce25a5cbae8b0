//! `stillhunt power`: how often planted campaigns would surface in a case.

use std::path::PathBuf;

use serde_json::json;

use super::Outcome;
use super::output::{self, Format, Table};
use super::progress::Terminal;
use crate::evaluation::{Power, StoredPower, power};
use crate::jobs;

/// Share of planted campaigns of several sizes and levels of care that would surface in this case.
///
/// Campaigns are made of the case's own prompts and accounts and planted into a copy in memory, never into
/// the case. A campaign has surfaced where one of the first five communities holds at least half of it and is
/// at least half made of it. It has passed where that community's corrected p-value is at most 5 % too.
/// Planted campaigns share no card and no network, so linked ones surface more often than stated. Intervals
/// are Wilson's, at 95 %. The figures are kept in the cache, for the window and the bundle.
#[derive(clap::Args)]
#[command(after_help = "Example:
  stillhunt power case.stillhunt
  stillhunt power case.stillhunt --draws 100 --json")]
pub(super) struct PowerArgs {
    /// The case's folder
    case: PathBuf,
    /// Campaigns planted of each size and level of care
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Format of the figures
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

pub(super) fn run(args: &PowerArgs) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let session = jobs::open_to_read(&args.case, &watcher)?;
    let found = power(&session.cache, args.draws as usize, args.seed, &watcher)?;
    drop(watcher);
    let kept = StoredPower { draws: args.draws, seed: args.seed, figures: found };
    if let Err(error) = kept.save(&session.cache) {
        eprintln!("The figures could not be stored for the window and the bundle: {error}");
    }
    let found = kept.figures;
    if found.is_empty() {
        eprintln!(
            "Nothing can be planted: the case has fewer than 50 accounts, no prompts or no topics yet. `stillhunt import` \
             makes topics."
        );
    }
    output::print(&table(&found), if args.json { Format::Json } else { args.format })?;
    Ok(Outcome::Done)
}

fn table(found: &[Power]) -> Table {
    let row = |power: &Power| {
        let (low, high) = power.surfaced.interval();
        vec![
            json!(power.accounts),
            json!(power.care.name),
            json!(power.care.new_and_heavy),
            json!(power.care.cover),
            json!(power.surfaced.of),
            json!(power.surfaced.hits),
            json!(low),
            json!(high),
            json!(power.passed.hits),
        ]
    };
    Table {
        columns: vec![
            "accounts",
            "care",
            "new_and_heavy",
            "cover",
            "planted",
            "surfaced",
            "low",
            "high",
            "passed",
        ],
        rows: found.iter().map(row).collect(),
    }
}
