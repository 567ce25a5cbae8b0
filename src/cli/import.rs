//! `stillhunt import`: Parquet files into a case.

use std::path::PathBuf;

use anyhow::Context as _;

use super::progress::Terminal;
use super::{Outcome, output, wrong_use};
use crate::jobs::{self, ImportRequest, Session};
use crate::snapshot::{self, Column, Mapping, Sealing, SnapshotError};

/// Create or extend a case from Parquet files or folders.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt import acme.stillhunt logs/2026-04/ --preset litellm")]
pub(super) struct ImportArgs {
    /// The case's folder; made where there is none
    case: PathBuf,
    /// Parquet files, or folders in which to look for them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Column preset: canonical, opentelemetry, litellm, langfuse or helicone. Chosen by the
    /// files' columns where it is not given
    #[arg(long, conflicts_with = "map")]
    preset: Option<String>,
    /// Column mapping, a TOML file
    #[arg(long)]
    map: Option<PathBuf>,
    /// Leave the files where they are and keep path, size and SHA-256 instead of copying them
    #[arg(long)]
    reference: bool,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: ImportArgs) -> anyhow::Result<Outcome> {
    let mapping = mapping(&args)?;
    let sealing = if args.reference { Sealing::Reference } else { Sealing::Copy };
    let request = ImportRequest { case_dir: args.case, paths: args.paths, mapping, sealing };
    let session = jobs::import(&request, &Terminal::new())?;
    report(&session, args.json)?;
    Ok(Outcome::Done)
}

fn mapping(args: &ImportArgs) -> anyhow::Result<Option<Mapping>> {
    if let Some(path) = &args.map {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        return hand_made(&text, args).map(Some).with_context(|| path.display().to_string());
    }
    let Some(preset) = &args.preset else { return Ok(None) };
    let proposal =
        snapshot::propose(&snapshot::find(&args.paths)?, Some(preset)).map_err(|error| match error {
            SnapshotError::UnknownPreset { .. } => wrong_use(error.to_string()),
            other => other.into(),
        })?;
    if proposal.problems.is_empty() {
        return Ok(Some(proposal.mapping));
    }
    Err(wrong_use(format!("the preset {preset} does not fit these files: {}", proposal.problems.join("; "))))
}

/// A mapping from TOML; canonical columns that it does not name and the files have are taken as
/// they are, so that a file of five lines does not hide the other twenty columns.
fn hand_made(text: &str, args: &ImportArgs) -> anyhow::Result<Mapping> {
    let mapping = Mapping::from_toml(text).map_err(|error| wrong_use(error.to_string()))?;
    let files = snapshot::find(&args.paths)?;
    let mapping = mapping.with_own_names(&snapshot::propose(&files, None)?.source_columns);
    let problems = snapshot::problems(&files, &mapping)?;
    if problems.is_empty() { Ok(mapping) } else { Err(wrong_use(problems.join("; "))) }
}

/// Which canonical columns were read and which the files lack, in canonical order.
fn columns_in_words(mapping: &Mapping) -> String {
    let (read, missing): (Vec<Column>, Vec<Column>) =
        Column::ALL.into_iter().partition(|column| mapping.source(*column).is_some());
    let names = |columns: Vec<Column>| columns.into_iter().map(Column::name).collect::<Vec<_>>().join(", ");
    let missing = if missing.is_empty() { "none".to_owned() } else { names(missing) };
    format!(
        "columns read: {}\ncolumns not mapped, so what needs them is not applicable: {missing}",
        names(read)
    )
}

fn report(session: &Session, json: bool) -> anyhow::Result<()> {
    let (cache, counts) = (&session.cache, session.cache.counts());
    let campaigns = session.leads.campaigns.len();
    let Some(snapshot) = session.sources.snapshots.last() else { return Ok(()) };
    if json {
        return output::print_json(&serde_json::json!({
            "snapshot": snapshot.sha256, "files": snapshot.files.len(), "mapping": snapshot.mapping,
            "rows": counts.raw, "exchanges": counts.distinct, "accounts": cache.accounts().len(),
            "topics": cache.topics().len(), "campaigns": campaigns,
        }));
    }
    output::print_text(&format!(
        "snapshot {}\n{} files, columns mapped by preset {}\n{}\n{} rows, {} distinct exchanges of {} accounts in the case\n{} topics, {} leads on campaigns\n",
        snapshot.sha256,
        snapshot.files.len(),
        snapshot.mapping.preset,
        columns_in_words(&snapshot.mapping),
        counts.raw,
        counts.distinct,
        cache.accounts().len(),
        cache.topics().len(),
        campaigns,
    ))
}
