//! `stillhunt leads`: ranked leads, or ranked accounts.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::output::{self, Format, Table};
use super::progress::Terminal;
use super::{Outcome, wrong_use};
use crate::jobs::{self, Session};
use crate::leads::GroupLead;
use crate::model::{Scope, Zone};
use crate::signals::Outcome as Measure;
use crate::signals::context::CONTEXT;

/// List ranked leads, or ranked accounts.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt leads acme.stillhunt
  stillhunt leads acme.stillhunt --accounts --format csv > accounts.csv
  stillhunt leads acme.stillhunt --scope L-7f31ab > L-7f31ab.json")]
pub(super) struct LeadsArgs {
    /// The case's folder
    case: PathBuf,
    /// Accounts instead of groups
    #[arg(long)]
    accounts: bool,
    /// Format of the list
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write the scope of the lead with this id as JSON, for `tag --scope` and `exhibit --scope`
    #[arg(long, value_name = "ID", conflicts_with = "accounts")]
    scope: Option<String>,
}

pub(super) fn run(args: &LeadsArgs) -> anyhow::Result<Outcome> {
    let session = jobs::open_to_read(&args.case, &Terminal::new())?;
    super::say_if_unfinished(&session);
    if let Some(id) = &args.scope {
        let scope = find(&session, id)?.scope(&session.cache);
        output::print_json(&serde_json::to_value(scope)?)?;
        return Ok(Outcome::Done);
    }
    let table = if args.accounts { accounts(&session) } else { groups(&session, args.format) };
    output::print(&table, args.format)?;
    Ok(Outcome::Done)
}

/// Leads that an error lists.
const LISTED: usize = 10;

/// A lead by its id.
pub(super) fn find<'a>(session: &'a Session, id: &str) -> anyhow::Result<&'a GroupLead> {
    let groups = &session.leads.groups;
    groups.iter().find(|group| group.id.as_str() == id).ok_or_else(|| {
        let why = if id.parse::<u32>().is_ok() {
            format!("{id} is not a lead id. Ids stay the same in a new list, ranks do not")
        } else {
            format!("no lead of the present list has the id {id}")
        };
        wrong_use(format!("{why}. {}", ids(groups)))
    })
}

/// The first ids of a list, in words.
fn ids(groups: &[GroupLead]) -> String {
    let named: Vec<&str> = groups.iter().take(LISTED).map(|group| group.id.as_str()).collect();
    match groups.len() {
        0 => "The case has no leads on groups".to_owned(),
        all if all > LISTED => format!("The first of {all} leads: {}", named.join(", ")),
        _ => format!("The leads: {}", named.join(", ")),
    }
}

/// The scope of the first lead.
pub(super) fn first_scope(session: &Session) -> anyhow::Result<Scope> {
    let first = session.leads.groups.first().ok_or_else(|| wrong_use("the case has no leads on groups"))?;
    Ok(first.scope(&session.cache))
}

fn groups(session: &Session, format: Format) -> Table {
    let zone = Zone::utc();
    let row = |(rank, group): (usize, &GroupLead)| {
        let sentences = group.reasons.iter().map(|reason| &*reason.sentence);
        let reasons = match format {
            Format::Table => in_short(group),
            Format::Csv | Format::Json => sentences.collect::<Vec<_>>().join(" "),
        };
        vec![
            json!(group.id),
            json!(rank),
            json!(group.core.len()),
            json!(group.joined()),
            json!(group.z_score),
            json!(group.extraction_p),
            json!(group.q_value),
            json!(group.tested),
            json!(group.shares),
            json!(group.ranked_only),
            json!(group.common_control_bits),
            json!(group.common_control_p),
            json!(group.exchanges),
            json!(zone.format_exact(group.span.start)),
            json!(zone.format_exact(group.span.end)),
            json!(reasons),
        ]
    };
    Table {
        columns: vec![
            "lead",
            "rank",
            "core",
            "joined",
            "evidence",
            "p_value",
            "q_value",
            "tested",
            "shares",
            "ranked_only",
            "common_control_bits",
            "common_control_p",
            "exchanges",
            "first",
            "last",
            "reasons",
        ],
        rows: (1..).zip(&session.leads.groups).map(row).collect(),
    }
}

/// `coverage 99 of 100, dense sign-up p 0.001`: the strongest reasons on one line. The full sentences
/// are in the other formats and in the window.
fn in_short(group: &GroupLead) -> String {
    let reasons = group.key_reasons().map(|reason| match (reason.percentile, reason.p) {
        (Some(percentile), _) => format!("{} {percentile:.0} of 100", reason.title),
        (None, p) => format!("{} p {:.3}", reason.title, p.unwrap_or(1.0)),
    });
    reasons.collect::<Vec<_>>().join(", ")
}

fn accounts(session: &Session) -> Table {
    let leads = &session.leads;
    let mut columns = vec!["account_id", "rank", "score", "p_value", "campaign", "membership"];
    columns.extend(leads.signals.iter().map(|signal| signal.about.id));
    columns.extend(CONTEXT.iter().map(|context| context.about().id));
    columns.extend(["like_lead", "likeness", "member"]);
    let row = |lead: &crate::leads::AccountLead| {
        let id = |at: u32| leads.groups[at as usize].id.as_str();
        let mut row = vec![
            json!(session.cache.accounts()[lead.account as usize].id),
            json!(lead.rank),
            json!(lead.score),
            json!(lead.p_value),
            json!(lead.group.map(id)),
            json!(lead.membership),
        ];
        row.extend(leads.signals.iter().map(|signal| match &signal.outcomes[lead.account as usize] {
            Measure::Measured { value, .. } => json!(value),
            Measure::NotApplicable(_) => Value::Null,
        }));
        row.extend(CONTEXT.iter().zip(&leads.context).map(|(context, column)| {
            column.of(lead.account).map_or(Value::Null, |value| context.in_file(&session.cache, value))
        }));
        let is_core = |at: u32| leads.groups[at as usize].is_core(lead.account);
        row.push(json!(lead.nearest.map(|nearest| id(nearest.group))));
        row.push(json!(lead.nearest.map(|nearest| nearest.probability)));
        row.push(json!(lead.group.map(|at| if is_core(at) { "core" } else { "joined" })));
        row
    };
    Table { columns, rows: leads.accounts.iter().map(row).collect() }
}
