//! Reasonable measures that kept information secret.

use egui::Ui;

use super::field::{button, choice, form, line, text, time};
use super::list::{self, Line};
use super::with_document::WithDocument;
use crate::case::legal::{LegalItem, Measure, MeasureKind};
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;

/// Draft of a measure.
pub(super) struct MeasureForm {
    kind: MeasureKind,
    since: String,
    text: String,
    document: WithDocument,
}

impl Default for MeasureForm {
    fn default() -> Self {
        let (since, text, document) = Default::default();
        Self { kind: MeasureKind::Limits, since, text, document }
    }
}

impl MeasureForm {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let lines = cx.state.legal.measures().map(|(number, measure)| Line {
            number,
            said: format!("{} since {}", measure.kind.word(), cx.zone.format_date(measure.since)),
            more: format!("{} {}", measure.text, list::document(measure.document.as_ref())),
        });
        let empty = "0 measures. Add each with its date and the document that shows it.";
        list::ui(ui, cx, "Reasonable measures", lines.collect(), empty);
        let kinds = MeasureKind::ALL.map(|kind| (kind, kind.word()));
        form(ui, "measure", |ui| {
            choice(ui, "Kind of measure", &kinds, &mut self.kind);
            line(ui, "In place since", "2025-11-01", &mut self.since);
            text(ui, "Description of the measure", "what it kept from whom", &mut self.text);
            self.document.ui(ui, cx);
        });
        let since = time(&self.since, cx);
        let missing = (since.is_none() || self.text.trim().is_empty())
            .then_some("Enter a date such as 2025-11-01 and a description.");
        if let (true, Some(since)) = (button(ui, cx, "Add measure", missing), since) {
            let measure =
                Measure { kind: self.kind, since, text: self.text.trim().to_owned(), document: None };
            self.document.record(cx, LegalItem::Measure(measure));
            [&mut self.since, &mut self.text].into_iter().for_each(String::clear);
        }
    }

    pub(super) fn poll(&mut self, cx: &ViewContext<'_>) {
        self.document.poll(cx);
    }

    pub(super) fn unsent(&self) -> Option<Unsent> {
        Unsent::of("measure", &format!("{} {}", self.since, self.text))
    }
}
