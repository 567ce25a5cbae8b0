//! How someone likes the window: light or dark, and how large. Kept beside the recent cases.

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
    /// As the window looks now.
    pub fn of(ctx: &egui::Context) -> Self {
        Self { dark: ctx.theme() == egui::Theme::Dark, zoom: ctx.zoom_factor() }
    }

    /// Larger by so much, or smaller where negative, within [`theme::ZOOM`].
    pub fn larger(self, by: f32) -> Self {
        // Tenths, so that steps there and back meet again.
        let zoom = ((self.zoom + by) * 10.0).round() / 10.0;
        Self { zoom: zoom.clamp(*theme::ZOOM.start(), *theme::ZOOM.end()), ..self }
    }

    /// At 100 %.
    pub fn at_full_size(self) -> Self {
        Self { zoom: 1.0, ..self }
    }

    /// Light where it was dark, and the other way round.
    pub fn other_theme(self) -> Self {
        Self { dark: !self.dark, ..self }
    }

    /// Has the window look so.
    pub fn apply(self, ctx: &egui::Context) {
        ctx.set_theme(if self.dark { egui::Theme::Dark } else { egui::Theme::Light });
        ctx.set_zoom_factor(self.zoom.clamp(*theme::ZOOM.start(), *theme::ZOOM.end()));
    }

    /// What was kept; `None` where nothing was or it cannot be read, which is no error.
    pub fn read(file: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }

    /// Keeps it, whole or not at all.
    ///
    /// # Errors
    /// Where the folder cannot be made or written.
    pub fn write(self, file: &Path) -> io::Result<()> {
        recent::write_whole(file, &self)
    }
}

/// Where it is kept; `None` where there is neither `XDG_CONFIG_HOME` nor a home.
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
