//! `00_CHANGES.txt`: version of a bundle, and the journal entries since the previous version.

use super::Audience;
use super::journal_fields::{shown_values, table};
use crate::case::JournalLine;
use crate::model::visible;

/// Text of the file. `lines` is the journal as the audience may see it; `verify` makes the text again of them.
pub(super) fn changes_of(lines: &[JournalLine], audience: Audience, version: u32) -> Vec<u8> {
    let mut text =
        format!("Version {version} of the {} bundle of this case.\n", audience.word().to_uppercase());
    let before = lines.iter().rev().find_map(|line| {
        let shown = shown_values(line).0;
        let value = |pointer: &str| {
            let found = shown.iter().find(|(own, _)| own == pointer);
            found.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
        };
        let is_own = value("/action") == "exported" && value("/audience") == audience.word();
        is_own.then(|| (line.seq, value("/bag"), value("/manifest")))
    });
    match before {
        None => text.push_str("It is the first that the journal names.\n"),
        Some((seq, bag, manifest)) => {
            text.push_str(&format!(
                "The version before is {} (journal entry {seq}), whose manifest-sha256.txt has SHA-256\n{manifest}.\n",
                visible(&bag)
            ));
            let since: Vec<&JournalLine> = lines.iter().filter(|line| line.seq > seq).collect();
            text.push_str(&format!("Journal entries since then: {}.\n", since.len()));
            if audience.has_records() {
                let table = table(since.into_iter().cloned()).to_csv();
                text.push_str(&String::from_utf8_lossy(&table));
            }
        }
    }
    text.push_str("A file differs from the version before if its SHA-256 in manifest-sha256.txt differs.\n");
    text.into_bytes()
}
