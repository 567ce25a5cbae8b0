//! Title line: name of the case, theme and zoom.

use crate::ui::view::{Command, ViewContext, WindowCommand};
use crate::ui::widgets::at_right;
use crate::ui::words;

/// Draws the line of an open case; true if `case_panel` was switched. In a narrow window the
/// case's name is cut short, and the buttons stay.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, case_panel: &mut bool) -> bool {
    ui.horizontal(|ui| {
        let switched = case(ui, cx, case_panel);
        at_right::ui(ui, "title", |ui| {
            history_buttons(ui, cx);
            if ui.button("Commands").on_hover_text("Ctrl+K").clicked() {
                cx.send(Command::Window(WindowCommand::Palette));
            }
            if let Some(command) = look_buttons(ui) {
                cx.send(Command::Window(command));
            }
        });
        switched
    })
    .inner
}

/// Room for the buttons at the right, in points; the case's name is cut before they are.
const BUTTONS: f32 = 320.0;

/// The menu and the name of the case; true if `case_panel` was switched.
fn case(ui: &mut egui::Ui, cx: &ViewContext<'_>, case_panel: &mut bool) -> bool {
    ui.menu_button("Stillhunt", |ui| {
        for (title, command) in [
            ("Add files to this case…", WindowCommand::AddFiles),
            ("Close the case", WindowCommand::CloseCase),
            ("Commands… (Ctrl+K)", WindowCommand::Palette),
            ("Shortcuts (F1)", WindowCommand::Shortcuts),
        ] {
            if ui.button(title).clicked() {
                cx.send(Command::Window(command));
                ui.close();
            }
        }
    });
    let hint = "Shows or hides the panel with snapshots, scopes, evidence and events";
    let switched = ui.toggle_value(case_panel, "Case").on_hover_text(hint).changed();
    let name = egui::RichText::new(words::line(&cx.state.name, 80)).strong();
    let room = (ui.available_width() - BUTTONS).max(40.0);
    ui.scope(|ui| {
        ui.set_max_width(room);
        ui.add(egui::Label::new(name).truncate());
    });
    if cx.read_only {
        ui.colored_label(ui.visuals().warn_fg_color, "read-only: another window writes this case");
    }
    switched
}

/// Theme and zoom; also on the start screen.
pub fn look_buttons(ui: &mut egui::Ui) -> Option<WindowCommand> {
    let dark = ui.visuals().dark_mode;
    let percent = (ui.ctx().zoom_factor() * 100.0).round();
    let mut chosen = None;
    let mut button = |ui: &mut egui::Ui, text: &str, hint: &str, command: WindowCommand| {
        if ui.button(text).on_hover_text(hint).clicked() {
            chosen = Some(command);
        }
    };
    button(ui, "−", "Zoom out (Ctrl+Minus)", WindowCommand::ZoomOut);
    button(ui, &format!("{percent} %"), "Reset zoom to 100 % (Ctrl+0)", WindowCommand::ZoomReset);
    button(ui, "+", "Zoom in (Ctrl+Plus)", WindowCommand::ZoomIn);
    button(
        ui,
        if dark { "Light" } else { "Dark" },
        "Switches between light and dark theme",
        WindowCommand::SwitchTheme,
    );
    chosen
}

/// Undo and redo buttons with the decision they concern.
fn history_buttons(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let steps = [
        ("Undo", "Ctrl+Z", &cx.state.undo, Command::Undo),
        ("Redo", "Ctrl+Shift+Z", &cx.state.redo, Command::Redo),
    ];
    for (name, keys, step, command) in steps {
        let button = egui::Button::new(name);
        let response = ui.add_enabled(step.is_some() && !cx.read_only, button);
        let response = match step {
            Some(step) => {
                response.on_hover_text(format!("{name}: {} ({keys})", words::line(&step.what, 120)))
            }
            None => response.on_disabled_hover_text(format!("Nothing to {}", name.to_lowercase())),
        };
        if response.clicked() {
            cx.send(command);
        }
    }
}
