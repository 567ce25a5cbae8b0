//! Short messages in the lower right corner; a click removes one.

use egui::{Align2, Area, Frame, Id, Order, Role, WidgetInfo, vec2};

use crate::model::visible;

/// Seconds that a message stays; longer messages stay longer.
const SECONDS: f64 = 5.0;
/// Messages shown at once; older ones go first.
const SHOWN: usize = 5;

/// The messages.
#[derive(Default)]
pub struct Toasts {
    said: Vec<(String, Option<f64>)>,
}

impl Toasts {
    /// Shows a message.
    pub fn say(&mut self, text: String) {
        self.said.push((text, None));
        if self.said.len() > SHOWN {
            self.said.remove(0);
        }
    }

    /// Draws the messages.
    pub fn ui(&mut self, ctx: &egui::Context) {
        let now = ctx.input(|input| input.time);
        for (text, until) in &mut self.said {
            until.get_or_insert(now + SECONDS + text.len() as f64 / 20.0);
        }
        self.said.retain(|(_, until)| until.is_none_or(|until| until > now));
        let Some(next) = self.said.iter().filter_map(|(_, until)| *until).reduce(f64::min) else { return };
        ctx.request_repaint_after(std::time::Duration::from_secs_f64((next - now).max(0.05)));
        let mut clicked = None;
        let area = Area::new(Id::unique("toasts"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -36.0));
        area.show(ctx, |ui| {
            for (i, (text, _)) in self.said.iter().enumerate() {
                let frame = Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_max_width(420.0);
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
            self.said.remove(i);
        }
    }
}
