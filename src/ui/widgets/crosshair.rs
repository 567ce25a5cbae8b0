//! Time under the pointer, shared by all charts over time.

use egui::{Context, Id, Stroke, Ui};

use super::time_axis::TimeAxis;
use crate::model::Micros;

fn id() -> Id {
    Id::unique("moment under the pointer")
}

/// Sets the time under the pointer in this frame.
pub fn set(ctx: &Context, t: Micros) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(id(), (pass, t)));
}

/// Time under the pointer in this frame or the one before.
pub fn get(ctx: &Context) -> Option<Micros> {
    let (pass, t): (u64, Micros) = ctx.data(|data| data.get_temp(id()))?;
    (ctx.cumulative_pass_nr() <= pass + 1).then_some(t)
}

/// Draws the time on an axis.
pub fn paint(ui: &Ui, axis: &TimeAxis) {
    if let Some(t) = get(ui.ctx()).filter(|t| axis.span.contains(*t)) {
        let stroke = Stroke::new(1.0, ui.visuals().weak_text_color());
        ui.painter().vline(axis.x(t), axis.rect.y_range(), stroke);
    }
}
