//! The bundles of the case that were written, and the commands that check one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::case::{Action, Entry};
use crate::ui::view::ViewContext;
use crate::ui::{theme, words};

/// Folders of the bundles that this window has written. The journal names a bundle and no folder.
#[derive(Default)]
pub(super) struct Written {
    /// Folder of the request that was sent last.
    asked: Option<PathBuf>,
    /// Folder of each bundle, by its name.
    folders: BTreeMap<String, PathBuf>,
    /// Number of bundles in the last frame; `None` before the first.
    count: Option<usize>,
}

impl Written {
    /// Remembers the folder that the next bundle is written into.
    pub(super) fn expect(&mut self, folder: PathBuf) {
        self.asked = Some(folder);
    }

    /// Draws the bundles, newest first; one that has just been written scrolls into sight.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let written: Vec<(&Entry, &str)> =
            cx.state.journal.iter().rev().filter_map(|entry| bundle(entry)).collect();
        let is_new = self.count.replace(written.len()).is_some_and(|before| before < written.len());
        let Some(&(_, newest)) = written.first() else { return };
        if is_new && let Some(folder) = self.asked.take() {
            self.folders.insert(newest.to_owned(), folder);
        }
        ui.add_space(theme::GROUP_GAP);
        let heading = ui.strong("Bundles written");
        for (entry, bag) in &written {
            ui.horizontal_wrapped(|ui| self.line(ui, cx, entry, bag));
        }
        ui.label("To check the newest, run:");
        let commands = self.commands(newest).map(|command| ui.monospace(command));
        if is_new {
            let [first, .., last] = commands;
            ui.scroll_to_rect(heading.rect.union(first.rect).union(last.rect), None);
        }
    }

    fn line(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>, entry: &Entry, bag: &str) {
        let Action::Exported { audience, manifest, .. } = &entry.action else { return };
        ui.label(words::line(bag, 100));
        if let Some(folder) = self.folders.get(bag) {
            ui.label(format!("in {}", words::line(&folder.display().to_string(), 200)));
        }
        let (when, zone) = (cx.zone.format(entry.ts), cx.zone.name());
        ui.weak(format!("{}, {when} {zone}, manifest", words::line(audience, 20)));
        ui.monospace(manifest.short()).on_hover_text(manifest.to_string());
    }

    /// Commands that check a bundle, the last two in its folder.
    fn commands(&self, bag: &str) -> [String; 4] {
        let path = self.folders.get(bag).map_or_else(|| PathBuf::from(bag), |folder| folder.join(bag));
        let path = quoted(&path);
        [
            format!("stillhunt verify {path}"),
            format!("cd {path}"),
            "sha256sum -c manifest-sha256.txt".to_owned(),
            "bagit.py --validate .".to_owned(),
        ]
    }
}

fn bundle(entry: &Entry) -> Option<(&Entry, &str)> {
    match &entry.action {
        Action::Exported { bag, .. } => Some((entry, bag)),
        _ => None,
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-~:".contains(c);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_folder_that_is_known() {
        let mut written = Written::default();
        assert_eq!(written.commands("CASE_SHARE_v1")[0], "stillhunt verify CASE_SHARE_v1");
        written.folders.insert("CASE_SHARE_v1".to_owned(), "/cases/it's here".into());
        assert_eq!(written.commands("CASE_SHARE_v1")[1], r"cd '/cases/it'\''s here/CASE_SHARE_v1'");
    }
}
