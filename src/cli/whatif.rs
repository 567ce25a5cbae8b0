//! `stillhunt whatif`: a limit tried on the past.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::output::{self, Format, Table};
use super::progress::Terminal;
use super::{Outcome, leads, wrong_use};
use crate::evaluation::limit::{GRAMMAR, GroupTrial, Limit, LimitSummary, Trial, date, try_limit};
use crate::jobs::{self, Session};

/// Try a limit on the past: the day on which it catches each lead, and other accounts that it catches.
///
/// Without `--lead` the result has one row a lead, then the accounts in no lead. With it, one row a day on
/// which an account is caught.
#[derive(clap::Args)]
#[command(after_help = after_help())]
pub(super) struct WhatifArgs {
    /// The case's folder
    case: PathBuf,
    /// Rule of the limit: a TOML file, described below
    #[arg(long, value_name = "FILE")]
    rule: PathBuf,
    /// A lead, by its id: its accounts against all others, day by day
    #[arg(long, value_name = "ID")]
    lead: Option<String>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

fn after_help() -> String {
    format!(
        "A rule file is\n{GRAMMAR}\n\nExample, a rule in limit.toml: at least 500 exchanges in 7 days on at least 12 topics in 20 draws\n  \
         window_days = 7\n  [[condition]]\n  measure = \"exchanges\"\n  at_least = 500\n  [[condition]]\n  \
         measure = \"C2\"\n  at_least = 12\n\n  stillhunt whatif acme.stillhunt --rule limit.toml --lead L-7f31ab"
    )
}

pub(super) fn run(args: &WhatifArgs) -> anyhow::Result<Outcome> {
    let path = args.rule.display();
    let text = std::fs::read_to_string(&args.rule).with_context(|| path.to_string())?;
    let limit = Limit::from_toml(&text).map_err(|error| wrong_use(format!("{path}: {error}")))?;
    let watcher = Terminal::new();
    let session = jobs::open_to_read(&args.case, &watcher)?;
    let group = args.lead.as_deref().map(|id| leads::find(&session, id)).transpose()?;
    let trial = try_limit(&session.cache, &limit, &watcher)?
        .map_err(|error| wrong_use(format!("{path}: {error}")))?;
    drop(watcher);
    match group {
        Some(group) => {
            let summary = LimitSummary::new(&group.name(), &trial, &session.leads, &group.accounts);
            one_lead(args, &limit, &summary)
        }
        None => all_leads(args, &limit, &session, &trial),
    }?;
    Ok(Outcome::Done)
}

fn one_lead(args: &WhatifArgs, limit: &Limit, summary: &LimitSummary) -> anyhow::Result<()> {
    if args.json {
        let day = |day: &crate::evaluation::limit::DayOfTrial| json!({ "day": date(day.day), "lead_caught": day.group, "others_caught": day.others });
        return output::print_json(&json!({
            "rule": limit,
            "lead": args.lead,
            "group": of_group(&summary.group),
            "others": of_group(&summary.others),
            "others_caught_in_leads": summary.others_in_leads,
            "days": summary.days.iter().map(day).collect::<Vec<_>>(),
        }));
    }
    output::print_text(&format!("Limit: {}.\n{}\n\n", limit.in_words(), summary.sentences().join("\n")))?;
    let (group, others) = (summary.group.accounts, summary.others.accounts);
    let row = |day: &crate::evaluation::limit::DayOfTrial| {
        vec![
            json!(date(day.day)),
            json!(day.group),
            json!(share(day.group, group)),
            json!(day.others),
            json!(share(day.others, others)),
        ]
    };
    let table = Table {
        columns: vec!["day", "lead_caught", "lead_share", "others_caught", "others_share"],
        rows: summary.days.iter().map(row).collect(),
    };
    output::print(&table, Format::Table)
}

fn all_leads(args: &WhatifArgs, limit: &Limit, session: &Session, trial: &Trial) -> anyhow::Result<()> {
    let mut in_lead = vec![false; trial.caught.len()];
    let mut groups: Vec<(Value, GroupTrial)> = Vec::new();
    for lead in &session.leads.groups {
        lead.accounts.iter().for_each(|&account| in_lead[account as usize] = true);
        groups.push((json!(lead.id), trial.of(lead.accounts.iter().copied())));
    }
    let outside = (0..).zip(&in_lead).filter(|(_, in_lead)| !**in_lead).map(|(account, _)| account);
    groups.push((Value::Null, trial.of(outside)));
    if args.json {
        let object = |(lead, group): &(Value, GroupTrial)| {
            let mut object = of_group(group);
            object["lead"] = lead.clone();
            object
        };
        let groups: Vec<Value> = groups.iter().map(object).collect();
        return output::print_json(&json!({ "rule": limit, "groups": groups }));
    }
    output::print_text(&format!("Limit: {}.\n\n", limit.in_words()))?;
    let row = |(lead, group): &(Value, GroupTrial)| {
        vec![
            if lead.is_null() { json!("no lead") } else { lead.clone() },
            json!(group.accounts),
            json!(group.caught),
            json!(share(group.caught, group.accounts)),
            json!(group.not_testable),
            json!(group.first_day.map(date)),
            json!(group.half_day.map(date)),
            json!(group.exchanges),
            json!(group.exchanges_after),
        ]
    };
    let table = Table {
        columns: vec![
            "lead",
            "accounts",
            "caught",
            "share",
            "not_testable",
            "first_day",
            "half_by",
            "exchanges",
            "exchanges_after",
        ],
        rows: groups.iter().map(row).collect(),
    };
    output::print(&table, Format::Table)
}

fn of_group(group: &GroupTrial) -> Value {
    json!({
        "accounts": group.accounts,
        "caught": group.caught,
        "share": share(group.caught, group.accounts),
        "not_testable": group.not_testable,
        "first_day": group.first_day.map(date),
        "half_by": group.half_day.map(date),
        "exchanges": group.exchanges,
        "exchanges_after": group.exchanges_after,
    })
}

fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}
