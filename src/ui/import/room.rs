//! Dialogs of a fixed size. Changes of their content do not move them, and a click outside does not close them.

use egui::{Context, Id, Modal, ModalResponse, Ui, Vec2, vec2};

/// Space between a dialog and the edges of the window, in points.
const EDGE: Vec2 = vec2(40.0, 36.0);

/// Shows a dialog as large as the window allows and at most as large as `most`.
pub fn fixed<T>(
    ctx: &Context,
    name: &str,
    most: Vec2,
    content: impl FnOnce(&mut Ui) -> T,
) -> ModalResponse<T> {
    let size = (ctx.content_rect().size() - EDGE).min(most).max(vec2(200.0, 160.0));
    // A dialog is centred by the size that it had in the last frame.
    let last = Id::unique((name, "last size"));
    if ctx.data(|data| data.get_temp::<Vec2>(last)) != Some(size) {
        ctx.data_mut(|data| data.insert_temp(last, size));
        ctx.request_repaint();
    }
    Modal::new(Id::unique(name)).show(ctx, |ui| {
        ui.set_min_size(size);
        ui.set_max_size(size);
        content(ui)
    })
}

/// True if Esc was pressed for this dialog: it is in front, and no list or menu is open in it.
pub fn escaped<T>(modal: &ModalResponse<T>, ctx: &Context) -> bool {
    modal.is_top_modal
        && !modal.any_popup_open
        && ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape))
}
