//! `stillhunt event`: an event outside the log.

use std::path::PathBuf;

use super::{Outcome, decision, wrong_use};
use crate::case::{Action, InvestigatorEvent, ZONE};
use crate::model::{Zone, moment};

/// Note an event outside the log, such as a release, a change of terms or a ban; it is drawn on
/// every time axis.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt event acme.stillhunt --at \"2026-05-12 13:00\" --label \"atlas-5 released\"
  stillhunt event acme.stillhunt --at \"2026-05-12 13:00\" --label \"atlas-5 released\" --remove")]
pub(super) struct EventArgs {
    /// The case's folder
    case: PathBuf,
    /// Time, as 2026-05-12, 2026-05-12 13:00 or 2026-05-12 13:00:09, in the zone of the case
    #[arg(long, value_name = "TIME")]
    at: String,
    /// Description of the event
    #[arg(long)]
    label: String,
    /// IANA name of the time zone, if it differs from that of the case
    #[arg(long)]
    zone: Option<String>,
    /// Remove this event
    #[arg(long)]
    remove: bool,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &EventArgs) -> anyhow::Result<Outcome> {
    let mut case = decision::open(&args.case)?;
    let state = case.state();
    let named = args.zone.as_ref().or_else(|| state.settings.get(ZONE));
    let zone = named.map_or_else(|| Ok(Zone::utc()), |name| Zone::named(name));
    let zone = zone.map_err(|error| wrong_use(error.to_string()))?;
    let ts = moment::read(&args.at, &zone)
        .ok_or_else(|| wrong_use(format!("“{}” is not a time; write it as 2026-05-12 13:00", args.at)))?;
    let label = args.label.trim().to_owned();
    if label.is_empty() {
        return Err(wrong_use("an event needs a label that describes it"));
    }
    let event = InvestigatorEvent { ts, label };
    if !args.remove {
        return decision::decide(&mut case, Action::EventAdded { event }, args.json);
    }
    if !state.events.contains(&event) {
        return Err(wrong_use("the case has no such event at this time"));
    }
    decision::decide(&mut case, Action::EventRemoved { event }, args.json)
}
