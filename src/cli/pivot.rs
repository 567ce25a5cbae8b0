//! `stillhunt pivot`: accounts that share attribute values, with the rarity of each value.

use std::path::PathBuf;

use serde_json::json;

use super::output::{self, Format, Table};
use super::progress::Terminal;
use super::{Outcome, account, leads, wrong_use};
use crate::cache::AccountIndex;
use crate::jobs::{self, Session};
use crate::model::AttributeKind;
use crate::query;

/// List the accounts that share attribute values with some accounts, rarest value first.
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt pivot acme.stillhunt --from account:acct_7f31 --by payment_fingerprint,ip_24"
)]
pub(super) struct PivotArgs {
    /// The case's folder
    case: PathBuf,
    /// Start: account:ID or lead:ID. May be given several times
    #[arg(long, required = true)]
    from: Vec<String>,
    /// Attributes, separated by commas: ip, ip_24, asn, user_agent, tls_fingerprint,
    /// payment_fingerprint, email_domain, signup_batch, prompt_template, org_id, …
    #[arg(long, required = true, value_delimiter = ',')]
    by: Vec<AttributeKind>,
    /// Format of the list
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &PivotArgs) -> anyhow::Result<Outcome> {
    let session = jobs::open_to_read(&args.case, &Terminal::new())?;
    super::say_if_unfinished(&session);
    let mut from: Vec<AccountIndex> = Vec::new();
    for start in &args.from {
        from.extend(accounts_of(&session, start)?);
    }
    from.sort_unstable();
    from.dedup();
    let cache = &session.cache;
    let mut rows = Vec::new();
    for row in query::pivot::pivot(cache, &from, &args.by) {
        let value = &cache.values()[row.value as usize];
        for &account in &row.accounts {
            rows.push(vec![
                json!(value.kind.name()),
                json!(value.value),
                json!(value.accounts),
                json!(row.bits),
                json!(cache.accounts()[account as usize].id),
                json!(from.binary_search(&account).is_ok()),
            ]);
        }
    }
    if rows.is_empty() {
        let kinds: Vec<&str> = args.by.iter().map(|kind| kind.name()).collect();
        eprintln!("0 shared values of {}", kinds.join(", "));
    }
    let columns = vec!["attribute", "value", "accounts", "bits", "account_id", "asked"];
    output::print(&Table { columns, rows }, args.format)?;
    Ok(Outcome::Done)
}

fn accounts_of(session: &Session, start: &str) -> anyhow::Result<Vec<AccountIndex>> {
    match start.split_once(':') {
        Some(("account", id)) => Ok(vec![account::find(session, id)?]),
        Some(("lead", id)) => Ok(leads::find(session, id)?.accounts.clone()),
        _ => Err(wrong_use(format!("“{start}” is neither account:ID nor lead:ID"))),
    }
}
