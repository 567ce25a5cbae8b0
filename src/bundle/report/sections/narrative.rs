//! Narrative: the story of the investigator, labelled as opinion, with the exhibits that it refers to.

use crate::bundle::records::RECORDS;
use crate::bundle::report::document::{Block, Citation, Document, Kind, Sentence, anchor_of};
use crate::bundle::report::draft::Draft;
use crate::case::StoryPart;
use crate::model::markdown::{self, Cited, Reference, has_figure};

/// Words after a sentence that states a number and refers to nothing.
const UNCITED: &str = " (no reference given)";

/// Writes the section; none for a case without a story.
pub(super) fn write(document: &mut Document, made: &Draft<'_>) {
    let story = &made.report.state.story;
    if story.is_empty() {
        return;
    }
    document.heading(2, "Narrative");
    document.paragraph(
        Kind::Note,
        [
            "This section is the opinion of the investigator, in the investigator's words.",
            "The program has not checked it. References lead to the exhibits and records that it rests on.",
        ],
    );
    for part in story {
        words(document, made, part);
        figure(document, made, part);
    }
}

fn words(document: &mut Document, made: &Draft<'_>, part: &StoryPart) {
    for block in markdown::parse(&part.text) {
        match block {
            markdown::Block::Heading(parts) => {
                let title: Vec<String> =
                    markdown::sentences(&parts).into_iter().map(|cited| cited.text).collect();
                document.heading(3, title.join(" "));
            }
            markdown::Block::Item(parts) => {
                document
                    .paragraph(Kind::Item, markdown::sentences(&parts).iter().map(|one| sentence(made, one)));
            }
            markdown::Block::Paragraph(parts) => {
                document.say(markdown::sentences(&parts).iter().map(|one| sentence(made, one)));
            }
        }
    }
}

/// A sentence with its references. A number without one is said to have none.
fn sentence(made: &Draft<'_>, cited: &Cited) -> Sentence {
    let mut text = cited.text.clone();
    let mut cites: Vec<Citation> = Vec::new();
    for reference in &cited.references {
        let found = resolve(made, reference);
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

/// Exhibits or record that a reference means.
fn resolve(made: &Draft<'_>, reference: &Reference) -> Vec<Citation> {
    let report = made.report;
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
fn figure(document: &mut Document, made: &Draft<'_>, part: &StoryPart) {
    let (Some(evidence), Some(kind)) = (part.evidence, part.exhibit.as_deref()) else { return };
    let exhibits = made.report.exhibits.iter();
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
