//! Part of the case's time that the time brush shows.

use crate::model::{Micros, TimeSpan};

/// Shortest span shown, in microseconds: 10 minutes.
const SHORTEST: i64 = 600_000_000;
/// Factor of a step of zoom.
pub const STEP: f64 = 2.0;

/// The shown part; the whole time at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoom {
    part: Option<TimeSpan>,
}

impl Zoom {
    /// The shown span, inside `whole`.
    pub fn shown(&self, whole: TimeSpan) -> TimeSpan {
        self.part.and_then(|part| part.intersect(&whole)).unwrap_or(whole)
    }

    /// The shown part; `None` for the whole time.
    pub fn part(&self) -> Option<TimeSpan> {
        self.part
    }

    /// Shows the whole time.
    pub fn reset(&mut self) {
        self.part = None;
    }

    /// Shows a span with a tenth of it as a margin on either side.
    pub fn to(&mut self, span: TimeSpan, whole: TimeSpan) {
        let margin = span.length() / 10;
        let wanted = span.length() + 2 * margin;
        self.set(span.start.saturating_sub(margin), wanted.max(SHORTEST), whole);
    }

    /// Zooms in by a factor above 1, out by one below; the moment `at` keeps its place.
    pub fn by(&mut self, factor: f64, at: Micros, whole: TimeSpan) {
        let shown = self.shown(whole);
        let length = (shown.length() as f64 / factor.max(1e-6)) as i64;
        let length = length.max(SHORTEST.min(whole.length()));
        let share = at.saturating_sub(shown.start) as f64 / shown.length().max(1) as f64;
        self.set(at.saturating_sub((share * length as f64) as i64), length, whole);
    }

    /// Moves by a share of the shown span, later if positive.
    pub fn pan(&mut self, share: f64, whole: TimeSpan) {
        let shown = self.shown(whole);
        let by = (share * shown.length() as f64) as i64;
        self.set(shown.start.saturating_add(by), shown.length(), whole);
    }

    /// Moves as little as shows the moment.
    pub fn reveal(&mut self, t: Micros, whole: TimeSpan) {
        let shown = self.shown(whole);
        if t < shown.start {
            self.set(t, shown.length(), whole);
        } else if t >= shown.end {
            self.set(t.saturating_sub(shown.length()).saturating_add(1), shown.length(), whole);
        }
    }

    /// A span of this length from `start`, moved inside the whole time.
    fn set(&mut self, start: Micros, length: i64, whole: TimeSpan) {
        if length >= whole.length() {
            self.part = None;
            return;
        }
        let start = start.clamp(whole.start, whole.end - length);
        self.part = Some(TimeSpan { start, end: start + length });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;
    const WHOLE: TimeSpan = TimeSpan { start: 0, end: 100 * HOUR };

    #[test]
    fn a_moment_keeps_its_place_and_the_way_back_is_exact() {
        let mut zoom = Zoom::default();
        zoom.by(STEP, 25 * HOUR, WHOLE);
        let shown = zoom.shown(WHOLE);
        assert_eq!((shown.start, shown.end), (12 * HOUR + HOUR / 2, 62 * HOUR + HOUR / 2));
        zoom.by(1.0 / STEP, 25 * HOUR, WHOLE);
        assert_eq!((zoom.part(), zoom.shown(WHOLE)), (None, WHOLE));
    }

    #[test]
    fn the_shown_span_stays_inside_and_has_a_shortest_length() {
        let mut zoom = Zoom::default();
        (0..60).for_each(|_| zoom.by(STEP, 0, WHOLE));
        assert_eq!(zoom.part(), Some(TimeSpan { start: 0, end: SHORTEST }));
        zoom.pan(-3.0, WHOLE);
        assert_eq!(zoom.shown(WHOLE).start, 0);
        zoom.reveal(50 * HOUR, WHOLE);
        assert!(zoom.shown(WHOLE).contains(50 * HOUR));
        zoom.to(TimeSpan { start: 90 * HOUR, end: 100 * HOUR }, WHOLE);
        assert_eq!(zoom.part(), Some(TimeSpan { start: 88 * HOUR, end: 100 * HOUR }));
        let short = TimeSpan { start: 0, end: 5 };
        assert_eq!(zoom.shown(short), short, "another case is shown whole");
    }
}
