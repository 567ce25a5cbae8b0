//! `stillhunt tag`: marking evidence.

use std::path::PathBuf;

use super::progress::Terminal;
use super::{Outcome, account, output, wrong_use};
use crate::cache::RowId;
use crate::case::{Access, EvidenceSource};
use crate::jobs::{self, ExchangeSources, Session, unreadable_in_words};
use crate::model::{AccountSet, DECEPTIVE, ExchangeRef, Tag, Zone, is_deceptive, visible};

/// Mark exchanges, accounts or a scope as evidence.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt tag acme.stillhunt --scope L-7f31ab.json --as relied-on --note \"one harness, many cards\"
  stillhunt tag acme.stillhunt --account acct_7f31 --as exculpatory --note \"known agency\"
  stillhunt tag acme.stillhunt --exchange SNAPSHOT/FILE#ROW --as relied-on --note \"rubric\"")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct TagArgs {
    /// The case's folder
    case: PathBuf,
    /// An exchange, as SNAPSHOT-SHA-256/FILE#ROW. May be given several times
    #[arg(long, group = "what", value_name = "REF")]
    exchange: Vec<ExchangeRef>,
    /// An account, by its id. May be given several times
    #[arg(long, group = "what", value_name = "ID")]
    account: Vec<String>,
    /// A scope, a JSON file. May be given several times
    #[arg(long, group = "what", value_name = "FILE")]
    scope: Vec<PathBuf>,
    /// The tag: relied-on, exculpatory, context, control, or a word of your own
    #[arg(long = "as", value_name = "TAG")]
    tag: Tag,
    /// Reason for marking
    #[arg(long, default_value = "")]
    note: String,
    /// Write the evidence numbers as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &TagArgs) -> anyhow::Result<Outcome> {
    if args.tag.as_str().is_empty() {
        return Err(wrong_use("a tag needs a word, such as relied-on, exculpatory or context"));
    }
    if is_deceptive(args.tag.as_str()) {
        return Err(wrong_use(format!("the tag {} is refused: {DECEPTIVE}", visible(args.tag.as_str()))));
    }
    let watcher = Terminal::new();
    let mut session = jobs::open(&args.case, Access::Write, &watcher)?;
    // All arguments are resolved before anything is marked, in one transaction.
    let rows = rows_of(&session, &args.exchange)?;
    let others = sources_of(&session, args)?;
    let found = jobs::exchange_sources(&session.cache, &session.sources, &rows, &watcher)?;
    let ExchangeSources { mut sources, copies, unreadable } = found;
    let not_marked = unreadable_in_words(&unreadable, rows.len());
    sources.extend(others);
    if let Some(words) = not_marked.as_ref().filter(|_| sources.is_empty()) {
        anyhow::bail!("nothing was marked: {words}");
    }
    let marked = jobs::mark(&mut session.case, sources, &copies, &args.tag, &args.note)?;
    let tag = &args.tag;
    drop(watcher);
    super::say_if_disclosed(tag, &args.note);
    if args.json {
        let not_marked: Vec<String> = unreadable.iter().map(|one| one.exchange.to_string()).collect();
        output::print_json(&serde_json::json!({"evidence": marked, "tag": tag, "not_marked": not_marked}))?;
    } else {
        let numbers: Vec<String> = marked.iter().map(u64::to_string).collect();
        output::print_text(&format!("evidence {} tagged {}\n", numbers.join(", "), visible(tag.as_str())))?;
    }
    match not_marked {
        // Evidence that was marked is in the journal; the command fails for the rest.
        Some(words) => anyhow::bail!("not marked: {words}"),
        None => Ok(Outcome::Done),
    }
}

fn rows_of(session: &Session, exchanges: &[ExchangeRef]) -> anyhow::Result<Vec<RowId>> {
    let mut rows = Vec::new();
    for exchange in exchanges {
        let row = session.cache.row_of(exchange)?;
        rows.push(
            row.ok_or_else(|| wrong_use(format!("no snapshot of the case has the exchange {exchange}")))?,
        );
    }
    Ok(rows)
}

fn sources_of(session: &Session, args: &TagArgs) -> anyhow::Result<Vec<EvidenceSource>> {
    let mut sources = Vec::new();
    for id in &args.account {
        account::find(session, id)?;
        sources.push(EvidenceSource::Account { account: id.as_str().into() });
    }
    for path in &args.scope {
        let scope = super::read_scope(path)?;
        let name = scope.accounts.as_ref().and_then(AccountSet::name);
        let title = name.unwrap_or_else(|| scope.describe(&Zone::utc()));
        sources.push(EvidenceSource::Scope { scope, title });
    }
    Ok(sources)
}
