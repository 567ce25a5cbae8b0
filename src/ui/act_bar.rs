//! Buttons of acts, each with its key.

use egui::{Button, RichText, Ui, WidgetInfo};

use super::acts::Act;
use super::view::{Command, ViewContext};

/// Draws acts on the selection, in the order given.
pub fn ui(ui: &mut Ui, cx: &ViewContext<'_>, acts: impl Iterator<Item = Act>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        acts.for_each(|act| button(ui, cx, act, act.commands(cx)));
    });
}

/// Draws the button of an act that sends these commands, or says why there are none.
pub fn button(ui: &mut Ui, cx: &ViewContext<'_>, act: Act, commands: Result<Vec<Command>, &'static str>) {
    let about = act.about();
    let key = about.key.map_or_else(String::new, |key| key.name().to_owned());
    let face = Button::new((about.title, RichText::new(&key).weak().small()));
    let response = ui.add_enabled(commands.is_ok(), face);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, commands.is_ok(), about.title));
    let hint = if key.is_empty() { about.hint.to_owned() } else { format!("{} (key {key})", about.hint) };
    let response = response.on_hover_text(hint);
    match commands {
        Ok(commands) if response.clicked() => commands.into_iter().for_each(|command| cx.send(command)),
        Ok(_) => {}
        Err(why) => drop(response.on_disabled_hover_text(why)),
    }
}
