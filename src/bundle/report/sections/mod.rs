//! Sections of the report, in reading order; one file a section.

mod alternatives;
mod custody;
mod declarations;
mod exchanges;
mod exhibits;
mod findings;
mod first_page;
mod limits;
mod method;
mod narrative;
mod parties;

pub(super) use exchanges::records_sheet;

use super::document::{Block, Document};
use super::draft::Draft;

/// Writes all sections.
pub(super) fn write(document: &mut Document, made: &Draft<'_>) {
    first_page::write(document, made);
    document.blocks.push(Block::PageBreak);
    document.heading(2, "Contents");
    document.blocks.push(Block::Contents);
    document.blocks.push(Block::PageBreak);
    narrative::write(document, made);
    parties::write(document, made);
    method::write(document);
    findings::write(document, made);
    alternatives::write(document, made);
    limits::write(document, made);
    exchanges::write(document, made);
    custody::write(document, made);
    method::glossary(document);
    declarations::write(document, made);
    exhibits::write(document, made);
}
