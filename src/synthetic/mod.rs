//! Synthetic snapshots with a truth file, from sample size to 28.8 million exchanges.
//!
//! The population is made first and kept (about a kilobyte an account). Then each day is made by itself: its
//! events (16 bytes each) are drawn account by account and sorted by time, their content is drawn 8,192 rows
//! at a time and written, one row group per 65,536 rows. So memory is bounded by the population plus, for
//! each thread, one day's events and one row group, independent of the number of days. Every draw is keyed
//! (see `draw`), so the bytes depend on the options only: not on threads, nor on the order of days. They do
//! depend on the machine's `exp` and `ln`, whose last bit may differ between systems.
//!
//! No code here reads a snapshot, a cache or a case.

mod account;
mod campaign;
mod clients;
mod draw;
mod error;
mod kind;
mod look_alikes;
mod places;
mod plan;
mod population;
mod rhythm;
mod rows;
mod text;
mod volumes;
mod write;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

pub use campaign::{Campaign, LANGUAGE};
pub use error::SyntheticError;
pub use plan::{Options, Plan};

use crate::files;
use crate::model::Watcher;
use account::Account;
use rows::Author;
use text::Grammar;

/// Name of the truth file: the label of each account.
const TRUTH: &str = "truth.csv";

/// Writes one file a day and `truth.csv` to `out`. All is written into a hidden folder inside and
/// moved out when it is complete: a run that fails or is cancelled leaves nothing; a run that is
/// killed leaves no file that looks complete and nothing that stops the next run.
///
/// # Errors
/// A folder that already holds Parquet files or a truth file, a file that cannot be written, or
/// the work was cancelled.
pub fn generate(plan: &Plan, out: &Path, watcher: &dyn Watcher) -> Result<(), SyntheticError> {
    fs::create_dir_all(out).map_err(SyntheticError::folder(out))?;
    for entry in fs::read_dir(out).map_err(SyntheticError::folder(out))? {
        let path = entry.map_err(SyntheticError::folder(out))?.path();
        if path.extension().is_some_and(|kind| kind == "parquet") || path.ends_with(TRUTH) {
            return Err(SyntheticError::Taken { path });
        }
    }
    let unfinished = tempfile::Builder::new().prefix(".generate-").tempdir_in(out);
    let unfinished = unfinished.map_err(SyntheticError::folder(out))?;
    write_all(plan, unfinished.path(), watcher)?;
    // The truth file is last: if it is there, all other files are.
    let mut names: Vec<_> = fs::read_dir(unfinished.path())
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>())
        .map_err(SyntheticError::folder(out))?;
    // The truth file is last: if it is there, all other files are.
    names.sort_by_key(|name| (name == TRUTH, name.clone()));
    for name in names {
        let (from, to) = (unfinished.path().join(&name), out.join(&name));
        files::put_in_place(&from, &to).map_err(SyntheticError::write(&to))?;
    }
    Ok(())
}

/// Writes all files to an empty folder.
fn write_all(plan: &Plan, out: &Path, watcher: &dyn Watcher) -> Result<(), SyntheticError> {
    let grammar = Grammar::built_in().map_err(|line| SyntheticError::Grammar { line })?;
    let accounts = population::make(plan, &grammar);
    let author = Author::new(plan, &grammar, &accounts);
    let done = AtomicU64::new(0);
    let extraction = (0..plan.days)
        .into_par_iter()
        .map(|day| -> Result<Vec<u32>, SyntheticError> {
            let mut events = Vec::new();
            for account in &accounts {
                rhythm::times(plan, account, day, &mut events);
            }
            events.sort_unstable();
            let mut extraction = vec![0; accounts.len()];
            let date = plan.start.checked_add(jiff::Span::new().days(day));
            let date = date.map_err(|source| SyntheticError::Date { day, source })?;
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

/// Writes the truth file: one line for each account, in the order of their names.
fn truth(accounts: &[Account], extraction: &[u32], path: &Path) -> Result<(), SyntheticError> {
    let mut order: Vec<&Account> = accounts.iter().collect();
    order.sort_by(|a, b| a.id.cmp(&b.id));
    let written = || -> Result<(), csv::Error> {
        let mut csv = csv::Writer::from_path(path)?;
        csv.write_record(["account_id", "label", "is_campaign", "group", "exchanges", "extraction_share"])?;
        for account in order {
            let exchanges: u64 = account.days.iter().map(|count| u64::from(*count)).sum();
            let share = f64::from(extraction[account.number as usize]) / exchanges.max(1) as f64;
            let flag = if account.campaign.is_some() { "1" } else { "0" };
            let (exchanges, share) = (exchanges.to_string(), format!("{share:.4}"));
            csv.write_record([&account.id, &account.label, flag, &account.group, &exchanges, &share])?;
        }
        Ok(csv.flush()?)
    };
    written().map_err(SyntheticError::write(path))
}

#[cfg(test)]
mod tests;
