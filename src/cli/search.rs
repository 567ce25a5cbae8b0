//! `stillhunt search`: exchanges whose prompt or response has some words.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::progress::Terminal;
use super::{Outcome, wrong_use};
use crate::cache::{RowId, unreadable_in_words};
use crate::case::{Access, Action};
use crate::jobs;
use crate::model::{Scope, Zone, counted, visible, visible_id};
use crate::query::search::{self, Hit};
use crate::query::select;

/// Find exchanges whose prompt or response contains every word. The command prints text of prompts
/// and responses, so the access is journaled with its reason.
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt search acme.stillhunt 'step by step \"return only json\"' --reason \"template check\""
)]
pub(super) struct SearchArgs {
    /// The case's folder
    case: PathBuf,
    /// The words; a phrase in double quotes counts as one
    words: String,
    /// Only in this scope, a JSON file
    #[arg(long)]
    scope: Option<PathBuf>,
    /// Stop after this many hits
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    /// Reason for viewing the text, for the journal
    #[arg(long, default_value = "search from the command line")]
    reason: String,
    /// Write each hit as a line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &SearchArgs) -> anyhow::Result<Outcome> {
    if args.words.trim().is_empty() {
        return Err(wrong_use("enter at least one word to search for"));
    }
    let watcher = Terminal::new();
    let scope = args.scope.as_deref().map_or_else(|| Ok(Scope::default()), super::read_scope)?;
    let mut session = jobs::open(&args.case, Access::Write, &watcher)?;
    let selection = select(&session.cache, &scope, &watcher)?;
    let mut hits: Vec<Hit> = Vec::new();
    let searched = search::search(
        &session.cache,
        &session.sources,
        &selection,
        &args.words,
        args.limit,
        &mut |hit| hits.push(hit),
        &watcher,
    )?;
    drop(watcher);
    hits.sort_by_key(|hit| hit.row);
    // The access is journaled before any text is printed.
    let rows: Vec<RowId> = hits.iter().map(|hit| hit.row).collect();
    let exchanges = session.cache.exchange_refs(&rows)?;
    let reason = format!("{} (words: {})", args.reason, args.words);
    session.case.record(Action::TextRevealed { exchanges: exchanges.clone(), reason })?;
    let (cache, zone) = (&session.cache, Zone::utc());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (hit, exchange) in hits.iter().zip(exchanges) {
        let account = &cache.accounts()[cache.hot().account_of(hit.row) as usize].id;
        let time = zone.format_exact(cache.hot().ts[hit.row as usize]);
        if args.json {
            let line = json!({"exchange": exchange, "account_id": account, "ts": time,
                "column": hit.column, "excerpt": hit.excerpt});
            writeln!(out, "{line}")?;
        } else {
            let excerpt = visible(&hit.excerpt).replace(['\n', '\t'], " ");
            writeln!(out, "{exchange}  {time}  {}  {}: {excerpt}", visible_id(account.as_str()), hit.column)?;
        }
    }
    out.flush()?;
    let first = if searched.more { "the first " } else { "" };
    eprintln!("{first}{}; this access is in the journal", counted(hits.len() as u64, "hit", "hits"));
    if let Some(unreadable) = unreadable_in_words(&searched.unreadable) {
        eprintln!("{unreadable}");
    }
    Ok(Outcome::Done)
}
