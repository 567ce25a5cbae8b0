//! `stillhunt story`: the story of a case, and its parts.

use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, decision, output, wrong_use};
use crate::bundle::exhibits_of;
use crate::case::{Action, Case, CaseError, State, StoryPart};
use crate::exhibit::KINDS;
use crate::model::visible;

/// Print the story of a case, or write, move or remove one of its parts. The report prints it as its narrative,
/// labelled as opinion.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt story acme.stillhunt
  stillhunt story acme.stillhunt --text \"38 accounts share three cards [E1 links].\"
  stillhunt story acme.stillhunt --part 2 --file part.md --evidence 1 --exhibit timeline
  stillhunt story acme.stillhunt --part 2
  stillhunt story acme.stillhunt --part 2 --no-evidence
  stillhunt story acme.stillhunt --part 2 --after 4
  stillhunt story acme.stillhunt --in-production yes

Text is Markdown. [E1] refers to evidence 1, [E1 timeline] to its exhibit of that kind.")]
pub(super) struct StoryArgs {
    /// The case's folder
    case: PathBuf,
    /// Number of the part; alone, the part is printed. Without it, text is a new part at the end
    #[arg(long)]
    part: Option<u64>,
    /// Text of the part, as Markdown
    #[arg(long, conflicts_with = "file")]
    text: Option<String>,
    /// File with the text
    #[arg(long)]
    file: Option<PathBuf>,
    /// Number of the evidence shown under the text
    #[arg(long)]
    evidence: Option<u64>,
    /// Kind of its exhibit that the report prints
    #[arg(long, requires = "evidence")]
    exhibit: Option<String>,
    /// Show no evidence under the text any more
    #[arg(long, requires = "part", conflicts_with = "evidence")]
    no_evidence: bool,
    /// Move the part behind this one; 0 for the beginning
    #[arg(long, requires = "part", conflicts_with_all = ["text", "file", "evidence", "no_evidence"])]
    after: Option<u64>,
    /// Remove the part
    #[arg(long, requires = "part", conflicts_with_all = ["text", "file", "evidence", "no_evidence", "after"])]
    remove: bool,
    /// Print the story in PRODUCTION bundles too: yes or no
    #[arg(long, value_parser = ["yes", "no"], conflicts_with_all = ["part", "text", "file", "evidence"])]
    in_production: Option<String>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &StoryArgs) -> anyhow::Result<Outcome> {
    let Some(action) = action(args)? else {
        let case = Case::open(&args.case, crate::case::Access::ReadOnly)?;
        return print(&case, args.part, args.json);
    };
    let mut case = decision::open(&args.case)?;
    let action = completed(&case, action, args.no_evidence)?;
    decision::decide(&mut case, action, args.json)
}

/// Requested decision; `None` to print the story.
fn action(args: &StoryArgs) -> anyhow::Result<Option<Action>> {
    if let Some(answer) = &args.in_production {
        return Ok(Some(Action::story_in_production(answer == "yes")));
    }
    if let Some(kind) = &args.exhibit
        && !KINDS.iter().any(|known| known.name == kind)
    {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        return Err(wrong_use(format!("there is no exhibit {kind}; there are {}", known.join(", "))));
    }
    if let (Some(id), true) = (args.part, args.remove) {
        return Ok(Some(Action::StoryRemoved { id }));
    }
    if let (Some(id), Some(after)) = (args.part, args.after) {
        return Ok(Some(Action::StoryMoved { id, after: (after > 0).then_some(after) }));
    }
    let text = match (&args.text, &args.file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(file)) => Some(std::fs::read_to_string(file).map_err(|error| {
            anyhow::Error::from(error).context(format!("{} could not be read", file.display()))
        })?),
        (None, None) => None,
    };
    if text.is_none() && args.evidence.is_none() && !args.no_evidence {
        return Ok(None);
    }
    Ok(Some(Action::StoryWritten {
        id: args.part.unwrap_or(0),
        text: text.unwrap_or_default(),
        evidence: args.evidence,
        exhibit: args.exhibit.clone(),
    }))
}

/// The decision, completed with the unchanged fields of an existing part or the number of a new part.
fn completed(case: &Case, action: Action, no_evidence: bool) -> anyhow::Result<Action> {
    let Action::StoryWritten { id, text, evidence, exhibit } = action else { return Ok(action) };
    let state = case.state();
    check_exhibit(state, evidence, exhibit.as_deref())?;
    if id == 0 {
        return Ok(Action::StoryWritten { id: state.next_story_part(), text, evidence, exhibit });
    }
    let known = state.story.iter().find(|part| part.id == id);
    let known = known.ok_or_else(|| wrong_use(CaseError::NoSuchStoryPart(id).to_string()))?;
    let text = if text.is_empty() { known.text.clone() } else { text };
    let (evidence, exhibit) = match evidence {
        Some(_) => (evidence, exhibit),
        None if no_evidence => (None, None),
        None => (known.evidence, known.exhibit.clone()),
    };
    Ok(Action::StoryWritten { id, text, evidence, exhibit })
}

/// Refuses an exhibit that a bundle does not have of the evidence.
fn check_exhibit(state: &State, evidence: Option<u64>, exhibit: Option<&str>) -> anyhow::Result<()> {
    let evidence = evidence.and_then(|id| state.evidence.get(&id));
    let (Some(evidence), Some(kind)) = (evidence, exhibit) else { return Ok(()) };
    let known = exhibits_of(evidence);
    if known.contains(&kind) {
        return Ok(());
    }
    let id = evidence.id;
    Err(wrong_use(match known.is_empty() {
        true => format!("evidence {id} is an exchange or a control and has no exhibit; leave --exhibit out"),
        false => format!("evidence {id} has no exhibit {kind}; it has {}", known.join(", ")),
    }))
}

/// Prints the story, or one part of it.
fn print(case: &Case, only: Option<u64>, as_json: bool) -> anyhow::Result<Outcome> {
    let story: Vec<&StoryPart> =
        case.state().story.iter().filter(|part| only.is_none_or(|only| part.id == only)).collect();
    if let (Some(only), true) = (only, story.is_empty()) {
        return Err(wrong_use(CaseError::NoSuchStoryPart(only).to_string()));
    }
    if as_json {
        let part = |part: &StoryPart| json!({"part": part.id, "text": part.text, "evidence": part.evidence, "exhibit": part.exhibit});
        output::print_json(&json!(story.into_iter().map(part).collect::<Vec<_>>()))?;
        return Ok(Outcome::Done);
    }
    for part in story {
        let shown = match (part.evidence, &part.exhibit) {
            (Some(evidence), Some(exhibit)) => format!("\n[E{evidence} {exhibit}]"),
            (Some(evidence), None) => format!("\n[E{evidence}]"),
            (None, _) => String::new(),
        };
        output::print_text(&format!("part {}\n{}{shown}\n\n", part.id, visible(&part.text)))?;
    }
    Ok(Outcome::Done)
}
