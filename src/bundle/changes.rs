//! `00_CHANGES.txt`: version of a bundle, and the journal entries since the previous version.

use super::Audience;
use super::journal_fields::table;
use crate::case::{Action, JournalLine, State};
use crate::model::visible;

/// Text of the file. `lines` is the journal as the audience may see it.
pub(super) fn changes(state: &State, lines: &[JournalLine], audience: Audience, version: u32) -> Vec<u8> {
    let mut text =
        format!("Version {version} of the {} bundle of this case.\n", audience.word().to_uppercase());
    let before = state.journal.iter().rev().find_map(|entry| match &entry.action {
        Action::Exported { audience: to, bag, manifest } if to == audience.word() => {
            Some((entry.seq, bag, manifest))
        }
        _ => None,
    });
    match before {
        None => text.push_str("It is the first that the journal names.\n"),
        Some((seq, bag, manifest)) => {
            text.push_str(&format!(
                "The version before is {} (journal entry {seq}), whose manifest-sha256.txt has SHA-256\n{manifest}.\n",
                visible(bag)
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
