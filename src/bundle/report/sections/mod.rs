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

pub(super) use exchanges::records_sheet;

use super::document::{Block, Document};
use super::draft::Draft;

/// Writes all sections.
pub(super) fn write(document: &mut Document, draft: &Draft<'_>) {
    first_page::write(document, draft);
    document.blocks.push(Block::PageBreak);
    document.heading(2, "Contents");
    document.blocks.push(Block::Contents);
    document.blocks.push(Block::PageBreak);
    narrative::write(document, draft);
    parties::write(document, draft);
    method::write(document);
    findings::write(document, draft);
    alternatives::write(document, draft);
    legal::write(document, draft);
    limits::write(document, draft);
    exchanges::write(document, draft);
    custody::write(document, draft);
    method::glossary(document);
    declarations::write(document, draft);
    exhibits::write(document, draft);
}
