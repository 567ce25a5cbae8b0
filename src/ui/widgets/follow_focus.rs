//! Scrolling to the widget that Tab reaches.

use egui::{Align, Id, Ui};

use crate::ui::regions;

/// Scrolls the surrounding area to the widget that has just got the keyboard. Call at the end of the area's
/// content.
pub fn scroll(ui: &Ui) {
    // Reading a response in the frame of a click takes the keyboard from it.
    if ui.input(|input| input.pointer.any_click() || input.pointer.any_pressed()) {
        return;
    }
    let seen = ui.scope_id().with("focus seen");
    let focused = ui.memory(|memory| memory.focused());
    let before: Option<Option<Id>> = ui.data(|data| data.get_temp(seen));
    if before == Some(focused) {
        return;
    }
    ui.data_mut(|data| data.insert_temp(seen, focused));
    let Some(response) = focused.and_then(|id| ui.ctx().read_response(id)) else { return };
    let inside = response.layer_id == ui.layer_id() && ui.min_rect().contains_rect(response.rect);
    if inside && !ui.clip_rect().contains_rect(response.rect) {
        // What a region begins stands under it, so it goes to the top.
        let align = regions::is_region(response.id).then_some(Align::Min);
        ui.scroll_to_rect(response.rect, align);
    }
}
