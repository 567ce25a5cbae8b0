//! Items that are recorded, one a line, each with a button that removes it.

use egui::{Role, Ui, WidgetInfo};

use crate::case::Action;
use crate::case::legal::{Document, LegalDecision};
use crate::ui::view::{Command, ViewContext};
use crate::ui::{theme, words};

/// Most characters of a line.
const LONGEST: usize = 400;

/// An item with what is said of it.
pub(super) struct Line {
    /// Its number.
    pub number: u64,
    /// Its main words; hostile characters are not yet made visible.
    pub said: String,
    /// Further words; hostile characters are not yet made visible.
    pub more: String,
}

/// Heading with the number of items, then a line each; `empty` where there are none.
pub(super) fn ui(ui: &mut Ui, cx: &ViewContext<'_>, title: &str, lines: Vec<Line>, empty: &str) {
    ui.add_space(theme::GAP);
    ui.strong(format!("{title} ({})", lines.len()));
    if lines.is_empty() {
        ui.weak(empty);
    }
    for line in lines {
        ui.horizontal_wrapped(|ui| {
            if !cx.read_only {
                remove(ui, cx, &line);
            }
            ui.label(words::line(&line.said, LONGEST));
            if !line.more.is_empty() {
                ui.weak(words::line(&line.more, LONGEST));
            }
        });
    }
}

fn remove(ui: &mut Ui, cx: &ViewContext<'_>, line: &Line) {
    let button = ui.small_button("×").on_hover_text("Remove; undo brings it back");
    let name = format!("Remove {}", words::line(&line.said, 80));
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if button.clicked() {
        record(cx, LegalDecision::Removed { number: line.number });
    }
}

/// Journals a decision.
pub(super) fn record(cx: &ViewContext<'_>, decision: LegalDecision) {
    cx.send(Command::Record(Action::Legal { legal: Box::new(decision) }));
}

/// Document in words; empty for none.
pub(super) fn document(document: Option<&Document>) -> String {
    document.map_or_else(String::new, |own| format!("document {}, SHA-256 {}", own.name, own.sha256.short()))
}
