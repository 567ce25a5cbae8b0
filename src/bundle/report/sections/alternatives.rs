//! Benign explanations, and the schedule of exculpatory evidence.

use crate::bundle::relied::Relied;
use crate::bundle::report::document::{Block, Document, Kind, Sentence};
use crate::bundle::report::draft::{Draft, counted};
use crate::model::Tag;

const ALTERNATIVES: &str = "05_methods/alternatives.csv";

pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    document.heading(2, "Alternatives and exculpatory evidence");
    document.say([
        "The same benign explanations are listed for every lead, account and scope relied on.",
        "The figures come from the log. The verdict is the investigator's opinion, or states that none was given.",
    ]);
    for item in draft.report.relied {
        explanations(document, draft, item);
    }
    schedule(document, draft);
}

fn explanations(document: &mut Document, draft: &Draft<'_>, item: &Relied) {
    document.heading(3, format!("E{}: benign explanations", item.evidence));
    let sheet = draft.sheet(ALTERNATIVES);
    let evidence = format!("E{}", item.evidence);
    let rows: Vec<usize> =
        sheet.map(|sheet| sheet.rows_where("evidence", &evidence).collect()).unwrap_or_default();
    let mut weighed = Vec::new();
    for (at, explanation) in item.alternatives.iter().enumerate() {
        let cite = |text: String| match rows.get(at) {
            Some(&row) => Sentence::new(text).cite(ALTERNATIVES, row),
            None => Sentence::new(text),
        };
        let (verdict, speaks_for, against) = match &explanation.stated {
            None => ("not weighed by the investigator", String::new(), String::new()),
            Some(stated) => {
                (stated.verdict.in_words(), stated.evidence_for.clone(), stated.evidence_against.clone())
            }
        };
        weighed.push(vec![
            Sentence::fixed(explanation.explanation.clone()),
            cite(explanation.measured.clone()),
            Sentence::fixed(verdict),
            Sentence::new(speaks_for),
            Sentence::new(against),
        ]);
    }
    document.table(
        &["explanation", "measured on these accounts", "verdict (opinion)", "for", "against"],
        weighed,
    );
    for explanation in &item.alternatives {
        if let Some(lead) = &explanation.weighed_for {
            let text = format!("The explanation “{}” was weighed for lead {lead}.", explanation.explanation);
            document.paragraph(Kind::Item, [Sentence::fixed(text)]);
        }
        for other in &explanation.beside {
            let text = format!("Another verdict on “{}” does not count: {other}.", explanation.explanation);
            document.paragraph(Kind::Item, [Sentence::fixed(text)]);
        }
    }
}

fn schedule(document: &mut Document, draft: &Draft<'_>) {
    document.heading(3, "Schedule of exculpatory evidence");
    let marked: Vec<_> =
        draft.report.state.evidence.values().filter(|evidence| evidence.tag == Tag::Exculpatory).collect();
    if marked.is_empty() {
        document.say([
            "0 items of evidence have the tag exculpatory: the investigator recorded none.",
            "Tested figures that are as ordinary groups have them stand in Findings.",
        ]);
        return;
    }
    let count = counted(marked.len() as u64, "item speaks", "items speak");
    document.say([
        draft.figures(format!("{count} against the case."), [draft.facts.exculpatory.row]),
        "The reason of each is disclosed, although it is a note of the investigator.".into(),
    ]);
    let rows = marked.into_iter().map(|evidence| {
        let reason = if evidence.note.trim().is_empty() {
            Sentence::fixed("no reason was stated")
        } else {
            // Words of the investigator, not figures of the log.
            Sentence::fixed(evidence.note.clone())
        };
        vec![Sentence::fixed(format!("E{}", evidence.id)), super::exchanges::item(draft, evidence), reason]
    });
    document.table(&["no.", "item", "reason (opinion)"], rows);
    let Some(sheet) = draft.sheet(&draft.own.contested).filter(|sheet| !sheet.rows.is_empty()) else {
        document.say([
            "0 accounts relied on are named by exculpatory evidence, so all figures stay the same without them.",
        ]);
        return;
    };
    document.heading(3, format!("{}: figures with and without contested accounts", draft.own.contested));
    document.say([
        "Contested accounts are the accounts that exculpatory evidence names.",
        "The p-value of the whole lead is not computed again, because a lead without them would be another lead.",
    ]);
    let columns = ["evidence", "figure", "with all accounts", "without contested accounts"];
    document.blocks.push(Block::Table(sheet.printed(&columns, 200)));
}
