//! Items of the legal frame: terms, clauses, breaches, acceptance, measures, prices, losses.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::TypedValueParser;

use super::kind::kind;
use super::recording::{Recording, document, record, time};
use crate::case::legal::{
    Amount, Breach, Clause, LegalItem, Loss, Measure, MeasureKind, Price, TermsVersion,
};
use crate::case::{Access, Case};
use crate::cli::progress::Terminal;
use crate::cli::{Outcome, wrong_use};
use crate::jobs;
use crate::model::{DECEPTIVE, is_deceptive, visible};
use crate::snapshot::AcceptanceColumns;

/// Record a version of the terms of service
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt terms --version 2026-01 --from 2026-01-15 --document tos.pdf"
)]
pub(super) struct TermsArgs {
    /// Name of the version
    #[arg(long = "version", value_name = "NAME")]
    name: String,
    /// Beginning of its force, in the zone of the case
    #[arg(long, value_name = "TIME")]
    from: String,
    /// End of its force
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The document; its name and SHA-256 are recorded
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn terms(case: &mut Case, args: &TermsArgs) -> anyhow::Result<Outcome> {
    if is_deceptive(args.name.trim()) {
        return Err(wrong_use(format!("the version {} is refused: {DECEPTIVE}", visible(&args.name))));
    }
    let item = TermsVersion {
        version: args.name.trim().to_owned(),
        from: time(case.state(), &args.from)?,
        to: args.to.as_deref().map(|to| time(case.state(), to)).transpose()?,
        document: document(args.document.as_ref())?,
    };
    record(case, LegalItem::Terms(item), &args.recording)
}

/// Record a clause of a version
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt clause --version 2026-01 --clause 4.2 --text-file clause.txt"
)]
pub(super) struct ClauseArgs {
    /// Version of the terms
    #[arg(long = "version", value_name = "NAME")]
    of_version: String,
    /// Number or name of the clause
    #[arg(long)]
    clause: String,
    /// Its text
    #[arg(long, required_unless_present = "text_file")]
    text: Option<String>,
    /// File with its text
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    text_file: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn clause(case: &mut Case, args: &ClauseArgs) -> anyhow::Result<Outcome> {
    let text = match &args.text_file {
        Some(path) => std::fs::read_to_string(path).with_context(|| path.display().to_string())?,
        None => args.text.clone().unwrap_or_default(),
    };
    let (version, clause) = (args.of_version.trim().to_owned(), args.clause.trim().to_owned());
    let item = Clause { version, clause, text: text.trim().to_owned() };
    record(case, LegalItem::Clause(item), &args.recording)
}

/// Record the breach of a clause
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt breach --version 2026-01 --clause 4.2 --text \"…\" --evidence 1,2"
)]
pub(super) struct BreachArgs {
    /// Version of the terms
    #[arg(long = "version", value_name = "NAME")]
    of_version: String,
    /// The clause
    #[arg(long)]
    clause: String,
    /// Statement of the breach
    #[arg(long)]
    text: String,
    /// Numbers of the evidence that shows it
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    evidence: Vec<u64>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn breach(case: &mut Case, args: &BreachArgs) -> anyhow::Result<Outcome> {
    let mut evidence = args.evidence.clone();
    evidence.sort_unstable();
    evidence.dedup();
    let (version, clause) = (args.of_version.trim().to_owned(), args.clause.trim().to_owned());
    let item = Breach { version, clause, text: args.text.trim().to_owned(), evidence };
    record(case, LegalItem::Breach(item), &args.recording)
}

/// Load records of acceptance from a Parquet, JSON Lines or CSV file; those of accounts of the log are kept
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt accept --file acceptance.csv --version-column tos_version"
)]
pub(super) struct AcceptArgs {
    /// The file: account, time and, where recorded, address and version of the terms
    #[arg(long)]
    file: PathBuf,
    /// Column of the account
    #[arg(long, value_name = "NAME")]
    account_column: Option<String>,
    /// Column of the time
    #[arg(long, value_name = "NAME")]
    time_column: Option<String>,
    /// Column of the address
    #[arg(long, value_name = "NAME")]
    address_column: Option<String>,
    /// Column of the version
    #[arg(long, value_name = "NAME")]
    version_column: Option<String>,
    /// Zone of times that carry none; a date without a time of day is a whole day in it [default: UTC]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn accept(case: &Path, args: &AcceptArgs) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let mut session = jobs::open(case, Access::Write, &watcher)?;
    let columns = AcceptanceColumns {
        account: args.account_column.clone(),
        time: args.time_column.clone(),
        address: args.address_column.clone(),
        version: args.version_column.clone(),
        zone: args.zone.clone(),
    };
    let read = jobs::acceptance_of(&args.file, &columns, &session.cache, &watcher)?;
    drop(watcher);
    eprintln!(
        "{} of {} rows are records of accounts of the log; {} are of other accounts, {} could not be read",
        read.accounts.len(),
        read.rows,
        read.foreign,
        read.set_aside
    );
    let days = read.days.iter().flatten().count();
    if days > 0 {
        eprintln!("{days} records have no time of day; each is taken as the whole day in {}", read.zone());
    }
    record(&mut session.case, LegalItem::Acceptance(read), &args.recording)
}

fn measure_kind() -> impl TypedValueParser<Value = MeasureKind> {
    kind(MeasureKind::ALL.map(|kind| (kind, kind.word(), kind.describe())))
}

/// Record a reasonable measure that kept information secret
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt measure --kind hidden-reasoning --since 2025-11-01 --text \"…\""
)]
pub(super) struct MeasureArgs {
    /// Kind of the measure
    #[arg(long, value_parser = measure_kind())]
    kind: MeasureKind,
    /// Date from which it was in place
    #[arg(long, value_name = "TIME")]
    since: String,
    /// Its description
    #[arg(long)]
    text: String,
    /// The document that shows it
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn measure(case: &mut Case, args: &MeasureArgs) -> anyhow::Result<Outcome> {
    let item = Measure {
        kind: args.kind,
        since: time(case.state(), &args.since)?,
        text: args.text.trim().to_owned(),
        document: document(args.document.as_ref())?,
    };
    record(case, LegalItem::Measure(item), &args.recording)
}

/// Record the stated price of tokens, for all times or from one time until another
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt price --model atlas-3-large --input 3 --output 15 --currency USD --source \"price list of 2026-01-15\""
)]
pub(super) struct PriceArgs {
    /// Model as the log names it; without it the price of every model that has none of its own
    #[arg(long)]
    model: Option<String>,
    /// Price of a million input tokens
    #[arg(long, value_name = "AMOUNT")]
    input: String,
    /// Price of a million output tokens
    #[arg(long, value_name = "AMOUNT")]
    output: String,
    /// Currency
    #[arg(long)]
    currency: String,
    /// Source of the price
    #[arg(long)]
    source: String,
    /// First moment at which it is in force, in the zone of the case; without it the price has no beginning
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// First moment at which it is no longer in force; without it the price has no end
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn price(case: &mut Case, args: &PriceArgs) -> anyhow::Result<Outcome> {
    let item = Price {
        model: args.model.clone(),
        input: amount(&args.input)?,
        output: amount(&args.output)?,
        currency: args.currency.trim().to_owned(),
        source: args.source.trim().to_owned(),
        from: args.from.as_deref().map(|from| time(case.state(), from)).transpose()?,
        until: args.until.as_deref().map(|until| time(case.state(), until)).transpose()?,
    };
    record(case, LegalItem::Price(item), &args.recording)
}

/// Add an entry to the loss log
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt loss --date 2026-05-21 --amount 12500 --currency USD --text \"incident response\""
)]
pub(super) struct LossArgs {
    /// Date
    #[arg(long, value_name = "TIME")]
    date: String,
    /// Amount
    #[arg(long)]
    amount: String,
    /// Currency
    #[arg(long)]
    currency: String,
    /// Description: what was lost or paid
    #[arg(long)]
    text: String,
    /// The document that shows it
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn loss(case: &mut Case, args: &LossArgs) -> anyhow::Result<Outcome> {
    let item = Loss {
        date: time(case.state(), &args.date)?,
        amount: amount(&args.amount)?,
        currency: args.currency.trim().to_owned(),
        text: args.text.trim().to_owned(),
        document: document(args.document.as_ref())?,
    };
    record(case, LegalItem::Loss(item), &args.recording)
}

fn amount(text: &str) -> anyhow::Result<Amount> {
    text.parse().map_err(|error: crate::case::legal::NoAmount| wrong_use(error.to_string()))
}
