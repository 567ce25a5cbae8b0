//! Narrative: the story of the investigator, labelled as opinion, with the exhibits that it refers to.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::records::RECORDS;
use crate::bundle::report::document::{Block, Citation, Document, Kind, Sentence, anchor_of};
use crate::bundle::report::draft::Draft;
use crate::case::StoryPart;
use crate::model::markdown::{self, Cited, Reference, has_figure};

/// Title of the section.
pub(in super::super) const NARRATIVE: &str = "Narrative";
/// Note after a sentence with a number and without a reference.
const UNCITED: &str = " (no reference given)";

/// The story of a case, with what its references lead to.
pub(in crate::bundle) struct Story<'a> {
    /// Its parts, in order.
    pub parts: &'a [StoryPart],
    /// Row of the record of each piece of evidence that is an exchange.
    pub records: BTreeMap<u64, usize>,
    /// First mark of each repeated mark of the same source and tag, which has the exhibits.
    pub repeats: BTreeMap<u64, u64>,
    /// Exhibits of the other evidence, in order.
    pub exhibits: Vec<StoryExhibit>,
}

/// Exhibit that the story may refer to or show.
pub(in crate::bundle) struct StoryExhibit {
    /// `EX-0002`.
    pub number: String,
    /// The evidence that it was made from.
    pub evidence: u64,
    /// Its kind.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its figure; `None` for a table alone.
    pub figure: Option<Vec<u8>>,
}

impl<'a> Story<'a> {
    /// The story of a draft; `None` for a case without one.
    pub(super) fn of(draft: &Draft<'a>) -> Option<Self> {
        let report = draft.report;
        let parts = report.state.story.as_slice();
        let rows = report.records.iter().zip(1..);
        let records = rows.flat_map(|(record, row)| record.evidence.iter().map(move |id| (*id, row)));
        let exhibits = report.exhibits.iter().map(|placed| StoryExhibit {
            number: placed.number.clone(),
            evidence: placed.evidence,
            kind: placed.exhibit.kind.to_owned(),
            title: placed.exhibit.title.to_owned(),
            figure: placed.exhibit.figure.clone(),
        });
        (!parts.is_empty()).then(|| Self {
            parts,
            records: records.collect(),
            repeats: report.state.repeats(),
            exhibits: exhibits.collect(),
        })
    }

    /// Number of the evidence that has the exhibits of a mark.
    fn first_mark(&self, evidence: u64) -> u64 {
        self.repeats.get(&evidence).copied().unwrap_or(evidence)
    }
}

/// Writes the section.
pub(in super::super) fn write(document: &mut Document, story: &Story<'_>) {
    document.heading(2, NARRATIVE);
    document.paragraph(
        Kind::Note,
        [
            "This section is the opinion of the investigator, in the investigator's words.",
            "The program has not checked it. References lead to the exhibits and records that it cites.",
        ],
    );
    for part in story.parts {
        words(document, story, part);
        figure(document, story, part);
    }
}

fn words(document: &mut Document, story: &Story<'_>, part: &StoryPart) {
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
                document.say(references.map(|one| sentence(story, &one)).collect::<Vec<_>>());
            }
            markdown::Block::Item(parts) => {
                document.paragraph(
                    Kind::Item,
                    markdown::sentences(&parts).iter().map(|one| sentence(story, one)),
                );
            }
            markdown::Block::Paragraph(parts) => {
                document.say(markdown::sentences(&parts).iter().map(|one| sentence(story, one)));
            }
        }
    }
}

/// A sentence with its references. A number without a reference gets a note.
fn sentence(story: &Story<'_>, cited: &Cited) -> Sentence {
    let mut text = cited.text.clone();
    let mut cites: Vec<Citation> = Vec::new();
    for reference in &cited.references {
        let found = resolve(story, reference);
        if found.is_empty() {
            text.push_str(&format!(" ({} is not in this bundle)", reference.written()));
        }
        cites.extend(found);
    }
    let mut seen = BTreeSet::new();
    cites.retain(|cite| seen.insert(cite.clone()));
    if cited.references.is_empty() && has_figure(&text) {
        text.push_str(UNCITED);
    }
    Sentence { text, cites, fixed: true }
}

/// Exhibits or record of a reference.
fn resolve(story: &Story<'_>, reference: &Reference) -> Vec<Citation> {
    let row = story.records.get(&reference.evidence).filter(|_| reference.exhibit.is_none());
    if let Some(&row) = row {
        return vec![Citation { sheet: RECORDS.to_owned(), row: Some(row) }];
    }
    let is_wanted = |kind: &str| reference.exhibit.as_deref().is_none_or(|wanted| wanted == kind);
    let of_evidence =
        story.exhibits.iter().filter(|own| own.evidence == story.first_mark(reference.evidence));
    of_evidence
        .filter(|own| is_wanted(&own.kind))
        .map(|own| Citation { sheet: own.number.clone(), row: None })
        .collect()
}

/// The exhibit under a part.
fn figure(document: &mut Document, story: &Story<'_>, part: &StoryPart) {
    let (Some(evidence), Some(kind)) = (part.evidence, part.exhibit.as_deref()) else { return };
    let mut exhibits =
        story.exhibits.iter().filter(|own| own.evidence == story.first_mark(evidence) && own.kind == kind);
    let Some(own) = exhibits.next() else {
        let text = format!("Evidence E{evidence} has no exhibit {kind} in this bundle.");
        document.say([Sentence::fixed(text)]);
        return;
    };
    let caption = Sentence::fixed(format!("{} of E{evidence}.", own.title)).cite_all(&own.number);
    match &own.figure {
        Some(svg) => document.blocks.push(Block::Figure {
            title: format!("{}: {}", own.number, own.title),
            anchor: format!("{}-in-part-{}", anchor_of(&own.number), part.id),
            svg: svg.clone(),
            caption: vec![caption],
        }),
        None => document.say([caption]),
    }
}
