//! Parties, accounts and times.

use crate::bundle::report::document::{Block, Document, Kind, Sentence};
use crate::bundle::report::draft::Draft;
use crate::bundle::report::sheets::Sheet;
use crate::model::format_count;

/// Maximum number of printed rows of long tables; the CSV has all rows.
const PRINTED: usize = 60;

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let (report, own) = (draft.report, &draft.own);
    document.heading(2, "Parties and accounts");
    document.say([
        "The provider of the model kept the log.",
        "The other side is the users of the accounts below. This report does not identify them.",
        "An account is the unit of this case, as the log names it.",
    ]);
    evidence(document, draft);
    if let Some(sheet) = draft.sheet(&own.accounts) {
        let all = sheet.rows.len();
        document.heading(3, format!("{}: accounts relied on", own.accounts));
        let mut words: Vec<Sentence> = vec![
            "Core members formed a lead. Joined members were added to it by their membership probability."
                .into(),
            "Membership is the probability by which an account belongs to its lead.".into(),
            "In events: counted in the events of its lead, compared with the accounts counted, or neither."
                .into(),
            "An account is contested if exculpatory evidence names it.".into(),
        ];
        if all > PRINTED {
            words.push(
                Sentence::fixed(format!(
                    "The first {PRINTED} of {} rows are printed.",
                    format_count(all as u64)
                ))
                .cite_all(&own.accounts),
            );
        }
        document.say(words);
        // A page is as wide as eight columns of words; the file has all.
        let columns =
            ["account", "evidence", "role", "membership", "in_events", "first", "exchanges", "contested"];
        document.blocks.push(Block::Table(sheet.printed(&columns, PRINTED)));
    }
    document.heading(2, "Times");
    if let Some([first, last]) = draft.facts.span {
        let text = format!(
            "The accounts relied on were in use from {} to {}.",
            report.zone.format(first.t),
            report.zone.format(last.t)
        );
        document.say([
            draft.figures(text, [first.row, last.row]),
            Sentence::fixed(format!(
                "Times are in {}, except where a column or a sentence names UTC.",
                report.zone.name()
            )),
        ]);
    }
    if let Some(sheet) = draft.sheet(&own.times) {
        document.paragraph(Kind::Note, implausible(draft, sheet));
        document.say([Sentence::fixed(format!("{}: times of the case.", own.times))]);
        document.blocks.push(Block::Table(sheet.printed(&["time", "event", "about", "source"], 200)));
    }
}

/// Times that cannot be right: after this export, and of a notice before any account relied on was made or used.
fn implausible(draft: &Draft<'_>, sheet: &Sheet) -> Vec<Sentence> {
    let exported = draft.report.zone.format(draft.report.exported);
    let accounts = &draft.report.relied;
    let accounts = accounts.iter().flat_map(|item| &item.accounts);
    let accounts = accounts.map(|&at| &draft.report.cache.accounts()[at as usize]);
    let start =
        accounts.map(|account| account.created.map_or(account.first, |own| own.min(account.first))).min();
    let start = start.map(|start| draft.report.zone.format(start));
    let found = sheet.rows.iter().zip(1..).filter_map(|(row, at)| {
        let [time, event, ..] = row.as_slice() else { return None };
        // Times of one zone ascend with their texts.
        let text = if *time > exported {
            format!("Dated after this export: {event}.")
        } else if event.starts_with("notice N") && start.as_ref().is_some_and(|start| time < start) {
            format!("Dated before any account relied on was made or used: {event}.")
        } else {
            return None;
        };
        Some(Sentence::new(text).cite(&draft.own.times, at))
    });
    found.collect()
}

/// All evidence, by number.
fn evidence(document: &mut Document, draft: &Draft<'_>) {
    document.heading(3, "Evidence");
    document.say([
        "Items of evidence are numbered E1, E2 and so on; exhibits are numbered EX-0001, EX-0002 and so on.",
    ]);
    let (all, repeats) = (&draft.report.state.evidence, draft.report.state.repeats());
    let rows = all.values().filter(|evidence| !repeats.contains_key(&evidence.id)).map(|evidence| {
        let item = super::exchanges::item(draft, evidence);
        let others = repeats.iter().filter(|(_, first)| **first == evidence.id);
        let numbers: Vec<String> = std::iter::once(&evidence.id)
            .chain(others.map(|(id, _)| id))
            .map(|id| format!("E{id}"))
            .collect();
        vec![Sentence::fixed(numbers.join(", ")), Sentence::fixed(evidence.tag.to_string()), item]
    });
    document.table(&["no.", "tag", "item"], rows);
}
