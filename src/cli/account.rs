//! `stillhunt account`: one account's dossier.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::progress::Terminal;
use super::{Outcome, output, wrong_use};
use crate::cache::AccountIndex;
use crate::jobs::{self, Session};
use crate::leads::uncertain_member;
use crate::model::{AccountId, AttributeKind, Zone, format_count, visible_id};
use crate::signals::context;

/// Maximum number of values per attribute and of linked accounts in the list; the rest is counted.
const LISTED: usize = 12;

/// Show one account's dossier: attributes, signals with peers' percentiles, linked accounts.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt account acme.stillhunt acct_7f31 --json")]
pub(super) struct AccountArgs {
    /// The case's folder
    case: PathBuf,
    /// The account's id as logged
    id: String,
    /// Write the dossier as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &AccountArgs) -> anyhow::Result<Outcome> {
    let session = jobs::open_to_read(&args.case, &Terminal::new())?;
    super::say_if_unfinished(&session);
    let account = find(&session, &args.id)?;
    let dossier = dossier(&session, account)?;
    if args.json {
        output::print_json(&dossier)?
    } else {
        output::print_text(&in_words(&dossier))?
    }
    Ok(Outcome::Done)
}

/// An account by its id, or by its id as it is shown, if only one is shown so: `⟨U+202E⟩amy`.
pub(super) fn find(session: &Session, id: &str) -> anyhow::Result<AccountIndex> {
    let shown = || {
        let accounts = session.cache.accounts().iter().zip(0..);
        let mut same =
            accounts.filter(|(account, _)| id.contains('⟨') && visible_id(account.id.as_str()) == id);
        let (_, found) = same.next()?;
        same.next().is_none().then_some(found)
    };
    session.cache.account_index(&AccountId::from(id)).or_else(shown).ok_or_else(|| {
        wrong_use(format!("no account has the id {id}; `stillhunt leads CASE --accounts` lists the accounts"))
    })
}

fn dossier(session: &Session, at: AccountIndex) -> anyhow::Result<Value> {
    let (cache, leads, zone) = (&session.cache, &session.leads, Zone::utc());
    let account = &cache.accounts()[at as usize];
    let lead = &leads.accounts[leads.rank_of[at as usize] as usize];
    let mut linked: Vec<(AccountIndex, f32)> = cache
        .links_of(at)?
        .into_iter()
        .map(|link| (if link.a == at { link.b } else { link.a }, link.bits))
        .collect();
    linked.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
    let signals: Vec<Value> = leads
        .reasons(cache, at)
        .into_iter()
        .map(|reason| {
            json!({"signal": reason.signal, "title": reason.title, "value": reason.value,
                "percentile": reason.percentile, "p": reason.p, "sentence": &*reason.sentence,
                "benign": reason.benign, "tells_apart": reason.tells_apart})
        })
        .collect();
    Ok(json!({
        "account_id": account.id,
        "exchanges": account.exchanges,
        "first": zone.format_exact(account.first),
        "last": zone.format_exact(account.last),
        "created": account.created.map(|t| zone.format_exact(t)),
        "verified": account.verified.map(|t| zone.format_exact(t)),
        "rank": lead.rank,
        "accounts": cache.accounts().len(),
        "score": lead.score,
        "p_value": lead.p_value,
        "lead": lead.group.map(|at| leads.groups[at as usize].id.clone()),
        "membership": lead.membership,
        "uncertain": uncertain_member(cache, leads, at).and_then(|one| one.untied()),
        "cohort": leads.cohorts[lead.cohort as usize],
        "signals": signals,
        "context": context::values_of(cache, &leads.context, at).into_iter().map(|value| {
            json!({"name": value.about.id, "title": value.about.title, "value": value.in_file,
                "in_words": value.in_words, "caution": value.about.caution})
        }).collect::<Vec<_>>(),
        "attributes": attributes(session, at),
        "linked_accounts": linked.len(),
        "linked": linked.iter().take(LISTED).map(|&(other, bits)| {
            json!({"account_id": cache.accounts()[other as usize].id, "bits": bits})
        }).collect::<Vec<_>>(),
    }))
}

fn attributes(session: &Session, at: AccountIndex) -> Value {
    let cache = &session.cache;
    let of_kind = |kind: AttributeKind| {
        let mut values: Vec<_> = cache
            .values_of(at)
            .iter()
            .map(|&(value, exchanges)| (&cache.values()[value as usize], exchanges))
            .filter(|(value, _)| value.kind == kind)
            .collect();
        values.sort_by(|x, y| y.1.cmp(&x.1).then(x.0.value.cmp(&y.0.value)));
        let listed: Vec<Value> = values
            .iter()
            .take(LISTED)
            .map(|(value, exchanges)| {
                json!({"value": value.value, "exchanges": exchanges, "accounts": value.accounts})
            })
            .collect();
        (kind.name().to_owned(), json!({"distinct": values.len(), "values": listed}))
    };
    let all = AttributeKind::ALL.into_iter().map(of_kind);
    Value::Object(all.filter(|(_, values)| values["distinct"] != 0).collect())
}

fn in_words(dossier: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => visible_id(text).into_owned(),
        Value::Null => "–".to_owned(),
        number => output::short(number),
    };
    let mut text = format!(
        "{}: rank {} of {}, score {}\n{} exchanges, {} to {}, created {}\nlead: {}, membership probability {}\n{}cohort: {}\n\nsignals\n",
        plain(&dossier["account_id"]),
        plain(&dossier["rank"]),
        plain(&dossier["accounts"]),
        plain(&dossier["score"]),
        plain(&dossier["exchanges"]),
        plain(&dossier["first"]),
        plain(&dossier["last"]),
        plain(&dossier["created"]),
        plain(&dossier["lead"]),
        plain(&dossier["membership"]),
        dossier["uncertain"].as_str().map_or_else(String::new, |why| format!("uncertain member: {why}\n")),
        plain(&dossier["cohort"]),
    );
    // Writing to a String cannot fail.
    for signal in dossier["signals"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "  {} {}", plain(&signal["signal"]), plain(&signal["sentence"]));
        let _ = writeln!(text, "     benign explanation: {}", plain(&signal["benign"]));
    }
    text.push_str("\ncontext (does not affect the score)\n");
    for context in dossier["context"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "  {}: {}", plain(&context["title"]), plain(&context["in_words"]));
        let _ = writeln!(text, "     caution: {}", plain(&context["caution"]));
    }
    text.push_str("\nattributes (exchanges of this account; accounts that share the value)\n");
    for (kind, values) in dossier["attributes"].as_object().into_iter().flatten() {
        for value in values["values"].as_array().into_iter().flatten() {
            let (exchanges, accounts) = (plain(&value["exchanges"]), plain(&value["accounts"]));
            let _ = writeln!(text, "  {kind}: {} ({exchanges}; {accounts})", plain(&value["value"]));
        }
        let distinct = values["distinct"].as_u64().unwrap_or(0);
        if distinct > LISTED as u64 {
            let _ = writeln!(text, "  {kind}: and {} more", format_count(distinct - LISTED as u64));
        }
    }
    let _ = writeln!(text, "\nlinked accounts: {}", plain(&dossier["linked_accounts"]));
    for link in dossier["linked"].as_array().into_iter().flatten() {
        let bits = link["bits"].as_f64().unwrap_or(0.0);
        let _ = writeln!(text, "  {} ({bits:.1} bits)", plain(&link["account_id"]));
    }
    text
}
