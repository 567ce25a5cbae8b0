//! Notice of the scripts in the log that no font of this machine can draw.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use egui::FontId;

use super::view::ViewContext;

/// Scripts with their code points, of which one font rarely has several.
const SCRIPTS: [(&str, RangeInclusive<u32>); 16] = [
    ("Hebrew", 0x0590..=0x05ff),
    ("Arabic", 0x0600..=0x06ff),
    ("Devanagari", 0x0900..=0x097f),
    ("Bengali", 0x0980..=0x09ff),
    ("Gurmukhi", 0x0a00..=0x0a7f),
    ("Gujarati", 0x0a80..=0x0aff),
    ("Tamil", 0x0b80..=0x0bff),
    ("Telugu", 0x0c00..=0x0c7f),
    ("Kannada", 0x0c80..=0x0cff),
    ("Malayalam", 0x0d00..=0x0d7f),
    ("Thai", 0x0e00..=0x0e7f),
    ("Georgian", 0x10a0..=0x10ff),
    ("Ethiopic", 0x1200..=0x137f),
    ("Japanese kana", 0x3040..=0x30ff),
    ("Chinese characters", 0x4e00..=0x9fff),
    ("Hangul", 0xac00..=0xd7af),
];

/// Scripts of the topics that cannot be drawn, searched once per cache.
#[derive(Default)]
pub struct Scripts {
    of: Option<u64>,
    missing: BTreeSet<&'static str>,
}

impl Scripts {
    /// Draws the notice where a script has no font.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.look(ui.ctx(), cx);
        if self.missing.is_empty() {
            return;
        }
        let names: Vec<&str> = self.missing.iter().copied().collect();
        ui.separator();
        ui.colored_label(ui.visuals().warn_fg_color, format!("No font for {}", names.join(", "))).on_hover_text(
            "Text in this script shows as boxes. Install a font that has it, such as Noto Sans, and start again.",
        );
    }

    fn look(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>) {
        let version = cx.data_version;
        if self.of.replace(version) == Some(version) {
            return;
        }
        let letters: BTreeSet<char> = cx
            .cache
            .topics()
            .iter()
            .flat_map(|topic| topic.label.chars())
            .filter(|c| script(*c).is_some())
            .collect();
        let font = FontId::proportional(13.5);
        let is_missing = |c: &char| !ctx.fonts_mut(|fonts| fonts.has_glyph(&font, *c));
        self.missing = letters.into_iter().filter(is_missing).filter_map(script).collect();
    }
}

/// Script of a letter; `None` for scripts that the program's own fonts have.
fn script(c: char) -> Option<&'static str> {
    SCRIPTS.iter().find(|(_, codes)| codes.contains(&u32::from(c))).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_their_scripts() {
        assert_eq!(
            (script('가'), script('中'), script('あ')),
            (Some("Hangul"), Some("Chinese characters"), Some("Japanese kana"))
        );
        assert_eq!((script('a'), script('é')), (None, None));
    }
}
