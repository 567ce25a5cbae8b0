//! Window of time that moves over the topic map: play, pause, position, length, speed.

use std::convert::Infallible;
use std::sync::Arc;

use egui::{Key, Role, Slider, WidgetInfo};

use crate::jobs::Slot;
use crate::model::{TimeSpan, format_duration};
use crate::query::window::span_of;
use crate::ui::view::ViewContext;
use crate::ui::widgets::option::option;
use crate::ui::words;

const HOUR: i64 = 3_600_000_000;
/// Lengths of the window, in microseconds.
const LENGTHS: [i64; 5] = [HOUR, 6 * HOUR, 24 * HOUR, 72 * HOUR, 168 * HOUR];
/// Speeds, in microseconds of the log a second.
const SPEEDS: [i64; 5] = [HOUR, 6 * HOUR, 24 * HOUR, 72 * HOUR, 168 * HOUR];
/// Longest step of a frame, in seconds: after a pause of the window the time goes on where it was.
const LONGEST: f32 = 0.1;
/// Step of the arrow keys in the position, as a share of the window.
const ARROW: i64 = 4;

/// The player's own state.
pub struct Play {
    open: bool,
    playing: bool,
    /// Start of the window; `None` for the start of the scope.
    at: Option<i64>,
    length: i64,
    speed: i64,
    whole: Slot<u64, Option<TimeSpan>>,
}

impl Default for Play {
    fn default() -> Self {
        let (open, playing, at) = (false, false, None);
        Self { open, playing, at, length: LENGTHS[2], speed: SPEEDS[2], whole: Slot::default() }
    }
}

impl Play {
    /// Draws the button that opens and closes the player, and opens it where another part asks for it.
    pub fn button(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let hint = "Shows the exchanges of a window of time that moves (key Space: play and pause)";
        let before = self.open;
        ui.toggle_value(&mut self.open, "play through time").on_hover_text(hint);
        self.open |= cx.page == Some("play");
        if self.open != before {
            self.playing = self.open;
            self.at = self.at.filter(|_| self.open && !self.is_at_end());
        }
    }

    /// The span that the map shows; `None` for the whole scope.
    pub fn span(&self) -> Option<TimeSpan> {
        let whole = self.whole.answer().copied().flatten().filter(|_| self.open)?;
        let start = self.start(whole);
        Some(TimeSpan { start, end: start.saturating_add(self.length).min(whole.end) })
    }

    /// True while time moves.
    pub fn is_playing(&self) -> bool {
        self.open && self.playing
    }

    /// Play or pause, opening the player first. Starts again from the beginning at the end.
    pub fn toggle(&mut self) {
        if self.is_at_end() {
            self.at = None;
        }
        self.playing = !self.open || !self.playing;
        self.open = true;
    }

    /// Asks for the span of the scope and moves the window.
    pub fn work(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        if !self.open {
            return;
        }
        if let Some(selection) = cx.selection {
            let (cache, selection) = (Arc::clone(cx.cache), Arc::clone(selection));
            self.whole.ask::<Infallible>(cx.jobs, None, cx.scope_version, move |_| {
                Ok(span_of(cache.hot(), &selection))
            });
        }
        self.whole.poll();
        let seconds = ui.input(|input| input.stable_dt).min(LONGEST);
        if self.step(seconds) {
            ui.ctx().request_repaint();
        }
    }

    /// Moves the window by some seconds; true while it goes on.
    fn step(&mut self, seconds: f32) -> bool {
        let Some(whole) = self.whole.answer().copied().flatten().filter(|_| self.playing) else {
            return false;
        };
        let by = (f64::from(seconds) * self.speed as f64) as i64;
        self.at = Some(self.start(whole).saturating_add(by));
        self.playing = !self.is_at_end();
        self.playing
    }

    fn is_at_end(&self) -> bool {
        let whole = self.whole.answer().copied().flatten();
        whole.is_some_and(|whole| self.at.is_some_and(|at| at >= self.last(whole)))
    }

    /// Latest start of the window.
    fn last(&self, whole: TimeSpan) -> i64 {
        whole.end.saturating_sub(self.length).max(whole.start)
    }

    fn start(&self, whole: TimeSpan) -> i64 {
        self.at.unwrap_or(whole.start).clamp(whole.start, self.last(whole))
    }

    /// Draws the player; `shown` is the number of exchanges in the drawn window.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, shown: Option<u64>) {
        if !self.open {
            return;
        }
        let Some(whole) = self.whole.answer().copied().flatten() else {
            ui.weak("0 exchanges in the scope to play.");
            return;
        };
        ui.horizontal_wrapped(|ui| {
            let (text, name) = if self.playing { ("pause", "Pause") } else { ("play", "Play") };
            let button = ui.button(text).on_hover_text("Key Space on the map");
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
            if button.clicked() {
                self.toggle();
            }
            self.position(ui, cx, whole);
            chosen(ui, "window", &mut self.length, LENGTHS, "");
            chosen(ui, "speed", &mut self.speed, SPEEDS, " a second");
            let span = self.span().unwrap_or(whole);
            let time = |t| cx.zone.strftime(t, "%Y-%m-%d %H:%M");
            let count = shown.map_or_else(String::new, |shown| {
                format!("{}: ", words::counted(shown, "exchange", "exchanges"))
            });
            ui.label(format!("{count}{} to {} {}", time(span.start), time(span.end), cx.zone.name()));
        });
    }

    fn position(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, whole: TimeSpan) {
        let (mut at, last) = (self.start(whole), self.last(whole));
        let slider = Slider::new(&mut at, whole.start..=last).show_value(false);
        let response = ui.add_enabled(whole.start < last, slider);
        let said = format!("Position in time: {}", cx.zone.format(at));
        response.widget_info(|| WidgetInfo::slider(true, at as f64, &said));
        if response.has_focus() {
            let pressed = |key| ui.input(|input| input.num_presses(key)) as i64;
            let by = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
            if by != 0 {
                at = (self.start(whole) + by * (self.length / ARROW)).clamp(whole.start, last);
            }
        }
        if at != self.start(whole) {
            self.at = Some(at);
            self.playing = false;
        }
    }
}

/// Choice of a length of time.
fn chosen<const N: usize>(
    ui: &mut egui::Ui,
    what: &'static str,
    value: &mut i64,
    offered: [i64; N],
    unit: &str,
) {
    let title = |length: i64| format!("{what}: {}{unit}", format_duration(length));
    let present = title(*value);
    let combo = egui::ComboBox::from_id_salt(what).selected_text(present.as_str()).show_ui(ui, |ui| {
        for length in offered {
            option(ui, value, length, title(length));
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &present));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::Jobs;

    #[test]
    fn the_window_moves_to_the_end_and_stops_there() {
        let jobs = Jobs::new(1, || ());
        let whole = TimeSpan { start: 0, end: 240 * HOUR };
        let mut play = Play::default();
        play.whole.ask::<Infallible>(&jobs, None, 0, move |_| Ok(Some(whole)));
        while !play.whole.poll() {
            std::thread::yield_now();
        }
        assert_eq!(play.span(), None, "closed");
        play.toggle();
        assert_eq!(play.span(), Some(TimeSpan { start: 0, end: 24 * HOUR }));
        assert!(play.step(1.0));
        assert_eq!(play.span().unwrap().start, 24 * HOUR, "a day a second");
        for _ in 0..20 {
            play.step(1.0);
        }
        assert!(!play.is_playing());
        assert_eq!(play.span(), Some(TimeSpan { start: 216 * HOUR, end: 240 * HOUR }));
        play.toggle();
        assert_eq!(play.span().unwrap().start, 0, "from the beginning again");
    }
}
