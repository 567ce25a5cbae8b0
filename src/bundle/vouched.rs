//! Parts of a bundle of which only the signer vouches: nothing else in the bundle says the same, or gives it.
//!
//! `verify` prints the list, the README has it, and a test changes every column and every value: what is not found has
//! to be listed here.

use std::collections::BTreeSet;
use std::path::Path;

/// Columns of tables, or values of JSON files, that `verify` cannot make again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Files inside `data/`; `#` stands for a number.
    pub files: &'static str,
    /// Columns, or pointers of values with `#` for the places of a list; `*` for all.
    pub parts: &'static [&'static str],
    /// Reason.
    pub why: &'static str,
}

/// The list. `reproduce` makes again from the logs what only they show.
pub const VOUCHED: &[Vouched] = &[
    Vouched {
        files: "indicators.stix.json",
        parts: &["*"],
        why: "only the logs show the values that accounts share",
    },
    Vouched {
        files: "indicators_left_out.csv",
        parts: &["number"],
        why: "only case and logs show what was left out; the number of indicators is compared",
    },
    Vouched {
        files: "01_report/incident.csv",
        parts: &["value"],
        why: "statements of the organisation, and figures of the logs",
    },
    Vouched {
        files: "02_records/EX-#.parquet",
        parts: &["record_commitment", "columns that the mapping reads in another form than the log has"],
        why: "commitments to withheld content, which a salt opens; values whose source row is withheld or has another \
              form",
    },
    Vouched {
        files: "02_records/EX-#.source-#.parquet",
        parts: &["columns that the mapping reads in another form than the log has"],
        why: "values as the log has them; the others are compared with the records",
    },
    Vouched {
        files: "02_records/EX-#.source-#.schema.json",
        parts: &["/columns/#/name", "/columns/#/type", "/columns/#/withheld_in_rows"],
        why: "names and types of columns of the log that are withheld, and rows in which a value is",
    },
    Vouched {
        files: "03_exhibits/EX-#.csv",
        parts: &["count", "value", "measured", "in_words", "why not"],
        why: "request ids that several exchanges share, context figures, exchanges by attribute, links and sentences of \
              a dossier, and why a signal was not measured: only the logs show them",
    },
    Vouched {
        files: "04_summaries/underlying/E#.rows.parquet",
        parts: &["exchange", "ts", "topic", "model", "input_tokens", "output_tokens"],
        why: "only the logs show the rows; counts, first and last times and sums of them are compared",
    },
    Vouched {
        files: "04_summaries/underlying/signals.parquet",
        parts: &["*"],
        why: "only the logs show the values; p-values, z-scores and medians of leads are made again of them",
    },
    Vouched {
        files: "04_summaries/underlying/E#.attributes.csv",
        parts: &["account_id", "value", "accounts_with_value"],
        why: "only the logs show who has which value; shared values, links and explanations are made again of them",
    },
    Vouched {
        files: "04_summaries/underlying/E#.members.csv",
        parts: &["linked_bits", "linked_by"],
        why: "the weight of a link rests on accounts outside the lead, which only the logs show",
    },
    Vouched {
        files: "04_summaries/underlying/E#.tests.csv",
        parts: &["value"],
        why: "only the logs show the value and the draws of a measure of the group; p-values are made again of the draws",
    },
    Vouched {
        files: "04_summaries/underlying/E#.event_accounts.csv",
        parts: &[
            "part",
            "unit",
            "client",
            "weight",
            "A1 to A8",
            "days and exchanges of accounts that nobody relies on",
        ],
        why: "only the logs show them; the figures of events are made again of them, and what is relied on is compared",
    },
    Vouched {
        files: "04_summaries/underlying/E#.event_families.csv",
        parts: &["weight", "happened"],
        why: "sums over all other accounts; the figures of events are made again of them",
    },
    Vouched {
        files: "05_methods/alternatives.csv",
        parts: &["weighed_for", "not_counted"],
        why: "how a decision follows its lead rests on the names of accounts",
    },
    Vouched {
        files: "05_methods/error_rates.csv",
        parts: &["hits", "of", "statement"],
        why: "counts of controls in the order of all accounts; shares, intervals and words follow from them",
    },
    Vouched {
        files: "05_methods/power.csv",
        parts: &["accounts", "planted", "found", "found_and_corrected_p_at_most_0.05", "seed"],
        why: "campaigns planted into a copy of the case, which stillhunt power makes again",
    },
    Vouched {
        files: "06_custody/gaps.csv",
        parts: &["start", "end", "hours"],
        why: "only the logs show the hours without an exchange",
    },
    Vouched {
        files: "06_custody/import_reports.json",
        parts: &[
            "/reports/#/lost_signals/#/reason",
            "/reports/#/prompts_not_utf8",
            "/reports/#/left_out/#/name",
        ],
        why: "findings of the text pass after the import, and names of files that were left out, whose paths are withheld",
    },
    Vouched {
        files: "08_legal/after_revocation.csv",
        parts: &["rows of linked accounts that nobody relies on"],
        why: "their exchanges; those of accounts relied on are counted again",
    },
    Vouched {
        files: "08_legal/harm.csv",
        parts: &["rows after access was ended"],
        why: "their tokens; costs, sums and all use of the accounts relied on are made again",
    },
    Vouched {
        files: "08_legal/tos/acceptance_gaps.csv",
        parts: &["exchanges of accounts that are relied on by single exchanges alone"],
        why: "only the logs show all of them; those of other accounts, findings and records of acceptance are compared",
    },
    Vouched {
        files: "08_legal/redaction_log.csv",
        parts: &["commitment", "bytes", "made_by"],
        why: "commitments to withheld values and ranges of their length; a salt opens one, the journal's are compared",
    },
];

/// Entry on a part of a file inside `data/`.
pub fn vouched(file: &str, part: &str) -> Option<&'static Vouched> {
    // CSV beside Parquet has the same rows.
    let parquet = file.strip_suffix(".csv").map(|stem| format!("{stem}.parquet"));
    let is_file = |own: &Vouched| {
        [Some(file.to_owned()), parquet.clone()]
            .iter()
            .flatten()
            .any(|file| fits(own.files, &numbers_out(file)))
    };
    VOUCHED.iter().find(|own| is_file(own) && own.parts.iter().any(|known| *known == "*" || *known == part))
}

/// Entries on files that a bag has, in their order.
pub fn vouched_in(bag: &Path) -> Vec<&'static Vouched> {
    let mut names = BTreeSet::new();
    let mut open = vec![bag.join("data")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            } else if let Some(inside) = path.strip_prefix(bag.join("data")).ok().and_then(Path::to_str) {
                names.insert(numbers_out(inside));
            }
        }
    }
    VOUCHED.iter().filter(|own| names.contains(&numbers_out(own.files))).collect()
}

/// A name with `#` for each number.
fn numbers_out(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c.is_ascii_digit() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(c),
        }
    }
    out
}

fn fits(pattern: &str, name: &str) -> bool {
    numbers_out(pattern) == name
}

impl Vouched {
    /// `06_custody/gaps.csv: start, end (only the logs show it)`.
    pub fn in_words(&self) -> String {
        let parts = match self.parts {
            ["*"] => "all of it".to_owned(),
            parts => parts.join(", "),
        };
        format!("{}: {parts} ({})", self.files, self.why)
    }
}
