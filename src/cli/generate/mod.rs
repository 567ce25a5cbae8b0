//! `stillhunt generate`: synthetic snapshots with a truth file, from sample size to 28.8 million
//! exchanges.
//!
//! The population is made first and kept (about a kilobyte an account). Then each day is made by
//! itself: its events (16 bytes each) are drawn account by account and sorted by time, their
//! content is drawn 8,192 rows at a time and written, one row group per 65,536 rows. So memory is
//! bounded by the population plus, for each thread, one day's events and one row group, whatever
//! the number of days. Every draw is keyed (see `draw`), so the bytes depend on the options only:
//! not on threads, nor on the order of days. They do depend on the machine's `exp` and `ln`, whose
//! last bit may differ between systems.
//!
//! Nothing here reads a snapshot, a cache or a case.

mod campaign;
mod draw;
mod kind;
mod population;
mod rhythm;
mod rows;
mod text;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail, ensure};
use clap::Args;
use jiff::civil::Date;
use rayon::prelude::*;

use super::progress::Terminal;
use super::{Outcome, output, wrong_use};
use crate::model::Watcher;
use campaign::Campaign;
use population::Account;
use rows::Author;
use text::Grammar;

const SECONDS_A_DAY: i64 = 86_400;
/// The file that says who is who.
const TRUTH: &str = "truth.csv";

/// The options of `stillhunt generate`.
#[derive(Args, Clone, Debug)]
#[command(after_help = after_help())]
pub struct GenerateArgs {
    /// Folder for the daily Parquet files and truth.csv; made if absent, must hold neither
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How many accounts
    #[arg(long, default_value_t = 1_500, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub accounts: u32,
    /// How many exchanges, at least one an account
    #[arg(long, default_value_t = 100_000)]
    pub exchanges: u64,
    /// How many days
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
        campaign::LANGUAGE
    )
}

/// The options, checked and worked out.
#[derive(Clone, Debug)]
struct Plan {
    accounts: u32,
    exchanges: u64,
    days: u32,
    start: Date,
    /// Seconds since 1970 at which the first day begins.
    first_second: i64,
    /// Weekday of the first day: 0 is Monday.
    first_weekday: u32,
    campaigns: Vec<Campaign>,
    embeddings: u32,
    seed: u64,
}

impl Plan {
    /// # Errors
    /// Options that contradict each other: more accounts than exchanges, campaigns larger than all.
    fn new(args: &GenerateArgs) -> anyhow::Result<Self> {
        let start = args.start;
        let plan = Self {
            accounts: args.accounts,
            exchanges: args.exchanges,
            days: args.days,
            start,
            first_second: start.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp().as_second(),
            first_weekday: start.weekday().to_monday_zero_offset() as u32,
            campaigns: args.campaign.clone(),
            embeddings: args.embeddings,
            seed: args.seed,
        };
        let (mut accounts, mut exchanges) = (0_u64, 0_u64);
        for campaign in &plan.campaigns {
            let (its_accounts, its_exchanges) =
                (u64::from(campaign.accounts_of(plan.accounts)), campaign.exchanges_of(plan.exchanges));
            ensure!(
                its_exchanges >= its_accounts,
                "a campaign of {its_accounts} accounts needs as many exchanges"
            );
            accounts += its_accounts;
            exchanges = exchanges.saturating_add(its_exchanges);
        }
        let others = u64::from(plan.accounts).checked_sub(accounts);
        let Some(others) = others else {
            bail!("the campaigns have {accounts} accounts, of {} in all", plan.accounts)
        };
        let Some(rest) = plan.exchanges.checked_sub(exchanges) else {
            bail!("the campaigns have {exchanges} exchanges, of {} in all", plan.exchanges)
        };
        ensure!(rest >= others, "{others} accounts of no campaign need as many exchanges, and have {rest}");
        ensure!(others > 0 || rest == 0, "{rest} exchanges are left over and no account to send them");
        Ok(plan)
    }
}

/// Runs the command: writes the files, says on standard error how far it is.
///
/// # Errors
/// Options that contradict each other, a folder that already holds Parquet files or a truth file,
/// a file that cannot be written.
pub(super) fn run(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    let plan = Plan::new(args).map_err(|error| wrong_use(format!("{error:#}")))?;
    generate(&plan, &args.out, &Terminal::new())?;
    let out = args.out.display();
    output::print_text(&format!("{} exchanges of {} accounts in {out}\n", plan.exchanges, plan.accounts))?;
    Ok(Outcome::Done)
}

/// Writes one file a day and `truth.csv` to `out`. All is written into a hidden folder inside and
/// moved out when it is whole: what fails or is cancelled leaves nothing, and what is killed
/// leaves no file that looks whole and nothing that stops the next run.
fn generate(plan: &Plan, out: &Path, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let shown = out.display();
    fs::create_dir_all(out).with_context(|| format!("cannot make the folder {shown}"))?;
    for entry in fs::read_dir(out).with_context(|| format!("cannot read the folder {shown}"))? {
        let path = entry.with_context(|| format!("cannot read the folder {shown}"))?.path();
        let taken = path.extension().is_some_and(|kind| kind == "parquet") || path.ends_with(TRUTH);
        if taken {
            return Err(wrong_use(format!("{} is there already; choose an empty folder", path.display())));
        }
    }
    let unfinished = tempfile::Builder::new().prefix(".generate-").tempdir_in(out);
    let unfinished = unfinished.with_context(|| format!("cannot write to the folder {shown}"))?;
    write_all(plan, unfinished.path(), watcher)?;
    // The truth goes last: where it is, all the rest is.
    let mut names: Vec<_> = fs::read_dir(unfinished.path())?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<_>>()?;
    names.sort_by_key(|name| (name == TRUTH, name.clone()));
    for name in names {
        let (from, to) = (unfinished.path().join(&name), out.join(&name));
        fs::rename(from, &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

/// Writes all files to an empty folder.
fn write_all(plan: &Plan, out: &Path, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let grammar = Grammar::built_in().map_err(anyhow::Error::msg)?;
    let accounts = population::make(plan, &grammar);
    let author = Author::new(plan, &grammar, &accounts);
    let done = AtomicU64::new(0);
    let extraction = (0..plan.days)
        .into_par_iter()
        .map(|day| -> anyhow::Result<Vec<u32>> {
            let mut events = Vec::new();
            for account in &accounts {
                rhythm::times(plan, account, day, &mut events);
            }
            events.sort_unstable();
            let mut extraction = vec![0; accounts.len()];
            let date = plan.start.checked_add(jiff::Span::new().days(day))?;
            let stamp = date.strftime("%Y%m%d").to_string();
            let path = out.join(format!("exchanges-{stamp}.parquet"));
            write::day(&author, day, &stamp, &events, &path, &mut extraction, watcher)?;
            let so_far = done.fetch_add(events.len() as u64, Ordering::Relaxed) + events.len() as u64;
            watcher.step("writing exchanges", so_far, plan.exchanges, "rows");
            Ok(extraction)
        })
        .try_reduce(
            || vec![0; accounts.len()],
            |mut sum, day| {
                sum.iter_mut().zip(day).for_each(|(sum, day)| *sum += day);
                Ok(sum)
            },
        )?;
    truth(&accounts, &extraction, &out.join(TRUTH))
}

/// Writes who is who: one line an account, in the order of their names.
fn truth(accounts: &[Account], extraction: &[u32], path: &Path) -> anyhow::Result<()> {
    let mut order: Vec<&Account> = accounts.iter().collect();
    order.sort_by(|a, b| a.id.cmp(&b.id));
    let mut csv = csv::Writer::from_path(path).with_context(|| format!("cannot write {}", path.display()))?;
    csv.write_record(["account_id", "label", "is_campaign", "group", "exchanges", "extraction_share"])?;
    for account in order {
        let exchanges: u64 = account.days.iter().map(|count| u64::from(*count)).sum();
        let share = f64::from(extraction[account.number as usize]) / exchanges.max(1) as f64;
        let flag = if account.campaign.is_some() { "1" } else { "0" };
        let (exchanges, share) = (exchanges.to_string(), format!("{share:.4}"));
        csv.write_record([&account.id, &account.label, flag, &account.group, &exchanges, &share])?;
    }
    csv.flush().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests;
