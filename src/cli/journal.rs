//! `stillhunt journal`: the journal of a case, and the check of its hash chain.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::Outcome;
use super::output::{self, Format, Table};
use super::progress::Terminal;
use crate::case::{Access, Case, CaseError, Decisions};
use crate::model::{Zone, counted};
use crate::{jobs, leads};

/// List the journal; with --verify, check its chain.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt journal acme.stillhunt --verify")]
pub(super) struct JournalArgs {
    /// The case's folder
    case: PathBuf,
    /// Check the hash chain and print its last hash
    #[arg(long)]
    verify: bool,
    /// Format of the list
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &JournalArgs) -> anyhow::Result<Outcome> {
    // Opening checks the whole chain.
    let case = match Case::open(&args.case, Access::ReadOnly) {
        Err(CaseError::Broken { faults, .. }) if args.verify => {
            for fault in faults {
                output::print_text(&format!("{fault}\n"))?;
            }
            return Ok(Outcome::CheckFailed);
        }
        opened => opened?,
    };
    let journal = &case.state().journal;
    if args.verify {
        let head = journal.last().map_or_else(|| "–".to_owned(), |entry| entry.hash.to_string());
        output::print_text(&format!(
            "{}, hash chain intact, last hash {head}\n",
            counted(journal.len() as u64, "entry", "entries")
        ))?;
        return Ok(Outcome::Done);
    }
    let zone = Zone::utc();
    let decisions = decisions(&case)?;
    if decisions.is_none() && journal.iter().any(|entry| entry.action.lead().is_some()) {
        eprintln!(
            "the leads of this case are not computed, so the present lead of each decision cannot be given; {}",
            crate::model::visible(&super::how_to_finish(&args.case))
        );
    }
    let rows = journal.iter().map(|entry| {
        let (time, what) = (zone.format_exact(entry.ts), case.state().describe(&entry.action));
        let lead = match &decisions {
            Some(decisions) => decisions.action_in_words(&entry.action),
            None => entry.action.lead().map(|lead| lead.id.to_string()),
        };
        vec![json!(entry.seq), json!(time), json!(entry.actor), json!(what), json!(entry.hash), json!(lead)]
    });
    let columns = vec!["entry", "time", "who", "what", "hash", "lead"];
    output::print(&Table { columns, rows: rows.collect() }, args.format)?;
    Ok(Outcome::Done)
}

/// The case's decisions on its present leads; `None` where none are computed.
fn decisions(case: &Case) -> anyhow::Result<Option<Decisions>> {
    let state = Arc::new(case.state().clone());
    let stored = jobs::stored_leads(case, &Terminal::new())?;
    Ok(stored.map(|(cache, found)| leads::decisions(state, Arc::new(found.list(&cache)), &cache)))
}
