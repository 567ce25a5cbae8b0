//! `stillhunt generate`: synthetic snapshots with a truth file.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::progress::Terminal;
use super::{Outcome, output, wrong_use};
use crate::synthetic::{Campaign, LANGUAGE, Options, Plan, SyntheticError, generate};

/// The options of `stillhunt generate`.
#[derive(Args, Clone, Debug)]
#[command(after_help = after_help())]
pub struct GenerateArgs {
    /// Folder for the daily Parquet files and truth.csv; made if absent, must hold neither
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Number of accounts
    #[arg(long, default_value_t = 1_500, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub accounts: u32,
    /// Number of exchanges, at least one per account
    #[arg(long, default_value_t = 100_000)]
    pub exchanges: u64,
    /// Number of days
    #[arg(long, default_value_t = 44, value_parser = clap::value_parser!(u32).range(1..=3_660))]
    pub days: u32,
    /// First day (UTC)
    #[arg(long, default_value = "2026-04-22")]
    pub start: Date,
    /// A planted campaign, described below; may be repeated. None: a log without a campaign
    #[arg(long, value_name = "CAMPAIGN")]
    pub campaign: Vec<Campaign>,
    /// Dimensions of prompt_embedding; 0 leaves the column out
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=4_096))]
    pub embeddings: u32,
    /// Same options and same seed: same bytes
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

fn after_help() -> String {
    format!(
        "A campaign is {}\n\nExample, a careful campaign among 5,000 accounts:\n  stillhunt generate --out careful \
         --accounts 5000 --exchanges 400000 --seed 7 \\\n    --campaign \
         narrow:accounts=60,exchanges=6000,start=5,ips=disjoint,cards=1,dilution=0.25,timing=human",
        LANGUAGE
    )
}

/// Runs the command: writes the files and reports progress on standard error.
///
/// # Errors
/// Options that contradict each other, a folder that already holds Parquet files or a truth file,
/// a file that cannot be written.
pub(super) fn run(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    let plan = Plan::new(&args.options()).map_err(|error| wrong_use(error.to_string()))?;
    generate(&plan, &args.out, &Terminal::new()).map_err(|error| match error {
        SyntheticError::Taken { .. } => wrong_use(error.to_string()),
        other => other.into(),
    })?;
    let out = args.out.display();
    output::print_text(&format!("{} exchanges of {} accounts in {out}\n", plan.exchanges, plan.accounts))?;
    Ok(Outcome::Done)
}

impl GenerateArgs {
    fn options(&self) -> Options {
        Options {
            accounts: self.accounts,
            exchanges: self.exchanges,
            days: self.days,
            start: self.start,
            campaigns: self.campaign.clone(),
            embeddings: self.embeddings,
            seed: self.seed,
        }
    }
}
