//! Custody: sources, statements, the journal, the signer, and the checklist.

use std::collections::BTreeSet;

use crate::bundle::custody::setting;
use crate::bundle::report::document::{Block, Document, Kind, Sentence};
use crate::bundle::report::draft::{Draft, counted};
use crate::case::{CLOCK_STATEMENT, SOURCES_KEPT};
use crate::exhibit::versions;
use crate::model::{Zone, format_count};

const SOURCES: &str = "06_custody/sources.csv";
const CLOCKS: &str = "06_custody/clocks.csv";
/// Maximum number of printed log files; the table has all files.
const PRINTED: usize = 100;

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let report = draft.report;
    document.heading(2, "Custody");
    document.say([
        "The log files were hashed at import and again before this export. The program never changes them.",
    ]);
    let files: Vec<_> = report.state.every_snapshot().flat_map(|snapshot| &snapshot.files).collect();
    if files.len() > PRINTED {
        let text = format!("The first {PRINTED} of {} files are printed.", format_count(files.len() as u64));
        document.say([Sentence::fixed(text).cite_all(SOURCES)]);
    }
    if let Some(sheet) = draft.sheet(SOURCES) {
        document.blocks.push(Block::Table(sheet.printed(&["file", "bytes", "sha256"], PRINTED)));
    }
    document.say([zones(files.iter().map(|file| file.recorded_zone.as_deref()).collect())]);
    for retired in &report.state.retired {
        let text = format!("Snapshot {} was retired: {}.", retired.snapshot.sha256, retired.reason);
        document.say([Sentence::fixed(text)]);
    }
    // Statements of the investigator, not figures of the log.
    let clocks =
        format!("Statement on the clocks of the sources: {}.", setting(report.state, CLOCK_STATEMENT));
    let keeping = format!("Statement on how the logs were kept: {}.", setting(report.state, SOURCES_KEPT));
    document.say([Sentence::fixed(clocks), Sentence::fixed(keeping)]);
    if let Some(point) = report.checkpoint {
        let withheld = report.withheld_entries as u64;
        // Figures of the checkpoint, which the bundle signs, and of the redaction log.
        document.say([
            Sentence::fixed(format!(
                "The journal before this export has {}; the last is dated {} UTC.",
                counted(point.count, "entry", "entries"),
                Zone::utc().format(point.ts)
            )),
            Sentence::fixed(format!("Its SHA-256 is {}.", point.head)),
            Sentence::fixed(format!(
                "{} withheld fields. The journal has the hashes of these fields, so its chain can be checked without them.",
                counted(withheld, "entry has", "entries have")
            )),
        ]);
    }
    document.say([
        Sentence::fixed(format!("The bundle is signed with the key {}.", report.fingerprint)),
        "Compare this fingerprint with the one that the sender gives you by another channel.".into(),
    ]);
    document.paragraph(Kind::Item, [Sentence::fixed(format!("Versions: {}", versions()))]);
    document
        .say(["The commit and the SHA-256 of the program's binary stand in 05_methods/environment.json."]);
    document.heading(3, format!("{}: checklist of this export", draft.own.checklist));
    if let Some(sheet) = draft.sheet(&draft.own.checklist) {
        document.blocks.push(Block::Table(sheet.printed(&["requirement", "state", "finding"], 100)));
    }
}

/// Time zones that the files record.
fn zones(recorded: BTreeSet<Option<&str>>) -> Sentence {
    let mut recorded = recorded.into_iter();
    match (recorded.next().flatten(), recorded.next()) {
        (_, Some(_)) => Sentence::new("The files record several time zones.").cite_all(CLOCKS),
        (Some(zone), None) => Sentence::fixed(format!("Time zone recorded in every file: {zone}.")),
        (None, None) => "The files record no time zone; their times were taken as UTC.".into(),
    }
}
