//! The window: views over one scope, panels around them. Jobs compute its content; it never waits.

mod act_bar;
mod acts;
mod app;
mod arrangement;
mod begin;
mod board;
mod case_window;
mod compare;
mod dialogs;
mod exit;
mod group_bar;
mod history;
mod icon;
mod import;
mod journaled;
mod kept;
mod keyboard;
mod leaving;
mod looks;
mod marks;
mod opening;
mod overlay;
mod palette;
pub mod panels;
mod picked;
mod pivot;
mod reason;
mod recent;
mod regions;
mod report;
mod save_view;
mod scopes;
mod screen_picture;
mod scripts;
mod session;
mod shared_scope;
mod shortcuts;
mod signals;
mod snapshot_dialog;
mod start;
pub mod theme;
mod tiles;
mod toasts;
mod unsent;
mod view;
mod view_files;
mod views;
pub mod widgets;
mod window_title;
pub mod words;

use crate::model::visible;

pub use app::App;
pub use begin::Start;
pub use compare::Against;
pub use exit::Exit;
pub use view::{Command, PivotFrom, Selected, TextPass, View, ViewContext, WindowCommand};

/// The window could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The process has no display.
    #[error(
        "no display: neither WAYLAND_DISPLAY nor DISPLAY is set. Every task also has a command: see `stillhunt --help`"
    )]
    NoDisplay,
    /// Decisions that could not be written to the disk.
    #[error("{0}")]
    NotWritten(String),
    /// The desktop refused.
    #[error("the window could not be opened: {0}")]
    Refused(String),
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// No display, or a desktop that offers no window with OpenGL.
pub fn run(start: Start) -> Result<(), WindowError> {
    if cfg!(target_os = "linux") && !display_is_set() {
        return Err(WindowError::NoDisplay);
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Stillhunt")
            .with_app_id("stillhunt")
            .with_icon(icon::icon())
            // With its frame and a panel of the desktop it fits on a screen of 1280 by 800.
            .with_inner_size([1200.0, 700.0])
            .with_min_inner_size([720.0, 480.0])
            .with_drag_and_drop(true),
        ..Default::default()
    };
    let finish = FinishAtTheEnd(Exit::default());
    let exit = finish.0.clone();
    if let Err(error) = signals::close_on_signals(&exit) {
        eprintln!("stillhunt: a signal will end the program without waiting for pending writes: {error}");
    }
    let window = eframe::run_native(
        "stillhunt",
        options,
        Box::new(move |creation| Ok(Box::new(App::with_exit(&creation.egui_ctx, start, exit)))),
    );
    // The window is gone; its pending requests are written before the program ends.
    let failed: Vec<String> = finish.0.finish().iter().map(ToString::to_string).collect();
    window.map_err(|error| WindowError::Refused(error.to_string()))?;
    if failed.is_empty() {
        Ok(())
    } else {
        Err(WindowError::NotWritten(visible(&failed.join("; ")).into_owned()))
    }
}

/// Finishes pending writes when dropped, also after a panic of the window.
struct FinishAtTheEnd(Exit);

impl Drop for FinishAtTheEnd {
    fn drop(&mut self) {
        for failed in self.0.finish() {
            eprintln!("stillhunt: {}", visible(&failed.to_string()));
        }
    }
}

/// winit panics without a display, so it is looked for before.
fn display_is_set() -> bool {
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
