//! A menu button whose menu stays open while its fields and boxes are clicked.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{PopupCloseBehavior, Response, Ui};

/// Draws the button and, while it is open, the menu. A click outside, Esc or `ui.close()` closes it.
///
/// A menu has no dropdown: only one popup is open at a time, so a dropdown would close the menu.
pub fn ui(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) -> Response {
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new(title).config(config).ui(ui, content);
    response
}
