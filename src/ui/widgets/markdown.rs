//! Display of the investigator's Markdown. A reference is a link that selects its evidence.

use std::sync::Arc;

use egui::RichText;
use egui::cache::{ComputerMut, FrameCache};

use crate::model::markdown::{Block, Inline, parse};
use crate::model::visible;
use crate::ui::view::{Command, Selected, ViewContext};

/// Parses a text that the last frame did not draw.
#[derive(Default)]
struct Parser;

impl ComputerMut<&str, Arc<Vec<Block>>> for Parser {
    fn compute(&mut self, text: &str) -> Arc<Vec<Block>> {
        Arc::new(parse(text))
    }
}

/// Blocks of a text, parsed once for as long as it is on the screen.
fn blocks(ctx: &egui::Context, text: &str) -> Arc<Vec<Block>> {
    ctx.memory_mut(|memory| {
        Arc::clone(memory.caches.cache::<FrameCache<Arc<Vec<Block>>, Parser>>().get(text))
    })
}

/// Draws a text.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, text: &str) {
    for block in blocks(ui.ctx(), text).iter() {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let parts = match block {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_on_the_screen_is_parsed_once_and_a_changed_one_anew() {
        let mut drawn = Vec::new();
        let ctx = egui::Context::default();
        for text in ["one **two**", "one **two**", "one", "one"] {
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| drawn.push(blocks(ui.ctx(), text)));
            output.textures_delta.clear();
        }
        assert!(Arc::ptr_eq(&drawn[0], &drawn[1]) && Arc::ptr_eq(&drawn[2], &drawn[3]));
        assert_ne!(drawn[1], drawn[2]);
    }
}
