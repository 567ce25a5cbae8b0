//! `stillhunt note`: the note and the tag of a piece of evidence, or its removal.

use std::path::PathBuf;

use super::{Outcome, decision, wrong_use};
use crate::case::{Action, CaseError};
use crate::model::Tag;

/// Change the note or the tag of a piece of evidence, or remove it.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt note acme.stillhunt 3 --note \"same harness as evidence 1\"
  stillhunt note acme.stillhunt 3 --as exculpatory
  stillhunt note acme.stillhunt 3 --remove")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct NoteArgs {
    /// The case's folder
    case: PathBuf,
    /// The number of the evidence
    evidence: u64,
    /// The new note
    #[arg(long, group = "what")]
    note: Option<String>,
    /// The new tag: relied-on, exculpatory, context, control, or a word of your own
    #[arg(long = "as", group = "what", value_name = "TAG")]
    tag: Option<Tag>,
    /// Remove it from the evidence. Its copy and the journal entry stay
    #[arg(long, group = "what", conflicts_with_all = ["note", "tag"])]
    remove: bool,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &NoteArgs) -> anyhow::Result<Outcome> {
    let mut case = decision::open(&args.case)?;
    let id = args.evidence;
    if args.remove {
        return decision::decide(&mut case, Action::EvidenceRemoved { id }, args.json);
    }
    let evidence = case.state().evidence.get(&id);
    let evidence = evidence.ok_or_else(|| wrong_use(CaseError::NoSuchEvidence(id).to_string()))?;
    let tag = args.tag.clone().unwrap_or_else(|| evidence.tag.clone());
    if tag.as_str().is_empty() {
        return Err(wrong_use("a tag needs a word, such as relied-on, exculpatory or context"));
    }
    let note = args.note.clone().unwrap_or_else(|| evidence.note.clone());
    decision::decide(&mut case, Action::EvidenceChanged { id, tag, note }, args.json)
}
