//! A menu button whose menu stays open while its fields and boxes are clicked.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Context, Id, Popup, PopupCloseBehavior, Response, Ui};

/// Menu of the time zones.
pub const ZONE: &str = "time zone";
/// Menu that saves the chosen accounts.
pub const GROUP: &str = "Save as group…";
/// Menu that splits a saved group.
pub const SPLIT: &str = "Split off…";

/// Draws the button and, while it is open, the menu. A click outside, Esc or `ui.close()` closes it.
///
/// A menu has no dropdown: only one popup is open at a time, so a dropdown would close the menu.
pub fn ui(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) -> Response {
    named(ui, title, title, content)
}

/// The same under another name than its title, by which [`open`] finds it.
pub fn named(ui: &mut Ui, name: &str, title: &str, content: impl FnOnce(&mut Ui)) -> Response {
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new(title).config(config).ui(ui, content);
    let frame = ui.ctx().cumulative_frame_nr();
    let asked = ui.data_mut(|data| {
        data.insert_temp(drawn(name), frame);
        data.remove_temp::<bool>(asked(name)).is_some()
    });
    if asked {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
    }
    response
}

/// Opens a menu in the next frame that draws its button.
pub fn open(ctx: &Context, name: &str) {
    ctx.data_mut(|data| data.insert_temp(asked(name), true));
    ctx.request_repaint();
}

/// True if the button of a menu was drawn in this frame or the last.
pub fn is_drawn(ctx: &Context, name: &str) -> bool {
    let frame: Option<u64> = ctx.data(|data| data.get_temp(drawn(name)));
    frame.is_some_and(|frame| frame + 1 >= ctx.cumulative_frame_nr())
}

fn drawn(name: &str) -> Id {
    Id::unique(("menu drawn", name))
}

fn asked(name: &str) -> Id {
    Id::unique(("menu asked for", name))
}
