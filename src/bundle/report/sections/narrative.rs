//! Narrative: the story of the investigator, labelled as opinion, with the exhibits that it refers to.

use crate::bundle::records::RECORDS;
use crate::bundle::report::document::{Block, Citation, Document, Kind, Sentence, anchor_of};
use crate::bundle::report::draft::Draft;
use crate::case::StoryPart;
use crate::model::markdown::{self, Cited, Reference, has_figure};

/// Note after a sentence with a number and without a reference.
const UNCITED: &str = " (no reference given)";

/// Writes the section, unless the case has no story.
pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    let story = &draft.report.state.story;
    if story.is_empty() {
        return;
    }
    document.heading(2, "Narrative");
    document.paragraph(
        Kind::Note,
        [
            "This section is the opinion of the investigator, in the investigator's words.",
            "The program has not checked it. References lead to the exhibits and records that it cites.",
        ],
    );
    for part in story {
        words(document, draft, part);
        figure(document, draft, part);
    }
}

fn words(document: &mut Document, draft: &Draft<'_>, part: &StoryPart) {
    for block in markdown::parse(&part.text) {
        match block {
            markdown::Block::Heading(parts) => {
                let cited = markdown::sentences(&parts);
                let title: Vec<&str> = cited.iter().map(|one| one.text.as_str()).collect();
                // A heading has no references: they follow it, and stand alone where it is made of them only.
                if !title.concat().trim().is_empty() {
                    document.heading(3, title.join(" "));
                }
                let references = cited.iter().filter(|one| !one.references.is_empty());
                let references =
                    references.map(|one| Cited { text: String::new(), references: one.references.clone() });
                document.say(references.map(|one| sentence(draft, &one)).collect::<Vec<_>>());
            }
            markdown::Block::Item(parts) => {
                document.paragraph(
                    Kind::Item,
                    markdown::sentences(&parts).iter().map(|one| sentence(draft, one)),
                );
            }
            markdown::Block::Paragraph(parts) => {
                document.say(markdown::sentences(&parts).iter().map(|one| sentence(draft, one)));
            }
        }
    }
}

/// A sentence with its references. A number without a reference gets a note.
fn sentence(draft: &Draft<'_>, cited: &Cited) -> Sentence {
    let mut text = cited.text.clone();
    let mut cites: Vec<Citation> = Vec::new();
    for reference in &cited.references {
        let found = resolve(draft, reference);
        if found.is_empty() {
            text.push_str(&format!(" ({} is not in this bundle)", reference.written()));
        }
        cites.extend(found);
    }
    cites.dedup();
    if cited.references.is_empty() && has_figure(&text) {
        text.push_str(UNCITED);
    }
    Sentence { text, cites, fixed: true }
}

/// Exhibits or record of a reference.
fn resolve(draft: &Draft<'_>, reference: &Reference) -> Vec<Citation> {
    let report = draft.report;
    let row = report.records.iter().position(|record| record.evidence.contains(&reference.evidence));
    if let Some(row) = row.filter(|_| reference.exhibit.is_none()) {
        return vec![Citation { sheet: RECORDS.to_owned(), row: Some(row + 1) }];
    }
    let wanted = |kind: &str| reference.exhibit.as_deref().is_none_or(|wanted| wanted == kind);
    let placed = report.exhibits.iter().filter(|placed| placed.evidence == reference.evidence);
    placed
        .filter(|placed| wanted(placed.exhibit.kind))
        .map(|placed| Citation { sheet: placed.number.clone(), row: None })
        .collect()
}

/// The exhibit under a part.
fn figure(document: &mut Document, draft: &Draft<'_>, part: &StoryPart) {
    let (Some(evidence), Some(kind)) = (part.evidence, part.exhibit.as_deref()) else { return };
    let exhibits = draft.report.exhibits.iter();
    let mut placed = exhibits.filter(|placed| placed.evidence == evidence && placed.exhibit.kind == kind);
    let Some(placed) = placed.next() else {
        let text = format!("Evidence E{evidence} has no exhibit {kind} in this bundle.");
        document.say([Sentence::fixed(text)]);
        return;
    };
    let caption =
        Sentence::fixed(format!("{} of E{evidence}.", placed.exhibit.title)).cite_all(&placed.number);
    match &placed.exhibit.figure {
        Some(svg) => document.blocks.push(Block::Figure {
            title: format!("{}: {}", placed.number, placed.exhibit.title),
            anchor: format!("{}-in-part-{}", anchor_of(&placed.number), part.id),
            svg: svg.clone(),
            caption: vec![caption],
        }),
        None => document.say([caption]),
    }
}
