//! `stillhunt designate`: confidentiality of a class of files in bundles.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Outcome, decision};
use crate::bundle::{CLASSES, Designation};
use crate::case::Action;

/// Set the confidentiality of a class of files. Bundles state it in 08_legal/designations.csv.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt designate acme.stillhunt exhibits attorneys-eyes-only")]
pub(super) struct DesignateArgs {
    /// The case's folder
    case: PathBuf,
    /// Class: methods, report, records, exhibits, underlying, custody, legal, names
    class: Class,
    /// Designation
    designation: Word,
    /// Write the entry as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Class {
    /// Definitions, and figures of leads
    Methods,
    /// Report
    Report,
    /// Records as the log has them, on paper and in the load file too
    Records,
    /// Exhibits and summaries
    Exhibits,
    /// Single rows of the log behind exhibits, and accounts that nobody relies on
    Underlying,
    /// Sources, journal and provenance
    Custody,
    /// Legal elements, the secret among them
    Legal,
    /// Names behind pseudonyms
    Names,
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    /// No restriction
    Public,
    /// For the parties and the court
    Confidential,
    /// For outside counsel and experts alone
    AttorneysEyesOnly,
}

pub(super) fn run(args: &DesignateArgs) -> anyhow::Result<Outcome> {
    let (key, ..) = CLASSES[args.class as usize];
    let value = match args.designation {
        Word::Public => Designation::Public,
        Word::Confidential => Designation::Confidential,
        Word::AttorneysEyesOnly => Designation::AttorneysEyesOnly,
    };
    let action = Action::SettingChanged { key: key.to_owned(), value: value.word().to_owned() };
    decision::decide(&mut decision::open(&args.case)?, action, args.json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_bundles_in_their_order() {
        for (class, (key, ..)) in Class::value_variants().iter().zip(CLASSES) {
            let word = class.to_possible_value();
            assert_eq!(Some(key), word.map(|word| format!("designation.{}", word.get_name())).as_deref());
        }
    }
}
