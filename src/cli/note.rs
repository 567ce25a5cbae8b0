//! `stillhunt note`: the note and the tag of a piece of evidence, or its removal.

use std::path::PathBuf;

use super::{Outcome, decision, wrong_use};
use crate::case::{Action, CaseError};
use crate::model::Tag;

/// Change the note, the tag or the group of a piece of evidence, or remove it.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt note acme.stillhunt 3 --note \"same harness as evidence 1\"
  stillhunt note acme.stillhunt 3 --as exculpatory
  stillhunt note acme.stillhunt 3 --group \"shared cards\" --after 2
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
    /// Put it into a group of the board; "" takes it out of its group
    #[arg(long, conflicts_with_all = ["note", "tag", "remove"], group = "what")]
    group: Option<String>,
    /// Evidence that it stands behind in the group; without it, the beginning
    #[arg(long, requires = "group")]
    after: Option<u64>,
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
    if let Some(group) = &args.group {
        let group = group.trim().to_owned();
        let placed = Action::EvidencePlaced { id, group, after: args.after };
        return decision::decide(&mut case, placed, args.json);
    }
    let evidence = case.state().evidence.get(&id);
    let evidence = evidence.ok_or_else(|| wrong_use(CaseError::NoSuchEvidence(id).to_string()))?;
    let tag = args.tag.clone().unwrap_or_else(|| evidence.tag.clone());
    if tag.as_str().is_empty() {
        return Err(wrong_use("a tag needs a word, such as relied-on, exculpatory or context"));
    }
    let note = args.note.clone().unwrap_or_else(|| evidence.note.clone());
    super::say_if_disclosed(&tag, &note);
    decision::decide(&mut case, Action::EvidenceChanged { id, tag, note }, args.json)
}
