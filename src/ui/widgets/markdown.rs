//! Display of the investigator's Markdown. A reference is a link that selects its evidence.

use egui::RichText;

use crate::model::markdown::{Block, Inline, parse};
use crate::model::visible;
use crate::ui::view::{Command, Selected, ViewContext};

/// Draws a text.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, text: &str) {
    for block in parse(text) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let parts = match &block {
                Block::Heading(parts) | Block::Paragraph(parts) => parts,
                Block::Item(parts) => {
                    ui.label("   • ");
                    parts
                }
            };
            let is_heading = matches!(block, Block::Heading(_));
            for part in parts {
                inline(ui, cx, part, is_heading);
            }
        });
    }
}

fn inline(ui: &mut egui::Ui, cx: &ViewContext<'_>, part: &Inline, is_heading: bool) {
    let words = |text: &str| {
        let text = RichText::new(visible(text));
        if is_heading { text.strong().size(15.0) } else { text }
    };
    match part {
        Inline::Plain(text) => ui.label(words(text)),
        Inline::Strong(text) => ui.label(words(text).strong()),
        Inline::Emphasis(text) => ui.label(words(text).italics()),
        Inline::Code(text) => ui.label(words(text).code()),
        Inline::Reference(reference) => {
            let is_there = cx.state.evidence.contains_key(&reference.evidence);
            let link = ui
                .add_enabled(is_there, egui::Link::new(reference.written()))
                .on_disabled_hover_text("This evidence is not on the list.");
            if link.clicked() {
                cx.send(Command::Select(Selected::Evidence(reference.evidence)));
            }
            link
        }
    };
}
