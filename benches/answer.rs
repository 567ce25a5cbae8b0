//! Stillhunt's side of `compare.py`: does one task for each line of standard input and prints its
//! result and time. Without arguments it does nothing.
//!
//! `answer CASE` opens the case and then takes `timeline ACCOUNT`, `records ACCOUNT`,
//! `sharing KIND ACCOUNT`, `week`, `week campaign`, `intervals`, `campaign`, `files`, `about`.
//! `answer --load FOLDER CACHE` builds a cache of a folder's Parquet files and ends.
//! Each answer is one line of JSON; `ms` is the work's wall time, without the parsing of the line.

mod common;

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};

use common::{peak_bytes, timed};
use stillhunt::cache::{AccountIndex, Cache, load};
use stillhunt::case::Access;
use stillhunt::jobs::{Session, memory_of_machine, open};
use stillhunt::model::{AccountId, AttributeKind, Scope, Silent, Zone};
use stillhunt::query::select;
use stillhunt::query::{exchanges, intervals, pivot, rhythm};
use stillhunt::signals::linkage;
use stillhunt::snapshot::{self, Sealing, Sources};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => println!("answer: for compare.py"),
        ["--load", folder, cache] => println!("{}", load_anew(Path::new(folder), Path::new(cache))?),
        [case] => {
            let (ms, session) = timed(|| open(Path::new(case), Access::ReadOnly, &Silent));
            let session = session?;
            println!("{}", json!({ "ms": ms }));
            for line in std::io::stdin().lock().lines() {
                let line = line?;
                println!("{}", answer(&session, &line).with_context(|| line.clone())?);
            }
        }
        _ => anyhow::bail!("answer CASE, or answer --load FOLDER CACHE"),
    }
    Ok(())
}

/// Seals, loads, opens and links; the milliseconds of each.
fn load_anew(folder: &Path, cache: &Path) -> anyhow::Result<Value> {
    let files = snapshot::find(&[folder.to_owned()])?;
    let mapping = snapshot::propose(&files, None)?.mapping;
    let (seal, snapshot) = timed(|| snapshot::seal(&files, mapping, Sealing::Reference, folder, &Silent));
    let sources = Sources { case_dir: folder.to_owned(), snapshots: vec![snapshot?] };
    let (load, loaded) = timed(|| load(cache, &sources, memory_of_machine(), &Silent));
    loaded?;
    let (open, opened) = timed(|| Cache::open(cache, &Silent));
    let opened = opened?;
    let (links, linked) = timed(|| linkage::link(&opened, &Silent));
    let groups = linked?.groups.len();
    let bytes = std::fs::metadata(cache)?.len();
    let exchanges = opened.counts().distinct;
    Ok(json!({
        "seal_ms": seal, "load_ms": load, "open_ms": open, "links_ms": links,
        "groups": groups, "bytes": bytes, "exchanges": exchanges, "peak_bytes": peak_bytes(),
    }))
}

fn answer(session: &Session, line: &str) -> anyhow::Result<Value> {
    let cache = &session.cache;
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["timeline", id] => {
            let scope = Scope::default().with_account(id.into());
            let (ms, ts) = timed(|| {
                let selection = select(cache, &scope, &Silent)?;
                anyhow::Ok(selection.rows().map(|row| cache.hot().ts[row as usize]).collect::<Vec<i64>>())
            });
            Ok(json!({ "ms": ms, "ts": ts? }))
        }
        ["records", id] => {
            let scope = Scope::default().with_account(id.into());
            let (ms, rows) = timed(|| {
                let rows: Vec<_> = select(cache, &scope, &Silent)?.rows().collect();
                anyhow::Ok(exchanges::rows(cache, &rows)?)
            });
            Ok(json!({ "ms": ms, "rows": rows?.len() }))
        }
        ["sharing", kind, id] => {
            let kind: AttributeKind = kind.parse().map_err(anyhow::Error::msg)?;
            let account = cache.account_index(&id.into()).context("no such account")?;
            let (ms, sharing) = timed(|| {
                let rows = pivot::pivot(cache, &[account], &[kind]);
                rows.into_iter().flat_map(|row| row.accounts).collect::<BTreeSet<AccountIndex>>()
            });
            Ok(json!({ "ms": ms, "accounts": sharing.len() }))
        }
        ["week"] => week(cache, &Scope::default()),
        ["week", "campaign"] => week(cache, &campaign(session)),
        ["intervals"] => {
            let (ms, statistics) = timed(|| {
                let selection = select(cache, &Scope::default(), &Silent)?;
                anyhow::Ok(intervals::interval_statistics(cache, &selection, &Silent)?)
            });
            let medians: Vec<f64> = statistics?.into_iter().flatten().map(|account| account.median).collect();
            Ok(json!({ "ms": ms, "accounts": medians.len(), "medians": medians.iter().sum::<f64>() }))
        }
        ["campaign"] => Ok(json!({ "accounts": campaign(session).accounts.map(|set| set.ids) })),
        ["files"] => {
            let snapshots = session.sources.snapshots.iter();
            let files =
                snapshots.flat_map(|snapshot| snapshot.files.iter().map(move |file| (snapshot, file)));
            let paths: Vec<_> =
                files.map(|(snapshot, file)| session.sources.path_of(snapshot, file)).collect();
            Ok(json!({ "files": paths }))
        }
        ["about"] => {
            let busiest = cache.accounts().iter().max_by_key(|account| account.exchanges);
            Ok(json!({
                "exchanges": cache.counts().distinct,
                "accounts": cache.accounts().len(),
                "busiest": busiest.map(|account| account.id.as_str()),
                "account": session.leads.accounts.first().map(|lead| &cache.accounts()[lead.account as usize].id),
                "bytes": std::fs::metadata(cache.path())?.len(),
                "peak_bytes": peak_bytes(),
            }))
        }
        _ => anyhow::bail!("not known"),
    }
}

fn week(cache: &Arc<Cache>, scope: &Scope) -> anyhow::Result<Value> {
    let (ms, hours) = timed(|| {
        let selection = select(cache, scope, &Silent)?;
        anyhow::Ok(rhythm::hour_of_week(cache, &selection, &Zone::utc(), &Silent)?)
    });
    Ok(json!({ "ms": ms, "hours": hours?.scope }))
}

/// The accounts of the largest lead; where there is none, every third account.
fn campaign(session: &Session) -> Scope {
    let largest = session.leads.groups.iter().max_by_key(|group| group.accounts.len());
    let all = session.cache.accounts();
    let ids: BTreeSet<AccountId> = match largest {
        Some(group) => group.accounts.iter().map(|&at| all[at as usize].id.clone()).collect(),
        None => all.iter().step_by(3).map(|account| account.id.clone()).collect(),
    };
    Scope::default().with_accounts("campaign", ids)
}
