//! The commands: one file each, the same core calls as the window.
//!
//! Progress goes to stderr, results to stdout. Exit code 0: done; 1: a check failed; 2: wrong
//! use; 3: an input or output failure. Every result can also be shown in the window.

mod account;
mod attach_timestamp;
mod clocks;
mod decision;
mod demo;
mod designate;
mod evaluate;
mod event;
mod exhibit;
mod export;
mod generate;
mod import;
mod incident;
mod journal;
mod key;
mod leads;
mod legal;
mod note;
mod outcome;
mod output;
mod person;
mod pivot;
mod power;
mod progress;
mod redact;
mod reproduce;
mod retire;
mod review;
mod scope;
mod search;
mod sources;
mod story;
mod tag;
mod undo;
mod verify;
mod weigh;
mod whatif;
mod zone;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use outcome::WindowOn;
use outcome::{Outcome, WrongUse, how_to_finish, read_scope, say_if_disclosed, say_if_unfinished, wrong_use};

/// A workbench for finding distillation campaigns in the logs of a model API. Without a command
/// it opens the window.
#[derive(Parser)]
#[command(name = "stillhunt", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Open(OpenArgs),
    Import(import::ImportArgs),
    Leads(leads::LeadsArgs),
    Account(account::AccountArgs),
    Pivot(pivot::PivotArgs),
    Search(search::SearchArgs),
    Tag(tag::TagArgs),
    Review(review::ReviewArgs),
    Weigh(weigh::WeighArgs),
    Note(note::NoteArgs),
    Story(story::StoryArgs),
    Event(event::EventArgs),
    Scope(scope::ScopeArgs),
    Zone(zone::ZoneArgs),
    Clocks(clocks::ClocksArgs),
    Sources(sources::SourcesArgs),
    Retire(retire::RetireArgs),
    Person(person::PersonArgs),
    Designate(designate::DesignateArgs),
    Incident(incident::IncidentArgs),
    Redact(redact::RedactArgs),
    Legal(legal::LegalArgs),
    Undo(undo::UndoArgs),
    Redo(undo::RedoArgs),
    Exhibit(exhibit::ExhibitArgs),
    Journal(journal::JournalArgs),
    Export(export::ExportArgs),
    Key(key::KeyArgs),
    Verify(verify::VerifyArgs),
    AttachTimestamp(attach_timestamp::AttachTimestampArgs),
    Reproduce(reproduce::ReproduceArgs),
    Generate(generate::GenerateArgs),
    Power(power::PowerArgs),
    Evaluate(evaluate::EvaluateArgs),
    Whatif(whatif::WhatifArgs),
}

/// Open the window on a case.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt open acme.stillhunt")]
struct OpenArgs {
    /// The case's folder
    case: PathBuf,
}

/// Next step of the process after the command.
pub enum NextStep {
    /// End of the process with this code.
    Exit(ExitCode),
    /// Opening of the window.
    Window(WindowOn),
}

/// Parses the process's arguments and carries out the command they name.
pub fn run() -> NextStep {
    let result = match Arguments::parse().command {
        None => Ok(Outcome::OpenWindow(WindowOn::Start)),
        Some(Command::Demo(args)) => demo::run(args),
        Some(Command::Open(args)) => Ok(Outcome::OpenWindow(WindowOn::Case(args.case))),
        Some(Command::Import(args)) => import::run(args),
        Some(Command::Leads(args)) => leads::run(&args),
        Some(Command::Account(args)) => account::run(&args),
        Some(Command::Pivot(args)) => pivot::run(&args),
        Some(Command::Search(args)) => search::run(&args),
        Some(Command::Tag(args)) => tag::run(&args),
        Some(Command::Review(args)) => review::run(&args),
        Some(Command::Weigh(args)) => weigh::run(&args),
        Some(Command::Note(args)) => note::run(&args),
        Some(Command::Story(args)) => story::run(&args),
        Some(Command::Event(args)) => event::run(&args),
        Some(Command::Scope(args)) => scope::run(&args),
        Some(Command::Zone(args)) => zone::run(&args),
        Some(Command::Clocks(args)) => clocks::run(&args),
        Some(Command::Sources(args)) => sources::run(&args),
        Some(Command::Retire(args)) => retire::run(&args),
        Some(Command::Person(args)) => person::run(&args),
        Some(Command::Designate(args)) => designate::run(&args),
        Some(Command::Incident(args)) => incident::run(&args),
        Some(Command::Redact(args)) => redact::run(&args),
        Some(Command::Legal(args)) => legal::run(&args),
        Some(Command::Undo(args)) => undo::undo(&args),
        Some(Command::Redo(args)) => undo::redo(&args),
        Some(Command::Exhibit(args)) => exhibit::run(&args),
        Some(Command::Journal(args)) => journal::run(&args),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Key(args)) => key::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::AttachTimestamp(args)) => attach_timestamp::run(&args),
        Some(Command::Reproduce(args)) => reproduce::run(&args),
        Some(Command::Generate(args)) => generate::run(&args),
        Some(Command::Evaluate(args)) => evaluate::run(&args),
        Some(Command::Power(args)) => power::run(&args),
        Some(Command::Whatif(args)) => whatif::run(&args),
    };
    match result {
        Ok(Outcome::Done) => NextStep::Exit(ExitCode::SUCCESS),
        Ok(Outcome::CheckFailed) => NextStep::Exit(ExitCode::from(1)),
        Ok(Outcome::OpenWindow(on)) => NextStep::Window(on),
        Err(error) if output::is_closed_pipe(&error) => NextStep::Exit(ExitCode::SUCCESS),
        Err(error) => {
            crate::jobs::log_failure("command", &error);
            eprintln!("stillhunt: {}", crate::model::visible(&format!("{error:#}")));
            NextStep::Exit(ExitCode::from(if error.is::<WrongUse>() { 2 } else { 3 }))
        }
    }
}
