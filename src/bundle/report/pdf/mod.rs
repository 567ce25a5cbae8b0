//! `report.pdf`: the document as PDF/A-2u, with bundled fonts and vector figures.

mod draw;
mod figure;
mod fonts;
mod layout;
mod table;
mod text;

use fonts::Fonts;
use text::Setter;

use super::document::Document;
use crate::bundle::BundleError;

/// The document as PDF, and its number of pages. The same document gives the same bytes.
///
/// # Errors
/// A bundled font that cannot be read, or a document that breaks a rule of PDF/A.
pub(super) fn write(document: &Document) -> Result<(Vec<u8>, usize), BundleError> {
    let mut setter = Setter::new(Fonts::load()?);
    let pages = layout::pages(document, &mut setter);
    Ok((draw::write(document, &pages, &mut setter)?, pages.pages.len()))
}
