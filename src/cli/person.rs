//! `stillhunt person`: name, role and organisation of the person who works in a case.

use std::path::PathBuf;

use super::{Outcome, decision};
use crate::case::Person;

/// Record who works in the case. Every later journal entry and every bundle names the person.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt person acme.stillhunt --name \"Ada Lovelace\" \\
    --role investigator --organisation \"Example Ltd\"")]
pub(super) struct PersonArgs {
    /// The case's folder
    case: PathBuf,
    /// Name
    #[arg(long)]
    name: String,
    /// Role
    #[arg(long, default_value = "")]
    role: String,
    /// Organisation
    #[arg(long, default_value = "")]
    organisation: String,
    /// Write the entries as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &PersonArgs) -> anyhow::Result<Outcome> {
    let mut case = decision::open(&args.case)?;
    let person =
        Person { name: args.name.clone(), role: args.role.clone(), organisation: args.organisation.clone() };
    let mut outcome = Outcome::Done;
    for action in person.actions(case.state()) {
        outcome = decision::decide(&mut case, action, args.json)?;
    }
    Ok(outcome)
}
