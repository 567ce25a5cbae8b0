//! Two exchanges side by side, with the words that only one of them has underlined.

use egui::text::LayoutJob;
use egui::{Align, Color32, FontId, Frame, Layout, Role, Stroke, TextFormat, WidgetInfo};

use crate::cache::RowId;
use crate::model::{Differences, Record, Stretch, differences, visible};
use crate::ui::view::ViewContext;
use crate::ui::{theme, words};

/// Maximum number of characters of each text that are compared and displayed.
const CUT: usize = 8_000;
/// Width in points below which the exchanges stand one under the other.
const NARROW: f32 = 360.0;
/// Names of the sides.
const SIDES: [&str; 2] = ["left", "right"];

/// Two exchanges with the differences of their texts.
pub struct Beside {
    rows: [RowId; 2],
    parts: Vec<Part>,
}

/// One text of both exchanges: prompt or response.
struct Part {
    title: &'static str,
    /// Visible form; `None` without text in the snapshot.
    texts: [Option<String>; 2],
    is_cut: bool,
    found: Differences,
}

impl Beside {
    /// Compares the texts of two exchanges.
    pub fn of(left: &(RowId, Record), right: &(RowId, Record)) -> Self {
        let part = |title, column| {
            let texts = [&left.1, &right.1].map(|record| record.text(column).map(visible));
            let is_cut = texts.iter().flatten().any(|text| text.chars().nth(CUT).is_some());
            let texts = texts.map(|text| text.map(|text| text.chars().take(CUT).collect::<String>()));
            let [a, b] = texts.each_ref().map(|text| text.as_deref().unwrap_or(""));
            Part { title, found: differences(a, b), texts, is_cut }
        };
        let parts = vec![part("prompt", "prompt_text"), part("response", "response_text")];
        Self { rows: [left.0, right.0], parts }
    }

    /// Draws both exchanges.
    pub fn ui(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.weak("Underlined: words that only this exchange has.");
        let narrow = ui.available_width() < NARROW;
        egui::ScrollArea::vertical().id_salt("two exchanges").auto_shrink([false, false]).show(ui, |ui| {
            beside(ui, narrow, |ui, side| {
                ui.add(egui::Label::new(self.head(cx, side)).wrap());
            });
            for part in &self.parts {
                ui.add_space(theme::GROUP_GAP);
                ui.strong(part.in_words());
                if part.is_cut {
                    ui.weak(format!("Compared: the first {} characters of each.", words::count(CUT as u64)));
                }
                beside(ui, narrow, |ui, side| part.ui(ui, side));
            }
        });
    }

    fn head(&self, cx: &ViewContext<'_>, side: usize) -> String {
        let (hot, row) = (cx.cache.hot(), self.rows[side]);
        let when = hot.ts.get(row as usize).map_or_else(String::new, |ts| cx.zone.format(*ts));
        format!("{when}  {}", words::account(cx.cache, hot.account_of(row)))
    }
}

/// Draws two sides, one under the other where it is `narrow`.
fn beside(ui: &mut egui::Ui, narrow: bool, mut side: impl FnMut(&mut egui::Ui, usize)) {
    if narrow {
        (0..2).for_each(|at| side(ui, at));
    } else {
        ui.columns(2, |columns| {
            for (at, ui) in columns.iter_mut().enumerate() {
                // Columns are justified otherwise, which stretches words.
                ui.with_layout(Layout::top_down(Align::Min), |ui| side(ui, at));
            }
        });
    }
}

impl Part {
    /// `prompt: 12 words only left, 9 only right, 40 in both`.
    fn in_words(&self) -> String {
        let [both, left, right] = self.found.words.map(words::count);
        if self.texts.iter().all(Option::is_none) {
            return format!("{}: no text in the snapshot", self.title);
        }
        if self.found.words[1] == 0 && self.found.words[2] == 0 {
            return format!("{}: 0 differences, {both} words in both", self.title);
        }
        format!("{}: {left} words only left, {right} only right, {both} in both", self.title)
    }

    fn ui(&self, ui: &mut egui::Ui, side: usize) {
        let Some(text) = &self.texts[side] else {
            ui.weak(format!("no {} text in the snapshot", self.title));
            return;
        };
        let colours = theme::sides(ui.visuals(), true);
        Frame::new().fill(ui.visuals().faint_bg_color).corner_radius(5.0).inner_margin(7.0).show(ui, |ui| {
            let job = self.job(text, side, ui.visuals().text_color(), colours[side]);
            let response = ui.add(egui::Label::new(job).wrap().selectable(true));
            let said = self.said(text, side);
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
        });
    }

    /// Pieces of a side: the text, and whether only this side has it.
    fn pieces<'a>(&'a self, text: &'a str, side: usize) -> impl Iterator<Item = (&'a str, bool)> {
        self.found.stretches.iter().filter_map(move |stretch| match (stretch, side) {
            (Stretch::Both(at, _), 0) | (Stretch::Both(_, at), 1) => Some((&text[at.clone()], false)),
            (Stretch::Left(at), 0) | (Stretch::Right(at), 1) => Some((&text[at.clone()], true)),
            _ => None,
        })
    }

    fn job(&self, text: &str, side: usize, ink: Color32, mark: Color32) -> LayoutJob {
        let plain = TextFormat::simple(FontId::proportional(13.5), ink);
        let marked = TextFormat {
            background: mark.gamma_multiply(0.25),
            underline: Stroke::new(1.5, mark),
            ..plain.clone()
        };
        let mut job = LayoutJob::default();
        for (piece, only_here) in self.pieces(text, side) {
            job.append(piece, 0.0, if only_here { marked.clone() } else { plain.clone() });
        }
        job
    }

    /// A side for screen readers, with double brackets around what only it has.
    fn said(&self, text: &str, side: usize) -> String {
        let pieces = self.pieces(text, side);
        let text: String =
            pieces.map(|(piece, only)| if only { format!("⟦{piece}⟧") } else { piece.to_owned() }).collect();
        format!("{} of the {} exchange: {text}", self.title, SIDES[side])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(left: Option<&str>, right: Option<&str>) -> Part {
        let texts = [left, right].map(|text| text.map(str::to_owned));
        let [a, b] = texts.each_ref().map(|text| text.as_deref().unwrap_or(""));
        Part { title: "prompt", found: differences(a, b), texts, is_cut: false }
    }

    #[test]
    fn differences_are_counted_and_marked_on_their_side() {
        let part = part(Some("grade the essay"), Some("grade the poem now"));
        assert_eq!(part.in_words(), "prompt: 1 words only left, 2 only right, 2 in both");
        assert_eq!(part.said("grade the essay", 0), "prompt of the left exchange: grade the ⟦essay⟧");
        assert_eq!(part.said("grade the poem now", 1), "prompt of the right exchange: grade the ⟦poem now⟧");
        let job = part.job("grade the essay", 0, Color32::WHITE, Color32::RED);
        assert_eq!((job.text.as_str(), job.sections.len()), ("grade the essay", 2));
    }

    #[test]
    fn equal_and_missing_texts_say_so() {
        assert_eq!(part(Some("a b"), Some("a b")).in_words(), "prompt: 0 differences, 2 words in both");
        assert_eq!(part(None, None).in_words(), "prompt: no text in the snapshot");
    }
}
