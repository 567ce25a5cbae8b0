//! `stillhunt legal CASE notice`: a notice to accounts, or to all accounts of a lead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::builder::TypedValueParser;

use super::kind::kind;
use super::recording::{Recording, document, record, time};
use crate::case::Access;
use crate::case::legal::{LegalItem, Notice, NoticeKind};
use crate::cli::progress::Terminal;
use crate::cli::{Outcome, account, leads};
use crate::jobs;
use crate::model::AccountId;

fn notice_kind() -> impl TypedValueParser<Value = NoticeKind> {
    kind(NoticeKind::ALL.map(|kind| (kind, kind.word(), kind.describe())))
}

/// Record a notice, suspension, block, appeal, outcome, revocation or reinstatement
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt legal acme.stillhunt notice --kind revocation --at \"2026-05-20 09:00\" --lead L-7f31ab --text \"Access ends.\""
)]
#[command(group = clap::ArgGroup::new("to").required(true))]
pub(super) struct NoticeArgs {
    /// Kind of the notice
    #[arg(long, value_parser = notice_kind())]
    kind: NoticeKind,
    /// Time, in the zone of the case
    #[arg(long, value_name = "TIME")]
    at: String,
    /// An account that it went to; may be repeated
    #[arg(long, group = "to", value_name = "ID")]
    account: Vec<String>,
    /// A lead, all of whose accounts it went to
    #[arg(long, group = "to", value_name = "ID")]
    lead: Option<String>,
    /// Its text, or what it said
    #[arg(long, default_value = "")]
    text: String,
    /// The document
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn notice(case: &Path, args: &NoticeArgs) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let mut session = jobs::open(case, Access::Write, &watcher)?;
    drop(watcher);
    let (mut lead, mut accounts) = (None, BTreeSet::new());
    if let Some(id) = &args.lead {
        let found = leads::find(&session, id)?;
        lead = Some(found.reference(&session.cache));
        accounts.extend(found.accounts.iter().map(|&at| session.cache.accounts()[at as usize].id.clone()));
    }
    for id in &args.account {
        account::find(&session, id)?;
        accounts.insert(AccountId::from(id.as_str()));
    }
    let item = Notice {
        at: time(session.case.state(), &args.at)?,
        kind: args.kind,
        lead,
        accounts,
        text: args.text.trim().to_owned(),
        document: document(args.document.as_ref())?,
    };
    record(&mut session.case, LegalItem::Notice(item), &args.recording)
}
