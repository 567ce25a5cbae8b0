//! `stillhunt incident`: statements on the incident for the REGULATOR bundle.

use std::path::PathBuf;

use super::{Outcome, decision};
use crate::bundle::INCIDENT;
use crate::case::Action;

/// Record statements on the incident. The REGULATOR bundle has them; others are shown as not stated.
#[derive(clap::Args)]
#[command(
    after_help = "Example: stillhunt incident acme.stillhunt --detected 2026-05-02 --contact legal@example.com"
)]
pub(super) struct IncidentArgs {
    /// The case's folder
    case: PathBuf,
    /// Date of detection
    #[arg(long)]
    detected: Option<String>,
    /// Date of containment
    #[arg(long)]
    contained: Option<String>,
    /// Categories and number of persons affected
    #[arg(long)]
    persons: Option<String>,
    /// Categories of data affected
    #[arg(long)]
    data: Option<String>,
    /// Likely consequences
    #[arg(long)]
    consequences: Option<String>,
    /// Measures taken and planned
    #[arg(long)]
    measures: Option<String>,
    /// Contact
    #[arg(long)]
    contact: Option<String>,
    /// Reference of earlier notices
    #[arg(long)]
    reference: Option<String>,
    /// Write the entries as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &IncidentArgs) -> anyhow::Result<Outcome> {
    let given = [
        &args.detected,
        &args.contained,
        &args.persons,
        &args.data,
        &args.consequences,
        &args.measures,
        &args.contact,
        &args.reference,
    ];
    let mut case = decision::open(&args.case)?;
    let mut outcome = Outcome::Done;
    for ((key, _), value) in INCIDENT.iter().zip(given) {
        let Some(value) = value else { continue };
        let action = Action::SettingChanged { key: (*key).to_owned(), value: value.trim().to_owned() };
        outcome = decision::decide(&mut case, action, args.json)?;
    }
    Ok(outcome)
}
