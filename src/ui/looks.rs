//! Appearance of the window: theme and zoom. Stored beside the list of recent cases.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{recent, theme};

/// Theme and zoom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    dark: bool,
    zoom: f32,
}

impl Looks {
    /// Present appearance of the window.
    pub fn of(ctx: &egui::Context) -> Self {
        Self { dark: ctx.theme() == egui::Theme::Dark, zoom: ctx.zoom_factor() }
    }

    /// Appearance with the zoom changed by `by`, within [`theme::ZOOM`].
    pub fn larger(self, by: f32) -> Self {
        // Tenths, so that steps there and back meet again.
        let zoom = ((self.zoom + by) * 10.0).round() / 10.0;
        Self { zoom: zoom.clamp(*theme::ZOOM.start(), *theme::ZOOM.end()), ..self }
    }

    /// Appearance at 100 %.
    pub fn at_full_size(self) -> Self {
        Self { zoom: 1.0, ..self }
    }

    /// Appearance with the other theme.
    pub fn other_theme(self) -> Self {
        Self { dark: !self.dark, ..self }
    }

    /// Applies theme and zoom to the window.
    pub fn apply(self, ctx: &egui::Context) {
        ctx.set_theme(if self.dark { egui::Theme::Dark } else { egui::Theme::Light });
        ctx.set_zoom_factor(self.zoom.clamp(*theme::ZOOM.start(), *theme::ZOOM.end()));
    }

    /// Stored appearance; `None` if the file is missing or unreadable, which is no error.
    pub fn read(file: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }

    /// Stores the appearance, whole or not at all.
    ///
    /// # Errors
    /// A folder that cannot be made or written.
    pub fn write(self, file: &Path) -> io::Result<()> {
        recent::write_whole(file, &self)
    }
}

/// Path of the file; `None` if there is neither `XDG_CONFIG_HOME` nor a home.
pub fn file(settings: Option<&Path>) -> Option<PathBuf> {
    Some(recent::folder(settings)?.join("looks.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_survive_the_disk_and_nonsense_is_no_looks() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("deep").join("looks.json");
        let looks = Looks { dark: false, zoom: 1.5 };
        looks.write(&file).unwrap();
        assert_eq!(Looks::read(&file), Some(looks));
        std::fs::write(&file, b"{}").unwrap();
        assert_eq!(Looks::read(&file), None);
    }
}
