//! `stillhunt export`: the bundle.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::progress::Terminal;
use super::{Outcome, output};
use crate::bundle::{self, Audience, CheckItem, CheckState, ExportOptions, Paper, SigningKey};
use crate::case::Access;
use crate::case::legal::Profile;
use crate::jobs;
use crate::model::{format_count, visible};

/// Write bundles: a BagIt bag for each audience.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt export acme.stillhunt --out out --audience internal,production")]
pub(super) struct ExportArgs {
    /// The case's folder
    case: PathBuf,
    /// The folder in which the folders of the bags are made
    #[arg(long, required_unless_present = "preview")]
    out: Option<PathBuf>,
    /// Audiences, separated by commas; a bundle is written for each
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    audience: Vec<AudienceArg>,
    /// List the files that would be written, and write none
    #[arg(long)]
    preview: bool,
    /// Include prompts and responses of the marked exchanges; the default leaves them out
    #[arg(long)]
    include_text: bool,
    /// Proceeding that the bundle is made for; the default has every legal element
    #[arg(long, value_enum, default_value = "as-recorded")]
    profile: ProfileArg,
    /// Paper of the report
    #[arg(long, value_enum, default_value = "a4")]
    paper: PaperArg,
    /// Ed25519 key to sign with, in OpenSSH's format. The default is a key created once and kept
    /// in Stillhunt's configuration folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// File whose first line is the passphrase of the key; - reads it from stdin
    #[arg(long, value_name = "FILE", requires = "key")]
    passphrase_file: Option<PathBuf>,
    /// Sign with a key that ssh-agent holds: its fingerprint, or its only Ed25519 key
    #[arg(long, value_name = "FINGERPRINT", num_args = 0..=1, default_missing_value = "", conflicts_with = "key")]
    agent: Option<String>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum AudienceArg {
    /// Counsel: notes, names in clear, key of the pseudonyms
    Internal,
    /// The other side and the court
    Production,
    /// Other providers: indicators in STIX 2.1
    Share,
    /// An authority: summary of the incident
    Regulator,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProfileArg {
    /// Every legal element that is recorded
    AsRecorded,
    /// Enforcement of the terms of service: contract and computer access
    Terms,
    /// Trade-secret proceeding: trade secret and computer access
    TradeSecret,
}

impl ProfileArg {
    fn profile(self) -> Profile {
        match self {
            Self::AsRecorded => Profile::Recorded,
            Self::Terms => Profile::Terms,
            Self::TradeSecret => Profile::TradeSecret,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum PaperArg {
    /// 210 by 297 millimetres
    A4,
    /// 8.5 by 11 inches
    Letter,
}

impl PaperArg {
    fn paper(self) -> Paper {
        match self {
            Self::A4 => Paper::A4,
            Self::Letter => Paper::Letter,
        }
    }
}

impl AudienceArg {
    fn audience(self) -> Audience {
        match self {
            Self::Internal => Audience::Internal,
            Self::Production => Audience::Production,
            Self::Share => Audience::Share,
            Self::Regulator => Audience::Regulator,
        }
    }
}

pub(super) fn run(args: &ExportArgs) -> anyhow::Result<Outcome> {
    let mut audiences: Vec<Audience> = args.audience.iter().map(|arg| arg.audience()).collect();
    audiences.sort();
    audiences.dedup();
    // Last, so that its journal has the entries of the others, which `reproduce` needs.
    let is_internal_first = audiences.first() == Some(&Audience::Internal);
    audiences.rotate_left(usize::from(is_internal_first));
    let Some(out) = args.out.as_ref().filter(|_| !args.preview) else { return preview(args, &audiences) };
    let mut session = {
        let watcher = Terminal::new();
        jobs::open(&args.case, Access::Write, &watcher)?
    };
    super::say_if_unfinished(&session);
    for notes in
        audiences.iter().filter_map(|&audience| bundle::disclosed_notes(session.case.state(), audience))
    {
        eprintln!("{notes}");
    }
    let mut written = Vec::new();
    let passphrase = args.passphrase_file.as_deref().map(super::key::passphrase).transpose()?;
    for audience in audiences {
        let key = match (&args.key, &args.agent) {
            (Some(path), _) => SigningKey::unlock(path, passphrase.as_deref())?,
            (None, Some(named)) => {
                SigningKey::from_agent(Some(named.as_str()).filter(|own| !own.is_empty()))?
            }
            (None, None) => SigningKey::load_or_create()?,
        };
        let (out, include_text, paper) = (out.clone(), args.include_text, args.paper.paper());
        let profile = args.profile.profile();
        let options = ExportOptions { audience, out, include_text, profile, paper, key };
        let watcher = Terminal::new();
        let exported = bundle::export(&mut session.case, &session.cache, &session.leads, &options, &watcher);
        drop(watcher);
        match exported {
            Err(bundle::BundleError::Refused(why)) => {
                eprintln!("no {audience} bundle was written: {}", visible(&why));
                return Ok(Outcome::CheckFailed);
            }
            exported => written.push((audience, exported?)),
        }
    }
    if args.json {
        let all: Vec<Value> = written
            .iter()
            .map(|(audience, exported)| {
                json!({
                    "audience": audience.word(), "bag": exported.bag, "manifest_sha256": exported.manifest,
                    "checklist": items_as_json(&exported.checklist),
                })
            })
            .collect();
        // The result for one audience is an object, for several a list.
        output::print_json(&match all.as_slice() {
            [only] => only.clone(),
            _ => Value::Array(all),
        })?;
    } else {
        for (_, exported) in &written {
            output::print_text(&checklist_in_words(&exported.checklist))?;
            output::print_text(&format!(
                "{}\nmanifest-sha256.txt has SHA-256 {}\n",
                exported.bag.display(),
                exported.manifest
            ))?;
        }
    }
    Ok(Outcome::Done)
}

fn preview(args: &ExportArgs, audiences: &[Audience]) -> anyhow::Result<Outcome> {
    let watcher = Terminal::new();
    let session = jobs::open_to_read(&args.case, &watcher)?;
    let mut all = Vec::new();
    for audience in audiences {
        let (cache, leads) = (&session.cache, &session.leads);
        let made_for = (*audience, args.profile.profile());
        let found = bundle::preview(&session.case, cache, leads, made_for, args.include_text, &watcher)?;
        all.push((audience, found));
    }
    drop(watcher);
    for (audience, found) in all {
        if args.json {
            output::print_json(&json!({
                "audience": audience.word(), "bag": found.name, "withheld": found.withheld,
                "files": found.files.iter().map(|(name, bytes)| json!({"name": name, "bytes": bytes})).collect::<Vec<_>>(),
                "checklist": items_as_json(&found.checklist),
            }))?;
            continue;
        }
        output::print_text(&format!("{}: {}\n", visible(&found.name), audience.describe()))?;
        output::print_text(&checklist_in_words(&found.checklist))?;
        if let Some(notes) = bundle::disclosed_notes(session.case.state(), *audience) {
            output::print_text(&format!("{notes}\n"))?;
        }
        for (name, bytes) in &found.files {
            output::print_text(&format!("{:>15} bytes  {}\n", format_count(*bytes), visible(name)))?;
        }
        output::print_text(&format!("{} values and fields withheld\n", format_count(found.withheld as u64)))?;
    }
    Ok(Outcome::Done)
}

fn items_as_json(items: &[CheckItem]) -> Vec<Value> {
    items
        .iter()
        .map(|item| json!({"id": item.id, "title": item.title, "state": word(item.state), "detail": item.detail}))
        .collect()
}

fn checklist_in_words(items: &[CheckItem]) -> String {
    // The details name leads and tags, which others may have written.
    let line = |item: &CheckItem| format!("[{}] {}: {}", word(item.state), item.title, item.detail);
    items.iter().map(|item| visible(&line(item)).replace(['\n', '\t'], " ") + "\n").collect()
}

fn word(state: CheckState) -> &'static str {
    match state {
        CheckState::Done => "done",
        CheckState::Stated => "stated as not done",
        CheckState::Refused => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_named_by_an_adversary_writes_neither_lines_nor_escapes() {
        let item = CheckItem {
            id: "alternatives",
            title: "weighed".into(),
            state: CheckState::Stated,
            detail: "a\u{1b}[2J\n[done] sources: all sound".into(),
        };
        let text = checklist_in_words(&[item]);
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains('\u{1b}'));
    }
}
