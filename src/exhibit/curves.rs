//! Chart of two curves over one axis: the scope as a solid line, everyone else as a dashed one.

use super::axis::round_marks;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, PEERS, SCOPE, WIDTH, number};

const LEFT: f64 = 64.0;
const PLOT: f64 = WIDTH - LEFT - 20.0;
const HEIGHT: f64 = 300.0;
const TOP: f64 = 30.0;

/// Content of a chart.
pub(super) struct Chart {
    /// Title of the horizontal axis, and that of the vertical one.
    pub titles: [&'static str; 2],
    /// Unit behind the figures of the vertical axis; may be empty.
    pub unit: &'static str,
    /// Ends of the horizontal axis.
    pub ends: [f64; 2],
    /// Marks of the horizontal axis, with their labels.
    pub ticks: Vec<(f64, String)>,
    /// Positions of dashed vertical lines.
    pub changes: Vec<f64>,
    /// Points of the scope, and of everyone else.
    pub curves: [Vec<[f64; 2]>; 2],
}

impl Chart {
    /// The chart with its axes and its legend. The vertical axis begins at 0.
    pub(super) fn drawn(&self) -> Drawing {
        let mut drawing = Drawing::new(TOP + HEIGHT + 44.0);
        let most = self.scale(&mut drawing);
        let x_of = |at: f64| LEFT + PLOT * (at - self.ends[0]) / (self.ends[1] - self.ends[0]);
        for (at, label) in &self.ticks {
            let x = x_of(*at);
            drawing.rule([x, TOP + HEIGHT], [x, TOP + HEIGHT + 5.0], INK, 1.0);
            drawing.text([x, TOP + HEIGHT + 17.0], 10.0, Anchor::Middle, GREY, label);
        }
        drawing.rule([LEFT, TOP + HEIGHT], [LEFT + PLOT, TOP + HEIGHT], INK, 1.0);
        for change in &self.changes {
            let x = x_of(*change);
            drawing.path(&[[x, TOP], [x, TOP + HEIGHT]], INK, 1.0, "2 3");
        }
        let middle = [LEFT + PLOT / 2.0, TOP + HEIGHT + 35.0];
        drawing.text(middle, 11.0, Anchor::Middle, INK, self.titles[0]);
        drawing.text_up([16.0, TOP + HEIGHT / 2.0], 11.0, self.titles[1]);
        let [scope, peers] = &self.curves;
        for (points, stroke, width, dash) in [(peers, PEERS, 1.4, "5 3"), (scope, SCOPE, 2.0, "")] {
            let points: Vec<[f64; 2]> =
                points.iter().map(|[x, y]| [x_of(*x), TOP + HEIGHT * (1.0 - y / most)]).collect();
            drawing.path(&points, stroke, width, dash);
        }
        drawing.path(&[[LEFT + 8.0, 12.0], [LEFT + 36.0, 12.0]], SCOPE, 2.0, "");
        drawing.text([LEFT + 42.0, 16.0], 11.0, Anchor::Start, INK, "scope");
        drawing.path(&[[LEFT + 108.0, 12.0], [LEFT + 136.0, 12.0]], PEERS, 1.4, "5 3");
        drawing.text([LEFT + 142.0, 16.0], 11.0, Anchor::Start, INK, "everyone else");
        drawing
    }

    /// Draws the vertical axis; returns its upper end.
    fn scale(&self, drawing: &mut Drawing) -> f64 {
        let marks = round_marks(self.curves.iter().flatten().map(|point| point[1]).fold(0.0, f64::max));
        let most = marks.last().copied().unwrap_or(1.0);
        for mark in marks {
            let y = TOP + HEIGHT * (1.0 - mark / most);
            drawing.rule([LEFT, y], [LEFT + PLOT, y], FAINT, 0.6);
            let label = format!("{}{}", number(mark), self.unit);
            drawing.text([LEFT - 6.0, y + 3.5], 10.0, Anchor::End, GREY, &label);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn axes_and_curves_share_their_scale() {
        let chart = Chart {
            titles: ["days", "exchanges"],
            unit: " %",
            ends: [2.0, 4.0],
            ticks: vec![(3.0, "day 3".into())],
            changes: vec![3.0],
            curves: [vec![[2.0, 0.0], [4.0, 8.0]], Vec::new()],
        };
        let svg = String::from_utf8(chart.drawn().finish("t", &Caption::default())).unwrap();
        // The middle of the axis, and the whole of the highest mark.
        assert!(
            svg.contains("points=\"64,330 940,30\"") && svg.contains("points=\"502,30 502,330\""),
            "{svg}"
        );
        let text = text_of(svg.as_bytes());
        assert!(text.contains("8 %") && text.contains("day 3") && text.contains("everyone else"));
    }
}
