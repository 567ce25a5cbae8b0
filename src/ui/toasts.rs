//! Short messages in the lower right corner, over the end of the inspector and not over a view; a click removes one.

use egui::{Align2, Area, Frame, Id, Order, Role, WidgetInfo, vec2};

use crate::model::visible;
use crate::ui::words;

/// Seconds that a message stays; longer messages stay longer.
const SECONDS: f64 = 5.0;
/// Width of a message, in points: that of the inspector.
const WIDTH: f32 = 250.0;
/// Maximum number of messages; the oldest is removed first.
const MAX_MESSAGES: usize = 3;

/// Maximum number of characters of a word: an id of hundreds would hide what to do next.
const MAX_WORD: usize = 48;

/// The messages.
#[derive(Default)]
pub struct Toasts {
    messages: Vec<(String, Option<f64>)>,
}

impl Toasts {
    /// Shows a message.
    pub fn show(&mut self, text: String) {
        self.messages.push((shortened(&text), None));
        if self.messages.len() > MAX_MESSAGES {
            self.messages.remove(0);
        }
    }

    /// Draws the messages.
    pub fn ui(&mut self, ctx: &egui::Context) {
        let now = ctx.input(|input| input.time);
        for (text, until) in &mut self.messages {
            until.get_or_insert(now + SECONDS + text.len() as f64 / 20.0);
        }
        self.messages.retain(|(_, until)| until.is_none_or(|until| until > now));
        let Some(next) = self.messages.iter().filter_map(|(_, until)| *until).reduce(f64::min) else {
            return;
        };
        ctx.request_repaint_after(std::time::Duration::from_secs_f64((next - now).max(0.05)));
        let mut clicked = None;
        let area = Area::new(Id::unique("toasts"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -36.0));
        area.show(ctx, |ui| {
            for (i, (text, _)) in self.messages.iter().enumerate() {
                let frame = Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_max_width(WIDTH);
                    ui.add(egui::Label::new(visible(text)).wrap().sense(egui::Sense::click()))
                });
                let response = frame.inner;
                response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, visible(text)));
                if response.clicked() {
                    clicked = Some(i);
                }
            }
        });
        if let Some(i) = clicked {
            self.messages.remove(i);
        }
    }
}

/// The text with long words cut in the middle, hostile characters visible.
fn shortened(text: &str) -> String {
    text.split(' ').map(|word| words::middle(word, MAX_WORD)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_leaves_room_for_the_advice() {
        let said = shortened(&format!("{}: not marked. Remove it first.", "a".repeat(200)));
        assert!(said.chars().count() < 90 && said.ends_with(": not marked. Remove it first."), "{said}");
        assert_eq!(shortened("2 leads: taken up"), "2 leads: taken up");
    }
}
