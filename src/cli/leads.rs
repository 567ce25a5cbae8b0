//! `stillhunt leads`: ranked campaigns or accounts.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::output::{self, Format, Table};
use super::progress::Terminal;
use super::{Outcome, wrong_use};
use crate::jobs::{self, Session};
use crate::leads::CampaignLead;
use crate::model::{Scope, Zone};
use crate::signals::Outcome as Measure;
use crate::signals::context::CONTEXT;

/// List ranked campaigns, or ranked accounts.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt leads acme.stillhunt
  stillhunt leads acme.stillhunt --accounts --format csv > accounts.csv
  stillhunt leads acme.stillhunt --scope 1 > campaign-1.json")]
pub(super) struct LeadsArgs {
    /// The case's folder
    case: PathBuf,
    /// Accounts instead of campaigns
    #[arg(long)]
    accounts: bool,
    /// How the list is written
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write the scope of the campaign of this rank as JSON, for `tag --scope` and
    /// `exhibit --scope`
    #[arg(long, value_name = "RANK", conflicts_with = "accounts")]
    scope: Option<usize>,
}

pub(super) fn run(args: &LeadsArgs) -> anyhow::Result<Outcome> {
    let session = jobs::open_to_read(&args.case, &Terminal::new())?;
    super::say_if_unfinished(&session);
    if let Some(rank) = args.scope {
        output::print_json(&serde_json::to_value(campaign_scope(&session, rank)?)?)?;
        return Ok(Outcome::Done);
    }
    let table = if args.accounts { accounts(&session) } else { campaigns(&session, args.format) };
    output::print(&table, args.format)?;
    Ok(Outcome::Done)
}

/// The scope of a campaign by its rank, from 1.
pub(super) fn campaign_scope(session: &Session, rank: usize) -> anyhow::Result<Scope> {
    let campaigns = &session.leads.campaigns;
    let campaign = rank.checked_sub(1).and_then(|at| campaigns.get(at));
    let campaign = campaign.ok_or_else(|| {
        wrong_use(format!("there is no campaign {rank}; the case has {} leads on campaigns", campaigns.len()))
    })?;
    let ids = campaign.accounts.iter().map(|&at| session.cache.accounts()[at as usize].id.clone());
    Ok(Scope::default().with_accounts(&campaign.title, ids.collect()))
}

fn campaigns(session: &Session, format: Format) -> Table {
    let zone = Zone::utc();
    let row = |(rank, campaign): (usize, &CampaignLead)| {
        let sentences = campaign.reasons.iter().map(|reason| reason.sentence.as_str());
        let reasons = match format {
            Format::Table => in_short(campaign),
            Format::Csv | Format::Json => sentences.collect::<Vec<_>>().join(" "),
        };
        vec![
            json!(campaign.title),
            json!(rank),
            json!(campaign.accounts.len()),
            json!(campaign.exchanges),
            json!(zone.format_exact(campaign.span.start)),
            json!(zone.format_exact(campaign.span.end)),
            json!(campaign.common_control_bits),
            json!(campaign.extraction_p),
            json!(campaign.q_value),
            json!(campaign.ranked_only),
            json!(reasons),
            json!(campaign.common_control_p),
        ]
    };
    Table {
        columns: vec![
            "campaign",
            "rank",
            "accounts",
            "exchanges",
            "first",
            "last",
            "common_control_bits",
            "extraction_p",
            "q_value",
            "ranked_only",
            "reasons",
            "common_control_p",
        ],
        rows: (1..).zip(&session.leads.campaigns).map(row).collect(),
    }
}

/// `coverage 99 of 100, dense sign-up p 0.001`: what tells, for a line on a terminal. The sentences stand
/// in the other formats and in the window.
fn in_short(campaign: &CampaignLead) -> String {
    let told = campaign.telling().map(|reason| match (reason.percentile, reason.p) {
        (Some(percentile), _) => format!("{} {percentile:.0} of 100", reason.title),
        (None, p) => format!("{} p {:.3}", reason.title, p.unwrap_or(1.0)),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn accounts(session: &Session) -> Table {
    let leads = &session.leads;
    let mut columns = vec!["account_id", "rank", "score", "p_value", "q_value", "campaign"];
    columns.extend(leads.signals.iter().map(|signal| signal.about.id));
    columns.extend(CONTEXT.iter().map(|context| context.about().id));
    columns.extend(["like_campaign", "likeness"]);
    let row = |lead: &crate::leads::AccountLead| {
        let title = |at: u32| leads.campaigns[at as usize].title.as_str();
        let mut row = vec![
            json!(session.cache.accounts()[lead.account as usize].id),
            json!(lead.rank),
            json!(lead.score),
            json!(lead.p_value),
            json!(lead.q_value),
            json!(lead.campaign.map(title)),
        ];
        row.extend(leads.signals.iter().map(|signal| match &signal.outcomes[lead.account as usize] {
            Measure::Measured { value, .. } => json!(value),
            Measure::NotApplicable(_) => Value::Null,
        }));
        row.extend(CONTEXT.iter().zip(&leads.context).map(|(context, column)| {
            column.of(lead.account).map_or(Value::Null, |value| context.in_file(&session.cache, value))
        }));
        row.push(json!(lead.like.map(|like| title(like.campaign))));
        row.push(json!(lead.like.map(|like| like.likeness)));
        row
    };
    Table { columns, rows: leads.accounts.iter().map(row).collect() }
}
