//! `stillhunt export`: the bundle.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use super::progress::Terminal;
use super::{Outcome, output};
use crate::bundle::{self, Audience, CheckItem, CheckState, ExportOptions, SigningKey};
use crate::case::Access;
use crate::jobs;
use crate::model::visible;

/// Write the bundle: a BagIt bag for one audience.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt export acme.stillhunt --out out --audience production")]
pub(super) struct ExportArgs {
    /// The case's folder
    case: PathBuf,
    /// The folder in which the bag's folder is made
    #[arg(long)]
    out: PathBuf,
    /// Audience of the bundle
    #[arg(long, value_enum)]
    audience: AudienceArg,
    /// Include prompts and responses of the marked exchanges; the default leaves them out
    #[arg(long)]
    include_text: bool,
    /// Ed25519 key to sign with, in OpenSSH's format. The default is a key created once and kept
    /// in Stillhunt's configuration folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum AudienceArg {
    /// The other side and the court
    Production,
}

pub(super) fn run(args: &ExportArgs) -> anyhow::Result<Outcome> {
    let key = match &args.key {
        Some(path) => SigningKey::from_file(path)?,
        None => SigningKey::load_or_create()?,
    };
    let audience = match args.audience {
        AudienceArg::Production => Audience::Production,
    };
    let watcher = Terminal::new();
    let mut session = jobs::open(&args.case, Access::Write, &watcher)?;
    super::say_if_unfinished(&session);
    let options = ExportOptions { audience, out: args.out.clone(), include_text: args.include_text, key };
    let exported = match bundle::export(&mut session.case, &session.cache, &session.leads, &options, &watcher)
    {
        Err(bundle::BundleError::Refused(why)) => {
            drop(watcher);
            eprintln!("no bundle was written: {}", visible(&why));
            return Ok(Outcome::CheckFailed);
        }
        exported => exported?,
    };
    drop(watcher);
    if args.json {
        let items: Vec<_> = exported
            .checklist
            .iter()
            .map(|item| json!({"id": item.id, "title": item.title, "state": word(item.state), "detail": item.detail}))
            .collect();
        output::print_json(
            &json!({"bag": exported.bag, "manifest_sha256": exported.manifest, "checklist": items}),
        )?;
    } else {
        output::print_text(&checklist_in_words(&exported.checklist))?;
        output::print_text(&format!(
            "{}\nmanifest-sha256.txt has SHA-256 {}\n",
            exported.bag.display(),
            exported.manifest
        ))?;
    }
    Ok(Outcome::Done)
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
