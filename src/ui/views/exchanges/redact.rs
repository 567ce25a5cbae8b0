//! Redaction by hand: words selected in the text of a marked exchange.

use std::ops::Range;

use crate::case::{Action, EvidenceSource, Redacted};
use crate::model::{Digest, ExchangeRef, visible};
use crate::snapshot::Column;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::words;

/// Words that are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The exchange.
    pub exchange: ExchangeRef,
    /// Prompt or response.
    pub column: Column,
    /// Characters of the text as logged.
    pub characters: Range<u64>,
    /// SHA-256 of that text.
    pub text_sha256: Digest,
    /// The words, hostile characters visible.
    pub words: String,
}

/// The bar above the text: the selection, a reason, and the redaction.
#[derive(Default)]
pub struct RedactBar {
    selection: Option<Selection>,
    reason: String,
}

impl RedactBar {
    /// Takes a selection in the place of the one before.
    pub fn select(&mut self, selection: Selection) {
        self.selection = Some(selection);
    }

    /// Forgets the selection.
    pub fn clear(&mut self) {
        self.selection = None;
    }

    /// The bar; nothing without a selection.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let Some(selection) = self.selection.clone() else { return };
        ui.horizontal_wrapped(|ui| {
            ui.label(format!("Selected: “{}”", words::line(&selection.words, 60)));
            let label = ui.label("Reason");
            let field = egui::TextEdit::singleline(&mut self.reason).desired_width(180.0);
            ui.add_enabled(!cx.read_only, field).labelled_by(label.id);
            let ready = !cx.read_only && !self.reason.trim().is_empty();
            let button = ui.add_enabled(ready, egui::Button::new("Redact in bundles"));
            let hint = "Leaves the words out at this place in bundles for readers outside.";
            if button.on_hover_text(hint).on_disabled_hover_text("Enter a reason first.").clicked() {
                let Selection { exchange, column, characters, text_sha256, .. } = selection;
                let (start, end) = (characters.start, characters.end);
                let what = Redacted::Span { exchange, column, start, end, text_sha256 };
                let (id, reason) = (cx.state.next_redaction(), self.reason.trim().to_owned());
                cx.send(Command::Record(Action::RedactionAdded { id, what, reason }));
                self.selection = None;
            }
            if ui.button("Cancel").clicked() {
                self.selection = None;
            }
        });
    }

    /// Reason typed and not sent.
    pub fn unsent(&self) -> Option<Unsent> {
        self.selection.as_ref().and_then(|_| Unsent::of("reason of a redaction", &self.reason))
    }
}

/// True if an exchange is marked as evidence, so that bundles may have its text.
pub fn is_marked(cx: &ViewContext<'_>, wanted: &ExchangeRef) -> bool {
    let mut evidence = cx.state.evidence.values();
    evidence.any(|own| matches!(&own.source, EvidenceSource::Exchange { exchange, .. } if exchange == wanted))
}

/// Characters of a text behind some characters of its visible form; an empty range for none.
pub fn as_logged(text: &str, shown: &Range<usize>) -> Range<u64> {
    let (mut at, mut found) = (0_usize, None::<Range<u64>>);
    for (number, c) in (0_u64..).zip(text.chars()) {
        let mut own = [0; 4];
        let length = visible(c.encode_utf8(&mut own)).chars().count();
        if at < shown.end && at + length > shown.start {
            found = Some(found.map_or(number, |range| range.start)..number + 1);
        }
        at += length;
        if at >= shown.end {
            break;
        }
    }
    found.unwrap_or(0..0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_covers_whole_characters_of_the_log() {
        let text = "é\u{202e}bc";
        let shown = visible(text).into_owned();
        assert_eq!(shown.chars().count(), 1 + 8 + 2);
        assert_eq!(as_logged(text, &(0..1)), 0..1);
        // A part of a code is the whole character.
        assert_eq!(as_logged(text, &(3..5)), 1..2);
        assert_eq!(as_logged(text, &(8..10)), 1..3);
        assert_eq!(as_logged(text, &(0..99)), 0..4);
        assert_eq!(as_logged(text, &(2..2)), 1..2);
        assert_eq!(as_logged("", &(0..5)), 0..0);
    }
}
