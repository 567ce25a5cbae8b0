//! `stillhunt weigh`: a benign explanation of a lead, for and against.

use std::path::PathBuf;

use super::progress::Terminal;
use super::{Outcome, account, decision, leads, wrong_use};
use crate::bundle::explanations;
use crate::case::{Access, Action, Alternative, Subject, Verdict};
use crate::jobs;
use crate::model::AccountId;

/// Weigh a benign explanation of a lead, an account or a scope marked as evidence.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt weigh acme.stillhunt --lead L-7f31ab --explanation reseller \\
    --against \"38 cards, one harness\" --verdict ruled-out")]
#[command(group = clap::ArgGroup::new("subject").required(true))]
pub(super) struct WeighArgs {
    /// The case's folder
    case: PathBuf,
    /// A lead, by its id
    #[arg(long, group = "subject", value_name = "ID")]
    lead: Option<String>,
    /// An account, by its id
    #[arg(long, group = "subject", value_name = "ID")]
    account: Option<String>,
    /// An account or a scope marked as evidence, by the evidence's number
    #[arg(long, group = "subject", value_name = "NUMBER")]
    evidence: Option<u64>,
    /// The explanation: reseller, "shared NAT", "evaluation vendor", university, "batch customer", or the lead's own
    #[arg(long)]
    explanation: String,
    /// Evidence for the explanation
    #[arg(long = "for", value_name = "TEXT", default_value = "")]
    evidence_for: String,
    /// Evidence against the explanation
    #[arg(long = "against", value_name = "TEXT", default_value = "")]
    evidence_against: String,
    /// Your verdict
    #[arg(long, value_enum)]
    verdict: VerdictArg,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum VerdictArg {
    /// The evidence rules it out
    RuledOut,
    /// It is possible and not ruled out
    Open,
    /// It explains the lead
    Explains,
}

impl From<VerdictArg> for Verdict {
    fn from(verdict: VerdictArg) -> Self {
        match verdict {
            VerdictArg::RuledOut => Self::RuledOut,
            VerdictArg::Open => Self::Open,
            VerdictArg::Explains => Self::Explains,
        }
    }
}

pub(super) fn run(args: &WeighArgs) -> anyhow::Result<Outcome> {
    if args.evidence_for.trim().is_empty() && args.evidence_against.trim().is_empty() {
        return Err(wrong_use("give evidence for it (--for) or against it (--against)"));
    }
    let watcher = Terminal::new();
    let mut session = jobs::open(&args.case, Access::Write, &watcher)?;
    drop(watcher);
    let subject = if let Some(lead) = &args.lead {
        Subject::Lead { lead: leads::find(&session, lead)?.reference(&session.cache) }
    } else if let Some(id) = &args.account {
        account::find(&session, id)?;
        Subject::Account { account: AccountId::from(id.as_str()) }
    } else {
        let id = args.evidence.unwrap_or_default();
        let evidence = session.case.state().evidence.get(&id);
        let evidence = evidence.ok_or_else(|| wrong_use(format!("there is no evidence number {id}")))?;
        evidence.source.subject(id).ok_or_else(|| {
            wrong_use(format!("evidence {id} is an exchange; leads, accounts and scopes have explanations"))
        })?
    };
    let group = match &args.lead {
        Some(lead) => Some(leads::find(&session, lead)?),
        None => None,
    };
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], " ");
    let known = explanations(group);
    let wanted = plain(&args.explanation);
    let explanation = known
        .iter()
        .find(|known| plain(known) == wanted)
        .ok_or_else(|| wrong_use(format!("“{}” is not one of {}", args.explanation, known.join(", "))))?;
    let alternative = Alternative {
        evidence_for: args.evidence_for.clone(),
        evidence_against: args.evidence_against.clone(),
        verdict: args.verdict.into(),
        ..Alternative::new(subject, explanation)
    };
    decision::decide(&mut session.case, Action::AlternativeWeighed { alternative }, args.json)
}
