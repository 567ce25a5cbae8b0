//! `stillhunt legal`: the legal frame of a case. One function a sub-command.

mod element;
mod items;
mod kind;
mod notice;
mod recording;
mod show;

use std::path::PathBuf;

use clap::Subcommand;

use super::{Outcome, decision};

/// Record the legal frame: terms and clauses, acceptance, notices, measures, prices, losses, elements.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt legal acme.stillhunt terms --version 2026-01 --from 2026-01-15
  stillhunt legal acme.stillhunt clause --version 2026-01 --clause 4.2 --text \"No training of models.\"
  stillhunt legal acme.stillhunt accept --file acceptance.csv
  stillhunt legal acme.stillhunt notice --kind revocation --at \"2026-05-20 09:00\" --lead L-7f31ab --text \"Access ends.\"
  stillhunt legal acme.stillhunt element contract.breach --state \"Answers were collected for training.\" --evidence 1,2
  stillhunt legal acme.stillhunt show")]
pub(super) struct LegalArgs {
    /// The case's folder
    case: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Terms(items::TermsArgs),
    Clause(items::ClauseArgs),
    Breach(items::BreachArgs),
    Accept(items::AcceptArgs),
    Notice(notice::NoticeArgs),
    Measure(items::MeasureArgs),
    Price(items::PriceArgs),
    Loss(items::LossArgs),
    Element(element::ElementArgs),
    Remove(element::RemoveArgs),
    Show(show::ShowArgs),
}

pub(super) fn run(args: &LegalArgs) -> anyhow::Result<Outcome> {
    let open = || decision::open(&args.case);
    match &args.what {
        What::Terms(what) => items::terms(&mut open()?, what),
        What::Clause(what) => items::clause(&mut open()?, what),
        What::Breach(what) => items::breach(&mut open()?, what),
        What::Accept(what) => items::accept(&args.case, what),
        What::Notice(what) => notice::notice(&args.case, what),
        What::Measure(what) => items::measure(&mut open()?, what),
        What::Price(what) => items::price(&mut open()?, what),
        What::Loss(what) => items::loss(&mut open()?, what),
        What::Element(what) => element::element(&mut open()?, what),
        What::Remove(what) => element::remove(&mut open()?, what),
        What::Show(what) => show::show(&args.case, what),
    }
}
