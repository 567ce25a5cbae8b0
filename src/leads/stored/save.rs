//! Leads to tables.

use std::path::Path;

use super::cells::{integer, real, row_ids};
use super::tables::{NAMES, VERSION_COLUMNS, VERSIONS, table, versions};
use crate::cache::{AccountIndex, CacheError, Cell, LinkRow, write_links, write_rows, write_table};
use crate::leads::packed::pack;
use crate::leads::{AccountLead, GroupLead, Leads, Reason, SignalColumn};
use crate::signals::{Outcome, context};

/// Stores leads and links in a cache file, replacing earlier ones. If the process is killed meanwhile, the
/// cache holds no leads or the earlier ones.
///
/// # Errors
/// If the cache cannot be written.
pub fn save(cache_path: &Path, leads: &Leads, links: &[LinkRow]) -> Result<(), CacheError> {
    write_table(cache_path, VERSIONS, &table(&VERSION_COLUMNS, Vec::new()))?;
    write_links(cache_path, links)?;
    for name in NAMES {
        let (columns, rows) = rows(name, cache_path, leads)?;
        write_rows(cache_path, name, &columns, rows)?;
    }
    write_signals(cache_path, leads)?;
    write_table(cache_path, VERSIONS, &versions())
}

/// Columns and rows of one table of [`NAMES`]. Rows are made one at a time: of a million accounts they would
/// take gigabytes.
pub(super) type Rows<'a> = (Vec<&'static str>, Box<dyn Iterator<Item = Vec<Cell>> + 'a>);

pub(super) fn rows<'a>(name: &str, cache_path: &Path, leads: &'a Leads) -> Result<Rows<'a>, CacheError> {
    Ok(match name {
        "cohorts" => cohort_rows(leads),
        "account_leads" => account_rows(leads),
        "packed_signals" => packed_rows(cache_path, leads)?,
        "account_context" => context_rows(leads),
        "lead_events" => event_rows(leads),
        "lead_event_accounts" => event_account_rows(leads),
        "leads" => group_rows(leads),
        "lead_accounts" => member_rows(leads),
        _ => reason_rows(leads),
    })
}

fn cohort_rows(leads: &Leads) -> Rows<'_> {
    let rows = leads.cohorts.iter().enumerate().map(|(at, name)| vec![integer(at), name.as_str().into()]);
    (vec!["cohort", "name"], Box::new(rows))
}

fn context_rows(leads: &Leads) -> Rows<'_> {
    (context::table_columns(), Box::new(context::table_rows(&leads.context)))
}

fn account_rows(leads: &Leads) -> Rows<'_> {
    let row = |lead: &AccountLead| {
        vec![
            integer(lead.account),
            integer(lead.rank),
            Cell::Real(lead.score),
            real(lead.p_value),
            lead.group.map_or(Cell::Null, integer),
            real(lead.membership.map(f64::from)),
            lead.nearest.map_or(Cell::Null, |nearest| integer(nearest.group)),
            real(lead.nearest.map(|nearest| nearest.probability.into())),
            integer(lead.cohort),
        ]
    };
    (
        vec!["account", "rank", "score", "p_value", "lead", "membership", "like_lead", "likeness", "cohort"],
        Box::new(leads.accounts.iter().map(row)),
    )
}

/// Written row by row: a dozen rows an account are too many to hold in memory at once.
fn write_signals(cache_path: &Path, leads: &Leads) -> Result<(), CacheError> {
    let rows = leads.signals.iter().flat_map(|column| {
        column.outcomes.iter().enumerate().map(|(account, outcome)| {
            let (value, why, examples) = match outcome {
                Outcome::Measured { value, examples } => (Cell::Real(*value), Cell::Null, row_ids(examples)),
                Outcome::NotApplicable(why) => (Cell::Null, Cell::Text(why.to_string()), Cell::Null),
            };
            vec![
                column.about.id.into(),
                integer(account),
                value,
                real(column.percentile(account as AccountIndex).map(f64::from)),
                real(column.p(account as AccountIndex)),
                why,
                examples,
            ]
        })
    });
    let columns = ["signal", "account", "value", "percentile", "p_value", "why_not", "examples"];
    write_rows(cache_path, "account_signals", &columns, rows)
}

fn packed_rows(cache_path: &Path, leads: &Leads) -> Result<Rows<'static>, CacheError> {
    let row = |column: &SignalColumn| Ok(vec![column.about.id.into(), Cell::Blob(pack(cache_path, column)?)]);
    let rows: Vec<Vec<Cell>> = leads.signals.iter().map(row).collect::<Result<_, CacheError>>()?;
    Ok((vec!["signal", "data"], Box::new(rows.into_iter())))
}

fn group_rows(leads: &Leads) -> Rows<'_> {
    let row = |(at, group): (usize, &GroupLead)| {
        vec![
            integer(at),
            group.id.as_str().into(),
            Cell::Integer(group.exchanges as i64),
            Cell::Integer(group.span.start),
            Cell::Integer(group.span.end),
            Cell::Real(group.common_control_bits),
            real(group.extraction_p),
            real(group.q_value),
            Cell::Integer(group.ranked_only.into()),
            real(group.common_control_p),
            real(group.z_score),
            integer(group.tested),
            group.shares.as_str().into(),
        ]
    };
    (
        vec![
            "lead",
            "id",
            "exchanges",
            "span_start",
            "span_end",
            "common_control_bits",
            "extraction_p",
            "q_value",
            "ranked_only",
            "common_control_p",
            "z_score",
            "tested",
            "shares",
        ],
        Box::new(leads.groups.iter().enumerate().map(row)),
    )
}

/// All accounts outside by event and client family.
fn event_rows(leads: &Leads) -> Rows<'_> {
    let rows = leads.groups.iter().enumerate().flat_map(|(at, group)| {
        group.events.events.iter().flat_map(move |(event, outside)| {
            let row = move |(client, &(weight, happened)): (usize, &(f64, f64))| {
                vec![integer(at), (*event).into(), integer(client), Cell::Real(weight), Cell::Real(happened)]
            };
            outside.iter().enumerate().map(row)
        })
    });
    (vec!["lead", "event", "client", "weight", "happened"], Box::new(rows))
}

/// Accounts that events were counted on; outcomes are `1`, `0` and `-` for what the log cannot say.
fn event_account_rows(leads: &Leads) -> Rows<'_> {
    let outcome = |happened: &Option<bool>| happened.map_or('-', |happened| if happened { '1' } else { '0' });
    let rows = leads.groups.iter().enumerate().flat_map(move |(at, group)| {
        group.events.accounts.iter().map(move |own| {
            vec![
                integer(at),
                integer(own.account),
                Cell::Integer(own.in_community.into()),
                integer(own.unit),
                integer(own.client),
                Cell::Real(own.weight),
                Cell::Text(own.outcomes.iter().map(outcome).collect()),
            ]
        })
    });
    (vec!["lead", "account", "in_community", "unit", "client", "weight", "outcomes"], Box::new(rows))
}

fn member_rows(leads: &Leads) -> Rows<'_> {
    let rows = leads.groups.iter().enumerate();
    let rows = rows.flat_map(|(at, group)| {
        let core = |account| Cell::Integer(group.is_core(account).into());
        group.accounts.iter().map(move |&account| vec![integer(at), integer(account), core(account)])
    });
    (vec!["lead", "account", "is_core"], Box::new(rows))
}

fn reason_rows(leads: &Leads) -> Rows<'_> {
    let row = |at: usize, reason: &Reason| {
        vec![
            integer(at),
            reason.signal.as_ref().into(),
            reason.title.as_ref().into(),
            reason.sentence.as_ref().into(),
            real(reason.value),
            real(reason.percentile.map(f64::from)),
            real(reason.p),
            row_ids(&reason.examples),
            reason.benign.as_ref().into(),
            reason.tells_apart.as_ref().into(),
        ]
    };
    let rows = leads.groups.iter().enumerate();
    let rows = rows.flat_map(move |(at, group)| group.reasons.iter().map(move |reason| row(at, reason)));
    (
        vec![
            "lead",
            "signal",
            "title",
            "sentence",
            "value",
            "percentile",
            "p_value",
            "examples",
            "benign",
            "tells_apart",
        ],
        Box::new(rows),
    )
}
