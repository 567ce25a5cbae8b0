//! Legal frame: elements with what supports each, terms, acceptance, notices, measures, prices, losses, and what
//! is computed of them.

mod acceptance;
mod computed;
mod elements;
mod field;
mod list;
mod measures;
mod money;
mod notices;
mod terms;
mod with_document;

use super::super::view::{View, ViewContext};
use crate::ui::theme;
use crate::ui::unsent::Unsent;
use crate::ui::widgets::follow_focus;

/// Part of the frame that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Elements,
    Terms,
    Acceptance,
    Notices,
    Measures,
    Money,
    Computed,
}

impl Part {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Elements, "Elements"),
        (Self::Terms, "Terms"),
        (Self::Acceptance, "Acceptance"),
        (Self::Notices, "Notices"),
        (Self::Measures, "Measures"),
        (Self::Money, "Prices and losses"),
        (Self::Computed, "Gaps and harm"),
    ];
}

/// The view.
#[derive(Default)]
pub struct LegalView {
    part: Part,
    elements: elements::Elements,
    terms: terms::Terms,
    acceptance: acceptance::AcceptanceForm,
    notices: notices::NoticeForm,
    measures: measures::MeasureForm,
    money: money::Money,
    computed: computed::Computed,
}

impl View for LegalView {
    fn id(&self) -> &'static str {
        "legal"
    }

    fn title(&self) -> &'static str {
        "Legal frame"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            for (part, title) in Part::ALL {
                ui.radio_value(&mut self.part, part, title);
            }
        });
        ui.separator();
        egui::ScrollArea::vertical().id_salt("legal").auto_shrink(false).show(ui, |ui| {
            match self.part {
                Part::Elements => self.elements.ui(ui, cx),
                Part::Terms => self.terms.ui(ui, cx),
                Part::Acceptance => self.acceptance.ui(ui, cx),
                Part::Notices => self.notices.ui(ui, cx),
                Part::Measures => self.measures.ui(ui, cx),
                Part::Money => self.money.ui(ui, cx),
                Part::Computed => self.computed.ui(ui, cx),
            }
            ui.add_space(theme::GROUP_GAP);
            follow_focus::scroll(ui);
        });
        // Files that are read in the background belong to a part that may no longer be shown.
        self.acceptance.poll(cx);
        self.terms.poll(cx);
        self.notices.poll(cx);
        self.measures.poll(cx);
        self.money.poll(cx);
    }

    fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let mut all = self.elements.unsent(cx);
        all.extend(self.terms.unsent());
        all.extend(self.notices.unsent());
        all.extend(self.measures.unsent());
        all.extend(self.money.unsent());
        all
    }
}
