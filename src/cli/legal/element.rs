//! Statements on elements, the evidence assigned to them, and the removal of items.

use super::recording::decide;
use crate::case::Case;
use crate::case::legal::{Element, LegalDecision};
use crate::cli::{Outcome, decision, wrong_use};
use crate::model::format_count;

/// Write the statement on an element, and assign evidence to it
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt legal acme.stillhunt element secret.value --state \"…\"
  stillhunt legal acme.stillhunt element contract.breach --evidence 1,2
  stillhunt legal acme.stillhunt element contract.breach --take-off 2")]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub(super) struct ElementArgs {
    /// The element: contract.clause, secret.value, access.after …; `show` lists them
    element: String,
    /// The statement; an empty one removes it
    #[arg(long, group = "change", value_name = "TEXT")]
    state: Option<String>,
    /// Numbers of evidence to assign
    #[arg(long, group = "change", value_name = "NUMBERS", value_delimiter = ',')]
    evidence: Vec<u64>,
    /// Numbers of evidence to take off
    #[arg(long, group = "change", value_name = "NUMBERS", value_delimiter = ',')]
    take_off: Vec<u64>,
    /// Write the last entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn element(case: &mut Case, args: &ElementArgs) -> anyhow::Result<Outcome> {
    let element: Element =
        args.element.parse().map_err(|error: crate::case::legal::NoElement| wrong_use(error.to_string()))?;
    let text = args.state.as_ref().map(|text| text.trim().to_owned());
    let stated = text.map(|text| LegalDecision::Stated { element, text });
    let assigned =
        |is_assigned| move |&evidence: &u64| LegalDecision::Assigned { element, evidence, is_assigned };
    let all: Vec<_> = stated
        .into_iter()
        .chain(args.evidence.iter().map(assigned(true)))
        .chain(args.take_off.iter().map(assigned(false)))
        .map(|legal| crate::case::Action::Legal { legal: Box::new(legal) })
        .collect();
    for action in &all {
        case.check(action).map_err(|error| wrong_use(error.to_string()))?;
    }
    let count = all.len();
    // One act, so that undo takes all of it back.
    case.record_with_copies(all, &[])?;
    if count > 1 {
        eprintln!("{} entries were written", format_count(count as u64));
    }
    decision::print_last(case, args.json)
}

/// Remove an item
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt legal acme.stillhunt remove 7")]
pub(super) struct RemoveArgs {
    /// Number of the item
    item: u64,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn remove(case: &mut Case, args: &RemoveArgs) -> anyhow::Result<Outcome> {
    decide(case, LegalDecision::Removed { number: args.item }, args.json)
}
