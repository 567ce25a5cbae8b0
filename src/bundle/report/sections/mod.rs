//! Sections of the report, in reading order.

mod alternatives;
mod custody;
mod declarations;
mod exchanges;
mod exhibits;
mod findings;
mod first_page;
mod legal;
mod limits;
mod method;
mod narrative;
mod parties;

pub(in crate::bundle) use declarations::files as certifications;
pub(super) use declarations::{TITLE as DECLARATIONS, write as declarations};
pub(in crate::bundle) use exchanges::PRINTED as PRINTED_CHARACTERS;
pub(super) use exchanges::{annex, records_sheet};
pub(super) use method::{GLOSSARY, METHOD, glossary, write as method};
pub(super) use narrative::{NARRATIVE, write as narrative};
pub(in crate::bundle) use narrative::{Story, StoryExhibit};

use super::document::{Block, CONTENTS, Document};
use super::draft::Draft;

/// Writes all sections.
pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    first_page::write(document, draft);
    document.blocks.push(Block::PageBreak);
    document.heading(2, CONTENTS);
    document.blocks.push(Block::Contents);
    document.blocks.push(Block::PageBreak);
    if let Some(story) = Story::of(draft) {
        narrative::write(document, &story);
    }
    parties::write(document, draft);
    method::write(document);
    findings::write(document, draft);
    alternatives::write(document, draft);
    legal::write(document, draft);
    limits::write(document, draft);
    exchanges::write(document, draft);
    custody::write(document, draft);
    method::glossary(document);
    document.blocks.push(Block::PageBreak);
    declarations::write(document, &draft.report.state.name, draft.report.profile, &draft.sheets);
    exhibits::write(document, draft);
}
