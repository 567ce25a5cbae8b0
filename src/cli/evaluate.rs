//! `stillhunt evaluate`: the leads of a case against the truth about it.

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use super::output::{self, Format, Table};
use super::progress::Terminal;
use super::{Outcome, wrong_use};
use crate::evaluation::{Evaluation, Truth, TruthError, evaluate};
use crate::jobs;

/// Measure the leads of a case against a truth file.
///
/// Sections: `accounts` (PR-AUC, precision and recall of the account list), `campaigns` (the lead
/// that best matches each true campaign), `reading` (leads to read, first rank first, until half and until
/// 80 % of each campaign is held; the best of the first five), `innocents` (benign accounts in leads, most
/// first), `membership` (calibration of membership probabilities: Brier score, reliability curve), `null`
/// (distribution of the p-values of benign accounts), `without` (figures without each signal), `baselines`.
///
/// Intervals are at 95 %. `bootstrap`: percentiles of 1,000 resamples with a fixed seed; the accounts of a
/// campaign are drawn with replacement, benign accounts by the group that the truth puts them in. The leads
/// stay as they are, so the interval does not cover another campaign or another log. `Wilson over blocks`:
/// Wilson's interval with groups as units, where all resamples agree. `Wilson`: accounts as units. An empty
/// number of leads means that no number of leads holds so much.
#[derive(clap::Args)]
#[command(after_help = "Example, on synthetic snapshots:
  stillhunt generate --out logs --campaign broad --seed 7
  stillhunt import case.stillhunt logs
  stillhunt evaluate case.stillhunt --truth logs/truth.csv --format csv --out figures.csv")]
pub(super) struct EvaluateArgs {
    /// The case's folder
    case: PathBuf,
    /// Truth file: CSV with account_id, label, is_campaign and, for several campaigns, group
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Leave out the section `without`: it computes the leads once for each signal
    #[arg(long)]
    quick: bool,
    /// Format of the figures
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &EvaluateArgs) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let session = jobs::open_to_read(&args.case, &watcher)?;
    let path = args.truth.display();
    let file = File::open(&args.truth).with_context(|| path.to_string())?;
    let truth = Truth::read(file, &session.cache).map_err(|error| match error {
        TruthError::Csv(error) if error.is_io_error() => anyhow::Error::new(error).context(path.to_string()),
        other => wrong_use(format!("{path} is not a truth file of this case: {other}")),
    })?;
    let evaluation = evaluate(&session.cache, &session.leads, &truth, !args.quick, &watcher)?;
    drop(watcher);
    if truth.unlabelled() + truth.absent() > 0 {
        eprintln!(
            "{} accounts of the case are not in {path} and are not counted; {} of its accounts are not in the case",
            truth.unlabelled(),
            truth.absent()
        );
    }
    let table = table(&evaluation);
    let format = if args.json { Format::Json } else { args.format };
    match &args.out {
        Some(path) => output::save(&table, format, path)?,
        None => output::print(&table, format)?,
    }
    Ok(Outcome::Done)
}

fn table(evaluation: &Evaluation) -> Table {
    let rows = evaluation.figures().into_iter().map(|figure| {
        vec![
            json!(figure.section),
            json!(figure.subject),
            json!(figure.figure),
            json!(figure.value),
            json!(figure.interval.map(|interval| interval.low)),
            json!(figure.interval.map(|interval| interval.high)),
            json!(figure.hits),
            json!(figure.of),
            json!(figure.interval.map(|interval| interval.method.name())),
        ]
    });
    Table {
        columns: vec!["section", "subject", "figure", "value", "low", "high", "hits", "of", "interval"],
        rows: rows.collect(),
    }
}
