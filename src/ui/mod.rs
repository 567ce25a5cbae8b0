//! The window: views over one scope, panels around them. Asks jobs for everything it shows and
//! never waits; computes nothing itself.

mod app;
mod begin;
mod case_window;
mod dialogs;
mod history;
mod import;
mod looks;
mod moment;
mod opening;
mod overlay;
pub mod panels;
mod recent;
mod session;
mod shortcuts;
mod start;
pub mod theme;
mod tiles;
mod toasts;
mod view;
mod views;
pub mod widgets;
pub mod words;

pub use app::App;
pub use begin::Start;
pub use view::{Command, Selected, TextPass, View, ViewContext, WindowCommand};

/// The window could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// There is nothing to draw on.
    #[error(
        "there is no display to open a window on (neither WAYLAND_DISPLAY nor DISPLAY is set); every part of the work can also be done with commands: see `stillhunt --help`"
    )]
    NoDisplay,
    /// The desktop refused.
    #[error("the window could not be opened: {0}")]
    Refused(String),
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// Where there is no display, or the desktop cannot give a window with OpenGL.
pub fn run(start: Start) -> Result<(), WindowError> {
    if cfg!(target_os = "linux") && !display_is_set() {
        return Err(WindowError::NoDisplay);
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Stillhunt")
            .with_app_id("stillhunt")
            .with_inner_size([1280.0, 800.0])
            .with_min_inner_size([720.0, 480.0])
            .with_drag_and_drop(true),
        ..Default::default()
    };
    eframe::run_native(
        "stillhunt",
        options,
        Box::new(|creation| Ok(Box::new(App::new(&creation.egui_ctx, start)))),
    )
    .map_err(|error| WindowError::Refused(error.to_string()))
}

/// winit panics without a display, so it is looked for before.
fn display_is_set() -> bool {
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
